"""Assignments on their way: released, given to students, handed in, and back to how they were."""

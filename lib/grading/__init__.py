"""Grading a class on nbgrader's gradebook: intake, sandbox, examination, recording, feedback, similarity."""

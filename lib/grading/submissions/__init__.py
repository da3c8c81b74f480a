"""Submissions as learning platforms give them out: whose they are, which counts, where they are kept."""

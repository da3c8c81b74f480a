"""Marks in nbgrader's own gradebook, so that every tool of nbgrader works on them."""

"""Trainings that a lecture has no time for: commands that ran once, and what came out, beside them."""

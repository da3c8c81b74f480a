"""Trainings that a lecture has no time for: commands that ran once, and beside them what came out."""

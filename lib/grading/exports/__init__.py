"""Marks for people and for learning platforms: a table in the terminal, and files that they import."""

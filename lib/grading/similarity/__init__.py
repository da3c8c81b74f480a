"""Pairs of submissions that a person may want to look at: never a verdict, never a change of marks."""

"""The exercises of lecture 04, optimisation."""

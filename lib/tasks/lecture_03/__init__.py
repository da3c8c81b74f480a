"""The exercises of lecture 03, linear classifiers."""

"""The tasks of assignment 1: nearest neighbours and linear classifiers."""

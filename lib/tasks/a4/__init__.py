"""The tasks of assignment 4, the challenge: a file of predictions, and a training that can be repeated."""

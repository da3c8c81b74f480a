"""The exercises of lecture 06, neural networks."""

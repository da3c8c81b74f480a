"""The exercises of lecture 05, backpropagation."""

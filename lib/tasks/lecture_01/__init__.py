"""The exercises of lecture 01, image classification."""

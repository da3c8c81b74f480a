"""The exercises of lecture 07, modules and the chain rule."""

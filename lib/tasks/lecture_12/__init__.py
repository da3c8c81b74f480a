"""The exercises of lecture 12, training at speed."""

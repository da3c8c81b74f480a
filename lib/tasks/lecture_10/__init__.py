"""The exercises of lecture 10, architectures."""

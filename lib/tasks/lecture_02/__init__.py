"""The exercises of lecture 02, nearest neighbours."""

"""Typed expressions: text, word by word, to nodes; start reading at parse.py."""

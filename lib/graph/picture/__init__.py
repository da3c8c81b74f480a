"""Drawing a graph: its layout, its artists, what is written and said of it; start at drawing.py."""

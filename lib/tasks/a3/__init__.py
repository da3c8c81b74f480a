"""The tasks of assignment 3: the layers of a convnet."""

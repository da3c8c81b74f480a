"""Pictures of ten shapes, drawn by exact arithmetic: the same bits on every machine."""

"""Live demos that need a net of torch; those of `lib.demos` do without."""

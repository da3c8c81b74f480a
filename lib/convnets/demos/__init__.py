"""Live demos that need a net of torch; each file is one, as in lib/demos."""

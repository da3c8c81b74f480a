"""From what a student handed in to a notebook that can be graded: the release with their own parts in it."""

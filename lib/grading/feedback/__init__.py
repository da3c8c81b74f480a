"""What students get back: one page each, with their work, their marks, and why."""

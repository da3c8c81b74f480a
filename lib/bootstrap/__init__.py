"""What `course.py` does before the course is installed: standard library only."""

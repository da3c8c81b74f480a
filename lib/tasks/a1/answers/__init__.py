"""Right and wrong answers of assignment 1; students' copies of the course come without them."""

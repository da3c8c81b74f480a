"""Right and wrong answers of assignment 2; students' copies of the course come without them."""

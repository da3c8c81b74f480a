"""Right and wrong answers of assignment 3; students' copies of the course come without them."""

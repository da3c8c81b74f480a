"""Right and wrong answers of assignment 4; students' copies of the course come without them."""

"""The page of a competition: what students and staff see of a `Board`, as a Starlette application."""

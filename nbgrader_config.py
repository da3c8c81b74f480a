"""Where nbgrader finds the assignments: solutions/ is the source, assignments/ is what students get."""

c = get_config()  # noqa: F821  # nbgrader gives it
c.CourseDirectory.course_id = "deep-vision"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"

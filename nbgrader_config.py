"""nbgrader's settings: solutions/ is the source, assignments/ is what students get."""

import os
import sys

c = get_config()  # noqa: F821  # nbgrader gives it
c.CourseDirectory.course_id = "deep-vision"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"

# What a release has in the place of a solution.
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write this part")'}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# What `course hand-in` makes: a1-ada.zip with ada/a1_image_classification/a1_image_classification.ipynb.
# Only the notebook of the assignment that is collected counts, whatever a platform has called the archive.
c.FileNameCollectorPlugin.named_regexp = (
    r".*[\\/](?P<assignment>a\d+_\w+)[\\/]extracted[\\/].*?"
    r"(?P<student_id>[^\\/]+)[\\/](?P=assignment)[\\/](?P<file_id>(?P=assignment))\.ipynb$"
)
c.Execute.timeout = 300  # seconds a cell: room for a busy computer

# nbgrader calls `alembic` by its name, and leaves half a gradebook behind where it is not found.
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])

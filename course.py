"""Opens the course:  python3 course.py start

The first run makes an environment in .venv and installs the course there; later
runs go straight to JupyterLab.
Every Python can read this file, so that one which is too old gets a sentence and not a syntax error.
"""

import os
import sys

if sys.version_info < (3, 11):
    sys.exit(
        "The course needs Python 3.11 or newer, and this is Python %d.%d: install a newer one, or name one "
        "that is there, as in: python3.12 course.py start" % sys.version_info[:2]
    )

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from lib.bootstrap.main import main

    sys.exit(main(sys.argv[1:]))

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

HERE = os.path.dirname(os.path.abspath(__file__))


def command():
    """The `course` command of an environment in which the course is installed."""
    return run("lib.cli")


def run(module):
    """Call the `main` of one of the course's own modules, whatever else has its name; returns its status."""
    sys.path.insert(0, HERE)
    try:
        main = __import__(module, fromlist=["main"]).main
        sys.path.remove(HERE)
        return main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The same command goes on from here.\n")
        return 130
    except Exception as error:
        from lib.bootstrap.in_the_way import from_error

        reason = from_error(error)
        if not reason:
            raise
        sys.exit("course: " + reason)


if __name__ == "__main__":
    sys.exit(run("lib.bootstrap.main"))

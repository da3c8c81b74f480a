"""Settings for kernels that `course start` opens: settings.py copies this file to where IPython reads it."""

from importlib.util import find_spec

c = get_config()  # noqa: F821  # IPython gives it
c.InteractiveShellApp.exec_PYTHONSTARTUP = False  # written for terminals, and whatever fails there is red
if find_spec("lib") and find_spec("lib.jupyter.short_errors"):
    c.InteractiveShellApp.extensions = ["lib.jupyter.short_errors"]

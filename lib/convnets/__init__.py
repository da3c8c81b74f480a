"""Full-size convnets in torch: models, recipes, one training loop. Start reading at loop.py."""

from importlib.util import find_spec

if find_spec("torch") is None:
    raise ModuleNotFoundError(
        "torch: expected it to be installed, since lectures 10 to 13 and lib.convnets need it, got an "
        "installation without it (--light); close JupyterLab and type: python3 course.py start",
        name="torch",
    )

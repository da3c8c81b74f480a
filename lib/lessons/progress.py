"""A stand-in until the real one is merged (branch i13f)."""


def note_passed(task_name: str) -> None:
    """Notes that an exercise has passed its checks."""

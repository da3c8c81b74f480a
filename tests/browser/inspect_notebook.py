"""What a person who opens a notebook, runs it and drags every slider would complain about."""

from __future__ import annotations

from benchmarks.lab import DemoView, Lab

# Small steps first; a whole page and the ends where one step is too little to see.
KEYS = ("ArrowRight", "ArrowLeft", "PageUp", "PageDown", "End", "Home")


def complaints(lab: Lab, name: str, *, seconds: float = 180) -> list[str]:
    """Runs the notebook top to bottom, then moves every slider and presses every button of every demo."""
    with lab.open(name) as notebook:
        notebook.run_all(seconds)
        found = notebook.problems()
        for demo in notebook.demos():
            found += [f"cell {demo.cell}, demo {demo.title!r}: {wrong}" for wrong in wrongs_of(demo)]
        return found


def wrongs_of(demo: DemoView) -> list[str]:
    """What is wrong with one demo."""
    wrong = []
    demo.root.page.wait_for_timeout(
        2000
    )  # a card's size and theme are told for so long, and change pictures, too
    demo.settle()
    for number, handle in enumerate(demo.handles()):
        if not any(demo.press(handle, key, limit=1500) is not None for key in KEYS):
            wrong.append(f"slider {number} does not change the picture")
        if demo.error():
            wrong.append(f"slider {number} shows {demo.error()}")
    for button in demo.buttons():
        button.click()
        demo.settle()
        if demo.error():
            wrong.append(f"button {button.inner_text()!r} shows {demo.error()}")
    if not demo.handles() and not demo.buttons():
        wrong.append("has nothing to move")
    return wrong

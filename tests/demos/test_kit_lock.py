"""Two threads move one demo: JupyterLab may send a hand's messages to one and the player's to another."""

import io
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from lib.demos.kit.lock import LOCK
from lib.demos.optimizer_race import OptimizerRaceDemo


@pytest.fixture
def eager():
    """Threads change places far more often than they do by themselves."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def dots(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.mark.parametrize("ratio", [1, 2])
def test_a_drag_while_it_plays_never_leaves_a_half_made_background(eager, ratio):
    demo = OptimizerRaceDemo()
    panel = demo.panel()
    place = {"width": 600, "height": 280, "ratio": ratio, "dark": False, "full": False}
    panel.told(None, {"to": "size", **place})

    def drag():
        for k in range(12):
            place = {"x": 0.1 + 0.03 * k, "y": 0.3 + 0.02 * k}
            panel.told(None, {"to": "drag", "key": "ball:0", "was": 0, **place})
            panel.told(None, {"to": "rest"} if k % 4 == 3 else {"to": "hover"})

    def play():
        for step in range(1, 25):
            panel.widgets["step"].value = step

    threads = [threading.Thread(target=work) for work in (drag, play)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    panel.told(None, {"to": "rest"})
    assert panel.error == ""
    fresh = OptimizerRaceDemo(**demo.values)
    fresh.fit(600, 280)
    np.testing.assert_array_equal(dots(panel.stage.picture), dots(fresh.png(ratio)))


@pytest.mark.parametrize("work", [
    lambda demo, panel: panel.told(None, {"to": "rest"}),
    lambda demo, panel: setattr(panel.widgets["step"], "value", 7),
    lambda demo, panel: demo.set(step=7),
    lambda demo, panel: demo.png(),
    lambda demo, panel: demo.fit(500, 300),
    lambda demo, panel: OptimizerRaceDemo(),
], ids=["told", "moved", "set", "png", "fit", "built"])  # fmt: skip
def test_whatever_draws_waits_for_the_one_that_does(work):
    demo = OptimizerRaceDemo()
    panel, done = demo.panel(), threading.Event()
    with LOCK:
        thread = threading.Thread(target=lambda: (work(demo, panel), done.set()))
        thread.start()
        assert not done.wait(0.1)
    thread.join(20)
    assert done.is_set()

"""Windows on one notebook."""

import pytest
from ipywidgets.widgets import widget as ipywidgets_widget

from lib.demos.descent import DescentDemo
from lib.demos.kit import windows


@pytest.fixture(autouse=True)
def one_window(monkeypatch):
    monkeypatch.setattr(windows, "SEEN", set())
    monkeypatch.setattr(ipywidgets_widget, "JUPYTER_WIDGETS_ECHO", False)


@pytest.mark.parametrize(("names", "echo"), [(["a"], False), (["a", "a"], False), (["a", "b"], True)])
def test_sliders_are_told_to_all_windows_from_the_second_one_on(names, echo):
    panel = DescentDemo().panel()
    for name in names:
        answers = panel.stage.answers
        panel.told(None, {"to": "window", "name": name})
        assert panel.stage.answers == answers + 1
    assert echo == ipywidgets_widget.JUPYTER_WIDGETS_ECHO
    assert not panel.error

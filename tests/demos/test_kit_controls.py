import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.demos.kit import Choice, Demo, LogSlider, Slider, Switch, Time


def named(control):
    control.name = "k"
    return control


@pytest.mark.parametrize(
    ("control", "good", "bad"),
    [
        (Slider(1, 9, start=5), 7, [0, 10, 2.5, "7", None, float("nan")]),
        (Slider(-1.0, 1.0, start=0, step=0.1), 0.25, [-1.1, 1.1, "0", None, float("nan")]),
        (LogSlider(-4, 0, start=-2), 0.5, [0, -1, 2, 1e-5, "1", float("nan")]),
        (Choice(["l1", "l2"]), "l2", ["l3", None, 1]),
        (Switch(), True, [0, 1, "yes", None]),
        (Time(10), 3, [-1, 11, 0.5]),
    ],
)
def test_a_control_takes_what_it_says_and_names_what_it_refuses(control, good, bad):
    assert named(control).check(good) == good
    for value in bad:
        with pytest.raises(ValueError, match=r"^k: expected .*got "):
            control.check(value)


def test_a_slider_is_whole_where_its_numbers_are():
    assert isinstance(named(Slider(1, 9, start=5)).check(7.0), int)
    assert isinstance(named(Slider(1, 9, start=5, step=0.5)).check(7), float)
    assert isinstance(named(Slider(0.0, 1.0, start=0.5, step=0.1)).check(np.float32(0.5)), float)


@pytest.mark.parametrize("make", [
    lambda: Slider(0, 1, start=2),
    lambda: LogSlider(-1, 1, start=2),
    lambda: Choice(["a"], start="b"),
])  # fmt: skip
def test_a_start_outside_the_control_is_refused(make):
    with pytest.raises(ValueError, match="start"):
        make()


def test_the_ends_of_a_log_slider_survive_rounding():
    control = named(LogSlider(-3, 3, start=0))
    for exponent in np.arange(-3, 3.05, 0.1):
        control.check(min(max(10.0**exponent, control.widget().min), 10.0**3))


def test_widgets_start_where_their_controls_do():
    for control in (
        Slider(1, 9, start=5),
        LogSlider(-4, 0, start=-2),
        Choice(["a", "b"], start="b"),
        Switch(start=True),
    ):
        assert named(control).widget().value == control.start


def test_a_choice_of_many_is_a_list():
    assert type(Choice("abcd").widget()).__name__ == "ToggleButtons"
    assert type(Choice("abcde").widget()).__name__ == "Dropdown"


def test_controls_of_a_base_class_come_first():
    class Base(Demo):
        a = Slider(0, 1, start=0)

    class Derived(Base):
        b = Switch()

    from lib.demos.kit.controls import Control
    from lib.demos.kit.demo import find

    assert list(find(Derived, Control)) == ["a", "b"]


@pytest.fixture
def played():
    """A slider of five steps, its player, and what the browser says of the player."""
    time = Time(5, start=2)
    slider = time.widget()
    player = time.player(slider)
    return slider, player, lambda **state: player.set_state(state)


def test_each_beat_of_the_player_moves_the_slider_on(played):
    slider, player, says = played
    says(playing=True)
    says(value=player.value + 1)
    assert slider.value == 3
    slider.value = 1  # moved by hand while it plays
    says(value=player.value + 1)
    assert slider.value == 2
    says(value=player.value + 2)  # beats that the browser put together while the kernel was busy
    assert slider.value == 4
    says(playing=False)
    says(value=player.value + 1)  # this one was under way
    assert slider.value == 4


def test_the_player_ends_at_the_last_step_and_then_starts_again(played):
    slider, player, says = played
    says(playing=True)
    says(value=player.value + 7)
    assert (slider.value, player.playing) == (5, False)
    says(value=player.value + 1)
    assert (slider.value, player.playing) == (5, False)
    says(playing=True, value=player.value + 1)
    assert (slider.value, player.playing) == (0, True)


def test_stop_goes_back_to_the_first_step_each_time(played):
    slider, player, says = played
    for _ in range(2):
        says(playing=False, value=0)
        assert slider.value == 0
        assert player.value > 0
        slider.value = 4


def test_the_readout_of_a_log_slider_has_no_exponent_where_its_numbers_are_short():
    assert LogSlider(-1, 2, start=0).widget().readout_format == ".3g"
    assert LogSlider(-4, 0, start=-2).widget().readout_format == ".2g"


@given(
    st.floats(-50, 50), st.floats(0.01, 50), st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.5, 2.5]),
    st.floats(-200, 200), st.integers(-5, 5),
)  # fmt: skip
def test_no_rounding_goes_over_the_end_of_a_slider(low, length, step, value, by):
    slider = Slider(low, low + length, start=low, step=step)
    slider.name = "w"
    assert slider.check(slider.nearest(value)) == slider.nearest(value)
    slider.check(slider.step_from(slider.nearest(value), by))

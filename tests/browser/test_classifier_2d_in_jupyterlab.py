"""The 2-D classifier in JupyterLab in Chromium: it trains live, and plays, pauses and resets at once."""

import re
import time

import pytest
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect

from benchmarks.demos import first_demo, write

# How many new pictures the browser shows in so many seconds.
PICTURES = """
(root, seconds) => new Promise((done) => {
  const start = performance.now();
  let pictures = 0, source = root.querySelector('.course-stage img').src;
  const look = () => {
    const image = root.querySelector('.course-stage img');
    if (image && image.complete && image.src !== source) { source = image.src; pictures += 1; }
    if (performance.now() - start > 1000 * seconds) return done(pictures);
    requestAnimationFrame(look);
  };
  look();
})
"""
SAID = {
    "step": re.compile(r"After (\d+) step|Before training"),
    "loss": re.compile(r"the loss is ([\d.]*\d)"),
}
SLIDERS = ["step", "layers", "noise", "units", "rate", "penalty"]  # in the order of the page


class Classifier:
    """The demo, read and used as a person does."""

    def __init__(self, demo):
        self.demo, self.page = demo, demo.root.page
        self.sliders = dict(zip(SLIDERS, demo.handles(), strict=True))

    def button(self, name):
        self.demo.root.get_by_role("button", name=name, exact=True).click()

    def play_or_pause(self):
        self.demo.root.locator(".widget-play button").nth(0).click()

    def stop(self):
        self.demo.root.locator(".widget-play button").nth(1).click()
        self.demo.settle()

    def words(self):
        return self.demo.root.locator(".course-said").inner_text()

    def read(self, name):
        return float(SAID[name].search(self.words())[1] or 0)  # before training: step 0

    def wait_until(self, name, condition, seconds=20):
        """The number `name` once it fulfils a condition."""
        end = time.monotonic() + seconds * self.demo.patience
        while not condition(number := self.read(name)):
            assert time.monotonic() < end, f"{name} stays at {number}: {self.words()}; {self.demo.error()}"
            self.page.wait_for_timeout(20)
        return number

    def wait_for(self, words, seconds=20):
        """Until the demo says these words: while it plays, a slider's news waits for the picture in hand."""
        end = time.monotonic() + seconds * self.demo.patience
        while words not in self.words():
            assert time.monotonic() < end, f"never says {words!r}: {self.words()}; {self.demo.error()}"
            self.page.wait_for_timeout(20)


@pytest.fixture(scope="module")
def opened(lab):
    cell = new_code_cell("from lib.demos import classifier_2d\n\nclassifier_2d.show()")
    write(lab.folder / "classifier.ipynb", cell)
    with lab.open("classifier.ipynb") as notebook:
        classifier = Classifier(first_demo(notebook))
        classifier.start = classifier.words()
        yield classifier


@pytest.fixture
def classifier(opened):
    """The demo at its start, paused."""
    yield opened
    opened.stop()
    opened.button("Reset")
    opened.wait_for(opened.start)  # step 0 alone may still be Stop's picture
    opened.demo.settle()


def test_play_trains_it_live_and_pause_stops_it_at_once(classifier):
    start = classifier.read("loss")
    classifier.play_or_pause()
    classifier.wait_until("step", lambda step: step > 0)
    pictures = classifier.demo.root.evaluate(PICTURES, 5)
    print(f"{pictures / 5:.1f} pictures a second")
    assert (
        pictures > 20 / classifier.demo.patience
    )  # it moves; how fast, `python -m benchmarks demos` measures
    classifier.wait_until("loss", lambda loss: loss < start / 3)
    classifier.play_or_pause()
    classifier.demo.settle()
    classifier.page.wait_for_timeout(200)
    said, pixels = classifier.words(), classifier.demo.pixels()
    classifier.page.wait_for_timeout(500)
    assert (classifier.words(), classifier.demo.pixels()) == (said, pixels)
    assert not classifier.demo.error()


def test_sliders_move_it_while_it_plays_and_time_goes_on(classifier):
    classifier.play_or_pause()
    before = classifier.wait_until("step", lambda step: step >= 20)
    classifier.sliders["rate"].press("Home")
    later = classifier.wait_until("step", lambda step: step > before)
    for _ in range(3):
        classifier.sliders["units"].press("ArrowRight")
    classifier.sliders["layers"].press("ArrowRight")
    classifier.demo.root.get_by_text("spiral", exact=True).click()
    classifier.demo.root.get_by_label("layer 2, unit 9").first.wait_for(state="attached")
    classifier.wait_until("step", lambda step: step > later)
    assert not classifier.demo.error()


def test_stop_and_reset_go_back_to_the_start_at_once_even_while_it_plays(classifier):
    start = classifier.words()
    classifier.play_or_pause()
    classifier.wait_until("step", lambda step: step >= 30)
    classifier.stop()
    classifier.wait_until("step", lambda step: step == 0, seconds=2)
    assert classifier.words() == start
    classifier.play_or_pause()
    reached = classifier.wait_until("step", lambda step: step >= 60)
    classifier.button("Reset")
    classifier.wait_until("step", lambda step: step < reached - 30, seconds=2)


def test_a_preset_says_what_it_sets_and_trains_when_played(classifier):
    classifier.button("XOR, no hidden layer")
    classifier.wait_for("Before training, ")
    classifier.play_or_pause()
    classifier.wait_until("step", lambda step: step >= 100)
    assert classifier.read("loss") > 0.6  # no better than guessing
    classifier.button("XOR, four units")  # which stops the player
    classifier.wait_until("step", lambda step: step == 0)
    classifier.play_or_pause()
    classifier.wait_until("loss", lambda loss: loss < 0.3)


def test_turning_time_back_shows_what_was_there(classifier):
    for _ in range(5):
        classifier.sliders["step"].press("ArrowRight")
    classifier.wait_until("step", lambda step: step == 5)
    classifier.demo.settle()
    said, pixels = classifier.words(), classifier.demo.pixels()
    classifier.sliders["step"].press("End")
    classifier.wait_until("step", lambda step: step == 400)
    classifier.sliders["step"].press("Home")
    classifier.wait_until("step", lambda step: step == 0)
    for _ in range(5):
        classifier.sliders["step"].press("ArrowRight")
    classifier.wait_until("step", lambda step: step == 5)
    classifier.demo.settle()
    assert (classifier.words(), classifier.demo.pixels()) == (said, pixels)


def test_a_move_fetches_nothing_from_the_server(classifier):
    """JupyterLab fetches its icon of a busy kernel for every move; `course start` has that switched off."""
    fetched = []
    classifier.page.on("request", lambda request: fetched.append(request.url))
    for _ in range(3):
        classifier.sliders["step"].press("ArrowRight")
    classifier.wait_until("step", lambda step: step == 3)
    classifier.demo.settle()
    # JupyterLab itself asks for its list of files, sessions and kernels now and then.
    assert [url for url in fetched if url.startswith("http") and "/api/" not in url] == []
    assert fetched  # the pictures, from memory


# Where a mark stands on the page, in CSS pixels, and how far its other end is.
PLACE = """
(root, key) => {
  const view = root.querySelector('.course-view').getBoundingClientRect();
  const node = [...root.querySelectorAll('.course-mark')].find((node) => node.mark.key === key);
  const { x, y, w, h } = node.mark;
  return [view.left + x * view.width, view.top + y * view.height, w * view.width, h * view.height];
}
"""


def answered(demo):
    """Wait until the kernel has answered every message of the hand."""
    demo.root.page.wait_for_timeout(50)
    demo.root.page.wait_for_function("() => !document.querySelector('[data-waiting]')")
    demo.settle()


def tip(classifier):
    return classifier.demo.root.locator(".course-tip.course-shown")


def rest(classifier):
    """The mouse beside the card's picture."""
    box = classifier.demo.root.locator(".course-ask").bounding_box()
    classifier.page.mouse.move(box["x"] + 2, box["y"] + 2)
    answered(classifier.demo)


def test_a_unit_under_the_pointer_is_shown_large_and_a_unit_with_the_focus_too(classifier):
    root, page = classifier.demo.root, classifier.page
    root.locator(".course-view").scroll_into_view_if_needed()
    rest(classifier)
    x, y, _, _ = root.evaluate(PLACE, "unit:3")
    page.mouse.move(x, y)
    expect(tip(classifier)).to_have_text("layer 1, unit 2")
    answered(classifier.demo)
    large = classifier.demo.pixels()
    rest(classifier)
    answer = classifier.demo.pixels()
    assert large != answer
    unit = root.locator('.course-mark[aria-label="layer 1, unit 2"]')
    unit.focus()
    answered(classifier.demo)
    assert classifier.demo.pixels() == large
    unit.blur()
    answered(classifier.demo)
    assert classifier.demo.pixels() == answer


def test_a_weight_is_dragged_turned_by_the_wheel_and_by_keys(classifier):
    root, page = classifier.demo.root, classifier.page
    root.locator(".course-view").scroll_into_view_if_needed()
    rest(classifier)
    (x0, y0, w, _), (x1, y1, _, _) = (root.evaluate(PLACE, key) for key in ("unit:0", "unit:4"))
    x, y = x0 + w / 2 + (x1 - x0 - w) * 0.3, y0 + (y1 - y0) * 0.3
    page.mouse.move(x + 1, y)
    line = root.locator('.course-mark[aria-label^="input 1 → unit 3"]')
    expect(line).to_have_count(1)
    page.mouse.move(x, y)

    def number():
        answered(classifier.demo)
        return float(line.get_attribute("aria-label").split("= ")[1].replace("−", "-"))

    before, said = number(), classifier.words()
    page.mouse.wheel(0, -100)  # a page that is scrolled turns nothing
    assert number() == before
    page.mouse.down()
    for moved in range(1, 31):
        page.mouse.move(x, y - moved)
    page.mouse.up()
    dragged = number()
    assert dragged > before + 1
    assert classifier.words() != said
    page.mouse.move(x, y)
    page.mouse.wheel(0, -100)  # now it has the focus
    turned = number()
    assert turned > dragged
    page.keyboard.press("ArrowDown")
    assert number() < turned
    assert not classifier.demo.error()


def test_a_hand_sprays_points_and_a_click_still_adds_one(classifier):
    root, page = classifier.demo.root, classifier.page
    root.locator(".course-view").scroll_into_view_if_needed()
    rest(classifier)
    points = root.locator('.course-mark[aria-label^="blue ("]')
    before = points.count()
    marks = [root.evaluate(PLACE, f"moved:{number}") for number in range(120)]
    left, right = min(m[0] for m in marks), max(m[0] for m in marks)
    top = min(m[1] for m in marks) - 16  # above all points
    page.mouse.move(left + 20, top)
    page.mouse.down()
    for moved in range(1, 13):
        page.mouse.move(left + 20 + (right - left - 20) * moved / 12, top)
    page.mouse.up()
    answered(classifier.demo)
    sprayed = points.count() - before
    assert sprayed == pytest.approx((right - left - 20) / 13, abs=4)  # one every 11 pixels, or a few more
    page.mouse.click(left, top + 1)
    expect(points).to_have_count(before + sprayed + 1)
    assert not classifier.demo.error()

"""The live graph in JupyterLab in Chromium: a lecturer types an expression, steps, and reads a gradient."""

import re

import pytest
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect

from benchmarks.demos import first_demo, write


@pytest.fixture(scope="module")
def opened(lab):
    write(lab.folder / "live.ipynb", new_code_cell("from lib.demos import live_graph\n\nlive_graph.show()"))
    with lab.open("live.ipynb") as notebook:
        yield first_demo(notebook)


@pytest.fixture
def demo(opened):
    yield opened
    opened.root.get_by_role("button", name="Reset", exact=True).click()
    words(opened).to_contain_text("Step 0 of 5")
    expect(opened.root.locator("pre.course-error")).to_have_count(0)  # only then is it reset
    opened.settle()


def type_expression(demo, text):
    field = demo.root.locator("input[type=text]").first
    field.fill(text)
    field.press("Enter")


def words(demo):
    return expect(demo.root.locator(".course-said"))


def test_typing_stepping_and_reading_a_gradient(demo):
    type_expression(demo, "x*y + x*z")
    words(demo).to_contain_text("Step 0 of 7")
    assert len(demo.handles()) == 1 + 3 + 1  # the steps, a slider for each name, and the zoom
    for step in range(1, 8):
        demo.handles()[0].press("ArrowRight")
        words(demo).to_contain_text(f"Step {step} of 7")
    words(demo).to_contain_text("Gradients: x 1, y −2, z −2")  # x, y, z stay at −2, 5, −4
    demo.handles()[0].press("ArrowLeft")
    words(demo).to_contain_text("Step 6 of 7")
    assert not demo.error()


def test_the_deck_s_example_comes_out(demo):
    demo.root.get_by_role("button", name="(x + y) z", exact=True).click()
    words(demo).to_contain_text("Step 0 of 5")
    for _ in range(5):
        demo.root.get_by_text("step ▶").click()
    words(demo).to_contain_text("Gradients: x −4, y −4, z 3")


def test_a_slider_moves_the_gradients(demo):
    demo.root.get_by_role("button", name="(x + y) z", exact=True).click()
    words(demo).to_contain_text("Step 0 of 5")
    demo.handles()[0].press("End")
    words(demo).to_contain_text("x −4, y −4, z 3")
    demo.handles()[3].press("ArrowRight")  # z, from −4 to −3.9
    words(demo).to_contain_text("x −3.9, y −3.9, z 3")


def mark(demo, name):
    return demo.root.locator(f'.course-mark[aria-label^="{name}"]')


def test_an_input_is_dragged_and_a_gate_is_clicked(demo):
    mark(demo, "y = ").scroll_into_view_if_needed()
    box = mark(demo, "y = ").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = demo.root.page.mouse
    mouse.move(x, y)
    mouse.down()
    for moved in range(1, 31):
        mouse.move(x - moved, y)
    mouse.up()
    expect(mark(demo, "y = ")).to_have_attribute("aria-label", re.compile(r"y = [34]\.?\d*$"))
    mark(demo, "y = ").press("ArrowUp")
    mark(demo, "+").click()
    words(demo).to_contain_text("Step 1 of 5: forward through +")
    mark(demo, "×").click()
    words(demo).to_contain_text("Step 2 of 5: forward through ×")
    assert not demo.error()


def answered(demo):
    """Wait until the kernel has answered every message of the hand."""
    demo.root.page.wait_for_timeout(50)
    demo.root.page.wait_for_function("() => !document.querySelector('[data-waiting]')")
    demo.settle()


def test_a_large_graph_is_zoomed_around_the_pointer_dragged_and_fitted(demo):
    page, pane = demo.root.page, demo.root.locator(".course-pane")
    type_expression(demo, "exp(a)/(exp(a)+exp(b)+exp(c)+exp(d)+exp(u)+exp(v))")
    words(demo).to_contain_text("Step 0 of 27")
    pane.scroll_into_view_if_needed()
    box = pane.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 0.94 * box["height"]
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    for _ in range(6):
        page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    expect(pane).to_have_attribute("aria-label", re.compile("zoom 2.2"))
    assert page.evaluate("window.devicePixelRatio") == 1  # the page itself is not zoomed
    answered(demo)
    before, middle = demo.pixels(), pane.evaluate("(node) => node.mark.was")
    x, y = box["x"] + box["width"] / 2, box["y"] + 4  # between the gates
    page.mouse.move(x, y)
    page.mouse.down()
    for moved in range(1, 31):
        page.mouse.move(x - 2 * moved, y)
    page.mouse.up()
    answered(demo)
    assert pane.evaluate("(node) => node.mark.was")[0] > middle[0] + 20
    assert demo.pixels() != before
    pane.press("ArrowLeft")
    pane.press("0")
    expect(pane).to_have_attribute("aria-label", re.compile("zoom 0.3"))
    pane.press("+")
    expect(pane).not_to_have_attribute("aria-label", re.compile("zoom 0.3"))
    demo.root.get_by_role("button", name="fit", exact=True).click()
    expect(pane).to_have_attribute("aria-label", re.compile("zoom 0.3"))
    assert not demo.error()


def test_two_fingers_on_a_graph_zoom_it_and_not_the_page(demo):
    page, pane = demo.root.page, demo.root.locator(".course-pane")
    pane.scroll_into_view_if_needed()
    box = pane.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)

    def fingers(kind, apart=None):
        places = [] if apart is None else [(x - apart, y), (x + apart, y)]
        points = [{"x": right, "y": below, "id": number} for number, (right, below) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def zoom():
        answered(demo)
        return float(re.search(r"zoom ([\d.]+)", pane.get_attribute("aria-label"))[1])

    first = zoom()
    fingers("touchStart", 40)
    for apart in range(44, 124, 4):
        fingers("touchMove", apart)
    fingers("touchEnd")
    large = zoom()
    assert large > 1.5 * first
    assert page.evaluate("window.visualViewport.scale") == 1
    fingers("touchStart", 120)
    for apart in range(116, 36, -4):
        fingers("touchMove", apart)
    fingers("touchEnd")
    assert zoom() < 0.7 * large
    session.detach()
    assert not demo.error()


def test_the_end_key_goes_to_the_last_step_of_every_expression(demo):
    for preset, last in (("sigmoid neuron", 17), ("add, max, mul", 9), ("(x + y) z", 5)):
        demo.root.get_by_role("button", name=preset, exact=True).click()
        words(demo).to_contain_text(f"Step 0 of {last}")
        demo.handles()[0].press("End")
        words(demo).to_contain_text(f"Step {last} of {last}: backward")


@pytest.mark.parametrize("slip", ["x*y + tan(z)", "(x + y", "2x", "x = 3"])
def test_a_slip_is_explained_and_the_last_good_graph_stays(demo, slip):
    before = demo.root.locator(".course-said").inner_text()
    pixels = demo.pixels()
    type_expression(demo, slip)
    expect(demo.root.locator("pre.course-error")).to_contain_text(re.compile(r"\^"))
    words(demo).to_have_text(before)
    assert demo.pixels() == pixels

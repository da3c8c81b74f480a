"""The page of the challenge in Chromium: uploads, the live standing, phones, keyboards, screen readers."""

import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from slowness import slowness

sys.path.append(str(Path(__file__).parents[1] / "leaderboard"))

from board_of_tests import NOON, csv_of, guesses, invite, make_small_board, quick_settings

from lib.leaderboard.board import RerunNote
from lib.leaderboard.site.serve import SiteServer, server_config

DROP = """([text, names]) => {
    const files = new DataTransfer();
    for (const name of names) files.items.add(new File([text], name, {type: "text/csv"}));
    for (const kind of ["dragenter", "dragover", "drop"])
        document.querySelector("#standing").dispatchEvent(
            new DragEvent(kind, {dataTransfer: files, bubbles: true, cancelable: true}));
}"""
WIDER = """[...document.querySelectorAll('body *')].filter((it) =>
    getComputedStyle(it).clipPath === 'none' && !it.closest('.unseen, thead, select, input, svg')
    && (it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 0 && getComputedStyle(it).display !== 'inline'
        || it.getBoundingClientRect().right > innerWidth + 1)).map((it) => it.outerHTML.slice(0, 120))"""
LONG = "W" * 30
OUTLINED = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
}"""


class Place:
    """A board that is served, and windows of a browser that look at it."""

    def __init__(self, board, browser, url):
        self.board, self.browser, self.url = board, browser, url
        self.said = []

    def window(self, student=None, path="/", **options):
        """A page in a browser of its own, with a session of somebody on the board."""
        context = self.browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        context.set_default_timeout(20_000 * slowness())
        if student:
            token = self.board.doors.use_link(self.board.people.invite_again(student).token)
            context.add_cookies([{"name": "board", "value": token, "url": self.url}])
        page = context.new_page()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(self.url + path)
        return page

    def entries_of(self, student):
        return self.board.entries.of(self.board.people.find(student).number)

    def add(self, student, share, seed=0):
        """An entry that comes from elsewhere."""
        number = self.board.people.find(student).number
        labels = guesses(self.board, share, seed)
        return self.board.entries.add(number, labels, once=f"{share} {seed}", file="predictions.csv")


@contextmanager
def served(board):
    """The address of a server on a free port."""
    server = SiteServer(server_config(board, quick_settings(), host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30 * slowness()
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30 * slowness())


@pytest.fixture
def place(tmp_path, chromium):
    from playwright.sync_api import sync_playwright

    from benchmarks.lab import CHROMIUM_FLAGS

    board = make_small_board(tmp_path)
    invite(board, "ada", "bob", "cleo", "dan")
    invite(board, "sam", role="staff")
    invite(board, "hall", role="screen")
    with served(board) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield Place(board, browser, url)
        browser.close()
    board.close()


@pytest.fixture
def expect():
    from playwright.sync_api import expect

    return expect


def chosen_file(place, share=0.6, name="predictions.csv"):
    return {"name": name, "mimeType": "text/csv", "buffer": csv_of(guesses(place.board, share))}


def names(page):
    """Who stands in the standing, from the top."""
    return page.locator("table.standing tbody th bdi").all_inner_texts()


def axe(page):
    """What axe-core finds wrong with the whole page: the rule, and the first place."""
    import axe_playwright_python

    page.evaluate(Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run(document)).violations")
    return [(wrong["id"], wrong["nodes"][0]["html"][:200]) for wrong in found]


@pytest.mark.family(share=4)
def test_an_upload_is_told_and_changes_the_standing_in_another_window(place, expect):
    place.add("bob", 0.3)
    place.add("cleo", 0.7)
    other, mine = place.window("bob"), place.window("ada")
    expect(other.locator("table.standing tbody tr")).to_have_count(2)
    other.locator("[data-to-own]").click()
    other.evaluate("window.notLoadedAgain = true")
    own = other.locator("tr.own")
    own.focus()
    mine.locator("#file").set_input_files(chosen_file(place, 0.5))
    mine.locator("#description").fill("half of them")
    mine.get_by_role("button", name="Hand in").click()
    told = mine.locator("#hand-in .told")
    expect(told).to_contain_text("Your entry was taken")
    expect(told).to_be_focused()
    expect(mine.locator("#said")).to_have_text("")
    expect(mine.locator("#left")).to_contain_text("9 of 10")
    expect(mine.locator("#entries")).to_contain_text("half of them")
    expect(mine.locator("[data-my-place]")).to_have_text("2")
    expect(mine.locator("[data-ahead]")).to_contain_text("points behind place 1")
    expect(mine.locator("tr.own")).to_contain_text("you")
    expect(other.locator("table.standing tbody tr")).to_have_count(3)
    expect(other.locator("tr.own td.rank")).to_have_text("3")
    expect(other.locator("[data-my-place]")).to_have_text("3")
    assert other.evaluate("window.notLoadedAgain && document.activeElement.className") == "own"
    assert names(other) == names(mine)
    assert other.locator("#said").inner_text() == "", "what others do is not read aloud"
    expect(other.locator("[data-ahead]")).to_contain_text("points behind place 2")
    place.add("bob", 0.9)
    expect(other.locator("[data-ahead]")).to_have_text("")
    expect(other.locator("tr.own td.rank")).to_have_text("1")
    expect(other.locator("#entries tbody tr")).to_have_count(2)
    expect(own).to_be_focused()
    assert other.evaluate("window.notLoadedAgain")
    assert place.said == []


@pytest.mark.family(share=4)
def test_a_file_that_is_dropped_is_chosen_and_a_wrong_one_costs_nothing(place, expect):
    page = place.window("ada")
    text = csv_of(guesses(place.board)).decode()
    page.evaluate(DROP, [text, ["a.csv", "b.csv"]])
    expect(page.locator("#hand-in .told")).to_contain_text("one file at a time")
    page.evaluate(DROP, [text.replace("\n7,", "\n7;"), ["mine.csv"]])
    assert page.evaluate("document.querySelector('#file').files[0].name") == "mine.csv"
    expect(page.locator("#description")).to_be_focused()
    page.keyboard.type("with a semicolon")
    page.get_by_role("button", name="Hand in").click()
    told = page.locator("#hand-in .told")
    expect(told).to_contain_text("mine.csv, line 8")
    expect(told).to_contain_text("semicolon")
    expect(told).to_be_focused()
    expect(page.locator("#description")).to_have_value("with a semicolon")
    expect(page.locator("#left")).to_contain_text("10 of 10")
    assert place.entries_of("ada") == []
    page.evaluate(DROP, [text, ["mine.csv"]])
    page.get_by_role("button", name="Hand in").click()
    expect(told).to_contain_text("Your entry was taken")
    (entry,) = place.entries_of("ada")
    assert (entry.file, entry.description) == ("mine.csv", "with a semicolon")


@pytest.mark.family(share=4)
def test_what_comes_from_a_terminal_appears_and_leaves_the_form_alone(place, expect):
    place.add("ada", 0.6)
    page = place.window("ada")
    page.locator("#file").set_input_files(chosen_file(place))
    page.locator("#description").fill("not sent yet")
    page.locator("input[name=entry]:not([value=''])").focus()
    place.add("ada", 0.3)
    expect(page.locator("#entries tbody tr")).to_have_count(2)
    expect(page.locator("#left")).to_contain_text("8 of 10")
    expect(page.locator("#description")).to_have_value("not sent yet")
    assert page.evaluate("document.querySelector('#file').files.length") == 1
    first = min(entry.number for entry in place.entries_of("ada"))
    assert page.evaluate("document.activeElement.value") == str(first)
    assert place.said == []


@pytest.mark.family(share=4)
def test_a_file_that_is_far_too_long_is_not_sent(place, expect):
    page = place.window("ada")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    long = {"name": "film.csv", "mimeType": "text/csv", "buffer": b"x" * (5 << 20)}
    page.locator("#file").set_input_files(long)
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#hand-in .told")).to_contain_text("film.csv is far longer")
    assert "POST" not in sent


@pytest.mark.family(share=4)
def test_an_upload_that_does_not_arrive_can_be_sent_again(place, expect):
    page = place.window("ada")
    page.locator("#file").set_input_files(chosen_file(place))
    page.route("**/entries", lambda route: route.abort())
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#hand-in .told")).to_contain_text("cannot be reached")
    page.unroute("**/entries")
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#hand-in .told")).to_contain_text("Your entry was taken")
    assert len(place.entries_of("ada")) == 1


@pytest.mark.family(share=4)
def test_without_scripts_one_hands_in_chooses_and_reads_the_standing(place, expect):
    place.add("bob", 0.8)
    page = place.window("ada", java_script_enabled=False)
    for share in (0.7, 0.4):
        page.locator("#file").set_input_files(chosen_file(place, share))
        page.get_by_role("button", name="Hand in").click()
        expect(page.locator("#hand-in .told")).to_contain_text("Your entry was taken")
        expect(page.locator("#hand-in .told")).to_be_focused()
    better, worse = sorted(place.entries_of("ada"), key=lambda entry: -entry.public)
    expect(page.locator("tr.counting input")).to_have_attribute("value", str(better.number))
    page.locator(f"input[name=entry][value='{worse.number}']").check()
    page.get_by_role("button", name="Save which entry counts").click()
    expect(page.locator("#entries .told")).to_contain_text("Saved")
    assert place.board.entries.counting(worse.owner) == worse
    page.locator("#file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"1,2\n"})
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#hand-in .told")).to_contain_text("a.csv, line 1")
    time.sleep(0.3)
    page.goto(place.url)
    assert len(names(page)) == 2
    expect(page.locator("tr.own")).to_contain_text("you")
    assert page.locator("[data-countdown]").inner_text() == "12 h"


@pytest.mark.family(share=4)
def test_the_keyboard_is_enough(place, expect):
    place.add("ada", 0.4)
    place.add("ada", 0.6)
    place.add("bob", 0.5)
    page = place.window("ada")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "[document.activeElement.id || document.activeElement.name || document.activeElement.innerText,"
            " document.activeElement === document.body]"
        )
        if focused[1]:
            break
        reached.append(focused[0])
        assert page.evaluate(OUTLINED), focused
    form = ["file", "description", "Hand in", "entry"]
    assert [name for name in reached if name in form] == form
    assert {"Go to your row", "pseudonym", "shows_name", "Make a key"} <= set(reached)
    page.get_by_text("Leave", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Leave for good")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Leave for good")).to_be_hidden()
    page.locator("input[name=entry]:checked").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#entries .told")).to_be_focused()
    ada = place.board.people.find("ada").number
    assert place.board.entries.chosen(ada) == max(entry.number for entry in place.entries_of("ada"))
    page.locator("#pseudonym").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("the quick fox")
    page.keyboard.press("Enter")
    expect(page.locator("#appearance .told")).to_be_focused()
    expect(page.locator("tr.own")).to_contain_text("the quick fox")


@pytest.mark.family(share=4)
@pytest.mark.parametrize("ended", [False, True])
def test_a_phone_shows_everything_without_scrolling_aside(place, expect, ended):
    for student, share in (("ada", 0.5), ("bob", 0.6), ("cleo", 0.99)):
        place.add(student, share)
        number = place.board.people.find(student).number
        place.board.people.appear(number, shows_name=False, pseudonym=f"{student} {LONG[5:]}")
    ada, labels = place.board.people.find("ada").number, guesses(place.board)
    long = {"file": LONG * 3, "description": LONG * 4}
    entry = place.board.entries.add(ada, labels, once="long", **long)
    place.board.verdicts.note_rerun(RerunNote(entry.number, NOON, False, f"A report: {LONG * 3}", 1.0))
    if ended:
        place.board.end(NOON - 1)
    for width in (360, 768, 1280):
        for student, path in (("ada", "/"), ("sam", "/staff"), ("hall", "/"), (None, "/")):
            page = place.window(student, path, viewport={"width": width, "height": 740})
            if student:
                expect(page.locator("#standing")).to_contain_text("Final" if ended else "Score")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if student:
                page.get_by_text("Leave", exact=True).click()
                assert page.locator(".leave form").bounding_box()["x"] >= 0
            assert page.evaluate(WIDER) == [], (width, student)
            page.context.close()


@pytest.mark.family(share=4)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(place, expect, scheme):
    place.add("ada", 0.5)
    place.add("bob", 0.6)
    for entry, agrees in zip(
        (*place.entries_of("ada"), *place.entries_of("bob")), (True, False), strict=True
    ):
        place.board.verdicts.note_rerun(RerunNote(entry.number, NOON, agrees, "A report.", 1.0))
    link = place.board.people.invite_again("dan").token
    for student, path in (
        ("ada", "/"), ("cleo", "/"), ("sam", "/staff"), ("hall", "/"), (None, "/"), (None, f"/join/{link}"),
        (None, "/nothing"),
    ):  # fmt: skip
        page = place.window(student, path, color_scheme=scheme)
        assert axe(page) == [], (student, path)
        page.context.close()
    page = place.window("ada", color_scheme=scheme)
    page.locator("#file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"1,2\n"})
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#hand-in .told")).to_be_focused()
    assert axe(page) == []
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("#key")).to_be_visible()
    assert axe(page) == []
    place.board.end(NOON - 1)
    page.goto(place.url)
    expect(page.locator("#standing-title")).to_have_text("Final standing")
    assert axe(page) == []


@pytest.mark.family(share=4)
@pytest.mark.parametrize("width", [360, 1280])
def test_ones_own_row_is_found_among_many(place, expect, width):
    place.board.people.invite([(f"x{number}", "", "") for number in range(60)])
    for number in range(60):
        place.add(f"x{number}", 0.5 if number % 2 else 0.7, seed=number)
    place.add("ada", 0.6)
    page = place.window("ada", viewport={"width": width, "height": 740})
    row = page.locator("tr.own")
    expect(row).to_have_count(1)
    page.locator("[data-to-own]").click()
    seen = """row => [0.1, 0.9].every((share) => {
        const box = row.getBoundingClientRect();
        return row.contains(document.elementFromPoint(box.left + 20, box.top + share * box.height));
    })"""
    page.wait_for_timeout(300)
    assert row.evaluate(seen)
    inner = "document.querySelector('#standing .box').scrollTop"
    before = page.evaluate(f"[{inner}, scrollY]")
    assert before[0] > 0
    place.add("bob", 0.99)
    expect(page.locator("table.standing tbody tr")).to_have_count(62)
    assert page.evaluate(f"[{inner}, scrollY]") == before, "others do not move what one reads"


@pytest.mark.family(share=4)
def test_hours_are_those_of_the_reader_too(place, expect):
    page = place.window("ada", timezone_id="Asia/Kolkata")
    expect(page.locator("#left")).to_contain_text("00:00 UTC (Wed 05:30 where you are), in 12 h")
    expect(place.window("bob").locator("#left")).to_contain_text("00:00 UTC, in 12 h")


@pytest.mark.family(share=4)
@pytest.mark.parametrize("filling", [False, True])
def test_at_midnight_the_page_says_by_itself_that_there_are_new_entries(place, expect, filling):
    place.board.clock.now += 43_200 - 3
    place.add("ada", 0.5)
    page = place.window("ada")
    page.evaluate("Math.random = () => 0")
    expect(page.locator("#left")).to_contain_text("9 of 10")
    if filling:
        page.locator("#description").fill("late at night")
    place.board.clock.now += 60
    expect(page.locator("#left")).to_contain_text("10 of 10")
    expect(page.locator("[data-countdown]")).to_have_text("23 h 59 min")
    expect(page.locator("#description")).to_have_value("late at night" if filling else "")


@pytest.mark.family(share=4)
def test_the_end_comes_to_an_open_page(place, expect):
    place.add("ada", 0.5)
    place.add("bob", 0.6)
    page = place.window("ada")
    page.evaluate("Math.random = () => 0")  # pages are loaded again at different times
    expect(page.locator("#standing")).to_contain_text("Standing")
    place.board.end()
    expect(page.locator("#standing-title")).to_have_text("Final standing")
    expect(page.locator("#hand-in")).to_contain_text("Nothing is taken any more")
    ranks = page.locator("table.final tbody tr").first.locator("td.rank").all_inner_texts()
    assert len(ranks) == 2
    assert page.locator("#file").count() == 0


@pytest.mark.family(share=4)
def test_the_end_takes_the_form_from_who_is_filling_it(place, expect):
    place.add("ada", 0.5)
    page = place.window("ada")
    page.evaluate("Math.random = () => 0")
    page.locator("#file").set_input_files(chosen_file(place))
    page.locator("#pseudonym").fill("half a na")
    place.board.end()
    expect(page.locator("#hand-in")).to_contain_text("Nothing is taken any more")
    expect(page.locator("#file")).to_have_count(0)
    expect(page.locator("#entries input[type=radio]")).to_have_count(0)
    expect(page.locator("#pseudonym")).to_have_value("half a na")


@pytest.mark.family(share=4)
def test_the_last_entry_of_a_day_takes_the_form_from_other_windows(place, expect):
    page = place.window("ada")
    for seed in range(10):
        place.add("ada", 0.5, seed)
    expect(page.locator("#left")).to_contain_text("0 of 10")
    expect(page.locator("#hand-in")).to_contain_text("All entries of today are used")
    expect(page.locator("#file")).to_have_count(0)


@pytest.mark.family(share=4)
def test_the_first_entry_shows_the_way_to_ones_row(place, expect):
    place.add("bob", 0.8)
    page = place.window("ada")
    way = page.get_by_role("link", name="Go to your row")
    expect(way).to_have_count(0)
    place.add("ada", 0.5)
    way.click()
    expect(page.locator("tr.own")).to_be_in_viewport()


@pytest.mark.family(share=4)
def test_the_time_until_the_end_counts_down(place, expect):
    place.board.end(NOON + 9 * 86_400 + 60)
    page = place.window("ada")
    until = page.locator("#you [data-countdown]")
    expect(until).to_have_text("9 days")
    page.evaluate("document.querySelector('#you [data-countdown]').until -= 8 * 86400000")
    expect(until).to_have_text("24 h")


@pytest.mark.family(share=4)
def test_nobody_is_asked_to_drop_a_file_with_a_finger(place, expect):
    words = place.window("ada").locator(".drop-words")
    expect(words).to_have_text("Choose a file, or drop it on this page")
    words = place.window("ada", has_touch=True, is_mobile=True).locator(".drop-words")
    expect(words).to_have_text("Choose a file")


@pytest.mark.family(share=4)
def test_a_double_click_comes_in_once(place, expect):
    page = place.window(None, f"/join/{place.board.people.invite_again('ada').token}")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", slow)
    page.get_by_role("button", name="Come in").dblclick(delay=20)
    expect(page.locator("#hand-in")).to_be_visible()
    assert sent.count("POST") == 1


@pytest.mark.family(share=4)
def test_a_link_lets_in_by_its_button_and_a_key_comes_once(place, expect):
    token = place.board.people.invite_again("ada").token
    page = place.window(None, f"/join/{token}")
    page.get_by_role("button", name="Come in").click()
    expect(page.locator("#hand-in")).to_be_visible()
    page.get_by_role("button", name="Make a key").click()
    url, _, key = page.locator("#key").input_value().partition("#")
    assert url.startswith("http")
    assert place.board.doors.session(key, "terminal").student == "ada"
    page.get_by_role("link", name="Back to your page").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("img", name="The link as a QR code")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Back to your page").click()
    page.get_by_text("Leave", exact=True).click()
    expect(page.locator(".leave")).to_contain_text("you need a new link")
    page.get_by_role("button", name="Leave for good").click()
    expect(page.get_by_role("heading")).to_contain_text("Come in by your link")
    page.goto(place.url)
    page.get_by_label("The code on your slip").fill(token)
    page.get_by_role("button", name="Come in").click()
    expect(page.locator(".told")).to_contain_text("has been used")


@pytest.mark.family(share=4)
@pytest.mark.parametrize("ended", [False, True])
def test_the_screen_in_the_room_is_read_from_the_last_row(place, ended):
    place.add("ada", 0.5)
    if ended:
        place.board.end(place.board.clock())
    page = place.window("hall", viewport={"width": 1920, "height": 1080})
    page.locator("#standing tbody tr").first.wait_for()
    sizes = page.locator("#standing").evaluate(
        """standing => [...standing.querySelectorAll('caption, th, td, span')]
            .filter(part => part.innerText.trim() && getComputedStyle(part).display !== 'none')
            .map(part => parseFloat(getComputedStyle(part).fontSize))"""
    )
    assert min(sizes) >= 1080 / 50  # small print, too
    name = page.locator("#standing tbody .name").first.evaluate(
        "name => parseFloat(getComputedStyle(name).fontSize)"
    )
    assert name >= 1080 / 30


@pytest.mark.family(share=4)
def test_staff_decide_with_a_note(place, expect):
    entry = place.add("ada", 0.5)
    place.board.verdicts.note_rerun(RerunNote(entry.number, NOON, False, "A report.", 1.0))
    page = place.window("sam", "/staff")
    row = page.locator(f"#entry-{entry.number}")
    expect(row).to_contain_text("waits for a person")
    row.get_by_label("Why, for Ada Lovelace").fill("another processor")
    row.get_by_role("button", name="Counts").click()
    expect(row).to_contain_text("accepted")
    expect(row).to_contain_text("another processor")
    assert place.board.verdicts.decisions()[entry.number].counts

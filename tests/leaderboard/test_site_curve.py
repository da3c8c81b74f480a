"""The learning curve of a class: what the picture, its words and its table say."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.leaderboard.board import Day
from lib.leaderboard.site.curve import HEIGHT, WIDTH, curve_of_class

FIRST = 20_786  # 2026-11-29
SVG = "{http://www.w3.org/2000/svg}"


def picture(days):
    """The SVG of a curve; the namespace is what a browser puts in."""
    html = str(curve_of_class(days))
    return ElementTree.fromstring(re.search("<svg.*</svg>", html, re.DOTALL)[0])


def points(svg, name):
    """The corners of a line: (x, y) each."""
    (path,) = (one for one in svg.iter("path") if one.get("class") == name)
    return [tuple(map(float, one.split())) for one in path.get("d")[1:].split("L")]


@st.composite
def classes(draw):
    """The days of a class: its best score never falls."""
    scores = sorted(draw(st.lists(st.integers(0, 1000), min_size=1, max_size=60)))
    day, days = FIRST, []
    for best in scores:
        days.append(Day(day, draw(st.integers(1, 999)), best, draw(st.integers(0, best))))
        day += draw(st.integers(1, 9))
    return days


def test_a_class_without_entries_has_a_sentence_and_no_picture():
    html = str(curve_of_class([]))
    assert "begins with the first entry" in html
    assert "<svg" not in html


@given(classes())
def test_everything_stays_in_the_picture_and_names_do_not_cover_each_other(days):
    svg = picture(days)
    best, median = points(svg, "best"), points(svg, "median")
    assert [x for x, _ in best] == sorted({x for x, _ in best}), "from left to right"
    for x, y in best + median:
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
    for (_, upper), (_, lower) in zip(best, median, strict=True):
        assert upper <= lower, "a higher score stands higher"
    names = [float(one.get("y")) for one in svg.iter("text") if one.text.startswith(("best ", "median "))]
    assert names[1] - names[0] >= 14
    assert names[0] >= 13
    assert names[1] <= HEIGHT - 32


@given(classes())
def test_the_ends_of_the_lines_say_what_the_last_day_says(days):
    last, texts = days[-1], [one.text for one in picture(days).iter("text")]
    assert f"best {last.best // 10}.{last.best % 10} %" in texts
    assert f"median {last.median // 10}.{last.median % 10} %" in texts


def test_days_without_entries_are_level():
    days = [Day(FIRST, 1, 200, 100), Day(FIRST + 10, 1, 900, 100)]
    (start, level, end) = points(picture(days), "best")
    assert start[1] == level[1] > end[1]
    assert level[0] == pytest.approx(start[0] + 0.9 * (end[0] - start[0]), abs=0.1)


def test_one_day_is_a_point_with_its_date():
    svg = picture([Day(FIRST, 3, 703, 401)])
    assert len(points(svg, "best")) == 1
    assert [one.text for one in svg.iter("text")][-3:] == ["29 Nov", "best 70.3 %", "median 40.1 %"]


@pytest.mark.parametrize(
    ("later", "dates"),
    [
        (1, ["29 Nov", "30 Nov"]),
        (2, ["29 Nov", "30 Nov", "1 Dec"]),
        (5, ["30 Nov", "2 Dec", "4 Dec"]),
        (60, ["29 Nov", "19 Dec", "8 Jan", "28 Jan"]),
    ],
)
def test_dates_are_few_and_do_not_touch(later, dates):
    svg = picture([Day(FIRST, 1, 200, 100), Day(FIRST + later, 1, 300, 200)])
    assert [one.text for one in svg.iter("text") if one.text[0].isdigit() and "%" not in one.text] == dates


def test_who_hears_the_page_is_told_what_it_shows():
    svg = picture([Day(FIRST, 1, 200, 100), Day(FIRST + 2, 1, 703, 300)])
    said = {one.get("id"): one.text for one in svg if one.get("id")}
    assert svg.get("role") == "img"
    assert set(svg.get("aria-labelledby").split()) == set(said)
    assert said["curve-desc"] == (
        "From 29 Nov to 1 Dec the best score goes from 20.0 % to 70.3 %, "
        "the median over all students from 10.0 % to 30.0 %."
    )


def test_lines_differ_by_more_than_colour_and_nothing_needs_a_style():
    days = [Day(FIRST, 1, 200, 100), Day(FIRST + 2, 1, 703, 300)]
    html = str(curve_of_class(days))
    assert "style=" not in html  # which the page's Content-Security-Policy forbids
    paints = re.findall(r'(?:fill|stroke)="([^"]*)"', html)
    assert set(paints) <= {"currentColor", "none"}
    dashes = {
        one.get("class"): one.get("stroke-dasharray")
        for one in picture(days).iter("path")
        if one.get("class")
    }
    assert dashes["best"] is None
    assert dashes["median"]


def test_the_table_has_a_row_a_day_the_newest_first():
    html = str(curve_of_class([Day(FIRST, 3, 200, 100), Day(FIRST + 2, 11, 703, 300)]))
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td></tr>', html)
    assert rows == [("2026-12-01", "11", "70.3 %", "30.0 %"), ("2026-11-29", "3", "20.0 %", "10.0 %")]

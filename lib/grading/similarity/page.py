"""The report: one HTML file, in which no code of a submission can do anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from lib.grading.similarity.comparison import LAST_YEAR, ComparedClass, readings
from lib.grading.similarity.oral import OralQuestion
from lib.grading.similarity.passages import passages
from lib.grading.similarity.ranking import Alike, Common, times_usual, usual_weight

LINES, LETTERS = 400, 300  # of a text, of a line: what is beyond is left out
OF_A_TASK = 10  # pairs in the list of a task
KINDS = 6  # colours of passages, which have numbers beside

STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #1a1a1a; --faint: #5a5a5a; --rule: #c4c4c4;
  --link: #0b4fa8; --m0: #ffe9a8; --m1: #cfe8ff; --m2: #d7f2cf; --m3: #f6d9f2; --m4: #ffdccb; --m5: #d9f3f0; }
@media (prefers-color-scheme: dark) { :root { --page: #16181c; --ink: #e9e9e9; --faint: #c8c8c8;
  --rule: #555; --link: #8fc1ff; --m0: #514307; --m1: #123f63; --m2: #1f4a17; --m3: #562a50; --m4: #5c2f18;
  --m5: #174a45; } }
h1, h2 { overflow-wrap: anywhere; }
body { margin: 0 auto; padding: 1rem; max-width: 110rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); } :focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
.note { border: 2px solid var(--ink); padding: .6rem 1rem; max-width: 60rem; }
table { border-collapse: collapse; } caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border-bottom: 1px solid var(--rule); padding: .2rem .8rem .2rem 0; text-align: left;
  vertical-align: top; }
.wide { overflow-x: auto; } .number { text-align: right; font-variant-numeric: tabular-nums; }
section { border-top: 2px solid var(--rule); margin-top: 2rem; }
summary { cursor: pointer; padding: .3rem 0; font-weight: 600; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; }
@media (max-width: 60rem) { .pair { grid-template-columns: minmax(0, 1fr); } }
.who { white-space: nowrap; }
.code { overflow: auto; max-height: 80vh; border: 1px solid var(--rule); margin: 0; padding: .4rem 0;
  font: .85rem/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.line { display: block; padding: 0 .6rem 0 6.5rem; text-indent: -5.5rem; border-left: 4px solid transparent; }
.line::before { content: attr(data-number); display: inline-block; width: 3em; color: var(--faint); }
.line::before, .tag { text-indent: 0; }
.tag { display: inline-block; width: 2.5em; font-weight: 700; color: var(--ink); }
.same { border-left: 4px double var(--ink); } .same a { color: var(--ink); }
.m0 { background: var(--m0); } .m1 { background: var(--m1); } .m2 { background: var(--m2); }
.m3 { background: var(--m3); } .m4 { background: var(--m4); } .m5 { background: var(--m5); }
@media print { .code { max-height: none; overflow: visible; } }
"""
NO_VERDICT = (
    "<strong>This is no verdict, and changes no marks.</strong> It says which submissions to look at first; "
    "a person looks, and asks. Some pair always stands on top, also in a class in which everybody worked "
    "alone. Short code has one natural form, friends learn together, and many read the same page."
)
HOW = (
    "Compared is what the code does, without names, comments, layout and strings, and without what the "
    "release, the course's library, the lectures or most of the class have. What few others have weighs "
    "more; a wrong answer that few others gave weighs most, and stands here in the words of the feedback. "
    "“Usual” is the middle of what each submission shares with the one most like it; of a small class nobody "
    "knows it."
)


def report_page(
    comparison: ComparedClass, count: int = 30, questions: tuple[str, Sequence[OralQuestion]] | None = None
) -> str:
    """The page as text.

    count: pairs that are shown side by side
    questions: a student, and lines of their code to ask about
    """
    shown = comparison.pairs[:count]
    title = f"{comparison.assignment}: what submissions have in common"
    parts = [
        f"<h1>{harmless(title)}</h1>",
        f'<p class="note">{NO_VERDICT}</p>',
        f"<p>{len(comparison.codes)} submission{'' if len(comparison.codes) == 1 else 's'}. {HOW}</p>",
        *_questions(comparison, questions),
        *_first_table(comparison, shown),
        *_by_task(comparison, shown),
        *(part for number, pair in enumerate(shown, 1) for part in _pair(comparison, pair, number)),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>{harmless(title)}</title><style>{STYLE}</style></head>\n<body><main>\n"
        + "\n".join(parts)
        + "\n</main></body></html>\n"
    )


def harmless(text: str) -> str:
    """Text for a page: no mark-up, and no letters that hide or turn others round.

    >>> harmless("<b>" + chr(0) + chr(0x202E))
    '&lt;b&gt;\ufffd\ufffd'
    """
    return escape("".join(letter if letter.isprintable() or letter == "\t" else "\ufffd" for letter in text))


def _questions(
    comparison: ComparedClass, questions: tuple[str, Sequence[OralQuestion]] | None
) -> Iterator[str]:
    if not questions:
        return
    student, asked = questions
    yield f"<section><h2>To ask {harmless(student)}</h2><p>What does this line of yours do, and "
    yield "what happens without it?</p><ol>"
    for one in asked:
        place = f"{harmless(comparison.titles.get(one.task, one.task))}, line {one.line}"
        yield f"<li>{place}: <code>{harmless(one.text[:LETTERS])}</code></li>"
    yield "</ol></section>" if asked else "</ol><p>Nothing of their own is long enough.</p></section>"


def _first_table(comparison: ComparedClass, shown: Sequence[Alike]) -> Iterator[str]:
    if not shown:
        yield "<p>No two submissions share anything that few others have.</p>"
        return
    usual = usual_weight(comparison.pairs)
    yield '<div class="wide"><table><caption>Pairs, those with most in common first</caption><thead><tr>'
    yield '<th scope="col">pair</th><th scope="col">submissions</th>'
    yield '<th scope="col" class="number">in common</th><th scope="col">where</th></tr></thead><tbody>'
    for number, pair in enumerate(shown, 1):
        yield (
            f'<tr><td><a href="#pair-{number}">{number}</a></td>'
            f'<td class="who">{_names(pair)}</td>'
            f'<td class="number">{times_usual(pair, usual) or "–"}</td>'
            f"<td>{'; '.join(harmless(comparison.in_words(common)) for common in pair.tasks[:4])}</td></tr>"
        )
    yield "</tbody></table></div>"


def _by_task(comparison: ComparedClass, shown: Sequence[Alike]) -> Iterator[str]:
    """The same pairs, task by task."""
    places = {(pair.one, pair.other): number for number, pair in enumerate(shown, 1)}
    tasks: dict[str, list[tuple[float, Alike, Common]]] = {}
    for pair in comparison.pairs:
        for common in pair.tasks:
            tasks.setdefault(common.task, []).append((common.weight, pair, common))
    if tasks:
        yield "<h2>Task by task</h2>"
    for task, found in sorted(tasks.items()):
        found.sort(key=lambda entry: (-entry[0], entry[1].one, entry[1].other))
        yield f"<details><summary>{harmless(comparison.titles.get(task, task))}</summary><ol>"
        for _, pair, common in found[:OF_A_TASK]:
            number = places.get((pair.one, pair.other))
            names = _names(pair)
            link = f'<a href="#pair-{number}">{names}</a>' if number else names
            yield f"<li>{link}: {harmless(comparison.in_words(common))}</li>"
        yield "</ol></details>"


def _names(pair: Alike) -> str:
    """Who they are; a student who takes the course again may use their own work."""
    again = " (one student, two years)" if pair.other == f"{pair.one}{LAST_YEAR}" else ""
    return harmless(f"{pair.one} · {pair.other}{again}")


def _pair(comparison: ComparedClass, pair: Alike, number: int) -> Iterator[str]:
    yield f'<section id="pair-{number}"><h2>{number}. {_names(pair)}</h2>'
    for place, common in enumerate(pair.tasks):
        one = comparison.codes.get(pair.one, {}).get(common.task, "")
        other = comparison.codes.get(pair.other, {}).get(common.task, "")
        same = passages(*readings(one, other), comparison.known)
        if not same and not common.slips:
            continue
        summary = harmless(comparison.in_words(common))
        yield f"<details{' open' if place == 0 else ''}><summary>{summary}</summary>"
        yield '<div class="pair">'
        name = f"p{number}-{place}"
        yield _side(one, [passage.one for passage in same], pair.one, f"{name}-a", f"{name}-b")
        yield _side(other, [passage.other for passage in same], pair.other, f"{name}-b", f"{name}-a")
        yield "</div></details>"
    yield "</section>"


def _side(text: str, same: Sequence[tuple[int, int]], who: str, name: str, partner: str) -> str:
    """A text, its passages numbered; each leads to where it stands in the other text."""
    marks: dict[int, int] = {}
    for number, (first, last) in enumerate(same, 1):
        for line in range(first, last + 1):
            marks.setdefault(line, number)
    lines, begun = [], set()
    every = text.split("\n")
    for number, written in enumerate(every[:LINES], 1):
        mark, tag = marks.get(number, 0), '<span class="tag"></span>'
        if mark and mark not in begun:
            begun.add(mark)
            link = f'id="{name}-{mark}" href="#{partner}-{mark}" title="the same passage"'
            tag = f'<a class="tag" {link}>≡{mark}</a>'
        kind = f" same m{mark % KINDS}" if mark else ""
        cut = written[:LETTERS] + (" …" if len(written) > LETTERS else "")
        lines.append(f'<span class="line{kind}" data-number="{number}">{tag}{harmless(cut)}</span>')
    if len(every) > LINES:
        lines.append(f'<span class="line" data-number="…">{len(every) - LINES} more lines</span>')
    return f'<div class="code" role="region" tabindex="0" aria-label="{harmless(who)}">{"".join(lines)}</div>'

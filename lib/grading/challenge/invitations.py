"""Links as they are given out: e-mails, a table for a mail merge, or slips of paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from data_loaders.looks import printable
from lib.grading.exports.forms import csv_bytes
from lib.leaderboard.board import Invitation
from lib.leaderboard.board.tokens import in_groups

SHEET = 8  # slips on a page
SEPARATOR = "=" * 72  # between two e-mails
PARTS = set('()<>[]:;@\\,"')  # in a receiver's name: a mail program would see several receivers, or a comment


@dataclass(frozen=True)
class InvitationTo:
    """What all invitations of a competition say.

    title: of the competition
    url: of its page, as students type it
    """

    title: str
    url: str

    def link(self, invitation: Invitation) -> str:
        """Opens the page, once."""
        return f"{self.url}/join/{invitation.token}"


def as_letters(invitations: Sequence[Invitation], to: InvitationTo) -> str:
    """An e-mail for each, in one text."""
    return f"\n{SEPARATOR}\n".join(_letter(invitation, to) for invitation in invitations)


def as_table(invitations: Sequence[Invitation], to: InvitationTo) -> str:
    """A table in CSV: id, name, e-mail address, link; no cell is a formula."""
    rows = [(each.student, _name(each), each.email, to.link(each)) for each in invitations]
    return csv_bytes([("id", "name", "email", "link"), *rows]).decode()


def as_slips(invitations: Sequence[Invitation], to: InvitationTo) -> str:
    """A page to print and to cut, which needs no other file: address, code, and the link as a QR code."""
    slips = [_slip(invitation, to) for invitation in invitations]
    sheets = [
        f'<section class="sheet">\n{"".join(slips[at : at + SHEET])}</section>\n'
        for at in range(0, len(slips), SHEET)
    ]
    title = escape(to.title)
    return PAGE.format(title=title, style=STYLE, sheets="".join(sheets))


FORMS: dict[str, tuple[str, Callable[[Sequence[Invitation], InvitationTo], str]]] = {
    "letters": ("letters.txt", as_letters),
    "slips": ("slips.html", as_slips),
    "csv": ("links.csv", as_table),
}  # form → the usual name of its file, and what writes it


def _name(invitation: Invitation) -> str:
    return printable(invitation.name or invitation.student)


def _spoken(name: str) -> str:
    """A name as one says it: platforms write “Lovelace, Ada”."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and first and "," not in first else name


def _letter(invitation: Invitation, to: InvitationTo) -> str:
    name, email = _spoken(_name(invitation)), printable(invitation.email)
    quoted = '"' + name.translate({ord("\\"): None, ord('"'): "'"}) + '"'
    receiver = (
        f"{quoted if PARTS & set(name) else name} <{email}>"
        if email
        else f"{name} (the roster has no address; id {invitation.student})"
    )
    return f"""To: {receiver}
Subject: {to.title}: your link to the leaderboard

Dear {name},

this link opens the leaderboard of “{to.title}” for you. It works once: open it in the browser that
you are going to use, and press the button there.

{to.link(invitation)}

Keep it to yourself: whoever uses it comes in as you. If it has been used already, ask for a new one.
"""


def _slip(invitation: Invitation, to: InvitationTo) -> str:
    import segno  # here: letters need none

    code = segno.make(to.link(invitation), error="m", micro=False)
    picture = code.svg_inline(border=3, omitsize=True, svgclass="code", title="QR code of the link")
    groups = "-<wbr>".join(in_groups(invitation.token).split("-"))
    student = f'<p class="small">{escape(invitation.student)}</p>\n' if invitation.name else ""
    return f"""<article>
{picture}
<div>
<h2>{escape(to.title)}</h2>
<p class="name">{escape(_name(invitation))}</p>
{student}<p>Scan the picture, or open<br><b>{escape(to.url)}</b><br>and type this code:</p>
<p class="token">{groups}</p>
<p class="small">It works once: use your own browser. Keep it to yourself.</p>
</div>
</article>
"""


STYLE = """
:root { color-scheme: light }
* { box-sizing: border-box; margin: 0 }
body { font: 8pt/1.25 system-ui, sans-serif; color: #000; background: #fff }
.sheet { width: 190mm; margin: 0 auto; display: grid; grid-template-columns: 95mm 95mm; grid-auto-rows: 64mm }
article { display: flex; gap: 2mm; align-items: center; padding: 1.5mm 3mm; overflow: hidden }
article { border: .2mm dashed #777 }
.code { flex: none; width: 36mm; height: 36mm }
div { min-width: 0 }
h2, .name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden }
h2, .name { overflow-wrap: anywhere }
b { font-size: 8pt; word-break: break-all }
h2 { font-size: 9pt; line-height: 1.2 }
.name { font-size: 10.5pt; font-weight: bold; line-height: 1.2; margin: .7mm 0 }
.token { font: bold 12pt/1.2 ui-monospace, monospace; margin: .7mm 0 }
.small { font-size: 7.5pt }
@page { margin: 10mm }
@media print { .sheet { break-after: page } .sheet:last-child { break-after: auto } }
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="robots" content="noindex">
<title>{title}: slips</title>
<style>{style}</style>
</head>
<body>
{sheets}</body>
</html>
"""

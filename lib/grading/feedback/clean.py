"""Students' text and outputs as HTML in which nothing runs, nothing is fetched, and nothing is endless."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping
from typing import Any

import bleach
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from lib.assignments.plain_words import plain_words

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt",
    "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li",
    "mark", "ol", "p", "pre", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
ATTRIBUTES = {
    "a": ("href", "title"),
    "img": ("src", "alt", "width", "height"),
    "ol": ("start",),
    "td": ("colspan", "rowspan", "align"),
    "th": ("colspan", "rowspan", "align", "scope"),
    "details": ("open",),
    "abbr": ("title",),
}
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
HEADING = re.compile(r"<(/?)h[1-6]>")
TAGGED, MARKS = 40_000, 5_000  # letters of HTML without its pictures, and signs in it; more takes too long
PARSED = 20_000  # letters of Markdown; what is longer is shown as it was typed
TEXT, SOURCE, IMAGE, PAGE = 8_000, 40_000, 1_000_000, 12_000_000  # characters that are shown, at most
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def escaped(text: object) -> str:
    """Text as HTML shows it; without characters that control something."""
    return html.escape(CONTROL.sub("", str(text)))


def cut_down(text: str, most: int) -> str:
    """A text of at most so many characters; a line says how much is left out."""
    if len(text) <= most:
        return text
    return (
        f"{text[: most * 3 // 4]}\n… ({len(text) - most:,} characters are left out) …\n{text[-most // 4 :]}"
    )


def code_html(source: str) -> str:
    """Python code in colours.

    >>> "<script" in code_html("'<script>'")
    False
    """
    formatter = HtmlFormatter(cssclass="code", wrapcode=True)
    return str(highlight(CONTROL.sub("", cut_down(source, SOURCE)), PythonLexer(stripnl=False), formatter))


def markdown_html(source: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Markdown as HTML; formulas stay as they are typed.

    attachments: of the cell: name → media type → data

    >>> markdown_html("[here](javascript:alert(1)) <script>alert(1)</script>")
    '<p><a>here</a> alert(1)</p>\\n'
    """
    source = CONTROL.sub("", cut_down(source, SOURCE))
    if len(source) > PARSED:
        return f"<pre>{escaped(source)}</pre>"
    try:
        renderer = IPythonRenderer(escape=False, embed_images=False, attachments=dict(attachments or {}))
        return clean_html(str(MarkdownWithMath(renderer).render(source)))
    except Exception:  # whatever a text may do to its reader: then it is shown as it was typed
        return f"<pre>{escaped(source)}</pre>"


def clean_html(text: str) -> str:
    """HTML with what is harmless: no scripts, styles, forms, frames, nothing fetched from elsewhere.

    Headings become paragraphs, so that those of the page itself stay in order.
    """
    if len(text) > IMAGE:
        return f"<p>A table or text of {len(text):,} characters is left out.</p>"
    text = CONTROL.sub("", text)
    tagged = PICTURE.sub("", text)
    if len(tagged) > TAGGED or tagged.count("<") > MARKS:
        return f"<pre>{escaped(cut_down(tagged, TEXT))}</pre>"
    protocols = {"http", "https", "mailto", "data"}
    try:
        cleaned = bleach.clean(text, tags=TAGS, attributes=_is_allowed, protocols=protocols, strip=True)
    except RecursionError:  # thousands of elements, one within the other
        return f"<pre>{escaped(cut_down(text, TEXT))}</pre>"
    return HEADING.sub(lambda found: "</strong></p>" if found[1] else "<p><strong>", cleaned)


def output_html(output: Mapping[str, Any]) -> str:
    """One output of a cell; "" where there is nothing to show."""
    kind = output.get("output_type")
    if kind == "stream":
        return _text(joined_text(output.get("text")), "error" if output.get("name") == "stderr" else "text")
    if kind == "error":
        lines = joined_lines(output.get("traceback")) or f"{output.get('ename')}: {output.get('evalue')}"
        return _text(lines, "error")
    data, metadata = output.get("data") or {}, output.get("metadata") or {}
    if not isinstance(data, dict) or not isinstance(metadata, dict):
        return ""
    plain = joined_text(data.get("text/plain"))
    for media in PICTURES:
        if media in data:
            return _picture(media, joined_text(data[media]), _alt(metadata, media, plain))
    if "image/svg+xml" in data:  # as a picture: no script in it runs, nothing is fetched
        code = base64.b64encode(joined_text(data["image/svg+xml"]).encode()).decode()
        return _picture("image/svg+xml", code, _alt(metadata, "image/svg+xml", plain))
    if "text/html" in data:
        return _within(clean_html(joined_text(data["text/html"])), "rich")
    if "text/markdown" in data:
        return _within(markdown_html(joined_text(data["text/markdown"])), "rich")
    return _text(plain, "text")


def rich_text(output: Mapping[str, Any]) -> str:
    """What has to be read as HTML or Markdown of an output; "" for plain text and pictures."""
    data = output.get("data")
    if not isinstance(data, dict) or any(media in data for media in PICTURES):
        return ""
    return joined_text(data.get("text/html") or data.get("text/markdown"))


def joined_text(lines: Any) -> str:
    """A text that may be kept as a list of lines."""
    if isinstance(lines, (list, tuple)):
        return "".join(str(line) for line in lines)
    return "" if lines is None else str(lines)


def joined_lines(lines: Any) -> str:
    """A traceback, which is a list without ends of lines."""
    return "\n".join(str(line) for line in lines) if isinstance(lines, (list, tuple)) else joined_text(lines)


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if name not in ATTRIBUTES.get(tag, ()):
        return False
    if name == "src":
        return len(value) <= IMAGE and PICTURE.fullmatch(value) is not None
    if name == "href":
        return value.startswith(("http://", "https://", "mailto:"))
    if name in ("width", "height", "colspan", "rowspan", "start"):
        return value.isascii() and value.isdigit() and len(value) <= 4
    return True


def _alt(metadata: Mapping[str, Any], media: str, plain: str) -> str:
    """The text for those who cannot see a picture."""
    of_picture = metadata.get(media)
    said = of_picture.get("alt") if isinstance(of_picture, dict) else None
    return str(said or metadata.get("alt") or plain or "A picture without a description")


def _picture(media: str, code: str, alt: str) -> str:
    if len(code) > IMAGE:
        return _text(f"A picture of {len(code) * 3 // 4:,} bytes is left out. {alt}", "text")
    try:
        whole = base64.b64encode(base64.b64decode("".join(code.split()), validate=True)).decode()
    except (binascii.Error, ValueError):
        return _text(alt, "text")
    source, alt = f"data:{media};base64,{whole}", escaped(cut_down(alt, 600))
    return f'<figure class="output"><img src="{source}" alt="{alt}"></figure>'


def _text(text: str, kind: str) -> str:
    text = plain_words(strip_ansi(cut_down(text, 4 * TEXT)))
    text = escaped(cut_down(text, TEXT).rstrip())
    return f'<pre class="output {kind}" tabindex="0">{text}</pre>' if text else ""


def _within(content: str, kind: str) -> str:
    return f'<div class="output {kind}">{content}</div>' if content.strip() else ""

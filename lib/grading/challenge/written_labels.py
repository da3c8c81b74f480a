"""How much of a student's code is no code: labels can be written down there, and found by the pixels."""

from __future__ import annotations

import io
import tokenize
import zlib
from collections.abc import Iterable

from lib.grading.challenge.running import TrainingCode

MOST_HELD = 3000  # bytes: 10,000 labels of ten classes need 4,150; a4's solution has 1,134
DATA = {tokenize.STRING, tokenize.NUMBER, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1)}


def held_in(sources: Iterable[str]) -> int:
    """Bytes that the strings, numbers and comments of code have when they are packed by zlib.

    What is no Python counts as a whole. Labels in the names of variables are not found: a person reads them.
    """
    found: list[str] = []
    for source in sources:
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        except (tokenize.TokenError, SyntaxError):
            found.append(source)
        else:
            found += [token.string for token in tokens if token.type in DATA]
    return len(zlib.compress("\n".join(found).encode("utf-8", "replace"), 9))


def written_labels(code: TrainingCode) -> str:
    """What a person should know about code that holds much, as the end of a sentence, or ""."""
    cells = [cell.source for cell in code.notebook.cells if cell.cell_type == "code"]
    many = held_in([*cells, *(content.decode("utf-8", "replace") for content in code.modules.values())])
    if many <= MOST_HELD:
        return ""
    hold = f"strings, numbers and comments of the code hold {many:,} bytes, more than the usual {MOST_HELD:,}"
    return f"; {hold}: are labels written down in it? A person decides"

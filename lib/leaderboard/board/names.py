"""Names under which students are seen by others."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Collection

from lib.leaderboard.board.refusals import Refusal

LONGEST = 30  # characters of a pseudonym
UNSEEN = frozenset(  # letters and marks that Unicode counts as visible, and nobody sees
    map(chr, [0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810)])
) | frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
LOOK_ALIKE = str.maketrans(  # small letters of which the capital or the small one is taken for a Latin one
    "авсеніјкморѕтхуαβεζηικμνορτυχ", "abcehijkmopstxyabezhikmnoptyx"
)
COLOURS = (
    "amber", "azure", "coral", "crimson", "golden", "green", "indigo", "ivory", "jade", "lilac", "olive",
    "orange", "pearl", "purple", "ruby", "scarlet", "silver", "teal", "violet", "white",
)  # fmt: skip
ANIMALS = (
    "badger", "beaver", "bison", "crane", "dolphin", "eagle", "falcon", "fox", "gecko", "hare", "heron",
    "ibis", "jackal", "kestrel", "koala", "lemur", "lynx", "marten", "newt", "otter", "owl", "panda",
    "puffin", "raven", "robin", "seal", "stork", "tapir", "turtle", "wren",
)  # fmt: skip


def plain_name(text: str) -> str:
    """A text without what one hardly sees: capitals, spaces, marks, forms of letters, and their alphabet.

    >>> plain_name("  Ádá  LOVELACE ") == plain_name("ada lovelace")
    True
    """
    letters = unicodedata.normalize("NFKD", text).casefold().translate(LOOK_ALIKE)
    seen = (c for c in letters if not unicodedata.combining(c) and c not in UNSEEN)
    return " ".join("".join(seen).split())


def plain_id(text: str) -> str:
    """An id without what typing it changes, such as capitals; an accent makes another id.

    >>> plain_id(" S12 ") == plain_id("s12"), plain_id("müller") == plain_id("muller")
    (True, False)
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def harmless_text(text: str) -> str:
    """A text without what moves a terminal's cursor, turns lines around, or cannot be written to a file.

    >>> harmless_text("  a\\n\\x1b[2J b\\u202egpj.csv ")
    'a [2J b gpj.csv'
    """
    joins = "\u200c\u200d"  # not seen either, but Persian and Hindi names need them
    return " ".join("".join(c if c.isprintable() or c in joins else " " for c in text).split())


def new_pseudonym(taken: Collection[str]) -> str:
    """A pseudonym that nobody has, and that tells nothing about anybody.

    taken: plain forms of those that are there
    """
    for digits in range(1, 20):
        for _ in range(20):
            number = 1 + secrets.randbelow(10**digits)
            name = f"{secrets.choice(COLOURS)} {secrets.choice(ANIMALS)} {number}"
            if plain_name(name) not in taken:
                return name
    raise AssertionError("20 draws of 19 digits were all taken")


def check_pseudonym(text: str) -> str:
    """A pseudonym as it is kept; raises `Refusal` for one that is empty, long, or cannot be seen.

    >>> check_pseudonym("  blue   heron ")
    'blue heron'
    """
    text = "".join(c for c in text if c not in UNSEEN)  # such as what follows an emoji
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(name) <= LONGEST or not name.isprintable() or not any(map(str.isalnum, name)):
        needs = f"1 to {LONGEST} visible characters, a letter or a digit among them"
        raise Refusal(f"A pseudonym has {needs}. Type another one, and save again.")
    marks = "".join("^" if unicodedata.combining(c) else " " for c in unicodedata.normalize("NFD", name))
    if "^^^^" in marks:  # a tower of accents covers the lines above; no language needs four on a letter
        raise Refusal("This pseudonym has many accents on one letter. Take some away, and save again.")
    return name

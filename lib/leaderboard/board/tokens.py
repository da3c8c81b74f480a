"""Secrets that stand in links, cookies and keys; a board keeps only their digests."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "abcdefghjkmnpqrstuvwxyz023456789"  # 32 signs, none of which is taken for another in print
LENGTH = 26  # of them: 130 bits


def new_token() -> str:
    """A secret of 130 bits, which can be typed from paper.

    >>> len(new_token()), new_token() == new_token()
    (26, False)
    """
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def token_digest(token: str) -> bytes:
    """What is kept of a token: SHA-256, which of so long a random secret cannot be turned back.

    Spaces, hyphens and capitals make no difference, since people type it. A token is found by looking its
    digest up: how long that takes tells nothing, since nobody can choose a digest.

    >>> token_digest("ABCDE-fgh jk") == token_digest("abcdefghjk")
    True
    """
    plain = "".join(token[:200].split()).replace("-", "").casefold()
    return hashlib.sha256(b"deep-vision-course board\0" + plain.encode("utf-8", "replace")).digest()


def in_groups(token: str) -> str:
    """A token as it is printed.

    >>> in_groups("abcdefghjkm")
    'abcde-fghjk-m'
    """
    return "-".join(token[at : at + 5] for at in range(0, len(token), 5))

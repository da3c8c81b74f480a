"""Forms that only the page itself can have sent: other sites' pages do not know the token in them."""

from __future__ import annotations

import hashlib
import hmac


def csrf_token(session: str) -> str:
    """What each form of a session carries; nobody can tell the session from it.

    session: the token in the cookie
    """
    return hashlib.sha256(b"deep-vision-course csrf\0" + session.encode()).hexdigest()


def is_csrf_token(token: str, session: str) -> bool:
    """Whether a form was made for this session; takes as long whatever differs."""
    return hmac.compare_digest(token.encode("utf-8", "replace"), csrf_token(session).encode())

"""Hostile requests: forms of others, sessions, links, and the staff's pages."""

from __future__ import annotations

from urllib.parse import quote

from hostile_row import MARKUP, Hostile, csrf, fields
from site_of_tests import part

FORMS_AND_TOKENS = [
    Hostile("upload without csrf", lambda w: w.upload(csrf=""), 403, "another session"),
    Hostile("upload with a wrong csrf", lambda w: w.upload(csrf="0" * 64), 403),
    Hostile("upload with another's csrf", lambda w: w.upload(csrf=csrf(w, "bob")), 403),
    Hostile("upload with the session as csrf", lambda w: w.upload(csrf=w.sessions["ada"]), 403),
    Hostile("upload with a csrf that is no ASCII", lambda w: w.upload(csrf="é\udce9\0"), 403),
    Hostile("upload with a csrf of 900 kB", lambda w: w.upload(csrf="a" * 900_000), 400),
    Hostile(
        "upload with the csrf as a file",
        lambda w: w.multipart([part("csrf", csrf(w), "csrf"), part("once", "x")]),
        403,
    ),
    Hostile(
        "upload with the csrf in the address",
        lambda w: w.upload(path=f"/entries?csrf={csrf(w)}", csrf=""),
        403,
    ),
    Hostile("choice without csrf", lambda w: w.form("/choice", csrf=False, entry=""), 403),
    Hostile("appearance without csrf", lambda w: w.form("/appearance", csrf=False, pseudonym="me"), 403),
    Hostile("key without csrf", lambda w: w.form("/terminal-key", csrf=False), 403),
    Hostile("another link without csrf", lambda w: w.form("/another-browser", csrf=False), 403),
    Hostile("leaving without csrf", lambda w: w.form("/leave", csrf=False), 403),
    Hostile("decision without csrf", lambda w: w.form("/staff/decision", "sam", csrf=False, entry="1"), 403),
    Hostile("another's entry chosen", lambda w: w.form("/choice", entry="1"), 422, "one of your own"),
    Hostile(
        "an entry chosen that is not there", lambda w: w.form("/choice", entry="99"), 422, "one of your own"
    ),
    Hostile("a huge number chosen", lambda w: w.form("/choice", entry="9" * 15), 422, "one of your own"),
    Hostile("a number of 5,000 digits chosen", lambda w: w.form("/choice", entry="9" * 5000), 422),
    Hostile("a negative number chosen", lambda w: w.form("/choice", entry="-1"), 422),
    Hostile("digits of another script chosen", lambda w: w.form("/choice", entry="١"), 422),
    Hostile("words of SQL chosen", lambda w: w.form("/choice", entry="1 OR 1=1"), 422),
    Hostile(
        "a form as JSON", lambda w: w.body("POST", "/choice", b'{"entry": 1}', "ada", "application/json"), 403
    ),
    Hostile("a form as text", lambda w: w.body("POST", "/choice", b"entry=1\r\ncsrf=x", "ada"), 403),
    Hostile(
        "a form with a file where none is",
        lambda w: w.multipart([part("csrf", csrf(w)), part("entry", "1", "a.csv")], path="/choice"),
        400,
    ),
]


SESSIONS = [
    Hostile("no session", lambda w: w.head("GET", "/"), 401, "Come in by your link"),
    Hostile("an empty cookie", lambda w: w.head("GET", "/", Cookie="board="), 401),
    Hostile("a made-up cookie", lambda w: w.head("GET", "/", Cookie="board=" + "a" * 26), 401),
    Hostile("a cookie of 10 kB", lambda w: w.head("GET", "/", Cookie="board=" + "a" * 10_000), 401),
    Hostile("a cookie of SQL", lambda w: w.head("GET", "/", Cookie="board=' OR '1'='1"), 401),
    Hostile("a cookie that is no text", lambda w: w.head("GET", "/", Cookie="board=\udcff\udcfe"), 401),
    Hostile("a csrf token as the cookie", lambda w: w.head("GET", "/", Cookie=f"board={csrf(w)}"), 401),
    Hostile(
        "a terminal's key as the cookie", lambda w: w.head("GET", "/", Cookie=f"board={w.keys['ada']}"), 401
    ),
    Hostile("a link as the cookie", lambda w: w.head("GET", "/", Cookie=f"board={w.links['open']}"), 401),
    Hostile(
        "a used link as the cookie", lambda w: w.head("GET", "/", Cookie=f"board={w.links['used']}"), 401
    ),
    Hostile(
        "the cookie of a https site",
        lambda w: w.head("GET", "/", Cookie=f"__Host-board={w.sessions['ada']}"),
        401,
    ),
    Hostile("the session in the address", lambda w: w.head("GET", f"/?board={w.sessions['ada']}"), 401),
    Hostile("the live standing without a session", lambda w: w.head("GET", "/live"), 401),
    Hostile(
        "an upload without a session",
        lambda w: w.multipart(fields(w, part("file", w.good, "p.csv")), None),
        401,
    ),
    Hostile("leaving without a session", lambda w: w.form("/leave", None), 401),
    Hostile(
        "a session as the key",
        lambda w: w.head("GET", "/api/me", Authorization=f"Bearer {w.sessions['ada']}"),
        401,
        '"error"',
    ),
    Hostile("a cookie in place of the key", lambda w: w.head("GET", "/api/me", "ada"), 401, '"error"'),
    Hostile(
        "a key as a password", lambda w: w.head("GET", "/api/me", Authorization=f"Basic {w.keys['ada']}"), 401
    ),
    Hostile("a key in the address", lambda w: w.head("GET", f"/api/me?key={w.keys['ada']}"), 401),
    Hostile("an empty key", lambda w: w.head("GET", "/api/me", Authorization="Bearer "), 401),
    Hostile(
        "a key of 10 kB", lambda w: w.head("GET", "/api/me", Authorization="Bearer " + "a" * 10_000), 401
    ),
    Hostile("a key of SQL", lambda w: w.head("GET", "/api/me", Authorization="Bearer ' OR 1=1 --"), 401),
    Hostile("an upload to the API with a cookie", lambda w: w.upload(path="/api/entries"), 401, '"error"'),
    Hostile(
        "the key of a screen hands in",
        lambda w: w.upload(
            path="/api/entries", who="hall", headers={"Authorization": f"Bearer {w.keys['hall']}"}
        ),
        422,
        "of a student",
    ),
    Hostile(
        "the key of staff hands in",
        lambda w: w.upload(
            path="/api/entries", who="sam", headers={"Authorization": f"Bearer {w.keys['sam']}"}
        ),
        422,
        "of a student",
    ),
]


LINKS = [
    Hostile(
        "a link is opened", lambda w: w.head("GET", f"/join/{w.links['open']}"), 200, "Come in", "set-cookie"
    ),
    Hostile("a link is asked for by HEAD", lambda w: w.head("HEAD", f"/join/{w.links['open']}"), 200),
    Hostile(
        "a link is fetched in advance",
        lambda w: w.head(
            "GET", f"/join/{w.links['open']}", Purpose="prefetch", Sec_Purpose="prefetch;prerender"
        ),
        200,
        "",
        "set-cookie",
    ),
    Hostile("a link is posted", lambda w: w.body("POST", f"/join/{w.links['open']}", b""), 405),
    Hostile("a link is deleted", lambda w: w.head("DELETE", f"/join/{w.links['open']}"), 405),
    Hostile("a link with its options", lambda w: w.head("OPTIONS", f"/join/{w.links['open']}"), 405),
    Hostile(
        "a used link is opened", lambda w: w.head("GET", f"/join/{w.links['used']}"), 410, "has been used"
    ),
    Hostile(
        "a used link is used again",
        lambda w: w.form("/join", None, token=w.links["used"]),
        410,
        "has been used",
    ),
    Hostile("a link that is not there", lambda w: w.head("GET", "/join/" + "a" * 26), 404, "no such link"),
    Hostile("a link of 10 kB", lambda w: w.head("GET", "/join/" + "a" * 10_000), 404),
    Hostile(
        "a link of SQL", lambda w: w.form("/join", None, token="' OR used IS NULL --"), 404, "no such link"
    ),
    Hostile("a link without a token", lambda w: w.form("/join", None), 404),
    Hostile("the token in the address", lambda w: w.body("POST", f"/join?token={w.links['open']}", b""), 404),
    Hostile("a session as a link", lambda w: w.form("/join", None, token=w.sessions["ada"]), 404),
    Hostile(
        "a link used by another site",
        lambda w: w.form("/join", None, token=w.links["open"], headers={"Origin": "https://evil.example"}),
        403,
        "another site",
    ),
    Hostile(
        "markup as a link",
        lambda w: w.head("GET", "/join/" + quote("<script>alert(1)</script>", safe="")),
        404,
        "",
        "<script>alert",
    ),
]


STAFF = [
    *[
        Hostile(
            f"the staff's page for {who}", lambda w, who=who: w.head("GET", "/staff", who), 404, "", "Private"
        )
        for who in ("ada", "hall", None)
    ],
    Hostile("the staff's page by %73taff", lambda w: w.head("GET", "/%73taff", "ada"), 404),
    Hostile("the staff's page by capitals", lambda w: w.head("GET", "/STAFF", "ada"), 404),
    *[
        Hostile(
            f"a decision of {who}",
            lambda w, who=who: w.form("/staff/decision", who, entry="1", counts="yes", note="x"),
            404,
        )
        for who in ("ada", "hall", None)
    ],
    Hostile(
        "a decision by a key",
        lambda w: w.form(
            "/staff/decision",
            None,
            entry="1",
            counts="yes",
            headers={"Authorization": f"Bearer {w.keys['sam']}"},
        ),
        404,
    ),
    Hostile(
        "a decision about no entry", lambda w: w.form("/staff/decision", "sam", entry="99", counts="yes"), 422
    ),
    Hostile(
        "a decision about SQL", lambda w: w.form("/staff/decision", "sam", entry="1;--", counts="yes"), 422
    ),
    Hostile(
        "a decision that is none",
        lambda w: w.form("/staff/decision", "sam", entry="1", counts="perhaps"),
        422,
    ),
    Hostile(
        "markup as a note",
        lambda w: w.form("/staff/decision", "sam", entry="1", counts="no", note=MARKUP),
        303,
        changes=frozenset({"decisions", "settings"}),
    ),
    *[
        Hostile(
            f"{path} of {who}", lambda w, who=who, path=path: w.form(path, who, entry="1", pseudonym="x"), 403
        )
        for who in ("hall", "sam")
        for path in ("/choice", "/appearance", "/terminal-key", "/another-browser")
    ],
    *[Hostile(f"an upload of {who}", lambda w, who=who: w.upload(who=who), 403) for who in ("hall", "sam")],
    Hostile(
        "another's entry on the own page", lambda w: w.head("GET", "/", "ada"), 200, "", "bob's own words"
    ),
    Hostile("another's name on the own page", lambda w: w.head("GET", "/", "ada"), 200, "", "Bob Lovelace"),
]

"""Hostile requests: bodies of forms, and the texts in them."""

from __future__ import annotations

from urllib.parse import quote

from hostile_row import MARKUP, MULTIPART, SCRIPT, SEEN, TAKEN, Hostile, csrf, fields
from site_of_tests import part


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


BODIES = [
    Hostile(
        "5 MB by Content-Length",
        lambda w: w.head("POST", "/entries", "ada", Content_Length="5000000", Content_Type=MULTIPART),
        413,
        "at most 4.2 MB",
    ),
    Hostile(
        "5 MB to the API",
        lambda w: w.head(
            "POST",
            "/api/entries",
            Content_Length="5000000",
            Content_Type=MULTIPART,
            Authorization=f"Bearer {w.keys['ada']}",
        ),
        413,
        '"error"',
    ),
    Hostile(
        "5 MB to come in",
        lambda w: w.head(
            "POST", "/join", Content_Length="5000000", Content_Type="application/x-www-form-urlencoded"
        ),
        413,
    ),
    Hostile(
        "a line of 100 MB by Content-Length",
        lambda w: w.head("POST", "/entries", "ada", Content_Length="100000000", Content_Type=MULTIPART),
        413,
    ),
    Hostile(
        "10^30 bytes by Content-Length",
        lambda w: w.head("POST", "/entries", "ada", Content_Length="1" + "0" * 30),
        400,
    ),
    Hostile(
        "5 MB in chunks",
        lambda w: (
            w.head("POST", "/entries", "ada", Transfer_Encoding="chunked", Content_Type=MULTIPART)
            + chunk(part("file", b"", "p.csv")[:-2])
            + chunk(b"x" * 65536) * 80
        ),
        413,
    ),
    Hostile("Content-Length -1", lambda w: w.head("POST", "/entries", "ada", Content_Length="-1"), 400),
    Hostile(
        "Content-Length in words", lambda w: w.head("POST", "/entries", "ada", Content_Length="many"), 400
    ),
    Hostile(
        "two Content-Lengths",
        lambda w: w.form("/choice", entry="").replace(b"Content-Type", b"Content-Length: 1\r\nContent-Type"),
        400,
    ),
    Hostile(
        "chunks and a Content-Length",
        lambda w: w.form("/choice", entry="", headers={"Transfer-Encoding": "chunked"}),
        400,
    ),
    Hostile(
        "a chunk of no length",
        lambda w: w.head("POST", "/choice", "ada", Transfer_Encoding="chunked") + b"zz\r\n",
        400,
    ),
    Hostile(
        "an unknown Transfer-Encoding",
        lambda w: w.head("POST", "/choice", "ada", Transfer_Encoding="cow"),
        400,
    ),
    Hostile(
        "less than Content-Length says",
        lambda w: (
            w.head(
                "POST",
                "/entries",
                "ada",
                Content_Length="1000",
                Content_Type="multipart/form-data; boundary=b",
            )
            + b"--b"
        ),
        0,
        half=True,
    ),
    Hostile(
        "more than Content-Length says",
        lambda w: w.form("/choice", entry="1") + b"GET /leave HTTP/1.1\r\n\r\n",
        422,
    ),
    Hostile(
        "multipart without its end",
        lambda w: w.multipart(fields(w, part("file", w.good, "p.csv")), end=False),
        422,
        "No file was chosen",
    ),
    Hostile(
        "multipart that breaks off in a head",
        lambda w: w.multipart([b"------boundary\r\nContent-Disp"], end=False),
        403,
    ),
    Hostile(
        "multipart without a boundary",
        lambda w: w.body("POST", "/entries", b"x" * 100, "ada", "multipart/form-data"),
        400,
    ),
    Hostile(
        "multipart with another boundary",
        lambda w: w.body(
            "POST", "/entries", part("csrf", csrf(w)), "ada", "multipart/form-data; boundary=other"
        ),
        400,
    ),
    Hostile(
        "multipart with a boundary of 5 kB",
        lambda w: w.body("POST", "/entries", b"x", "ada", f"multipart/form-data; boundary={'b' * 5000}"),
        400,
    ),
    Hostile(
        "a thousand fields", lambda w: w.multipart(fields(w, *[part(f"f{k}", "x") for k in range(1000)])), 400
    ),
    Hostile(
        "a thousand fields of a small form",
        lambda w: w.form("/choice", **{f"f{k}": "x" for k in range(1000)}),
        400,
    ),
    Hostile(
        "two files",
        lambda w: w.multipart(fields(w, part("file", w.good, "a"), part("file", w.good, "b"))),
        400,
    ),
    Hostile("a field of 2 MB", lambda w: w.upload(description="d" * 2_000_000), 400),
    Hostile("no file", lambda w: w.multipart(fields(w)), 422, "No file was chosen"),
    Hostile("an empty file without a name", lambda w: w.upload(b"", ""), 422, "No file was chosen"),
    Hostile(
        "a file that is a field",
        lambda w: w.multipart(fields(w, part("file", w.good))),
        422,
        "No file was chosen",
    ),
    Hostile(
        "a file of another name",
        lambda w: w.multipart(fields(w, part("evil", w.good, "p.csv"))),
        422,
        "No file was chosen",
    ),
    Hostile("no mark of the upload", lambda w: w.upload(once=""), 422, "different for each upload"),
    Hostile(
        "a mark that is a file",
        lambda w: w.multipart([part("csrf", csrf(w)), part("once", "1", "once")]),
        422,
    ),
    Hostile(
        "a part without a name",
        lambda w: w.multipart([b"------boundary\r\nContent-Type: x/y\r\n\r\nx\r\n"]),
        400,
    ),
    Hostile(
        "a part with 100 kB of heads",
        lambda w: w.multipart([b"------boundary\r\nX: " + b"a" * 100_000 + b"\r\n\r\nx\r\n"]),
        400,
    ),
    Hostile(
        "a part with a thousand heads",
        lambda w: w.multipart([b"------boundary\r\n" + b"X: a\r\n" * 1000 + b"\r\nx\r\n"]),
        400,
    ),
    Hostile(
        "parts in parts",
        lambda w: w.multipart(
            fields(
                w,
                part(
                    "file", part("file", w.good, "p.csv"), "p.csv", "multipart/mixed; boundary=----boundary2"
                ),
            )
        ),
        422,
    ),
    *[
        Hostile(
            f"a form in {charset}",
            lambda w, charset=charset: w.multipart(
                fields(w, part("description", "\\ud800 a-b")), extra=f"; charset={charset}"
            ),
            400,
            "could not be read",
        )
        for charset in (
            "punycode",
            "undefined",
            "idna",
            "unicode_escape",
            "utf-7",
            "zlib_codec",
            '"puny"; charset*1=code',
        )
    ],
    Hostile(
        "a choice in punycode",
        lambda w: w.multipart(
            [part("csrf", csrf(w)), part("entry", "1")], path="/choice", extra="; charset=punycode"
        ),
        400,
    ),
    Hostile(
        "bytes that are no text in each field",
        lambda w: w.upload(description="\udcff\udcfe", csrf="\udcff"),
        403,
    ),
]


TEXTS = [
    Hostile("markup as a description", lambda w: w.upload(description=MARKUP), 303, changes=TAKEN),
    Hostile(
        "markup as the description of a bad file",
        lambda w: w.upload(b"x", description=MARKUP),
        422,
        "&lt;script",
        SCRIPT,
    ),
    Hostile(
        "markup as a pseudonym",
        lambda w: w.form("/appearance", "cleo", pseudonym="<b onclick=alert(1)>"),
        303,
        changes=SEEN,
    ),
    Hostile(
        "long markup as a pseudonym",
        lambda w: w.form("/appearance", pseudonym=MARKUP),
        422,
        "A pseudonym has 1 to 30",
        SCRIPT,
    ),
    Hostile(
        "a pseudonym that turns lines around", lambda w: w.form("/appearance", pseudonym="\u202eada"), 422
    ),
    Hostile("a pseudonym of accents", lambda w: w.form("/appearance", pseudonym="a" + "\u0301" * 20), 422),
    Hostile("a pseudonym of NUL", lambda w: w.form("/appearance", pseudonym="a\0b"), 422),
    Hostile("a pseudonym of 900 kB", lambda w: w.form("/appearance", pseudonym="a" * 900_000), 413),
    Hostile("no pseudonym", lambda w: w.form("/appearance"), 422),
    Hostile(
        "another's id as a pseudonym",
        lambda w: w.form("/appearance", pseudonym="BOB"),
        422,
        "Somebody else is called",
    ),
    Hostile("another's name as a pseudonym", lambda w: w.form("/appearance", pseudonym="bob  lovelace"), 422),
    Hostile(
        "SQL as a pseudonym",
        lambda w: w.form("/appearance", pseudonym="x', role='staff' --"),
        303,
        changes=SEEN,
    ),
    Hostile(
        "SQL as a description",
        lambda w: w.upload(description="'); DELETE FROM entries; --"),
        303,
        changes=TAKEN,
    ),
    Hostile("SQL as the mark of an upload", lambda w: w.upload(once="' OR 1=1 --"), 303, changes=TAKEN),
    Hostile("a mark of 900 kB", lambda w: w.upload(once="o" * 900_000), 400),
    Hostile(
        "a head in a description",
        lambda w: w.upload(description="x\r\nSet-Cookie: board=evil"),
        303,
        "",
        "evil",
        changes=TAKEN,
    ),
    Hostile(
        "a head in the address",
        lambda w: w.head("GET", "/?taken=1%0d%0aSet-Cookie:%20x=evil", "ada"),
        200,
        "",
        "x=evil",
    ),
    Hostile(
        "a head in what was saved",
        lambda w: w.head("GET", "/?saved=%0d%0aSet-Cookie:y=evil", "ada"),
        200,
        "",
        "y=evil",
    ),
    Hostile(
        "markup in the address",
        lambda w: w.head("GET", f"/?taken={quote(MARKUP)}&saved={quote(MARKUP)}", "ada"),
        200,
        "",
        "onerror='alert(1)'>{{",
    ),
    Hostile(
        "another's entry in the address", lambda w: w.head("GET", "/?taken=1", "ada"), 200, "", "was taken"
    ),
    Hostile("a head in a link", lambda w: w.head("GET", "/join/%0d%0aSet-Cookie:evil"), 404, "", "evil"),
    Hostile("ten thousand parameters", lambda w: w.head("GET", "/?" + "a=1&" * 10_000, "ada"), 200),
]

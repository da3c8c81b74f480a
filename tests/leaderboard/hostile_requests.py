"""Hostile requests and uploads, a row each: what is sent, what must come back, what it may change."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from site_of_tests import World, part

from lib.leaderboard.site.csrf import csrf_token

TAKEN = frozenset({"entries", "participants", "settings", "sqlite_sequence"})  # what an entry changes
SEEN = frozenset({"participants", "settings"})  # what another pseudonym changes


@dataclass(frozen=True)
class Hostile:
    """One of the rows.

    name: what is tried
    sends: the bytes of the request
    status: that comes back; 0 for a connection that is closed
    words: in the answer
    never: not in the answer, nor in its head
    changes: the tables that may differ afterwards
    half: whether the sender closes its side
    """

    name: str
    sends: Callable[[World], bytes]
    status: int
    words: str = ""
    never: str = ""
    changes: frozenset[str] = frozenset()
    half: bool = False


def csrf(world: World, who: str = "ada") -> str:
    return csrf_token(world.sessions[who])


def fields(world: World, *more: bytes) -> list[bytes]:
    """The parts that each upload has, but for the file."""
    world.once += 1
    return [part("csrf", csrf(world)), part("once", str(world.once)), *more]


FORMS_AND_TOKENS = [
    Hostile("upload without csrf", lambda w: w.upload(csrf=""), 403, "another session"),
    Hostile("upload with a wrong csrf", lambda w: w.upload(csrf="0" * 64), 403),
    Hostile("upload with another's csrf", lambda w: w.upload(csrf=csrf(w, "bob")), 403),
    Hostile("upload with the session as csrf", lambda w: w.upload(csrf=w.sessions["ada"]), 403),
    Hostile("upload with a csrf that is no ASCII", lambda w: w.upload(csrf="é\udce9\0"), 403),
    Hostile("upload with a csrf of 900 kB", lambda w: w.upload(csrf="a" * 900_000), 403),
    Hostile(
        "upload with the csrf as a file",
        lambda w: w.multipart([part("csrf", csrf(w), "csrf"), part("once", "x")]), 403,
    ),
    Hostile("upload with the csrf in the address", lambda w: w.upload(path=f"/entries?csrf={csrf(w)}", csrf=""), 403),
    Hostile("choice without csrf", lambda w: w.form("/choice", csrf=False, entry=""), 403),
    Hostile("appearance without csrf", lambda w: w.form("/appearance", csrf=False, pseudonym="me"), 403),
    Hostile("key without csrf", lambda w: w.form("/terminal-key", csrf=False), 403),
    Hostile("leaving without csrf", lambda w: w.form("/leave", csrf=False), 403),
    Hostile("decision without csrf", lambda w: w.form("/staff/decision", "sam", csrf=False, entry="1"), 403),
    Hostile("another's entry chosen", lambda w: w.form("/choice", entry="1"), 422, "one of your own"),
    Hostile("an entry chosen that is not there", lambda w: w.form("/choice", entry="99"), 422, "one of your own"),
    Hostile("a huge number chosen", lambda w: w.form("/choice", entry="9" * 15), 422, "one of your own"),
    Hostile("a number of 5,000 digits chosen", lambda w: w.form("/choice", entry="9" * 5000), 422),
    Hostile("a negative number chosen", lambda w: w.form("/choice", entry="-1"), 422),
    Hostile("digits of another script chosen", lambda w: w.form("/choice", entry="١"), 422),
    Hostile("words of SQL chosen", lambda w: w.form("/choice", entry="1 OR 1=1"), 422),
    Hostile("a form as JSON", lambda w: w.body("POST", "/choice", b'{"entry": 1}', "ada", "application/json"), 403),
    Hostile("a form as text", lambda w: w.body("POST", "/choice", b"entry=1\r\ncsrf=x", "ada"), 403),
    Hostile("a form with a file where none is", lambda w: w.multipart(
        [part("csrf", csrf(w)), part("entry", "1", "a.csv")], path="/choice"), 400),
]  # fmt: skip

SESSIONS = [
    Hostile("no session", lambda w: w.head("GET", "/"), 401, "Come in by your link"),
    Hostile("an empty cookie", lambda w: w.head("GET", "/", Cookie="board="), 401),
    Hostile("a made-up cookie", lambda w: w.head("GET", "/", Cookie="board=" + "a" * 26), 401),
    Hostile("a cookie of 10 kB", lambda w: w.head("GET", "/", Cookie="board=" + "a" * 10_000), 401),
    Hostile("a cookie of SQL", lambda w: w.head("GET", "/", Cookie="board=' OR '1'='1"), 401),
    Hostile("a cookie that is no text", lambda w: w.head("GET", "/", Cookie="board=\udcff\udcfe"), 401),
    Hostile("a csrf token as the cookie", lambda w: w.head("GET", "/", Cookie=f"board={csrf(w)}"), 401),
    Hostile("a terminal's key as the cookie", lambda w: w.head("GET", "/", Cookie=f"board={w.keys['ada']}"), 401),
    Hostile("a link as the cookie", lambda w: w.head("GET", "/", Cookie=f"board={w.links['open']}"), 401),
    Hostile("a used link as the cookie", lambda w: w.head("GET", "/", Cookie=f"board={w.links['used']}"), 401),
    Hostile("the cookie of a https site", lambda w: w.head("GET", "/", Cookie=f"__Host-board={w.sessions['ada']}"), 401),
    Hostile("the session in the address", lambda w: w.head("GET", f"/?board={w.sessions['ada']}"), 401),
    Hostile("the live standing without a session", lambda w: w.head("GET", "/live"), 401),
    Hostile("an upload without a session", lambda w: w.multipart(fields(w, part("file", w.good, "p.csv")), None), 401),
    Hostile("leaving without a session", lambda w: w.form("/leave", None), 401),
    Hostile("a session as the key", lambda w: w.head("GET", "/api/me", Authorization=f"Bearer {w.sessions['ada']}"), 401, '"error"'),
    Hostile("a cookie in place of the key", lambda w: w.head("GET", "/api/me", "ada"), 401, '"error"'),
    Hostile("a key as a password", lambda w: w.head("GET", "/api/me", Authorization=f"Basic {w.keys['ada']}"), 401),
    Hostile("a key in the address", lambda w: w.head("GET", f"/api/me?key={w.keys['ada']}"), 401),
    Hostile("an empty key", lambda w: w.head("GET", "/api/me", Authorization="Bearer "), 401),
    Hostile("a key of 10 kB", lambda w: w.head("GET", "/api/me", Authorization="Bearer " + "a" * 10_000), 401),
    Hostile("a key of SQL", lambda w: w.head("GET", "/api/me", Authorization="Bearer ' OR 1=1 --"), 401),
    Hostile("an upload to the API with a cookie", lambda w: w.upload(path="/api/entries"), 401, '"error"'),
    Hostile("the key of a screen hands in", lambda w: w.upload(
        path="/api/entries", who="hall", headers={"Authorization": f"Bearer {w.keys['hall']}"}), 422, "of a student"),
    Hostile("the key of staff hands in", lambda w: w.upload(
        path="/api/entries", who="sam", headers={"Authorization": f"Bearer {w.keys['sam']}"}), 422, "of a student"),
]  # fmt: skip

LINKS = [
    Hostile("a link is opened", lambda w: w.head("GET", f"/join/{w.links['open']}"), 200, "Come in", "set-cookie"),
    Hostile("a link is asked for by HEAD", lambda w: w.head("HEAD", f"/join/{w.links['open']}"), 200),
    Hostile("a link is fetched in advance", lambda w: w.head(
        "GET", f"/join/{w.links['open']}", Purpose="prefetch", Sec_Purpose="prefetch;prerender"), 200, "", "set-cookie"),
    Hostile("a link is posted", lambda w: w.body("POST", f"/join/{w.links['open']}", b""), 405),
    Hostile("a link is deleted", lambda w: w.head("DELETE", f"/join/{w.links['open']}"), 405),
    Hostile("a link with its options", lambda w: w.head("OPTIONS", f"/join/{w.links['open']}"), 405),
    Hostile("a used link is opened", lambda w: w.head("GET", f"/join/{w.links['used']}"), 410, "has been used"),
    Hostile("a used link is used again", lambda w: w.form("/join", None, token=w.links["used"]), 410, "has been used"),
    Hostile("a link that is not there", lambda w: w.head("GET", "/join/" + "a" * 26), 404, "no such link"),
    Hostile("a link of 10 kB", lambda w: w.head("GET", "/join/" + "a" * 10_000), 404),
    Hostile("a link of SQL", lambda w: w.form("/join", None, token="' OR used IS NULL --"), 404, "no such link"),
    Hostile("a link without a token", lambda w: w.form("/join", None), 404),
    Hostile("the token in the address", lambda w: w.body("POST", f"/join?token={w.links['open']}", b""), 404),
    Hostile("a session as a link", lambda w: w.form("/join", None, token=w.sessions["ada"]), 404),
    Hostile("a link used by another site", lambda w: w.form(
        "/join", None, token=w.links["open"], headers={"Origin": "https://evil.example"}), 403, "another site"),
    Hostile("markup as a link", lambda w: w.head("GET", "/join/" + quote("<script>alert(1)</script>", safe="")), 404, "", "<script>alert"),
]  # fmt: skip

MULTIPART = "multipart/form-data; boundary=----boundary"


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


BODIES = [
    Hostile("5 MB by Content-Length", lambda w: w.head("POST", "/entries", "ada", Content_Length="5000000", Content_Type=MULTIPART), 413, "at most 4.2 MB"),
    Hostile("5 MB to the API", lambda w: w.head("POST", "/api/entries", Content_Length="5000000", Content_Type=MULTIPART, Authorization=f"Bearer {w.keys['ada']}"), 413, '"error"'),
    Hostile("5 MB to come in", lambda w: w.head("POST", "/join", Content_Length="5000000", Content_Type="application/x-www-form-urlencoded"), 413),
    Hostile("a line of 100 MB by Content-Length", lambda w: w.head("POST", "/entries", "ada", Content_Length="100000000", Content_Type=MULTIPART), 413),
    Hostile("10^30 bytes by Content-Length", lambda w: w.head("POST", "/entries", "ada", Content_Length="1" + "0" * 30), 400),
    Hostile("5 MB in chunks", lambda w: w.head(
        "POST", "/entries", "ada", Transfer_Encoding="chunked",
        Content_Type=MULTIPART) + chunk(part("file", b"", "p.csv")[:-2]) + chunk(b"x" * 65536) * 80, 413),
    Hostile("Content-Length -1", lambda w: w.head("POST", "/entries", "ada", Content_Length="-1"), 400),
    Hostile("Content-Length in words", lambda w: w.head("POST", "/entries", "ada", Content_Length="many"), 400),
    Hostile("two Content-Lengths", lambda w: w.form("/choice", entry="").replace(b"Content-Type", b"Content-Length: 1\r\nContent-Type"), 400),
    Hostile("chunks and a Content-Length", lambda w: w.form("/choice", entry="", headers={"Transfer-Encoding": "chunked"}), 400),
    Hostile("a chunk of no length", lambda w: w.head("POST", "/choice", "ada", Transfer_Encoding="chunked") + b"zz\r\n", 400),
    Hostile("an unknown Transfer-Encoding", lambda w: w.head("POST", "/choice", "ada", Transfer_Encoding="cow"), 400),
    Hostile("less than Content-Length says", lambda w: w.head(
        "POST", "/entries", "ada", Content_Length="1000", Content_Type="multipart/form-data; boundary=b") + b"--b", 0, half=True),
    Hostile("more than Content-Length says", lambda w: w.form("/choice", entry="1") + b"GET /leave HTTP/1.1\r\n\r\n", 422),
    Hostile("multipart without its end", lambda w: w.multipart(fields(w, part("file", w.good, "p.csv")), end=False), 422, "got none"),
    Hostile("multipart that breaks off in a head", lambda w: w.multipart([b'------boundary\r\nContent-Disp'], end=False), 403),
    Hostile("multipart without a boundary", lambda w: w.body("POST", "/entries", b"x" * 100, "ada", "multipart/form-data"), 400),
    Hostile("multipart with another boundary", lambda w: w.body("POST", "/entries", part("csrf", csrf(w)), "ada", "multipart/form-data; boundary=other"), 400),
    Hostile("multipart with a boundary of 5 kB", lambda w: w.body("POST", "/entries", b"x", "ada", f"multipart/form-data; boundary={'b' * 5000}"), 400),
    Hostile("a thousand fields", lambda w: w.multipart(fields(w, *[part(f"f{k}", "x") for k in range(1000)])), 400),
    Hostile("a thousand fields of a small form", lambda w: w.form("/choice", **{f"f{k}": "x" for k in range(1000)}), 400),
    Hostile("two files", lambda w: w.multipart(fields(w, part("file", w.good, "a"), part("file", w.good, "b"))), 400),
    Hostile("a field of 2 MB", lambda w: w.upload(description="d" * 2_000_000), 400),
    Hostile("no file", lambda w: w.multipart(fields(w)), 422, "expected a file of predictions, got none"),
    Hostile("an empty file without a name", lambda w: w.upload(b"", ""), 422, "got none"),
    Hostile("a file that is a field", lambda w: w.multipart(fields(w, part("file", w.good))), 422, "got none"),
    Hostile("a file of another name", lambda w: w.multipart(fields(w, part("evil", w.good, "p.csv"))), 422, "got none"),
    Hostile("no mark of the upload", lambda w: w.upload(once=""), 422, "different for each upload"),
    Hostile("a mark that is a file", lambda w: w.multipart([part("csrf", csrf(w)), part("once", "1", "once")]), 422),
    Hostile("a part without a name", lambda w: w.multipart([b"------boundary\r\nContent-Type: x/y\r\n\r\nx\r\n"]), 400),
    Hostile("a part with 100 kB of heads", lambda w: w.multipart(
        [b"------boundary\r\nX: " + b"a" * 100_000 + b"\r\n\r\nx\r\n"]), 400),
    Hostile("a part with a thousand heads", lambda w: w.multipart(
        [b"------boundary\r\n" + b"X: a\r\n" * 1000 + b"\r\nx\r\n"]), 400),
    Hostile("parts in parts", lambda w: w.multipart(fields(w, part(
        "file", part("file", w.good, "p.csv"), "p.csv", "multipart/mixed; boundary=----boundary2"))), 422),
    *[
        Hostile(f"a form in {charset}", lambda w, charset=charset: w.multipart(
            fields(w, part("description", "\\ud800 a-b")), extra=f"; charset={charset}"), 400, "could not be read")
        for charset in ("punycode", "undefined", "idna", "unicode_escape", "utf-7", "zlib_codec", '"puny"; charset*1=code')
    ],
    Hostile("a choice in punycode", lambda w: w.multipart(
        [part("csrf", csrf(w)), part("entry", "1")], path="/choice", extra="; charset=punycode"), 400),
    Hostile("bytes that are no text in each field", lambda w: w.upload(description="\udcff\udcfe", csrf="\udcff"), 403),
]  # fmt: skip


SCRIPT = "<script>alert(1)</script>"
NAMES = {
    "../": "../../../etc/passwd",
    "..\\": "..\\..\\windows\\system.ini",
    "absolute": "/etc/passwd",
    "NUL": "a\0b.csv",
    "ESC": "a\x1b[2Jb.csv",
    "newline in another head": "a.csv\nX-Evil: 1",
    "as long as a disk takes": "n" * 250,
    "right to left": "\u202evsc.exe",
    "HTML": "<img src=x onerror=alert(1)>.csv",
    "a quote": "a'onload='alert(1).csv",
    "SQL": "'; DROP TABLE entries; --",
    "a formula": "=HYPERLINK(1).csv",
    "a template": "{{ 7 * 7 }}{% raw %}.csv",
    "no text": "\udcff\udcfe.csv",
    "dots": "..",
    "a device": "CON",
}
FILE_NAMES = [
    Hostile("a file called: 5 kB", lambda w: w.upload(name="n" * 5000), 400, "could not be read"),
    *[
        Hostile(f"a file called: {kind}", lambda w, name=name: w.upload(name=name), 303, "", "evil", changes=TAKEN)
        for kind, name in NAMES.items()
    ],
    *[
        Hostile(f"a bad file called: {kind}", lambda w, name=name: w.upload(b"x", name), 422, "expected the header", "<img src=x")
        for kind, name in NAMES.items()
    ],
]  # fmt: skip


def zipped(files: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def zip_bomb() -> bytes:
    return zipped({"p.csv": b"0" * (100 << 20)})


def lying_zip() -> bytes:
    """One that says that it is small."""
    lie = bytearray(zip_bomb())
    for at in (22, lie.rindex(b"PK\x01\x02") + 24):
        lie[at : at + 4] = struct.pack("<I", 100)
    return bytes(lie)


def encrypted(world: World) -> bytes:
    content = bytearray(zipped({"p.csv": world.good}))
    content[6] |= 1  # the flag, in the file and in the list
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


ARCHIVES = [
    Hostile("a zip bomb", lambda w: w.upload(zip_bomb(), "p.zip"), 422, "far longer"),
    Hostile("a zip bomb that lies", lambda w: w.upload(lying_zip(), "p.zip"), 422),
    Hostile("a gz bomb", lambda w: w.upload(gzip.compress(b"0" * (100 << 20), 1), "p.gz"), 422, "far longer"),
    Hostile("a gz bomb of many parts", lambda w: w.upload(gzip.compress(b"0" * (10 << 20), 1) * 50, "p.gz"), 422),
    Hostile("a zip in a zip", lambda w: w.upload(zipped({"p.zip": zipped({"p.csv": w.good})}), "p.zip"), 422, "holds a zip"),
    Hostile("a zip in a gz", lambda w: w.upload(gzip.compress(zipped({"p.csv": w.good}))), 422, "holds a zip"),
    Hostile("a gz in a gz", lambda w: w.upload(gzip.compress(gzip.compress(w.good))), 422, "holds a gz"),
    Hostile("a zip with paths", lambda w: w.upload(zipped({"../../../etc/cron.d/p": w.good}), "p.zip"), 422, "cannot be read"),
    Hostile("a zip with an absolute path", lambda w: w.upload(zipped({"/etc/passwd": w.good}), "p.zip"), 303, changes=TAKEN),
    Hostile("a zip with markup in a name", lambda w: w.upload(zipped({SCRIPT: w.good, "b": b""}), "p.zip"), 422, "2 files", SCRIPT),
    Hostile("a zip with ten thousand files", lambda w: w.upload(zipped({f"{k}": b"" for k in range(10_000)}), "p.zip"), 422),
    Hostile("a zip with a password", lambda w: w.upload(encrypted(w), "p.zip"), 422, "a password"),
    Hostile("a zip that is cut", lambda w: w.upload(zipped({"p.csv": w.good})[:-30], "p.zip"), 422, "cannot be read"),
    Hostile("a zip with a wrong checksum", lambda w: w.upload(
        zipped({"p.csv": w.good}, zipfile.ZIP_STORED).replace(b"\n7,", b"\n9,"), "p.zip"), 422, "cannot be read"),
    Hostile("a gz that is cut", lambda w: w.upload(gzip.compress(w.good)[:-9]), 422, "it is cut"),
    Hostile("a rar", lambda w: w.upload(b"Rar!\x1a\x07\x01\0 and so on", "p.rar"), 422, "got a rar archive; unpack it"),
    Hostile("a 7z", lambda w: w.upload(b"7z\xbc\xaf\x27\x1c and so on", "p.7z"), 422, "got a 7z archive"),
    Hostile("a picture", lambda w: w.upload(b"\x89PNG\r\n\x1a\n\0\0\xff", "p.csv"), 422),
    Hostile("a pickle", lambda w: w.upload(b"\x80\x04cos\nsystem\n(S'true'\ntR.", "p.csv"), 422),
    Hostile("a page with a script", lambda w: w.upload(SCRIPT.encode(), "p.html"), 422, "expected the header", SCRIPT),
]  # fmt: skip


def with_line(world: World, number: int, line: str) -> bytes:
    lines = world.good.decode().splitlines()
    return "\n".join([*lines[: number - 1], line, *lines[number:]]).encode()


def without_line(world: World) -> bytes:
    return b"\n".join(world.good.splitlines()[:-1])


TABLES = [
    Hostile("a BOM", lambda w: w.upload(b"\xef\xbb\xbf" + w.good), 303, changes=TAKEN),
    Hostile("CRLF", lambda w: w.upload(w.good.replace(b"\n", b"\r\n")), 303, changes=TAKEN),
    Hostile("semicolons", lambda w: w.upload(w.good.replace(b",", b";")), 422, "use commas, no semicolons"),
    Hostile("UTF-16", lambda w: w.upload(w.good.decode().encode("utf-16")), 422, "save it as CSV UTF-8"),
    Hostile("NUL bytes", lambda w: w.upload(w.good.replace(b"\n7,", b"\n7\0,")), 422, "line 8"),
    Hostile("nothing but NUL", lambda w: w.upload(bytes(3 << 20)), 422),
    Hostile("no header", lambda w: w.upload(w.good[9:]), 422, "line 1: expected the header id,label"),
    Hostile("a row too few", lambda w: w.upload(without_line(w)), 422, "expected 200 predictions, got 199"),
    Hostile("a row too many", lambda w: w.upload(w.good + b"201,3\n"), 422, "line 202: expected an id from 1 to 200"),
    Hostile("an id twice", lambda w: w.upload(with_line(w, 9, "7,1")), 422, "got 7 again, after line 8"),
    Hostile("a negative label", lambda w: w.upload(with_line(w, 9, "8,-1")), 422, "line 9: expected a label"),
    Hostile("a decimal", lambda w: w.upload(with_line(w, 9, "8,3.0")), 422, "write whole numbers"),
    Hostile("a power of ten", lambda w: w.upload(with_line(w, 9, "8,1e9")), 422),
    Hostile("nan", lambda w: w.upload(with_line(w, 9, "8,nan")), 422),
    Hostile("a label of 5,000 digits", lambda w: w.upload(with_line(w, 9, "8," + "9" * 5000)), 422),
    Hostile("an id of 2^64", lambda w: w.upload(with_line(w, 9, f"{2**64},1")), 422),
    Hostile("the name of a class", lambda w: w.upload(with_line(w, 9, "8,cat")), 422, "the number of the class"),
    Hostile("a formula", lambda w: w.upload(with_line(w, 9, "8,=cmd|' /C calc'!A0")), 422),
    Hostile("markup in a cell", lambda w: w.upload(with_line(w, 9, f"8,{SCRIPT}")), 422, "&lt;script", SCRIPT),
    Hostile("a quote that never ends", lambda w: w.upload(with_line(w, 9, '8,"')), 422),
    Hostile("a line of 3 MB", lambda w: w.upload(b"id,label\n" + b"1" * (3 << 20)), 422),
    Hostile("a million lines", lambda w: w.upload(b"id,label\n" + b"1,1\n" * 500_000), 422),
    Hostile("a million commas", lambda w: w.upload(b"id,label" + b"," * 1_000_000), 422),
]  # fmt: skip

PLACES = [
    Hostile("a stranger's Host", lambda w: w.head("GET", "/", "ada", Host="evil.example"), 421, "not the address", "Ada"),
    Hostile("no Host", lambda w: w.head("GET", "/", "ada", Host=None), 421),
    Hostile("no Host in HTTP/1.0", lambda w: w.head("GET", "/", "ada", Host=None).replace(b"1.1", b"1.0", 1), 421),
    Hostile("two Hosts", lambda w: w.head("GET", "/", "ada", host="evil.example"), 421),
    Hostile("a Host with a name before it", lambda w: w.head("GET", "/", "ada", Host=f"{w.host}@evil.example"), 421),
    Hostile("an address of another site", lambda w: w.head("GET", "http://evil.example/", "ada", Host="evil.example"), 421),
    Hostile("Origin: null", lambda w: w.form("/choice", entry="", headers={"Origin": "null"}), 403, "another site"),
    Hostile("another Origin", lambda w: w.form("/choice", entry="", headers={"Origin": "https://evil.example"}), 403),
    Hostile("another port as Origin", lambda w: w.form("/choice", entry="", headers={"Origin": "http://127.0.0.1:1"}), 403),
    Hostile("Sec-Fetch-Site: cross-site", lambda w: w.form("/choice", entry="", headers={"Sec-Fetch-Site": "cross-site"}), 403),
    Hostile("Sec-Fetch-Site: same-site", lambda w: w.form("/leave", headers={"Sec-Fetch-Site": "same-site"}), 403),
    Hostile("an upload from another site", lambda w: w.upload(headers={"Origin": "https://evil.example"}), 403),
    Hostile("an upload to the API from another site", lambda w: w.upload(
        path="/api/entries", headers={"Origin": "null", "Authorization": f"Bearer {w.keys['ada']}"}), 403),
    Hostile("X-Forwarded-* of a stranger", lambda w: w.head(
        "GET", "/", "ada", X_Forwarded_For="1.2.3.4", X_Forwarded_Host="evil.example", X_Forwarded_Proto="https",
        Forwarded="host=evil.example", X_Forwarded_Port="1"), 200, "Ada", "evil.example"),
    Hostile("a redirect to a stranger's Host", lambda w: w.head(
        "GET", "/staff/", "ada", X_Forwarded_Host="evil.example"), 307, "", "evil.example"),
    Hostile("another method by a header", lambda w: w.head("GET", "/", "ada", X_HTTP_Method_Override="DELETE"), 200, "Ada"),
    Hostile("another path by a header", lambda w: w.head(
        "GET", "/", "ada", X_Original_URL="/staff", X_Rewrite_URL="/staff"), 200, "Ada", "Entries and decisions"),
    *[
        Hostile(f"a path: {path}", lambda w, path=path: w.head("GET", path, "ada"), 404, "", "make_app")
        for path in (
            "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/%2e%2e%2f%2e%2e%2fboard.db",
            "/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/..%5c..%5capp.py", "/static/board.css%00",
            "/static/", "/static/....//app.py", "/board.db", "/.git/config", "/join/a%2fb", "/join/%2e%2e%2fstaff",
            "/%2e%2e/%2e%2e/etc/passwd", "/entries/1", "/api/", "/staff/../staff/decision", "/docs", "/openapi.json",
            "/static/" + "a/" * 2000, "/%00", "/%ff%fe", "/%ED%A0%80",
        )
    ],
    *[
        Hostile(f"{method} {path}", lambda w, method=method, path=path: w.head(method, path, "ada"), status, "", "Cookie")
        for method, path, status in (
            ("TRACE", "/", 405), ("PUT", "/entries", 405), ("DELETE", "/", 405), ("PATCH", "/choice", 405),
            ("OPTIONS", "/entries", 405), ("GET", "/entries", 405), ("GET", "/leave", 405), ("GET", "/terminal-key", 405),
            ("POST", "/", 405), ("PROPFIND", "/", 405), ("FOO", "/", 400), ("get", "/", 400), ("G\0T", "/", 400),
        )
    ],
    Hostile("a way through", lambda w: w.head("CONNECT", "evil.example:443", "ada"), 400),
    Hostile("a change of protocol", lambda w: w.head(
        "GET", "/live", Connection="Upgrade, close", Upgrade="websocket", Sec_WebSocket_Key="x", Sec_WebSocket_Version="13"), 401),
    Hostile("no HTTP at all", lambda w: b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(100), 400),
    Hostile("a path of 100 kB", lambda w: w.head("GET", "/" + "a" * 100_000, "ada")[:90_000], 400, "head of the request"),
    Hostile("a head of 1 MB", lambda w: w.head("GET", "/", "ada", X="a" * 1_000_000)[:-4], 400),
    Hostile("ten thousand heads", lambda w: w.head("GET", "/", "ada")[:-2] + b"X: y\r\n" * 20_000, 400),
    Hostile("a head on two lines", lambda w: w.head("GET", "/", "ada", X="y\r\n Host: evil.example"), 400),
    Hostile("a bare CR in a head", lambda w: w.head("GET", "/", "ada", X="y\rHost: evil.example"), 400),
]  # fmt: skip

MARKUP = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>{{ 7*7 }}"
TEXTS = [
    Hostile("markup as a description", lambda w: w.upload(description=MARKUP), 303, changes=TAKEN),
    Hostile("markup as the description of a bad file", lambda w: w.upload(b"x", description=MARKUP), 422, "&lt;script", SCRIPT),
    Hostile("markup as a pseudonym", lambda w: w.form("/appearance", "cleo", pseudonym="<b onclick=alert(1)>"), 303, changes=SEEN),
    Hostile("long markup as a pseudonym", lambda w: w.form("/appearance", pseudonym=MARKUP), 422, "pseudonym: expected", SCRIPT),
    Hostile("a pseudonym that turns lines around", lambda w: w.form("/appearance", pseudonym="\u202eada"), 422),
    Hostile("a pseudonym of accents", lambda w: w.form("/appearance", pseudonym="a" + "\u0301" * 20), 422),
    Hostile("a pseudonym of NUL", lambda w: w.form("/appearance", pseudonym="a\0b"), 422),
    Hostile("a pseudonym of 900 kB", lambda w: w.form("/appearance", pseudonym="a" * 900_000), 422),
    Hostile("no pseudonym", lambda w: w.form("/appearance"), 422),
    Hostile("another's id as a pseudonym", lambda w: w.form("/appearance", pseudonym="BOB"), 422, "that nobody has"),
    Hostile("another's name as a pseudonym", lambda w: w.form("/appearance", pseudonym="bob  lovelace"), 422),
    Hostile("SQL as a pseudonym", lambda w: w.form("/appearance", pseudonym="x', role='staff' --"), 303, changes=SEEN),
    Hostile("SQL as a description", lambda w: w.upload(description="'); DELETE FROM entries; --"), 303, changes=TAKEN),
    Hostile("SQL as the mark of an upload", lambda w: w.upload(once="' OR 1=1 --"), 303, changes=TAKEN),
    Hostile("a mark of 900 kB", lambda w: w.upload(once="o" * 900_000), 303, changes=TAKEN),
    Hostile("a head in a description", lambda w: w.upload(
        description="x\r\nSet-Cookie: board=evil"), 303, "", "evil", changes=TAKEN),
    Hostile("a head in the address", lambda w: w.head("GET", "/?taken=1%0d%0aSet-Cookie:%20x=evil", "ada"), 200, "", "x=evil"),
    Hostile("a head in what was saved", lambda w: w.head("GET", "/?saved=%0d%0aSet-Cookie:y=evil", "ada"), 200, "", "y=evil"),
    Hostile("markup in the address", lambda w: w.head("GET", f"/?taken={quote(MARKUP)}&saved={quote(MARKUP)}", "ada"), 200, "", "onerror='alert(1)'>{{"),
    Hostile("another's entry in the address", lambda w: w.head("GET", "/?taken=1", "ada"), 200, "", "was taken"),
    Hostile("a head in a link", lambda w: w.head("GET", "/join/%0d%0aSet-Cookie:evil"), 404, "", "evil"),
    Hostile("ten thousand parameters", lambda w: w.head("GET", "/?" + "a=1&" * 10_000, "ada"), 200),
]  # fmt: skip

STAFF = [
    *[
        Hostile(f"the staff's page for {who}", lambda w, who=who: w.head("GET", "/staff", who), 404, "", "Private")
        for who in ("ada", "hall", None)
    ],
    Hostile("the staff's page by %73taff", lambda w: w.head("GET", "/%73taff", "ada"), 404),
    Hostile("the staff's page by capitals", lambda w: w.head("GET", "/STAFF", "ada"), 404),
    *[
        Hostile(f"a decision of {who}", lambda w, who=who: w.form(
            "/staff/decision", who, entry="1", counts="yes", note="x"), 404)
        for who in ("ada", "hall", None)
    ],
    Hostile("a decision by a key", lambda w: w.form("/staff/decision", None, entry="1", counts="yes", headers={
        "Authorization": f"Bearer {w.keys['sam']}"}), 404),
    Hostile("a decision about no entry", lambda w: w.form("/staff/decision", "sam", entry="99", counts="yes"), 422),
    Hostile("a decision about SQL", lambda w: w.form("/staff/decision", "sam", entry="1;--", counts="yes"), 422),
    Hostile("a decision that is none", lambda w: w.form("/staff/decision", "sam", entry="1", counts="perhaps"), 422),
    Hostile("markup as a note", lambda w: w.form("/staff/decision", "sam", entry="1", counts="no", note=MARKUP), 303, changes=frozenset({"decisions", "settings"})),
    *[Hostile(f"{path} of {who}", lambda w, who=who, path=path: w.form(path, who, entry="1", pseudonym="x"), 403)
      for who in ("hall", "sam") for path in ("/choice", "/appearance", "/terminal-key")],
    *[Hostile(f"an upload of {who}", lambda w, who=who: w.upload(who=who), 403) for who in ("hall", "sam")],
    Hostile("another's entry on the own page", lambda w: w.head("GET", "/", "ada"), 200, "", "bob's own words"),
    Hostile("another's name on the own page", lambda w: w.head("GET", "/", "ada"), 200, "", "Bob Lovelace"),
]  # fmt: skip

HOSTILE = [
    *FORMS_AND_TOKENS, *SESSIONS, *LINKS, *BODIES, *FILE_NAMES, *ARCHIVES, *TABLES, *PLACES, *TEXTS, *STAFF,
]  # fmt: skip

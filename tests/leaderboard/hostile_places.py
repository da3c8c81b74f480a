"""Hostile requests: hosts, origins, paths, methods, and lines that are no HTTP."""

from __future__ import annotations

from hostile_row import Hostile

PLACES = [
    Hostile(
        "a stranger's Host",
        lambda w: w.head("GET", "/", "ada", Host="evil.example"),
        421,
        "not the address",
        "Ada",
    ),
    Hostile("no Host", lambda w: w.head("GET", "/", "ada", Host=None), 421),
    Hostile(
        "no Host in HTTP/1.0", lambda w: w.head("GET", "/", "ada", Host=None).replace(b"1.1", b"1.0", 1), 421
    ),
    Hostile("two Hosts", lambda w: w.head("GET", "/", "ada", host="evil.example"), 421),
    Hostile(
        "a Host with a name before it",
        lambda w: w.head("GET", "/", "ada", Host=f"{w.host}@evil.example"),
        421,
    ),
    Hostile(
        "an address of another site",
        lambda w: w.head("GET", "http://evil.example/", "ada", Host="evil.example"),
        421,
    ),
    Hostile(
        "Origin: null", lambda w: w.form("/choice", entry="", headers={"Origin": "null"}), 403, "another site"
    ),
    Hostile(
        "another Origin",
        lambda w: w.form("/choice", entry="", headers={"Origin": "https://evil.example"}),
        403,
    ),
    Hostile(
        "another port as Origin",
        lambda w: w.form("/choice", entry="", headers={"Origin": "http://127.0.0.1:1"}),
        403,
    ),
    Hostile(
        "Sec-Fetch-Site: cross-site",
        lambda w: w.form("/choice", entry="", headers={"Sec-Fetch-Site": "cross-site"}),
        403,
    ),
    Hostile(
        "Sec-Fetch-Site: same-site", lambda w: w.form("/leave", headers={"Sec-Fetch-Site": "same-site"}), 403
    ),
    Hostile(
        "an upload from another site", lambda w: w.upload(headers={"Origin": "https://evil.example"}), 403
    ),
    Hostile(
        "an upload to the API from another site",
        lambda w: w.upload(
            path="/api/entries", headers={"Origin": "null", "Authorization": f"Bearer {w.keys['ada']}"}
        ),
        403,
    ),
    Hostile(
        "X-Forwarded-* of a stranger",
        lambda w: w.head(
            "GET",
            "/",
            "ada",
            X_Forwarded_For="1.2.3.4",
            X_Forwarded_Host="evil.example",
            X_Forwarded_Proto="https",
            Forwarded="host=evil.example",
            X_Forwarded_Port="1",
        ),
        200,
        "Ada",
        "evil.example",
    ),
    Hostile(
        "a redirect to a stranger's Host",
        lambda w: w.head("GET", "/staff/", "ada", X_Forwarded_Host="evil.example"),
        307,
        "",
        "evil.example",
    ),
    Hostile(
        "another method by a header",
        lambda w: w.head("GET", "/", "ada", X_HTTP_Method_Override="DELETE"),
        200,
        "Ada",
    ),
    Hostile(
        "another path by a header",
        lambda w: w.head("GET", "/", "ada", X_Original_URL="/staff", X_Rewrite_URL="/staff"),
        200,
        "Ada",
        "Entries and decisions",
    ),
    *[
        Hostile(f"a path: {path}", lambda w, path=path: w.head("GET", path, "ada"), 404, "", "make_app")
        for path in (
            "/static/../app.py",
            "/static/%2e%2e/app.py",
            "/static/..%2fapp.py",
            "/static/%2e%2e%2f%2e%2e%2fboard.db",
            "/static//etc/passwd",
            "/static/%2fetc%2fpasswd",
            "/static/..%5c..%5capp.py",
            "/static/board.css%00",
            "/static/",
            "/static/....//app.py",
            "/board.db",
            "/.git/config",
            "/join/a%2fb",
            "/join/%2e%2e%2fstaff",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/entries/1",
            "/api/",
            "/staff/../staff/decision",
            "/docs",
            "/openapi.json",
            "/static/" + "a/" * 2000,
            "/%00",
            "/%ff%fe",
            "/%ED%A0%80",
        )
    ],
    *[
        Hostile(
            f"{method} {path}",
            lambda w, method=method, path=path: w.head(method, path, "ada"),
            status,
            "",
            "Cookie",
        )
        for method, path, status in (
            ("TRACE", "/", 405),
            ("PUT", "/entries", 405),
            ("DELETE", "/", 405),
            ("PATCH", "/choice", 405),
            ("OPTIONS", "/entries", 405),
            ("GET", "/entries", 405),
            ("GET", "/leave", 405),
            ("GET", "/terminal-key", 405),
            ("POST", "/", 405),
            ("PROPFIND", "/", 405),
            ("FOO", "/", 400),
            ("get", "/", 400),
            ("G\0T", "/", 400),
        )
    ],
    Hostile("a way through", lambda w: w.head("CONNECT", "evil.example:443", "ada"), 400),
    Hostile(
        "a change of protocol",
        lambda w: w.head(
            "GET",
            "/live",
            Connection="Upgrade, close",
            Upgrade="websocket",
            Sec_WebSocket_Key="x",
            Sec_WebSocket_Version="13",
        ),
        401,
    ),
    Hostile("no HTTP at all", lambda w: b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(100), 400),
    Hostile(
        "a path of 100 kB",
        lambda w: w.head("GET", "/" + "a" * 100_000, "ada")[:90_000],
        400,
        "head of the request",
    ),
    Hostile("a head of 1 MB", lambda w: w.head("GET", "/", "ada", X="a" * 1_000_000)[:-4], 400),
    Hostile("ten thousand heads", lambda w: w.head("GET", "/", "ada")[:-2] + b"X: y\r\n" * 20_000, 400),
    Hostile("a head on two lines", lambda w: w.head("GET", "/", "ada", X="y\r\n Host: evil.example"), 400),
    Hostile("a bare CR in a head", lambda w: w.head("GET", "/", "ada", X="y\rHost: evil.example"), 400),
]

"""What stands before the pages: long and slow bodies, requests of other sites' pages, headers."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from lib.leaderboard.site.guard import BodyLimit, OwnSite, SafeHeaders

URL = "https://board.example.org"


async def echo(scope, receive, send):
    """Answers with the length of the body."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message["body"]), message["more_body"]
    await PlainTextResponse(str(length))(scope, receive, send)


def ask(app, method="GET", path="/", headers=(), parts=(b"",), pause=0.0):
    """Status, headers, text, looks at the body; its parts come after a pause each, then the reader goes."""
    told, asked = [], []

    async def receive():
        asked.append(1)
        at = len(asked) - 1
        await asyncio.sleep(pause if at < len(parts) else 20 * pause)
        if at >= len(parts):
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": parts[at], "more_body": at + 1 < len(parts)}

    async def send(message):
        told.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b""}
    scope |= {"scheme": "http", "server": ("127.0.0.1", 8000), "http_version": "1.1", "root_path": ""}
    asyncio.run(app(scope, receive, send))
    assert [message["type"] for message in told].count("http.response.start") == 1
    found = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    text = b"".join(message.get("body", b"") for message in told[1:]).decode()
    return told[0]["status"], found, text, len(asked)


def test_a_body_within_the_limit_comes_through():
    parts = [b"x" * 50, b"x" * 50]
    status, _, text, _ = ask(
        BodyLimit(echo, most=100), "POST", headers=[("Content-Length", "100")], parts=parts
    )
    assert (status, text) == (200, "100")


@pytest.mark.parametrize("stated", ["101", "9" * 5000, "0" * 30 + "1"])
def test_a_body_that_says_it_is_too_long_is_not_read(stated):
    app = BodyLimit(echo, most=100)
    status, _, text, asked = ask(app, "POST", headers=[("Content-Length", stated)], parts=[b"x" * 101])
    assert (status, text, asked) == (413, "This is too long; send at most 0.1 kB.\n", 0)


@pytest.mark.parametrize("stated", [None, "5", "-1", "x", "", "١٠", "1e3"])
def test_a_body_that_says_nothing_or_lies_is_read_up_to_the_limit(stated):
    headers = [] if stated is None else [("Content-Length", stated)]
    app = BodyLimit(echo, most=100)
    status, _, _, asked = ask(app, "POST", headers=headers, parts=[b"x" * 60] * 1000)
    assert (status, asked) == (413, 2)


def test_a_slow_body_is_given_up_and_the_connection_closed():
    app = BodyLimit(echo, most=1000, seconds=0.05)
    status, headers, text, asked = ask(app, "POST", parts=[b"x"] * 100, pause=0.02)
    assert (status, headers["connection"]) == (408, "close")
    assert "took too long" in text
    assert asked < 5


def test_a_page_that_stays_open_is_not_given_up():
    async def late(scope, receive, send):
        assert (await receive())["type"] == "http.request"
        assert (await receive())["type"] == "http.disconnect"  # comes after more than the limit
        await PlainTextResponse("heard")(scope, receive, send)

    assert ask(BodyLimit(late, most=10, seconds=0.05), pause=0.03)[2] == "heard"


def test_an_answer_that_has_begun_is_not_answered_again():
    async def hasty(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()

    with pytest.raises(HTTPException):
        ask(BodyLimit(hasty, most=10), "POST", parts=[b"x" * 11])


def test_somebody_elses_refusal_goes_on_its_way():
    async def refuses(scope, receive, send):
        raise HTTPException(413, "mine")

    with pytest.raises(HTTPException, match="mine"):
        ask(BodyLimit(refuses, most=10))


def starlette_app(**handlers):
    async def length(request):
        return PlainTextResponse(str(len(await request.body())))

    async def stream(request):
        async def parts():
            for _ in range(4):
                await asyncio.sleep(0.03)
                yield b"tick "

        return StreamingResponse(parts())

    guards = [
        Middleware(SafeHeaders, https=True),
        Middleware(OwnSite, url=URL),
        Middleware(BodyLimit, most=100, seconds=0.05),
    ]
    routes = [
        Route("/", length, methods=["GET", "POST"]),
        Route("/stream", stream),
        Route("/static/a", length),
    ]
    return Starlette(routes=routes, middleware=guards, exception_handlers=handlers)


HOST = ("Host", "board.example.org")


def test_in_starlette_the_page_of_the_application_answers():
    async def page(request, error):
        return PlainTextResponse(f"a page of its own: {error.detail}", error.status_code)

    app = Starlette(
        routes=starlette_app().routes,
        middleware=[Middleware(BodyLimit, most=100)],
        exception_handlers={HTTPException: page},
    )
    status, _, text, _ = ask(app, "POST", headers=[HOST], parts=[b"x" * 101])
    assert (status, text) == (413, "a page of its own: This is too long; send at most 0.1 kB.")


def test_in_starlette_a_stream_outlives_the_limit_of_a_body():
    status, _, text, _ = ask(starlette_app(), path="/stream", headers=[HOST], pause=0.01)
    assert (status, text) == (200, "tick tick tick tick ")


@pytest.mark.parametrize(
    "host",
    [
        "board.example.org", "BOARD.example.org", "board.example.org:443", "127.0.0.1:8000", "127.0.0.1",
        "localhost:1234", "[::1]:8000", "[::1]",
    ],
)  # fmt: skip
def test_our_own_addresses(host):
    assert ask(OwnSite(echo, url=URL), headers=[("Host", host)])[0] == 200


@pytest.mark.parametrize(
    "hosts",
    [
        [], [""], ["evil.example"], ["board.example.org.evil.example"], ["board.example.org:8443"],
        ["board.example.org@evil.example"], ["127.0.0.1.nip.io"], ["127.0.0.1:8000@evil.example"],
        ["localhost:x"], ["evil.example/board.example.org"], ["board.example.org", "board.example.org"],
        ["board.example.org", "evil.example"], ["[::1]evil.example:80"], [":443"],
    ],
)  # fmt: skip
def test_addresses_of_strangers_say_where_to_go(hosts):
    status, _, text, _ = ask(OwnSite(echo, url=URL), headers=[("Host", host) for host in hosts])
    assert status == 421
    assert URL in text


def test_without_https_the_port_belongs_to_the_address():
    app = OwnSite(echo, url="http://192.168.1.5:8000")
    assert ask(app, headers=[("Host", "192.168.1.5:8000")])[0] == 200
    for host in ("192.168.1.5", "192.168.1.5:80", "192.168.1.6:8000"):
        assert ask(app, headers=[("Host", host)])[0] == 421


@pytest.mark.parametrize(
    "headers",
    [
        [],  # a program
        [("Origin", URL)],
        [("Origin", f"{URL}:443"), ("Sec-Fetch-Site", "same-origin")],
        [("Sec-Fetch-Site", "none")],
    ],
)
def test_forms_of_our_own_pages_come_through(headers):
    assert ask(OwnSite(echo, url=URL), "POST", headers=[HOST, *headers])[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        [("Origin", "https://evil.example")],
        [("Origin", "null")],
        [("Origin", "")],
        [("Origin", "http://board.example.org")],
        [("Origin", f"{URL}:8443")],
        [("Origin", "http://127.0.0.1:8000")],
        [("Origin", URL), ("Origin", "https://evil.example")],
        [("Origin", URL), ("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")],
        [("Sec-Fetch-Site", "")],
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "post"])
def test_forms_of_other_sites_do_not(headers, method):
    assert ask(OwnSite(echo, url=URL), method, headers=[HOST, *headers])[0] == 403
    assert ask(OwnSite(echo, url=URL), "GET", headers=[HOST, *headers])[0] == 200


def test_a_page_of_this_computer_may_send_to_this_computer():
    app = OwnSite(echo, url=URL)
    local = ("Host", "localhost:8000")
    assert ask(app, "POST", headers=[local, ("Origin", "http://localhost:8000")])[0] == 200
    assert ask(app, "POST", headers=[local, ("Origin", URL)])[0] == 200  # from behind a proxy
    assert ask(app, "POST", headers=[local, ("Origin", "http://localhost:9999")])[0] == 403


def test_personal_pages_are_not_kept_and_all_have_the_headers():
    _, personal, _, _ = ask(starlette_app(), headers=[HOST])
    _, kept, _, _ = ask(starlette_app(), path="/static/a", headers=[HOST])
    _, stranger, _, _ = ask(starlette_app(), headers=[("Host", "evil.example")])
    assert personal["cache-control"] == stranger["cache-control"] == "no-store"
    assert "cache-control" not in kept
    for found in (personal, kept, stranger):
        assert "default-src 'none'" in found["content-security-policy"]
        assert "unsafe" not in found["content-security-policy"]
        assert found["x-content-type-options"] == "nosniff"
        assert found["referrer-policy"] == "same-origin"
        assert found["strict-transport-security"].startswith("max-age=")


def test_without_https_no_browser_is_told_to_insist_on_it():
    _, found, _, _ = ask(SafeHeaders(echo, https=False))
    assert "strict-transport-security" not in found


def test_a_header_that_an_answer_has_stays():
    async def own(scope, receive, send):
        await PlainTextResponse("", headers={"Cache-Control": "max-age=5"})(scope, receive, send)

    assert ask(SafeHeaders(own, https=False))[1]["cache-control"] == "max-age=5"

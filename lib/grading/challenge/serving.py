"""`course leaderboard serve`: the page of the competition, until Ctrl-C."""

from __future__ import annotations

import argparse
import errno
import socket
from ipaddress import ip_address

from lib.checks import mismatch, shown
from lib.grading.challenge.places import ChallengeFolder

MOST_PORTS = 65_535
ANYBODY = ("0.0.0.0", "::", "")  # hosts that no browser can open


def serve_command(args: argparse.Namespace, place: ChallengeFolder) -> int:
    """`serve`: returns when it is ended.

    args: host, port; url, as students type it, or "" for the one that is kept; proxy, an address, or ""
    """
    from lib.leaderboard.site.serve import serve  # here, since other actions need no server
    from lib.leaderboard.site.settings import SiteSettings

    if not 1 <= args.port <= MOST_PORTS:
        raise mismatch("", "port", f"1 to {MOST_PORTS}", shown(args.port))
    proxies = [checked_proxy(args.proxy)] if args.proxy else []
    with place.opened() as board:
        check_free(args.host, args.port)
        url = place.address(args.url) or usual_address(args.host, args.port)
        settings = SiteSettings(url=url, files=place.students)
        serve(board, settings, host=args.host, port=args.port, proxies=proxies)
    return 0


def usual_address(host: str, port: int) -> str:
    """Where a browser finds a server, if nobody has said; raises `ValueError` where that cannot be told.

    >>> usual_address("127.0.0.1", 8000), usual_address("::1", 8000)
    ('http://127.0.0.1:8000', 'http://[::1]:8000')
    """
    if host in ANYBODY:
        advice = f"add such as --url http://{own_address() or '192.168.1.20'}:{port}; it is kept from then on"
        raise mismatch("", "url", "the address of the page, as students type it", "none", advice)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def own_address() -> str:
    """The address of this computer in its network; "" where it is in none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation; UDP connects without a packet
            return probe.getsockname()[0]
        except OSError:
            return ""


def check_free(host: str, port: int) -> None:
    """Raises `ValueError` where another program has the port, or the host is not of this computer."""
    try:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM
        )
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        got = f"{host}:{port} ({error.strerror})"
        taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        other = "is it served already? --port takes another one"
        advice = other if taken else "name one of its own addresses"
        raise mismatch("", "host", "an address of this computer with a free port", got, advice) from None


def checked_proxy(text: str) -> str:
    """The address of a proxy, such as 127.0.0.1; raises `ValueError` for anything else.

    Whoever is believed to be a proxy can say for others where they come from: so no names, and not all.
    """
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        raise mismatch("", "proxy", "the address of your proxy, such as 127.0.0.1", shown(text)) from None

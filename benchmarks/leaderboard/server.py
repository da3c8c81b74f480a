"""One server, in a process of its own: python -m benchmarks.leaderboard.server site|floor PORT [BOARD]."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

PAGE = "<!doctype html>" + "x" * 150_000  # about as long as the page of a large class
MESSAGE = b'event: standing\ndata: {"lines":[],"gone":[]}\n\n'


def site(port: int, board: str) -> None:
    """The page of the challenge as `course leaderboard serve` serves it."""
    from benchmarks.leaderboard.a_class import a_key
    from lib.leaderboard.board import Board
    from lib.leaderboard.site.serve import serve
    from lib.leaderboard.site.settings import SiteSettings

    serve(Board(board, a_key()), SiteSettings(url=f"http://127.0.0.1:{port}"), port=port)


def floor(port: int) -> None:
    """What an application of Starlette costs that does nothing: one page for all, a message a second."""
    news = asyncio.Condition()

    async def tell() -> None:
        while True:
            await asyncio.sleep(1)
            async with news:
                news.notify_all()

    async def messages() -> AsyncIterator[bytes]:
        while True:
            async with news:
                await news.wait()
            yield MESSAGE

    async def live(request: Request) -> Response:
        return StreamingResponse(messages(), media_type="text/event-stream")

    async def page(request: Request) -> Response:
        await request.body()
        return HTMLResponse(PAGE)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(tell())
        yield
        task.cancel()

    routes = [
        Route("/", page),
        Route("/entries", page, methods=["POST"]),
        Route("/live", live),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    settings = {"http": "httptools", "ws": "none", "access_log": False, "log_level": "warning"}
    uvicorn.Server(uvicorn.Config(app, port=port, timeout_graceful_shutdown=1, **settings)).run()


if __name__ == "__main__":
    {"site": site, "floor": floor}[sys.argv[1]](int(sys.argv[2]), *sys.argv[3:])

"""Small messages to the browser leave at once: without this every other frame of a demo waits about 40 ms.

Tornado switches Nagle's algorithm back on after a websocket's handshake, and Jupyter's server leaves it on.
"""

from __future__ import annotations

import functools
import os


def send_at_once() -> bool:
    """Switch Nagle's algorithm off on every websocket that this process serves from now on.

    Returns False where nothing was changed: because of COURSE_NO_DELAY=0, or since tornado's private
    method has changed; then demos work all the same, less smoothly.
    """
    from tornado.websocket import WebSocketProtocol13 as Protocol

    original = vars(Protocol).get("_receive_frame_loop")
    if os.environ.get("COURSE_NO_DELAY") == "0" or original is None or not hasattr(Protocol, "set_nodelay"):
        return False
    if hasattr(original, "__wrapped__"):
        return True

    @functools.wraps(original)
    async def receive_without_delay(self):
        self.set_nodelay(True)
        await original(self)

    setattr(Protocol, original.__name__, receive_without_delay)
    return True

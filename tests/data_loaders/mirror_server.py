"""A web server on this computer whose paths misbehave, each in its own way: /good, /slow-40, /cut, /503, …"""

import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np


class MirrorServer(ThreadingHTTPServer):
    """Serves `content` from every path; `log` has (path, first byte asked for) of each request."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, size=200_000):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = np.random.default_rng(0).bytes(size)
        self.log = []
        self.stopping = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def handle_error(self, request, client_address):
        pass  # the client hung up, which is what these tests are about

    def __exit__(self, *_):
        self.stopping.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        content, way = self.server.content, self.path.strip("/")
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        self.server.log.append((way, start))
        ranges = way not in ("norange", "html-200")
        if way == "hang":
            return self.server.stopping.wait(5)
        if way in ("404", "503"):
            return self.answer(int(way), b"<html>sorry</html>", {"Content-Type": "text/html"})
        if way == "html":
            return self.answer(
                200, b"<!doctype html><p>Sign in to this network", {"Content-Type": "text/html"}
            )
        if way == "other":
            return self.answer(200, content[:1000], {})
        if start and way == "416":
            return self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        if way == "wrong":
            content = bytes(len(content))
        headers = {}
        if start and ranges:
            start = 0 if way == "badrange" else start
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            content = content[start:]
        return self.answer(206 if headers else 200, content, headers)

    def answer(self, status, content, headers):
        way = self.path.strip("/")
        self.send_response(status)
        for name, value in ({"Content-Type": "application/gzip"} | headers).items():
            self.send_header(name, value)
        if way != "nolength":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if way in ("cut", "nolength"):
            content = content[:50_000] if way == "cut" else content
        elif way == "reset":
            self.wfile.write(content[:20_000])
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            return self.connection.close()
        elif way == "stall":
            self.wfile.write(content[:10_000])
            return self.server.stopping.wait(5)
        elif way.startswith("slow-"):
            kilobytes = int(way.removeprefix("slow-"))
            for place in range(0, len(content), kilobytes * 20):
                self.wfile.write(content[place : place + kilobytes * 20])
                if self.server.stopping.wait(0.02):
                    return None
            return None
        self.wfile.write(content)
        return None

    def log_message(self, *_):
        pass

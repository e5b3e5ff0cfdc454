"""A small web server on this machine, which can be made to fail in every way."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Web:
    """What it serves, and what it was asked for.

    files: path -> content. cut_after: so many bytes of an answer, then the connection is cut, once
    for each number in the list. statuses: path -> what it refuses with.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.cut_after: list[int] = []
        self.statuses: dict[str, int] = {}
        self.ranges = True
        self.before_answer: Callable[[], object] = lambda: None
        self.address = ""

    def ranges_asked(self) -> list[str]:
        """The Range of each request; "" where there was none."""
        return [asked for _, asked in self.asked]


@contextmanager
def serving() -> Iterator[Web]:
    """A server for as long as the block lasts."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            web.asked.append((self.path, asked))
            web.before_answer()
            status = web.statuses.get(self.path, 200 if self.path in web.files else 404)
            if status != 200:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            data = web.files[self.path]
            begin = re.fullmatch(r"bytes=(\d+)-", asked)
            if begin and web.ranges:
                start = int(begin[1])
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
                data = data[start:]
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if web.cut_after:
                self.wfile.write(data[: web.cut_after.pop(0)])
                self.close_connection = True
                return
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

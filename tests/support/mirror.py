"""A web server on loopback that serves given bytes, as well-behaved or as unreliable as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Mirror:
    """What it serves and what was asked of it.

    Attributes:
        files: path -> content. break_after: bytes after which each of the first `breaks` transfers is cut.
        ranges: whether Range requests are honoured. status: answer everything with this instead, `refusals` times.
        requests: (path, Range header or "") in order. address: base address.
    """

    files: dict[str, bytes]
    break_after: int | None = None
    breaks: int = 1
    ranges: bool = True
    status: int | None = None
    refusals: int = 1000
    requests: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


@contextmanager
def serving(mirror: Mirror) -> Iterator[Mirror]:
    """Serve `mirror` on a free port while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            mirror.requests.append((self.path, asked))
            content = mirror.files.get(self.path)
            if mirror.status is not None and mirror.refusals > 0:
                mirror.refusals -= 1
                self.send_error(mirror.status)
                return
            if content is None:
                self.send_error(404)
                return
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and mirror.ranges else 0
            if asked and mirror.ranges and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            body = content[start:]
            if mirror.break_after is not None and mirror.breaks > 0:
                mirror.breaks -= 1
                body = body[: mirror.break_after]
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: a test reads `requests` instead."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mirror.address = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def leftovers(folder: Path) -> list[str]:
    """Names of unfinished transfers in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".part"))

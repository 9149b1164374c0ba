"""A small reverse proxy on loopback: what lies below its path it passes on as it came, everything else it does not know."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "server", "date"})


@dataclass
class Proxy:
    """Where it is.

    Attributes:
        url: what people open, with the path. strange: addresses that it was asked and does not know.
    """

    url: str
    strange: list[str] = field(default_factory=list)


@contextmanager
def in_front_of(port: int, path: str) -> Iterator[Proxy]:
    """Pass `path` and what is below it on to a server on this machine, while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if not (self.path == path or self.path.startswith((f"{path}/", f"{path}?"))):
                proxy.strange.append(self.path)
                self.answer(404, [], b"no such site")
                return
            server = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            headers |= {"X-Forwarded-For": self.client_address[0], "X-Forwarded-Proto": "http"}
            server.request(self.command, self.path, body or None, headers)
            got = server.getresponse()
            self.answer(got.status, [(name, value) for name, value in got.getheaders() if name.lower() not in HOP_BY_HOP], got.read())
            server.close()

        def answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Listening(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that leaves in the middle of an answer is no error."""

    server = Listening(("127.0.0.1", 0), Handler)
    proxy = Proxy(f"http://127.0.0.1:{server.server_address[1]}{path}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Several web processes behind one port: gunicorn starts them, watches them and replaces one that dies.

Each of them is a whole server over the same store and home folder; whatever one of them alone knows is listed in
docs/architecture.md. The port is opened and the store upgraded once, before there are any.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from workbench.settings import Settings

NEEDED = ("gunicorn", "uvicorn_worker")

SILENT_SECONDS = 120
"""A process that has done nothing for so long, which a busy machine alone does not explain, is replaced."""

KEEP_SECONDS = 75
"""How long a connection may rest: longer than a proxy keeps its own, which would else ask on one that has just been closed."""

ENDING_SECONDS = 10
"""How long a process may take to end what runs beside it, after its last requests."""


class ProcessesError(RuntimeError):
    """The web processes ended by themselves; the message says so."""


def missing() -> list[str]:
    """What is not installed of what this needs."""
    return [name for name in NEEDED if find_spec(name) is None]


def serve_in_processes(settings: Settings, listener: socket.socket, made: Callable[[], Starlette], options: dict[str, Any]) -> None:
    """Serve in `settings.processes` processes until interrupted.

    Args:
        listener: a listening socket. made: makes the application, within each process. options: those of uvicorn that a single process has, too.
    """
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter
    from uvicorn_worker import UvicornWorker

    from workbench.collecting import keep_what_is_loaded

    descriptor = listener.detach()  # gunicorn closes it

    class Process(UvicornWorker):
        CONFIG_KWARGS = {"loop": "auto", "http": "auto", **options}  # noqa: RUF012 (as gunicorn's worker declares it)

    class Application(BaseApplication):
        def load_config(self) -> None:
            given = {
                "bind": [f"fd://{descriptor}"],
                "workers": settings.processes,
                "worker_class": Process,
                "timeout": SILENT_SECONDS,
                "graceful_timeout": options["timeout_graceful_shutdown"] + ENDING_SECONDS,
                "keepalive": KEEP_SECONDS,
                "loglevel": "warning",
                "proc_name": "trellis",
                "control_socket_disable": True,
            }
            for name, value in given.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Starlette:
            app = made()
            keep_what_is_loaded()
            return app

    class Watching(Arbiter):
        def handle_int(self) -> None:
            # what gunicorn sends its processes otherwise, they do not heed
            self.handle_term()

        handle_quit = handle_int

    try:
        Watching(Application()).run()
    except SystemExit as leaving:
        if leaving.code:
            raise ProcessesError("No web process could be started; what they said above tells why.") from leaving

"""Serving: the port is free or the error says so, the address is printed, and nothing is left behind at the end."""

from __future__ import annotations

import argparse
import errno
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from workbench.collecting import keep_what_is_loaded, without_collecting
from workbench.logs import set_up

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from workbench.settings import Settings
    from workbench.store.errors import StoreError

_SHUTDOWN_SECONDS = 3


class ServeError(RuntimeError):
    """The server cannot start; the message says why and what to do."""


def serve(settings: Settings) -> None:
    """Serve until interrupted (Ctrl+C or SIGTERM).

    Raises:
        ServeError: the port is in use or not allowed, the address is not this machine's, a token or a package is missing, or what lies in
            the home folder (the store, the cookie secret, the cache) cannot be used.
        SettingsError: the home folder cannot be written.
    """
    set_up(settings.log)
    check_processes(settings)
    check_exposure(settings)
    listener = listen(settings.host, settings.port)
    unusable: list[StoreError] = []

    def give_up(error: StoreError) -> None:
        unusable.append(error)
        server.should_exit = True

    try:
        settings.prepare()
        with without_collecting():
            if settings.warm_worker and settings.executor == "local":
                from workbench.runs.starting import start_ahead

                start_ahead(settings)
            import uvicorn
            from uvicorn.config import LOGGING_CONFIG

            from dashboard import quiet_end

            quiet_end.set_up()  # processes that are forked have it, too
            options: dict[str, Any] = {
                "access_log": False,
                "server_header": False,
                "timeout_graceful_shutdown": _SHUTDOWN_SECONDS,
                "lifespan": "on",
                "ws": "none",
                "proxy_headers": bool(settings.trusted_proxies),
                "forwarded_allow_ips": settings.trusted_proxies,
            }
            said = (
                f"Trellis is at {address(settings.host, listener.getsockname()[1], settings.base_path)}  (Ctrl+C ends it; training goes on)"
            )
            if settings.processes > 1:
                _upgraded(settings)
                from dashboard.processes import ProcessesError, serve_in_processes

                print(said, flush=True)
                try:
                    serve_in_processes(settings, listener, lambda: _made(settings, lambda error: None), options)
                except ProcessesError as error:
                    raise ServeError(str(error)) from error
                return
            app = _made(settings, give_up)
        keep_what_is_loaded()
        config = uvicorn.Config(app, log_level="warning", log_config=None if settings.log == "json" else LOGGING_CONFIG, **options)
        server = uvicorn.Server(config)
        print(said, flush=True)
        # After an orderly end uvicorn raises the Ctrl+C that caused it once more.
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
    finally:
        listener.close()
    if unusable:
        raise ServeError(str(unusable[0])) from unusable[0]


def _made(settings: Settings, on_unusable: Callable[[StoreError], object]) -> Starlette:
    """The application. Raises ServeError for what cannot be used of the home folder."""
    from dashboard.identity import SecretError
    from dashboard.server import CacheError, create_server

    try:
        return create_server(settings, on_unusable=on_unusable)
    except (SecretError, CacheError) as error:
        raise ServeError(str(error)) from error


def check_exposure(settings: Settings) -> None:
    """Refuse to listen beyond this machine with neither users nor a token. Raises ServeError."""
    from dashboard.security import is_loopback

    if not is_loopback(settings.host) and settings.token is None and not _has_users(settings):
        raise ServeError(
            f"Listening on {settings.host} lets other machines in, so it needs users (“trellis users add NAME --role administer”) or a token: "
            "set TRELLIS_TOKEN to a long random text, or leave TRELLIS_HOST at 127.0.0.1."
        )


def check_processes(settings: Settings) -> None:
    """Refuse several processes where what they need is not installed. Raises ServeError."""
    if settings.processes == 1:
        return
    from dashboard.processes import missing

    if missing():
        raise ServeError(
            f"{settings.processes} web processes need {' and '.join(missing())}: install trellis[team], or serve with one process."
        )


def _has_users(settings: Settings) -> bool:
    from workbench.people.people import People
    from workbench.store.errors import StoreError
    from workbench.store.store import Store

    try:
        store = Store.open(settings.database_url)
    except StoreError:
        return False
    try:
        return People(store).any()
    finally:
        store.close()


def _upgraded(settings: Settings) -> None:
    """Open the store once, which upgrades it, before several processes do. Raises ServeError if it cannot be used."""
    from workbench.store.errors import StoreError
    from workbench.store.store import Store

    try:
        Store.open(settings.database_url).close()
    except StoreError as error:
        raise ServeError(str(error)) from error


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ServeError in words when there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ServeError(_why(error, host, port)) from error
    return listener


def address(host: str, port: int, base: str = "") -> str:
    """The address to open in a browser; `base` is the path below which Trellis lies."""
    name = "127.0.0.1" if host in ("0.0.0.0", "") else "[::1]" if host == "::" else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}{base}/"


def main(arguments: Sequence[str] | None = None) -> int:
    """What `python app.py` does: serve with the options of `trellis serve` and the settings of the environment.

    Returns the exit code.
    """
    parser = argparse.ArgumentParser(prog="python app.py", description="Serve Trellis until Ctrl+C; runs go on without it.")
    parser.add_argument("--host", help="Address to listen on; anything but loopback needs users or TRELLIS_TOKEN.")
    parser.add_argument("--processes", type=int, help="Web processes that answer requests; more than one needs trellis[team].")
    parser.add_argument("--port", type=int, help="Port to listen on; 0 takes a free one.")
    options = parser.parse_args(arguments)
    with without_collecting():
        from workbench.settings import Settings, SettingsError

    try:
        serve(Settings.load(host=options.host, port=options.port, processes=options.processes))
    except (ServeError, SettingsError) as error:
        print(f"Trellis cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: another Trellis may already run there. Open {address(host, port)}, or set TRELLIS_PORT to another port."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be opened by this user: ports below 1024 need special rights. Set TRELLIS_PORT to 1024 or above."
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is not an address of this machine. Set TRELLIS_HOST to 127.0.0.1 for this machine only."
    return f"Cannot listen on {host} port {port}: {error.strerror or error}."

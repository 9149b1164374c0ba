"""Whether the server's port is free, and who has it."""

from __future__ import annotations

import errno
import json
import socket
import urllib.request

import psutil

from workbench.doctor.finding import Finding, fault, ok
from workbench.settings import Settings

_SECONDS = 2.0


def port(settings: Settings) -> Finding:
    """Whether a server could listen where the settings say; one of Trellis that is there already is well."""
    if settings.port == 0:
        return ok("port", "TRELLIS_PORT is 0: a server takes a free port.")
    where = f"port {settings.port} on {settings.host}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((settings.host, settings.port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _taken(settings, where)
        if error.errno == errno.EACCES:
            return fault("port", f"This user may not listen on {where}.", "Set TRELLIS_PORT to 1024 or above.")
        return fault("port", f"Nobody can listen on {where}: {error.strerror or error}.", "Set TRELLIS_HOST to an address of this machine.")
    return ok("port", f"{where[0].upper()}{where[1:]} is free.")


def _taken(settings: Settings, where: str) -> Finding:
    who, mine = _holder(settings.port), _answers_as_trellis(settings)
    if mine:
        return ok("port", f"Trellis serves {where}{f' ({who})' if who else ''}.")
    by = f" by {who}" if who else ""
    return fault("port", f"{where[0].upper()}{where[1:]} is taken{by}.", "End that program, or set TRELLIS_PORT to another port.")


def _holder(number: int) -> str:
    """The process that listens on a port: its name and number; "" where the system does not tell this user."""
    try:
        found = (c.pid for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr[1] == number)
        pid = next((pid for pid in found if pid), None)
        return f"{psutil.Process(pid).name()}, process {pid}" if pid else ""
    except psutil.Error:
        return ""


def _answers_as_trellis(settings: Settings) -> bool:
    """Whether what listens there answers as Trellis does; with a token, it says so without it."""
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}{settings.base_path}/health"
    try:
        # no proxy: it is this machine that is asked
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=_SECONDS) as answer:
            return json.loads(answer.read(10_000)).get("status") == "ok"
    except (OSError, ValueError, AttributeError):
        return False

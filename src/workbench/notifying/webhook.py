"""Posting a message to an address: signed, to public addresses only unless told otherwise, without following anybody elsewhere."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import time
from urllib.parse import urlsplit

from workbench.notifying.message import Message

SECONDS = 10.0
"""How long a receiver may take to connect, and to answer."""

SIGNATURE, TIMESTAMP, DELIVERY = "X-Trellis-Signature", "X-Trellis-Timestamp", "X-Trellis-Delivery"


class NotDelivered(RuntimeError):
    """A message that did not arrive; the sentence says why and holds no secret. `final`: trying again is of no use."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


def post(address: str, message: Message, secret: str | None, *, private: bool) -> None:
    """Post a message as JSON. Raises NotDelivered.

    Args:
        secret: signs it. private: whether addresses of this machine and of private networks are allowed.
    """
    parts = urlsplit(address)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or not port or parts.username is not None:
        raise NotDelivered("TRELLIS_NOTIFY_WEBHOOK is no address of the form https://host/path.", final=True)
    body = json.dumps(message.body(), ensure_ascii=False).encode()
    at = str(int(time.time()))
    headers = {"Content-Type": "application/json", "User-Agent": "trellis", TIMESTAMP: at, DELIVERY: message.id}
    if secret:
        headers[SIGNATURE] = signature(secret, at, body)
    where = f"{parts.scheme}://{parts.hostname}"
    connection = _Connection(parts.hostname, port, _allowed(parts.hostname, port, private), tls=parts.scheme == "https")
    try:
        connection.request("POST", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDelivered(f"The webhook at {where} did not take it: {getattr(error, 'strerror', None) or error}.") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotDelivered(f"The webhook at {where} answered {status}.", final=status not in (408, 425, 429) and status < 500)


def signature(secret: str, at: str, body: bytes) -> str:
    """`sha256=` and the HMAC-SHA256 of the time, a dot and the body, in hexadecimal digits."""
    return "sha256=" + hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _allowed(host: str, port: int, private: bool) -> str:
    """An address of that host to which it may be posted: looked up once, so that the name cannot lead elsewhere a moment later."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise NotDelivered(f"The webhook's host {host} is not known ({error.strerror or error}).") from error
    if not private and not all(_public(address) for address in found):
        text = f"The webhook's host {host} is an address of a private network. Set TRELLIS_NOTIFY_PRIVATE=true if that is meant."
        raise NotDelivered(text, final=True)
    return found[0]


def _public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or found
    return inner.is_global and not inner.is_multicast


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was looked up before; the certificate must be that of the host's name."""

    def __init__(self, host: str, port: int, address: str, *, tls: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._address = address
        self._tls = tls
        if tls:
            self.default_port = 443

    def connect(self) -> None:
        """Connect to that address."""
        self.sock = socket.create_connection((self._address, self.port), SECONDS)
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

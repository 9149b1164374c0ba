"""Addresses that settings name: of web servers, and of people."""

from __future__ import annotations

import re
from email.utils import parseaddr
from urllib.parse import urlsplit

_MAIL = re.compile(r"[^\s@,<>\"]+@(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f.:]+\])")


def require_web_address(text: str) -> str:
    """`text` if it is an address http:// or https:// with a host. Raises ValueError, without saying it: it may hold a secret."""
    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and text.isprintable() and " " not in text
    except ValueError:  # of a port that is no number, or half an IPv6 address
        fine = False
    if not fine:
        raise ValueError("is no web address; write it as https://host/path")
    return text


def require_mail_addresses(text: str) -> str:
    """Addresses, `name@host` or `Name <name@host>`, with commas between, without the blanks around them. Raises ValueError for the first that is none."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    for one in found:
        if not _MAIL.fullmatch(parseaddr(one)[1]):
            raise ValueError(f"{one!r} is no e-mail address; write it as name@host")
    return ", ".join(found)

"""Secrets that are shown once: long enough by chance that their plain hash tells nothing."""

from __future__ import annotations

import hashlib
import secrets


def made(prefix: str = "") -> str:
    """A new secret of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

"""What is said of a server that Trellis needs and that does not answer."""

from __future__ import annotations


def for_anyone(error: Exception) -> str:
    """What is wrong, without addresses of servers: logs and `trellis doctor` have those, for people who can do something about them."""
    return getattr(error, "for_anyone", str(error))

"""Actors as people read them."""

from __future__ import annotations

from collections.abc import Mapping

_KINDS = {"browser": "a browser", "person": "somebody", "user": "the command line", "api": "REST", "worker": "a worker", "token": "REST"}


def actor_name(actor: str, names: Mapping[str, str] | None = None) -> str:
    """An actor in words: its chosen name, "browser 3f2a", "REST"."""
    if names and actor in names:
        return names[actor]
    kind, _, rest = actor.partition(":")
    if kind == "browser" and rest:
        return f"browser {rest[:4]}"
    if kind == "user" and rest:
        return f"{rest} (command line)"
    if kind == "token" and rest:
        return f"{rest} (REST)"
    return _KINDS.get(kind, actor)

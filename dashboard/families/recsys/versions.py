"""The versions of a configuration as REST shows them."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from recsys.records import ConfigVersion


class VersionView(BaseModel):
    """A configuration as it once was; each kind adds what it said."""

    version: int
    at: str
    by: str
    content_hash: str


class Versions(BaseModel):
    """Every version, the newest first; each kind adds its `items`."""

    total: int
    next: None = None


V = TypeVar("V", bound=Versions)


def versions_view(answer: type[V], versions: tuple[ConfigVersion, ...]) -> V:
    """Versions as REST shows them, as the answer of their kind."""
    shown = {*VersionView.model_fields, "config"}
    return answer.model_validate({"items": [version.model_dump(include=shown) for version in versions], "total": len(versions)})

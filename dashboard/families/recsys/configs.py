"""What both kinds of configuration answer in the same way: versions, the tests that used one, finding by name."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from dashboard.api.dependencies import Body
from dashboard.families.recsys.quick_test_views import QuickTestItem, quick_test_item
from dashboard.families.recsys.requests import Name, Version
from recsys.records import ConfigRecord, ConfigVersion
from workbench.state import AppState, RunRecord


class CloneConfig(Body):
    """A copy."""

    name: Name | None = Field(None, description='Left out: "{name} (copy)", numbered if that is taken.')


class RestoreVersion(Body):
    """Going back to an earlier version."""

    version: Version | None = None


class VersionView(BaseModel):
    """A configuration as it once was."""

    version: int
    at: str
    by: str
    content_hash: str
    config: dict[str, Any]


class Versions(BaseModel):
    """Every version, the newest first."""

    items: list[VersionView]
    total: int
    next: None = None


class QuickTestsOf(BaseModel):
    """The tests that used a configuration, newest first."""

    items: list[QuickTestItem]
    total: int
    next: None = None


def versions_view(versions: tuple[ConfigVersion, ...]) -> Versions:
    """Versions as REST shows them."""
    items = [VersionView.model_validate(v.model_dump(include=set(VersionView.model_fields))) for v in versions]
    return Versions(items=items, total=len(items))


def tests_view(state: AppState, runs: tuple[RunRecord, ...]) -> QuickTestsOf:
    """Tests as REST lists them."""
    items = [quick_test_item(state, run) for run in runs]
    return QuickTestsOf(items=items, total=len(items))


def matches_text(record: ConfigRecord, text: str | None) -> bool:
    """Whether a configuration's name holds a text, or its number is the text's: `#3`."""
    return text is None or text.casefold() in record.name.casefold() or text.strip() == f"#{record.number}"

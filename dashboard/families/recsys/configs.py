"""What both kinds of configuration answer in the same way: copies, the tests that used one, finding by name."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.dependencies import Body
from dashboard.families.recsys.quick_test_views import QuickTestItem, quick_test_items
from dashboard.families.recsys.requests import Name, Version
from recsys.records import ConfigRecord
from workbench.state import RunRecord
from workbench.workbench import Workbench


class CloneConfig(Body):
    """A copy."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "A copy of it"}]})

    name: Name | None = Field(None, description='Left out: "{name} (copy)", numbered if that is taken.')


class RestoreVersion(Body):
    """Going back to an earlier version."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 2}]})

    version: Version | None = Field(None, description="The version that the change is meant for; another one is a conflict.")


class QuickTestsOf(BaseModel):
    """The tests that used a configuration, newest first."""

    items: list[QuickTestItem]
    total: int
    next: None = None


def tests_view(bench: Workbench, runs: tuple[RunRecord, ...]) -> QuickTestsOf:
    """Tests as REST lists them."""
    items = quick_test_items(bench, runs)
    return QuickTestsOf(items=items, total=len(items))


def matches_text(record: ConfigRecord, text: str | None) -> bool:
    """Whether a configuration's name holds a text, or its number is the text's: `#3`."""
    return text is None or text.casefold() in record.name.casefold() or text.strip() == f"#{record.number}"

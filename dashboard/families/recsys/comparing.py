"""Quick tests side by side: their figures with the best marked, and where what they were made of differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from dashboard.families.recsys.quick_test_views import LiftView, QuickTestItem, QuickTestView
from recsys.differences import differences
from recsys.metrics import METRICS
from recsys.services.pairing import Paired

_DIRECTIONS: Mapping[str, str | None] = {metric.key: metric.direction for metric in METRICS}


class MetricRow(BaseModel):
    """One figure of every test, in the tests' order."""

    name: str
    values: list[float | None]
    direction: str | None = Field(description="Which values are better: higher or lower.")
    best: list[int] = Field(description="Places of the best tests; empty where fewer than two can be compared.")


class DifferenceView(BaseModel):
    """One place where two configurations differ."""

    pointer: str = Field(description="JSON pointer (RFC 6901).")
    kind: str = Field(description="added, removed or changed.")
    before: Any
    after: Any


class ConfigDifferences(BaseModel):
    """Where a test's configuration differs from the first test's."""

    id: str
    differences: list[DifferenceView]


class PairedView(BaseModel):
    """A test against the first one on the same test rows."""

    id: str
    against: str
    figures: dict[str, LiftView] = Field(description="Figure -> the difference, with 95 % intervals of paired resamples of users.")
    reason: str | None = Field(description="Why there is none.")


class Comparison(BaseModel):
    """Two to five tests."""

    tests: list[QuickTestItem]
    metrics: list[MetricRow]
    config_differences: list[ConfigDifferences]
    paired: list[PairedView]
    same_protocol: bool = Field(description="Whether every figure was taken in the same way; otherwise they can hardly be compared.")
    protocols: list[dict[str, str]] = Field(description="How each test's figures were taken, by metric.")


def compared(tests: Sequence[QuickTestView], paired: Sequence[Paired]) -> Comparison:
    """Tests side by side; `paired` are all further ones against the first."""
    names = dict.fromkeys(name for test in tests for name in test.metrics)
    protocols = [test.protocol.by_metric if test.protocol else {} for test in tests]
    first = _document(tests[0])
    return Comparison(
        tests=[QuickTestItem.model_validate(test.model_dump(include=set(QuickTestItem.model_fields))) for test in tests],
        metrics=[_row(name, [test.metrics.get(name) for test in tests]) for name in names],
        config_differences=[
            ConfigDifferences(id=test.id, differences=[_difference(d) for d in differences(first, _document(test))]) for test in tests[1:]
        ],
        paired=[_paired(pair) for pair in paired],
        same_protocol=all(_agree(protocols[0], other) for other in protocols[1:]),
        protocols=protocols,
    )


def _document(test: QuickTestView) -> dict[str, Any]:
    """What a comparison is of: the copies, and what the test trained with."""
    return test.config.model_dump(include={"features", "model", "settings", "effective"})


def _row(name: str, values: list[float | None]) -> MetricRow:
    direction = _DIRECTIONS.get(name)
    known = [value for value in values if value is not None]
    best: list[int] = []
    if direction is not None and len(known) > 1:
        top = max(known) if direction == "higher" else min(known)
        best = [place for place, value in enumerate(values) if value == top]
    return MetricRow(name=name, values=values, direction=direction, best=best)


def _paired(pair: Paired) -> PairedView:
    figures = {name: LiftView.model_validate(lift.model_dump()) for name, lift in pair.figures.items()}
    return PairedView(id=pair.run.id, against=pair.against.id, figures=figures, reason=pair.reason)


def _difference(found: Any) -> DifferenceView:
    return DifferenceView(pointer=found.pointer, kind=found.kind, before=found.before, after=found.after)


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return bool(one) and bool(other) and all(one[name] == other[name] for name in one.keys() & other.keys())

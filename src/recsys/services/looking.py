"""What a quick test's form shows of data: how large the parts of a split are, and the figures of a rating column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys.data.facts import TableFacts
from recsys.services.finding import not_readable
from recsys.trial import TrialSettings
from workbench.commands.base import CommandError
from workbench.commands.rules import find_dataset
from workbench.datasets import DatasetError
from workbench.kept import Recent

if TYPE_CHECKING:
    from recsys.data.splits import SplitPreview
    from workbench.workbench import Workbench

MOST_ROWS = 2_000_000
"""Tables of more rows are not read by the process that serves pages."""

_KEPT = 32


@dataclass(frozen=True)
class RatingFigures:
    """Figures of a numeric column; None where nobody counted, or there is no value."""

    minimum: float | None
    maximum: float | None
    mean: float | None
    nulls: int | None


def part_sizes(workbench: Workbench, dataset_id: str, settings: Mapping[str, Any]) -> SplitPreview | None:
    """How large the parts are; None for a table that is too large to be read here.

    Args:
        settings: of `TrialSettings`, valid.

    Raises CommandError for data that cannot be read, or a split that leaves a part empty.
    """
    from recsys.data.splits import SplitError, preview

    if not _is_small(workbench, dataset_id):
        return None
    chosen = TrialSettings(**settings)
    fingerprint = workbench.state().datasets[dataset_id].manifest
    key = (
        dataset_id,
        fingerprint.content_sha256 if fingerprint else "",
        chosen.model_dump_json(exclude={"rating_column", "seed"}),
    )

    def count() -> SplitPreview:
        table = _loaded(workbench, dataset_id)
        timed = table.schema.only("timestamp") is not None
        return preview(table.interactions, chosen.split_settings(timed=timed), chosen.sample())

    try:
        return workbench.kept.of(_Sizes).get(key, count)
    except SplitError as error:
        raise CommandError(error.message, "split", error.hint) from error


def rating_figures(workbench: Workbench, dataset_id: str) -> Mapping[str, RatingFigures]:
    """Figures by column of a dataset's numeric columns; empty for a table that is too large to be read here. Raises CommandError."""
    from recsys.data.stats import statistics_of

    if not _is_small(workbench, dataset_id):
        return {}
    found = statistics_of(_loaded(workbench, dataset_id))
    return {
        f.column: RatingFigures(f.numeric.minimum, f.numeric.maximum, f.numeric.mean, f.nulls)
        for f in found
        if f.numeric is not None
    }


class _Sizes(Recent):
    def __init__(self) -> None:
        super().__init__(_KEPT)


def _is_small(workbench: Workbench, dataset_id: str) -> bool:
    record = find_dataset(workbench.state(), dataset_id)
    return record.manifest is not None and TableFacts.of(record.manifest).rows <= MOST_ROWS


def _loaded(workbench: Workbench, dataset_id: str) -> Any:
    try:
        return workbench.datasets.load(dataset_id)
    except DatasetError as error:
        raise not_readable(error) from error

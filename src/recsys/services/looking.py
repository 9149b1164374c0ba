"""The figures of a rating column that a quick test's form shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.services.tables import Tables

if TYPE_CHECKING:
    from workbench.workbench import Workbench


@dataclass(frozen=True)
class RatingFigures:
    """Figures of a numeric column; None where nobody counted, or there is no value."""

    minimum: float | None
    maximum: float | None
    mean: float | None
    nulls: int | None


def rating_figures(workbench: Workbench, dataset_id: str) -> Mapping[str, RatingFigures]:
    """Figures by column of a dataset's numeric columns; empty for a table that is too large to be read for a form. Raises CommandError."""
    tables = Tables(workbench)
    if not tables.is_quick(dataset_id):
        return {}
    return {
        f.column: RatingFigures(f.numeric.minimum, f.numeric.maximum, f.numeric.mean, f.nulls)
        for f in tables.columns(dataset_id)
        if f.numeric is not None
    }

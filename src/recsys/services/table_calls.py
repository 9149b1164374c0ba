"""What is read off the rows of a table of interactions: called by a process beside a server, or where there is none, here.

What these functions take and return can be pickled; the tables themselves never leave the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.commands.facts import dataset_problems, role_problems
from recsys.commands.trial_checks import TIMED
from recsys.data.first_look import FirstLook
from recsys.data.first_look import first_look as look_at
from recsys.data.options import TableOptions
from recsys.data.oracle import oracle_ranks, oracle_rmse
from recsys.data.retail_truth import RATING, truth_rows
from recsys.data.shop_params import SIMULATOR
from recsys.data.splits import SplitError, SplitPreview, preview, split_rows
from recsys.data.stats import (
    ColumnStatistics,
    EventsPerDay,
    Popularity,
    events_per_day,
    popularity_curve,
    sample_rows,
    statistics_of,
)
from recsys.services.finding import not_readable
from recsys.trial import TrialSettings
from workbench.commands.base import CommandError
from workbench.commands.rules import find_dataset, refuse
from workbench.datasets import DatasetError
from workbench.fields import FieldProblem
from workbench.kept import Recent
from workbench.services.typed import typed

if TYPE_CHECKING:
    from recsys.data.table import Table
    from workbench.workbench import Workbench

CEILING_K = 10
CEILING_ROWS = 5_000
"""Test rows of which the ceiling is the mean; chosen by a seed where there are more."""
_SEED = 42


@dataclass(frozen=True)
class Divided:
    """What a split makes of a table: in words, and in numbers."""

    words: str
    preview: SplitPreview


@dataclass(frozen=True)
class Spread:
    """How a table's rows are spread over items, None without ids, and over time, None without times."""

    popularity: Popularity | None
    events: EventsPerDay | None


@dataclass(frozen=True)
class Ceiling:
    """The best that anybody can reach on a simulated shop's test rows, who knows the true chances behind its sales.

    Attributes:
        recall: expected recall at `CEILING_K` among all products. error: its standard error by the choice of rows.
        rows: of which it is the mean. split: in words. rmse: of the true expected rating; None where no row is rated.
    """

    recall: float
    error: float
    rows: int
    split: str
    rmse: float | None


def columns(workbench: Workbench, dataset_id: str) -> tuple[ColumnStatistics, ...]:
    """Figures of every column. Raises CommandError, as all of these do for data that cannot be read."""
    return statistics_of(_table(workbench, dataset_id))


def sample(workbench: Workbench, dataset_id: str, count: int) -> tuple[dict[str, Any], ...]:
    """Some rows, always the same ones, as JSON values."""
    table = _table(workbench, dataset_id)
    try:
        return sample_rows(table, count)
    except ValueError as error:
        raise CommandError(str(error), "n") from error


def spread(workbench: Workbench, dataset_id: str) -> Spread:
    """How unequally items are taken, and when."""
    table = _table(workbench, dataset_id)
    has_ids = None not in (table.schema.only("user_id"), table.schema.only("item_id"))
    return Spread(popularity_curve(table) if has_ids else None, events_per_day(table))


def divided(workbench: Workbench, dataset_id: str, settings: Mapping[str, Any]) -> Divided:
    """What a test's split makes of the rows. Raises CommandError also for a part without rows.

    Args:
        settings: of `TrialSettings`, valid.
    """
    chosen, table = TrialSettings(**settings), _table(workbench, dataset_id)
    refuse(role_problems(find_dataset(workbench.state(), dataset_id), table.schema))
    timed = table.schema.only("timestamp") is not None
    if chosen.split in TIMED and not timed:
        message = f"The split {chosen.split} needs times, and this dataset has no timestamp column."
        refuse([FieldProblem("split", message, chosen.split, code="SPLIT_NO_TIMESTAMP")])
    try:
        found = preview(table.interactions, chosen.split_settings(timed=timed), chosen.sample())
    except SplitError as error:
        refuse([FieldProblem("split", error.message, chosen.split, error.hint, code=error.code)])
        raise AssertionError from error  # it was refused
    return Divided(chosen.split_words(timed=timed), found)


def ceiling(workbench: Workbench, dataset_id: str) -> Ceiling | None:
    """The oracle's figures on the test rows of the usual split; None for data whose true chances nobody knows."""
    table = _table(workbench, dataset_id)
    if table.truth is None:
        return None
    chosen = TrialSettings()
    timed = table.schema.only("timestamp") is not None
    test = split_rows(table.interactions, chosen.split_settings(timed=timed)).test
    if len(test) > CEILING_ROWS:
        test = np.sort(np.random.Generator(np.random.PCG64(_SEED)).choice(test, CEILING_ROWS, replace=False))
    frame = table.frame[test]
    rows = truth_rows(frame)
    chances = oracle_ranks(table.truth, rows, most=CEILING_K).top_mass[:, -1]
    rating = frame[RATING].cast(float).fill_null(float("nan")).to_numpy()
    rmse = None if np.isnan(rating).all() else oracle_rmse(table.truth, rows.customer, rows.product, rating)
    error = float(chances.std() / np.sqrt(len(chances)))
    return Ceiling(float(chances.mean()), error, len(test), chosen.split_words(timed=timed), rmse)


def first_look(workbench: Workbench, path: Path, options: Mapping[str, Any]) -> FirstLook:
    """What importing a file would make of it. Raises CommandError for options that do not fit."""
    del workbench
    return look_at(path, typed(TableOptions, options))


def _table(workbench: Workbench, dataset_id: str) -> Table:
    record = find_dataset(workbench.state(), dataset_id)
    refuse(p for p in dataset_problems(record) if p.code is None)
    try:
        if record.source != SIMULATOR or record.manifest is None:
            return workbench.datasets.load(dataset_id)
        # a large shop is simulated anew whenever it is loaded, and a page asks for its rows several times
        key = (dataset_id, record.manifest.content_sha256)
        return workbench.kept.of(_Last).get(key, lambda: workbench.datasets.load(dataset_id))
    except DatasetError as error:
        raise not_readable(error) from error


class _Last(Recent):
    def __init__(self) -> None:
        super().__init__(1)

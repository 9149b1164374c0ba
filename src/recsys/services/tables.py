"""What is in a dataset of interactions: figures of its columns, some rows, and what a split makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys.commands.facts import dataset_problems, role_problems
from recsys.commands.trial_checks import TIMED, checked_settings
from recsys.data.splits import SplitError, SplitPreview, preview
from recsys.data.stats import ColumnStatistics, sample_rows, statistics_of
from recsys.services.finding import not_readable
from workbench.commands.base import CommandError
from workbench.commands.rules import find_dataset, refuse
from workbench.datasets import DatasetError
from workbench.fields import FieldProblem

if TYPE_CHECKING:
    from recsys.data.table import Table
    from workbench.workbench import Workbench

SPLIT_SETTINGS = (
    "split", "train", "val", "test", "holdout_days", "val_fraction", "train_days", "val_days", "test_days", "split_seed",
    "sample_percent", "sample_unit",
)  # fmt: skip
"""Those settings of a test that say which rows are in which part."""


@dataclass(frozen=True)
class Divided:
    """What a split makes of a table: in words, and in numbers."""

    words: str
    preview: SplitPreview


class Tables:
    """The tables of one workbench. They are read, and fetched if need be, unless they are at hand."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def columns(self, dataset_id: str) -> tuple[ColumnStatistics, ...]:
        """Figures of every column. Raises CommandError."""
        return statistics_of(self._table(dataset_id))

    def sample(self, dataset_id: str, count: int) -> tuple[dict[str, Any], ...]:
        """Some rows, always the same ones, as JSON values. Raises CommandError.

        Args:
            count: 1 to 100.
        """
        table = self._table(dataset_id)
        try:
            return sample_rows(table, count)
        except ValueError as error:
            raise CommandError(str(error), "n") from error

    def divided(self, dataset_id: str, settings: Mapping[str, Any]) -> Divided:
        """What a test's split makes of the rows. Raises CommandError with what is wrong, also for a part without rows.

        Args:
            settings: of `SPLIT_SETTINGS`.
        """
        chosen, problems = checked_settings(settings)
        refuse(problems)
        assert chosen is not None  # without settings there are problems
        table = self._table(dataset_id)
        refuse(role_problems(find_dataset(self._workbench.state(), dataset_id), table.schema))
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

    def _table(self, dataset_id: str) -> Table:
        record = find_dataset(self._workbench.state(), dataset_id)
        refuse(p for p in dataset_problems(record) if p.code is None)
        try:
            return self._workbench.datasets.load(dataset_id)
        except DatasetError as error:
            raise not_readable(error) from error

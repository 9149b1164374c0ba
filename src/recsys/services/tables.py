"""What is in a dataset of interactions: figures of its columns, some rows, and what a split makes of it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from recsys.commands.facts import dataset_problems
from recsys.commands.trial_checks import checked_settings
from recsys.data.facts import TableFacts
from recsys.services.finding import not_readable
from workbench.commands.base import CommandError
from workbench.commands.rules import find_dataset, refuse
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from recsys.data.first_look import FirstLook
    from recsys.data.stats import ColumnStatistics
    from recsys.services.table_calls import Ceiling, Divided, Spread
    from workbench.workbench import Workbench

SPLIT_SETTINGS = (
    "split", "train", "val", "test", "holdout_days", "val_fraction", "train_days", "val_days", "test_days", "split_seed",
    "sample_percent", "sample_unit",
)  # fmt: skip
"""Those settings of a test that say which rows are in which part."""

QUICK_ROWS = 2_000_000
"""Tables of more rows are not counted while somebody fills in a form."""

_CALLS = "recsys.services.table_calls"
_KEPT = 64


class Tables:
    """The tables of one workbench. They are read, and fetched if need be, by a process beside a server (`Workbench.beside`).

    What was read off a table is kept as long as it has the same content and roles.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def columns(self, dataset_id: str) -> tuple[ColumnStatistics, ...]:
        """Figures of every column. Raises CommandError."""
        return self._read("columns", dataset_id)

    def sample(self, dataset_id: str, count: int) -> tuple[dict[str, Any], ...]:
        """Some rows, always the same ones, as JSON values. Raises CommandError.

        Args:
            count: 1 to 100.
        """
        return self._read("sample", dataset_id, count)

    def spread(self, dataset_id: str) -> Spread:
        """How unequally items are taken, and when. Raises CommandError."""
        return self._read("spread", dataset_id)

    def ceiling(self, dataset_id: str) -> Ceiling | None:
        """The best that anybody can reach on a simulated shop; None for other data. Raises CommandError."""
        return self._read("ceiling", dataset_id)

    def divided(self, dataset_id: str, settings: Mapping[str, Any]) -> Divided:
        """What a test's split makes of the rows. Raises CommandError with what is wrong, also for a part without rows.

        Args:
            settings: of `SPLIT_SETTINGS`.
        """
        chosen, problems = checked_settings(settings)
        refuse(problems)
        assert chosen is not None  # without settings there are problems
        asked = {name: getattr(chosen, name) for name in SPLIT_SETTINGS}
        return self._read("divided", dataset_id, asked)

    def first_look(self, path: Path, options: Mapping[str, Any]) -> FirstLook:
        """What importing a file would make of it. Raises CommandError for options that do not fit, and without the file.

        Args:
            options: of `TableOptions`, as text or JSON values.
        """
        if not path.is_file():
            raise CommandError(
                f"There is no file {path.name}.", "path", "See how it is spelled.", code="not_found"
            )
        return self._workbench.beside(f"{_CALLS}:first_look", path, dict(options))

    def is_quick(self, dataset_id: str) -> bool:
        """Whether a table was read and is small enough to be counted while somebody waits. Raises CommandError not_found."""
        manifest = find_dataset(self._workbench.state(), dataset_id).manifest
        return manifest is not None and TableFacts.of(manifest).rows <= QUICK_ROWS

    def _read(self, what: str, dataset_id: str, *arguments: Any) -> Any:
        record = find_dataset(self._workbench.state(), dataset_id)
        refuse(p for p in dataset_problems(record) if p.code is None)
        manifest = record.manifest
        if manifest is None:
            try:
                manifest = self._workbench.datasets.prepare(dataset_id).manifest
            except DatasetError as error:
                raise not_readable(error) from error
        key = (what, dataset_id, repr(manifest), repr(arguments))
        call = f"{_CALLS}:{what}"
        return self._workbench.kept.of(_Answers).get(
            key, lambda: self._workbench.beside(call, dataset_id, *arguments)
        )


class _Answers:
    """The last answers. Unlike `workbench.kept.Recent`, nobody waits for the answer to another question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()
        with self._lock:
            self._values[key] = made
            while len(self._values) > _KEPT:
                self._values.popitem(last=False)
        return made

"""Every error of people's data and of splits on the command line: its code, where it is, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recsys.data import limits
from tests.recsys.data.odd_tables import ODD, OddTable, table
from workbench import families


@pytest.fixture(autouse=True)
def shipped(trellis: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The recommenders as they are shipped."""
    monkeypatch.setattr(families, "FAMILIES", {"recsys": "recsys.family:FAMILY"})
    families.family.cache_clear()
    yield
    families.family.cache_clear()


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.code)
def test_a_table_that_cannot_be_used_is_refused_by_its_rule(
    trellis: Any, told: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: OddTable
) -> None:
    for name, value in odd.limits.items():
        monkeypatch.setattr(limits, name, value)
    path = tmp_path / "mine.csv"
    path.write_text(odd.content)
    options = [word for name, value in odd.options.items() for word in (f"--{name}", value)]
    said = trellis("data", "import", path, "--name", "Mine", *options)
    assert (said.code, said.out) == (1, "")
    assert f"({odd.code})." in said.err
    for words in (odd.says, odd.where, odd.hint):
        assert words.casefold() in said.err.casefold()
    assert all(data["name"] != "Mine" for data in told("data", "list"))


@pytest.mark.parametrize(
    ("split", "code"),
    [
        (("--split", "time_holdout", "--holdout-days", 400), "SPLIT_EMPTY"),
        (("--split", "random", "--train", 0.999, "--val", 0, "--test", 0.001), "SPLIT_EMPTY"),
        (("--split", "leave_last_out"), "SPLIT_NO_TIMESTAMP"),
    ],
)
def test_a_split_that_cannot_be_is_refused(
    trellis: Any, told: Any, tmp_path: Path, split: tuple[Any, ...], code: str
) -> None:
    path = tmp_path / "mine.csv"
    days: dict[str, Any] = (
        {}
        if code == "SPLIT_NO_TIMESTAMP"
        else {"at": lambda row: f"2024-{1 + row % 4:02d}-{1 + row % 28:02d}"}
    )
    path.write_text(table(**days))
    told("data", "import", path, "--name", "Mine")
    told("features", "create", "--data", "mine", "--name", "F")
    told("recommenders", "create", "--name", "M")
    said = trellis("quick-tests", "start", "F", "M", *split)
    assert (said.code, said.out) == (1, "")
    assert f"({code})" in said.err
    assert "Choose " in said.err
    assert told("quick-tests", "list") == []

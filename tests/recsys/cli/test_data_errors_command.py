"""Every error of people's data and of splits on the command line: its code, where it is, and what to do."""

from __future__ import annotations

import gzip
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


def test_what_is_odd_in_a_table_is_told_when_it_is_imported(trellis: Any, told: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    columns: dict[str, Any] = {
        "day": lambda row: f"{row % 28 + 1}/12/2024", "either": lambda row: f"0{row % 9 + 1}/04/2024",
        "share": lambda row: f"{row}%", "price": lambda row: f'"1.{row + 100},50 €"', "empty": lambda row: "",
    }  # fmt: skip
    path.write_text(table(**columns))
    said = trellis("data", "import", path, "--name", "Mine")
    assert said.code == 0, said.err
    for words in (
        'Dates of "day" are read day first: 13/12/2024 is 2024-12-13.',
        '"either" is text: its dates, such as 01/04/2024, may have the day or the month first.',
        'Numbers of "share" are read without "%": 0% is 0.',
        'Numbers of "price" are read without "€" and with a decimal comma: 1.100,50 € is 1100.5.',
    ):
        assert words in said.out + said.err
    made = trellis("features", "create", "--data", "mine", "--name", "F")
    assert '"empty" is left out: it has no value.' in made.out + made.err
    assert told("features", "defaults", "mine")["left_out"] == [
        {"column": "empty", "reason": "it has no value"}
    ]


def test_a_packed_file_is_named_for_what_it_is(trellis: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(gzip.compress(table().encode()))
    said = trellis("data", "import", path, "--name", "Mine")
    assert (said.code, said.out) == (1, "")
    assert "mine.csv is a file packed with gzip, no CSV text" in said.err
    assert "Unpack it" in said.err
    assert "(DS_PARSE)" in said.err


def test_a_target_beyond_float32_is_refused_before_anything_starts(
    trellis: Any, told: Any, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(table(rating=lambda row: "1e300" if row == 7 else str(row % 5)))
    told("data", "import", path, "--name", "Mine")
    told("features", "create", "--data", "mine", "--name", "F", "--target", "rating")
    told("recommenders", "create", "--name", "M", "--set", "model_type=ranking")
    said = trellis("quick-tests", "start", "F", "M")
    assert (said.code, said.out) == (1, "")
    assert 'Rating column "rating" holds 1e+300' in said.err
    assert "(C-2)" in said.err
    assert told("quick-tests", "list") == []


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


def test_a_file_is_looked_at_before_it_is_imported(trellis: Any, told: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(table(price=lambda row: f"{row}.5", share=lambda row: f"{row}%"))
    said = trellis("data", "look", path)
    assert said.code == 0, said.err
    (line,) = [line for line in said.out.splitlines() if line.strip().startswith("price")]
    assert line.split() == ["price", "numeric", "context", "0", "120", "0.5", "to", "119.5"]
    assert 'Numbers of "share" are read without "%"' in said.err
    found = told("data", "look", path, "--roles", "price=outcome")
    assert [(c["column"], c["role"]) for c in found["columns"]][2] == ("price", "outcome")
    assert found["importable"]
    assert all(data["name"] != "mine" for data in told("data", "list"))
    wrong = trellis("data", "look", path, "--types", "user_id=numeric", "--json")
    assert wrong.code == 1
    assert "user_id" in wrong.err
    assert trellis("data", "look", tmp_path / "nothing.csv").code == 1


def test_a_look_at_what_is_no_table_says_so(trellis: Any, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\nthis is a letter.\nBye.\n" * 50)
    said = trellis("data", "look", path)
    assert (said.code, said.out) == (1, "")
    assert "letter.txt is no table" in said.err

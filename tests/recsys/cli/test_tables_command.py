"""`trellis data columns` and `trellis data split-preview`."""

from __future__ import annotations

from typing import Any


def test_columns_are_shown_with_their_figures(trellis: Any, told: Any) -> None:
    said = trellis("data", "columns", "sales")
    assert said.code == 0, said.err
    (line,) = [line for line in said.out.splitlines() if line.strip().startswith("stars")]
    assert "outcome" in line
    assert "1 to 5, mean 3" in line
    found = {column["column"]: column for column in told("data", "columns", "sales")}
    assert (found["age"]["numeric"]["minimum"], found["age"]["cardinality"]) == (20.0, 12)


def test_a_split_is_shown_in_numbers(trellis: Any, told: Any) -> None:
    said = trellis(
        "data", "split-preview", "Sales", "--split", "time_holdout", "--holdout-days", 20, "--val-fraction", 0
    )
    assert said.code == 0, said.err
    assert "last 20 days held out" in said.out
    for part, rows in (("Train", 100), ("Validation", 0), ("Test", 20)):
        (line,) = [line for line in said.out.splitlines() if line.strip().startswith(f"{part} ")]
        assert line.split()[1:] == [str(rows), "rows"]
    assert told("data", "split-preview", "sales", "--split", "leave_last_out")["test"] == 12
    refused = trellis("data", "split-preview", "visits", "--split", "strict_time")
    assert (refused.code, refused.out) == (1, "")
    assert "SPLIT_NO_TIMESTAMP" in refused.err
    assert trellis("data", "columns", "nothing").code == 1


def test_the_core_s_own_commands_of_the_group_stay_beside_them(trellis: Any) -> None:
    words = [line.strip("│ ").split(" ")[0] for line in trellis("data", "--help").out.splitlines()]
    for name in ("columns", "split-preview", "stats", "amend"):
        assert words.count(name) == 1
    assert "--holdout-days" in trellis("data", "split-preview", "--help").out
    assert "--seed" not in trellis("data", "split-preview", "--help").out.replace("--split-seed", "")

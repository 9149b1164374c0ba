"""Runs beside each other."""

from __future__ import annotations

from tests.support.records import run_record
from workbench.cli.comparison import Compared, table_of_groups, table_of_runs


def compared(group: str, seed: int | None, number: int, **headline: float | None) -> Compared:
    run = run_record(family="rcmvae", number=number, headline=headline, duration_seconds=2.0, epochs_done=3)
    return Compared(f"{group}, seed {seed}", group, seed, run)


DONE = [compared("a", 1, 1, loss=1.0, accuracy=0.5), compared("a", 2, 2, loss=3.0, accuracy=None), compared("b", None, 3, loss=4.0)]


def test_a_run_has_a_row_and_a_metric_a_column() -> None:
    table = table_of_runs(DONE)
    assert table.columns == ("Run", "Model", "Seed", "State", "Epochs", "Time", "Loss ↓", "Accuracy ↑")
    assert [row[0] for row in table.rows] == ["#1", "#2", "#3"]
    assert [row[2] for row in table.rows] == ["1", "2", ""]
    assert [row[-2:] for row in table.rows] == [("1", "50.0 %"), ("3", ""), ("4", "")]


def test_runs_that_differ_by_their_seed_have_a_mean_and_a_standard_deviation() -> None:
    table = table_of_groups(DONE)
    assert table.columns == ("Model", "Runs", "Loss ↓", "Accuracy ↑")
    assert table.rows == (("a", "2", "2 ± 1.4", "50.0 %"), ("b", "1", "4", ""))


def test_without_runs_there_are_no_rows() -> None:
    assert (table_of_runs([]).rows, table_of_groups([]).rows) == ((), ())

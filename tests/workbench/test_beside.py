"""A run's metrics beside simple methods: what families declare, and how it is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.records import run_record
from workbench.beside import beside
from workbench.cli.comparison import Compared, table_beside, table_of_runs
from workbench.comparing import headline_rows, metric_rows
from workbench.families import all_families

TOLD: Any = {"simple": {"nearest_neighbours": {"value": 0.6}, "label_spreading": {"value": 0.4}, "perceptron": {"value": None}}}
NAME = "test/masked_mae@null=nan/avg"


def traffic(number: int, value: float, unit: str, last: float) -> tuple[Any, Any]:
    run = run_record(family="traffic", number=number, headline={NAME: value})
    entry = {"value": value, "unit": unit}
    return run, {"test": {NAME.removeprefix("test/"): entry}, "last_value": {NAME.removeprefix("test/"): {"value": last, "unit": unit}}}


def test_a_headline_stands_beside_what_its_family_names() -> None:
    run = run_record(family="rcmvae", headline={"accuracy": 0.5, "loss": 3.0})
    accuracy, loss = beside(run, TOLD)
    assert accuracy.references == {"Nearest neighbours": 0.6, "Label spreading": 0.4}
    assert accuracy.best() == {"Nearest neighbours"}
    assert (loss.references, loss.best()) == ({}, set())
    table = table_beside((accuracy, loss))
    assert table is not None
    assert table.columns == ("", "Model", "Nearest neighbours", "Label spreading")
    assert table.rows == (("Accuracy ↑", "50.0 %", "60.0 % *", "40.0 %"),)


def test_a_run_without_a_summary_has_no_such_table() -> None:
    assert table_beside(beside(run_record(family="rcmvae", headline={"accuracy": 0.5}), {})) is None


def test_errors_are_told_in_the_unit_of_the_data() -> None:
    (row,) = beside(*traffic(1, 2.5, "km/h", 3.0))
    assert (row.metric.text(row.value), row.references, row.best()) == ("2.5 km/h", {"Last value": 3.0}, {None})


def test_simple_methods_stand_once_below_runs_with_equal_ones_and_else_say_whose_they_are() -> None:
    runs = [traffic(1, 2.5, "km/h", 3.0), traffic(2, 2.4, "km/h", 3.0)]
    same = [Compared(f"M{run.number}", "M", None, run, told) for run, told in runs]
    rows = [(row[0], row[1], row[-1]) for row in table_of_runs(same).rows]
    assert rows == [("#1", "M1", "2.5 km/h"), ("#2", "M2", "2.4 km/h"), ("", "Last value", "3 km/h")]
    run, told = traffic(3, 1.5, "mph", 1.9)
    rows = [(row[1], row[-1]) for row in table_of_runs([*same, Compared("M3", "M", None, run, told)]).rows]
    assert rows[2:] == [("M3", "1.5 mph"), ("Last value, #1, #2", "3 km/h"), ("Last value, #3", "1.9 mph")]


def test_a_comparison_names_a_unit_only_if_the_runs_share_it() -> None:
    def units(*of: str) -> set[str]:
        runs = [run_record(family="rcmvae", number=number, headline={"test/loss": 2.0}) for number, _ in enumerate(of, 1)]
        told = [{"test": {"loss": {"value": 2.0, "unit": unit}}} for unit in of]
        return {row.metric.unit for row in (*headline_rows(runs, told), *metric_rows(runs, told))}

    assert units("km/h", "km/h") == {"km/h"}
    assert units("km/h", "mph") == {""}


@pytest.mark.parametrize("family", all_families(), ids=lambda family: family.name)
def test_what_metrics_name_beside_them_is_declared_in_a_group_with_a_title(family: Any) -> None:
    named = [key for metric in family.metrics for _, key in metric.references]
    assert named
    assert all(key in family.measures and family.group_title(key.partition("/")[0]) for key in named)

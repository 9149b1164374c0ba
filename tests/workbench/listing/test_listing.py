"""Columns of runs, what is asked of a list of them, and groups with means."""

from __future__ import annotations

from statistics import mean, stdev
from typing import Any

import pytest

from tests.support.records import run_record
from workbench.commands.base import CommandError
from workbench.listing import settings
from workbench.listing.asked import Asked, asked_of, lenient, select
from workbench.listing.columns import by_key, columns_of, differing_settings
from workbench.listing.expressions import ExpressionError, fits, parse
from workbench.listing.grouping import groups_of
from workbench.listing.settings import settings_of
from workbench.state import AppState, DatasetManifest, Kind, RunRecord, Subject
from workbench.store.reading import Reader

ARCHITECTURE = {"input_shape": [8, 8, 1], "num_classes": 10}


def trained(number: int, rate: float, accuracy: float | None, **more: Any) -> RunRecord:
    headline = {} if accuracy is None else {"accuracy": accuracy}
    config = {"architecture": ARCHITECTURE, "training": {"learning_rate": rate}}
    return run_record(id=f"run_{number:013}", number=number, headline=headline, config=config, **more)


RUNS = [
    trained(1, 0.1, 0.5, tags=("old",)), trained(2, 0.1, 0.7, duration_seconds=60.0), trained(3, 0.01, 0.9, duration_seconds=90.0),
    trained(4, 0.01, None, note="no result"), trained(5, 0.5, 0.8, deleted_at="2026-01-01T00:00:00.000Z"),
]  # fmt: skip
STATE = AppState(records={"run": {run.id: run for run in RUNS}})


def numbers(asked: Asked) -> list[int]:
    return [run.number for run in select(STATE, asked).runs]


def test_keys_and_titles_of_columns_are_each_one_columns_only() -> None:
    columns = columns_of([*RUNS, run_record(headline={"loss": 1.0}), run_record(headline={"loss": 1.0}, family="gone")])
    for names in ([c.key.casefold() for c in columns], [c.title.casefold() for c in columns]):
        assert len(names) == len(set(names))
    keys = by_key(columns)
    assert {"rcmvae.loss", "gone.loss", "accuracy", "learning_rate", "number"} <= set(keys)
    assert keys["gone.loss"].value(STATE, RUNS[0]) is None
    assert keys["max_epochs"].title == "Epochs (setting)"


def test_titles_say_the_unit_that_the_data_decides_and_all_of_them_where_there_are_several() -> None:
    def forecast(unit: str) -> RunRecord:
        key = "test/masked_mae@null=nan/avg"
        return run_record(family="traffic", model_type="lstm", headline={key: 3.0}, units={key: unit} if unit else {})

    def title(*units: str) -> str:
        return next(column.title for column in columns_of([forecast(unit) for unit in units]) if column.source == "metric")

    assert title("") == "MAE, mean of all steps"
    assert title("", "mph", "mph") == "MAE, mean of all steps (mph)"
    assert title("mph", "km/h") == "MAE, mean of all steps (mph, km/h)"


def test_a_setting_that_does_not_apply_has_no_value_and_one_that_differs_is_named() -> None:
    columns = columns_of(RUNS)
    assert differing_settings(columns, RUNS) == ("learning_rate",)
    assert differing_settings(columns, RUNS[:2]) == ()
    radius = by_key(columns)["geometric_radius"]
    assert radius.value(STATE, RUNS[0]) is None


def test_settings_that_records_share_are_looked_at_once_and_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = columns_of(RUNS)
    read = Reader(Kind.RUN)
    many = [read(run.model_copy(update={"id": f"run_{turn}"}).model_dump_json()) for turn in range(50) for run in RUNS]
    written: list[Any] = []
    text = settings._text
    monkeypatch.setattr(settings, "_text", lambda config: written.append(config) or text(config))
    assert differing_settings(columns, many) == differing_settings(columns, RUNS) == ("learning_rate",)
    assert [settings_of(run) for run in many[: len(RUNS)]] == [settings_of(run) for run in RUNS]
    shared = {id(run.config) for run in many}
    assert len([config for config in written if id(config) in shared]) == len(shared) < len(RUNS)


def test_a_run_whose_config_cannot_be_read_has_no_settings() -> None:
    broken = run_record(config={"architecture": {"input_shape": "odd"}, "training": {}})
    assert by_key(columns_of([broken]))["learning_rate"].value(STATE, broken) is None


def test_runs_are_chosen_sorted_and_deleted_ones_left_out() -> None:
    assert numbers(Asked()) == [4, 3, 2, 1]
    assert numbers(Asked(where="learning_rate = 0.1")) == [2, 1]
    assert numbers(Asked(sort=("accuracy",))) == [1, 2, 3, 4]
    assert numbers(Asked(sort=("-accuracy",))) == [3, 2, 1, 4]
    assert numbers(Asked(sort=("-learning_rate", "number"))) == [1, 2, 3, 4]
    assert select(STATE, Asked(where="note is not empty")).total == 4


@pytest.mark.parametrize("asked", [Asked(columns=("acuracy",)), Asked(sort=("-acuracy",)), Asked(group="acuracy")])
def test_an_unknown_column_is_refused_with_the_closest_one(asked: Asked) -> None:
    with pytest.raises(CommandError, match="acuracy") as caught:
        select(STATE, asked)
    assert (caught.value.code, caught.value.hint) == ("not_found", "Did you mean accuracy?")


def test_a_page_shows_all_runs_where_an_expression_cannot_be_read_and_says_why() -> None:
    found = lenient(STATE, Asked(where="accuracy >"))
    assert (len(found.runs), found.asked.where) == (4, "accuracy >")
    assert found.problem is not None
    with pytest.raises(ExpressionError):
        select(STATE, Asked(where="accuracy >"))


def test_what_is_asked_is_written_into_an_address_and_read_back() -> None:
    asked = Asked(where="tags = a,b", columns=("state", "accuracy"), sort=("-accuracy", "number"), group="seed")
    assert asked_of(asked.query()) == asked
    assert asked_of({"sort": ""}, asked).sort == ()
    assert asked_of({}, asked) == asked
    assert Asked().query() == {}


@pytest.mark.parametrize("query", [{"where": "x" * 2001}, {"columns": "a," * 300}, {"group": "x" * 300}, {"sort": "a," * 30}])
def test_an_address_that_asks_for_too_much_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="at most"):
        asked_of(query)


def test_groups_have_the_mean_and_the_spread_of_those_that_measured() -> None:
    columns = by_key(columns_of(RUNS))
    groups = groups_of(STATE, select(STATE, Asked()).runs, columns["learning_rate"], [columns["accuracy"], columns["duration"]])
    found = {group.words: group for group in groups}
    assert list(found) == ["0.01", "0.1"]
    pair = found["0.1"].means["accuracy"]
    assert (pair.count, pair.mean, pair.deviation) == (2, mean([0.5, 0.7]), stdev([0.5, 0.7]))
    assert pair.words == "60.0 ± 14 %"
    single = found["0.01"].means["accuracy"]
    assert (single.count, single.deviation, single.words) == (1, None, "90.0 %")
    assert found["0.1"].means["duration"].words == "60 s"


def test_a_group_has_no_mean_of_a_metric_over_different_data_but_one_of_times() -> None:
    runs = [
        run.model_copy(update={"dataset": DatasetManifest.model_construct(content_sha256=str(number)), "duration_seconds": 60.0 + number})
        for number, run in enumerate(RUNS[:2])
    ]
    columns = by_key(columns_of(runs))
    means = groups_of(STATE, runs, columns["learning_rate"], [columns["accuracy"], columns["duration"]])[0].means
    assert (means["accuracy"].count, means["accuracy"].mean, means["accuracy"].deviation) == (2, None, None)
    assert means["accuracy"].words == "not averaged: different data"
    assert means["duration"].mean == 60.5


@pytest.mark.parametrize(
    "key", ["learning_rate", "tags", "note", "accuracy", "state", "duration", "model", "use_tau_classifier", "seed", "created"]
)
def test_the_expression_of_a_group_gives_its_runs_and_no_others(key: str) -> None:
    runs = [
        *RUNS[:4],
        trained(6, 0.1, 0.7, tags=("old", 'a "b"'), note='say "hi"', subject=Subject(kind="model", id="model_0000000000001")),
    ]
    columns = by_key(columns_of(runs))
    for group in groups_of(STATE, runs, columns[key], []):
        wanted = parse(group.where, columns.values())
        assert wanted is not None
        found = {run.number for run in runs if fits(wanted, columns, STATE, run)}
        if key == "tags":
            assert {run.number for run in group.runs} <= found
        else:
            assert found == {run.number for run in group.runs}

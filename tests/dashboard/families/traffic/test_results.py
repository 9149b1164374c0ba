"""Results of forecasting runs on pages: tables beside baselines, a day replayed, runs compared."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from dashboard.families.traffic import reading
from dashboard.families.traffic.pages import addresses
from dashboard.families.traffic.pages.results import compare, drawing, lead, listing, one, tables
from dashboard.families.traffic.reading import Result
from dashboard.pages.page import query_of
from tests.support.records import run_record
from tests.support.trees import found, having, of_class, text_of, with_id
from tests.traffic.bundles import bundle
from traffic.bundle import Errors, TrafficBundle
from traffic.figures.errors import evaluations_of
from traffic.figures.table import table_of
from workbench.commands.base import CommandError
from workbench.state import DatasetManifest, RunState

made = cache(bundle)


def result(number: int, kept: TrafficBundle | None, name: str = "", alike: str = "", **changes: Any) -> Result:
    run = run_record(id=f"run_{number:013d}", number=number, state=RunState.COMPLETED if kept else RunState.FAILED, **changes)
    errors = None if kept is None else Errors(kept.facts, tuple(evaluations_of(kept)))
    return Result(run, name or f"Model {number}", f"/run/{run.id}", "Corridor", alike or str(number), errors, "" if kept else "It broke.")


def data(content: str) -> DatasetManifest:
    return DatasetManifest(source="csv_wide", loader_version=1, content_sha256=content)


def three_seeds() -> list[Result]:
    return [result(n + 1, made(seed=n), f"Oak, seed {n + 42}", "oak") for n in range(3)]


def words(node: Any) -> str:
    return " ".join(text_of(node).split())


def links(node: Any) -> list[str]:
    return [part.href for part in found(node, lambda part: getattr(part, "href", None))]


def test_without_runs_the_page_says_how_to_get_one() -> None:
    page = listing.page([], seeds=False, picked=[])
    assert "No forecast yet" in words(page)
    assert addresses.HOME in links(page)


def test_every_run_stands_beside_its_baselines_with_the_best_of_each_column_marked_in_words() -> None:
    page = listing.page([result(1, made()), result(2, None)], seeds=False, picked=[])
    text = words(page)
    for title in (
        "Model 1",
        "Last value",
        "Historical average",
        "MAE (km/h)",
        "all measured",
        "MAPE (%)",
        "without zeros",
        "null=0",
        "15 min",
        "60 min",
        "It broke.",
    ):
        assert title in text
    best = of_class(page, "is-best")
    assert len(best) == 12
    assert all("(best)" in text_of(cell) for cell in best)
    assert addresses.one_run(result(1, made()).run.id) in links(page)


def test_the_lead_over_the_best_baseline_has_an_interval_but_not_from_few_days() -> None:
    kept = made(days=30)
    errors = Errors(kept.facts, tuple(evaluations_of(kept)))
    assert "ahead of historical average (95 %" in lead.lead_words(errors, "km/h") or "ahead of last value (95 %" in lead.lead_words(
        errors, "km/h"
    )
    swapped = Errors(errors.facts, (errors.evaluations[1], errors.evaluations[0]))
    assert "behind model (95 %" in lead.lead_words(swapped, "km/h")
    day = np.zeros_like(kept.by_day)
    day[..., :1] = kept.by_day[..., :1]
    single = replace(kept, by_day=day)
    assert "(no interval of 95 % from 1 whole test day: days are drawn anew, and 5 are needed)" in lead.lead_words(
        Errors(kept.facts, tuple(evaluations_of(single))), "km/h"
    )


def scaled(kept: TrafficBundle, times: float) -> TrafficBundle:
    """The same with the model's errors so many times as large."""
    factor = np.ones((len(kept.facts.methods), 5))
    factor[0, 0] = times
    return replace(kept, by_sensor=kept.by_sensor * factor[:, :, None, None, None], by_day=kept.by_day * factor[:, :, None, None, None])


def errors_in(kept: TrafficBundle) -> Errors:
    return Errors(kept.facts, tuple(evaluations_of(kept)))


def test_the_bounds_of_a_lead_go_the_way_that_its_words_say() -> None:
    kept = made(days=30)
    for times, words in ((0.01, "ahead of"), (50.0, "behind")):
        text = lead.lead_words(errors_in(scaled(kept, times)), "km/h")
        value, low, high = (float(n) for n in re.findall(r"(?<!9)-?\d+\.\d+", text))
        assert words in text
        assert 0 < low <= value <= high
    same = np.concatenate([kept.by_day[1:2]] * 3), np.concatenate([kept.by_sensor[1:2]] * 3)
    assert lead.lead_words(errors_in(replace(kept, by_day=same[0], by_sensor=same[1])), "km/h") == "the same errors as last value"
    factor = np.ones((3, 5))
    factor[1:, 0] += 1e-5
    tiny = replace(kept, by_day=same[0] * factor[:, :, None, None, None], by_sensor=same[1])
    assert "0.00 " not in lead.lead_words(errors_in(tiny), "km/h")


def test_numbers_that_no_column_holds_are_written_as_powers_of_ten() -> None:
    kept = scaled(made(), 1e28)
    runs = [result(1, kept), result(2, scaled(made(seed=1), 2e28))]
    for page in (listing.page(runs, seeds=False, picked=[]), one.page(runs[0], kept, one.look_of(kept, {})), compare.page(runs)):
        assert "×10²" in words(page)
        assert not re.search(r"\d{12}", words(page))


def test_a_run_of_few_epochs_says_that_it_is_a_check_and_one_behind_its_baselines_what_to_do() -> None:
    few, usual = made(), replace(made(), facts=replace(made().facts, epochs=50))
    check, helps = "3 epochs of training are only a check", "Train longer"
    for times, epochs, said in (
        (0.01, few, (True, False)),
        (50.0, few, (True, True)),
        (0.01, usual, (False, False)),
        (50.0, usual, (False, True)),
    ):
        kept = scaled(epochs, times)
        page = words(one.page(result(1, kept), kept, one.look_of(kept, {})))
        assert (check in page, helps in page) == said
        assert (check in words(listing.page([result(1, kept)], seeds=False, picked=[]))) == said[0]


def test_runs_that_differ_in_seeds_alone_share_a_row_with_mean_and_spread() -> None:
    runs = three_seeds()
    apart, together = listing.page(runs, seeds=False, picked=[]), listing.page(runs, seeds=True, picked=[])
    assert "±" not in words(apart)
    assert "±" in words(together)
    assert reading.common_name(runs) == "Oak"
    rows = [row for row in found(together, lambda part: type(part).__name__ == "Tr") if "Oak" in text_of(row)]
    assert len(rows) == 1
    assert all(f"#{n}" in text_of(rows[0]) for n in (1, 2, 3))


def test_a_spread_stands_in_a_line_below_its_mean() -> None:
    page = listing.page(three_seeds(), seeds=True, picked=[])
    assert [text_of(part)[:3] for part in of_class(page, "errors-spread")] == [" ±\u00a0"] * 12


def test_runs_on_other_windows_have_a_table_of_their_own() -> None:
    page = listing.page([result(1, made()), result(2, made(days=14))], seeds=False, picked=[])
    assert len(of_class(page, "errors-table")) == 2


def test_runs_on_other_data_with_the_same_windows_have_tables_baselines_and_winners_of_their_own() -> None:
    here, there = result(1, made(), dataset=data("a")), replace(result(2, made(seed=1), dataset=data("b")), dataset="Bridge")
    again = result(3, made(seed=2), dataset=data("b"))
    page = listing.page([here, there, again], seeds=True, picked=[])
    assert [text_of(title) for title in found(page, lambda part: type(part).__name__ == "H2")] == ["Corridor", "Bridge", "Corridor"]
    assert len(of_class(page, "errors-table")) == 3
    assert len(of_class(page, "is-best")) == 3 * 12
    assert "different data" in words(compare.page([here, there]))
    alone = listing.page([here, result(4, made(seed=3), dataset=data("a"))], seeds=False, picked=[])
    assert len(of_class(alone, "errors-table")) == 1


def test_marking_runs_leads_to_their_comparison_at_an_address_that_says_which() -> None:
    runs = [result(1, made()), result(2, made(seed=1))]
    first, second = (run.run.id for run in runs)
    assert any(href.endswith(f"picked={first}") for href in links(listing.page(runs, seeds=False, picked=[])))
    page = listing.page(runs, seeds=False, picked=[first, second])
    assert addresses.compare([first, second]) in links(page)
    assert any(href.endswith(f"picked={second}") for href in links(page))
    assert "Mark 1 more" in words(listing.page(runs, seeds=False, picked=[first]))


def test_a_comparison_says_whether_differences_are_more_than_chance_and_lays_seeds_into_a_band() -> None:
    worse = replace(
        made(seed=5), by_sensor=made(seed=5).by_sensor, by_day=made(seed=5).by_day * np.array([2.0, 1, 1, 1, 1])[None, :, None, None, None]
    )
    runs = [*three_seeds(), result(4, worse, "Pine")]
    page = compare.page(runs)
    assert re.search(r"Pine #4 is \d+\.\d+ km/h worse in MAE than Oak \(no interval", words(page))
    assert "They share no seed: means over all of each." in words(page)
    lines = compare.lines_of(runs)
    assert [line.label for line in lines[:2]] == ["Oak", "Pine #4"]
    assert lines[0].low is not None
    assert lines[1].low is None
    assert [line.name for line in lines[2:]] == ["last_value", "historical_average"]
    assert drawing.compared(runs, dark=False)


def test_variants_of_several_seeds_are_compared_by_the_means_of_the_seeds_that_they_share() -> None:
    oak = [result(number, made(days=30, seed=number), f"Oak, seed {42 + number}") for number in (0, 1)]
    pine = [result(10 + number, scaled(made(days=30, seed=number), 1 + number), f"Pine, seed {42 + number}") for number in (1, 2, 0)]
    found = re.fullmatch(
        r"Pine is (\S+) km/h worse in MAE than Oak \(95 %: (\S+) to (\S+)\)\. Means over the seeds 42, 43\.",
        compare.difference_words(pine, oak),
    )
    assert found
    value, low, high = map(float, found.groups())
    assert low <= value <= high
    alone = re.search(r"is (\S+) km/h worse", compare.difference_words(pine[:1], oak))
    assert alone
    assert value == pytest.approx(float(alone[1]) / 2, abs=2e-3), "seed 42 has the same errors in both"
    assert compare.difference_words(oak, pine).startswith("Oak is ")
    assert " better in MAE than Pine" in compare.difference_words(oak, pine)
    assert "are not told apart" in compare.difference_words(oak[:1], [result(9, made(days=30), "Elm")])


def test_runs_that_cannot_stand_in_one_column_are_compared_apart_and_those_without_errors_say_why() -> None:
    page = compare.page([result(1, made()), result(2, made(days=14)), result(3, None)])
    assert "different data, windows" in words(page)
    assert len(of_class(page, "errors-table")) == 2
    assert "It broke." in words(page)
    assert "the address names 1" in words(compare.wrong_number(1))


def test_a_runs_page_begins_with_its_hardest_forecast_or_what_the_address_asks_for() -> None:
    kept = made(days=14, targets=2)
    look = one.look_of(kept, {})
    assert look is not None
    asked = query_of("?" + addresses.one_run("x", **one.query_of(kept, look)).partition("?")[2])
    assert one.look_of(kept, asked) == look
    other = one.look_of(kept, {"sensor": "s3", "day": asked["day"], "at": "08:35", "target": "flow", "metric": "rmse", "step": "6"})
    assert other is not None
    assert (other.sensor, other.target, other.metric, other.step) == (3, 1, "rmse", 6)
    assert one.time_words(kept, other.window) == "08:35"
    page = one.page(result(1, kept), kept, other)
    assert with_id(page, one.SENSOR).value == "3"
    assert int(with_id(page, one.AT).value) <= with_id(page, one.AT).max
    assert with_id(page, one.METRIC).value == "rmse"


@pytest.mark.parametrize(
    "query", [{"sensor": "gone"}, {"day": "1999-01-01"}, {"at": "25:00"}, {"metric": "r2"}, {"step": "5"}, {"target": "flow"}]
)
def test_an_address_that_names_what_a_run_does_not_have_leads_nowhere(query: dict[str, str]) -> None:
    with pytest.raises(CommandError) as caught:
        one.look_of(made(), query)
    assert caught.value.code == "not_found"


def test_a_run_without_forecasts_says_why_and_draws_nothing() -> None:
    page = one.page(result(1, None), None, None)
    assert "It broke." in words(page)
    with pytest.raises(KeyError):
        with_id(page, one.FAN)


def test_every_place_of_a_graph_has_words_and_only_what_there_is_has_a_place() -> None:
    kept = made()
    page = one.page(result(1, kept), kept, one.look_of(kept, {}))
    for id in (one.FAN, one.MAP, one.ROAD, one.AHEAD, one.HORIZON, one.HOURS, one.SENSORS, one.BESIDE, one.NEIGHBOURS, one.COVERAGE):
        assert having(page, id=id)[0].to_plotly_json()["props"]["aria-label"]
    plain = replace(
        made(quantiles=False),
        neighbours=kept.neighbours[:, :0],
        neighbour_m=kept.neighbour_m[:, :0],
        neighbour_weight=kept.neighbour_weight[:, :0],
    )
    bare = one.page(result(1, plain), plain, one.look_of(plain, {}))
    assert not having(bare, id=one.COVERAGE)
    assert not having(bare, id=one.NEIGHBOURS)


def test_the_slider_moves_over_the_forecasts_of_its_day_and_nonsense_is_refused() -> None:
    kept = made(days=14)
    day = str(one.look_of(kept, {}).day)  # type: ignore[union-attr]
    first = drawing.look_of(kept, "1", day, "0", "0")
    later = drawing.look_of(kept, "1", day, "12", "0")
    assert int(kept.timestamps[kept.origins[later.window]]) - int(kept.timestamps[kept.origins[first.window]]) == 3600
    assert drawing.look_of(kept, "1", day, "9999", "0").window == first.window + drawing.last_of_day(kept, int(day))
    for sensor, when in (("99", day), ("-1", day), ("1", "5"), ("x", day), ("1", None)):
        with pytest.raises(CommandError):
            drawing.look_of(kept, sensor, when, "0", "0")


def test_all_graphs_are_drawn_in_both_themes() -> None:
    kept = made()
    look = one.look_of(kept, {})
    assert look is not None
    for dark in (False, True):
        graphs = [
            drawing.fan(kept, look, dark=dark), *drawing.roads(kept, look.day, 0, dark=dark), drawing.map_of(kept, 0, "mape", 0, 3, dark=dark),
            *drawing.errors(kept, "rmse", 0, dark=dark), drawing.beside(kept, dark=dark), drawing.neighbours(kept, 0, dark=dark), drawing.coverage(kept, dark=dark),
        ]  # fmt: skip
        assert all(graph.to_plotly_json()["props"]["aria-label"] for graph in graphs)


def test_both_roads_have_one_scale_of_colours_and_one_of_time() -> None:
    kept = made()
    graphs: Any = drawing.roads(kept, one.look_of(kept, {}).day, 0, dark=False)  # type: ignore[union-attr]
    spans = [graph.children.figure.layout.xaxis.range for graph in graphs]
    assert spans[0] is not None
    assert spans[0] == spans[1]
    was, ahead = (graph.children.figure.data[0] for graph in graphs)
    assert (was.zmin, was.zmax) == (ahead.zmin, ahead.zmax)


def test_a_table_of_many_targets_is_of_the_first() -> None:
    kept = made(targets=2)
    errors = Errors(kept.facts, tuple(evaluations_of(kept)))
    assert "MAE (km/h)" in words(tables.error_table(table_of([("a", [errors])]), {}))


def test_of_very_many_runs_the_newest_are_listed_and_the_rest_is_linked() -> None:
    page = listing.page([result(1, made())], seeds=False, picked=[], all_runs=900)
    assert "the newest 1 of 900 runs" in words(page)
    assert any(href.startswith("/runs?") for href in links(page))
    assert "newest" not in words(listing.page([result(1, made())], seeds=False, picked=[], all_runs=1))

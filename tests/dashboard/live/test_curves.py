"""Curves drawn in full and patched."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from dashboard.live import curves
from dashboard.live.curves import Overlay, Palette, View
from dashboard.live.feed import Feed, fold
from dashboard.live.look import idle
from rcmvae.family import FAMILY
from tests.dashboard.live.feeding import Script
from workbench.families import Metric, Metrics, Panel, family

PALETTE = Palette("#0072b2", "#d55e00", ("#009e73", "#cc79a7"))

PANELS = {panel.name: panel for panel in FAMILY.panels}


def _axes(name: str, feed: Feed, hidden: tuple[str, ...] = ()) -> tuple[curves.Axes, ...]:
    return curves.axes_of(PANELS[name], feed, FAMILY.measures, PALETTE, hidden)


def _script(n: int = 6) -> Script:
    script = Script().add("started", total=n)
    for epoch in range(1, n + 1):
        script.epoch(
            epoch, n, train__loss=10.0 / epoch, validation__loss=11.0 / epoch, train__kl_z=0.1 * epoch, validation__kl_z=0.1 * epoch,
            validation__accuracy=epoch / n, train__learning_rate=1e-3, train__grad_norm=2.0,
        )  # fmt: skip
    return script


def _draw(panels: Any, feed: Feed, view: View, **more: Any) -> Any:
    return curves.draw(panels, feed, view, PALETTE, template=None, **more)


def _patched(figure: Any, patch: Any) -> list[list]:
    """The figure's traces with the patch's points appended, as [x, y] lists."""
    data = [[list(t.x), list(t.y)] for t in figure.data]
    for position, xs, ys in patch:
        data[position][0].extend(xs)
        data[position][1].extend(ys)
    return data


@pytest.mark.parametrize("smoothing", [0.0, 0.6])
def test_a_patched_figure_equals_one_drawn_in_full(smoothing: float) -> None:
    script, view = _script(), View(smoothing=smoothing)
    early, late = fold(Feed(), script.events[:4]), fold(Feed(), script.events)
    for name in PANELS:
        patch = curves.patch(_axes(name, late), late, early.cursor, view)
        assert patch
        figure = _draw(_axes(name, late), early, view)
        assert _patched(figure, patch) == [[list(t.x), list(t.y)] for t in _draw(_axes(name, late), late, view).data]


def test_there_is_nothing_to_patch_without_new_events() -> None:
    feed = fold(Feed(), _script().events)
    assert curves.patch(_axes("loss", feed), feed, feed.cursor, View()) == []


def test_traces_that_grow_hold_plain_lists() -> None:
    feed = fold(Feed(), _script().events)
    figure = _draw(_axes("loss", feed), feed, View()).to_plotly_json()
    assert all(isinstance(trace["x"], list | tuple) and isinstance(trace["y"], list | tuple) for trace in figure["data"])


def test_every_loss_term_has_its_panel_and_hidden_ones_have_none() -> None:
    script = _script().epoch(7, train__kl_c=0.2, validation__elbo=-3.0)
    feed = fold(Feed(), script.events)
    assert [p.title for p in _axes("terms", feed)] == ["KL z", "KL c", "ELBO"]
    assert [p.title for p in _axes("terms", feed, hidden=("kl_z",))] == ["KL c", "ELBO"]


def test_smoothing_equals_a_weighted_mean_of_the_past() -> None:
    values = [3.0, 1.0, 4.0, 1.0, 5.0]
    weights = [np.array([0.7 ** (n - 1 - i) for i in range(n)]) for n in range(1, 6)]
    expected = [float(np.average(values[: len(w)], weights=w)) for w in weights]
    assert curves.smooth(values, 0.7) == pytest.approx(expected)


def test_smoothing_passes_over_gaps_and_values_that_are_not_finite() -> None:
    assert curves.smooth([1.0, None, float("nan"), 3.0], 0.5) == [1.0, None, None, pytest.approx((0.25 * 1 + 0.5 * 3) / 0.75)]
    assert curves.smooth([1.0, float("inf")], 0.0) == [1.0, None]


def test_a_long_run_is_thinned_and_keeps_its_first_and_last_point() -> None:
    script = Script()
    for epoch in range(1, 5001):
        script.epoch(epoch, 5000, train__loss=1.0 / epoch)
    feed = fold(Feed(), script.events)
    xs = list(_draw(_axes("loss", feed), feed, View()).data[0].x)
    assert len(xs) <= curves.MAX_POINTS + 1
    assert (xs[0], xs[-1]) == (1, 5000)


def test_another_run_is_laid_over_after_the_own_lines() -> None:
    feed, other = fold(Feed(), _script().events), fold(Feed(), _script(3).events)
    figure = _draw(_axes("loss", feed), feed, View(), overlays=[Overlay("run_b", "#2", other)])
    assert [t.name for t in figure.data] == ["Training", "Validation", "#2"]
    assert list(figure.data[2].x) == [1, 2, 3]


def test_a_logarithmic_scale_spares_axes_with_values_of_0_or_less_and_says_so() -> None:
    feed = fold(Feed(), _script().epoch(7, train__elbo=-3.0).events)
    figure = _draw(_axes("terms", feed), feed, View(log=True), columns=2)
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis2.type is None
    assert figure.layout.yaxis2.title.text == curves.LINEAR


@pytest.mark.parametrize(("view", "abreast"), [(View(), 3), (View(narrow=True), 2)])
def test_small_curves_stand_two_abreast_in_a_narrow_window(view: View, abreast: int) -> None:
    feed = fold(Feed(), _script().epoch(7, train__one=1.0, train__two=1.0, train__three=1.0, train__four=1.0).events)
    layout = _draw(_axes("terms", feed), feed, view, columns=3).to_plotly_json()["layout"]
    starts = {axis["domain"][0] for name, axis in layout.items() if name.startswith("xaxis")}
    assert len(starts) == abreast


def test_a_patch_does_not_fit_once_a_value_falls_to_0_on_a_logarithmic_scale() -> None:
    script = _script()
    before, after = fold(Feed(), script.events), fold(Feed(), script.epoch(7, train__loss=-1.0).events)
    assert curves.structure(_axes("loss", before), before) != curves.structure(_axes("loss", after), after)


def test_a_family_without_accuracy_has_no_panel_of_it() -> None:
    assert [panel.name for panel in FAMILY.panels] == ["loss", "accuracy", "terms", "optimiser"]
    errors = Panel("errors", "Errors", "Errors over the epochs")
    metrics = Metrics((Metric("rmse", "RMSE", "km/h", "lower", panel="errors", splits=("train", "validation")),))
    feed = fold(Feed(), Script().epoch(1, train__rmse=3.0, validation__rmse=4.0, validation__accuracy=0.5).events)
    (axes,) = curves.axes_of(errors, feed, metrics, PALETTE)
    assert (axes.title, [line.key for line in axes.lines]) == ("Errors", ["train/rmse", "validation/rmse"])


def test_what_nobody_declared_is_drawn_where_a_panel_takes_the_rest() -> None:
    feed = fold(Feed(), Script().epoch(1, train__oddity=3.0).add("diagnostics", name="gate", values={"width": 2.0}).events)
    assert [axes.title for axes in _axes("terms", feed)] == ["Oddity"]
    assert [axes.title for axes in _axes("optimiser", feed)] == ["Width"]


def test_numbers_that_a_forecast_tells_beside_its_curves_become_none() -> None:
    told = {"interval_s": 300, "lead": 0.2, "model": [3.0]}
    feed = fold(Feed(), Script().epoch(1, train__learning_rate=0.1).add("diagnostics", name="horizons", values=told).events)
    declared = family("traffic")
    titles = [axes.title for panel in declared.panels for axes in curves.axes_of(panel, feed, declared.measures, PALETTE)]
    assert "Learning rate" in titles
    assert not {"Interval s", "Lead", "Model"} & set(titles)
    assert len(titles) == 3


def test_a_view_says_what_a_figure_was_drawn_with() -> None:
    assert View(smoothing=0.5).key != View().key
    assert View(overlay=("run_a",)).key != View().key
    assert View(narrow=True).key != View().key
    assert View(log=True).key == View(log=True).key


def test_several_metrics_on_the_same_axes_have_colours_of_their_own() -> None:
    metrics = Metrics(tuple(Metric(name, name, panel="errors", splits=("validation",)) for name in ("rmse", "mae", "mape")))
    feed = fold(Feed(), Script().epoch(1, validation__rmse=3.0, validation__mae=2.0, validation__mape=1.0).events)
    (axes,) = curves.axes_of(Panel("errors", "Errors", "Errors over the epochs"), feed, metrics, PALETTE)
    assert len({line.colour for line in axes.lines}) == 3


@pytest.mark.parametrize("reported", [False, True])
def test_a_panel_of_metrics_that_the_model_does_not_have_is_hidden_once_others_are_there(reported: bool) -> None:
    script = Script().epoch(1, train__loss=3.0)
    feed = fold(Feed(), script.events) if reported else Feed()
    hidden = {panel.name: idle(panel, feed, FAMILY) for panel in FAMILY.panels}
    assert hidden == {"loss": False, "accuracy": reported, "terms": False, "optimiser": reported}


def _steps(feed: Feed, overlays: tuple[Overlay, ...] = ()) -> set[float | None]:
    layout = _draw(_axes("terms", feed), feed, View(), overlays=overlays).to_plotly_json()["layout"]
    return {axis.get("dtick") for name, axis in layout.items() if name.startswith("xaxis")}


def test_each_of_a_few_epochs_has_a_tick_and_none_stands_between_them() -> None:
    few, many = fold(Feed(), _script(2).events), fold(Feed(), _script(60).events)
    assert _steps(few) == {1}
    assert _steps(many) == {None}, "one tick for each of 60 epochs"
    assert _steps(few, (Overlay("run_b", "#2", many),)) == {None}


def test_a_figure_is_drawn_anew_once_its_epochs_are_not_few_any_more() -> None:
    few, many = fold(Feed(), _script(8).events), fold(Feed(), _script(9).events)
    assert curves.structure(_axes("loss", few), few) != curves.structure(_axes("loss", many), many)


def test_an_axis_of_shares_goes_no_further_than_all_and_none_and_its_legend_leaves_the_tools_free() -> None:
    feed = fold(Feed(), _script().events)
    figure = _draw(_axes("accuracy", feed), feed, View())
    clipped = figure.layout.yaxis.autorangeoptions
    assert (clipped.clipmin, clipped.clipmax) == (-0.02, 1.02)
    assert _draw(_axes("loss", feed), feed, View()).layout.yaxis.autorangeoptions.clipmax is None
    assert figure.layout.legend.xanchor == "left"


@pytest.mark.parametrize("name", ["rcmvae", "recsys", "traffic"])
def test_a_learning_rate_that_stays_stands_over_zero_and_not_on_it(name: str) -> None:
    declared = family(name)
    feed = fold(Feed(), Script().epoch(1, train__learning_rate=1e-3, train__grad_norm=2.0).epoch(2, train__learning_rate=1e-3).events)
    panel = next(panel for panel in declared.panels if panel.name == "optimiser")
    axes = curves.axes_of(panel, feed, declared.measures, PALETTE)
    figure = _draw(axes, feed, View())
    modes = [figure.layout[f"yaxis{n or ''}"].rangemode for n in (0, *range(2, 1 + len(axes)))]
    assert [mode == "tozero" for mode in modes] == [one.title == "Learning rate" for one in axes]
    assert "tozero" in modes


HALF_IMPORTED = """
import importlib.machinery, sys, threading, time
from dashboard.live import curves
from dashboard.live.feed import Feed

assert "numpy" not in sys.modules
begun = threading.Event()

class Slow(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        spec = super().find_spec(name, path, target)
        if name == "numpy":
            real = spec.loader.exec_module
            spec.loader.exec_module = lambda module: (begun.set(), time.sleep(1), real(module))
        return spec

sys.meta_path.insert(0, Slow)
other = threading.Thread(target=__import__, args=("numpy",))
other.start()
assert begun.wait(30)
curves.draw((curves.Axes("Loss", ()),), Feed(), curves.View(), curves.Palette("#000", "#111", ("#222",)), template=None)
"""


def test_a_figure_is_drawn_while_another_thread_imports_numpy() -> None:
    done = subprocess.run([sys.executable, "-c", HALF_IMPORTED], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr

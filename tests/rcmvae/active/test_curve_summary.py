"""Means, spread and the labels a strategy saves, on curves whose answers are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rcmvae.active import curve_files
from rcmvae.active.curve_summary import labels_to_reach, lines
from rcmvae.figures.label_curve import draw
from rcmvae.label_curve import CurveError, CurveRow, CurveSettings

SETTINGS = CurveSettings("digits", "custom", ("random", "margin"), budget=60, seeds=2)


def row(strategy: str, labels: int, accuracy: float, seed: int = 0) -> CurveRow:
    return CurveRow(seed, strategy, labels // 20 - 1, labels, accuracy, 3, 1.5, (labels, 4))


RANDOM = [row("random", 20, 0.5), row("random", 40, 0.6), row("random", 60, 0.8)]
MARGIN = [row("margin", 20, 0.5), row("margin", 40, 0.7), row("margin", 60, 0.9)]


def test_mean_and_spread_are_over_seeds() -> None:
    line = lines([row("margin", 20, 0.5), row("margin", 20, 0.7, seed=1), row("margin", 40, 0.9)])[0]
    np.testing.assert_allclose(line.mean, [0.6, 0.9])
    np.testing.assert_allclose(line.spread, [np.sqrt(0.02), 0])
    assert line.seeds.tolist() == [2, 1]


def test_labels_to_reach_randoms_accuracy_are_interpolated() -> None:
    found = labels_to_reach(RANDOM + MARGIN)
    assert len(found) == 1
    assert found[0].labels == pytest.approx(50)
    assert found[0].sentence == "margin needs 50 labels for the 80.0 % that random labels reach with 60"


def test_a_strategy_that_does_not_get_there_says_how_far_it_came() -> None:
    found = labels_to_reach([*RANDOM, row("ood", 20, 0.5), row("ood", 40, 0.55), row("ood", 60, 0.52)])
    assert found[0].labels is None
    assert "does not reach" in found[0].sentence
    assert "at best 55.0 %, with 40" in found[0].sentence
    assert labels_to_reach(MARGIN) == ()
    assert labels_to_reach([*RANDOM, row("ood", 20, 0.95)])[0].labels == 20


@pytest.mark.parametrize("dark", [False, True])
def test_the_figure_has_a_line_a_strategy_a_band_of_spread_and_the_sentence(dark: bool) -> None:
    two = [*RANDOM, *MARGIN, row("random", 20, 0.6, seed=1), row("margin", 20, 0.4, seed=1)]
    figure: Any = draw(two, dark=dark)
    shown = {trace.name: trace for trace in figure.data if trace.showlegend is not False}
    assert list(shown) == ["random", "margin"]
    np.testing.assert_allclose(shown["margin"].y, [45, 70, 90])
    assert sum(trace.fill == "toself" for trace in figure.data) == 2
    assert "margin needs 50 labels" in figure.layout.annotations[0].text
    json.loads(figure.to_json())


def test_a_figure_without_rows_or_with_one_seed_says_what_there_is() -> None:
    nothing: Any = draw([])
    assert "No round is done yet" in nothing.layout.annotations[0].text
    one: Any = draw(RANDOM)
    assert len(one.data) == 1


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    curve_files.write_rows(tmp_path, MARGIN + RANDOM)
    assert curve_files.read_rows(tmp_path) == MARGIN + RANDOM
    assert curve_files.read_rows(tmp_path / "none") == []


@pytest.mark.parametrize("text", ["nonsense", "seed,strategy,round,labels,accuracy,epochs,seconds,asked\n0,margin,one,20,0.5,3,1,\n"])
def test_a_damaged_table_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / curve_files.TABLE).write_text(text)
    with pytest.raises(CurveError, match="line"):
        curve_files.read_rows(tmp_path)


def test_a_folder_goes_on_with_its_own_settings_only(tmp_path: Path) -> None:
    folder = tmp_path / "curve"
    curve_files.open_folder(folder, SETTINGS, "abc")
    curve_files.open_folder(folder, CurveSettings("digits", "custom", ("random", "ood"), budget=100, seeds=5), "abc")
    with pytest.raises(CurveError, match="step was 20, now 10; epochs was None, now 7"):
        curve_files.open_folder(folder, CurveSettings("digits", "custom", ("random",), step=10, epochs=7), "abc")
    with pytest.raises(CurveError, match="dataset_sha256 was abc, now def"):
        curve_files.open_folder(folder, SETTINGS, "def")
    (folder / curve_files.SETTINGS).write_text("{torn")
    with pytest.raises(CurveError, match="cannot be read"):
        curve_files.open_folder(folder, SETTINGS, "abc")


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("...")
    with pytest.raises(CurveError, match="holds other files"):
        curve_files.open_folder(tmp_path, SETTINGS, "abc")


def test_two_processes_do_not_compute_in_one_folder(tmp_path: Path) -> None:
    with (
        curve_files.sole_writer(tmp_path),
        pytest.raises(CurveError, match="another process computes"),
        curve_files.sole_writer(tmp_path),
    ):
        pass
    with curve_files.sole_writer(tmp_path):
        pass


def test_the_figures_page_needs_no_network(tmp_path: Path) -> None:
    text = curve_files.write_figure(tmp_path, draw(RANDOM)).read_text()
    assert "<script src" not in text
    assert len(text) > 1_000_000

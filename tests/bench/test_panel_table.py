"""The table of the panel: ratios to the best simple method, the worst set first; and which sets may run."""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np
import pytest

from bench import panel, panel_table
from bench.panel_sets import BY_NAME, PANEL
from bench.panel_table import Record, keep, kept, line_of, lines_of, overall, text_of
from rcmvae.simple.words import TITLES


def record(name: str, draw: int, model: float | None, **simple: float) -> Record:
    return Record(name, draw, 100, 400, simple, {}, model)


def test_the_best_simple_method_is_that_with_the_highest_mean_over_draws() -> None:
    draws = [record("a", 0, 0.9, knn=0.7, svm=0.9), record("a", 1, 0.8, knn=0.84, svm=0.7)]
    line = line_of(draws)
    assert (line.best, line.draws) == ("svm", 2)
    assert line.best_mean == pytest.approx(0.8)
    assert line.mean == pytest.approx(0.85)
    assert line.deviation == pytest.approx(statistics.stdev([0.9, 0.8]))
    assert line.best_deviation == pytest.approx(statistics.stdev([0.9, 0.7]))
    assert line.errors == pytest.approx(0.15 / 0.2)
    assert line.accuracies == pytest.approx(0.85 / 0.8)


def test_a_method_without_an_answer_in_a_draw_is_no_yardstick() -> None:
    line = line_of([record("a", 0, 0.9, knn=0.7, svm=0.95), record("a", 1, 0.9, knn=0.7)])
    assert line.best == "knn"
    assert list(line.methods) == ["knn"]
    with pytest.raises(ValueError, match="no simple method"):
        line_of([record("a", 0, 0.9, knn=0.7), record("a", 1, 0.9, svm=0.7)])


def test_the_worst_ratio_comes_first_and_sets_without_a_model_last() -> None:
    records = [
        record("good", 0, 0.95, knn=0.9),
        record("none", 0, None, knn=0.9),
        record("bad", 0, 0.7, knn=0.8),
        record("even", 0, 0.6, knn=0.6),
    ]
    lines = lines_of(records)
    assert [line.set for line in lines] == ["bad", "even", "good", "none"]
    assert overall(lines) == pytest.approx((1.5, (1.5 + 1.0 + 0.5) / 3))
    assert overall(lines[-1:]) is None


def test_a_draw_without_a_model_leaves_the_set_without_a_ratio() -> None:
    line = line_of([record("a", 0, 0.9, knn=0.7), record("a", 1, None, knn=0.7)])
    assert line.mean is None
    assert line.errors is None


@pytest.mark.parametrize(("model", "ratio"), [(1.0, 1.0), (0.99, float("inf"))])
def test_a_faultless_simple_method_divides_by_nothing(model: float, ratio: float) -> None:
    assert line_of([record("a", 0, model, knn=1.0)]).errors == ratio


def test_the_table_shows_every_method_and_both_ratios() -> None:
    text = text_of(lines_of([record("a", 0, 0.9, knn=0.8), record("a", 1, 0.94, knn=0.8)]), {"a": "Set A"}, {"knn": "Neighbours"})
    assert text.splitlines()[-1] == "| Set A | 2 | 92.0 ± 2.8 | Neighbours 80.0 ± 0.0 | 0.40x | 1.15x | 80.0 |"


def test_a_draw_that_is_run_again_replaces_what_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_table, "RAW", tmp_path / "panel")
    assert kept("p") == {}
    for each in (record("a", 0, 0.5, knn=0.4), record("b", 0, 0.6, knn=0.4), record("a", 0, 0.7, knn=0.4)):
        keep("p", each)
    assert kept("p") == {("a", 0): record("a", 0, 0.7, knn=0.4), ("b", 0): record("b", 0, 0.6, knn=0.4)}
    assert kept("other") == {}


def test_held_out_sets_run_only_with_the_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    held = [each.name for each in PANEL if each.held_out]
    assert len(held) == 2
    monkeypatch.delenv("TRELLIS_PANEL_HELD_OUT", raising=False)
    monkeypatch.setenv("TRELLIS_PANEL_SETS", "")
    assert not {each.name for each in panel.chosen_sets()} & set(held)
    monkeypatch.setenv("TRELLIS_PANEL_SETS", f"digits,{held[0]}")
    with pytest.raises(SystemExit, match=f"{held[0]}: held out"):
        panel.chosen_sets()
    monkeypatch.setenv("TRELLIS_PANEL_SETS", "digits,digit")
    with pytest.raises(SystemExit, match="no set named digit;"):
        panel.chosen_sets()


def test_a_draw_of_a_set_is_judged_by_every_simple_method_and_kept_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(panel.CACHE_VARIABLE, str(tmp_path))
    digits = BY_NAME["digits"]
    dataset = digits.load()
    found = panel.simple_record(digits, dataset, 3)
    assert (found.labels, found.held) == (128, 360)
    assert set(found.simple) == set(TITLES)
    assert min(found.simple.values()) > 0.8
    monkeypatch.setattr("rcmvae.simple.beside.answer_of", lambda *_: pytest.fail("computed again"))
    assert panel.simple_record(digits, dataset, 3) == found


def test_sets_say_of_themselves_what_they_are() -> None:
    names = [each.name for each in PANEL]
    assert len(set(names)) == len(names)
    for each in PANEL:
        if each.present() and each.n_train < 60_000:
            dataset = each.load()
            train = np.delete(np.arange(len(dataset.images)), dataset.test)
            assert (len(train), len(dataset.test)) == (each.n_train, each.n_test), each.name
            assert len(np.unique(dataset.true_labels[train])) == len(dataset.class_names) == each.classes, each.name
            assert dataset.manifest.content_sha256 == each.load().manifest.content_sha256, each.name
    assert BY_NAME["digits"].given({1: 2}, 0) == {1: 2}
    wrong = BY_NAME["mnist_wrong_labels"]
    assert sum(a != b for a, b in zip(wrong.given(dict.fromkeys(range(100), 3), 0).values(), [3] * 100, strict=True)) == 20

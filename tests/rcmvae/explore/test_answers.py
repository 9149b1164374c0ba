"""After a label a page is told what changed, and what it then has is what the model says."""

from __future__ import annotations

import numpy as np

from rcmvae.explore.answers import FOLLOWING, UNSEEN, answers_since, changes, heard
from rcmvae.explore.points import points_of
from rcmvae.labels.service import LabelService
from workbench.state import ModelRecord
from workbench.workbench import Workbench

ME = "user:test"


def said(predicted: list[int], certainty: list[float], entropy: list[float]) -> dict[str, np.ndarray]:
    return {
        "predicted": np.array(predicted, np.int16),
        "certainty": np.array(certainty, np.float32),
        "entropy": np.array(entropy, np.float32),
    }


def test_a_page_that_takes_what_changed_has_what_the_model_says(bench: Workbench, model: ModelRecord) -> None:
    found = points_of(bench, model.id)
    has = {name: np.array(found.columns[name]) for name in FOLLOWING}
    mark = heard(bench, found)
    labelled = bench.state().labels[model.id]
    unlabelled = [int(row) for row in found.columns["rows"] if int(row) not in labelled]
    parts = 0
    for row in unlabelled[:6]:
        LabelService(bench).set(actor=ME, model_id=model.id, labels={row: 3})
        answer = answers_since(bench, model.id, mark)
        mark = answer.meta["mark"]
        at = answer.columns.get("changed", slice(None))
        parts += "changed" in answer.columns
        for name in FOLLOWING:
            has[name][at] = answer.columns[name]
        now = points_of(bench, model.id).columns
        assert np.array_equal(has["predicted"], now["predicted"])
        for name, unseen in UNSEEN.items():
            assert np.abs(has[name] - now[name]).max() <= unseen * 1.001
    nothing = answers_since(bench, model.id, mark)
    assert not len(nothing.columns["changed"])
    assert parts > 0


def test_a_mark_that_nobody_knows_gets_all_points(bench: Workbench, model: ModelRecord) -> None:
    answer = answers_since(bench, model.id, "of an earlier server")
    assert "changed" not in answer.columns
    assert len(answer.columns["predicted"]) == len(points_of(bench, model.id).columns["rows"])
    assert not len(answers_since(bench, model.id, answer.meta["mark"]).columns["changed"])


def test_what_looks_the_same_is_not_sent_and_small_changes_that_add_up_are() -> None:
    before = said([1, 2, 3, 4], [0.9, 0.8, 0.7, np.nan], [0.1, 0.2, 0.3, np.nan])
    assert (changes(before, before) == []).all()
    near = said([1, 2, 3, 4], [0.9006, 0.8, 0.7, np.nan], [0.1, 0.2, 0.3, np.nan])
    assert (changes(before, near) == []).all()
    far = said([1, 2, 3, 4], [0.9012, 0.8, 0.7, 0.5], [0.1, 0.2, 0.3, 0.4])
    assert changes(before, far).tolist() == [0, 3]  # type: ignore[union-attr]
    assert changes(before, said([1, 5, 3, 4], [0.9, 0.8, 0.7, np.nan], [0.1, 0.2, 0.3, np.nan])).tolist() == [1]  # type: ignore[union-attr]


def test_all_points_are_sent_where_that_is_as_short_or_they_are_others() -> None:
    before = said([1, 2], [0.9, 0.8], [0.1, 0.2])
    assert changes(before, said([2, 1], [0.9, 0.8], [0.1, 0.2])) is None
    assert changes(before, said([1], [0.9], [0.1])) is None

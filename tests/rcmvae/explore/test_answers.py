"""After a label a page is told what changed, and what it then has is what the model says."""

from __future__ import annotations

import numpy as np

from rcmvae.explore.answers import FOLLOWING, KEPT, NAN, STEPS, Answer, Heard, answers_since, differences, heard
from rcmvae.explore.points import points_of
from rcmvae.labels.service import LabelService
from workbench.state import ModelRecord
from workbench.workbench import Workbench

ME = "user:test"


def moved(has: dict[str, np.ndarray], answer: Answer) -> None:
    """What `assets/explore-follow.js` does with an answer."""
    for name in FOLLOWING:
        steps = 1 if name == "predicted" else answer.meta["steps"]
        at = np.flatnonzero(answer.columns[name])
        has[name][at] = (np.floor(has[name][at].astype(np.float64) * steps + 0.5) + answer.columns[name][at]) / steps


def test_a_page_that_takes_what_changed_has_what_the_model_says(bench: Workbench, model: ModelRecord) -> None:
    found = points_of(bench, model.id)
    has = {name: np.array(found.columns[name]) for name in FOLLOWING}
    mark = heard(bench, found)
    labelled = bench.state().labels[model.id]
    unlabelled = [int(row) for row in found.columns["rows"] if int(row) not in labelled]
    told = 0
    for row in unlabelled[:6]:
        LabelService(bench).set(actor=ME, model_id=model.id, labels={row: 3})
        answer = answers_since(bench, model.id, mark)
        mark = answer.meta["mark"]
        moved(has, answer)
        told += int((answer.columns["certainty"] != 0).sum())
        now = points_of(bench, model.id).columns
        assert np.array_equal(has["predicted"], now["predicted"])
        assert max(np.abs(has[name] - now[name]).max() for name in ("certainty", "entropy")) <= 1.001 / STEPS
    assert told > 0
    nothing = answers_since(bench, model.id, mark)
    assert not any(column.any() for column in nothing.columns.values())


def test_a_mark_that_nobody_knows_gets_what_is_so_now(bench: Workbench, model: ModelRecord) -> None:
    answer = answers_since(bench, model.id, "of an earlier server")
    assert "steps" not in answer.meta
    assert np.array_equal(answer.columns["certainty"], points_of(bench, model.id).columns["certainty"])
    assert answers_since(bench, model.id, answer.meta["mark"]).meta["steps"] == STEPS


def test_other_points_and_what_was_not_known_are_told_whole() -> None:
    def levels(*certainty: int) -> dict[str, np.ndarray]:
        return {name: np.array(certainty, np.int16) for name in FOLLOWING}

    assert differences(levels(5, 7), levels(5, 7, 9)) is None
    assert differences(levels(5, NAN), levels(5, 7)) is None
    assert differences(levels(5, NAN), levels(3, NAN)) is not None


def test_the_server_forgets_the_page_that_asked_longest_ago() -> None:
    pages = Heard()
    for number in range(KEPT + 1):
        pages.keep(str(number), {})
    assert pages.of("0") is None
    assert pages.of("1") is not None

"""Two tests on the same rows: their difference with an interval, or why there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.evaluation.bootstrap import paired_lifts
from recsys.evaluation.candidates import Candidates
from recsys.evaluation.comparing import Ranked, Rated, Results
from recsys.evaluation.metrics import ranking_metrics, rating_metrics
from recsys.evaluation.protocol import Protocol, RankingProtocol
from recsys.evaluation.ranks import Ranks
from recsys.service import RecommenderService
from recsys.services import pairing
from recsys.services.pairing import NO_FIGURE, NOT_KEPT, SAME_ROWS, paired_with_first
from recsys.training import bundle
from tests.support.acting import finish, run_to
from tests.support.recommender_family import SALES, features
from workbench.runs.folder import BUNDLE
from workbench.state import RunRecord
from workbench.workbench import Workbench

ROWS = 40
USERS = np.arange(ROWS) % 10


def results(
    *, hits: int | None = None, error: float | None = None, split: str = "random", first_row: int = 0
) -> Results:
    """Of a model that has `hits` of 40 rows in the first ten places, spread evenly over ten users; or ratings that are off by `error`."""
    rows = np.arange(ROWS) + first_row
    made = Results(users=USERS, rows=rows, rated_users=USERS, rated_rows=rows, actual=np.full(ROWS, 3.0))
    if hits is not None:
        ranks = Ranks(np.where(np.arange(ROWS) < hits, 1.0, 15.0), None, 200)
        protocol = RankingProtocol.of(
            ranks, USERS, Candidates.of(np.arange(200)), split=split, seed=1, candidate_set="catalog"
        )
        made.ranked.append(Ranked("model", "", ranks, ranking_metrics(ranks, USERS, USERS, protocol)))
    if error is not None:
        figures = rating_metrics(
            made.actual + error, made.actual, Protocol(split=split, seed=1, rows=ROWS, users=10)
        )
        made.rated.append(Rated("model", "", made.actual + error, figures))
    return made


@pytest.fixture
def kept(bench: Workbench) -> Any:
    """kept(results): a completed test with these results."""
    service = RecommenderService(bench)
    pair: dict[str, Any] = {
        "feature_config": service.features.create(
            actor="me", dataset_id=SALES, name="F", document=features()
        ).id,
        "model_config": service.models.create(actor="me", name="M", document={}).id,
    }

    def make(found: Results | None) -> RunRecord:
        run = service.tests.start(actor="me", **pair)
        if found is not None:
            folder: Path = Path(bench.runs.where(run.id))
            folder.mkdir(parents=True)
            bundle.write(folder / BUNDLE, found, found.as_json({}))
        finish(bench, run_to(bench, run, "running"))
        return bench.state().runs[run.id]

    return make


def test_the_difference_is_the_tests_minus_the_firsts(bench: Workbench, kept: Any) -> None:
    first, better, rated = kept(results(hits=10, error=1.0)), kept(results(hits=30)), kept(results(error=0.5))
    found = paired_with_first(bench, [first, better, rated])
    assert [(pair.run.id, pair.against.id, pair.reason) for pair in found] == [
        (better.id, first.id, None),
        (rated.id, first.id, None),
    ]
    recall = found[0].figures["recall_at_10"]
    assert (recall.model, recall.baseline, recall.absolute, recall.users) == (0.75, 0.25, 0.5, 10)
    # each user has three of the rows 0 to 29 and one of the rows 0 to 9, so every resample says the same
    assert (recall.absolute_interval.low, recall.absolute_interval.high) == (0.5, 0.5)
    rmse = found[1].figures["rmse"]
    assert (rmse.model, rmse.baseline, rmse.absolute_interval.high) == (0.5, 1.0, -0.5)
    assert set(found[1].figures) == {"rmse"}


def test_intervals_are_found_once_and_again_only_where_results_were_written_anew(
    bench: Workbench, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [kept(results(hits=10)), kept(results(hits=30)), kept(results(hits=20))]
    before = paired_with_first(bench, runs)
    read: list[Path] = []

    def counted(path: Path) -> bundle.Bundle:
        read.append(path)
        return original(path)

    original = bundle.load_own
    monkeypatch.setattr(bundle, "load_own", counted)
    assert paired_with_first(bench, runs) == before
    assert read == []
    # the other way round is another pair, and both files are read once for all
    (turned, _) = paired_with_first(bench, [runs[1], runs[0], runs[2]])
    assert turned.figures["recall_at_10"].absolute == -0.5
    assert sorted(path.parent.name for path in read) == sorted(run.id for run in runs)
    made = results(hits=40)
    folder = Path(bench.runs.where(runs[1].id))
    (folder / BUNDLE).unlink()
    bundle.write(folder / BUNDLE, made, {**made.as_json({}), "written": "anew"})
    assert paired_with_first(bench, runs)[0].figures["recall_at_10"].absolute == 0.75


def test_all_figures_and_tests_of_the_same_rows_share_their_resamples(
    bench: Workbench, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [kept(results(hits=hits, error=1.0)) for hits in (10, 30, 20)]
    runs.append(kept(results(hits=25)))
    drawn: list[int] = []

    def counted(pairs: Any, users: Any, **how: Any) -> Any:
        drawn.append(len(pairs))
        return paired_lifts(pairs, users, **how)

    monkeypatch.setattr(pairing, "paired_lifts", counted)
    found = paired_with_first(bench, runs)
    assert [set(pair.figures) for pair in found] == [{"recall_at_10", "rmse"}] * 2 + [{"recall_at_10"}]
    assert drawn == [3, 2]
    # beside a test that is new, those that are kept are not drawn again
    assert paired_with_first(bench, [*runs, kept(results(hits=5))])[:3] == found
    assert drawn == [3, 2, 1]


def test_tests_on_other_rows_or_measured_otherwise_have_no_interval(bench: Workbench, kept: Any) -> None:
    first = kept(results(hits=10))
    others = [kept(results(hits=10, first_row=1)), kept(results(hits=10, split="time holdout"))]
    for pair in paired_with_first(bench, [first, *others]):
        assert (pair.figures, pair.reason) == ({}, SAME_ROWS)


def test_what_cannot_be_paired_says_why(bench: Workbench, kept: Any) -> None:
    first = kept(results(hits=10))
    rowless = kept(replace(results(hits=10), rows=np.empty(0, np.int64)))
    rated, nothing = kept(results(error=1.0)), kept(None)
    reasons = [pair.reason for pair in paired_with_first(bench, [first, rowless, rated, nothing])]
    assert reasons == [NOT_KEPT, NO_FIGURE, "One of them has no results."]

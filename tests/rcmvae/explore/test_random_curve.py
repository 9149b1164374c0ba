"""What random labelling would reach with a model's own configuration: planned, computed, kept with the model, set beside its runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rcmvae.explore import random_compute, random_curve
from rcmvae.explore.effort import Trained
from rcmvae.explore.effort_read import effort_of
from rcmvae.explore.random_curve import KEPT, Point, about, compared, drop_older, kept_curve, plan_of, span
from rcmvae.labels.service import LabelService
from tests.rcmvae.explore.conftest import ME, SMALL
from tests.workbench.runs import inline
from workbench.commands.base import CommandError
from workbench.state import ModelRecord
from workbench.workbench import Workbench

CURVE = (Point(10, 0.4, 0.02, 3), Point(30, 0.6, 0.04, 3), Point(50, 0.7, 0.01, 2))


@pytest.fixture
def fresh(bench: Workbench) -> ModelRecord:
    """A model of 200 digits, 10 of them labelled, that was never trained."""
    return bench.models.create(
        actor=ME, family="rcmvae", model_type="rcmvae", dataset_id="digits", values=SMALL, sample={"num_samples": 200, "num_labeled": 10}
    )


@pytest.fixture
def once(bench: Workbench, fresh: ModelRecord) -> ModelRecord:
    """The same, trained for two epochs."""
    bench.runs.start(actor=ME, model_id=fresh.id)
    inline.work(bench)
    return bench.models.get(fresh.id)


def label(bench: Workbench, model: ModelRecord, count: int) -> None:
    known = bench.models.labels(model.id)
    rows = [int(row) for row in bench.models.read(model).train if int(row) not in known][:count]
    LabelService(bench).set(actor=ME, model_id=model.id, labels=dict.fromkeys(rows, 1))


def compute(bench: Workbench, model: ModelRecord, draws: int = 2) -> list[Any]:
    told: list[Any] = []
    random_compute.compute(bench, model.id, draws, lambda *said: told.append(said))
    return told


@pytest.mark.parametrize(
    ("given", "most", "room", "sizes"),
    [
        (10, 130, 1000, (10, 40, 70, 100, 130)),
        (10, 130, 100, (10, 40, 70, 100)),
        (10, 10, 1000, (10, 30, 50, 70)),
        (0, 47, 1000, (20, 40, 60)),
        (0, 0, 1000, (20, 40, 60)),
        (10, 13, 1000, (10, 15)),
        (0, 3, 1000, (5,)),
        (98, 400, 100, (98, 100)),
        (0, 50, 7, (7,)),
        (128, 20_000, 55_000, (128, 5128, 10128, 15128, 20128)),
    ],
)
def test_numbers_of_labels_go_in_few_round_steps_from_those_given_past_the_most_there_were(
    given: int, most: int, room: int, sizes: tuple[int, ...]
) -> None:
    start, step, budget = span(given, most, room)
    assert tuple(range(start, budget + 1, step)) == sizes


def test_the_newest_run_that_the_curve_reaches_stands_beside_as_many_random_labels() -> None:
    runs = [Trained(1, 20, 0.7), Trained(2, 40, 0.8), Trained(3, 300, 0.9)]
    assert compared(CURVE, runs) == (
        "Run #2 with 40 labels: 80.0 %; as many at random: 65.0 % ± 2.5 (2 draws). Your labels stand 15.0 percentage points above."
    )
    assert "17.0 percentage points below" in compared(CURVE, [Trained(1, 40, 0.48)])
    assert "They differ by no more than draws do" in compared(CURVE, [Trained(1, 40, 0.66)])
    # with no more labels than the first point has, both have the same ones
    alone = "Random labelling reaches 70.0 % ± 1.0 (2 draws) with 50 labels."
    assert compared(CURVE, [Trained(1, 10, 0.9), Trained(2, 30, float("nan"))]) == alone
    assert compared(CURVE, []) == alone


def test_only_images_whose_class_is_known_are_planned_for(bench: Workbench, once: ModelRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = plan_of(bench, once.id, 2)
    assert whole.settings.budget > 40
    dataset = random_curve.dataset_of(bench, once.id)
    truth = np.array(dataset.true_labels)
    train = bench.models.read(once).train
    truth[train[30:]] = -1
    about = dataset.about.model_copy(update={"n_known": 30})
    monkeypatch.setattr(random_curve, "about_of", lambda manifest: about)
    monkeypatch.setattr(random_curve, "dataset_of", lambda workbench, model_id: replace(dataset, true_labels=truth))
    assert plan_of(bench, once.id, 2).settings.budget <= 30
    truth[train] = -1
    with pytest.raises(CommandError, match="nothing to draw"):
        plan_of(bench, once.id, 2)


def test_times_are_said_in_round_words() -> None:
    assert [about(seconds) for seconds in (0.2, 42, 100, 3000, 9000)] == [
        "about 5 s",
        "about 40 s",
        "about 2 min",
        "about 50 min",
        "about 2.5 h",
    ]


def test_a_model_that_was_never_trained_or_has_no_oracle_is_told_why(bench: Workbench, fresh: ModelRecord, tmp_path: Any) -> None:
    with pytest.raises(CommandError, match="Train the model first"):
        plan_of(bench, fresh.id, 2)
    with pytest.raises(CommandError, match="2, 3, 5 label draws"):
        plan_of(bench, fresh.id, 4)
    rng = np.random.default_rng(0)
    path = tmp_path / "unlabelled.npz"
    np.savez(path, images=rng.integers(0, 255, (60, 8, 8), dtype=np.uint8))
    made = bench.datasets.import_data(actor=ME, family="rcmvae", name="Unlabelled", path=path).record
    blank = bench.models.create(
        actor=ME, family="rcmvae", model_type="rcmvae", dataset_id=made.id, values=SMALL, sample={"num_samples": 40, "num_labeled": 0}
    )
    with pytest.raises(CommandError, match="no true labels"):
        plan_of(bench, blank.id, 2)


def test_a_curve_is_planned_computed_kept_and_goes_on(bench: Workbench, once: ModelRecord) -> None:
    plan = plan_of(bench, once.id, 2)
    assert (plan.sizes, plan.trainings, plan.left) == ((10, 30, 50, 70), 8, 8)
    assert plan.seconds > 0
    assert effort_of(bench, once.id, ME).random is None
    told = compute(bench, once)
    assert told[0] == (0, 8, 0.0)
    assert told[-1] == (8, 8, 0.0)
    assert (0, 8, 0.5) in told
    found = effort_of(bench, once.id, ME).random
    assert found is not None
    assert [(point.labels, point.draws) for point in found.points] == [(size, 2) for size in plan.sizes]
    assert all(0 <= point.mean <= 1 for point in found.points)
    assert found.stale == ""
    assert plan_of(bench, once.id, 2).left == 0
    assert plan_of(bench, once.id, 2).seconds == 0
    assert plan_of(bench, once.id, 3).left == 4
    compute(bench, once, 3)
    again = effort_of(bench, once.id, ME).random
    assert again is not None
    assert {point.draws for point in again.points} == {3}


def test_what_changed_since_is_said_and_what_was_computed_comes_back_with_it(bench: Workbench, once: ModelRecord) -> None:
    compute(bench, once)

    def stale() -> str:
        found = effort_of(bench, once.id, ME).random
        assert found is not None
        return found.stale

    bench.models.update_config(actor=ME, model_id=once.id, values={"random_seed": 77})
    assert stale() == ""
    bench.models.update_config(actor=ME, model_id=once.id, values={"max_epochs": 3, "learning_rate": 0.01})
    assert stale() == "Computed before the model changed: Learning rate 0.002 then, 0.01 now, Epochs 2 then, 3 now."
    assert plan_of(bench, once.id, 2).left == 8
    bench.models.update_config(actor=ME, model_id=once.id, values={"max_epochs": 2, "learning_rate": 0.002})
    assert stale() == ""
    assert plan_of(bench, once.id, 2).left == 0
    label(bench, once, 100)
    assert plan_of(bench, once.id, 2).sizes == (10, 40, 70, 100, 130)
    assert stale() == "", "more labels were taken for another configuration"
    LabelService(bench).merge_classes(actor=ME, model_id=once.id, number=3, into=8)
    assert stale() == "Computed before the model changed: classes were merged."


def test_a_damaged_curve_is_left_out_and_can_be_computed_anew_and_old_ones_go(bench: Workbench, once: ModelRecord) -> None:
    compute(bench, once)
    folder = plan_of(bench, once.id, 2).folder
    (folder / "label-curve.csv").write_text("torn")
    assert kept_curve(bench, once, ()) is None
    assert plan_of(bench, once.id, 2).left == 8
    for number in range(KEPT + 2):
        (folder.parent / f"older {number}").mkdir()
    drop_older(folder)
    assert len(list(folder.parent.iterdir())) == KEPT

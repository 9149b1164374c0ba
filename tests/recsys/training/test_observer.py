from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.histograms import FILE
from recsys.training import checkpoints
from recsys.training.checkpoints import Place
from recsys.training.errors import HINTS, TrialError
from recsys.training.observer import RunObserver
from tests.recsys.training.reported import Reported


def observer(folder: Path, *, epoch: int = 0, life: int = 0, total: int = 10) -> tuple[RunObserver, Reported]:
    folder.mkdir(exist_ok=True)
    told = Reported()
    return RunObserver(
        told, total, 1000, folder, Place("fingerprint", "data", epoch, 0, life), folder / FILE
    ), told


def figures(loss: float, seconds: float = 0.1) -> dict[str, float]:
    return {"loss": loss, "val_mrr": 0.5, "epoch_seconds": seconds, "rows_per_second": 10.0}


def state() -> dict[str, np.ndarray]:
    return {"model/0000": np.ones(3)}


def test_epochs_are_told_under_the_names_of_their_parts_and_counted_over_the_weights_life(
    tmp_path: Path,
) -> None:
    watching, told = observer(tmp_path, epoch=2, life=7)
    watching.epoch(3, figures(1.5), state)
    metrics = {"train/loss": 1.5, "validation/mrr": 0.5, "epoch_seconds": 0.1, "rows_per_second": 10.0}
    assert told.of("epoch") == [(3, 10, metrics, 8)]


def test_progress_is_a_share_of_the_rows_and_never_more_than_all(tmp_path: Path) -> None:
    watching, told = observer(tmp_path)
    watching.batch(2, 1, 250)
    watching.batch(2, 5, 1250)
    assert told.of("progress") == [(2, 10, 0.25), (2, 10, 1.0)]


def test_short_epochs_are_kept_once_they_add_up(tmp_path: Path) -> None:
    watching, told = observer(tmp_path, total=100)
    for epoch in range(1, 41):
        watching.epoch(epoch, figures(1.0, seconds=0.6), state)
    assert [epoch for _, _, epoch in told.of("checkpoint")] == [17, 34]


def test_only_an_epoch_that_took_long_is_kept_and_only_the_last_one(tmp_path: Path) -> None:
    watching, told = observer(tmp_path, life=4)
    watching.epoch(1, figures(1.0, seconds=1.9), state)
    assert list(tmp_path.iterdir()) == []
    watching.epoch(2, figures(1.0, seconds=2.0), state)
    watching.epoch(3, figures(1.0, seconds=9.0), state)
    (path,) = tmp_path.iterdir()
    kept, place = checkpoints.read(path)
    assert replace(place, history=()) == Place("fingerprint", "data", 3, 0, 7)
    assert [row["epoch_seconds"] for row in place.history] == [1.9, 2.0, 9.0]
    np.testing.assert_array_equal(kept["model/0000"], np.ones(3))
    assert [epoch for _, _, epoch in told.of("checkpoint")] == [2, 3]
    assert told.of("checkpoint")[-1][0] == path


def test_a_stop_within_an_epoch_is_kept_with_its_batch(tmp_path: Path) -> None:
    watching, _ = observer(tmp_path)
    _, place = checkpoints.read(watching.save(state(), 4, 17))
    assert (place.epoch, place.batch) == (4, 17)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_the_run_with_what_to_do(tmp_path: Path, loss: float) -> None:
    watching, told = observer(tmp_path)
    watching.epoch(1, figures(1.0), state)
    with pytest.raises(TrialError, match="epoch 2") as error:
        watching.epoch(2, figures(loss), state)
    assert error.value.code == "NON_FINITE"
    assert error.value.hint == HINTS["NON_FINITE"]
    assert len(told.of("epoch")) == 1


def test_a_loss_ten_times_its_start_for_three_epochs_in_a_row_ends_the_run(tmp_path: Path) -> None:
    watching, _ = observer(tmp_path)
    for epoch, loss in enumerate([1.0, 11.0, 12.0, 9.0, 11.0, 12.0], start=1):
        watching.epoch(epoch, figures(loss), state)
    with pytest.raises(TrialError, match="since epoch 5") as error:
        watching.epoch(7, figures(10.5), state)
    assert error.value.code == "DIVERGED"


def test_a_stop_is_what_the_run_was_asked(tmp_path: Path) -> None:
    watching, told = observer(tmp_path)
    assert not watching.should_stop()
    told.stop = True
    assert watching.should_stop()


def _with_gap(loss: float) -> dict[str, float]:
    return {"loss": loss, "retrieval_share": float("nan"), "epoch_seconds": 0.1, "val_mrr": loss / 2}


def test_the_history_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    first = RunObserver(Reported(), 3, 100, tmp_path, Place("a", "d", 0, 0, 0), tmp_path / FILE)
    first.epoch(1, _with_gap(1.0), dict)
    kept = first.save({"w": np.zeros(1)}, 1, 0)
    _, place = checkpoints.read(kept)
    second = RunObserver(Reported(), 3, 100, tmp_path, place, tmp_path / FILE)
    second.epoch(2, _with_gap(0.5), dict)
    assert second.table() == {
        "epochs": [1, 2],
        "metrics": {
            "train/loss": [1.0, 0.5],
            "train/retrieval_share": [None, None],
            "epoch_seconds": [0.1, 0.1],
            "validation/mrr": [0.5, 0.25],
        },
    }


def test_a_metric_that_begins_later_has_gaps_before(tmp_path: Path) -> None:
    watching = RunObserver(Reported(), 3, 100, tmp_path, Place("a", "d", 0, 0, 0), tmp_path / FILE)
    watching.epoch(1, {"loss": 1.0, "epoch_seconds": 0.0}, dict)
    watching.epoch(2, {"loss": 0.9, "epoch_seconds": 0.0, "val_rmse": 0.8}, dict)
    assert watching.table()["metrics"]["validation/rmse"] == [None, 0.8]

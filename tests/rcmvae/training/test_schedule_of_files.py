"""How often checkpoints and the mixture's history are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rcmvae.diagnostics.bundle import load
from rcmvae.training.trainer import train
from tests.support.small_rcmvae import small_job
from workbench.runs.scripted import QuietReporter


@pytest.mark.parametrize(("every", "epochs"), [(1, [1, 2, 3, 4, 5]), (2, [2, 4, 5]), (10, [5])])
def test_checkpoints_are_written_as_often_as_asked_for(tmp_path: Path, every: int, epochs: list[int]) -> None:
    reporter = QuietReporter()
    train(small_job(tmp_path, max_epochs=5, checkpoint_every_epochs=every, sample={"val_split": 0.0}), reporter)
    assert [epoch for _, kind, epoch in reporter.checkpoints if kind == "last"] == epochs


@pytest.mark.parametrize(("every", "epochs"), [(1, [1, 2, 3, 4, 5]), (2, [2, 4]), (0, [])])
def test_the_mixtures_history_is_kept_as_often_as_asked_for(tmp_path: Path, every: int, epochs: list[int]) -> None:
    summary = train(small_job(tmp_path, max_epochs=5, mixture_history_log_every=every), QuietReporter())
    assert summary.bundle is not None
    bundle = load(summary.bundle)
    assert np.asarray(bundle.mixture_epochs).tolist() == epochs
    assert bundle.pi_history.shape == (len(epochs), 4)
    assert np.asarray(bundle.metric_epochs).tolist() == [1, 2, 3, 4, 5]

"""Ten images are learned by heart, by every kind of network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rcmvae.training.arrays import RunData
from rcmvae.training.fit import Fit
from rcmvae.training.record import RunRecord
from tests.support.small_rcmvae import blobs, started

NETWORKS: dict[str, dict[str, Any]] = {
    "dense": {"hidden_dims": (64, 32)},
    "conv": {"encoder_type": "conv", "decoder_type": "conv", "conv_channels": (16, 32)},
    "standard": {"prior_type": "standard", "hidden_dims": (64, 32)},
}


def ten_images() -> RunData:
    images, labels = blobs(10)
    binary = (images > 0.5).astype(np.float32)
    flipped = np.random.default_rng(1).random(binary.shape) < 0.05
    rows = np.arange(10, dtype=np.int32)
    return RunData(np.abs(binary - flipped).astype(np.float32), labels, rows, images[:0], labels[:0], rows[:0])


@pytest.mark.parametrize("network", NETWORKS)
def test_ten_images_are_reconstructed_nearly_without_loss(network: str) -> None:
    engine, state = started(
        ten_images(), **NETWORKS[network], latent_dim=8, batch_size=10, max_epochs=600, learning_rate=5e-3, dropout_rate=0.0, kl_weight=0.01,
        weight_decay=0.0, mixture_history_log_every=0,
    )  # fmt: skip
    fit = Fit(engine, state, RunRecord())
    losses = [float(report.metrics["train/reconstruction_loss"] or 0) for report in fit.epochs()]
    # binary pixels can be certain: the floor is 0, the start 64 log 2
    assert losses[0] > 30
    assert min(losses[-10:]) < 2.0
    assert float(fit.record.metrics[-1]["train/accuracy"] or 0) == 1.0

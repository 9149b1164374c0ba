"""Ten images are learned by heart, by every kind of network."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from rcmvae.training.arrays import RunData
from rcmvae.training.fit import Fit
from rcmvae.training.record import RunRecord
from tests.support.small_rcmvae import blobs, started

DENSE: dict[str, Any] = {"hidden_dims": (64, 32), "component_embedding_dim": 8}
CONV: dict[str, Any] = {"conv_channels": (16, 32), "component_embedding_dim": 8}
NETWORKS: dict[str, dict[str, Any]] = {
    "dense": DENSE,
    "conv": {**CONV, "encoder_type": "conv", "decoder_type": "conv"},
    "conv encoder": {**DENSE, **CONV, "encoder_type": "conv"},
    "conv decoder": {**DENSE, **CONV, "decoder_type": "conv"},
    "no norm": {**DENSE, "normalization": "none"},
    "decentralized film": {**DENSE, "latent_layout": "decentralized", "decoder_conditioning": "film"},
    "decentralized cin, conv": {
        **CONV, "encoder_type": "conv", "decoder_type": "conv", "latent_layout": "decentralized", "decoder_conditioning": "cin",
    },
    "concat": {**DENSE, "decoder_conditioning": "concat"},
    "geometric": {**DENSE, "prior_type": "geometric_mog"},
    "vamp": {"hidden_dims": (64, 32), "prior_type": "vamp"},
    "standard": {"prior_type": "standard", "hidden_dims": (64, 32)},
    "mse": {**DENSE, "reconstruction_loss": "mse", "observation_sigma": 0.1},
    "heteroscedastic": {**DENSE, "reconstruction_loss": "mse", "use_heteroscedastic_decoder": True},
}  # fmt: skip
PIXELS = 64
EPOCHS = 600
"""Within which they must be learnt."""
SIGMA = {"mse": 0.1, "heteroscedastic": 0.05}
"""The smallest standard deviation of a pixel under the Gaussian losses."""


def floor_of(network: str) -> float:
    """What perfect reconstruction costs in nats: nothing for pixels that are surely black or white, a density's peak else."""
    return PIXELS * (math.log(SIGMA[network]) + 0.5 * math.log(2 * math.pi)) if network in SIGMA else 0.0


def ten_images() -> RunData:
    images, labels = blobs(10)
    binary = (images > 0.5).astype(np.float32)
    flipped = np.random.default_rng(1).random(binary.shape) < 0.05
    rows = np.arange(10, dtype=np.int32)
    return RunData(np.abs(binary - flipped).astype(np.float32), labels, rows, images[:0], labels[:0], rows[:0])


@pytest.mark.parametrize("network", NETWORKS)
def test_ten_images_are_reconstructed_nearly_without_loss(network: str) -> None:
    engine, state = started(
        ten_images(), **NETWORKS[network], latent_dim=8, batch_size=10, max_epochs=EPOCHS, learning_rate=5e-3, dropout_rate=0.0, kl_weight=0.01,
        weight_decay=0.0, mixture_history_log_every=0,
    )  # fmt: skip
    fit = Fit(engine, state, RunRecord())
    floor = floor_of(network)
    losses: list[float] = []
    for report in fit.epochs():
        losses.append(float(report.metrics["train/reconstruction_loss"] or 0))
        if losses[-1] < floor + (10.0 if network in SIGMA else 2.0) and report.metrics["train/accuracy"] == 1.0:
            break
    else:
        pytest.fail(f"after {EPOCHS} epochs the loss is {losses[-1]:.1f}, and could be {floor:.1f}")
    assert losses[0] > floor + 30

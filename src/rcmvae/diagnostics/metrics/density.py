"""Density: how probable the model finds images it was not trained on. Too slow for every run, so computed on request only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.metrics.result import Found, Skipped

Binarisation = Literal["none", "static"]
"""`static`: black and white by one fixed draw a pixel with its intensity as probability (`rcmvae.data.binarisation`); `none`: as stored."""


@dataclass(frozen=True)
class DensityResult:
    """Negative log-likelihood in nats an image, by importance sampling.

    Attributes:
        nll: mean of -log p(x). standard_error: of that mean over the images; 0 with one.
        samples: importance samples an image. seed: of their noise. binarisation, split: of the images. n: images.
    """

    nll: float
    standard_error: float
    samples: int
    seed: int
    binarisation: Binarisation
    split: str
    n: int

    @classmethod
    def of(cls, log_likelihoods: np.ndarray, *, samples: int, seed: int, binarisation: Binarisation, split: str) -> DensityResult:
        """Of log p(x) of each image (n,), n at least 1."""
        values = -log_likelihoods.astype(np.float64)
        error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
        return cls(float(values.mean()), error, samples, seed, binarisation, split, len(values))

    def plain(self) -> Mapping[str, Any]:
        """As JSON values."""
        return asdict(self)

    def metrics(self) -> Mapping[str, Mapping[str, Any]]:
        """As the records of the group `density`, for the summary of the run whose weights were asked: `nll` and all that it depends on."""
        values = {
            "nll": self.nll, "standard_error": self.standard_error, "importance_samples": self.samples, "binarisation": self.binarisation,
            "noise_seed": self.seed,
        }  # fmt: skip
        return {
            name: {"value": value, "split": self.split, "n": self.n, "state": "success", "reason": None} for name, value in values.items()
        }


def nll(bundle: DiagnosticsBundle) -> Found:
    """Mean of -log p(x), nats; never part of what a run computes, but put into its summary by whoever asks for it."""
    del bundle
    raise Skipped("on request: `trellis density MODEL`, or RCMVAE.log_likelihood")

"""The registry of priors: a new prior is one file and one line here."""

from __future__ import annotations

from rcmvae.model.priors.base import Prior
from rcmvae.model.priors.geometric import GeometricPrior
from rcmvae.model.priors.mixture import MixturePrior
from rcmvae.model.priors.standard import StandardPrior
from rcmvae.model.priors.vamp import VampPrior

PRIORS: dict[str, type[Prior]] = {
    "standard": StandardPrior, "mixture": MixturePrior, "vamp": VampPrior, "geometric_mog": GeometricPrior,
}  # fmt: skip

"""RCM-VAE: variational autoencoders with a mixture prior whose components take on classes.

Public names are loaded when they are first used, so that importing the package never imports an array framework.

Example::

    import rcmvae

    model = rcmvae.RCMVAE.create(architecture={"prior_type": "mixture"}, input_shape=(8, 8, 1), num_classes=10)
    model.fit(images, labels)
    model.predict(images).classes
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rcmvae.api import RCMVAE
    from rcmvae.results import FitResult, Latents, Prediction, Samples, Score, Suggested

_HOMES = {
    "RCMVAE": "rcmvae.api",
    "FitResult": "rcmvae.results",
    "Latents": "rcmvae.results",
    "Prediction": "rcmvae.results",
    "Samples": "rcmvae.results",
    "Score": "rcmvae.results",
    "Suggested": "rcmvae.results",
}

__all__ = ["RCMVAE", "FitResult", "Latents", "Prediction", "Samples", "Score", "Suggested"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rcmvae' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

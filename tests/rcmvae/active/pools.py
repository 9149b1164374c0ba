"""Pools of samples for tests, made from plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from rcmvae.active.pool import Pool


def pool(n: int = 40, classes: int = 4, components: int = 3, labelled: int = 5, seed: int = 0, **changes: Any) -> Pool:
    """Random probabilities, responsibilities and places."""
    rng = np.random.default_rng(seed)
    votes = rng.dirichlet(np.ones(max(1, classes)), (6, n))[:, :, :classes]
    given: dict[str, Any] = {
        "index": np.arange(n) * 3 + 7,
        "probabilities": rng.dirichlet(np.ones(max(1, classes)), n)[:, :classes].astype(np.float32),
        "responsibilities": rng.dirichlet(np.ones(max(1, components)), n)[:, :components].astype(np.float32),
        "places": rng.standard_normal((n, 2)),
        "labelled_places": rng.standard_normal((labelled, 2)),
        "certainty": rng.random(n).astype(np.float32),
        "percentile": lambda: np.linspace(0, 1, n),
        "dropout_rate": 0.2,
        "votes": lambda: votes,
    }
    return Pool(**{**given, **changes})

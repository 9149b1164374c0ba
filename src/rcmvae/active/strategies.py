"""The strategies: what makes an unlabelled sample worth a question. Each is one function here and one line in `STRATEGIES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from rcmvae.active.pool import Pool
from rcmvae.novelty import blended

DROPOUT_PASSES = 20
"""T, the passes with dropout of `bald`."""

NO_LABELS = "the model has not seen any label yet, so its class probabilities mean nothing"


@dataclass(frozen=True)
class Strategy:
    """A way to choose.

    Attributes:
        title: its name for people. sentence: what it asks for.
        score: (pool, seed) -> (N,), higher = ask first.
        reason: pool -> why it can say nothing, or None.
        reach: a diverse batch of n is spread over the best `reach` n samples; 1 takes the best n as they are, None spreads over all.
    """

    title: str
    sentence: str
    score: Callable[[Pool, int], np.ndarray]
    reason: Callable[[Pool], str | None]
    reach: int | None = 10


def _never(pool: Pool) -> str | None:
    return None


def _needs_classes(pool: Pool) -> str | None:
    if pool.classes < 2:
        return f"it compares classes, and the model has {'only one' if pool.classes else 'none'}"
    return None if pool.seen_labels else NO_LABELS


def _needs_components(pool: Pool) -> str | None:
    if pool.components < 2:
        return "it compares components, and the standard prior has none"
    return None if pool.seen_labels else NO_LABELS


def _needs_dropout(pool: Pool) -> str | None:
    if pool.dropout_rate == 0:
        return "it compares passes with dropout, and the model's dropout_rate is 0"
    reason = _needs_classes(pool)
    if reason is not None or pool.votes is not None:
        return reason
    return pool.no_votes


def _random(pool: Pool, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(len(pool.index))


def _least_confidence(pool: Pool, seed: int) -> np.ndarray:
    return 1.0 - pool.probabilities.max(axis=1)


def _margin(pool: Pool, seed: int) -> np.ndarray:
    best = np.partition(pool.probabilities, -2, axis=1)[:, -2:]
    return best[:, 0] - best[:, 1]


def _entropy(pool: Pool, seed: int) -> np.ndarray:
    return entropy(pool.probabilities)


def _responsibility_entropy(pool: Pool, seed: int) -> np.ndarray:
    return entropy(pool.responsibilities)


def _ood(pool: Pool, seed: int) -> np.ndarray:
    if pool.certainty is None:
        # without labels and components nothing is recognised: what is left to compare is the reconstruction
        return pool.percentile()
    shares = pool.percentile() if pool.blend else np.zeros(len(pool.index))
    return blended(pool.certainty, shares, pool.blend)


def _bald(pool: Pool, seed: int) -> np.ndarray:
    """H(mean_t p_t) - mean_t H(p_t) (Houlsby et al. 2011, eq. 2, with dropout as in Gal, Islam and Ghahramani 2017)."""
    assert pool.votes is not None
    votes = pool.votes()
    return entropy(votes.mean(axis=0, dtype=np.float64)) - np.mean([entropy(vote) for vote in votes], axis=0)


def _k_center(pool: Pool, seed: int) -> np.ndarray:
    """Nearness to the middle, where greedy k-center starts without labels; with labels it starts at the farthest from them."""
    return -np.linalg.norm(pool.places - pool.places.mean(axis=0), axis=1)


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """H(p) in nats over the last axis, 0 log 0 = 0."""
    p = np.asarray(probabilities, np.float64)
    return -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=-1)


STRATEGIES: Mapping[str, Strategy] = {
    "random": Strategy("Random", "Any sample, each as likely: the yardstick for the others.", _random, _never, reach=1),
    "least_confidence": Strategy("Least confidence", "The most probable class is the least probable.", _least_confidence, _needs_classes),
    "margin": Strategy("Margin", "The two most probable classes are closest to each other.", _margin, _needs_classes),
    "entropy": Strategy("Entropy", "The class is the most uncertain, over all classes.", _entropy, _needs_classes),
    "responsibility_entropy": Strategy(
        "Component entropy", "Components share the image, so that none knows it.", _responsibility_entropy, _needs_components
    ),
    "ood": Strategy("Novelty", "No component with a known class recognises the image.", _ood, _never),
    "bald": Strategy("BALD", "Passes with dropout disagree although each of them is sure.", _bald, _needs_dropout),
    "k_center": Strategy("K-center", "The farthest from everything labelled, in the latent space.", _k_center, _never, reach=None),
}
"""Name -> strategy. A new one is a function above and a line here."""

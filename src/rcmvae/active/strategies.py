"""The strategies: what makes an unlabelled sample worth a question. Each is one function here and one line in `STRATEGIES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rcmvae.active.pool import Pool
from rcmvae.novelty import blended

DROPOUT_PASSES = 20
"""T, the passes with dropout of `bald`."""

CLOSE = 0.2
"""Two classes whose probabilities differ by less are called close."""

NO_LABELS = "the model has not seen any label yet, so its class probabilities mean nothing"


@dataclass(frozen=True)
class Strategy:
    """A way to choose.

    Attributes:
        title: its name for people. sentence: what it asks for.
        score: (pool, seed) -> (N,), higher = ask first.
        why: (pool, position, its score, class names) -> one sentence that says why this sample is worth a question.
        reason: pool -> why it can say nothing, or None.
        sure: the score of an image that leaves no doubt. runs_model: whether its scores need the model run, and with it the framework.
        reach: a diverse batch of n is spread over the best `reach` n samples; 1 takes the best n as they are, None spreads over all.
    """

    title: str
    sentence: str
    score: Callable[[Pool, int], np.ndarray]
    why: Callable[[Pool, int, float, Sequence[str]], str]
    reason: Callable[[Pool], str | None]
    reach: int | None = 10
    sure: float = 0.0
    runs_model: bool = False


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


def _at_random(pool: Pool, at: int, score: float, names: Sequence[str]) -> str:
    return "Drawn at random, like any other."


def _little_sure(pool: Pool, at: int, score: float, names: Sequence[str]) -> str:
    return f"{_likeliest(pool.probabilities[at], names, 1)}: its likeliest class, and not a likely one."


def _two_close(pool: Pool, at: int, score: float, names: Sequence[str]) -> str:
    near = -score < CLOSE
    return f"{_likeliest(pool.probabilities[at], names, 2)}: {'the two are close here' if near else 'not close, but closer than in most images'}."


def _many_possible(pool: Pool, at: int, score: float, names: Sequence[str]) -> str:
    return f"{_likeliest(pool.probabilities[at], names, 3)}: it may be many things ({score:.2f} nats)."


def _shared(pool: Pool, at: int, score: float, names: Sequence[str]) -> str:
    named = [f"component {k}" for k in range(pool.components)]
    return f"{_likeliest(pool.responsibilities[at], named, 2).capitalize()}: they share it, and none knows it."


def _new_here(pool: Pool, at: int, score: float, names: Sequence[str]) -> str:
    if pool.certainty is None:
        return f"Reconstructed worse than {_percent(float(pool.percentile()[at]))} of the training images."
    return f"Recognised with {_percent(float(pool.certainty[at]))} certainty: no component with a known class knows it."


def _votes_differ(pool: Pool, at: int, score: float, names: Sequence[str]) -> str:
    return f"{DROPOUT_PASSES} passes with dropout disagree about it ({score:.2g} nats)."


def _far_away(pool: Pool, at: int, score: float, names: Sequence[str]) -> str:
    return f"{score:.2f} away, in the latent space, from all that is labelled or asked for before it."


def _likeliest(shares: np.ndarray, names: Sequence[str], most: int) -> str:
    order = np.argsort(-shares, kind="stable")[:most]
    return ", ".join(f"{names[n]} at {_percent(float(shares[n]))}" for n in order)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


STRATEGIES: Mapping[str, Strategy] = {
    "random": Strategy("Random", "Any sample, each as likely: the yardstick for the others.", _random, _at_random, _never, reach=1),
    "least_confidence": Strategy(
        "Least confidence", "The most probable class is the least probable.", _least_confidence, _little_sure, _needs_classes
    ),
    "margin": Strategy(
        "Margin", "The two most probable classes are closest to each other.", _margin, _two_close, _needs_classes, sure=-1.0
    ),
    "entropy": Strategy("Entropy", "The class is the most uncertain, over all classes.", _entropy, _many_possible, _needs_classes),
    "responsibility_entropy": Strategy(
        "Component entropy", "Components share the image, so that none knows it.", _responsibility_entropy, _shared, _needs_components
    ),
    "ood": Strategy("Novelty", "No component with a known class recognises the image.", _ood, _new_here, _never),
    "bald": Strategy(
        "BALD", "Passes with dropout disagree although each of them is sure.", _bald, _votes_differ, _needs_dropout, runs_model=True
    ),
    "k_center": Strategy(
        "K-center", "The farthest from everything labelled, in the latent space.", _k_center, _far_away, _never, reach=None
    ),
}
"""Name -> strategy. A new one is a function that scores, one that says why, and a line here."""

"""Choosing a batch of samples from a pool by a strategy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rcmvae.active.pool import Pool
from rcmvae.active.spread import farthest_first
from rcmvae.active.strategies import STRATEGIES, Strategy
from rcmvae.suggestions import StrategyState, SuggestionError
from workbench.fields import closest


@dataclass(frozen=True)
class Chosen:
    """A batch: `positions` int64 (n,) into the pool, in the order to ask, and their `scores` float64 (n,)."""

    positions: np.ndarray
    scores: np.ndarray


def choose(pool: Pool, strategy: str, n: int, *, seed: int = 0, diverse: bool = True) -> Chosen:
    """The `n` samples of the pool to ask for next.

    Higher scores come first, of equal ones the lower index. A diverse batch is chosen from the best score on, always the sample farthest from
    those chosen so far, among the best 10 n that are at least half as doubtful as the n-th best: where the model is sure of nearly
    everything, what is far away but certain teaches nothing. `k_center` is spread over the whole pool always, away from
    the labelled samples; its scores are distances to all that was covered before.

    Args:
        seed: of what is drawn at random. diverse: False takes the best n scores as they are.

    Raises:
        SuggestionError: an unknown strategy (with the closest name), one that can say nothing (with the reason), n below 1
            or above the number of samples that are left.
    """
    found = usable(pool, strategy)
    if n < 1:
        raise SuggestionError(f"n must be at least 1 (got {n})", "n")
    if n > len(pool.index):
        left = f"only {len(pool.index)} unlabelled training samples are" if len(pool.index) else "no unlabelled training sample is"
        raise SuggestionError(f"{left} left, fewer than the {n} asked for", "n")
    scores = np.nan_to_num(np.asarray(found.score(pool, seed), np.float64), nan=-np.inf)
    order = np.lexsort((pool.index, -scores))
    if found.reach is None:
        return _spread_over_all(pool, order, n)
    if not diverse or n == 1 or found.reach == 1:
        return Chosen(order[:n], scores[order[:n]])
    best = order[: found.reach * n]
    best = best[scores[best] >= (scores[order[n - 1]] + found.sure) / 2]
    picked = best[np.sort(farthest_first(pool.places[best], n)[0])]  # `best` is in order
    return Chosen(picked, scores[picked])


def usable(pool: Pool, strategy: str) -> Strategy:
    """The strategy of that name. Raises SuggestionError if there is none, or if it can say nothing about this pool."""
    if strategy not in STRATEGIES:
        guess = closest(strategy, STRATEGIES)
        known = f"did you mean {guess}?" if guess else f"known: {', '.join(STRATEGIES)}"
        raise SuggestionError(f"there is no strategy {strategy[:80]!r}; {known}", "strategy")
    reason = STRATEGIES[strategy].reason(pool)
    if reason is not None:
        others = ", ".join(name for name, other in STRATEGIES.items() if other.reason(pool) is None)
        raise SuggestionError(f"{strategy} cannot be used: {reason}", "strategy", f"Use one of {others}.")
    return STRATEGIES[strategy]


def states(pool: Pool) -> tuple[StrategyState, ...]:
    """Every strategy, and why it cannot be used on this pool, if so."""
    return tuple(StrategyState(name, found.title, found.sentence, found.reason(pool)) for name, found in STRATEGIES.items())


def _spread_over_all(pool: Pool, order: np.ndarray, n: int) -> Chosen:
    """Greedy k-center over the pool in this `order`, away from the labelled samples."""
    picked, far = farthest_first(pool.places[order], n, pool.labelled_places)
    # where nothing was covered before the first, its distance says nothing
    return Chosen(order[picked], np.where(np.isinf(far), 0.0, far))

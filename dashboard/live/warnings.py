"""What to notice in a run while it trains, in words and with what to do about it.

Each rule is a pure function of the feed that returns a sentence or None; `RULES` lists them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from dashboard.live.feed import Feed, Series
from dashboard.live.words import plural

UNUSED_FOR = 5
"""Epochs a component must have been unused before it is worth a word."""


@dataclass(frozen=True)
class Notice:
    """One thing to notice: what it is, and what may help."""

    text: str
    hint: str = ""


def unused_components(feed: Feed) -> Notice | None:
    """Components whose usage has been below min(1 %, 0.1/K) for some epochs in which they were open."""
    history = [d.values for d in feed.diagnostics.get("mixture", ()) if d.values.get("usage")]
    if len(history) < UNUSED_FOR:
        return None
    k = len(history[-1]["usage"])
    trained = [_trained(values) for values in history]
    floors = [min(0.01, 0.1 / max(1, len(components))) for components in trained]
    since = {}
    for component in sorted(trained[-1]):
        epochs = 0
        for values, components, floor in zip(reversed(history), reversed(trained), reversed(floors), strict=True):
            if len(values["usage"]) != k or component not in components or values["usage"][component] >= floor:
                break
            epochs += 1
        if epochs >= UNUSED_FOR:
            since[component] = epochs
    if not since:
        return None
    text = f"{len(since)} of {_counted(history[-1])} unused for {plural(min(since.values()), 'epoch')}"
    return Notice(text, "Free components can take a new class later; if too many are unused, raise the component diversity weight.")


def collapsed_mixture(feed: Feed) -> Notice | None:
    """Nearly everything in one of the open components."""
    values = feed.latest("mixture")
    k, k_eff = len(_trained(values)), values.get("k_eff")
    if k < 3 or k_eff is None or feed.epoch < UNUSED_FOR or k_eff >= max(1.5, 0.15 * k):
        return None
    return Notice(
        f"Nearly all data goes through one component (K_eff {k_eff:.1f} of {k})",
        "Raise the component diversity weight or the routing warm-up, then train from a clone: a collapsed router rarely recovers.",
    )


def collapsed_latent(feed: Feed) -> Notice | None:
    """A KL of the latent variables near zero: the code carries nothing."""
    series = feed.series.get("validation/kl_z") or feed.series.get("train/kl_z") or Series()
    if len(series.y) < 10 or series.last is None or series.last >= 0.1:
        return None
    return Notice(
        f"KL z is {series.last:.2g} nats: the latent space carries almost nothing",
        "Lower the KL weight or lengthen its annealing, and train on.",
    )


def rising_loss(feed: Feed) -> Notice | None:
    """A training loss that climbs away from its best."""
    values = _finite(feed.series.get("train/loss", Series()).y)
    if len(values) < 8:
        return None
    best, now = min(values), median(values[-3:])
    spread = max(values[0] - best, abs(best) * 0.05)
    if now <= best + spread or now <= best:
        return None
    return Notice(
        "The training loss has climbed above where it began",
        "The learning rate is probably too high: stop, lower it and resume or start again.",
    )


def overfitting(feed: Feed) -> Notice | None:
    """A validation loss that has risen for long while the training loss fell."""
    train, validation = _finite(feed.series.get("train/loss", Series()).y), _finite(feed.series.get("validation/loss", Series()).y)
    if len(validation) < 20 or len(train) < 20:
        return None
    best = min(range(len(validation)), key=validation.__getitem__)
    since = len(validation) - 1 - best
    if since < 15 or train[-1] >= train[min(best, len(train) - 1)]:
        return None
    if median(validation[-5:]) <= validation[best] + 0.02 * abs(validation[best]):
        return None
    return Notice(
        f"The validation loss has not improved for {plural(since, 'epoch')} while the training loss still falls",
        "The best weights are kept.",
    )


def steep_gradients(feed: Feed) -> Notice | None:
    """Gradient norms far above what they were."""
    values = _finite(feed.series.get("train/grad_norm", Series()).y)
    if len(values) < 10:
        return None
    usual, now = median(values[:-1]), values[-1]
    if usual <= 0 or now < 20 * usual:
        return None
    return Notice(
        f"The gradient norm is {now / usual:.0f} times its usual size", "Lower the learning rate or set a gradient clipping norm."
    )


Rule = Callable[[Feed], Notice | None]
RULES: tuple[Rule, ...] = (collapsed_mixture, unused_components, collapsed_latent, rising_loss, overfitting, steep_gradients)


def notices(feed: Feed) -> tuple[Notice, ...]:
    """Everything to notice now, most serious first; then warnings and errors that the trainer itself has logged."""
    found = [notice for rule in RULES if (notice := rule(feed)) is not None]
    logged = dict.fromkeys(line.message for line in feed.log if line.level in ("warning", "error"))
    return (*found, *(Notice(message) for message in list(logged)[-5:]))


def _trained(values: Mapping[str, Any]) -> set[int]:
    """The components that were open during the epoch: not those that a curriculum has yet to open, or has opened at its end."""
    usage = values.get("usage") or ()
    active = values.get("active") or [1] * len(usage)
    return {k for k, is_open in enumerate(active) if is_open and k != values.get("unlocked")}


def _counted(values: Mapping[str, Any]) -> str:
    count, k = len(_trained(values)), len(values["usage"])
    return plural(count, "component") if count == k else plural(count, "open component")


def _finite(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None and math.isfinite(value)]

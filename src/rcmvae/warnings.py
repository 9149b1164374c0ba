"""What to notice in a run of a mixture VAE while it trains, in words and with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rcmvae.simple.words import notice
from workbench.families.noticing import (
    Course,
    Notice,
    Rule,
    epochs_in_words,
    found,
    overfitting,
    rising_loss,
    steep_gradients,
    values_of,
)

UNUSED_FOR = 5
"""Epochs a component must have been unused before it is worth a word."""


def unused_components(course: Course) -> Notice | None:
    """Components whose usage has been below min(1 %, 0.1/K) for some epochs in which they were open."""
    history = [d.values for d in course.diagnostics.get("mixture", ()) if d.values.get("usage")]
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
    text = f"{len(since)} of {_counted(history[-1])} unused for {epochs_in_words(min(since.values()))}"
    return Notice(
        text,
        "Free components can take a new class later; if too many are unused, raise the component diversity weight.",
    )


def collapsed_mixture(course: Course) -> Notice | None:
    """Nearly everything in one of the open components."""
    kept = course.diagnostics.get("mixture", ())
    values = kept[-1].values if kept else {}
    k, k_eff = len(_trained(values)), values.get("k_eff")
    if k < 3 or k_eff is None or course.epoch < UNUSED_FOR or k_eff >= max(1.5, 0.15 * k):
        return None
    return Notice(
        f"Nearly all data goes through one component ({k_eff:.1f} effective components of {k})",
        "Raise the component diversity weight or the routing warm-up, then train from a clone: a collapsed router rarely recovers.",
    )


def collapsed_latent(course: Course) -> Notice | None:
    """A KL of the latent variables near zero: the code carries nothing."""
    values = values_of(course, "validation/kl_z", "train/kl_z")
    if len(values) < 10 or values[-1] >= 0.1:
        return None
    return Notice(
        f"KL z is {values[-1]:.2g} nats: the latent space carries almost nothing",
        "Lower the KL weight or lengthen its annealing, and train on.",
    )


def below_simple_methods(course: Course) -> Notice | None:
    """A trained model that a simple method outdoes with the same labels."""
    kept = course.diagnostics.get("simple", ())
    return notice(kept[-1].values) if kept else None


RULES: tuple[Rule, ...] = (
    below_simple_methods, collapsed_mixture, unused_components, collapsed_latent, rising_loss(), overfitting(), steep_gradients(),
)  # fmt: skip


def notices(course: Course) -> tuple[Notice, ...]:
    """Everything to notice now, most serious first."""
    return found(RULES, course)


def _trained(values: Mapping[str, Any]) -> set[int]:
    """The components that were open during the epoch: not those that a curriculum has yet to open, or has opened at its end."""
    usage = values.get("usage") or ()
    active = values.get("active") or [1] * len(usage)
    return {k for k, is_open in enumerate(active) if is_open and k != values.get("unlocked")}


def _counted(values: Mapping[str, Any]) -> str:
    count, k = len(_trained(values)), len(values["usage"])
    word = "component" if count == k else "open component"
    return f"{count:,} {word if count == 1 else word + 's'}"

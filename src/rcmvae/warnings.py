"""What to notice in a run of a mixture VAE while it trains, in words and with what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from rcmvae.neglect import collapsed, neglected_classes, not_learnt, tallies_of, unclaimed, unlearnt, without_component
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
UNCLAIMED_FOR = 10
"""Epochs without a component of its own after which a class is worth a word."""


def unused_components(course: Course) -> Notice | None:
    """Components whose usage has been below min(1 %, 0.1/K) for some epochs in which they were open, more than there are beside one a class."""
    history = [d.values for d in course.diagnostics.get("mixture", ()) if d.values.get("usage")]
    if len(history) < UNUSED_FOR:
        return None
    since = {component: epochs for component, epochs in _unused_for(history).items() if epochs >= UNUSED_FOR}
    classes = len(history[-1]["tau"][0]) if history[-1].get("tau") else 0
    spare = max(0, len(_trained(history[-1])) - classes) if classes else 0
    if len(since) <= spare:
        return None
    text = f"{len(since)} of {_counted(history[-1])} unused for {epochs_in_words(min(since.values()))}"
    return Notice(
        text,
        "Free components can take a new class later; if too many are unused, raise the component diversity weight.",
    )


def _unused_for(history: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """For how many of the newest epochs each of the open components has been open and unused; those used in the last one are left out."""
    k, left, found = len(history[-1]["usage"]), _trained(history[-1]), {}
    for values in reversed(history):
        components = _trained(values)
        floor = _floor(components)
        left = {one for one in left & components if values["usage"][one] < floor} if len(values["usage"]) == k else set[int]()
        if not left:
            break
        found.update({one: found.get(one, 0) + 1 for one in left})
    return found


def collapsed_mixture(course: Course) -> Notice | None:
    """Nearly everything in one of the open components."""
    kept = course.diagnostics.get("mixture", ())
    values = kept[-1].values if kept else {}
    return None if course.epoch < UNUSED_FOR else collapsed(values.get("k_eff"), len(_trained(values)))


def classes_without_component(course: Course) -> Notice | None:
    """Labelled classes for which no component has stood for some epochs, in which a curriculum had opened enough of them."""
    history = [d.values for d in course.diagnostics.get("mixture", ()) if d.values.get("tau")][-UNCLAIMED_FOR:]
    if len(history) < UNCLAIMED_FOR or any(len(_trained(values)) < len(values["tau"][0]) for values in history):
        return None
    found = _always(without_component(values["tau"], values["usage"], _floor(_trained(values))) for values in reversed(history))
    names: list[str] = list(history[-1].get("class_names", ()))
    told = [names[y] for y in sorted(found) if y < len(names)]
    return unclaimed(told) if told else None


def classes_not_learnt(course: Course) -> Notice | None:
    """Classes whose labelled images have been given little of their own class for some epochs, and that have a component."""
    history = [d.values for d in course.diagnostics.get("mixture", ()) if d.values.get("recall")][-UNCLAIMED_FOR:]
    if len(history) < UNCLAIMED_FOR:
        return None
    last = history[-1]
    names = list(last.get("class_names", ()))
    low = _always(unlearnt(values["labels"], values["recall"], names) for values in reversed(history))
    low -= {*without_component(last["tau"], last["usage"], _floor(_trained(last)))}
    if not low:
        return None
    known = [y for y in range(len(names)) if last["labels"][y]]
    mean = sum(last["recall"][y] for y in known) / len(known)
    told = sorted(low)
    return not_learnt([names[y] for y in told], [last["recall"][y] for y in told], mean)


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


def neglected(course: Course) -> tuple[Notice, ...]:
    """Classes that a trained model neglects among the images that it is judged on."""
    kept = course.diagnostics.get("simple", ())
    values = kept[-1].values.get("verdict") or {} if kept else {}
    return neglected_classes(tallies_of(values.get("classes", ())), values.get("split", ""))


RULES: tuple[Rule, ...] = (
    collapsed_mixture, classes_without_component, classes_not_learnt, unused_components, collapsed_latent, rising_loss(), overfitting(), steep_gradients(),
)  # fmt: skip


def notices(course: Course) -> tuple[Notice, ...]:
    """Everything to notice now, most serious first."""
    below = below_simple_methods(course)
    return (*((below,) if below else ()), *neglected(course), *found(RULES, course))


def _always(found: Iterable[Iterable[int]]) -> set[int]:
    """What is in all of these; no more of them are asked for once that is nothing."""
    left: set[int] | None = None
    for each in found:
        left = {*each} if left is None else left & {*each}
        if not left:
            break
    return left or set()


def _floor(components: Collection[int]) -> float:
    """The usage below which one of these components is not used."""
    return min(0.01, 0.1 / max(1, len(components)))


def _trained(values: Mapping[str, Any]) -> set[int]:
    """The components that were open during the epoch: not those that a curriculum has yet to open, or has opened at its end."""
    usage = values.get("usage") or ()
    active = values.get("active") or [1] * len(usage)
    return {k for k, is_open in enumerate(active) if is_open and k != values.get("unlocked")}


def _counted(values: Mapping[str, Any]) -> str:
    count, k = len(_trained(values)), len(values["usage"])
    word = "component" if count == k else "open component"
    return f"{count:,} {word if count == 1 else word + 's'}"

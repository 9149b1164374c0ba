"""How a model stands beside simple methods, from its diagnostics: shares, the lead with its interval, and the sentence that says it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rcmvae.diagnostics.bundle import SPLIT_NAMES, TRAIN, DiagnosticsBundle
from rcmvae.intervals import SURE_95
from rcmvae.neglect import Tally
from rcmvae.simple.words import TITLES
from workbench.families.metrics import SPLIT_WORDS


def share_text(share: float) -> str:
    """A share of one in percent."""
    return f"{100 * share:.1f} %"


@dataclass(frozen=True)
class Stand:
    """One method on the judged images: its key, its share of right answers (None: it gave none), and its note."""

    name: str
    accuracy: float | None
    note: str


@dataclass(frozen=True)
class Verdict:
    """A model beside simple methods, all on the same held-out images with the same labels.

    Attributes:
        accuracy: the model's share of right answers on these `n` images of `split`. labels: training labels it saw.
        methods: each. best: the key of the best of them. lead: accuracy minus the best's. low, high: the lead's 95 % interval over images.
        classes: how each class fares.
    """

    accuracy: float
    n: int
    split: str
    labels: int
    methods: tuple[Stand, ...]
    best: str
    lead: float
    low: float
    high: float
    classes: tuple[Tally, ...]

    @property
    def words(self) -> str:
        """How the model stands to the best of them, in a sentence."""
        reached = next(each.accuracy for each in self.methods if each.name == self.best) or 0.0
        labels = "label" if self.labels == 1 else "labels"
        head = f"{TITLES.get(self.best, self.best)} with the same {self.labels:,} {labels} recognises {share_text(reached)} of {self.n:,} {self.split} images"
        own = f"this model {share_text(self.accuracy)}"
        if self.low <= 0 <= self.high:
            return f"{head}, {own}: on so many images the difference may be chance"
        return f"{head}, {own}"

    def plain(self) -> dict[str, Any]:
        """As JSON, for an event and for what draws it."""
        methods = [asdict(each) | {"title": TITLES.get(each.name, each.name)} for each in self.methods]
        shared = {name: getattr(self, name) for name in ("accuracy", "n", "split", "labels", "lead", "low", "high")}
        return shared | {"methods": methods, "words": self.words, "classes": [asdict(each) for each in self.classes]}


def verdict(bundle: DiagnosticsBundle) -> Verdict | None:
    """How the model of these diagnostics stands; None without simple methods beside it, or where none of them gave an answer."""
    held = bundle.simple_held
    if not len(held) or not bundle.has_labels:
        return None
    truth = bundle.known_labels[held]
    own = bundle.predictions[held] == truth
    right = {
        str(name): answers == truth
        for name, answers in zip(bundle.simple_names, bundle.simple_predictions, strict=True)
        if (answers >= 0).all()
    }
    if not right:
        return None
    notes = dict(zip(map(str, bundle.simple_names), map(str, bundle.simple_notes), strict=True))
    methods = tuple(Stand(name, float(right[name].mean()) if name in right else None, note) for name, note in notes.items())
    best = max(right, key=lambda name: right[name].mean())
    apart = own.astype(float) - right[best]
    half = SURE_95 * float(apart.std()) / float(np.sqrt(len(held)))
    lead = float(apart.mean())
    split = SPLIT_NAMES[int(bundle.split[held[0]])]
    return Verdict(
        float(own.mean()), len(held), SPLIT_WORDS.get(split, split), int(((bundle.split == TRAIN) & (bundle.used_labels >= 0)).sum()), methods, best,
        lead, lead - half, lead + half, tallies(bundle, held),
    )  # fmt: skip


def tallies(bundle: DiagnosticsBundle, judged: np.ndarray) -> tuple[Tally, ...]:
    """How each class fares among the images at positions `judged`, whose classes are known."""
    truth, said = bundle.known_labels[judged], bundle.predictions[judged]
    taught = bundle.used_labels[bundle.split == TRAIN]
    counts = (_counts(each, bundle.classes) for each in (taught, truth, truth[truth == said], said))
    return tuple(Tally(name, *each) for name, *each in zip(bundle.facts.class_names, *counts, strict=True))


def _counts(classes: np.ndarray, number: int) -> list[int]:
    """How often each class is among `classes`; those below 0 are left out."""
    return np.bincount(classes[classes >= 0], minlength=number).tolist()

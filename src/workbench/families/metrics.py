"""What a family says about its metrics: each is declared once, and everything that shows it reads the declaration."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

Direction = Literal["lower", "higher"]
Format = Literal["number", "share"]

SPLIT_WORDS: Mapping[str, str] = {"train": "training", "validation": "validation", "test": "held-out"}
"""Splits that every family has in some way; others are called by their own names."""


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        key: its name without its split: `loss` is `train/loss` and `validation/loss` of an epoch, `loss` of a headline and
            `training/loss` of a summary. A key with its head, such as `density/nll`, is of that head only.
        label: its name for people. unit: of its values, empty for none.
        direction: whether a lower or a higher value is the better one; None: neither.
        format: a plain number, or a share of one in percent.
        panel: the panel of curves that shows it while training, empty for none.
        splits: the splits an epoch reports it for; empty: it has none (`epoch_seconds`, diagnostics).
        of: what the value in a headline is of, as in "held-out"; empty where its name says enough.
        from_zero: whether its curve stands over zero: one that hardly changes, such as a learning rate, would lie on it otherwise.
        references: simple methods by name, each with the key of what it reached in the same summary (`simple/nearest_neighbours`).
        made_of: settings that decide what it measures, by path, such as the weights of a loss: values under others do not compare.
    """

    key: str
    label: str
    unit: str = ""
    direction: Direction | None = None
    format: Format = "number"
    panel: str = ""
    splits: tuple[str, ...] = ()
    of: str = ""
    from_zero: bool = False
    references: tuple[tuple[str, str], ...] = ()
    made_of: tuple[str, ...] = ()

    def in_unit(self, unit: str) -> Metric:
        """The same in a unit that the data decides; one that is declared stays."""
        return replace(self, unit=unit) if unit and not self.unit else self

    def text(self, value: float | None) -> str:
        """A value with the digits that help, and its unit."""
        if value is None:
            return "–"
        if self.format == "share" and math.isfinite(value):
            return f"{100 * value:.1f} %"
        return f"{number_text(value)} {self.unit}".strip()

    def better(self, values: Iterable[float]) -> float | None:
        """The best of several values; None where there are none, or no value is better than another."""
        known = [value for value in values if math.isfinite(value)]
        if not known or self.direction is None:
            return None
        return min(known) if self.direction == "lower" else max(known)


@dataclass(frozen=True)
class Panel:
    """One graph of curves.

    Attributes:
        name, title: its own name and what stands above it. description: what a screen reader says.
        each: whether every metric has axes of its own, `columns` abreast. height: pixels of one row.
        half: whether it takes half the width. hideable: whether people may hide single metrics of it.
        log: whether the logarithmic switch applies. overlays: whether other runs are laid over it. empty: what it says while there is nothing to draw.
        rest: metrics that nobody declared and that are drawn here: those `measured` on a split, those of `diagnostics`.
    """

    name: str
    title: str
    description: str
    each: bool = False
    columns: int = 3
    height: int = 270
    half: bool = False
    hideable: bool = False
    log: bool = True
    overlays: bool = True
    empty: str = "Curves appear with the first epoch"
    rest: tuple[Literal["measured", "diagnostics"], ...] = ()


PANELS: tuple[Panel, ...] = (
    Panel("metrics", "Metrics", "Every metric over the epochs", each=True, height=180, rest=("measured", "diagnostics")),
)
"""The panels of a family that declares none."""


class Metrics:
    """A family's metrics by key."""

    def __init__(self, declared: Iterable[Metric] = ()) -> None:
        """Raises ValueError if two metrics have one key."""
        self.declared = tuple(declared)
        self._by_key = {metric.key: metric for metric in self.declared}
        if len(self._by_key) < len(self.declared):
            keys = [metric.key for metric in self.declared]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            raise ValueError(f"metrics are declared twice: {', '.join(twice)}")

    def __contains__(self, key: str) -> bool:
        """Whether the metric of that key is declared."""
        return key in self._by_key or _leaf(key) in self._by_key

    def of(self, key: str) -> Metric:
        """The metric of `train/loss`, `loss` or `training/loss`; one that nobody declared is called by its key."""
        return self._by_key.get(key) or self._by_key.get(_leaf(key)) or Metric(_leaf(key), plain_words(_leaf(key)))

    def label(self, key: str) -> str:
        """A metric's name: "train/kl_z" -> "KL z"."""
        return self.of(key).label

    def title(self, key: str) -> str:
        """A metric's name with what it is of: "validation/loss" -> "Loss, validation", a headline's "accuracy" -> "Accuracy, held-out"."""
        head, metric = key.rpartition("/")[0], self.of(key)
        of = SPLIT_WORDS.get(head, "") if head else metric.of
        return f"{metric.label}, {of}" if of else metric.label

    def text(self, key: str, value: float | None) -> str:
        """A metric's value in words."""
        return self.of(key).text(value)


UNITS = "units"
"""The diagnostics with which a trainer tells the units that its data decides: metric key -> unit."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_text(value: float) -> str:
    """A number with four significant digits, whole ones with all of theirs; very small and very large ones as powers of ten."""
    if isinstance(value, float) and not math.isfinite(value):
        return "not finite"
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e6):
        return f"{int(value):,}"
    if abs(value) < 1e-4 or abs(value) >= 1e9:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}×10{str(int(exponent)).translate(_RAISED)}"
    if abs(value) < 1e-3:
        return f"{value:.3g}"
    if abs(value) >= 1e4:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def plain_words(name: str) -> str:
    """A key as words: "half_life" -> "Half life"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _leaf(key: str) -> str:
    return key.rsplit("/", 1)[-1]

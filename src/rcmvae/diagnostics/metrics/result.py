"""What a metric answers: a value with its source, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from rcmvae.diagnostics.bundle import SPLIT_NAMES, TEST, VALIDATION, DiagnosticsBundle

State = Literal["success", "disabled", "skipped", "failed"]
Value = float | int | str | list[Any] | dict[str, Any]


@dataclass(frozen=True)
class Found:
    """A metric's value, the split it was computed on (`train`, `validation`, `test`, `all`, or empty) and over how many images."""

    value: Value
    split: str = ""
    n: int | None = None


class Disabled(Exception):
    """The model has nothing that this metric measures; the message says what it lacks."""


class Skipped(Exception):
    """The metric means nothing on this data; the message says why."""


@dataclass(frozen=True)
class HeldOut:
    """The images that metrics are computed on: the test images, or, without any, the validation images.

    Attributes:
        split: its name. where: bool (N,).
    """

    split: str
    where: np.ndarray


def held_out(bundle: DiagnosticsBundle) -> HeldOut:
    """The held-out images. Raises Skipped if there are none."""
    for code in (TEST, VALIDATION):
        where = bundle.split == code
        if where.any():
            return HeldOut(SPLIT_NAMES[code], where)
    raise Skipped("the sample has no test or validation images")


def held_out_with_truth(bundle: DiagnosticsBundle) -> HeldOut:
    """The test images whose class is known, or, without any, such validation images. Raises Skipped if there are none."""
    held_out(bundle)
    for code in (TEST, VALIDATION):
        where = (bundle.split == code) & (bundle.known_labels >= 0)
        if where.any():
            return HeldOut(SPLIT_NAMES[code], where)
    raise Skipped("the class of no held-out image is known; label validation images to see it")


def need_components(bundle: DiagnosticsBundle) -> None:
    """Raises Disabled with a prior that has no components."""
    if not bundle.components:
        raise Disabled(f"the {bundle.facts.prior_type} prior has no components")


def need_predictions(bundle: DiagnosticsBundle) -> None:
    """Raises Disabled if nothing classifies, Skipped as long as no label has been seen."""
    if bundle.facts.classifier == "none":
        raise Disabled("the model has no classes")
    if not bundle.has_labels:
        raise Skipped("no labels yet: the model was trained without any")


def number(value: Any) -> float:
    """A plain float for JSON."""
    return float(value)


def numbers(values: Any) -> list[float | None]:
    """Plain floats for JSON, None for NaN."""
    return [None if np.isnan(v) else float(v) for v in np.asarray(values, np.float64)]

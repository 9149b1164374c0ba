"""What simple methods reach with the same labels on the same held-out images, and the model's lead over the best of them."""

from __future__ import annotations

from collections.abc import Callable

from rcmvae.diagnostics.bundle import SPLIT_NAMES, DiagnosticsBundle
from rcmvae.diagnostics.metrics.result import Found, Skipped, need_predictions
from rcmvae.simple.verdict import Verdict, verdict


def method(name: str) -> Callable[[DiagnosticsBundle], Found]:
    """Accuracy of the simple method of that name."""

    def compute(bundle: DiagnosticsBundle) -> Found:
        found = _verdict(bundle)
        stand = next((each for each in found.methods if each.name == name), None)
        if stand is None or stand.accuracy is None:
            raise Skipped(stand.note if stand is not None else "not computed")
        return Found(stand.accuracy, _split(bundle), found.n)

    return compute


def lead(bundle: DiagnosticsBundle) -> Found:
    """The model's accuracy minus that of the best simple method."""
    found = _verdict(bundle)
    return Found(found.lead, _split(bundle), found.n)


def _verdict(bundle: DiagnosticsBundle) -> Verdict:
    need_predictions(bundle)
    found = verdict(bundle)
    if found is None:
        raise Skipped("needs labels of two classes and held-out images whose class is known")
    return found


def _split(bundle: DiagnosticsBundle) -> str:
    return SPLIT_NAMES[int(bundle.split[bundle.simple_held[0]])]

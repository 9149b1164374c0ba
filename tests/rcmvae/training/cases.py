"""The kinds of model that the conformance test walks through."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

FACTORS: dict[str, tuple[Any, ...]] = {
    "prior": ("standard", "mixture shared", "mixture decentralized"),
    "conditioning": ("none", "concat", "component_aware", "film", "cin"),
    "encoder": ("dense", "conv"),
    "decoder": ("dense", "conv"),
    "loss": ("bce", "mse", "heteroscedastic"),
    "classifier": ("tau", "head"),
    "normalization": ("layer", "none"),
}


def valid(case: dict[str, Any]) -> bool:
    """Whether the config allows the combination."""
    if case["prior"] == "standard":
        return case["conditioning"] == "none" and case["classifier"] == "head"
    return not (case["prior"] == "mixture shared" and case["conditioning"] == "none")


def everything() -> Iterator[dict[str, Any]]:
    """Every valid combination."""
    for values in itertools.product(*FACTORS.values()):
        case = dict(zip(FACTORS, values, strict=True))
        if valid(case):
            yield case


def covering(strength: int) -> list[dict[str, Any]]:
    """Few cases in which every valid combination of any `strength` factors occurs (greedy, always the same)."""
    cases = list(everything())
    groups = list(itertools.combinations(FACTORS, strength))
    wanted = {(names, tuple(case[n] for n in names)) for case in cases for names in groups}
    chosen = []
    while wanted:
        best = max(cases, key=lambda case: sum((names, tuple(case[n] for n in names)) in wanted for names in groups))
        wanted -= {(names, tuple(best[n] for n in names)) for names in groups}
        chosen.append(best)
    return chosen


def changes(case: dict[str, Any]) -> dict[str, Any]:
    """The case as config values."""
    prior, _, layout = case["prior"].partition(" ")
    values: dict[str, Any] = {
        "prior_type": prior, "encoder_type": case["encoder"], "decoder_type": case["decoder"], "normalization": case["normalization"],
        "reconstruction_loss": "bce" if case["loss"] == "bce" else "mse",
    }  # fmt: skip
    if case["loss"] == "heteroscedastic":
        values["use_heteroscedastic_decoder"] = True
    if prior == "mixture":
        values |= {"latent_layout": layout, "decoder_conditioning": case["conditioning"], "use_tau_classifier": case["classifier"] == "tau"}
    return values


def name(case: dict[str, Any]) -> str:
    """A readable test id."""
    return "-".join(str(value).replace(" ", "_") for value in case.values())

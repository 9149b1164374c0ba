"""The kinds of model that the conformance test walks through."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

FACTORS: dict[str, tuple[Any, ...]] = {
    "prior": ("standard", "mixture shared", "mixture decentralized", "vamp", "geometric_mog shared", "geometric_mog decentralized"),
    "conditioning": ("none", "concat", "component_aware", "film", "cin"),
    "encoder": ("dense", "conv"),
    "decoder": ("dense", "conv"),
    "loss": ("bce", "mse", "heteroscedastic"),
    "classifier": ("tau", "head"),
    "normalization": ("layer", "none"),
    "routing": ("soft", "gumbel", "straight_through", "top_m", "hard_top_m", "soft_embedding"),
    "regularizer": ("categorical", "logit_mog", "both"),
}


def valid(case: dict[str, Any]) -> bool:
    """Whether the config allows the combination."""
    if case["prior"] in ("standard", "vamp"):
        plain = case["conditioning"] == "none" and case["routing"] == "soft" and case["regularizer"] == "categorical"
        return plain and (case["prior"] == "vamp" or case["classifier"] == "head")
    if case["conditioning"] == "none":
        return case["prior"] != "mixture shared" and case["routing"] != "soft_embedding"
    return True


def everything() -> Iterator[dict[str, Any]]:
    """Every valid combination."""
    for values in itertools.product(*FACTORS.values()):
        case = dict(zip(FACTORS, values, strict=True))
        if valid(case):
            yield case


@functools.cache
def covering(strength: int, among: Sequence[str] = tuple(FACTORS)) -> tuple[dict[str, Any], ...]:
    """Few cases in which every valid combination of any `strength` factors `among` occurs (greedy, always the same)."""
    cases = list(everything())
    groups = list(itertools.combinations(among, strength))
    # a bit for every combination of values, in the order of their first case: a case is the sum of its own
    bits: dict[tuple[Any, ...], int] = {}
    covered = [sum(1 << bits.setdefault((names, *(case[n] for n in names)), len(bits)) for names in groups) for case in cases]
    wanted = (1 << len(bits)) - 1
    chosen = []
    while wanted:
        best = max(range(len(cases)), key=lambda place: (covered[place] & wanted).bit_count())
        wanted &= ~covered[best]
        chosen.append(cases[best])
    return tuple(chosen)


def changes(case: dict[str, Any]) -> dict[str, Any]:
    """The case as config values."""
    prior, _, layout = case["prior"].partition(" ")
    values: dict[str, Any] = {
        "prior_type": prior, "encoder_type": case["encoder"], "decoder_type": case["decoder"], "normalization": case["normalization"],
        "reconstruction_loss": "bce" if case["loss"] == "bce" else "mse",
    }  # fmt: skip
    if case["loss"] == "heteroscedastic":
        values["use_heteroscedastic_decoder"] = True
    if prior != "standard":
        values["use_tau_classifier"] = case["classifier"] == "tau"
    if layout:
        values |= {"latent_layout": layout, "decoder_conditioning": case["conditioning"], "c_regularizer": case["regularizer"]}
        values |= ROUTINGS[case["routing"]]
    return values


ROUTINGS: dict[str, dict[str, Any]] = {
    "soft": {},
    "gumbel": {"use_gumbel_softmax": True, "use_straight_through_gumbel": False},
    "straight_through": {"use_gumbel_softmax": True},
    "top_m": {"top_m_gating": 2},
    "hard_top_m": {"use_gumbel_softmax": True, "top_m_gating": 2},
    "soft_embedding": {"soft_embedding_warmup_epochs": 1},
}
"""What chooses the components to decode, as config values."""


def name(case: dict[str, Any]) -> str:
    """A readable test id."""
    return "-".join(str(value).replace(" ", "_") for value in case.values())

"""A nested config for tests: sub-configs, lists of tagged entries, a config that may be absent, and a kind that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workbench.families import DerivedRule
from workbench.fields import Auto, ConfigModel, FieldProblem, Modifiable, Structural, field, fields_of, part, when


class Stack(ConfigModel):
    """A part that stands in two places."""

    kind: Structural[Literal["plain", "gated"]] = field("plain", label="Kind", help="Which one.")
    width: Structural[int] = field(16, label="Width", ge=1, le=512, help="Units a layer.")
    gate: Structural[float] = field(0.5, label="Gate", gt=0, le=1, applies_when=when(kind="gated"), help="How far it is open.")
    dropout: Modifiable[float] = field(0.0, label="Dropout", ge=0, lt=1, help="Share dropped.")


class Dense(ConfigModel):
    """An entry."""

    type: Structural[Literal["dense"]] = field("dense", label="Type", help="Dense.")
    units: Structural[int] = field(label="Units", ge=1, le=4096, help="How many.")
    dropout: Modifiable[float] = field(0.0, label="Dropout", ge=0, lt=1, help="Share dropped.")


class Embedding(ConfigModel):
    """An entry with a part of its own and a condition within."""

    type: Structural[Literal["embedding"]] = field("embedding", label="Type", help="Embedding.")
    column: Structural[str] = field(label="Column", help="Of the table.")
    size: Structural[int | Auto] = field("auto", label="Size", ge=1, le=512, help="Dimensions.")
    hashed: Structural[bool] = field(False, label="Hashed", help="Whether ids are hashed.")
    buckets: Structural[int] = field(0, label="Buckets", ge=0, applies_when=when(hashed=True), help="How many.")


class Decay(ConfigModel):
    """May be absent."""

    rate: Modifiable[float] = field(0.9, label="Rate", gt=0, le=1, help="Of each step.")
    every: Modifiable[int] = field(10, label="Every", ge=1, unit="steps", help="Steps between.")


class Network(ConfigModel):
    """The structural section."""

    inputs: Structural[int] = field(label="Inputs", section="Data", ge=1, help="Columns.")
    encoder: Stack = part(Stack(width=32), label="Encoder", help="Reads.")
    decoder: Stack = part(Stack(), label="Decoder", help="Writes.")
    layers: Structural[tuple[Dense | Embedding, ...]] = field(
        (Dense(units=8),), label="Layers", section="Layers", min_items=1, max_items=5, help="From bottom to top."
    )
    towers: Structural[tuple[Dense, ...]] = field((), label="Towers", section="Layers", help="All of one type.")


class Fit(ConfigModel):
    """The modifiable section."""

    epochs: Modifiable[int] = field(3, label="Epochs", section="Fit", ge=1, le=1000, help="Passes.")
    decay: Modifiable[Decay | None] = field(None, label="Decay", section="Fit", help="Of the rate.")
    metrics: Modifiable[tuple[str, ...]] = field(("mae",), label="Metrics", section="Fit", help="Watched.")
    focus: Modifiable[Literal["all", "peak"]] = field(
        "all", label="Focus", section="Fit", applies_when=when({"encoder.kind": "gated"}), help="Which hours count."
    )


SECTIONS = {"network": Network, "fit": Fit}


def resolve(values: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes left to auto are 4."""
    full = dict(values)
    full["layers"] = tuple({**e, "size": 4} if e.get("size") == "auto" else e for e in full.get("layers", ()))
    return full


def check(network: Any, fit: Any, facts: Any) -> list[FieldProblem]:
    """The last layer may not be wider than the decoder."""
    last = len(network.layers) - 1
    units = getattr(network.layers[last], "units", 0)
    if units > network.decoder.width * 4:
        return [FieldProblem(f"layers.{last}.units", f"{units} is more than four times decoder.width ({network.decoder.width})", units)]
    return []


@dataclass(frozen=True)
class Columns:
    """What is known of the data."""

    n: int


@dataclass(frozen=True)
class Kind:
    """A kind of config that is no model type."""

    sections: Mapping[str, type[ConfigModel]]
    rules: tuple[DerivedRule, ...]
    resolve: Any
    check: Any
    aliases: Any


RULES = (
    DerivedRule("inputs", "columns of the table", lambda _, facts: facts.n),
    DerivedRule("decoder.kind", "that of the encoder", lambda values, _: values["encoder.kind"], ("encoder.kind",), on_auto=True),
)
KIND = Kind(SECTIONS, RULES, resolve, check, lambda values: dict(values))
FIELDS = fields_of(SECTIONS)
FACTS = Columns(7)

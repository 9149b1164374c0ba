"""Whether a checkpoint fits an architecture, and if not, in which fields and parameters. No framework is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rcmvae.config import Architecture
from rcmvae.model.plan import NetworkPlan
from rcmvae.model.shapes import parameter_shapes
from rcmvae.training.codec import CheckpointFile
from workbench.fields import show_value, structural_fields

SHOWN = 3
_PARAMETERS = "parameters."


def mismatches(content: CheckpointFile, fingerprint: str, resolved: Mapping[str, Any], plan: NetworkPlan) -> list[str]:
    """What keeps a checkpoint from being loaded into an architecture, in words; empty if nothing does.

    The fingerprints must agree, and every parameter must be there with the shape that the architecture gives it.
    """
    header = content.header
    found: list[str] = []
    if header.get("fingerprint") != fingerprint:
        found += _differing_fields(header.get("resolved", {}), resolved) or [
            f"its fingerprint is {header.get('fingerprint')}, the model's is {fingerprint}"
        ]
    expected = parameter_shapes(plan)
    actual = {name.removeprefix(_PARAMETERS): array.shape for name, array in content.arrays.items() if name.startswith(_PARAMETERS)}
    problems = [
        *(f"{name} is missing" for name in sorted(expected.keys() - actual.keys())),
        *(f"{name} is not of this model" for name in sorted(actual.keys() - expected.keys())),
        *(
            f"{name} has shape {_shape(actual[name])}, the model needs {_shape(expected[name])}"
            for name in sorted(expected.keys() & actual.keys())
            if tuple(actual[name]) != expected[name]
        ),
    ]
    if len(problems) > SHOWN:
        problems = [*problems[:SHOWN], f"and {len(problems) - SHOWN} more parameters differ"]
    return found + problems


def _differing_fields(saved: Mapping[str, Any], resolved: Mapping[str, Any]) -> list[str]:
    lines = []
    for spec in structural_fields(Architecture):
        before, now = _plain(saved.get(spec.name)), _plain(resolved.get(spec.name))
        if before != now:
            lines.append(f"{spec.name} is {show_value(before)} in the checkpoint and {show_value(now)} in the model")
    return lines


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a single number"

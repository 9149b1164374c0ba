"""Checks a checkpoint file against a config without loading it into a model; needs no framework."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traffic.config_architecture import Architecture
from traffic.kinds import architecture_of
from traffic.parameter_shapes import parameter_shapes
from traffic.training.checkpoint_content import mismatches, model_type_of, read
from traffic.training.errors import CheckpointError
from workbench.fields import ConfigModel, fingerprint


def audit(path: Path | str, configs: Mapping[str, ConfigModel], resolved: Mapping[str, Any]) -> list[str]:
    """Mismatches of the checkpoint at `path` with a model's locked architecture, in words; empty if it fits.

    `configs` are the model's by section; `resolved` holds all their values flat with autos replaced. A file that is missing or damaged is a
    mismatch too.
    """
    architecture = configs["architecture"]
    if not isinstance(architecture, Architecture):
        raise TypeError(f"expected an architecture of a forecasting model, got {type(architecture).__name__}")
    try:
        content = read(Path(path))
    except CheckpointError as error:
        return [str(error)]
    identity = fingerprint(model_type_of(architecture), architecture, resolved)
    return mismatches(content, identity, resolved, type(architecture), parameter_shapes(architecture_of(resolved)))

"""The configuration of an RCM-VAE and the pure functions that read it: autos, older names, words.

`values` is always a flat mapping from field name to value over `Architecture` and `Training` together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rcmvae.config_architecture import CONDITIONED, MIXTURE_BASED, ROUTED, Architecture
from rcmvae.config_sample import SampleSettings
from rcmvae.config_training import Training
from workbench.fields import AUTO, ConfigError, FieldProblem, field_specs, show_value

__all__ = [
    "CONDITIONED", "MIXTURE_BASED", "ROUTED", "SPECS", "Architecture", "SampleSettings", "Training", "aliases", "resolve", "suggest_name",
]  # fmt: skip

SPECS = (*field_specs(Architecture), *field_specs(Training))
"""Every field of a model, structural ones first."""

_ALIAS = "use_component_aware_decoder"
_SHORT_CONDITIONING = {"component_aware": "", "film": " FiLM", "cin": " CIN", "concat": " concat", "none": ""}


def resolve(values: Mapping[str, Any]) -> dict[str, Any]:
    """All values with every auto replaced and every missing field at its default.

    A field that has an auto but does not apply (components of a standard prior) becomes none, or off for a switch.

    Args:
        values: flat values; fields without a default (`input_shape`, `num_classes`) may be missing.

    Returns:
        A new mapping with lists as tuples. Names that are no field of these types pass through.
    """
    full = {spec.name: spec.default for spec in SPECS if not spec.required}
    full |= {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    mixture_based = full["prior_type"] in MIXTURE_BASED
    if full["num_components"] == AUTO or not mixture_based:
        full["num_components"] = max(10, int(full.get("num_classes") or 0) + 2) if mixture_based else None
    if full["decoder_conditioning"] == AUTO:
        full["decoder_conditioning"] = "component_aware" if full["prior_type"] in ROUTED else "none"
    conditioned = full["decoder_conditioning"] in CONDITIONED
    if full["component_embedding_dim"] == AUTO or not conditioned:
        full["component_embedding_dim"] = max(16, full["latent_dim"]) if conditioned else None
    if full["use_tau_classifier"] == AUTO:
        full["use_tau_classifier"] = mixture_based
    return full


def aliases(values: Mapping[str, Any]) -> dict[str, Any]:
    """Flat values with the older name `use_component_aware_decoder` replaced by what it stands for.

    True means "conditioned": it chooses `component_aware` where no conditioning is given and agrees with any but `none`.
    False means `none`.

    Raises:
        ConfigError: if the switch is not a boolean or contradicts `decoder_conditioning`.
    """
    if _ALIAS not in values:
        return dict(values)
    rest = {name: value for name, value in values.items() if name != _ALIAS}
    wanted = values[_ALIAS]
    if isinstance(wanted, str):
        wanted = {"true": True, "false": False}.get(wanted.strip().lower(), wanted)
    if not isinstance(wanted, bool):
        raise ConfigError([FieldProblem(_ALIAS, f"must be true or false (got {show_value(wanted)})", wanted)])
    given = rest.get("decoder_conditioning", AUTO)
    if given == AUTO:
        return rest | {"decoder_conditioning": "component_aware" if wanted else "none"}
    if wanted == (given == "none"):
        message = f"{_ALIAS}={str(wanted).lower()} contradicts decoder_conditioning={given}; give one of the two"
        raise ConfigError([FieldProblem(_ALIAS, message, wanted, "Leave one of the two out.")])
    return rest


def suggest_name(values: Mapping[str, Any]) -> str:
    """A readable name made up from the architecture: "Mixture 10 FiLM, latent 2, dense"."""
    full = resolve(values)
    prior = full["prior_type"]
    kind = {"standard": "Standard", "mixture": "Mixture", "vamp": "VampPrior", "geometric_mog": "Geometric"}[prior]
    if prior in MIXTURE_BASED:
        kind = f"{kind} {full['num_components']}"
    if prior in ROUTED:
        kind += _SHORT_CONDITIONING[full["decoder_conditioning"]]
        if full["latent_layout"] == "decentralized":
            kind += " decentralized"
    networks = dict.fromkeys((full["encoder_type"], full["decoder_type"]))
    return f"{kind}, latent {full['latent_dim']}, {'/'.join(networks)}"

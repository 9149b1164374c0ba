"""Layered configuration: YAML files of models, data, training and experiments, merged into one, with the source of every value.

Example::

    from workbench.layered import resolve

    config = resolve(["models/rcmvae_mixture_10.yaml", "data/rcmvae_digits.yaml", "training/rcmvae_default.yaml"])
    print(config.explain("model.rcmvae.encoder_type"))
    model = config.create_model()
"""

from __future__ import annotations

from workbench.layered.problems import LayeredError, LayeredProblem
from workbench.layered.registry import ModelEntry, registry
from workbench.layered.resolve import resolve, resolve_variants, values_set
from workbench.layered.resolved import ResolvedConfig

__all__ = ["LayeredError", "LayeredProblem", "ModelEntry", "ResolvedConfig", "registry", "resolve", "resolve_variants", "values_set"]

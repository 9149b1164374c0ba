"""What a worker needs to know about the two frameworks: what to import while idle, and under which environment.

Everything is an import string, so that the core depends on no framework.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.families import ImportString, all_families


@dataclass(frozen=True)
class FrameworkFacts:
    """One framework.

    Attributes:
        modules: imported by an idle worker, so that a run need not wait for them. later: likewise, but needed at a run's end.
        initialise: import string of a function to call between the two (it finds the devices), or None.
        environment: set before any of them is imported; `{cache}` stands for the compilation cache's folder.
        packages: distributions whose versions belong into a run's environment.json.
        rate: import string of a function that measures floating point operations a second, or None.
    """

    modules: tuple[str, ...]
    later: tuple[str, ...]
    environment: Mapping[str, str]
    packages: tuple[str, ...]
    initialise: str | None = None
    rate: str | None = None


FRAMEWORKS: Mapping[str, FrameworkFacts] = {
    "jax": FrameworkFacts(
        modules=("jax", "jax.numpy", "flax.nnx", "optax"),
        later=("polars", "plotly.graph_objects"),
        environment={
            "JAX_COMPILATION_CACHE_DIR": "{cache}",
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        },
        packages=("jax", "jaxlib", "flax", "optax", "numpy", "scipy", "scikit-learn", "polars"),
        initialise="jax:devices",
        rate="workbench.runs.rate:jax_training_rate",
    ),
    "tensorflow": FrameworkFacts(
        modules=("tensorflow", "tensorflow_recommenders"),
        later=("polars", "plotly.graph_objects"),
        environment={"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"},
        packages=("tensorflow-cpu", "tf-keras", "tensorflow-recommenders", "numpy", "polars"),
    ),
}


def environment_for(framework: str, cache: Path) -> dict[str, str]:
    """The environment variables a worker of that framework starts with."""
    folder = cache / "compiled" / framework
    return {name: value.format(cache=folder) for name, value in FRAMEWORKS[framework].environment.items()}


def preimport(framework: str) -> Iterator[None]:
    """Import what a run will need, piece by piece in the order in which it does: the families' trainers, then all about reports.

    Whoever iterates may leave off when a run has come. Raises ImportError naming the module that is missing.
    """
    facts = FRAMEWORKS[framework]
    families = [family for family in all_families() if family.framework == framework]
    for name in facts.modules:
        importlib.import_module(name)
        yield
    if facts.initialise is not None:
        ImportString(facts.initialise).load()()
        yield
    for family in families:
        family.trainer.load()
        yield
    for name in facts.later:
        importlib.import_module(name)
        yield
    for family in families:
        for found in (family.load_bundle, *(figure.draw for figure in family.figures)):
            found.load()
            yield

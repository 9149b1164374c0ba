"""What a worker of a framework imports while idle, and under which environment: what the framework's families declare."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from workbench.families import Family, Framework, Runtime, all_families


def families_of(framework: str) -> tuple[Family, ...]:
    """The registered families that train with the framework."""
    return tuple(family for family in all_families() if family.framework == framework)


def frameworks_in_use() -> tuple[Framework, ...]:
    """The frameworks that registered families train with."""
    return tuple(dict.fromkeys(family.framework for family in all_families()))


def first_framework() -> Framework | None:
    """The framework of the family that a first visit tries, else of the first family; None without families."""
    families = all_families()
    tried = [family for family in families if any(family.try_it)]
    return next((family.framework for family in (*tried, *families)), None)


def runtime_of(framework: str) -> Runtime:
    """What the framework's families need between them, in their order. Raises ValueError if two want different environments."""
    needs = [family.runtime for family in families_of(framework)]
    environment: dict[str, str] = {}
    for need in needs:
        for name, value in need.environment.items():
            if environment.setdefault(name, value) != value:
                raise ValueError(f"families of {framework} disagree about {name}: {environment[name]!r} and {value!r}")
    return Runtime(
        modules=_once(name for need in needs for name in need.modules),
        later=_once(name for need in needs for name in need.later),
        environment=environment,
        packages=_once(name for need in needs for name in need.packages),
        initialise=next((need.initialise for need in needs if need.initialise is not None), None),
        crew=next((need.crew for need in needs if need.crew is not None), None),
    )


def environment_for(framework: str, cache: Path) -> dict[str, str]:
    """The environment variables a worker of that framework starts with."""
    folder = cache / "compiled" / framework
    return {name: value.format(cache=folder) for name, value in runtime_of(framework).environment.items()}


def preimport(framework: str) -> Iterator[None]:
    """Import what a run will need, piece by piece in the order in which it does: the families' trainers, then all about reports.

    Whoever iterates may leave off when a run has come. Raises ImportError naming the module that is missing.
    """
    runtime, families = runtime_of(framework), families_of(framework)
    for name in runtime.modules:
        importlib.import_module(name)
        yield
    if runtime.initialise is not None:
        runtime.initialise.load()()
        yield
    for family in families:
        family.trainer.load()
        yield
    for name in runtime.later:
        importlib.import_module(name)
        yield
    for family in families:
        for found in (family.load_bundle, *(figure.draw for figure in family.figures)):
            found.load()
            yield


def _once(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))

"""What workers import and set is what families declare."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rcmvae.family import FAMILY
from workbench.families import Runtime
from workbench.runs import frameworks


def test_rcmvae_declares_the_compilation_cache_of_its_worker(tmp_path: Path) -> None:
    environment = frameworks.environment_for("jax", tmp_path)
    assert environment["JAX_COMPILATION_CACHE_DIR"] == str(tmp_path / "compiled" / "jax")
    assert environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] == "0"


def test_the_recommenders_declare_the_second_keras_before_anything_is_imported(tmp_path: Path) -> None:
    assert frameworks.environment_for("tensorflow", tmp_path)["TF_USE_LEGACY_KERAS"] == "1"


def test_a_framework_that_no_family_uses_needs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _families(monkeypatch, Runtime(modules=("no.such.module",)))
    assert frameworks.environment_for("tensorflow", tmp_path) == {}
    assert list(frameworks.preimport("tensorflow")) == []


def _families(monkeypatch: pytest.MonkeyPatch, *runtimes: Runtime) -> None:
    made: list[Any] = [replace(FAMILY, name=f"f{i}", runtime=runtime) for i, runtime in enumerate(runtimes)]
    monkeypatch.setattr(frameworks, "all_families", lambda: tuple(made))


def test_families_of_one_framework_share_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Runtime(modules=("jax", "optax"), environment={"A": "1"}, packages=("jax",))
    two = Runtime(modules=("jax", "polars"), environment={"A": "1", "B": "2"}, packages=("polars",))
    _families(monkeypatch, one, two)
    both = frameworks.runtime_of("jax")
    assert (both.modules, both.packages) == (("jax", "optax", "polars"), ("jax", "polars"))
    assert dict(both.environment) == {"A": "1", "B": "2"}


def test_families_that_want_different_environments_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _families(monkeypatch, Runtime(environment={"A": "1"}), Runtime(environment={"A": "2"}))
    with pytest.raises(ValueError, match="disagree about A"):
        frameworks.runtime_of("jax")

"""Programs that outlive their process: the same bits as compiled ones, and never the wrong or a broken one."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental.compilation_cache import compilation_cache

from rcmvae.training import epoch, kept_programs
from rcmvae.training.fit import Fit
from rcmvae.training.kept_programs import KeptProgram, described
from rcmvae.training.record import RunRecord
from tests.rcmvae.terms import made_up
from tests.support.small_rcmvae import equal_states, small_data, started


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where programs lie while JAX has a cache, as in a worker."""
    jax.config.update("jax_compilation_cache_dir", str(tmp_path))
    epoch._compiled.cache_clear()
    yield tmp_path / "programs"
    jax.config.update("jax_compilation_cache_dir", None)
    compilation_cache.reset_cache()
    epoch._compiled.cache_clear()


def trained(**changes: Any) -> Fit:
    """Two epochs from the start, as a process that has compiled nothing yet trains them."""
    epoch._compiled.cache_clear()
    engine, state = started(small_data(), max_epochs=2, **changes)
    fit = Fit(engine, state, RunRecord())
    assert len(list(fit.epochs())) == 2
    return fit


def metrics(fit: Fit) -> list[dict[str, float | None]]:
    timed = ("train/examples_per_second", "epoch_seconds")
    return [{name: value for name, value in found.items() if name not in timed} for found in fit.record.metrics]


def test_a_process_that_finds_programs_traces_nothing_and_trains_bit_for_bit_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jax.config.update("jax_compilation_cache_dir", None)
    plain = trained()
    jax.config.update("jax_compilation_cache_dir", str(folder.parent))
    compiled = trained()
    assert len(list(folder.iterdir())) == 4

    def no_tracing(*_: Any, **__: Any) -> Any:
        raise AssertionError("a function of the recipe was traced")

    monkeypatch.setattr(epoch, "train_step", no_tracing)
    monkeypatch.setattr(epoch, "_validate", no_tracing)
    monkeypatch.setattr(epoch, "soft_counts", no_tracing)
    loaded = trained()
    for fit in (compiled, loaded):
        assert equal_states(fit.state, plain.state)
        assert metrics(fit) == metrics(plain)
    edited = trained(learning_rate=0.02)
    assert not equal_states(edited.state, plain.state)


def doubled() -> Callable[..., Any]:
    """A function of its own, jitted, which overwrites its argument."""
    return jax.jit(lambda values: {"twice": 2 * values, "none": None}, donate_argnums=0)


def called(folder: Path, decided_by: str = "twice", length: int = 3) -> np.ndarray:
    """The result of a program as a process that has none yet gets it."""
    result = KeptProgram(doubled(), decided_by, 0, folder)(jnp.arange(length, dtype=jnp.float32))
    assert result["none"] is None
    return np.asarray(result["twice"])


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data[:-1] + bytes([data[-1] ^ 1]), lambda data: b""])
def test_a_program_that_does_not_lie_there_whole_is_compiled_anew(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    called(tmp_path)
    (file,) = tmp_path.iterdir()
    whole = len(file.read_bytes())
    file.write_bytes(damage(file.read_bytes()))
    assert called(tmp_path).tolist() == [0, 2, 4]
    assert len(file.read_bytes()) == whole


def test_a_program_that_does_not_run_is_compiled_although_it_may_overwrite_its_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: Path, _args: Any) -> Callable[..., Any]:
        def run(values: jax.Array) -> Any:
            values.delete()
            raise jax.errors.JaxRuntimeError("NOT_FOUND: Function not found")

        return run

    monkeypatch.setattr(kept_programs, "_load", broken)
    assert called(tmp_path).tolist() == [0, 2, 4]


def test_what_decides_a_program_and_the_shapes_of_its_arguments_make_its_name(tmp_path: Path) -> None:
    for what, length in (("one", 3), ("two", 3), ("two", 4), ("two", 4)):
        called(tmp_path, what, length)
    assert len(names(tmp_path)) == 3


def test_only_the_last_used_programs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_programs, "KEPT", 2)
    called(tmp_path, "used long ago")
    (first,) = names(tmp_path)
    called(tmp_path, "used again")
    (second,) = names(tmp_path) - {first}
    for name, at in ((first, 1_000), (second, 900)):
        os.utime(tmp_path / name, (at, at))
    called(tmp_path, "used again")
    called(tmp_path, "new")
    assert second in names(tmp_path)
    assert first not in names(tmp_path)


def test_recipes_that_differ_in_numbers_alone_have_one_description_and_others_differ() -> None:
    recipe = started(small_data())[0].recipe
    words = described(recipe.code)
    assert words == described(started(small_data(), learning_rate=0.02, kl_weight=0.3)[0].recipe.code)
    assert words != described(started(small_data(), batch_size=recipe.batch_size - 1)[0].recipe.code)
    assert words != described(dataclasses.replace(recipe.code, open_components=1))


def test_the_description_has_no_order_of_a_set_and_no_address_of_an_object() -> None:
    code = started(small_data())[0].recipe.code
    switches = [f"switch {number}" for number in range(40)]
    one, other = (
        dataclasses.replace(code, choices=dataclasses.replace(code.choices, switches=frozenset(order)))
        for order in (switches, switches[::-1])
    )
    assert described(one) == described(other)
    assert " at 0x" not in (described(one) or "")


def test_a_term_from_elsewhere_whose_text_nobody_has_read_keeps_no_program() -> None:
    code = started(small_data())[0].recipe.code
    assert described(dataclasses.replace(code, terms=(*code.terms, made_up.TERM))) is None

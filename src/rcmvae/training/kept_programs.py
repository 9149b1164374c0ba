"""Compiled programs that outlive their process: a worker that starts anew neither traces nor compiles what an earlier one did.

JAX's own cache keeps what the compiler makes, and is asked only when a function has been traced and lowered, which takes
most of the time of a start with that cache. Here the whole program lies under a name made from all that decides it: the
recipe, the arguments' shapes, the text of this package, versions, flags and processor. It is what was compiled then, so
its results are those of then, bit for bit. What does not lie there, or not whole, or does not run, is compiled.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
from jax.core import Tracer
from jax.experimental.compilation_cache import compilation_cache
from jax.experimental.serialize_executable import deserialize_and_load, serialize

from parallel.mesh import copied
from rcmvae.terms import TERMS
from rcmvae.training.recipe import Recipe
from workbench.artefacts import ArtefactError, write_atomic

KEPT = 4_000
"""Programs that the folder holds, of half a megabyte or so; the one used longest ago goes first."""

_PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy")
_PLAIN = (str, int, float, bool, type(None))
_DIGEST = 32

_log = logging.getLogger(__name__)


def kept(jitted: Callable[..., Any], code: Recipe, donated: int | None) -> Callable[..., Any]:
    """A jitted function of a recipe's `code`, kept beside JAX's cache; `jitted` itself where there is none, or several devices.

    Args:
        donated: index of the argument that a call may overwrite.
    """
    folder = jax.config.jax_compilation_cache_dir  # pyright: ignore[reportAttributeAccessIssue]
    text = described(code) if folder and len(jax.devices()) == 1 else None
    if text is None:
        return jitted
    name = f"{jitted.__name__} {donated}"
    return KeptProgram(jitted, f"{name}\n{text}\n{_surroundings()}", donated, Path(folder) / "programs")


class KeptProgram:
    """A jitted function whose programs are looked for in a folder before it is traced, and put there once compiled.

    Args:
        decided_by: all that decides what it computes, but for the arguments' shapes. donated: index of the argument that a
            call may overwrite.
    """

    def __init__(self, jitted: Callable[..., Any], decided_by: str, donated: int | None, folder: Path) -> None:
        self._jitted: Any = jitted
        self._donated = donated
        self._decided_by = decided_by
        self._folder = folder
        self._programs: dict[Any, Callable[..., Any]] = {}

    def __call__(self, *args: Any) -> Any:
        leaves, tree = jax.tree.flatten(args)
        if any(isinstance(leaf, Tracer) for leaf in leaves):
            return self._jitted(*args)
        shapes = tuple((kind.shape, kind.dtype.name, kind.weak_type) for kind in map(jax.typeof, leaves))
        program = self._programs.get((tree, shapes))
        if program is not None:
            return program(*args)
        path = self._folder / hashlib.sha256(f"{self._decided_by}\n{tree}\n{shapes}".encode()).hexdigest()
        program = _load(path, args)
        if program is not None:
            try:
                result = jax.block_until_ready(program(*self._spared(args)))
            except jax.errors.JaxRuntimeError:
                _log.exception("the program %s does not run", path)
            else:
                self._programs[tree, shapes] = program
                return result
        with _without_jax_cache():
            program = self._programs[tree, shapes] = self._jitted.lower(*args).compile()
        _keep(path, program)
        return program(*args)

    @property
    def programs(self) -> int:
        """How many programs it has in hand: one for each set of shapes that it was called with."""
        return len(self._programs)

    def _spared(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments with a copy in place of the one that the call may overwrite."""
        return tuple(copied(arg) if index == self._donated else arg for index, arg in enumerate(args))


@contextmanager
def _without_jax_cache() -> Iterator[None]:
    """Compile without JAX's cache: what that gives back lacks a part once it is written a second time."""
    jax.config.update("jax_enable_compilation_cache", False)
    compilation_cache.reset_cache()
    try:
        yield
    finally:
        jax.config.update("jax_enable_compilation_cache", True)
        compilation_cache.reset_cache()


def _load(path: Path, args: tuple[Any, ...]) -> Callable[..., Any] | None:
    """The program that lies there; None if there is none that can be used. The folder is its owner's alone, as JAX's cache is."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        return None
    try:
        program, result = pickle.loads(data[_DIGEST:])
        found = deserialize_and_load(program, jax.tree.structure((args, {})), jax.tree.structure(result))
    except Exception:  # whatever is wrong with it, compiling gives a new one
        _log.exception("the program %s cannot be used", path)
        return None
    with suppress(OSError):
        os.utime(path)
    return found


def _keep(path: Path, program: Any) -> None:
    """Put a program there. One that cannot be kept is compiled again by the next process; nothing else depends on it."""
    try:
        content, _, tree = serialize(program)
    except (ValueError, NotImplementedError) as error:
        _log.info("a program is not kept: %s", error)
        return
    # a result of numbers stands for the tree, which holds types that only JAX's registry knows
    data = pickle.dumps((content, jax.tree.unflatten(tree, range(tree.num_leaves))))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomic(path, hashlib.sha256(data).digest() + data)
        _forget_the_oldest(path.parent)
    except (OSError, ArtefactError) as error:
        _log.info("the program %s is not kept: %s", path, error)


def _forget_the_oldest(folder: Path) -> None:
    used = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in used[KEPT:]:
        path.unlink(missing_ok=True)


def described(code: Recipe) -> str | None:
    """A recipe's code in words that are the same in every process; None if it has terms that are not this package's."""
    if any(term not in TERMS for term in code.terms):
        return None
    values = (f"{field.name}={_text(getattr(code, field.name))}" for field in fields(code) if field.name != "terms")
    return "\n".join([*values, *(term.name for term in code.terms)])


def _text(value: Any) -> str:
    """A value of plain ones, in words. Raises TypeError for any other."""
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))})"
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(_text, value)))}}}"
    return f"{type(value).__qualname__}({', '.join(f'{field.name}={_text(getattr(value, field.name))}' for field in fields(value))})"


@cache
def _surroundings() -> str:
    """What decides a program beside its recipe: this package's text, versions, flags, device and processor."""
    device = jax.local_devices()[0]
    flags = {name: text for name, text in os.environ.items() if name == "XLA_FLAGS" or (name.startswith("JAX_") and "CACHE" not in name)}
    return "\n".join(
        [
            _digest(sorted(Path(__file__).resolve().parents[1].rglob("*.py"))),
            platform.python_version(),
            *(f"{name} {version(name)}" for name in _PACKAGES),
            f"{sorted(flags.items())} {jax.config.jax_enable_x64}",  # pyright: ignore[reportAttributeAccessIssue]
            f"{device.platform} {device.device_kind} {device.client.platform_version}",
            _processor(),
        ]
    )


def _digest(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).hexdigest()


def _processor() -> str:
    """The processor's kind and the instructions that it knows, where the system tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(dict.fromkeys(line for line in lines if line.startswith(("flags", "Features", "model name"))))

"""Arrays with a declared shape and dtype: dataclass fields that check themselves.

A field is declared as `mu: Annotated[np.ndarray, array("N D", np.float32, "posterior mean of the latents")]`. Letters are
sizes that must agree over all fields of one object.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ArraySpec:
    """What a field's array must look like. `dtype` None means text of any length. `added_later`: files written before the field
    existed lack it; it is then empty."""

    shape: tuple[str, ...]
    dtype: np.dtype[Any] | None
    meaning: str
    added_later: bool = False


def array(shape: str, dtype: Any, meaning: str, *, added_later: bool = False) -> ArraySpec:
    """Declare an array field; `dtype` is a numpy dtype, or `str` for text."""
    return ArraySpec(tuple(shape.split()), None if dtype is str else np.dtype(dtype), meaning, added_later)


@cache
def array_specs(cls: Any) -> dict[str, ArraySpec]:
    """The declared array fields of a dataclass, by name, in order."""
    hints = typing.get_type_hints(cls, include_extras=True)
    found = {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}
    return {name: mark for name, marks in found.items() for mark in marks if isinstance(mark, ArraySpec)}


def check_arrays(owner: Any) -> dict[str, int]:
    """Check every declared array of `owner`; returns the sizes found by letter.

    Raises ValueError naming the field, what it should be and what it is.
    """
    sizes: dict[str, tuple[int, str]] = {}
    for name, spec in array_specs(type(owner)).items():
        value = getattr(owner, name)
        if not isinstance(value, np.ndarray):
            raise ValueError(f"{name} must be a numpy array, not {type(value).__name__}")
        if (value.dtype.kind != "U") if spec.dtype is None else (value.dtype != spec.dtype):
            raise ValueError(f"{name} must have dtype {spec.dtype or 'text'}, not {value.dtype}")
        if value.ndim != len(spec.shape):
            raise ValueError(f"{name} must have shape ({', '.join(spec.shape)}), not {value.shape}")
        for letter, size in zip(spec.shape, value.shape, strict=True):
            expected, where = sizes.setdefault(letter, (size, name))
            if size != expected:
                raise ValueError(f"{name} has {size} entries along {letter}, but {where} says {expected}")
    return {letter: size for letter, (size, _) in sizes.items()}


def with_added(cls: Any, content: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """`content` with empty arrays for fields that were added after it was written.

    Sizes along letters that other fields know are theirs; all others are 0.
    """
    specs = array_specs(cls)
    sizes = {
        letter: size
        for name, spec in specs.items()
        if name in content and content[name].ndim == len(spec.shape)
        for letter, size in zip(spec.shape, content[name].shape, strict=True)
    }
    missing = {name: spec for name, spec in specs.items() if spec.added_later and name not in content}
    return content | {
        name: np.zeros([sizes.get(letter, 0) for letter in spec.shape], spec.dtype or "<U1") for name, spec in missing.items()
    }


def frozen_view(value: np.ndarray) -> np.ndarray:
    """The same array as a view that cannot be written to."""
    view = value.view()
    view.flags.writeable = False
    return view

"""Simple methods beside a model: computed once for a set of labels, in the worker, within bounds of time and memory."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from rcmvae.diagnostics.bundle import TEST, TRAIN, VALIDATION
from rcmvae.diagnostics.evaluate import as_floats
from rcmvae.simple.methods import METHODS, Answer, Known, Method, answer_of
from workbench.artefacts import ArtefactError, write_atomic

MOST_HELD = 5_000
"""Held-out images that methods are judged on at most."""
SECONDS = 30.0
"""Once so many have passed no further method is begun."""
KEPT = 500
"""Label sets whose answers the cache holds; the one used longest ago goes first."""
RECIPE = 1
"""Raised when a method's recipe changes: what was kept before is computed anew."""

CACHE_VARIABLE = "JAX_COMPILATION_CACHE_DIR"

_log = logging.getLogger(__name__)


class Judged(Protocol):
    """What methods need to know of a model's sample; its diagnostics (`DiagnosticsBundle`) know it.

    Attributes:
        rows: int32 (N,), dataset row of each image. split: (N,), `TRAIN`, `VALIDATION` or `TEST`.
        used_labels: int32 (N,), class that the model may see, -1 none. known_labels: int32 (N,), class that it is judged by, -1 none.
    """

    @property
    def rows(self) -> np.ndarray: ...

    @property
    def split(self) -> np.ndarray: ...

    @property
    def used_labels(self) -> np.ndarray: ...

    @property
    def known_labels(self) -> np.ndarray: ...


@dataclass(frozen=True)
class Beside:
    """What simple methods say of held-out images, as the bundle's fields `simple_*` hold it.

    Attributes:
        names: of the methods. held: int32 (X,), positions of the judged images among the sample's.
        predictions: int32 (B, X), -1 where a method gave none. notes: why it gave none, or what it left out; "" for neither.
    """

    names: tuple[str, ...]
    held: np.ndarray
    predictions: np.ndarray
    notes: tuple[str, ...]

    def fields(self) -> dict[str, np.ndarray]:
        """The bundle's fields of these."""
        return {
            "simple_names": np.array(self.names, dtype=str), "simple_held": self.held, "simple_predictions": self.predictions,
            "simple_notes": np.array(self.notes, dtype=str),
        }  # fmt: skip


def beside(
    judged: Judged,
    images: np.ndarray,
    data: str,
    *,
    cache: Path | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Beside | None:
    """What each simple method says of the images that the model is judged on; None where there is nothing to learn from or to judge.

    Args:
        images: (n, H, W, C) of the whole dataset. data: hash of its content.
        cache: a folder where answers are kept for the next run with the same labels; none by default.
    """
    held, known = _held(judged), (judged.split == TRAIN) & (judged.used_labels >= 0)
    if not len(held) or len(np.unique(judged.used_labels[known])) < 2:
        return None
    path = None if cache is None else cache / f"{_key(judged, held, data)}.npz"
    kept = {} if path is None else _read(path, len(held))
    answers = kept | _computed(judged, images, known, held, [m for m in METHODS if m.name not in kept], clock)
    if path is not None:
        _keep(path, {name: found for name, found in answers.items() if (found.classes >= 0).all()})
    ordered = [answers[method.name] for method in METHODS]
    return Beside(
        tuple(method.name for method in METHODS),
        held,
        np.stack([found.classes for found in ordered]).astype(np.int32),
        tuple(found.note for found in ordered),
    )


def cache_folder() -> Path | None:
    """Where workers keep answers: beside what they compiled; None where nothing is kept."""
    compiled = os.environ.get(CACHE_VARIABLE)
    return Path(compiled) / "simple" if compiled else None


def _held(judged: Judged) -> np.ndarray:
    """Positions of the images that the model is judged on, int32 ascending: of the test, else of validation; a random part of many."""
    for code in (TEST, VALIDATION):
        found = np.flatnonzero((judged.split == code) & (judged.known_labels >= 0))
        if len(found):
            return np.sort(np.random.default_rng(0).permutation(found)[:MOST_HELD]).astype(np.int32)
    return np.zeros(0, np.int32)


def _computed(
    judged: Judged,
    images: np.ndarray,
    known: np.ndarray,
    held: np.ndarray,
    methods: list[Method],
    clock: Callable[[], float],
) -> dict[str, Answer]:
    """The answers of these methods; one without classes where a method failed or was not begun."""
    found: dict[str, Answer] = {}
    if not methods:
        return found
    none = np.full(len(held), -1, np.int32)
    began = clock()
    labelled = _flat(images, judged.rows[known])
    given = Known(labelled, judged.used_labels[known], _flat(images, judged.rows[(judged.split == TRAIN) & (judged.used_labels < 0)]))
    asked = _flat(images, judged.rows[held])
    for method in methods:
        if clock() - began > SECONDS:
            found[method.name] = Answer(none, f"not computed: the others took {SECONDS:.0f} s")
        else:
            try:
                found[method.name] = answer_of(method, given, asked)
            except Exception as error:  # whatever a library's own code raises on odd data; the model's diagnostics stay
                _log.exception("%s failed", method.name)
                found[method.name] = Answer(none, f"not computed: {type(error).__name__}: {error}")
    return found


def _flat(images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return as_floats(images[rows]).reshape(len(rows), -1)


def _key(judged: Judged, held: np.ndarray, data: str) -> str:
    """All that decides the answers."""
    digest = hashlib.sha256(f"{RECIPE} {data}".encode())
    for part in (judged.rows, judged.split, judged.used_labels, held):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _read(path: Path, n: int) -> dict[str, Answer]:
    """Kept answers by method; none where nothing that can be used is kept."""
    try:
        with np.load(path, allow_pickle=False) as file:
            content = {name: file[name] for name in file.files}
        os.utime(path)
        found = {method.name: Answer(content[method.name], str(content[f"{method.name} note"])) for method in METHODS}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return {}
    return found if all(answer.classes.shape == (n,) for answer in found.values()) else {}


def _keep(path: Path, answers: Mapping[str, Answer]) -> None:
    """Keep answers, if every method gave one. Where they cannot be kept the next run computes them again."""
    if len(answers) < len(METHODS):
        return
    content: dict[str, np.ndarray] = {name: found.classes.astype(np.int32) for name, found in answers.items()}
    content |= {f"{name} note": np.array(found.note) for name, found in answers.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, _npz(content))
        used = sorted(path.parent.glob("*.npz"), key=lambda each: each.stat().st_mtime, reverse=True)
        for old in used[KEPT:]:
            old.unlink(missing_ok=True)
    except (OSError, ArtefactError) as error:
        _log.info("the answers of simple methods are not kept: %s", error)


def _npz(content: Mapping[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **content)  # pyright: ignore[reportArgumentType]
    return file.getvalue()

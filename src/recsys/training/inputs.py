"""What a generated trainer is handed: the rows of each part, what preprocessing knows, and its arguments.

Imports TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from recsys.training.asked import Asked
from recsys.training.parts import PartName, Transformed
from recsys.training.rows import LocalDataAccessor, LocalTransform, PartRows, part_rows

PARTS: tuple[PartName, ...] = ("train", "validation", "test")
CANDIDATES = "candidates"


def rows_of(asked: Asked, done: Transformed) -> dict[str, PartRows]:
    """The transformed rows of every part by its name, and the candidates as `candidates`."""
    return {part: _part(asked, done, part) for part in PARTS} | {CANDIDATES: _candidates(done)}


def transform_output(asked: Asked, done: Transformed, folder: Path) -> LocalTransform:
    """What preprocessing left behind; its files are written below a folder."""
    items: list[str] = done.division.item_ids[done.known].tolist()
    counts = done.division.train_counts[done.known].tolist()
    types: Any = asked.payload.columns.types
    return LocalTransform(done.fitted, types, folder, items, counts)


def arguments(
    rows: Mapping[str, PartRows], output: LocalTransform, folder: Path, options: Mapping[str, Any]
) -> Any:
    """The `fn_args` of `run_fn`, as TFX passes them.

    Args:
        rows: of `rows_of`. folder: of the attempt. options: for `custom_config`.
    """
    return SimpleNamespace(
        train_files=["train"],
        eval_files=["validation"] if len(rows["validation"]) else [],
        transform_output=output,
        data_accessor=LocalDataAccessor(rows),
        serving_model_dir=None,
        model_run_dir=str(folder),
        train_steps=None,
        eval_steps=None,
        custom_config={"candidate_files": [CANDIDATES], **options},
    )


def _part(asked: Asked, done: Transformed, part: PartName) -> PartRows:
    division = done.division
    items = division.data.item[division.rows(part)]
    target = done.target(part) if asked.config.rates else None
    return part_rows(done.fitted, done.tensors(part), done.keys[items], division.item_ids, items, target)


def _candidates(done: Transformed) -> PartRows:
    """The candidates as the trainer's own candidate builder reads them: only what describes products."""
    division = done.division
    _, arrays = done.item_tensors()
    return PartRows.of_products(
        done.fitted, arrays, done.keys[division.candidates], division.item_ids, division.candidates
    )

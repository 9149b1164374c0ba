"""The data of the fake family: sixty rows of nothing, from a file or made."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.datasets import DatasetError
from workbench.families import (
    Column,
    DataSource,
    DataSupport,
    ImportString,
)
from workbench.fields import ConfigModel, Structural, field
from workbench.looks import Look, Table
from workbench.state import DatasetFile, DatasetManifest, DatasetRecord

SHAPE = (2, 2, 1)

CLASSES = ("ant", "bee", "cat")

ROWS = 60

TEST_ROWS = 12


@dataclass(frozen=True)
class TinyFacts:
    """What is known of the fake family's data without loading it."""

    shape: tuple[int, ...]
    n: int
    class_names: tuple[str, ...]
    n_train: int
    n_test: int
    n_labelled: int = 0
    n_labelled_validation: int = 0
    n_validation: int | None = None
    n_sampled: int = 0
    n_drawn: int = 0
    vocabulary: int = 0
    unlabelled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tiny:
    """The fake family's data in memory."""

    images: Any
    true_labels: Any
    test: Any
    manifest: DatasetManifest
    class_names: tuple[str, ...] = CLASSES


loads: list[str] = []
"""What was loaded, newest last; a test that looks clears it first."""


class Making(ConfigModel):
    """Settings of the source that makes data."""

    rows: Structural[int] = field(60, label="Rows", section="Data", ge=1)


def make(settings: Any, params: Making) -> Tiny:
    """Rows as many as one asks for."""
    found = load(settings)
    about = found.manifest.about | {"n": params.rows}
    return replace(found, manifest=found.manifest.model_copy(update={"source": "made", "files": (), "about": about}))


def files(settings: Any) -> tuple[Path, ...] | None:
    """The file of the tiny dataset, if there is one."""
    return None if settings.data is None else tuple(p for p in [settings.data / "tiny.json"] if p.exists())


def load(settings: Any) -> Tiny:
    """The tiny dataset; with a file `tiny.json` in the data folder, its offset and content come from there."""
    loads.append("tiny")
    files: tuple[DatasetFile, ...] = ()
    offset = 0
    if settings.data is not None and (settings.data / "tiny.json").exists():
        text = (settings.data / "tiny.json").read_bytes()
        try:
            offset = json.loads(text)["offset"]
        except ValueError as error:
            raise DatasetError(f"The file {settings.data / 'tiny.json'} is not valid JSON. Fetch it again.") from error
        files = (DatasetFile(path="tiny.json", size=len(text), sha256=f"{offset:064x}"),)
    images = (np.arange(ROWS * 4).reshape(ROWS, *SHAPE) % 7 / 7 + 0 * offset).astype(np.float32)
    labels = (np.arange(ROWS) % len(CLASSES)).astype(np.int32)
    test = np.arange(ROWS - TEST_ROWS, ROWS, dtype=np.int32)
    manifest = DatasetManifest(
        source="tiny", loader_version=1, files=files, content_sha256=f"{offset + 1:064x}",
        about={"n": ROWS, "shape": list(SHAPE), "dtype": "float32", "class_names": list(CLASSES)},
    )  # fmt: skip
    return Tiny(images, labels, test, manifest)


FACTS = TinyFacts(SHAPE, ROWS, CLASSES, n_train=ROWS - TEST_ROWS, n_test=TEST_ROWS)


def row(facts: TinyFacts) -> dict[str, Any]:
    """What lists show of a dataset."""
    return {"n": facts.n, "n_test": facts.n_test, "shape": list(facts.shape), "class_names": list(facts.class_names)}


def describe(record: DatasetRecord, source: DataSource | None) -> DataSource:
    """A dataset as one may choose it."""
    assert source is not None
    return replace(source, id=record.id, name=record.name)


def look(dataset: Tiny) -> Look:
    """The dataset in words."""
    return Look(words=(f"{len(dataset.images)} rows of nothing.",), tables=(Table(columns=("Row",), rows=((1,),)),))


DATA = DataSupport(
    sources=(
        DataSource(
            "tiny",
            "Tiny",
            "Sixty rows of nothing.",
            ImportString("tests.support.fake_data:load"),
            FACTS,
            files=ImportString("tests.support.fake_data:files"),
        ),
        DataSource("made", "Made", "Rows on demand.", ImportString("tests.support.fake_data:make"), FACTS, params=Making),
    ),
    describe=describe,
    row=row,
    columns=(Column("n", "Rows", "count"),),
    preview=ImportString("tests.support.fake_data:look"),
    statistics=ImportString("tests.support.fake_data:look"),
)

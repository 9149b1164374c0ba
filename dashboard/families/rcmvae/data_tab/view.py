"""What the Data tab shows, read from the workbench at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dashboard.families.rcmvae.data_tab.layout import MORE, SHOWN
from rcmvae.data import measured
from rcmvae.data.about import UNKNOWN
from rcmvae.data.problems import Part, Problem, problems_of, problems_of_classes
from rcmvae.holding import held
from workbench.commands.rules import find_model

if TYPE_CHECKING:
    from workbench.workbench import Workbench

SOURCES = ("given", "person", "imported")


@dataclass(frozen=True)
class ClassView:
    """One class of a model.

    Attributes:
        known: images of the sample, test set included, whose true class it is; None where no true class is known at all.
        labels: how many labels there are by where they came from. rows: labelled images, the first few.
    """

    name: str
    known: int | None
    labels: Mapping[str, int]
    rows: tuple[int, ...]

    @property
    def labelled(self) -> int:
        """All its labels."""
        return sum(self.labels.values())


@dataclass(frozen=True)
class DataView:
    """The data of a model.

    Attributes:
        images: of its sample, test set included. unlabelled: training images without a label, the first few; and how many.
        problems: found now. measured: whether the images were measured, so that all problems are known.
        near_known: whether nearly identical images were looked for.
    """

    model_id: str
    dataset_id: str
    images: int
    classes: tuple[ClassView, ...]
    unlabelled: tuple[int, ...]
    n_unlabelled: int
    problems: tuple[Problem, ...]
    measured: bool
    near_known: bool


def dataset_of(workbench: Workbench, model_id: str) -> str:
    """The id of a model's dataset. Raises CommandError not_found."""
    state = workbench.state()
    return state.dataset_of(find_model(state, model_id)) or ""


def data_view(workbench: Workbench, model_id: str) -> DataView:
    """A model's data now. Raises CommandError not_found, DatasetError, ArtefactError."""
    state = workbench.state()
    model = find_model(state, model_id)
    dataset_id = dataset_of(workbench, model_id)
    loaded, rows = workbench.datasets.load(dataset_id), workbench.models.read(model)
    marks, names = workbench.models.labels(model_id), held(model).class_names
    truth = np.asarray(loaded.true_labels)
    part = Part(rows.train, rows.validation, rows.test, {row: mark.label for row, mark in marks.items()}, truth, names)
    every = np.concatenate([rows.train, rows.validation, rows.test])
    counts = np.bincount(truth[every][truth[every] != UNKNOWN], minlength=len(names))
    by_class: list[list[int]] = [[] for _ in names]
    sources: list[dict[str, int]] = [dict.fromkeys(SOURCES, 0) for _ in names]
    for row, mark in sorted(marks.items()):
        by_class[mark.label].append(row)
        sources[mark.label][mark.source] += 1
    classes = tuple(
        ClassView(name, int(counts[n]) if counts.any() else None, sources[n], tuple(by_class[n][: SHOWN + MORE]))
        for n, name in enumerate(names)
    )
    free = np.setdiff1d(rows.train, np.fromiter(marks, np.int64, len(marks)))
    found = measured.kept(workbench.artefacts, loaded.manifest.content_sha256)
    problems = tuple(p for p in problems_of_classes(part) if p.count) if found is None else problems_of(found, part)
    shown = tuple(int(row) for row in free[: SHOWN + MORE])
    return DataView(
        model_id, dataset_id, len(every), classes, shown, len(free), problems, found is not None, found is None or found.near_known
    )  # fmt: skip


def measure(workbench: Workbench, model_id: str, progress: measured.Progress, cancelled: measured.Cancelled) -> None:
    """Have the images of a model's dataset measured, by a process beside this one if there are such.

    Raises Cancelled, DatasetError, ArtefactError, CommandError.
    """
    dataset_id = dataset_of(workbench, model_id)
    if workbench.apart is None:
        measured.measure_dataset(workbench, dataset_id, progress)
        return
    workbench.apart.call("rcmvae.data.measured:measure_dataset", dataset_id, progress=progress, cancelled=cancelled)

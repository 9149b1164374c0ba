"""What a family says about its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.families.loading import ImportString

if TYPE_CHECKING:
    from workbench.state import DatasetRecord


@dataclass(frozen=True)
class DatasetFacts:
    """What a model's validation may need to know about its data.

    Attributes:
        shape: one item's shape, for images (H, W, C). n: rows. class_names: the label vocabulary at creation.
        n_train, n_test: sizes before the validation split. value_range: least and largest value.
        n_labelled, n_labelled_validation: labels given in the sample (0 if not yet drawn).
        n_validation: validation images of the sample (None if not yet drawn).
        vocabulary: classes known now, those added while the model lives included (0: as many as `class_names`).
        has_labels: whether the data carries true labels.
    """

    shape: tuple[int, ...]
    n: int
    class_names: tuple[str, ...]
    n_train: int
    n_test: int
    value_range: tuple[float, float] = (0.0, 1.0)
    n_labelled: int = 0
    n_labelled_validation: int = 0
    n_validation: int | None = None
    vocabulary: int = 0
    has_labels: bool = True


@dataclass(frozen=True)
class DatasetSource:
    """One entry of a family's dataset catalogue.

    Attributes:
        id: fixed dataset id. loader: import string to `load(settings) -> LoadedDataset` (see workbench.datasets); None for an
            imported dataset, whose data is an artefact.
        facts: known before loading, so that the wizard needs no array. default_sample: sample settings to start from.
        needs_download: whether the first use fetches files unless TRELLIS_DATA has them.
    """

    id: str
    name: str
    description: str
    loader: ImportString | None
    facts: DatasetFacts
    default_sample: Mapping[str, Any] = field(default_factory=dict)
    needs_download: bool = False


@dataclass(frozen=True)
class Importing:
    """How a family takes in people's own data.

    Attributes:
        read: import string to `read(path, options: ImportOptions, progress) -> ReadImport` (see workbench.datasets).
        kinds: names of the kinds of file that it reads, which are the sources of what was imported.
        describe: the record of an imported dataset -> its catalogue entry.
    """

    read: ImportString
    kinds: tuple[str, ...]
    describe: Callable[[DatasetRecord], DatasetSource]

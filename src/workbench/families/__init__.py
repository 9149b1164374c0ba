"""The registry of model families. The core and the dashboard know families only through these declarations.

Everything heavy (trainers, figures, data loaders) is an import string, resolved when it is needed, so that
importing a declaration never imports jax or tensorflow.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import cache
from typing import TYPE_CHECKING

from workbench.families.data import Column, DataSource, DataSupport, FileKind, Importing
from workbench.families.declaration import FRAMEWORKS, Family, Framework, Runtime, Verb
from workbench.families.exporting import Export, Size
from workbench.families.figures import Applies, Dial, Figure, LiveFigure, Looking
from workbench.families.holding import Beginning, Holding, NewModel, Payload, Prepared, Standing
from workbench.families.loading import ImportString
from workbench.families.metrics import Metric, Metrics, Panel
from workbench.families.models import DerivedRule, Layered, ModelType, Preset, Stage
from workbench.families.step import Step
from workbench.fields import field_specs, flat_values, value_words

if TYPE_CHECKING:
    from workbench.state import DatasetRecord

__all__ = [
    "FAMILIES",
    "FRAMEWORKS",
    "Applies",
    "Beginning",
    "Column",
    "DataSource",
    "DataSupport",
    "DerivedRule",
    "Dial",
    "Export",
    "Family",
    "Figure",
    "FileKind",
    "Framework",
    "Holding",
    "ImportString",
    "Importing",
    "Layered",
    "LiveFigure",
    "Looking",
    "Metric",
    "Metrics",
    "ModelType",
    "NewModel",
    "Panel",
    "Payload",
    "Prepared",
    "Preset",
    "Runtime",
    "Size",
    "Stage",
    "Standing",
    "Step",
    "Verb",
    "all_families",
    "columns_of",
    "family",
    "is_built_in",
    "is_imported",
    "is_registered",
    "model_type",
    "settings_of",
    "source_of",
]

FAMILIES: Mapping[str, str] = {"rcmvae": "rcmvae.family:FAMILY", "recsys": "recsys.family:FAMILY", "traffic": "traffic.family:FAMILY"}
"""Name -> import string of the declaration. A new family is a package and one line here."""


@cache
def family(name: str) -> Family:
    """A registered family. Raises KeyError with the known names."""
    if name not in FAMILIES:
        raise KeyError(f"no family named {name!r}; known: {', '.join(FAMILIES)}")
    return ImportString(FAMILIES[name]).load()


def is_registered(name: str) -> bool:
    """Whether there is a family of that name; records of one that was taken away still say its name."""
    return name in FAMILIES


def all_families() -> tuple[Family, ...]:
    """Every registered family, in order."""
    return tuple(family(name) for name in FAMILIES)


def model_type(family_name: str, name: str) -> ModelType:
    """A model type by family and name. Raises KeyError."""
    return family(family_name).model(name)


def source_of(record: DatasetRecord) -> tuple[Family, DataSource]:
    """The family of a dataset, and the dataset as one may choose it. Raises KeyError if no registered family has it."""
    declared = family(record.family)
    source = declared.data.source(record.source)
    if source is None and not declared.data.reads(record.source):
        raise KeyError(f"the family {record.family} has no data {record.source!r}")
    return declared, declared.data.describe(record, source)


def settings_of(record: DatasetRecord) -> list[tuple[str, str]]:
    """What was chosen of a dataset's parameters, by path: those at the top, and those within that are not as usual."""
    source = family(record.family).data.source(record.source) if is_registered(record.family) else None
    if source is None or source.params is None:
        return [(name, str(value)) for name, value in record.params.items()]
    chosen = flat_values(source.params.model_validate(record.params))
    return [
        (spec.name, value_words(spec, chosen[spec.name]) if spec.composite else str(chosen[spec.name]))
        for spec in field_specs(source.params)
        if not spec.within or chosen[spec.name] != spec.default
    ]


def columns_of(names: Set[str]) -> tuple[Column, ...]:
    """What lists of the datasets of some families show, each column once."""
    found = [column for declared in all_families() if declared.name in names for column in declared.data.columns]
    return tuple({column.key: column for column in found}.values())


def is_built_in(record: DatasetRecord) -> bool:
    """Whether a dataset came with its family, rather than being imported or created by somebody."""
    known = family(record.family).data.source(record.source) if record.family in FAMILIES else None
    return known is not None and known.params is None


def is_imported(record: DatasetRecord) -> bool:
    """Whether a dataset was read from people's own files: its source is then a kind of file that its family reads."""
    return record.family in FAMILIES and family(record.family).data.reads(record.source)

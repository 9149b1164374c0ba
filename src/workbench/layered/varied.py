"""Datasets that files vary: beside the id of one stand the parameters of the source that makes others of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from workbench.families import DataSource, family, is_registered
from workbench.fields import ConfigModel, FieldProblem, build, field_specs, problems_of


@dataclass(frozen=True)
class Varied:
    """A built-in dataset, and the source that makes others of its kind.

    Attributes:
        dataset: the built-in one, whose parameters are the defaults. source: of the others. params: the type of its parameters.
    """

    dataset: DataSource
    source: DataSource
    params: type[ConfigModel]

    def is_usual(self, params: ConfigModel) -> bool:
        """Whether parameters are those of the built-in dataset."""
        return params == self.params()

    def typed(self, values: Mapping[str, Any]) -> tuple[ConfigModel | None, list[FieldProblem]]:
        """Parameters by path, typed: (the parameters, nothing) or (None, problems)."""
        try:
            return build(self.params, values), []
        except ValidationError as error:
            return None, problems_of(error, (spec.name for spec in field_specs(self.params)))

    def name_of(self, params: ConfigModel) -> str:
        """What a dataset of such parameters is called: the built-in one's name and the first values that differ from its own."""
        from workbench.fields import flat_values, show_value

        usual, chosen = flat_values(self.params()), flat_values(params)
        differing = [spec for spec in field_specs(self.params) if chosen[spec.name] != usual[spec.name]]
        words = [f"{spec.label.lower()} {show_value(chosen[spec.name])}"[:40] for spec in differing[:2]]
        return ", ".join([self.dataset.name, *words, *(["and more"] if len(differing) > len(words) else [])])


def varied_of(name: str) -> Varied | None:
    """The dataset of a family that files vary; None if it has none, or is not registered."""
    if not is_registered(name):
        return None
    data = family(name).data
    for dataset in data.sources:
        source = None if dataset.varied is None else data.source(dataset.varied)
        if source is not None and source.params is not None:
            return Varied(dataset, source, source.params)
    return None

"""How the settings of forecasting models read in forms."""

from __future__ import annotations

import pytest

from dashboard.forms import section_groups
from dashboard.forms.looks import placeholder_of
from dashboard.forms.rows import field_row
from tests.support.trees import text_of
from traffic.config_data import DataUse
from traffic.family import FAMILY
from workbench.families import ModelType
from workbench.fields import field_specs, modifiable_fields, spec_of


def test_a_field_says_its_group_where_no_title_does() -> None:
    spec = spec_of(DataUse, "scaler.method")
    assert "Scaler: method" in text_of(field_row("form", spec, "zscore", titled=False))
    assert "Scaler: method" not in text_of(field_row("form", spec, "zscore"))


def test_an_empty_control_says_what_it_stands_for() -> None:
    shown = {spec.name: placeholder_of(spec, {}) for spec in field_specs(DataUse) if spec.optional}
    assert "none" not in shown.values()
    assert (shown["num_vds"], shown["features"], shown["targets"]) == ("all", "all", "all inputs")


@pytest.mark.parametrize("kind", FAMILY.models, ids=lambda kind: kind.name)
def test_epochs_and_the_learning_rate_stand_together(kind: ModelType) -> None:
    groups = {name: [spec.name for spec in members] for name, members in section_groups(modifiable_fields(*kind.sections.values()))}
    assert {"epochs", "optimizer.learning_rate"} <= set(groups["Training"])

"""REST's view of what can be created: every field of a nested config, with its rule and the kinds of its entries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.api.families import FieldView, list_families
from tests.support import nested_family
from workbench import families


@pytest.fixture
def fields(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, FieldView]]:
    nested_family.register(monkeypatch)
    (model,) = list_families().items[0].models
    assert model.sample_fields == []
    yield {view.name: view for view in model.fields}
    families.family.cache_clear()


def test_fields_of_sub_configs_are_named_by_path(fields: dict[str, FieldView]) -> None:
    gate = fields["encoder.gate"]
    assert (gate.label, gate.section, gate.kind) == ("Encoder: gate", "Encoder", "structural")
    assert gate.applies_when == "encoder.kind is gated"


def test_a_list_says_what_its_entries_are_made_of(fields: dict[str, FieldView]) -> None:
    kinds = fields["layers"].entries
    assert {kind: [view.name for view in views] for kind, views in kinds.items()} == {
        "dense": ["type", "units", "dropout"],
        "embedding": ["type", "column", "size", "hashed", "buckets"],
    }
    assert {view.name: view.kind for view in kinds["dense"]}["dropout"] == "modifiable"
    assert list(fields["decay"].entries) == ["decay"]


def test_a_derived_value_says_its_rule(fields: dict[str, FieldView]) -> None:
    assert (fields["inputs"].rule, fields["decoder.kind"].rule, fields["layers"].rule) == (
        "columns of the table", "that of the encoder", None,
    )  # fmt: skip

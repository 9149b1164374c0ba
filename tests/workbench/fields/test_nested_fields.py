"""What is read off nested definitions: paths, labels, groups, identity, differences, words."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.support.nested_config import FIELDS, Dense, Embedding, Fit, Network, Stack, resolve
from workbench.fields import (
    ConfigModel,
    Modifiable,
    Structural,
    architecture_summary,
    changed_fields,
    field,
    field_specs,
    fields_of,
    fingerprint,
    flat_values,
    modifiable_fields,
    nested,
    part,
    spec_of,
    structural_fields,
    structural_part,
)

PLAIN = Network(inputs=7)


def identity(config: Network) -> str:
    return fingerprint("kind", config, resolve(flat_values(config)))


def test_fields_of_sub_configs_have_paths_labels_groups_and_the_parts_own_defaults() -> None:
    width = spec_of(Network, "encoder.width")
    assert (width.label, width.meta.label, width.section, width.default) == ("Encoder: width", "Width", "Encoder", 32)
    assert spec_of(Network, "decoder.width").default == 16


def test_flat_values_and_nested_are_inverse() -> None:
    config = Network(inputs=7, encoder=Stack(width=3), layers=(Dense(units=2), Embedding(column="a")))
    flat = flat_values(config)
    assert flat["encoder.width"] == 3
    assert flat["layers"][0] == {"type": "dense", "units": 2, "dropout": 0.0}
    assert Network(**nested(flat)) == config


def test_a_path_into_a_value_finds_its_field() -> None:
    assert FIELDS.of("layers.1.units") == "layers"
    assert FIELDS.of("encoder.width") == "encoder.width"
    assert FIELDS.of("encoder") is FIELDS.of("nothing.at.all") is None


def test_locked_lists_with_tunable_entries_are_both_structural_and_editable() -> None:
    assert "layers" in {s.name for s in structural_fields(Network)} & {s.name for s in modifiable_fields(Network)}
    assert [s.name for s in modifiable_fields(Network)] == ["encoder.dropout", "decoder.dropout", "layers", "towers"]
    assert {s.name for s in modifiable_fields(Fit)} == {"epochs", "decay", "metrics", "focus"}


def test_the_fingerprint_counts_locked_fields_of_entries_and_no_tunable_ones() -> None:
    def with_layers(*layers: Dense | Embedding) -> str:
        return identity(Network(inputs=7, layers=layers))

    assert with_layers(Dense(units=8, dropout=0.5)) == identity(PLAIN)
    assert identity(Network(inputs=7, encoder=Stack(width=32, dropout=0.5))) == identity(PLAIN)
    others = {with_layers(Dense(units=9)), with_layers(Dense(units=8), Dense(units=8)), with_layers(Embedding(column="a"))}
    others |= {identity(Network(inputs=7, encoder=Stack(width=33))), identity(PLAIN)}
    assert len(others) == 5


def test_a_field_added_to_an_entry_changes_no_older_fingerprint() -> None:
    class Later(Dense):
        bias: Structural[bool] = field(True, label="Bias")

    class LaterNetwork(Network):
        layers: Structural[tuple[Later | Embedding, ...]] = field((Later(units=8),), label="Layers")

    def of(config_type: type[Network], units: int) -> str:
        config = config_type(inputs=7, layers=({"type": "dense", "units": units},))  # type: ignore[arg-type]
        return fingerprint("kind", config, resolve(flat_values(config)))

    assert of(LaterNetwork, 9) == of(Network, 9)


def test_changed_fields_tells_locked_from_tunable_within_entries() -> None:
    old = Network(inputs=7, layers=(Dense(units=8),))
    assert changed_fields(old, Network(inputs=7, layers=(Dense(units=8, dropout=0.2),))).modifiable == ("layers",)
    assert changed_fields(old, Network(inputs=7, layers=(Dense(units=8, dropout=0.2),))).structural == ()
    both = changed_fields(old, Network(inputs=7, encoder=Stack(width=1), layers=(Dense(units=9, dropout=0.2),)))
    assert (both.structural, both.modifiable) == (("encoder.width", "layers"), ("layers",))


def test_an_architecture_in_words_names_parts_and_what_is_locked_of_entries() -> None:
    config = Network(inputs=7, layers=(Dense(units=3, dropout=0.3), Embedding(column="city")))
    words = dict(architecture_summary([Network], resolve(flat_values(config))))
    assert words["Encoder: width"] == "32"
    assert words["Layers"] == "dense, units 3; embedding, column city, size 4"
    assert "Encoder: gate" not in words


def test_the_locked_part_of_an_entry_leaves_out_defaults_and_keeps_its_tag() -> None:
    spec = spec_of(Network, "layers")
    assert structural_part(spec, flat_values(Network(inputs=7, layers=(Embedding(column="a"),)))["layers"]) == (
        {"type": "embedding", "column": "a"},
    )


def test_declarations_that_contradict_themselves_are_refused() -> None:
    class Other(ConfigModel):
        width: Structural[int] = field(1, label="Width")

    with pytest.raises(TypeError, match="width is a field of one and of two"):
        fields_of({"one": Other, "two": Stack})
    with pytest.raises(TypeError, match="without a mark"):

        class _Marked(ConfigModel):
            inner: Structural[Other] = field(Other(), label="Inner")

    class Tagless(ConfigModel):
        wide: Structural[int] = field(1, label="Wide")

    class Untold(ConfigModel):
        entries: Modifiable[tuple[Other | Tagless, ...]] = field((), label="Entries")

    with pytest.raises(TypeError, match="tells them apart"):
        _ = field_specs(Untold)[0].composite


def test_a_sub_config_of_a_sub_config_has_a_path_through_both() -> None:
    class Outer(ConfigModel):
        inner: Network = part(label="Network")
        mode: Structural[Literal["a", "b"]] = field("a", label="Mode")

    spec = spec_of(Outer, "inner.encoder.width")
    assert (spec.label, spec.section) == ("Network, Encoder: width", "Network, Encoder")
    assert spec_of(Outer, "inner.encoder.gate").meta.applies_when.allowed == (("inner.encoder.kind", ("gated",)),)  # type: ignore[union-attr]


def test_the_json_schema_of_a_nested_config_describes_its_parts() -> None:
    schema = Network.model_json_schema()
    assert schema["properties"]["encoder"]["x-section"] == "Encoder"
    assert schema["$defs"]["Stack"]["properties"]["width"]["maximum"] == 512
    assert schema["$defs"]["Dense"]["properties"]["units"]["minimum"] == 1

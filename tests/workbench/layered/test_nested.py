"""Nested keys in files: every part of the config with its place, its source and its errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import nested_family
from tests.workbench.layered.conftest import Files, refused
from workbench import families
from workbench.layered.diff import differences
from workbench.layered.registry import ModelEntry
from workbench.layered.resolved import ResolvedConfig
from workbench.layered.scalars import yaml_text
from workbench.layered.schema import Key, schema_of
from workbench.layered.typed import Refused, RefusedEntries, typed
from workbench.layered.yaml12 import Node, parse_value

ENTRY = ModelEntry("Nested", "fake", "nested", nested_family.NESTED, nested_family.NESTED.layered)
MODEL = """\
model:
  name: Nested
  nested:
    encoder: {kind: gated, width: 64}
    layers:
      - type: dense
        units: 8
      - type: embedding
        column: city
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    nested_family.register(monkeypatch)
    yield Files(tmp_path.resolve())
    families.family.cache_clear()


def resolve(files: Files, model: str = MODEL, training: str = "", experiment: str = "", **more: object) -> ResolvedConfig:
    files.write("models/m.yaml", model)
    files.write("data/d.yaml", "data: {dataset: tiny}\n")
    files.write("training/t.yaml", training)
    files.write("experiments/x.yaml", "includes: [../models/m.yaml, ../data/d.yaml, ../training/t.yaml]\n" + experiment)
    return files.resolve("experiments/x.yaml", **more)


def told(files: Files, *args: str) -> list[tuple[str, str | None, int | None]]:
    return [(p.code, p.key, p.line) for p in refused(lambda: resolve(files, *args)).problems]


def test_nested_keys_have_values_and_sources_of_their_own(files: Files) -> None:
    config = resolve(files, training="training:\n  epochs: 9\n  decay: {rate: 0.5}\n")
    assert config["model.nested.encoder.width"] == 64
    assert config["training.decay"] == {"rate": 0.5, "every": 10}
    assert config["model.nested.inputs"] == 60
    sources = {".".join(path): str(leaf.source) for path, leaf in config.leaves.items()}
    assert sources["model.nested.encoder.width"] == "models/m.yaml:4:35"
    assert sources["model.nested.encoder.dropout"] == "default(Network)"
    assert sources["model.nested.inputs"] == "derived(columns of the table)"
    assert config.flat_values()["layers"][1]["column"] == "city"


def test_a_layer_sets_one_part_of_a_sub_config_and_leaves_the_rest(files: Files) -> None:
    config = resolve(files, experiment="model: {nested: {encoder: {dropout: 0.3}}}\n")
    assert (config["model.nested.encoder.dropout"], config["model.nested.encoder.width"]) == (0.3, 64)
    assert told(files, MODEL, "", "model: {nested: {encoder: {width: 3}}}\n") == [("CFG_STRUCTURAL", "model.nested.encoder.width", 2)]
    allowed = "allow_structural: [model.nested.encoder.width]\nmodel: {nested: {encoder: {width: 3}}}\n"
    assert resolve(files, experiment=allowed)["model.nested.encoder.width"] == 3


def test_every_error_within_a_list_stands_at_its_own_line(files: Files) -> None:
    model = """\
model:
  name: Nested
  nested:
    encoder: {widht: 3}
    decoder: 5
    layers:
      - type: dense
        units: many
      - type: dense
        unts: 3
      - type: convolution
      - units: 3
      - 7
    towers:
      - {type: dense, units: 3, dropout: "a"}
"""
    assert told(files, model) == [
        ("CFG_UNKNOWN_KEY", "model.nested.encoder.widht", 4),
        ("CFG_TYPE", "model.nested.decoder", 5),
        ("CFG_TYPE", "model.nested.layers.0.units", 8),
        ("CFG_UNKNOWN_KEY", "model.nested.layers.1.unts", 10),
        ("CFG_RANGE", "model.nested.layers.2.type", 11),
        ("CFG_NULL", "model.nested.layers.3", 12),
        ("CFG_TYPE", "model.nested.layers.4", 13),
        ("CFG_TYPE", "model.nested.towers.0.dropout", 15),
    ]


@pytest.mark.parametrize(
    ("entry", "code", "key", "line"),
    [
        ("- type: dense\n        units: 0", "CFG_RANGE", "layers.0.units", 6),
        ("- type: dense", "CFG_NULL", "layers.0.units", 5),
        ("- {type: embedding, column: a, buckets: 3}", "CFG_RANGE", "layers.0.buckets", 5),
        ("- {type: dense, units: 2}\n      - type: dense\n        units: 100", "CFG_CROSS_FIELD", "layers.1.units", 7),
    ],
)
def test_what_is_only_wrong_as_a_whole_also_stands_at_its_line(files: Files, entry: str, code: str, key: str, line: int) -> None:
    model = f"model:\n  name: Nested\n  nested:\n    layers:\n      {entry}\n"
    assert told(files, model) == [(code, f"model.nested.{key}", line)]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["auto", "dense", "embedding", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "units", "column", "size", "rate", "every", "dropout", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.sampled_from(["layers", "towers", "decay"]), JUNK)
def test_whatever_stands_in_a_file_is_a_value_or_is_refused_with_its_place(name: str, value: Any) -> None:
    key = schema_of(ENTRY).by_field[name]
    codes, found = read_or_refused(key, parse_value(json.dumps(value), "f.yaml"))
    if codes:
        assert all(code.startswith("CFG_") and placed for code, placed in codes)
    else:
        assert read_or_refused(key, parse_value(yaml_text(found), "f.yaml")) == ([], found)


def read_or_refused(key: Key, node: Node) -> tuple[list[tuple[str, bool]], Any]:
    """(code and whether it has a place, of everything refused; the value)."""
    try:
        return [], typed(key, node)
    except RefusedEntries as error:
        return [(one.code, one.mark is not None) for one in error.refused], None
    except Refused as error:
        return [(error.code, True)], None


def test_a_list_on_the_command_line_is_one_value(files: Files) -> None:
    config = resolve(files, overrides=["training.decay={rate: 0.25}", "model.nested.encoder.dropout=0.5"])
    assert (config["training.decay"]["rate"], config["model.nested.encoder.dropout"]) == (0.25, 0.5)
    error = refused(lambda: resolve(files, overrides=["training.decay={rate: 7, evry: 2}"]))
    assert [p.key for p in error.problems] == ["training.decay.rate", "training.decay.evry"]


def test_a_written_configuration_reads_back_as_the_same(files: Files) -> None:
    config = resolve(files, training="training: {decay: {rate: 0.5}, metrics: [mae, mse]}\n")
    text = config.to_yaml()
    assert "      - {type: dense, units: 8, dropout: 0.0}\n" in text
    files.write("again.yaml", text)
    again = files.resolve("again.yaml")
    assert (again.sha256, again.warnings) == (config.sha256, ())


def test_explain_reaches_into_entries(files: Files) -> None:
    config = resolve(files, training="training: {decay: {rate: 0.5}}\n")
    assert config.explain("model.nested.layers.1.column") == "model.nested.layers.1.column = city\n  > models/m.yaml:9  city"
    assert "model.nested.encoder.width = 64" in config.explain("model.nested.encoder")
    assert "CFG_UNKNOWN_KEY" in str(refused(lambda: config.explain("model.nested.layers.7.column")).problems[0].code)


def test_a_comparison_names_the_field_of_the_entry(files: Files) -> None:
    left = resolve(files)
    right = resolve(files, MODEL.replace("units: 8", "units: 9").replace("width: 64", "width: 32") + "      - {type: dense, units: 1}\n")
    assert [(d.key, d.left, d.right, d.right_source) for d in differences(left, right).chosen] == [
        ("model.nested.encoder.width", 64, 32, "models/m.yaml:4"),
        ("model.nested.layers.0.units", 8, 9, "models/m.yaml:7"),
        ("model.nested.layers.2", None, {"type": "dense", "units": 1, "dropout": 0.0}, "models/m.yaml:10"),
    ]

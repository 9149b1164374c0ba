from __future__ import annotations

import ast
import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.codegen.header import ConfigFacts, Header
from recsys.codegen.preprocessing import preprocessing_source
from recsys.codegen.tensor_keys import keys_of_config
from recsys.codegen.trainer import trainer_source
from recsys.data.schema import DataType
from recsys.features.config import FeatureConfig
from tests.recsys.codegen.tiny import config_of, data_of, features_of
from tests.recsys.features.examples import SCHEMA, retail, rich
from tests.recsys.features.test_hostile import document
from tests.recsys.training import everything

SHOP: dict[str, DataType] = {column.column: column.data_type for column in SCHEMA.columns}
NASTY = [
    'a"b', "a'b", "a\nb", "{{x}}", "{x!r}", "%s", '"""', "\\", "\\n", "# x", "'); import os #",
    "DAY", "terms", "inputs", "outputs", "tf", "class", "__import__('os')", "é", "名前", "\u202e", "\x00",
    "\r", "a b",
    "A_b", "a" * 300, "🙂" * 40, "x_x_y", "x", "y", "_", "1",
]  # fmt: skip


def header(
    name: str = "Mine", written: dt.datetime = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
) -> Header:
    return Header(
        "Trellis 1.0", [ConfigFacts("FeatureConfig", name, "f1", 3, "0123456789abcdef" * 4)], written
    )


def source_of(written: dict[str, Any], schema: dict[str, DataType] = SHOP, *, binary: bool = False) -> str:
    return preprocessing_source(FeatureConfig.model_validate(written), schema, header(), binary=binary)


def rated(column: str = "user_rating", **target: Any) -> dict[str, Any]:
    return retail() | {"target_column": {"column": column, **target}}


def body_of(source: str) -> str:
    return source[source.index("def preprocessing_fn(") :]


def ruff(*arguments: str, given: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).parent / "ruff"),
        *arguments,
        "--isolated",
        "--line-length",
        "110",
        "-",
    ]
    return subprocess.run(command, input=given, capture_output=True, text=True)


LONG: dict[str, DataType] = {
    '"' * 200: "text",
    "'); import os #\n" * 9: "numeric",
    "名前" * 60: "temporal",
    "\\" * 130: "text",
}
SOURCES = {
    "shop": source_of(rich()),
    "everything": preprocessing_source(everything.CONFIG, everything.SCHEMA, header("é\n'''\"" * 40)),
    "nasty": preprocessing_source(FeatureConfig.model_validate(document(list(LONG))), dict(LONG), header()),
    "rated": source_of(rated()),
    "rated, every step": source_of(
        rated(
            transforms={
                "clip_outliers": {"lower": 2.5},
                "log_transform": True,
                "normalize": {"range": "[0,1]"},
            }
        )
    ),
    "rated by two values": source_of(rated(transforms={"normalize": None}), binary=True),
    "cycles alone": source_of(
        {
            "buyer_model_features": [
                {"column": "trans_date", "data_type": "temporal", "transforms": {"cyclical": {"daily": True}}}
            ]
        }
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_formatter_and_a_linter_find_nothing_to_change(name: str) -> None:
    assert ruff("format", given=SOURCES[name]).stdout == SOURCES[name]
    checked = ruff("check", "--select", "E,F,I,B", given=SOURCES[name])
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_imports_tensorflow_and_tensorflow_transform_alone(name: str) -> None:
    tree = ast.parse(SOURCES[name])
    plain = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    parts = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert plain | parts <= {"math", "tensorflow", "tensorflow_transform"}


@pytest.mark.parametrize("name", SOURCES)
def test_every_name_is_defined_once_and_before_it_is_read(name: str) -> None:
    function = ast.parse(SOURCES[name]).body[-1]
    assert isinstance(function, ast.FunctionDef)
    top = {n.id for node in ast.parse(SOURCES[name]).body for n in ast.walk(node) if isinstance(n, ast.Name)}
    defined = {node.name for node in ast.parse(SOURCES[name]).body if isinstance(node, ast.FunctionDef)}
    assert defined <= top | {"preprocessing_fn"}, "a function that nothing calls"
    local: set[str] = {"inputs"}
    keys: list[str] = []
    for statement in function.body[1:]:
        read = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        modules = {"tf", "tft", "math"}
        assert {n for n in read if not n.startswith("COLUMN_")} <= local | defined | modules
        if isinstance(statement, ast.Assign):
            made = {n.id for n in ast.walk(statement.targets[0]) if isinstance(n, ast.Name)}
            assert not made - {"outputs"} & (defined | modules)
            if not made & {"sine", "rows", "crossed", "outputs"}:
                assert not made & local, "a variable with two meanings"
            local |= made
            if isinstance(statement.targets[0], ast.Subscript):
                keys.append(ast.literal_eval(statement.targets[0].slice))
    assert len(keys) == len(set(keys)) > 0


def test_outputs_are_the_tensors_of_the_configuration_in_their_order() -> None:
    towers = [key for parts in keys_of_config(everything.CONFIG).values() for key in parts]
    assert outputs_of(SOURCES["everything"]) == [*towers, "item_id", "item_key"]


def outputs_of(source: str) -> list[str]:
    lines = body_of(source).splitlines()
    return [line.split('"')[1] for line in lines if line.startswith('    outputs["')]


def test_items_have_a_vocabulary_of_their_own_without_limits() -> None:
    limited = retail()
    limited["product_model_features"][0]["transforms"]["embedding"] |= {"max_vocab": 5, "min_frequency": 9}
    body = body_of(source_of(limited))
    assert 'vocabulary(terms_product_id, "product_product_id", 5, 9)' in body
    assert 'file_item_key = vocabulary(terms_product_id, "item_key", None, None)' in body
    assert (
        'outputs["item_key"] = tft.apply_vocabulary(terms_product_id, file_item_key, num_oov_buckets=1)'
        in body
    )
    assert 'outputs["item_id"] = terms_product_id' in body
    assert not {"item_id", "item_key"} & set(outputs_of(SOURCES["cycles alone"]))


TARGET = [f"target{part}" for part in ("", "_value", "_known", "_slope", "_offset", "_low", "_high")]


@pytest.mark.parametrize("name", SOURCES)
def test_targets_are_made_where_something_is_rated(name: str) -> None:
    made = [key for key in outputs_of(SOURCES[name]) if key.startswith("target")]
    assert made == (TARGET if name.startswith("rated") else [])


def test_every_tensor_that_a_trainer_reads_is_made() -> None:
    config = features_of("rich")
    source = preprocessing_source(config, SHOP, header())
    trainer = trainer_source(data_of("rich").request(config_of("multitask", sampling_correction="logq")))
    read = {
        node.slice.value
        for node in ast.walk(ast.parse(trainer))
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    }
    kinds = ("buyer_", "product_", "item_", "target")
    read = {key for key in read if isinstance(key, str) and key.startswith(kinds)}
    assert {*TARGET[:3], "item_key", "item_id"} <= read
    towers = {key for parts in keys_of_config(config).values() for key in parts}
    assert towers <= read
    assert read <= set(outputs_of(source))


def test_what_happens_to_the_target_is_what_was_asked_for() -> None:
    plain, every, two = (body_of(SOURCES[f"rated{what}"]) for what in ("", ", every step", " by two values"))
    assert "targets = cut(numbers_user_rating, None, None)" in plain
    assert 'on_scale(targets, "z_score")' in plain
    assert "targets = cut(numbers_user_rating, 2.5, 99.0)" in every
    assert 'logs = logarithm(targets)\n    learnt, slope, offset = on_scale(logs, "[0,1]")' in every
    assert "learnt, slope, offset = of_two(targets)" in two
    free = body_of(source_of(rated(clip_predictions=False)))
    assert 'outputs["target_low"] = in_each_row(-math.inf, known)' in free
    assert "low, high = limits(targets)" not in free


def test_vocabularies_have_fixed_names_limits_and_counts() -> None:
    body = body_of(SOURCES["everything"])
    assert 'vocabulary(terms_user, "buyer_user", 20, None)' in body
    assert "tft.apply_vocabulary(terms_user, file_buyer_user, num_oov_buckets=5)" in body
    assert 'vocab_filename=f"{name}_freq", store_frequency=True' in SOURCES["everything"]
    assert "inputs[COLUMN_ITEM_HISTORY_2], 4, file_product_item, 7)" in body


def test_one_column_in_both_towers_is_read_once_and_transformed_twice() -> None:
    body = body_of(SOURCES["everything"])
    assert body.count("inputs[COLUMN_PRICE]") == 1
    assert 'outputs["buyer_price_norm"] = scale(logs_price, "[-1,1]", *figures_logs_price)' in body
    assert 'outputs["product_price_norm"] = scale(numbers_price, "z_score", *figures_numbers_price)' in body


def test_the_same_arguments_give_the_same_bytes_and_the_clock_changes_one_line() -> None:
    assert source_of(rich()) == SOURCES["shop"]
    config = FeatureConfig.model_validate(rich())
    later = preprocessing_source(config, SHOP, header(written=dt.datetime(2027, 1, 1, tzinfo=dt.UTC)))
    lines = zip(SOURCES["shop"].splitlines(), later.splitlines(), strict=True)
    assert [(a, b) for a, b in lines if a != b] == [
        ("# Written 2026-01-02 03:04:05 UTC.", "# Written 2027-01-01 00:00:00 UTC.")
    ]


def test_a_setting_that_changes_changes_the_code() -> None:
    changed = retail()
    changed["buyer_model_features"][0]["transforms"]["embedding"]["oov_buckets"] = 3
    assert source_of(changed) != source_of(retail())


def test_what_cannot_be_written_is_said() -> None:
    with pytest.raises(ValueError, match='column "city", which city reads, is not in the schema'):
        source_of(rich(), {name: kind for name, kind in SHOP.items() if name != "city"})
    with pytest.raises(ValueError, match='target column "stars" is not in the schema'):
        source_of(rated("stars"))
    alone = {"buyer_model_features": [rich()["buyer_model_features"][3]]}
    with pytest.raises(ValueError, match='History of "product_id" needs an embedding of the product id'):
        source_of(alone)


class Shape(ast.NodeTransformer):
    """Leaves a tree's structure: texts are empty, and names are numbered in the order in which they occur."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.setdefault(node.id, f"n{len(self.names)}"), node.ctx)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


def shape(names: list[str]) -> str:
    kinds: list[DataType] = ["text", "numeric", "temporal", "text"]
    config = FeatureConfig.model_validate(document(names))
    source = preprocessing_source(config, dict(zip(names, kinds, strict=True)), header(names[0]))
    compile(source, "preprocessing.py", "exec")
    values = [
        node.value.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id.startswith("COLUMN_")
        and isinstance(node.value, ast.Constant)
    ]
    assert values == names
    return ast.dump(Shape().visit(ast.parse(source)))


PLAIN = shape(["one", "two", "three", "four"])


@given(
    st.lists(st.sampled_from(NASTY) | st.text(min_size=1, max_size=8), min_size=4, max_size=4, unique=True)
)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_no_name_changes_the_structure_of_the_program(names: list[str]) -> None:
    assert shape(names) == PLAIN

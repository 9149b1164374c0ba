from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import recsys
from recsys.codegen.assembly import block
from recsys.codegen.checks import check_source
from recsys.codegen.trainer import Request, trainer_source
from recsys.features.config import FeatureConfig
from recsys.model.layers import BatchNorm, Dense, Dropout, LayerNorm
from recsys.model.presets import RATING
from recsys.model.training import EarlyStopping
from recsys.trial import Named
from tests.recsys.codegen.tiny import CREATED, HOSTILE, config_of, features_of

LAYERS = (
    Dense(units=9, activation=None, l2_reg=0.02),
    BatchNorm(),
    Dropout(rate=0.1),
    LayerNorm(),
    Dense(units=8),
)


def request(kind: str = "multitask", features: FeatureConfig | None = None, **changes: Any) -> Request:
    """What a trainer with every kind of layer follows from."""
    config = config_of(kind, layers=LAYERS, head=(LayerNorm(), RATING), early_stopping=EarlyStopping())
    made = Request(
        features=features or features_of("rich"),
        model=config,
        feature_name=Named(name="Shop", id="fc_1", version=3, hash="0123456789abcdef"),
        model_name=Named(name="Towers"),
        buyer_columns=("customer_id", "city"),
        product_columns=("product_id",),
        epochs=2,
        batch_size=128,
        learning_rate=0.1,
        seed=42,
        program="Trellis",
        created=CREATED,
    )
    return replace(made, **changes)


def shape(source: str) -> str:
    """A module's syntax tree with texts, and the identifiers that follow from names of columns, blanked."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        if isinstance(node, ast.Attribute):
            node.attr = ""
    return ast.dump(tree)


@pytest.mark.parametrize("kind", ["retrieval", "ranking", "multitask"])
def test_equal_requests_give_equal_text_and_the_clock_changes_one_line(kind: str) -> None:
    first = trainer_source(request(kind))
    assert first == trainer_source(request(kind))
    later = trainer_source(request(kind, created="2031-12-31T23:59:59Z"))
    pairs = list(zip(first.splitlines(), later.splitlines(), strict=True))
    assert [one for one, other in pairs if one != other] == [f"# Created: {CREATED}"]


@pytest.mark.parametrize("kind", ["retrieval", "ranking", "multitask"])
def test_text_passes_every_check(kind: str) -> None:
    assert check_source(trainer_source(request(kind))) is None


def test_hostile_names_of_columns_change_texts_and_identifiers_but_no_structure() -> None:
    plain = trainer_source(request())
    names = {
        "buyer_columns": (HOSTILE["customer_id"], HOSTILE["city"]),
        "product_columns": (HOSTILE["product_id"],),
    }
    hostile = trainer_source(request(features=features_of("hostile"), **names))
    assert check_source(hostile) is None
    assert shape(plain) == shape(hostile)


NAMES = [
    'x"""\nimport os\n"""',
    "x\r\nraise SystemExit",
    "x\x0craise SystemExit",
    "x\u2028raise SystemExit\x85",
    "nul\x00l",
    "{0} {{x}} %s \\",
    "\ud800",
    "  \n ",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_configuration_can_leave_the_comment_that_it_stands_in(name: str) -> None:
    named = Named.model_construct(name=name, id="", version=1, hash="")
    source = trainer_source(request(feature_name=named, model_name=named))
    assert check_source(source) is None
    source.encode()
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(trainer_source(request())))


def test_layers_stand_in_the_text_with_their_names_and_settings() -> None:
    source = re.sub(r"\s+", "", trainer_source(request()))
    assert "Dense(9,activation=None,kernel_regularizer=tf.keras.regularizers.L2(0.02)" in source
    assert 'Dropout(0.1,seed=seed_of("buyer_dropout_1",SEED),name="buyer_dropout_1")' in source
    assert "self.head_layer_norm_1=tf.keras.layers.LayerNormalization(" in source
    assert "'None'" not in source
    assert '"None"' not in source


def test_every_definition_of_a_trainer_is_reached_and_all_that_it_uses_is_there() -> None:
    for kind in ("retrieval", "ranking", "multitask"):
        tree = ast.parse(trainer_source(request(kind)))
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert defined - used == {"run_fn"}


def test_every_definition_of_the_blocks_is_emitted_for_some_model() -> None:
    files = [path.stem for path in (Path(recsys.__file__).parent / "codegen" / "blocks").glob("[a-z]*.py")]
    known = {name for file in files for name in block(file)}
    chance = request()
    chance = replace(
        chance,
        model=config_of(
            "multitask", loss_balance="chance", early_stopping=EarlyStopping(), histogram_epochs=1
        ),
    )
    text = "".join(
        trainer_source(one) for one in (request("retrieval"), request("ranking"), request(), chance)
    )
    emitted = set(re.findall(r"(?m)^(?:class|def) (\w+)", text))
    assert known - emitted == set()


def test_a_model_that_rates_needs_a_target() -> None:
    features = features_of("ids").model_copy(update={"target_column": None})
    with pytest.raises(ValueError, match="Rating column required"):
        trainer_source(request("ranking", features))
    assert "RatingHead" not in trainer_source(request("retrieval", features))


def test_nothing_but_the_generator_builds_keras_layers() -> None:
    root = Path(recsys.__file__).parent
    building = re.compile(r"keras\.(layers|optimizers|Model|Sequential|regularizers|initializers)\b")
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "codegen" not in path.relative_to(root).parts and building.search(path.read_text())
    }
    # the transform as a layer of its own; and the question whether Keras is the second
    assert found == {"training/transform_layer.py", "training/legacy_keras.py"}


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("import os\n", 1, "os"),
        ("x = 1\n\n\nfrom subprocess import run\n", 4, "subprocess"),
        ("x = (\n", 1, "never closed"),
        ("x = 1\ny = z\n", 2, "z"),
        ("x=1\n", 1, "usual form"),
    ],
)
def test_checks_name_the_first_thing_that_is_wrong_and_its_line(source: str, line: int, says: str) -> None:
    problem = check_source(source)
    assert problem is not None
    assert problem.line == line
    assert says in problem.message

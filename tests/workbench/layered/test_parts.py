"""A config that may be absent over several layers: its keys merge, each with its own source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import nested_family
from tests.workbench.layered.conftest import Files, refused
from tests.workbench.layered.test_nested import MODEL, resolve
from workbench import families
from workbench.fields import ConfigError, ConfigModel, Modifiable, field, field_specs
from workbench.layered.parts import put_together
from workbench.layered.provenance import Layer, Leaf, Source
from workbench.layered.schema import Key
from workbench.values import validate

WHOLE = "training:\n  decay:\n    rate: 0.5\n    every: 4\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    nested_family.register(monkeypatch)
    yield Files(tmp_path.resolve())
    families.family.cache_clear()


def test_a_later_layer_changes_one_key_and_leaves_the_others_with_their_lines(files: Files) -> None:
    config = resolve(files, training=WHOLE, experiment="training:\n  decay:\n    every: 7\n")
    assert config["training.decay"] == {"rate": 0.5, "every": 7}
    assert config.explain("training.decay.rate") == "training.decay.rate = 0.5\n  > training/t.yaml:3  0.5"
    assert config.explain("training.decay.every").splitlines()[1:] == ["    training/t.yaml:4     4", "  > experiments/x.yaml:4  7"]
    assert [write.value for write in config.leaves["training", "decay"].chain] == [
        None,
        {"rate": 0.5, "every": 4},
        {"rate": 0.5, "every": 7},
    ]


def test_null_takes_everything_away_that_was_set_before(files: Files) -> None:
    assert resolve(files, training=WHOLE, experiment="training: {decay: null}\n")["training.decay"] is None
    config = resolve(files, training=WHOLE, experiment="training: {decay: null}\n", overrides=["training.decay.every=7"])
    assert config["training.decay"] == {"rate": 0.9, "every": 7}, "what is not said is the type's default, not what stood before"


def test_an_override_sets_a_part_of_what_is_there_or_is_not(files: Files) -> None:
    overrides = ["training.decay.every=7", "training.decay={rate: 0.25}"]
    config = resolve(files, training=WHOLE, overrides=overrides)
    assert config["training.decay"] == {"rate": 0.25, "every": 7}
    assert "> cli#1              7" in config.explain("training.decay.every")
    assert resolve(files, overrides=["training.decay.every=7"])["training.decay"] == {"rate": 0.9, "every": 7}


def test_a_mistake_in_a_part_stands_where_the_part_was_set(files: Files) -> None:
    overrides = ["training.decay.every=0", "training.decay.rat=1", "training.decay.rate=fast", "training.decay.every="]
    error = refused(lambda: resolve(files, training=WHOLE, overrides=overrides))
    assert [(p.code, p.key, p.file, p.line) for p in error.problems] == [
        ("CFG_RANGE", "training.decay.every", "cli#1", None),
        ("CFG_UNKNOWN_KEY", "training.decay.rat", "cli#2", None),
        ("CFG_TYPE", "training.decay.rate", "cli#3", None),
        ("CFG_NULL", "training.decay.every", "cli#4", None),
    ]
    assert error.problems[1].hint == "Did you mean rate?"


def test_a_variant_sets_a_part_as_well(files: Files) -> None:
    text = "variants:\n- {name: a, set: {training.decay.every: 7}}\n- {name: b}\n"
    files.write("training/t.yaml", WHOLE)
    assert resolve(files, MODEL, WHOLE, text, variant="a")["training.decay"] == {"rate": 0.5, "every": 7}
    assert resolve(files, MODEL, WHOLE, text, variant="b")["training.decay"] == {"rate": 0.5, "every": 4}


def test_what_was_put_together_is_written_and_read_back(files: Files) -> None:
    config = resolve(files, training=WHOLE, experiment="training: {decay: {every: 7}}\n")
    files.write("again.yaml", config.to_yaml())
    assert files.resolve("again.yaml").sha256 == config.sha256


class Ends(ConfigModel):
    first: Modifiable[int] = field(label="First", help="Needed.")
    last: Modifiable[int] = field(9, label="Last", help="May be left out.")


class Holder(ConfigModel):
    ends: Modifiable[Ends | None] = field(None, label="Ends", section="Ends", help="May be absent.")


def test_what_one_layer_lacks_another_may_give_and_only_the_whole_is_refused() -> None:
    key = Key(("training", "ends"), next(iter(field_specs(Holder))), Holder, structural=False)
    weak = Leaf.of({"last": 3}, Source("file", "a.yaml", 2, 1, Layer.TRAINING), {"last": 2}, partial=True)
    strong = Leaf.of({"first": 1}, Source("cli", "1", layer=Layer.CLI), {"first": 1}, partial=True)
    whole = put_together(key, strong.after(weak), None)
    assert (whole.value, str(whole.place_of("last")), str(whole.place_of("first"))) == ({"first": 1, "last": 3}, "a.yaml:2:1", "cli#1")
    with pytest.raises(ConfigError, match="needs a value"):
        put_together(key, weak, None)


def test_a_part_of_what_is_absent_is_set_over_rest_and_on_the_command_line_too() -> None:
    checked = validate(nested_family.NESTED, {"decay.every": 7, "inputs": 3}, None)
    assert checked.problems == ()
    assert checked.resolved["decay"] == {"rate": 0.9, "every": 7}

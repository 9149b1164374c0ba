"""The configuration of a model or run that exists, with the sources that are still true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rcmvae.holding import held
from workbench.layered.recorded import Sources
from workbench.layered.resolve import resolve
from workbench.layered.resolved import ResolvedConfig
from workbench.services.layered import config_of, create_model, read_sources, sources_name

EXPERIMENT = """
layer: experiment
includes: [m.yaml]
data: {dataset: tiny}
training: {max_epochs: 2, clip: 4}
"""


@pytest.fixture
def config(bench: Any, tmp_path: Path) -> ResolvedConfig:
    (tmp_path / "m.yaml").write_text("layer: model\nmodel: {name: Toy, toy: {width: 12, parts: auto}}\n")
    (tmp_path / "x.yaml").write_text(EXPERIMENT)
    return resolve([tmp_path / "x.yaml"], ["training.monitor=accuracy"])


def sources(config: Any) -> dict[str, str]:
    return {".".join(path): str(leaf.source) for path, leaf in config.leaves.items()}


def test_sources_survive_json(config: Any) -> None:
    kept = Sources.of(config)
    assert Sources.read(json.loads(json.dumps(kept.plain()))) == kept


def test_a_model_made_from_files_has_their_configuration_and_sources(bench: Any, config: Any) -> None:
    found = config_of(bench, create_model(bench, config, actor="me"))
    assert (found.sha256, found.architecture_sha256) == (config.sha256, config.architecture_sha256)
    assert found.flat_values() == config.flat_values()
    told = sources(found)
    assert told["model.toy.width"] == "m.yaml:2:33"
    assert told["training.max_epochs"] == "x.yaml:5:24"
    assert told["training.monitor"] == "cli#1"
    assert told["model.toy.parts"] == "derived(auto)"
    assert told["training.learning_rate"] == "default(Training)"
    assert found.overrides == ("training.monitor=accuracy",)


def test_what_was_edited_since_is_the_workbenchs(bench: Any, config: Any) -> None:
    model = create_model(bench, config, actor="me")
    bench.models.update_config(actor="me", model_id=model.id, values={"clip": 3.0, "learning_rate": 0.5})
    told = sources(config_of(bench, bench.state().models[model.id]))
    assert told["training.clip"] == told["training.learning_rate"] == "workbench(model #1)"
    assert told["training.max_epochs"] == "x.yaml:5:24"
    bench.models.update_config(actor="me", model_id=model.id, values={"clip": 5.0})
    assert sources(config_of(bench, bench.state().models[model.id]))["training.clip"] == "default(Training)"


def test_a_model_made_in_the_workbench_says_so(bench: Any, make_model: Any) -> None:
    model = make_model("First", width=16, parts=5)
    assert read_sources(bench.artefacts, model.id) is None
    told = sources(config_of(bench, model))
    assert told["model.toy.width"] == told["model.toy.parts"] == "workbench(model #1)"
    assert told["experiment.name"] == "workbench(model #1)"
    assert told["model.toy.layers"] == "default(Architecture)"


def test_a_record_from_before_a_setting_was_added_takes_its_default(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    older = model.model_copy(update={"training": {k: v for k, v in model.config["training"].items() if k != "clip"}})
    assert config_of(bench, older)["training.clip"] == 5.0


def test_a_model_with_more_classes_than_its_data_keeps_them(bench: Any, make_model: Any, tmp_path: Path) -> None:
    model = make_model("First", num_classes=5)
    found = config_of(bench, model)
    assert found["model.toy.num_classes"] == 5
    path = tmp_path / "resolved_config.yaml"
    path.write_text(found.to_yaml())
    again = resolve([path])
    assert (again["model.toy.num_classes"], again.sha256) == (5, found.sha256)


def test_the_same_files_make_a_second_model_under_a_free_name(bench: Any, config: Any) -> None:
    names = [create_model(bench, config, actor="me", name="Toy").name for _ in range(2)]
    assert names == ["Toy", "Toy (2)"]


def test_sources_lie_beside_the_models_sample(bench: Any, config: Any) -> None:
    model = create_model(bench, config, actor="me")
    assert bench.artefacts.exists(sources_name(model.id))
    assert held(model).sample.artefact.rpartition("/")[0] == sources_name(model.id).rpartition("/")[0]

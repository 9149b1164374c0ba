"""A complete configuration: explanations, fingerprints, and the file that resolves to the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workbench.layered.conftest import Files, refused
from workbench.layered.files import Library
from workbench.layered.resolve import resolve
from workbench.layered.resolved import ResolvedConfig, canonical


def test_an_explanation_lists_every_writer_weakest_first_and_marks_the_winner(files: Files) -> None:
    files.basics()
    files.write("training/t.yaml", "training:\n  max_epochs: 5\n")
    files.write("experiments/x.yaml", "includes: [../models/m.yaml, ../data/d.yaml, ../training/t.yaml]\ntraining: {max_epochs: 6}")
    config = files.resolve("experiments/x.yaml", overrides=["training.max_epochs=7"])
    assert config.explain("training.max_epochs").splitlines() == [
        "training.max_epochs = 7",
        "    default(Training)     3",
        "    training/t.yaml:2     5",
        "    experiments/x.yaml:2  6",
        "  > cli#1                 7",
    ]
    source = config.leaves["training", "max_epochs"].chain[1].source
    assert str(source) == "training/t.yaml:2:15"


def test_an_explanation_of_a_section_has_every_key_below_it(files: Files) -> None:
    text = files.experiment("").explain("data")
    assert [line.split(" = ")[0] for line in text.splitlines() if not line.startswith(" ") and line] == [
        "data.dataset", "data.num_samples", "data.num_labeled", "data.sampling_seed", "data.val_split",
    ]  # fmt: skip


def test_an_explanation_of_an_unknown_key_names_the_three_closest(files: Files) -> None:
    error = refused(lambda: files.experiment("").explain("training.max_epoch"))
    assert error.code == "CFG_UNKNOWN_KEY"
    assert error.hint is not None
    assert error.hint.startswith("The closest are training.max_epochs, ")
    assert error.hint.count(",") == 2


def test_every_value_has_a_source(files: Files) -> None:
    config = files.experiment("")
    assert all(leaf.chain and leaf.chain[-1].value == leaf.value for leaf in config.leaves.values())
    assert list(config.leaves) == list(config.schema.keys)


def test_the_way_a_value_was_supplied_does_not_change_the_fingerprint(files: Files) -> None:
    ways = [
        files.experiment("training: {max_epochs: 5, learning_rate: 1}"),
        files.experiment("# a comment\ntraining:\n  learning_rate: 1.0\n  max_epochs: 5\n"),
        files.experiment("", overrides=["training.max_epochs=5", "training.learning_rate=1e0"]),
        files.experiment("experiment: {name: other, tags: [x]}\ntraining: {max_epochs: 5, learning_rate: 1}"),
        files.experiment("training: {max_epochs: 5, learning_rate: 1, clip: 5}"),
    ]
    assert len({config.sha256 for config in ways}) == 1
    assert len({config.architecture_sha256 for config in ways}) == 1


@pytest.mark.parametrize("key", ["training.max_epochs=5", "training.random_seed=1", "data.sampling_seed=1", "model.alpha.dropout=0.5"])
def test_every_setting_counts_for_the_fingerprint_and_only_structural_ones_for_the_architectures(files: Files, key: str) -> None:
    plain, changed = files.experiment(""), files.experiment("", overrides=[key])
    assert plain.sha256 != changed.sha256
    assert plain.architecture_sha256 == changed.architecture_sha256


def test_a_structural_setting_counts_for_both(files: Files) -> None:
    plain = files.experiment("")
    changed = files.experiment("allow_structural: [model.alpha.width]\nmodel: {alpha: {width: 9}}")
    assert plain.sha256 != changed.sha256
    assert plain.architecture_sha256 != changed.architecture_sha256


def test_an_auto_and_the_value_that_it_gives_are_the_same_configuration(files: Files) -> None:
    given = files.experiment("allow_structural: [model.alpha.parts]\nmodel: {alpha: {parts: 3}}")
    assert given.sha256 == files.experiment("").sha256
    assert given.flat_values()["parts"] == 3


def test_canonical_json_has_sorted_keys_short_floats_and_no_negative_zero() -> None:
    assert (
        canonical({"b": -0.0, "a": (0.1, 1.0, None), "c": {"y": "ü", "x": 1e-7}}) == '{"a":[0.1,1.0,null],"b":0.0,"c":{"x":1e-07,"y":"ü"}}'
    )


def reread(config: ResolvedConfig, path: Path) -> ResolvedConfig:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(config.to_yaml())
    return resolve([path], library=Library(path.parent))


def test_the_resolved_file_alone_gives_the_same_configuration_after_the_originals_changed(files: Files) -> None:
    config = files.experiment(
        "allow_structural: [model.alpha.width]\nmodel: {alpha: {width: 9}}\nexperiment: {name: 'A: b', tags: [x, 'no']}\n"
    )
    text = config.to_yaml()
    files.write("models/m.yaml", "model: {name: Beta}")
    again = resolve([files.write("runs/resolved_config.yaml", text)], library=Library(files.root))
    assert again.values() == config.values()
    assert (again.sha256, again.architecture_sha256) == (config.sha256, config.architecture_sha256)
    assert again.flat_values() == config.flat_values()
    assert again.sample_values() == config.sample_values()
    assert again.warnings == ()


numbers = st.floats(1e-6, 1, allow_subnormal=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    rate=numbers, clip=st.none() | st.floats(1e-9, 1e9), noise=st.booleans(), scale=st.floats(0.001, 5), monitor=st.sampled_from(["loss", "accuracy"]),
    name=st.none() | st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20),
)  # fmt: skip
def test_any_configuration_survives_being_written_and_read(
    files: Files, rate: float, clip: float | None, noise: bool, scale: float, monitor: str, name: str | None
) -> None:
    overrides = [
        f"training.learning_rate={rate!r}",
        f"training.clip={'null' if clip is None else repr(clip)}",
        f"training.monitor={monitor}",
    ]
    overrides += [f"training.use_noise={str(noise).lower()}"] + ([f"training.noise_scale={scale!r}"] if noise else [])
    overrides += [] if name is None or name == "null" else [f"experiment.name={name}"]
    config = files.experiment("", overrides=overrides)
    again = reread(config, files.root / "out" / "resolved_config.yaml")
    assert (again.values(), again.sha256, again.flat_values()) == (config.values(), config.sha256, config.flat_values())


def test_the_resolved_file_says_what_made_it_and_where_each_value_comes_from(files: Files) -> None:
    config = files.experiment("training: {max_epochs: 5}", overrides=["training.clip=2"])
    text = config.to_yaml({"run": "run_1"})
    meta = yaml.safe_load(text)["meta"]
    assert (meta["fingerprint"], meta["architecture_sha256"], meta["run"]) == (config.sha256, config.architecture_sha256, "run_1")
    assert meta["overrides"] == ["training.clip=2"]
    assert list(meta["files"]) == ["experiments/x.yaml"]
    assert len(meta["files"]["experiments/x.yaml"]) == 64
    assert {"trellis", "python", "jax", "flax", "optax", "numpy"} <= set(meta["versions"])
    said = {line.split(":")[0].strip(): line.partition("  # ")[2] for line in text.splitlines() if "  # " in line}
    assert said["max_epochs"] == "experiments/x.yaml:2:24"
    assert said["clip"] == "cli#1"
    assert said["learning_rate"] == "default(Training)"
    assert said["outputs"] == "derived(classes x 2 or 3)"
    assert said["noise_scale"] == "default(Training); does not apply"
    values = {line.split(":")[0].strip() for line in text.splitlines() if line.startswith("  ") and not line.rstrip().endswith(":")}
    assert {path[-1] for path in config.leaves} <= values


def test_an_edited_resolved_file_has_another_fingerprint_and_says_so(files: Files) -> None:
    config = files.experiment("")
    path = files.write("out/resolved_config.yaml", config.to_yaml().replace("max_epochs: 3 ", "max_epochs: 9 "))
    again = resolve([path], library=Library(files.root))
    assert again["training.max_epochs"] == 9
    assert again.sha256 != config.sha256
    (warning,) = again.warnings
    assert warning.startswith("out/resolved_config.yaml:5: the file was edited")


def test_a_value_that_was_auto_and_was_edited_is_what_the_edit_says(files: Files) -> None:
    text = files.experiment("").to_yaml().replace("parts: 3 ", "parts: 5 ")
    again = resolve([files.write("out/resolved_config.yaml", text)], library=Library(files.root))
    assert (again["model.alpha.parts"], again.flat_values()["parts"]) == (5, 5)


def test_overrides_go_over_a_resolved_file_without_a_warning(files: Files) -> None:
    path = files.write("out/resolved_config.yaml", files.experiment("").to_yaml())
    again = resolve([path], ["training.max_epochs=8"], library=Library(files.root))
    assert (again["training.max_epochs"], again.warnings) == (8, ())


def test_the_model_config_and_the_model_are_made_from_it(files: Files) -> None:
    config = files.experiment("training: {max_epochs: 5}")
    built = config.build_model_config()
    architecture, training = built.sections.values()
    assert (architecture.outputs, training.max_epochs, built.sample.num_samples) == (6, 5, 40)  # type: ignore[attr-defined]
    assert config.create_model() == (architecture, training)


def test_a_model_that_cannot_be_imported_leaves_the_others_usable(files: Files) -> None:
    files.basics()
    files.write("models/beta.yaml", "model: {name: Beta}")
    broken = files.resolve("models/beta.yaml", "data/d.yaml")
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        broken.create_model()
    assert files.resolve("models/m.yaml", "data/d.yaml").create_model()


def test_seeds_are_counted_up_together(files: Files) -> None:
    config = files.experiment("training: {random_seed: 7}", seed_step=2)
    assert config["training.random_seed"] == 9
    assert str(config.leaves["training", "random_seed"].source) == "cli#seeds"
    assert files.experiment("training: {random_seed: 7}").values()["data"] == config.values()["data"]


def test_seeds_of_a_model_that_has_none_cannot_be_counted_up(files: Files) -> None:
    beta = "allow_structural: [model.name]\nmodel: {name: Beta}"
    assert refused(lambda: files.experiment(beta, seed_step=1)).code == "CFG_OVERRIDE"

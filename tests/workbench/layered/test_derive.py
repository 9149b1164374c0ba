"""Derived values: what the data determines, rules, autos, and values that fit nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench.layered.conftest import Files, refused

BIG = "data: {dataset: big}\n"


def test_what_the_data_determines_is_derived(files: Files) -> None:
    config = files.experiment("")
    assert (config["model.alpha.input_shape"], config["model.alpha.num_classes"], config["model.alpha.outputs"]) == ((2, 2, 1), 3, 6)
    assert config.explain("model.alpha.num_classes") == "model.alpha.num_classes = 3\n  > derived(classes of the dataset)  3"


def test_a_rule_answers_auto_and_others_read_its_answer(files: Files) -> None:
    files.basics()
    files.write("models/auto.yaml", "model: {name: Alpha, alpha: {size: auto}}")
    small = files.resolve("models/auto.yaml", "data/d.yaml")
    files.write("data/big.yaml", BIG)
    large = files.resolve("models/auto.yaml", "data/big.yaml")
    assert [(c["model.alpha.size"], c["model.alpha.outputs"]) for c in (small, large)] == [("small", 6), ("large", 9)]
    assert large.explain("model.alpha.size").splitlines() == [
        "model.alpha.size = large",
        "    default(AlphaArchitecture)       small",
        "    models/auto.yaml:1               auto",
        "  > derived(large from 100 rows on)  large",
    ]


def test_the_word_auto_is_refused_where_no_rule_answers_it(files: Files) -> None:
    files.basics()
    files.write("models/auto.yaml", "model: {name: Alpha, alpha: {width: auto}}")
    assert refused(lambda: files.resolve("models/auto.yaml", "data/d.yaml")).code == "CFG_TYPE"


def test_a_model_files_value_for_a_derived_key_is_nominal(files: Files) -> None:
    files.basics()
    files.write("models/n.yaml", "model: {name: Alpha, alpha: {num_classes: 99}}")
    config = files.resolve("models/n.yaml", "data/d.yaml")
    assert config["model.alpha.num_classes"] == 3
    assert "nominal" in config.explain("model.alpha.num_classes")


@pytest.mark.parametrize("where", ["data", "experiment", "command line"])
def test_a_value_for_a_derived_key_given_elsewhere_is_checked(files: Files, where: str) -> None:
    def config(number: int) -> Any:
        text = f"model:\n  alpha:\n    outputs: {number}\n"
        if where == "experiment":
            return files.experiment(text)
        if where == "command line":
            return files.experiment("", overrides=[f"model.alpha.outputs={number}"])
        files.basics()
        files.write("data/d.yaml", "data: {dataset: tiny}\n" + text)
        return files.resolve("models/m.yaml", "data/d.yaml")

    assert "checked against the rule" in config(6).explain("model.alpha.outputs")
    error = refused(lambda: config(12))
    assert (error.code, error.key) == ("CFG_DERIVED_CONFLICT", "model.alpha.outputs")
    assert error.file in ("data/d.yaml", "experiments/x.yaml", "cli#1")
    for part in ("12", "6", "classes x 2 or 3"):
        assert part in str(error)


def test_a_training_file_may_not_name_a_derived_key(files: Files) -> None:
    files.basics()
    files.write("training/t2.yaml", "model: {alpha: {outputs: 6}}")
    assert refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", "training/t2.yaml")).code == "CFG_STRUCTURAL"


def test_the_models_own_autos_are_worked_out_and_stay_auto_in_what_is_stored(files: Files) -> None:
    config = files.experiment("")
    assert config["model.alpha.parts"] == 3
    assert config.flat_values()["parts"] == "auto"
    assert str(config.leaves["model", "alpha", "parts"].source) == "derived(auto)"


def test_a_model_files_value_that_the_data_made_meaningless_is_set_aside(files: Files) -> None:
    files.basics()
    files.write("data/big.yaml", BIG)
    files.write("models/w.yaml", "model: {name: Alpha, alpha: {size: auto, wide: 20}}")
    assert files.resolve("models/w.yaml", "data/big.yaml")["model.alpha.wide"] == 20
    config = files.resolve("models/w.yaml", "data/d.yaml")
    assert config.flat_values()["wide"] == 7
    assert "derived(set aside: size is small)" in config.explain("model.alpha.wide")


def test_a_value_that_does_not_apply_for_any_other_reason_is_refused_at_its_place(files: Files) -> None:
    files.basics()
    files.write("models/w.yaml", "model:\n  name: Alpha\n  alpha:\n    wide: 20\n")
    error = refused(lambda: files.resolve("models/w.yaml", "data/d.yaml"))
    assert (error.code, error.key, error.file, error.line) == ("CFG_CROSS_FIELD", "model.alpha.wide", "models/w.yaml", 4)


def test_rules_across_fields_are_told_with_key_and_place(files: Files) -> None:
    error = refused(lambda: files.experiment("allow_structural: [model.alpha.parts]\nmodel:\n  alpha:\n    parts: 2\n"))
    assert (error.code, error.key, error.file, error.line) == ("CFG_CROSS_FIELD", "model.alpha.parts", "experiments/x.yaml", 5)
    error = refused(lambda: files.experiment("", overrides=["data.num_labeled=45"]))
    assert (error.code, error.key, error.file) == ("CFG_CROSS_FIELD", "data.num_labeled", "cli#1")


def test_what_is_only_worth_a_warning_is_kept_as_one(files: Files) -> None:
    config = files.experiment("training: {use_noise: true, noise_scale: 0}")
    assert config.warnings == ("experiments/x.yaml:2: training.noise_scale: is 0, so the noise does nothing",)


def test_a_dataset_that_does_not_exist_offers_the_closest(files: Files) -> None:
    error = refused(lambda: files.experiment("data: {dataset: tinny}"))
    assert (error.code, error.key, error.hint) == ("CFG_RANGE", "data.dataset", "Did you mean tiny?")


def test_the_facts_of_a_dataset_that_is_not_built_in_come_from_who_asks(files: Files) -> None:
    from tests.support.layered_family import BIG_FACTS

    config = files.experiment("data: {dataset: own}", find_dataset=lambda entry, dataset: BIG_FACTS if dataset == "own" else None)
    assert config["data.dataset"] == "own"

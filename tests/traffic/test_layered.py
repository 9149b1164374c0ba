"""The shipped files of forecasting: what follows from the data, what is refused and where, and what experiments make."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from traffic.family import FAMILY, LSTM, TRANSFORMER, XLSTM
from traffic.presets import apply_preset
from traffic.sources.catalogue import USUAL, corridor_facts
from traffic.sources.corridor_params import CorridorParams
from workbench.layered import LayeredError, ResolvedConfig, resolve, resolve_variants
from workbench.layered.files import SHIPPED, Library
from workbench.layered.yaml12 import parse, plain
from workbench.values import validate

KEYS = ("input_size", "output_size", "exog_size", "sequence_length", "prediction_length", "sensor_embedding_dim")


def of_family(folder: str) -> list[str]:
    files = sorted((SHIPPED / folder).glob("*.yaml"))
    return [f"{folder}/{path.name}" for path in files if plain(parse(path.read_bytes(), path.name))["family"] == "traffic"]


def files(model: str, data: str, training: str = "default") -> list[str]:
    return [f"models/{model}.yaml", f"data/{data}.yaml", f"training/{training}.yaml"]


def sizes(config: ResolvedConfig) -> tuple[int, ...]:
    return tuple(config[f"model.{config.entry.key}.{key}"] for key in KEYS)


def refused(names: Sequence[str | Path], *overrides: str, library: Library | None = None) -> LayeredError:
    with pytest.raises(LayeredError) as caught:
        resolve_variants(names, overrides, library=library)
    return caught.value


def test_five_detectors_as_one_input_resolve_as_the_worked_example() -> None:
    config = resolve(files("xlstm_base", "multi_vd_5"))
    assert sizes(config) == (15, 15, 19, 12, 12, 0)
    assert config["training.loss"] == "masked_mae"
    assert [dormant.key for dormant in config.dormant] == ["model.lstm", "model.transformer"]
    assert config.warnings == ()


def test_another_data_file_gives_other_sizes() -> None:
    assert sizes(resolve(files("xlstm_base", "corridor"))) == (3, 1, 7, 12, 12, 16)
    assert sizes(resolve(files("lstm_base", "single_vd"))) == (3, 3, 7, 12, 12, 0)
    assert sizes(resolve(files("transformer_small", "metr_la_60"))) == (1, 1, 5, 12, 12, 16)


def test_explain_tells_nominal_values_from_checked_ones() -> None:
    told = resolve(files("xlstm_base", "multi_vd_5")).explain("model.xlstm.input_size").splitlines()
    assert told[0] == "model.xlstm.input_size = 15"
    assert [line.split()[0] for line in told[1:]] == [
        "default(XLSTMArchitecture)",
        "models/xlstm_base.yaml:6",
        "data/multi_vd_5.yaml:17",
        ">",
    ]
    assert "nominal" in told[2]
    assert "checked" in told[3]
    assert "derived(data.features" in told[4]


def test_a_width_that_the_data_contradicts_is_refused_where_it_stands(tmp_path: Path) -> None:
    for wanted in (12, 15):
        (tmp_path / "wide.yaml").write_text(
            f"layer: data\nfamily: traffic\ndata: {{dataset: corridor, num_vds: 5, window: {{sequence_length: 12, prediction_length: 12}}}}\n"
            f"model:\n  lstm:\n    input_size: {wanted}\n"
        )
        names = [SHIPPED / "models/lstm_base.yaml", tmp_path / "wide.yaml"]
        if wanted == 15:
            assert sizes(resolve(names))[:2] == (15, 15)
            continue
        error = refused(names)
        assert (error.code, error.key, error.file, error.line) == ("CFG_DERIVED_CONFLICT", "model.lstm.input_size", "wide.yaml", 6)
        assert "12" in str(error)
        assert "15" in str(error)
        assert error.hint


def test_a_window_that_the_data_leaves_open_is_the_models(tmp_path: Path) -> None:
    (tmp_path / "open.yaml").write_text("layer: data\nfamily: traffic\ndata: {dataset: corridor, num_vds: 5}\n")
    config = resolve([SHIPPED / "models/lstm_base.yaml", tmp_path / "open.yaml"])
    assert (config["model.lstm.sequence_length"], config["model.lstm.prediction_length"]) == (12, 1)


def test_quantiles_make_the_pinball_loss() -> None:
    names = ["experiments/ablation_sensor_embedding.yaml"]
    assert refused(names, "training.loss=pinball").code == "CFG_CROSS_FIELD"
    assert refused(names, "model.lstm.quantiles=[0.1, 0.5, 0.9]").code == "CFG_STRUCTURAL"


@pytest.mark.parametrize("name", of_family("experiments"))
def test_every_experiment_says_who_set_what(name: str) -> None:
    for config in resolve_variants([name]):
        assert config["experiment.name"]
        for path, leaf in config.leaves.items():
            key = config.schema.keys[path]
            if leaf.value != (None if key.spec.required else key.spec.default) and leaf.source.kind != "derived":
                assert leaf.place is not None, key.name
                assert leaf.place.line


@pytest.mark.parametrize(
    ("name", "varied"),
    [
        ("ablation_time_features", "model.lstm.exog_size"), ("ablation_sensor_embedding", "model.lstm.sensor_embedding_dim"),
        ("ablation_xlstm_blocks", "model.xlstm.slstm_at"), ("ablation_social", "model.social_pooling.type"), ("lstm_vs_xlstm", "model.name"),
    ],
)  # fmt: skip
def test_the_variants_of_an_experiment_differ_in_what_it_is_about(name: str, varied: str) -> None:
    configs = resolve_variants([f"experiments/{name}.yaml"])
    prints = {config.architecture_sha256 for config in configs}
    assert len(prints) == len(configs)
    assert len({str(config[varied]) for config in configs}) > 1


def test_three_seeds_are_the_experiments_own() -> None:
    assert {config["experiment.seeds"] for config in resolve_variants(["experiments/lstm_vs_xlstm.yaml"])} == {3}
    first, second = (resolve(files("lstm_small", "corridor"), seed_step=step) for step in (0, 1))
    assert (first["training.seed"], second["training.seed"]) == (42, 43)
    assert first["data.seed"] == second["data.seed"] == 0
    assert first.sha256 != second.sha256


def test_the_seed_of_the_data_changes_the_fingerprint_and_not_the_architecture() -> None:
    one, other = resolve(files("lstm_small", "corridor")), resolve(files("lstm_small", "corridor"), ["data.seed=1"])
    assert one.sha256 != other.sha256
    assert one.architecture_sha256 == other.architecture_sha256
    params = other.dataset_params()
    assert isinstance(params, CorridorParams)
    assert params.seed == 1
    assert one.dataset_params() is None


def test_the_smoke_test_means_three_days_of_eight_detectors() -> None:
    config = resolve(["experiments/quick_smoke_test.yaml"])
    assert config.dataset_params() == CorridorParams(days=3)
    assert config["model.lstm.num_sensors"] == 8
    assert config["training.early_stopping"] is None
    assert config.explain("data.days").splitlines()[-1].split() == [">", "experiments/quick_smoke_test.yaml:11", "3"]


@pytest.mark.parametrize(
    "names", [["experiments/quick_smoke_test.yaml"], files("xlstm_small_social", "metr_la_60")], ids=["varied", "pooled"]
)
def test_the_resolved_file_alone_gives_the_same_configuration(names: list[str], tmp_path: Path) -> None:
    config = resolve(names)
    (tmp_path / "resolved_config.yaml").write_text(config.to_yaml())
    again = resolve([tmp_path / "resolved_config.yaml"])
    assert again.values() == config.values()
    assert again.sha256 == config.sha256
    assert again.warnings == config.warnings


@pytest.mark.parametrize(
    ("override", "code", "key"),
    [
        ("data.num_vds=41", "DATA_NUM_VDS", "data.num_vds"),
        ("data.features=[sped]", "DATA_FEATURE", "data.features"),
        ("data.targets=[flwo]", "DATA_FEATURE", "data.targets"),
        ("data.split=[0.7, 0.2, 0.2]", "DATA_SPLIT", "data.split"),
        ("data.vd_ids=[VD041, VD043]", "DATA_NUM_VDS", "data.num_vds"),
        ("data.multi_vd_mode=false", "CFG_CROSS_FIELD", "data.multi_vd_mode"),
        ("data.time_features=[tod, month]", "CFG_RANGE", "data.time_features"),
        ("data.protocol=loose", "CFG_RANGE", "data.protocol"),
        ("data.dataset=corider", "CFG_RANGE", "data.dataset"),
        ("data.days=1", "DATA_TOO_SHORT", "model.lstm.sequence_length"),
        ("data.days=0", "SIM_PARAM", "data.days"),
        ("data.days=two", "CFG_TYPE", "data.days"),
        ("data.start=yesterday", "DATA_TIME", "data.start"),
        ("data.simulator.diagram.curvature=0.5", "SIM_PARAM", "data.simulator.diagram.curvature"),
        ("data.simulator.road.cell_km=0.2", "SIM_PARAM", "data.simulator.road.cell_km"),
        ("data.simulator.road.on_ramps=[{cell: 80, peak: 700}]", "SIM_PARAM", "data.simulator.road.on_ramps"),
        ("data.simulator.road.detectors=[3, 1]", "SIM_PARAM", "data.simulator.road.detectors"),
        ("training.optimizer.weight_decay=0.1", "CFG_CROSS_FIELD", "training.optimizer.weight_decay"),
        ("training.schedule.min_lr=0.1", "CFG_CROSS_FIELD", "training.schedule.min_lr"),
        ("training.loss=pinball", "CFG_CROSS_FIELD", "training.loss"),
        ("training.epochs=1.5", "CFG_TYPE", "training.epochs"),
        ("training.early_stopping={patience: 0}", "CFG_RANGE", "training.early_stopping.patience"),
        ("model.lstm.input_size=9", "CFG_DERIVED_CONFLICT", "model.lstm.input_size"),
        ("model.lstm.hidden_size=8", "CFG_STRUCTURAL", "model.lstm.hidden_size"),
        ("model.lstm.dropout=1", "CFG_RANGE", "model.lstm.dropout"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_code_key_and_place(override: str, code: str, key: str) -> None:
    error = refused(
        ["experiments/quick_smoke_test.yaml"], *([override] if "days=1" not in override else [override, "data.window.sequence_length=200"])
    )
    assert [(problem.code, problem.key) for problem in error.problems] == [(code, key)], "nothing that follows from it is told besides"
    assert error.problems[0].file is not None
    assert error.problems[0].message


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["training.epochz=5", "data.num_vds=99"], ["training.epochz", "data.num_vds"]),
        (["data.num_vds=99", "training.schedule.min_lr=1", "training.epochs=two"], ["data.num_vds", "training.schedule.min_lr", "training.epochs"]),
        (["data.dataset=corider", "data.split=[0.5, 0.1, 0.1]", "training.loss=pinball"], ["data.dataset", "data.split", "training.loss"]),
        (["data.days=two", "data.num_vds=99", "training.schedule.min_lr=1"], ["data.days", "training.schedule.min_lr"]),
        (["data.num_vdz=1", "data.multi_vd_mode=false"], ["data.num_vdz"]),
        (["data.share_weights=true", "data.num_vds=99"], ["data.share_weights", "data.num_vds"]),
    ],
)  # fmt: skip
def test_mistakes_of_files_data_and_settings_are_told_in_one_go(overrides: list[str], told: list[str]) -> None:
    assert [problem.key for problem in refused(["experiments/quick_smoke_test.yaml"], *overrides).problems] == told


def test_pooling_is_not_accused_of_detectors_that_are_not_known_yet() -> None:
    error = refused(files("xlstm_small_social", "corridor"), "data.num_vds=99", "data.share_weights_across_vds=yes")
    assert [problem.key for problem in error.problems] == ["data.num_vds", "data.share_weights_across_vds"]


def test_what_is_wrong_in_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    place = tmp_path / "x.yaml"
    place.write_text("layer: experiment\nfamily: traffic\ndata:\n  days: 3\n  num_vds: 99\n  simulator:\n    diagram: {curvature: 0.7}\n")
    error = refused([*files("lstm_small", "corridor", "fast_dev"), place])
    assert (error.code, error.file, error.line) == ("SIM_PARAM", "x.yaml", 7)
    place.write_text("layer: experiment\nfamily: traffic\ndata:\n  days: 3\n  num_vds: 99\n")
    error = refused([*files("lstm_small", "corridor", "fast_dev"), place])
    assert (error.code, error.file, error.line) == ("DATA_NUM_VDS", "x.yaml", 5)
    assert error.hint == "Set num_vds to at most 40."


def test_settings_of_the_simulation_belong_to_the_corridor() -> None:
    error = refused(files("lstm_small", "metr_la_60"), "data.days=3")
    assert (error.code, error.key, error.file) == ("CFG_CROSS_FIELD", "data.days", "cli#1")


def test_pooling_is_refused_for_one_wide_input_and_without_places() -> None:
    error = refused(files("xlstm_social", "multi_vd_5"))
    assert (error.code, error.key, error.file, error.line) == (
        "CFG_CROSS_FIELD", "model.social_pooling.enabled", "models/xlstm_social.yaml", 6,
    )  # fmt: skip
    error = refused(files("xlstm_social", "corridor"), "data.neighbours=none")
    assert error.code == "DATA_COORDS"


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ("slstm_at: [7]", "slstm_at"), ("slstm_at: [1, 1]", "slstm_at"), ("slstm_at: [-1]", "slstm_at"), ("num_heads: 3", "num_heads"),
        ("context_length: 6", "sequence_length"), ("hidden_size: 64", "hidden_size"), ("slstm_backend: cuda", "slstm_backend"),
        ("batch_first: false", "batch_first"), ("quantiles: [0.9, 0.5]", "quantiles"), ("quantiles: [0.1, 0.9]", "quantiles"),
    ],
)  # fmt: skip
def test_an_xlstm_that_contradicts_itself_is_refused(body: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(f"layer: model\nfamily: traffic\nmodel:\n  name: TrafficXLSTM\n  xlstm:\n    {body}\n")
    error = refused([tmp_path / "m.yaml", SHIPPED / "data/multi_vd_5.yaml"])
    assert error.code in ("CFG_RANGE", "CFG_CROSS_FIELD", "CFG_TYPE")
    assert error.key == f"model.xlstm.{key}"


def test_the_presets_are_the_shipped_files() -> None:
    for kind, key in ((LSTM, "lstm"), (XLSTM, "xlstm"), (TRANSFORMER, "transformer")):
        assert [preset.name for preset in kind.presets] == [f"{key}_{size}" for size in ("small", "base", "social", "custom")]
        for preset in kind.presets[:3]:
            config = resolve(files(preset.name, "corridor"))
            facts = kind.holds.expected(USUAL, config.sample_values())
            made = validate(kind, apply_preset(preset, facts), facts)
            assert made.problems == ()
            assert made.stored() == {section: built.model_dump(mode="json") for section, built in config.built.sections.items()}


def test_the_usual_corridor_is_what_its_settings_say() -> None:
    facts = corridor_facts(CorridorParams())
    assert (facts.steps, facts.n_sensors, facts.features, facts.units, facts.interval_s, facts.start, facts.located) == (
        USUAL.steps, USUAL.n_sensors, USUAL.features, USUAL.units, USUAL.interval_s, USUAL.start, USUAL.located,
    )  # fmt: skip
    assert FAMILY.try_it[0] == "corridor"

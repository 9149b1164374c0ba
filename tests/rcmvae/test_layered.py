"""The shipped files of RCM-VAE: they give what the wizard's presets give, and every experiment explains itself."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from rcmvae.data.catalogue import DATASETS
from rcmvae.family import RCMVAE
from rcmvae.layered import LAYERED
from rcmvae.presets import PRESETS, apply_preset
from workbench.families import DataSource, Preset
from workbench.layered import ResolvedConfig, resolve, resolve_variants
from workbench.layered.files import SHIPPED
from workbench.services.presets import with_sample
from workbench.values import validate

SHIPPED_PRESETS = [preset for preset in PRESETS if preset.name != "custom"]
DATA = {source.id: source for source in DATASETS if source.id in ("digits", "mnist")}
EXPERIMENTS = sorted(path.name for path in (SHIPPED / "experiments").glob("*.yaml"))


def files_of(preset: str, data: str) -> list[str]:
    return [f"models/rcmvae_{preset}.yaml", f"data/rcmvae_{data}.yaml", f"training/rcmvae_{preset}.yaml"]


def stored(architecture: Any, training: Any) -> dict[str, Any]:
    return {**architecture.model_dump(mode="json"), **training.model_dump(mode="json")}


@pytest.mark.parametrize("source", DATA.values(), ids=DATA)
@pytest.mark.parametrize("preset", SHIPPED_PRESETS, ids=lambda preset: preset.name)
def test_the_files_of_a_preset_give_exactly_what_the_wizard_gives(preset: Preset, source: DataSource) -> None:
    config = resolve(files_of(preset.name, source.id))
    facts = with_sample(RCMVAE, source.facts, source.default_sample)
    wizard = validate(RCMVAE, apply_preset(preset, facts), facts)
    assert stored(*config.built.sections.values()) == stored(*wizard.configs())
    values = wizard.resolved
    assert {name: config.leaves[key.path].value for name, key in config.schema.by_field.items() if not config.leaves[key.path].idle} == {
        name: values[name] for name, key in config.schema.by_field.items() if not config.leaves[key.path].idle
    }


def test_every_preset_and_nothing_else_has_a_model_file_and_a_training_file() -> None:
    names = {f"rcmvae_{preset.name}.yaml" for preset in SHIPPED_PRESETS} | {"rcmvae_default.yaml"}
    for folder in ("models", "training"):
        assert {path.name for path in (SHIPPED / folder).glob("rcmvae_*.yaml")} == names


@pytest.mark.parametrize("source", DATA.values(), ids=DATA)
def test_the_default_files_are_the_defaults_of_the_config_types(source: DataSource) -> None:
    config = resolve(files_of("default", source.id))
    wizard = validate(RCMVAE, {}, source.facts)
    assert stored(*config.built.sections.values()) == stored(*wizard.configs())


@pytest.mark.parametrize("source", DATA.values(), ids=DATA)
def test_a_data_file_asks_for_the_sample_that_the_catalogue_starts_with(source: DataSource) -> None:
    config = resolve(files_of("default", source.id))
    assert RCMVAE.sample is not None
    assert config.built.sample == RCMVAE.sample(**source.default_sample)


@pytest.mark.parametrize("name", ["semi_supervised_digits", "semi_supervised_mnist"])
def test_the_sample_that_a_preset_was_measured_on_is_there_as_files(name: str) -> None:
    preset = next(preset for preset in PRESETS if preset.name == name)
    config = resolve(files_of(name, "digits")) if name.endswith("digits") else resolve([f"experiments/rcmvae_{name}.yaml"])
    assert RCMVAE.sample is not None
    assert config.built.sample == RCMVAE.sample(**preset.sample)


def test_networks_follow_the_images_and_say_by_which_rule() -> None:
    for data in ("digits", "mnist"):
        config = resolve(files_of("mixture_10", data))
        assert config["model.rcmvae.encoder_type"] == config["model.rcmvae.decoder_type"] == "dense"
        told = config.explain("model.rcmvae.encoder_type").splitlines()[-1]
        assert told.startswith("  > derived(conv for colour images from 16x16 pixels on, else dense)")


def test_widths_of_networks_that_the_data_does_not_need_are_set_aside() -> None:
    config = resolve(files_of("semi_supervised", "mnist"))
    assert config["model.rcmvae.conv_channels"] == (32, 64, 128)
    assert "derived(set aside: encoder_type is dense, decoder_type is dense)" in config.explain("model.rcmvae.conv_channels")


def test_the_experimental_overlay_has_decentralized_latents_gumbel_routing_and_film() -> None:
    config = resolve(["experiments/rcmvae_experimental.yaml"])
    assert (config["model.rcmvae.latent_layout"], config["model.rcmvae.decoder_conditioning"]) == ("decentralized", "film")
    assert config["training.use_gumbel_softmax"] is True


def test_the_priors_differ_in_nothing_else() -> None:
    found = {config.variant: config for config in resolve_variants(["experiments/rcmvae_priors.yaml"])}
    assert [config["model.rcmvae.prior_type"] for config in found.values()] == ["standard", "mixture", "vamp", "geometric_mog"]
    assert len({str(config.values()["data"]) for config in found.values()}) == 1
    assert len({config["training.max_epochs"] for config in found.values()}) == 1


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_value_of_an_experiment_that_is_no_default_has_a_file_and_line_or_a_rule(name: str) -> None:
    for config in resolve_variants([f"experiments/{name}"]):
        for path, leaf in config.leaves.items():
            sources = [write.source for write in leaf.chain if write.source.kind != "default"]
            if leaf.value != config.schema.keys[path].spec.default:
                assert sources, path
            assert all(source.line is not None for source in sources if source.kind == "file")


def test_the_model_of_a_configuration_has_its_architecture_and_settings() -> None:
    config = resolve(files_of("mixture_10", "digits"), ["training.max_epochs=1"])
    model = config.create_model()
    assert (model.architecture, model.training, model.fitted) == (*config.built.sections.values(), False)
    assert len(model.class_names) == 10


def shapes(config: ResolvedConfig) -> Any:
    import jax

    from rcmvae.model.network import create
    from rcmvae.model.plan import plan_of

    flat = config.entry.model_type.resolve(config.flat_values())
    return jax.tree.map(lambda leaf: leaf.shape, jax.eval_shape(lambda: create(plan_of(flat), 0)))


def test_changing_what_is_tunable_leaves_the_parameters_shapes_as_they_are() -> None:
    base = files_of("decentralized_specialists", "digits")
    changed = [
        "training.learning_rate=0.5", "training.batch_size=7", "training.max_epochs=3", "training.dropout_rate=0", "training.label_weight=0.5",
        "training.top_m_gating=3", "training.use_contrastive=true", "training.use_gumbel_softmax=false", "training.use_tau_classifier=false",
        "training.augment_shift=2", "training.consistency_weight=2", "training.curriculum_enabled=true", "training.curriculum_start=4",
    ]  # fmt: skip
    assert shapes(resolve(base)) == shapes(resolve(base, changed))
    assert shapes(resolve(base)) != shapes(resolve(files_of("mixture_10", "digits")))


def test_what_the_declaration_names_exists() -> None:
    assert callable(LAYERED.factory.load())


def test_checking_every_file_imports_no_framework() -> None:
    program = (
        "import sys; from workbench.cli.app import run; code = run(['config', 'validate']); "
        "print(code, [m for m in ('jax', 'flax', 'optax', 'tensorflow', 'dash', 'numpy', 'polars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from dashboard.forms import by_field, field_row, field_rows, first_error, judge_config, judge_sample, looks_of, raw_of, read, section_groups
from dashboard.forms.controls import can_be_off, is_switch
from dashboard.forms.looks import is_shown, looks_to_json
from dashboard.forms.rows import help_text, range_words
from dashboard.forms.words import problem_words
from tests.support.trees import having, of_class, text_of, walk
from workbench.families import family
from workbench.fields import FieldProblem, field_specs
from workbench.values import derived, specs_of

RCMVAE = family("rcmvae").model("rcmvae")
FACTS = family("rcmvae").dataset("digits").facts
SPECS = specs_of(RCMVAE)
DEFAULTS = derived(RCMVAE, RCMVAE.fields.defaults, (), FACTS)


def raw(**changes: Any) -> dict[str, Any]:
    """Every control at its default, but for `changes`."""
    return {name: raw_of(spec, DEFAULTS[name]) for name, spec in SPECS.items()} | changes


def judged(**changes: Any) -> Any:
    return judge_config(RCMVAE, {}, raw(**changes), FACTS)


def errors(**changes: Any) -> Mapping[str, str]:
    return {p.path: p.message for p in judged(**changes).errors}


@pytest.mark.parametrize("name", list(SPECS))
def test_every_default_survives_its_control(name: str) -> None:
    spec = SPECS[name]
    assert read([spec], {name: raw_of(spec, DEFAULTS[name])}).values[name] == DEFAULTS[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 3e-07),
        ("hidden_dims", (512, 7)),
        ("grad_clip_norm", None),
        ("num_components", "auto"),
        ("use_tau_classifier", False),
        ("kl_weight", 2.0),
    ],
)
def test_any_value_survives_its_control(name: str, value: Any) -> None:
    held = raw_of(SPECS[name], value)
    assert isinstance(held, str | bool)
    assert read([SPECS[name]], {name: held}).values[name] == value


def test_what_cannot_be_read_is_a_problem_of_its_control_and_the_rest_is_read() -> None:
    reading = read(SPECS.values(), {"latent_dim": "two", "batch_size": " 64 ", "learning_rate": ""})
    assert reading.values == {"batch_size": 64}
    assert [p.path for p in reading.problems] == ["learning_rate", "latent_dim"] or [p.path for p in reading.problems] == [
        "latent_dim",
        "learning_rate",
    ]


def test_the_lists_of_a_pattern_callback_become_one_mapping() -> None:
    assert by_field([{"form": "f", "field": "a"}, {"form": "f", "field": "b"}], [1, 2]) == {"a": 1, "b": 2}


def test_the_defaults_are_accepted() -> None:
    assert errors() == {}


def test_text_in_a_number_is_explained_at_its_control() -> None:
    assert "whole number" in errors(latent_dim="abc")["latent_dim"]


def test_a_value_out_of_range_is_explained_with_the_range() -> None:
    assert "1 to 512" in errors(latent_dim="0")["latent_dim"]


def test_a_rule_across_fields_is_explained_at_the_field_to_change() -> None:
    assert "10 classes" in errors(num_components="5")["num_components"]


def test_a_hidden_field_can_hold_anything_without_harm() -> None:
    assert errors(prior_type="standard", num_components="nonsense", dirichlet_alpha="-3") == {}


def test_what_does_not_apply_is_back_at_its_default_and_so_is_what_hangs_on_it() -> None:
    values = judged(prior_type="standard", decoder_conditioning="film", component_embedding_dim="40").values
    assert values["decoder_conditioning"] == SPECS["decoder_conditioning"].default
    assert values["component_embedding_dim"] == SPECS["component_embedding_dim"].default


def test_a_field_worth_an_explanation_is_shown_off_with_the_reason_where_it_does_not_apply() -> None:
    looks = looks_of(SPECS.values(), judged(prior_type="vamp"))
    conditioning = looks["decoder_conditioning"]
    assert conditioning.shown
    assert conditioning.on is False
    assert "can only be conditioned on components of a mixture" in str(conditioning.idle)
    assert not looks_of(SPECS.values(), judged(prior_type="standard"))["decoder_conditioning"].shown
    assert looks_of(SPECS.values(), judged(prior_type="mixture"))["decoder_conditioning"].idle is None


def test_fields_are_shown_by_their_conditions() -> None:
    mixture, standard = judged().resolved, judged(prior_type="standard").resolved
    for name in ("num_components", "decoder_conditioning"):
        assert is_shown(SPECS[name], mixture)
        assert not is_shown(SPECS[name], standard)
    assert not is_shown(SPECS["geometric_radius"], mixture)
    assert not is_shown(SPECS["input_shape"], mixture)


def test_a_change_says_what_it_was_and_how_to_go_back() -> None:
    look = looks_of(SPECS.values(), judged(latent_dim="7"), DEFAULTS)["latent_dim"]
    assert look.was == "2"
    assert look.base == "2"
    assert looks_of(SPECS.values(), judged(), DEFAULTS)["latent_dim"].was is None


def test_a_choice_says_what_it_was_in_words() -> None:
    assert looks_of(SPECS.values(), judged(prior_type="standard"), DEFAULTS)["prior_type"].was == "Mixture"


def test_a_value_that_cannot_be_read_counts_as_changed() -> None:
    assert looks_of(SPECS.values(), judged(latent_dim="abc"), DEFAULTS)["latent_dim"].was == "2"


def test_an_empty_control_says_what_auto_stands_for() -> None:
    assert looks_of(SPECS.values(), judged(), DEFAULTS)["num_components"].placeholder == "auto (12)"
    assert looks_of(SPECS.values(), judged(), DEFAULTS)["dirichlet_alpha"].placeholder == "none"


def test_a_switch_with_how_beside_it_knows_whether_it_is_on() -> None:
    on, off = judged(decoder_conditioning="film"), judged(latent_layout="decentralized", decoder_conditioning="none")
    assert looks_of(SPECS.values(), on)["decoder_conditioning"].on is True
    assert looks_of(SPECS.values(), off)["decoder_conditioning"].on is False
    assert looks_of(SPECS.values(), on)["latent_dim"].on is None


def test_the_first_error_in_form_order_is_the_one_to_jump_to() -> None:
    looks = looks_of(SPECS.values(), judged(batch_size="0", latent_dim="0"))
    assert first_error(SPECS.values(), looks) is SPECS["latent_dim"]
    assert first_error(SPECS.values(), looks_of(SPECS.values(), judged())) is None


def test_messages_speak_of_labels_rather_than_of_field_names() -> None:
    problem = FieldProblem("a", "num_components is too small for latent_dim=2", hint="Raise num_components.")
    words = problem_words(problem, SPECS)
    assert words == "“Components” is too small for “Latent dimension”=2. Raise “Components”."


def test_looks_travel_as_plain_values_by_form_and_field() -> None:
    import json

    sent = looks_to_json("create", looks_of(SPECS.values(), judged(), DEFAULTS))
    assert json.loads(json.dumps(sent)) == sent
    assert set(sent["create"]) == set(SPECS)


def test_a_sample_is_judged_by_its_own_rules() -> None:
    specs = field_specs(RCMVAE.sample)
    good = {s.name: raw_of(s, s.default) for s in specs}
    outcome, settings = judge_sample(RCMVAE, good, FACTS)
    assert outcome.errors == ()
    assert settings is not None
    outcome, settings = judge_sample(RCMVAE, good | {"num_samples": "100", "num_labeled": "200"}, FACTS)
    assert settings is None
    assert "num_labeled" in {p.path for p in outcome.errors}


def test_every_control_is_named_for_a_screen_reader() -> None:
    for spec in SPECS.values():
        row = field_row("f", spec, raw_of(spec, DEFAULTS[spec.name]))
        labels = having(row, htmlFor=f'{{"field":"{spec.name}","form":"f"}}')
        named = [part for part in walk(row) if getattr(part, "label", None) == spec.label]
        assert labels or named, spec.name


def test_a_described_choice_is_shown_as_cards_with_what_cannot_be_chosen_and_why() -> None:
    spec = SPECS["prior_type"]
    spec = replace(spec, meta=replace(spec.meta, unavailable_values=(("vamp", "it is being built"),)))
    row = field_row("f", spec, "mixture", roomy=True)
    options = {option["value"]: option for part in of_class(row, "choices") for option in part.options}
    assert not options["mixture"]["disabled"]
    assert options["vamp"]["disabled"]
    assert "Not yet available" in text_of(options["vamp"]["label"])


def test_a_yes_or_no_is_a_switch_and_a_choice_that_can_be_off_a_switch_with_how() -> None:
    assert is_switch(SPECS["learnable_pi"])
    assert can_be_off(SPECS["decoder_conditioning"])
    row = field_row("f", SPECS["decoder_conditioning"], "film")
    how = next(part for part in walk(row) if getattr(part, "id", None) == {"form": "f", "field": "decoder_conditioning"})
    assert "none" not in [option["value"] for option in how.options]


def test_rows_leave_out_what_is_not_for_forms_and_what_has_no_effect_yet() -> None:
    later = replace(SPECS["max_epochs"], meta=replace(SPECS["max_epochs"].meta, unavailable="it is being built"))
    specs = [later if spec.name == later.name else spec for spec in SPECS.values()]
    shown = {part.to_plotly_json()["props"]["data-field"] for part in of_class(field_rows("f", specs, raw(), {}), "field")}
    assert "input_shape" not in shown
    assert "max_epochs" not in shown
    assert {"latent_dim", "learning_rate"} <= shown


def test_help_tells_the_range_but_for_bounds_nobody_meets() -> None:
    assert help_text(SPECS["latent_dim"], False).endswith("1 to 512.")
    assert range_words(SPECS["max_epochs"]) == "at least 1"
    assert range_words(SPECS["init_seed"]) == ""
    assert "Default: 64." in help_text(SPECS["batch_size"], True)


def test_sections_keep_the_order_of_their_first_field() -> None:
    names = [name for name, _ in section_groups(field_specs(RCMVAE.sections["training"]))]
    assert names[0] == "Training and data"
    assert len(set(names)) == len(names)

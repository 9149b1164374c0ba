"""Settings as compiled functions see them: every number is an argument, everything else that they read decides the code."""

from __future__ import annotations

import math

import pytest

from rcmvae.choices import choices_of, numbers_of
from rcmvae.config import Training
from rcmvae.marks import Use, uses

SETTINGS = Training(
    consistency_weight=1.0, augment_shift=1, dirichlet_alpha=2.0, augment_rotation=3.0, augment_scale=0.1, augment_colour=0.1, l1_weight=0.1,
    soft_embedding_warmup_epochs=3,
)  # fmt: skip
USES = uses(Training)
NUMBERS = [name for name, use in USES.items() if use in (Use.NUMBER, Use.SWITCH)]
SWITCHES = [name for name, use in USES.items() if use is Use.SWITCH]


def test_every_number_among_the_settings_is_an_argument_or_known_to_decide_shapes() -> None:
    shapes = {"batch_size", "labelled_batch_size", "top_m_gating", "vamp_num_samples_kl", "matmul_precision"}
    found = {name for name, info in Training.model_fields.items() if "float" in str(info.annotation) or "int" in str(info.annotation)}
    assert found - shapes - {name for name, use in USES.items() if use is Use.HOST} == set(NUMBERS)
    assert len(SWITCHES) == 10


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_has_its_setting_s_value_and_code_cannot_read_it(name: str) -> None:
    assert float(getattr(numbers_of(SETTINGS), name)) == pytest.approx(getattr(SETTINGS, name))
    with pytest.raises(AttributeError, match=name):
        getattr(choices_of(SETTINGS), name)


def test_code_is_the_same_for_settings_that_differ_in_numbers_alone() -> None:
    other = SETTINGS.model_copy(update={"learning_rate": 0.5, "augment_shift": 2, "max_epochs": 3, "grad_clip_norm": None, "patience": 9})
    assert choices_of(other) == choices_of(SETTINGS)
    assert hash(choices_of(other)) == hash(choices_of(SETTINGS))


@pytest.mark.parametrize("name", SWITCHES)
def test_code_differs_where_a_number_switches_a_part_off(name: str) -> None:
    off = SETTINGS.model_copy(update={name: None if name == "dirichlet_alpha" else 0})
    assert choices_of(off) != choices_of(SETTINGS)
    assert choices_of(SETTINGS).on(name)
    assert not choices_of(off).on(name)


def test_what_decides_the_code_is_read_by_name_and_is_no_number() -> None:
    assert choices_of(SETTINGS).batch_size == SETTINGS.batch_size
    with pytest.raises(AttributeError, match="batch_size is no number"):
        numbers_of(SETTINGS).batch_size  # noqa: B018


def test_no_clipping_is_an_infinite_bound() -> None:
    assert math.isinf(float(numbers_of(Training(grad_clip_norm=None)).grad_clip_norm))

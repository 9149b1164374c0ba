"""The numbers of the settings: every one is an input of compiled code, and hidden where code is decided."""

from __future__ import annotations

import math

import pytest

from rcmvae.config_training import Training
from rcmvae.scalars import HOST_ONLY, NAMES, SWITCHES, scalars_of, without_scalars

SETTINGS = Training(
    consistency_weight=1.0, augment_shift=1, dirichlet_alpha=2.0, augment_rotation=3.0, augment_scale=0.1, l1_weight=0.1,
    soft_embedding_warmup_epochs=3,
)  # fmt: skip


def test_every_number_among_the_settings_is_a_scalar_or_known_to_be_none() -> None:
    others = {"batch_size", "labelled_batch_size", "top_m_gating", "vamp_num_samples_kl"} | {"matmul_precision"}
    numbers = {name for name, info in Training.model_fields.items() if "float" in str(info.annotation) or "int" in str(info.annotation)}
    assert numbers - others - HOST_ONLY == set(NAMES)
    assert set(NAMES) >= SWITCHES


@pytest.mark.parametrize("name", NAMES)
def test_its_value_is_the_setting_s_and_code_does_not_see_it(name: str) -> None:
    assert float(getattr(scalars_of(SETTINGS), name)) == pytest.approx(getattr(SETTINGS, name))
    assert math.isnan(getattr(without_scalars(SETTINGS), name))


def test_code_is_the_same_for_settings_that_differ_in_numbers_alone() -> None:
    other = SETTINGS.model_copy(update={"learning_rate": 0.5, "augment_shift": 2, "max_epochs": 3, "grad_clip_norm": None, "patience": 9})
    assert without_scalars(other) == without_scalars(SETTINGS)
    assert hash(without_scalars(other)) == hash(without_scalars(SETTINGS))


@pytest.mark.parametrize("name", sorted(SWITCHES))
def test_code_differs_where_a_number_switches_a_part_off(name: str) -> None:
    off = SETTINGS.model_copy(update={name: None if name == "dirichlet_alpha" else 0})
    assert without_scalars(off) != without_scalars(SETTINGS)
    assert not getattr(without_scalars(off), name)


def test_no_clipping_is_an_infinite_bound() -> None:
    assert math.isinf(float(scalars_of(Training(grad_clip_norm=None)).grad_clip_norm))

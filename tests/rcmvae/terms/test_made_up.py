"""A term of the loss is one file: its settings, function, inputs and when it applies; nothing else changes."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rcmvae import config_training
from rcmvae.config import Training
from rcmvae.terms.term import Term
from rcmvae.training.epoch import evaluation_names
from rcmvae.training.fit import Fit
from rcmvae.training.record import RunRecord
from rcmvae.training.step import metric_names
from tests.rcmvae.terms import made_up
from tests.support import small_rcmvae
from workbench.fields import field_specs


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> type[Training]:
    """The training config with the made-up term among its terms."""
    found = config_training.with_term(made_up.TERM)
    monkeypatch.setattr(small_rcmvae, "Training", found)
    real = small_rcmvae.resolve
    defaults = {spec.name: spec.default for spec in field_specs(made_up.Settings)}
    monkeypatch.setattr(small_rcmvae, "resolve", lambda values: {**defaults, **real(values)})
    return found


def trained(**changes: Any) -> tuple[Any, RunRecord]:
    engine, state = small_rcmvae.started(**changes)
    fit = Fit(engine, state, RunRecord())
    list(fit.epochs())
    return engine, fit.record


def test_its_settings_are_fields_of_the_training_config_and_its_words_are_there(settings: type[Training]) -> None:
    assert {"spread_weight", "spread_goal", "spread_epochs", "spread_squared"} <= {spec.name for spec in field_specs(settings)}
    assert settings.terms[-1] is made_up.TERM
    assert made_up.TERM not in Training.terms


def test_a_model_trains_with_it_and_reports_it(settings: type[Training]) -> None:
    engine, record = trained(spread_weight=2.0, spread_goal=3.0)
    assert {"spread", "latent_size"} <= set(metric_names(engine.recipe))
    assert "spread" not in evaluation_names(engine.recipe)
    spreads = [epoch["train/spread"] for epoch in record.metrics]
    assert len(spreads) == 3
    assert all(value is not None and np.isfinite(value) and value > 0 for value in spreads)
    _, without = trained()
    assert "train/spread" not in without.metrics[0]
    assert record.metrics[-1]["train/kl_z"] != without.metrics[-1]["train/kl_z"]


def test_its_numbers_compile_nothing_anew_and_its_choices_do(settings: type[Training]) -> None:
    base = small_rcmvae.small_recipe(spread_weight=2.0)
    assert small_rcmvae.small_recipe(spread_weight=5.0, spread_goal=9.0, spread_epochs=4).code == base.code
    assert small_rcmvae.small_recipe(spread_weight=2.0, spread_squared=False).code != base.code
    assert small_rcmvae.small_recipe().code != base.code


def test_a_term_that_reads_what_nobody_knows_is_refused_with_the_closest_name() -> None:
    def wrong(mean_latnet: Any) -> Any:
        return mean_latnet

    term: Term = dataclasses.replace(made_up.TERM, value=wrong)
    with pytest.raises(TypeError, match=r"spread reads mean_latnet.*did you mean mean_latent"):
        config_training.with_term(term)


def test_declarations_import_no_array_framework() -> None:
    code = "import sys, rcmvae.config_training; print([m for m in ('jax', 'flax', 'numpy', 'optax') if m in sys.modules])"
    root = Path(__file__).parents[3] / "src"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(root)})
    assert said.stdout.strip() == "[]"

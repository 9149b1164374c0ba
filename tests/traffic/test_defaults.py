"""What nobody says is the shipped recipe: a model without settings is trained as the small ones of the files."""

from __future__ import annotations

import pytest

from traffic.config_training import Training
from traffic.family import FAMILY
from workbench.fields import flat_values
from workbench.layered import resolve


@pytest.mark.parametrize("model", ["lstm_small", "xlstm_small", "transformer_small"])
def test_the_shipped_recipe_is_the_defaults(model: str) -> None:
    built = resolve([f"models/{model}.yaml", "data/corridor.yaml", "training/default.yaml"]).built.sections
    assert built["training"] == Training()
    assert flat_values(built["architecture"])["dropout"] == 0


def test_the_default_recipe_is_many_small_steps_at_a_rate_that_falls_to_its_end() -> None:
    training = Training()
    assert (training.epochs, training.batch_size, training.optimizer.learning_rate, training.schedule.name) == (10, 16, 3e-3, "cosine")
    assert training.early_stopping is not None
    assert training.early_stopping.patience == 4
    assert {kind.fields.defaults["dropout"] for kind in FAMILY.models} == {0.0}

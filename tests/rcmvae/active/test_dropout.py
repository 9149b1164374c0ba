"""Passes with dropout through the real network."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import rcmvae
from rcmvae.active.dropout import votes_of
from rcmvae.suggestions import SuggestionError
from rcmvae.training.errors import TrainingError
from tests.support.small_rcmvae import ARCHITECTURE, IMAGES, SEEN

TRAINING: dict[str, Any] = {"batch_size": 16, "labelled_batch_size": 6, "learning_rate": 1e-2, "max_epochs": 4, "dropout_rate": 0.2}


def fitted(labels: np.ndarray | None = SEEN, **training: Any) -> rcmvae.RCMVAE:
    model = rcmvae.RCMVAE.create(ARCHITECTURE, input_shape=(8, 8, 1), num_classes=3, seed=1, training={**TRAINING, **training})
    model.fit(IMAGES, labels)
    return model


@pytest.fixture(scope="module")
def model() -> rcmvae.RCMVAE:
    return fitted()


def test_passes_are_distributions_that_differ_and_are_the_same_every_time(model: rcmvae.RCMVAE) -> None:
    votes = votes_of(model._asked(), IMAGES)
    assert votes.shape == (20, 48, 3)
    np.testing.assert_allclose(votes.sum(axis=2), 1, rtol=1e-4)
    assert np.abs(votes[0] - votes[1]).max() > 1e-3
    assert np.array_equal(votes, votes_of(model._asked(), IMAGES))


def test_with_ever_less_dropout_the_passes_become_the_prediction(model: rcmvae.RCMVAE) -> None:
    predictor = model._asked()
    plain = model.predict(IMAGES).probabilities
    apart = []
    for rate in (0.4, 0.05, 1e-4):
        predictor.recipe = predictor.recipe.with_numbers(predictor.recipe.numbers.with_values(dropout_rate=jnp.float32(rate)))
        apart.append(float(np.abs(votes_of(predictor, IMAGES) - plain).mean()))
    model._predictor = None
    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 1e-3


def test_the_head_drops_out_too() -> None:
    votes = votes_of(fitted(use_tau_classifier=False)._asked(), IMAGES, passes=3)
    assert votes.shape == (3, 48, 3)
    assert np.abs(votes[0] - votes[1]).max() > 1e-3


def test_every_strategy_works_on_a_fitted_model_and_none_suggests_a_known_image(model: rcmvae.RCMVAE) -> None:
    for strategy in ("random", "least_confidence", "margin", "entropy", "responsibility_entropy", "ood", "bald", "k_center"):
        found = model.suggest(IMAGES, strategy=strategy, n=7, labels=SEEN)
        assert (SEEN[found.indices] == -1).all()
        assert len(set(found.indices.tolist())) == 7
        assert np.array_equal(found.indices, model.suggest(IMAGES, strategy=strategy, n=7, labels=SEEN).indices)


def test_the_python_api_scores_as_predictions_say(model: rcmvae.RCMVAE) -> None:
    found = model.suggest(IMAGES, strategy="ood", n=48, diverse=False)
    np.testing.assert_allclose(found.scores, np.sort(model.ood_score(IMAGES))[::-1], rtol=1e-6)
    np.testing.assert_allclose(found.scores, model.ood_score(IMAGES)[found.indices], rtol=1e-6)
    blended = model.suggest(IMAGES, strategy="ood", n=5, diverse=False, blend=0.7)
    np.testing.assert_allclose(blended.scores, model.ood_score(IMAGES, blend=0.7)[blended.indices], rtol=1e-5)


def test_the_python_api_refuses_in_words(model: rcmvae.RCMVAE) -> None:
    refused: list[tuple[dict[str, Any], str]] = [
        ({"strategy": "bold"}, "did you mean bald"),
        ({"n": 49}, "only 48"),
        ({"n": 0}, "at least 1"),
        ({"labels": np.zeros(3, int)}, "one for each image"),
        ({"blend": 2.0}, "blend"),
    ]
    for ask, words in refused:
        with pytest.raises(ValueError, match=words):
            model.suggest(IMAGES, **ask)


def test_without_dropout_or_labels_bald_is_refused() -> None:
    calm = fitted(dropout_rate=0.0)
    with pytest.raises(SuggestionError, match="dropout_rate is 0"):
        calm.suggest(IMAGES, strategy="bald")
    with pytest.raises(TrainingError, match="dropout_rate above 0"):
        votes_of(calm._asked(), IMAGES)
    blind = fitted(None)
    with pytest.raises(SuggestionError, match="not seen any label"):
        blind.suggest(IMAGES)
    assert len(blind.suggest(IMAGES, strategy="ood", n=3).indices) == 3

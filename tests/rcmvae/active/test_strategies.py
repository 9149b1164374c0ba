"""Each strategy against a reference written out by hand, and the reasons why one cannot be used."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from rcmvae.active.choosing import states
from rcmvae.active.strategies import STRATEGIES
from tests.rcmvae.active.pools import pool

P = pool()


def score(name: str, of: object = P, seed: int = 0) -> np.ndarray:
    return STRATEGIES[name].score(of, seed)  # type: ignore[arg-type]


def test_least_confidence_is_one_minus_the_largest_probability() -> None:
    np.testing.assert_allclose(score("least_confidence"), [1 - max(row) for row in P.probabilities.tolist()], rtol=1e-6)


def test_margin_is_minus_the_distance_of_the_two_most_probable_classes() -> None:
    expected = [-(sorted(row)[-1] - sorted(row)[-2]) for row in P.probabilities.tolist()]
    np.testing.assert_allclose(score("margin"), expected, atol=1e-7)


@pytest.mark.parametrize(("name", "array"), [("entropy", P.probabilities), ("responsibility_entropy", P.responsibilities)])
def test_entropies_agree_with_scipy(name: str, array: np.ndarray) -> None:
    np.testing.assert_allclose(score(name), scipy.stats.entropy(array.astype(np.float64), axis=1), rtol=1e-5)


def test_a_certain_prediction_has_no_entropy() -> None:
    sure = np.eye(4, dtype=np.float32)[np.zeros(40, int)]
    assert (score("entropy", pool(probabilities=sure)) == 0).all()


@pytest.mark.parametrize("blend", [0.0, 0.3, 1.0])
def test_ood_blends_what_is_not_recognised_with_what_is_not_reconstructed(blend: float) -> None:
    of = pool(blend=blend)
    assert of.certainty is not None
    shares = of.percentile()
    expected = [(1 - blend) * (1 - c) + blend * share for c, share in zip(of.certainty, shares, strict=True)]
    np.testing.assert_allclose(score("ood", of), expected, rtol=1e-5)


def test_without_blend_ood_asks_for_no_reconstruction() -> None:
    def never() -> np.ndarray:
        raise AssertionError("the reconstruction was asked for")

    score("ood", pool(percentile=never))


def test_without_labels_and_components_ood_is_the_reconstruction_alone() -> None:
    of = pool(components=0, certainty=None, seen_labels=False)
    assert np.array_equal(score("ood", of), of.percentile())


def test_bald_is_the_mutual_information_of_class_and_pass() -> None:
    assert P.votes is not None
    votes = P.votes()
    expected = []
    for sample in range(votes.shape[1]):
        mean = [sum(votes[t][sample][y] for t in range(len(votes))) / len(votes) for y in range(votes.shape[2])]
        whole = -sum(p * math.log(p) for p in mean)
        each = [-sum(p * math.log(p) for p in votes[t][sample]) for t in range(len(votes))]
        expected.append(whole - sum(each) / len(each))
    np.testing.assert_allclose(score("bald"), expected, rtol=1e-9)
    assert (score("bald") >= 0).all()


def test_passes_that_agree_have_no_mutual_information() -> None:
    same = np.repeat(np.asarray(P.probabilities)[None], 6, axis=0)
    np.testing.assert_allclose(score("bald", pool(votes=lambda: same)), 0, atol=1e-9)


def test_random_depends_on_the_seed_alone() -> None:
    assert np.array_equal(score("random", seed=3), score("random", seed=3))
    assert not np.array_equal(score("random", seed=3), score("random", seed=4))


def disabled(**changes: object) -> dict[str, str]:
    return {s.name: s.disabled for s in states(pool(**changes)) if s.disabled is not None}  # type: ignore[arg-type]


def test_a_model_with_labels_components_and_dropout_can_use_every_strategy() -> None:
    assert disabled() == {}
    assert [s.name for s in states(P)] == list(STRATEGIES)


def test_without_labels_only_random_ood_and_k_center_say_anything() -> None:
    found = disabled(seen_labels=False)
    assert STRATEGIES.keys() - found.keys() == {"random", "ood", "k_center"}
    assert all("not seen any label" in reason for reason in found.values())


def test_one_class_leaves_nothing_to_compare() -> None:
    found = disabled(classes=1)
    assert found.keys() == {"least_confidence", "margin", "entropy", "bald"}
    assert "only one" in found["margin"]
    assert "none" in disabled(classes=0)["margin"]


def test_bald_needs_dropout_and_a_process_that_may_run_the_model() -> None:
    assert "dropout_rate is 0" in disabled(dropout_rate=0.0)["bald"]
    assert disabled(votes=None, no_votes="use the command line") == {"bald": "use the command line"}


def test_the_standard_prior_has_no_component_entropy() -> None:
    found = disabled(components=0)
    assert found.keys() == {"responsibility_entropy"}
    assert "standard prior" in found["responsibility_entropy"]


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_says_in_one_sentence_why_it_chose_a_sample(name: str) -> None:
    asked = pool(certainty=np.full(40, 0.125))
    strategy = STRATEGIES[name]
    score = float(strategy.score(asked, 0)[3])
    said = strategy.why(asked, 3, score, ["ant", "bee", "cat", "dog"])
    assert said.endswith(".")
    assert 20 < len(said) < 120
    assert "nan" not in said


def test_a_margin_names_the_two_classes_and_how_likely_they_are() -> None:
    probabilities = np.tile([0.41, 0.01, 0.2, 0.38], (2, 1))
    said = STRATEGIES["margin"].why(pool(n=2, probabilities=probabilities), 1, -0.03, ["7", "1", "4", "9"])
    assert said == "7 at 41 %, 9 at 38 %: the two are close here."
    probabilities = np.array([[0.93, 0.06, 0.01]])
    said = STRATEGIES["margin"].why(pool(n=1, probabilities=probabilities), 0, -0.87, ["2", "1", "4"])
    assert said == "2 at 93 %, 1 at 6 %: not close, but closer than in most images."


def test_novelty_without_labels_and_components_speaks_of_the_reconstruction() -> None:
    said = STRATEGIES["ood"].why(pool(n=3, certainty=None), 1, 0.5, [])
    assert said == "Reconstructed worse than 50 % of the training images."

"""Every metric against plain Python, and the cases in which one cannot be said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.metrics import r2_score, roc_auc_score

from recsys.evaluation.candidates import Candidates
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.metrics import Metrics, coverage, ranking_metrics, rating_metrics, user_gains
from recsys.evaluation.protocol import Protocol, RankingProtocol
from recsys.evaluation.ranks import Ranks, rank_scores
from recsys.evaluation.top import TopK, top_scores
from recsys.evaluation.user_items import UserItems

PLAIN = Protocol(split="random 80/20", seed=1, rows=3, users=2)
RNG = np.random.default_rng(8)
N_USERS, N_ITEMS = 30, 60
SCORES = RNG.integers(0, 30, (N_USERS, N_ITEMS)).astype(np.float32)
USERS, TARGETS = RNG.integers(0, N_USERS, 400), RNG.integers(-1, N_ITEMS, 400)
SEEN = UserItems.of(
    RNG.integers(0, N_USERS, 200), RNG.integers(0, N_ITEMS, 200), n_users=N_USERS, n_items=N_ITEMS
)
RANKS = rank_scores(lambda rows: SCORES[rows], USERS, TARGETS, n_items=N_ITEMS, seen=SEEN, users=USERS)
TOP = top_scores(
    lambda rows: SCORES[rows], np.arange(N_USERS), 10, n_items=N_ITEMS, seen=SEEN, users=np.arange(N_USERS)
)


def protocol(ranks: Ranks, users: np.ndarray) -> RankingProtocol:
    candidates = Candidates.of(np.arange(ranks.n_items))
    return RankingProtocol.of(ranks, users, candidates, split="random 80/20", seed=1, candidate_set="catalog")


def measured(
    ranks: Ranks = RANKS, users: np.ndarray = USERS, targets: np.ndarray = TARGETS, **options
) -> Metrics:
    return ranking_metrics(ranks, users, targets, protocol(ranks, users), **options)


def test_recall_ndcg_and_mrr_are_means_over_rows() -> None:
    values = measured().values()
    for end, ranks in (("", RANKS.all_items.tolist()), ("_unseen", RANKS.by("unseen").tolist())):
        for k in (5, 10, 50):
            assert values[f"recall_at_{k}{end}"] == pytest.approx(sum(r <= k for r in ranks) / 400)
        gain = sum(1 / math.log2(1 + r) for r in ranks if r <= 10) / 400
        assert values[f"ndcg_at_10{end}"] == pytest.approx(gain)
        assert values[f"mrr{end}"] == pytest.approx(sum(1 / r for r in ranks) / 400)
    assert 0 < sum(r <= 10 for r in RANKS.all_items) < sum(r <= 10 for r in RANKS.by("unseen"))


def test_a_row_is_a_hit_at_k_only_if_its_rank_is_at_most_k() -> None:
    ranks = Ranks(np.array([9.5, 10.0, 10.5, np.inf]), None, 200)
    values = measured(ranks, np.arange(4), np.arange(4)).values()
    assert (values["recall_at_5"], values["recall_at_10"], values["recall_at_50"]) == (0, 0.5, 0.75)


def test_a_model_with_one_score_for_all_hits_nothing_below_the_middle_and_all_above() -> None:
    ranks = rank_scores(
        lambda rows: np.zeros((len(rows), 99), np.float32), np.arange(9), np.arange(9) * 11, n_items=99
    )
    values = measured(ranks, np.arange(9), np.arange(9), ks=[1, 10, 49, 50, 99]).values()
    assert [values[f"recall_at_{k}"] for k in (1, 10, 49, 50, 99)] == [0, 0, 0, 1, 1]
    assert values["ndcg_at_10"] == 0


def test_recall_of_more_than_the_catalogue_is_none_with_a_reason() -> None:
    figure = measured()["recall_at_100"]
    assert figure.value is None
    assert figure.reason == "there are only 60 candidates"
    assert measured(ks=[60, 61])["recall_at_60"].value == pytest.approx((TARGETS >= 0).mean())
    assert measured(ks=[60, 61])["recall_at_61"].value is None


def test_a_users_ndcg_counts_all_its_test_items_in_its_list_of_ten() -> None:
    """Lists by sorting, distinct scores, no item of a user seen: as the literature's protocol has it."""
    rng = np.random.default_rng(11)
    scores = np.stack([rng.permutation(80) for _ in range(12)]).astype(np.float32)
    held = {user: rng.choice(80, 25, replace=False) for user in range(12)}
    relevant = {user: set(items[: user + 6].tolist()) for user, items in held.items()}
    pairs = np.array([(user, item) for user in range(12) for item in relevant[user]])
    seen = UserItems.of(
        np.repeat(np.arange(12), 5), np.concatenate([held[u][20:] for u in range(12)]), n_users=12, n_items=80
    )
    # one pair comes twice, and user 3 wants two things that are no candidates
    users = np.concatenate([pairs[:, 0], [5], [3, 3]])
    targets = np.concatenate([pairs[:, 1], [next(iter(relevant[5]))], [-1, -1]])
    mixed = rng.permutation(len(users))
    users, targets = users[mixed], targets[mixed]
    ranks = rank_scores(lambda rows: scores[rows], users, targets, n_items=80, seen=seen, users=users)
    expected = []
    for user in range(12):
        out = set(held[user][20:].tolist())
        best = [item for item in np.argsort(-scores[user]).tolist() if item not in out][:10]
        gained = sum(1 / math.log2(2 + place) for place, item in enumerate(best) if item in relevant[user])
        wanted = len(relevant[user]) + 2 * (user == 3)
        expected.append(gained / sum(1 / math.log2(2 + place) for place in range(min(wanted, 10))))
    np.testing.assert_allclose(user_gains(ranks.by("unseen"), users, targets), expected)
    assert measured(ranks, users, targets)["user_ndcg_at_10"].value == pytest.approx(sum(expected) / 12)
    assert 0 < sum(expected) < 12


def test_coverage_is_the_share_of_candidates_in_anybodys_ten() -> None:
    figure = measured(top=TOP)["coverage_at_10"]
    assert figure.value == pytest.approx(len({int(item) for row in TOP.positions for item in row}) / 60)
    assert "; 30 users' lists" in figure.protocol
    empty_places = TopK(np.array([[3, -1], [3, 1]]), np.zeros((2, 2)), 8)
    assert (coverage(empty_places, 10), coverage(empty_places, 1)) == (0.25, 0.125)


def test_each_figure_says_how_it_was_measured() -> None:
    made = measured(top=TOP)
    assert "all items ranked" in made["mrr"].protocol
    for name in ("mrr_unseen", "recall_at_5_unseen", "user_ndcg_at_10", "coverage_at_10"):
        assert "seen items removed" in made[name].protocol
    assert all(
        "random 80/20 split, seed 1; 400 rows of 30 users; 60 candidates" in f.protocol for f in made.figures
    )
    assert "all items ranked" in measured(top=TOP, top_seen="all")["coverage_at_10"].protocol


def test_figures_go_through_json_and_cannot_be_changed() -> None:
    made = measured(top=TOP)
    assert Metrics.model_validate_json(made.model_dump_json()) == made
    with pytest.raises(ValidationError):
        made["mrr"].value = 1.0
    with pytest.raises(KeyError, match="no metric 'map'; known: recall_at_5, "):
        made["map"]


def test_without_seen_items_there_are_no_figures_about_them() -> None:
    names = [figure.name for figure in measured(Ranks(RANKS.all_items, None, 60)).figures]
    assert names == ["recall_at_5", "recall_at_10", "recall_at_50", "recall_at_100", "ndcg_at_10", "mrr"]


def test_nothing_is_measured_on_no_rows_or_on_lists_that_differ() -> None:
    none = np.array([], int)
    with pytest.raises(EvaluationError) as caught:
        measured(Ranks(np.array([]), None, 60), none, none)
    assert caught.value.code == "NO_TEST_ROWS"
    with pytest.raises(EvaluationError, match="400 ranks, 400 users and 399 targets differ"):
        measured(targets=TARGETS[1:])


def test_rating_errors_are_those_of_plain_arithmetic_and_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    actual = rng.integers(1, 6, 300).astype(float)
    predicted = actual + rng.normal(0.2, 1, 300)
    values = rating_metrics(predicted, actual, PLAIN).values()
    errors = [p - a for p, a in zip(predicted.tolist(), actual.tolist(), strict=True)]
    assert values["rmse"] == pytest.approx(math.sqrt(sum(e * e for e in errors) / 300))
    assert values["mae"] == pytest.approx(sum(map(abs, errors)) / 300)
    assert values["r2"] == pytest.approx(r2_score(actual, predicted))
    assert values["auc"] is None
    assert rating_metrics(actual, actual, PLAIN).values()["rmse"] == 0


@pytest.mark.parametrize("levels", [2, 5, 10_000])
def test_the_area_under_the_curve_is_scikit_learns_ties_included(levels: int) -> None:
    rng = np.random.default_rng(levels)
    actual = rng.integers(0, 2, 500)
    predicted = (rng.integers(0, levels, 500) + actual) / levels
    assert rating_metrics(predicted, actual, PLAIN)["auc"].value == pytest.approx(
        roc_auc_score(actual, predicted)
    )
    stars = rng.integers(1, 6, 500)
    by_threshold = rating_metrics(predicted, stars, PLAIN, threshold=4)["auc"].value
    assert by_threshold == pytest.approx(roc_auc_score(stars >= 4, predicted))


@pytest.mark.parametrize(
    ("actual", "threshold", "reason"),
    [
        ([1, 2, 5], None, "the target is not binary and no threshold was given"),
        ([1, 1, 1], None, "all rows are of the positive class"),
        ([0, 0, 0], None, "all rows are of the negative class"),
        ([1, 2, 3], 3.5, "all rows are of the negative class"),
        ([1, 2, 3], 1, "all rows are of the positive class"),
    ],
)
def test_without_two_classes_there_is_no_area_but_a_reason(actual, threshold, reason) -> None:
    figure = rating_metrics([0.1, 0.2, 0.3], actual, PLAIN, threshold=threshold)["auc"]
    assert (figure.value, figure.reason) == (None, reason)


def test_equal_ratings_have_no_share_of_explained_variance() -> None:
    figure = rating_metrics([1.0, 2.0], [3, 3], PLAIN)["r2"]
    assert (figure.value, figure.reason) == (None, "all ratings are equal")


@pytest.mark.parametrize(
    ("predicted", "actual", "code", "words"),
    [
        ([1.0, math.nan], [1, 2], "NON_FINITE", "the prediction of row 1 is nan"),
        ([1.0, 1.0], [math.inf, 2], "NON_FINITE", "the rating of row 0 is inf"),
        ([1.0], [1, 2], "BAD_INPUT", "differ"),
        ([], [], "NO_TEST_ROWS", "no test rows"),
    ],
)
def test_ratings_that_cannot_be_compared_are_refused(predicted, actual, code, words) -> None:
    with pytest.raises(EvaluationError, match=words) as caught:
        rating_metrics(predicted, actual, PLAIN)
    assert caught.value.code == code

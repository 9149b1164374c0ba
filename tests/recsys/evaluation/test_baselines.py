"""The baselines of a ranking: fitted on train rows only, ranked as a model is."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation import baselines
from recsys.evaluation.baselines import Baseline, fit_baselines
from recsys.evaluation.ranks import Ranks, rank
from recsys.evaluation.user_items import UserItems

RNG = np.random.default_rng(14)
USERS, ITEMS = RNG.integers(0, 20, 300), np.minimum(RNG.geometric(0.15, 300) - 1, 24)
VALIDATION = RNG.integers(0, 20, 50), RNG.integers(0, 25, 50)
ROWS, TARGETS = RNG.integers(0, 22, 90), RNG.integers(-1, 25, 90)
SEEN = UserItems.of(USERS, ITEMS, n_users=22, n_items=25)


def fitted(**options) -> dict[str, Baseline]:
    options = {"n_users": 22, "n_items": 25, "validation": VALIDATION, **options}
    return {baseline.name: baseline for baseline in fit_baselines(USERS, ITEMS, **options)}


def scores(baseline: Baseline, users: np.ndarray) -> np.ndarray:
    assert baseline.score is not None
    return baseline.score(users)


def ranks_of(baseline: Baseline) -> Ranks:
    ranks = baseline.ranks(ROWS, TARGETS, seen=SEEN)
    assert ranks is not None
    return ranks


def test_popularity_ranks_by_the_number_of_train_rows_repeated_pairs_included() -> None:
    counts = [int(np.sum(item == ITEMS)) for item in range(25)]
    assert max(counts) > len(set(USERS.tolist()))
    assert len(set(counts)) < 25
    listed = sorted(range(25), key=lambda item: (counts[item], item), reverse=True)
    ranks = ranks_of(fitted()["popularity"])
    had = [set(ITEMS[user == USERS].tolist()) for user in range(22)]
    for place, (user, own) in enumerate(zip(ROWS, TARGETS, strict=True)):
        if own >= 0:
            unseen = [item for item in listed if item == own or item not in had[user]]
            assert ranks.all_items[place] == listed.index(own) + 1
            assert ranks.by("unseen")[place] == unseen.index(own) + 1
    assert ranks.cold_rows == int((TARGETS < 0).sum()) > 0


def test_popularity_has_some_of_the_items_between_which_its_list_is_cut() -> None:
    # twelve items with equally many rows: a list of ten has ten of them, not none
    items = np.repeat(np.arange(12), 5)
    users = np.arange(60) % 6
    (popularity, *_) = fit_baselines(users, items, n_users=6, n_items=12)
    ranks = popularity.ranks(np.zeros(12, np.int64), np.arange(12))
    assert ranks is not None
    assert sorted(ranks.all_items.tolist()) == list(range(1, 13))


@pytest.mark.parametrize("name", ["item_knn", "ease"])
def test_a_baseline_is_ranked_as_a_model_with_its_scores_would_be(name: str) -> None:
    found = fitted()[name]
    expected = rank(scores(found, ROWS), np.eye(25), TARGETS, seen=SEEN, users=ROWS)
    ranks = ranks_of(found)
    assert ranks.all_items.tolist() == expected.all_items.tolist()
    assert ranks.by("unseen").tolist() == expected.by("unseen").tolist()
    # who has no train rows has no scores: everything ties
    assert ranks.all_items[(ROWS >= 20) & (TARGETS >= 0)].tolist() == [13.0] * int(
        ((ROWS >= 20) & (TARGETS >= 0)).sum()
    )


def test_train_items_that_are_no_candidates_are_left_out() -> None:
    mixed = np.where(np.arange(300) % 3 == 0, -1, ITEMS)
    kept = mixed >= 0
    one = fit_baselines(USERS, mixed, n_users=22, n_items=25)
    other = fit_baselines(USERS[kept], ITEMS[kept], n_users=22, n_items=25)
    for left, right in zip(one, other, strict=True):
        assert np.array_equal(scores(left, np.arange(22)), scores(right, np.arange(22)))


def test_ease_is_skipped_with_a_reason_where_items_are_too_many(monkeypatch) -> None:
    with_all = fitted()
    monkeypatch.setattr(baselines, "MOST_ITEMS", 24)
    found = fitted()
    assert found["ease"].score is None
    assert found["ease"].ranks(ROWS, TARGETS) is None
    assert found["ease"].about == "skipped: 25 items, and its cost grows with their cube: up to 24 only"
    assert np.array_equal(
        scores(found["item_knn"], np.arange(22)), scores(with_all["item_knn"], np.arange(22))
    )


def test_validation_rows_choose_eases_setting_and_nothing_else(monkeypatch) -> None:
    monkeypatch.setattr(baselines, "VALIDATION_ROWS", 30)
    drawn, again, none = fitted(seed=5), fitted(seed=5), fitted(validation=None)
    assert "on 30 validation rows" in drawn["ease"].about
    assert drawn["ease"].about == again["ease"].about
    assert "no validation rows" in none["ease"].about
    for name in ("popularity", "item_knn"):
        assert np.array_equal(scores(drawn[name], np.arange(22)), scores(none[name], np.arange(22)))

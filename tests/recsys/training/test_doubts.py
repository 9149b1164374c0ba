from __future__ import annotations

import json

import numpy as np
import pytest

from recsys.model.warning import Action, Code, ConfigWarning
from recsys.training import doubts
from tests.recsys.training import shop


def test_columns_that_give_the_answer_away_are_found_in_the_towers_that_read_them() -> None:
    found = doubts.data_facts(shop.done()).leaks
    assert set(found) == {"shelf", "echo"}
    assert "the product" in found["shelf"]
    assert found["echo"].startswith("follows the target")


def test_without_a_target_a_column_cannot_follow_it() -> None:
    assert set(doubts.data_facts(shop.done(target=False)).leaks) == {"shelf"}


def test_a_product_feature_that_varies_is_counted_by_products() -> None:
    assert doubts.data_facts(shop.done()).varying == {"price": 1}


def test_rows_and_tables_are_those_of_the_train_part() -> None:
    done = shop.done()
    frame = shop.rows_of(done, "train")
    found = doubts.data_facts(done)
    assert found.train_rows == len(frame)
    # a table has a row for terms that it does not know, too
    assert found.id_rows == {"user": frame["user"].n_unique() + 1, "item": frame["item"].n_unique() + 1}
    users, items = set(frame["user"]), set(frame["item"])
    cold = [
        user not in users or item not in items
        for user, item in shop.rows_of(done, "test")["user", "item"].rows()
    ]
    assert found.cold_share == pytest.approx(sum(cold) / len(cold))


def test_a_sample_finds_the_same_and_says_that_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubts, "LOOKED_AT", 500)
    monkeypatch.setattr(doubts, "COMPARED_ROWS", 1_000)
    found = doubts.data_facts(shop.done())
    assert set(found.leaks) == {"shelf", "echo"}
    assert found.varying == {"price": 1}
    assert doubts.looked_at(2_000).count("1,000") == 1
    assert "500" in doubts.looked_at(900)
    assert "1,000" not in doubts.looked_at(900)
    assert doubts.looked_at(400) == ""


def test_the_spread_of_scores_is_that_of_every_score() -> None:
    rng = np.random.default_rng(0)
    buyers, products = rng.normal(size=(30, 5)) + 3, rng.normal(size=(70, 5)) + 8
    scores = buyers @ products.T
    assert doubts.spread_of_scores(buyers, products) == pytest.approx(np.sqrt(scores.var(axis=1).mean()))
    assert doubts.spread_of_scores(buyers, np.tile(products[:1], (70, 1))) < 1e-12


def test_rows_whose_product_has_an_equal_are_tied() -> None:
    rng = np.random.default_rng(1)
    products = rng.integers(-3, 4, (20, 3)).astype(np.float32)
    products[5] = products[11]
    buyers = rng.integers(-3, 4, (300, 3)).astype(np.float32)
    targets = rng.integers(-1, 20, 300)
    found = doubts.result_facts(
        losses=[1.0, None], batch=64, buyers=buyers, products=products, targets=targets
    )
    wanted = [
        sum(float(row @ other) == float(row @ products[own]) for other in products) > 1
        for row, own in zip(buyers, targets, strict=True)
        if own >= 0
    ]
    assert found.tied is not None
    assert found.tied.tolist() == wanted
    assert 0 < sum(wanted) < len(wanted)
    assert (found.losses, found.batch_candidates) == ((1.0,), 64)


def test_a_model_that_only_rates_is_known_by_its_ratings() -> None:
    ratings = np.array([1.0, 2.0, 4.5])
    found = doubts.result_facts(batch=64, ratings=ratings)
    assert found.ratings_std == pytest.approx((((ratings - 2.5) ** 2).sum() / 3) ** 0.5)
    assert (found.losses, found.scores_std, dict(found.lifts)) == ((), None, {})
    assert doubts.result_facts(batch=64, ratings=ratings[:1]).ratings_std is None


def test_a_warning_is_told_with_what_to_do_and_kept_as_json() -> None:
    warning = ConfigWarning(
        Code.BATCH, "info", "The batch is large", Action("Use less", {"batch_size": 16}, ("a",))
    )
    assert doubts.said(warning) == "The batch is large. Use less."
    (kept,) = json.loads(json.dumps(doubts.as_json([warning])))
    assert kept == {
        "code": "W-09", "severity": "info", "message": "The batch is large",
        "action": {"words": "Use less", "settings": {"batch_size": 16}, "without_columns": ["a"]},
    }  # fmt: skip

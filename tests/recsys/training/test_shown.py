from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from recsys.evaluation.ranks import rank
from recsys.training.shown import BUYERS, HISTORY, example_buyers, map_of
from tests.recsys.training import shop


def _vectors() -> tuple[np.ndarray, np.ndarray]:
    division = shop.done().division
    rng = np.random.default_rng(2)
    return rng.normal(size=(len(division.users("test")), 4)), rng.normal(size=(len(division.candidates), 4))


@pytest.mark.parametrize("seen", ["all", "unseen"])
def test_example_buyers_are_told_as_their_rows_say(seen: Any) -> None:
    done = shop.done()
    buyers, products = _vectors()
    found = example_buyers(done.division, buyers, products, seen, seed=5)
    assert len({one["buyer"] for one in found}) == BUYERS
    train, test = shop.rows_of(done, "train").sort("when"), shop.rows_of(done, "test")
    names = done.division.item_ids[done.division.candidates].tolist()
    for one in found:
        own = train.filter(pl.col("user") == one["buyer"])["item"].to_list()
        assert one["history"] == own[-HISTORY:]
        assert one["history_rows"] == len(own)
        wanted = set(test.filter(pl.col("user") == one["buyer"])["item"])
        assert set(one["wanted"]) == wanted
        validation = shop.rows_of(done, "validation").filter(pl.col("user") == one["buyer"])["item"]
        gone = ({*own, *validation} - wanted) if seen == "unseen" else set()
        row = test["user"].to_list().index(one["buyer"])
        ranked = sorted(names, key=lambda name: -float(buyers[row] @ products[names.index(name)]))
        assert [entry["item"] for entry in one["top"]] == [name for name in ranked if name not in gone][:10]
        assert [row["hit"] for row in one["top"]] == [row["item"] in wanted for row in one["top"]]
    assert any(row["hit"] for one in found for row in one["top"])


@pytest.mark.parametrize("seen", ["all", "unseen"])
def test_examples_hit_where_the_headline_does(seen: Any) -> None:
    division = shop.done().division
    buyers, products = _vectors()
    users = division.users("test")
    # every row of a buyer asks with the same vector, as its list does
    buyers = buyers[np.unique(users, return_inverse=True)[1]]
    ranks = rank(
        buyers, products, division.targets("test"), seen=division.seen("train", "validation"), users=users
    )
    some = False
    for one in example_buyers(division, buyers, products, seen, seed=1):
        rows = np.flatnonzero(users == division.data.user_ids.index(one["buyer"]))
        items = division.item_ids[division.data.item[division.rows("test")[rows]]]
        headline = set(items[ranks.by(seen)[rows] <= 10].tolist())
        hits = {entry["item"] for entry in one["top"] if entry["hit"]}
        # without seen products each row leaves out the other rows' too, where they were seen: a little more room
        assert hits == headline if seen == "all" else hits <= headline
        some = some or bool(hits)
    assert some


def test_products_of_examples_are_described_by_their_attributes() -> None:
    one = example_buyers(shop.done().division, *_vectors(), "all", seed=5)[0]
    assert set(one["about"]) == {*one["history"], *one["wanted"], *(entry["item"] for entry in one["top"])}
    for item, words in one["about"].items():
        number = int(item[1:])
        assert number == 7 or words == f"kind {number % 3}, label {number}, {number}"


def test_the_seed_draws_the_buyers() -> None:
    drawn = [
        [b["buyer"] for b in example_buyers(shop.done().division, *_vectors(), "all", seed=s)]
        for s in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_products_are_coloured_by_the_attribute_with_the_fewest_values() -> None:
    done = shop.done()
    vectors = np.random.default_rng(0).normal(size=(len(done.division.candidates), 4))
    found = map_of(done, vectors)
    assert found.attribute == "kind"
    counts = dict(shop.rows_of(done, "train")["item"].value_counts().iter_rows())
    for item, value, count in zip(found.items, found.values, found.counts, strict=True):
        assert value == f"kind {int(item[1:]) % 3}"
        assert count == counts[item]

from __future__ import annotations

import numpy as np
import polars as pl

from recsys.training.shown import BUYERS, HISTORY, example_buyers, map_of
from tests.recsys.training import shop


def _lists() -> tuple[np.ndarray, np.ndarray]:
    division = shop.done().division
    users = np.unique(division.users("test"))
    rng = np.random.default_rng(2)
    positions = np.stack([rng.permutation(len(division.candidates))[:10] for _ in users])
    positions[:, 8:] = -1
    return users, positions


def test_example_buyers_are_told_as_their_rows_say() -> None:
    done = shop.done()
    users, positions = _lists()
    found = example_buyers(done.division, users, positions, seed=5)
    assert len({one["buyer"] for one in found}) == BUYERS
    train, test = done.frame("train").sort("when"), done.frame("test")
    for one in found:
        own = train.filter(pl.col("user") == one["buyer"])["item"].to_list()
        assert one["history"] == own[-HISTORY:]
        assert one["history_rows"] == len(own)
        wanted = set(test.filter(pl.col("user") == one["buyer"])["item"])
        assert set(one["wanted"]) == wanted
        place = users.tolist().index(done.division.data.user_ids.index(one["buyer"]))
        assert [row["item"] for row in one["top"]] == [
            done.division.item_ids[i] for i in positions[place, :8]
        ]
        assert [row["hit"] for row in one["top"]] == [row["item"] in wanted for row in one["top"]]
    assert any(row["hit"] for one in found for row in one["top"])


def test_the_seed_draws_the_buyers() -> None:
    users, positions = _lists()
    drawn = [
        [b["buyer"] for b in example_buyers(shop.done().division, users, positions, seed=s)]
        for s in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_products_are_coloured_by_the_attribute_with_the_fewest_values() -> None:
    done = shop.done()
    vectors = np.random.default_rng(0).normal(size=(len(done.division.candidates), 4))
    found = map_of(done, vectors)
    assert found.attribute == "kind"
    counts = dict(done.frame("train")["item"].value_counts().iter_rows())
    for item, value, count in zip(found.items, found.values, found.counts, strict=True):
        assert value == f"kind {int(item[1:]) % 3}"
        assert count == counts[item]

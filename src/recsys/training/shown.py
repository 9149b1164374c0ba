"""What a trial shows of its rows: some buyers with their lists, and products by an attribute. Imports polars."""

from __future__ import annotations

from typing import Any

import numpy as np

from recsys.data.shortening import shortened
from recsys.evaluation.product_map import ProductMap, product_map
from recsys.evaluation.ranks import SeenRule
from recsys.evaluation.top import best
from recsys.features.columns import MISSING, terms_of
from recsys.training.parts import Division, Transformed

BUYERS = 10
HISTORY = 20
"""Train rows that are shown of a buyer, the latest ones."""

LISTED = 10

ATTRIBUTES = 4
"""Attributes that are said of a product: the first ones of its table."""

MOST_VALUES = 20
"""Values of an attribute that are told apart; the rarest of more are `other`."""

OTHER = "other"


def example_buyers(
    division: Division, buyers: np.ndarray, products: np.ndarray, seen: SeenRule, *, seed: int
) -> list[dict[str, Any]]:
    """Ten buyers that the seed draws from those of the test part, as JSON values, by id.

    A list follows the rule of the headline: with `all` every candidate may stand in it, with `unseen` those that the
    buyer had (train and validation rows) do not, but for products of its test rows, as a row's own item stays.
    Each buyer has `buyer`, its train rows' products `history` (the latest 20, last one last) and how many there are
    (`history_rows`), `wanted`, the different products of its test rows, `top`: its list of ten as `item` and `hit`,
    `seen`: the rule, and `about`: a few attributes of each product that is named, in words.

    Args:
        buyers: embeddings (Q, d) of the test rows; a buyer's list is of the first of its rows.
        products: embeddings (C, d) of the candidates. seen: the rule.
    """
    users, first = np.unique(division.users("test"), return_index=True)
    chosen = np.arange(len(users))
    if len(users) > BUYERS:
        chosen = np.sort(np.random.default_rng(seed).choice(len(users), BUYERS, replace=False))
    data, ids, candidates = division.data, division.item_ids, division.candidates
    train, test = division.rows("train"), division.rows("test")
    known = np.concatenate([train, division.rows("validation")])
    if data.second is not None:
        train = train[np.argsort(data.second[train], kind="stable")]
    scores = np.asarray(buyers, np.float32)[first[chosen]] @ np.asarray(products, np.float32).T
    found, named = [], []
    for user, own in zip(users[chosen], scores, strict=True):
        had = data.item[train[data.user[train] == user]]
        wanted = np.unique(data.item[test[data.user[test] == user]])
        if seen == "unseen":
            left_out = np.setdiff1d(data.item[known[data.user[known] == user]], wanted)
            own[np.isin(candidates, left_out)] = -np.inf
        positions = best(own[None], min(LISTED, len(candidates)))[0][0]
        listed = candidates[positions[positions >= 0]]
        hit = np.isin(listed, wanted)
        named.append(np.unique(np.concatenate([had[-HISTORY:], wanted, listed])))
        found.append(
            {
                "buyer": data.user_ids[user],
                "history": ids[had[-HISTORY:]].tolist(),
                "history_rows": len(had),
                "wanted": ids[wanted].tolist(),
                "top": [{"item": str(ids[i]), "hit": bool(h)} for i, h in zip(listed, hit, strict=True)],
                "seen": seen,
            }
        )
    words = _about(division, np.unique(np.concatenate(named)))
    for one, items in zip(found, named, strict=True):
        one["about"] = {str(ids[item]): words[item] for item in items.tolist() if words[item]}
    return found


def _about(division: Division, items: np.ndarray) -> dict[int, str]:
    """Each item's first attributes in words, by its number: "Shoes, Acme, 24.9"; "" where it has none."""
    frame = division.table.frame[division.latest_rows[items]]
    columns = [
        info.column
        for info in division.table.schema.with_role("item_attribute")
        if info.data_type in ("text", "numeric")
    ][:ATTRIBUTES]
    rows = frame.select(columns).rows() if columns else [()] * len(items)
    return {
        item: ", ".join(
            f"{value:.6g}" if isinstance(value, float) else shortened(str(value))
            for value in row
            if value is not None
        )
        for item, row in zip(items.tolist(), rows, strict=True)
    }


def map_of(done: Transformed, vectors: np.ndarray) -> ProductMap:
    """The candidates as points by the attribute of products that has the fewest values.

    Args:
        vectors: their embeddings (C, d).
    """
    division = done.division
    name, values = _attribute(done)
    ids = division.item_ids[division.candidates]
    counts = division.train_counts[division.candidates]
    return product_map(vectors, ids, counts, name, values, seed=division.settings.seed)


def _attribute(done: Transformed) -> tuple[str, np.ndarray]:
    """A column of texts that describes products, and each candidate's value (C,); "" where none repeats its values."""
    table = done.division.table
    frame = table.frame[done.item_rows()]
    best: tuple[int, str, np.ndarray] | None = None
    for info in table.schema.with_role("item_attribute"):
        if info.data_type not in ("text", "boolean"):
            continue
        terms = terms_of(frame[info.column])
        values = np.array([("missing" if term == MISSING else term) for term in terms.distinct], str)[
            terms.codes
        ]
        distinct = len(np.unique(values))
        if 2 <= distinct <= len(values) / 2 and (best is None or distinct < best[0]):
            best = (distinct, info.column, values)
    if best is None:
        return "", np.full(len(frame), "")
    return best[1], _frequent(best[2])


def _frequent(values: np.ndarray) -> np.ndarray:
    """The values, the rarest of more than 20 called `other`."""
    names, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(names) <= MOST_VALUES:
        return values
    kept = np.argsort(-counts, kind="stable")[: MOST_VALUES - 1]
    return np.where(np.isin(places, kept), values, OTHER)

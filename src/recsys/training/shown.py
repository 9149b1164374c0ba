"""What a trial shows of its rows: some buyers with their lists, and products by an attribute. Imports polars."""

from __future__ import annotations

from typing import Any

import numpy as np

from recsys.evaluation.product_map import ProductMap, product_map
from recsys.features.columns import MISSING, terms_of
from recsys.training.parts import Division, Transformed

BUYERS = 10
HISTORY = 20
"""Train rows that are shown of a buyer, the latest ones."""

MOST_VALUES = 20
"""Values of an attribute that are told apart; the rarest of more are `other`."""

OTHER = "other"


def example_buyers(
    division: Division, users: np.ndarray, positions: np.ndarray, *, seed: int
) -> list[dict[str, Any]]:
    """Ten buyers that the seed draws from those of the test part, as JSON values, by id.

    Each has `buyer`, its train rows' products `history` (the latest 20, last one last) and how many there are
    (`history_rows`), `wanted`, the different products of its test rows, and `top`: its list as `item` and `hit`.

    Args:
        users: different users (U,) of the test part. positions: the candidates in their lists, (U, K), -1 for none.
    """
    chosen = np.arange(len(users))
    if len(users) > BUYERS:
        chosen = np.sort(np.random.default_rng(seed).choice(len(users), BUYERS, replace=False))
    data, ids, candidates = division.data, division.item_ids, division.candidates
    train, test = division.rows("train"), division.rows("test")
    if data.second is not None:
        train = train[np.argsort(data.second[train], kind="stable")]
    found = []
    for place in chosen:
        user = users[place]
        had = data.item[train[data.user[train] == user]]
        wanted = np.unique(data.item[test[data.user[test] == user]])
        listed = candidates[positions[place][positions[place] >= 0]]
        hit = np.isin(listed, wanted)
        found.append(
            {
                "buyer": data.user_ids[user],
                "history": ids[had[-HISTORY:]].tolist(),
                "history_rows": len(had),
                "wanted": ids[wanted].tolist(),
                "top": [{"item": str(ids[i]), "hit": bool(h)} for i, h in zip(listed, hit, strict=True)],
            }
        )
    return found


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

"""Exact figures on rows that were not trained on."""

import numpy as np
import tensorflow as tf


class TowerOutputs:
    """A tower's outputs for many rows."""

    def __init__(self, tower, prefix, rows_at_once=8192):
        """A tower reads the features whose names begin with a prefix."""
        self._run = tf.function(lambda batch: tower(batch, training=False), autograph=False)
        self._prefix = prefix
        self._rows_at_once = rows_at_once

    def __call__(self, columns):
        """Vectors, float32 (n, d), for features (n, ...) by name."""
        features = {name: values for name, values in columns.items() if name.startswith(self._prefix)}
        run = self._run.get_concrete_function(specs_of(features))
        rows = len(next(iter(features.values())))
        parts = []
        for start in range(0, rows, self._rows_at_once):
            batch = {name: values[start : start + self._rows_at_once] for name, values in features.items()}
            parts.append(run({name: tf.constant(values) for name, values in batch.items()}).numpy())
        return np.concatenate(parts)


def specs_of(columns):
    """Features (n, ...) by name as a function takes them that is traced once for any number of rows."""
    return {name: tf.TensorSpec([None, *values.shape[1:]], values.dtype) for name, values in columns.items()}


class Evaluation:
    """Figures of a model on held-out rows, among all items that can be recommended."""

    def __init__(self, model, rows, ids, items, scale=None, batch_size=1024):
        """What it is measured on.

        Args:
            rows: arrays by name, as `columns_of` gives them; None without held-out rows.
            ids, items: of `candidate_items`. scale: from the head's outputs to ratings. batch_size: rows that a
                loss is worked out on together, as in training.
        """
        self.buyers = TowerOutputs(model.buyer_model, "buyer_")
        self.products = TowerOutputs(model.product_model, "product_")
        self._model = model
        self._rows = rows
        self._items = items
        self._scale = scale
        self._batch_size = batch_size
        self._told = tf.function(lambda batch: model.objective(batch, training=False)[1], autograph=False)
        if rows is not None:
            place = np.minimum(np.searchsorted(ids, rows["item_id"]), len(ids) - 1)
            self._places = np.where(ids[place] == rows["item_id"], place, -1)

    def ratings(self, buyers, products):
        """Ratings (n,) in the target's own units of pairs of vectors (n, d)."""
        return self._scale(self._model.rate(tf.constant(buyers), tf.constant(products))).numpy()[:, 0]

    def losses(self):
        """Mean losses of the held-out rows by name, in batches of their own order; none that no row has.

        A retrieval loss grows with the items of a batch: it compares with that of training where there are as
        many held-out rows as a batch has.
        """
        columns = {name: values for name, values in self._rows.items() if name != "item_id"}
        told = self._told.get_concrete_function(specs_of(columns))
        means, weights = {}, {}
        for start in range(0, len(columns["item_key"]), self._batch_size):
            stop = start + self._batch_size
            batch = {name: tf.constant(values[start:stop]) for name, values in columns.items()}
            for name, (mean, count) in told(batch).items():
                means.setdefault(name, []).append(float(mean))
                weights.setdefault(name, []).append(float(count))
        return {
            name: float(np.average(means[name], weights=weights[name]))
            for name in means
            if sum(weights[name])
        }

    def __call__(self):
        """Figures by name; none without held-out rows."""
        if self._rows is None:
            return {}
        figures, buyers = self.losses(), self.buyers(self._rows)
        if hasattr(self._model, "retrieval"):
            products = self.products(self._items)
            figures |= retrieval_figures(ranks_of(buyers, products, self._places), len(products))
        if hasattr(self._model, "rating_head"):
            known = self._rows["target_known"] > 0
            predicted = self.ratings(buyers, self.products(self._rows))
            figures |= rating_figures(predicted[known], self._rows["target_value"][known])
        return figures


def columns_of(batches, limit):
    """The first rows of some batches, joined, as arrays by name; None without any."""
    found, rows = {}, 0
    for batch in batches:
        for name, values in batch.items():
            found.setdefault(name, []).append(values.numpy())
        rows += len(found["item_key"][-1])
        if rows >= limit:
            break
    return {name: np.concatenate(parts)[:limit] for name, parts in found.items()} if found else None


def ranks_of(buyers, products, targets, rows_at_once=4096):
    """Where each row's own item stands among all items: 1, plus those that score higher, plus half of ties.

    Args:
        buyers: float32 (Q, d). products: float32 (C, d). targets: places (Q,) of the rows' items among the
            products, -1 for an item that is none.

    Returns:
        float64 (Q,), infinite where the item is none of the products.
    """
    ranks = np.full(len(targets), np.inf)
    for start in range(0, len(targets), rows_at_once):
        here = np.arange(start, min(start + rows_at_once, len(targets)))
        here = here[targets[here] >= 0]
        scores = buyers[here] @ products.T
        own = scores[np.arange(len(here)), targets[here]][:, None]
        higher = (scores > own).sum(axis=1)
        equal = (scores == own).sum(axis=1) - 1
        ranks[here] = 1 + higher + 0.5 * equal
    return ranks


def retrieval_figures(ranks, n_items):
    """Recall, nDCG and MRR of ranks (Q,) by name; a recall at more items than there are is left out."""
    figures = {f"recall_at_{k}": float(np.mean(ranks <= k)) for k in (5, 10, 50, 100) if k <= n_items}
    gains = np.where(ranks <= 10, 1.0 / np.log2(1.0 + ranks), 0.0)
    return figures | {"ndcg_at_10": float(np.mean(gains)), "mrr": float(np.mean(1.0 / ranks))}


def rating_figures(predicted, actual):
    """RMSE and MAE of predictions (n,) in the target's own units; nothing without rows."""
    if len(actual) == 0:
        return {}
    error = np.asarray(predicted, np.float64) - np.asarray(actual, np.float64)
    return {"rmse": float(np.sqrt(np.mean(error**2))), "mae": float(np.mean(np.abs(error)))}

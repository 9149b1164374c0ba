"""What a training learns, beside the same training by NumPy in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys.model.layers import Dropout
from recsys.training.rows import LocalDataAccessor
from tests.recsys.codegen.tiny import Silent, config_of, data_of, run, trainer, untrained

BATCH, EPOCHS, RATE = 300, 3, 0.02


def _step(buyers: np.ndarray, products: np.ndarray, rows: np.ndarray, items: np.ndarray) -> float:
    """Descend in place along the summed cross-entropy over all pairs of a batch; the mean loss before."""
    mine, theirs = buyers[rows], products[items]
    scores = mine @ theirs.T
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    slope = chances - np.eye(len(rows))
    np.subtract.at(buyers, rows, RATE * (slope @ theirs))
    np.subtract.at(products, items, RATE * (slope.T @ mine))
    return float(-np.log(np.diag(chances)).mean())


def _validation_loss(buyers: np.ndarray, products: np.ndarray, rows: np.ndarray, items: np.ndarray) -> float:
    losses = []
    for start in range(0, len(rows), BATCH):
        scores = buyers[rows[start : start + BATCH]] @ products[items[start : start + BATCH]].T
        losses += (np.log(np.exp(scores).sum(axis=1)) - np.diag(scores)).tolist()
    return float(np.mean(losses))


def test_batches_that_do_not_divide_the_rows_are_learnt_from_as_they_are() -> None:
    data = data_of()
    config = config_of(
        layers=(Dropout(rate=0.0),),
        optimizer="sgd",
        learning_rate=RATE,
        clipnorm=None,
        sampling_correction="none",
        batch_size=BATCH,
        epochs=EPOCHS,
    )
    train, held_out = (data.parts[part].columns for part in ("train", "validation"))
    assert len(train["item_key"]) % BATCH
    _, model = untrained(config, data)
    module, observer = trainer(config, data), Silent()
    trained = run(config, data, observer, module=module)

    def tables(of: Any) -> list[np.ndarray]:
        return [of.buyer_model.weights[0].numpy(), of.product_model.weights[0].numpy()]

    buyers, products = (table.astype(np.float64) for table in tables(model))
    keys = [next(name for name in train if name.startswith(tower)) for tower in ("buyer_", "product_")]
    accessor = LocalDataAccessor(data.parts)
    for epoch in range(EPOCHS):
        seed = module.seed_of(f"epoch {epoch}", module.SEED)
        losses, counts = [], []
        for batch in module.dataset_of(["train"], accessor, data.output, BATCH, seed):
            rows, items = (batch[key].numpy() for key in keys)
            losses.append(_step(buyers, products, rows, items))
            counts.append(len(rows))
        assert sum(counts) == len(train["item_key"])
        assert counts[-1] < BATCH
        told = observer.epochs[epoch]
        assert told["loss"] == pytest.approx(np.average(losses, weights=counts), rel=1e-5)
        wanted = _validation_loss(buyers, products, *(held_out[key] for key in keys))
        assert told["val_loss"] == pytest.approx(wanted, rel=1e-5)
    for found, wanted in zip(tables(trained.model), (buyers, products), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)

"""Cells of type x optimizer x preset x sharing x features: generated, checked, trained, exported, answered alone.

TRELLIS_CELLS=40 takes so many cells, TRELLIS_CELLS=all every one.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.codegen.checks import check_source
from recsys.codegen.trainer import trainer_source
from recsys.features.dims import tensor_dims
from recsys.model.config import ModelConfig
from recsys.model.params import dense_count, embedding_count
from recsys.model.plan import network_plan
from recsys.model.presets import PRESETS
from recsys.model.training import OPTIMIZERS
from recsys.training.raw_columns import NULL_TIME
from tests.recsys.codegen.tiny import Data, Silent, data_of, imported, preset_of, run

CELLS = [
    cell
    for cell in product(
        ("retrieval", "ranking", "multitask"),
        OPTIMIZERS,
        PRESETS,
        (False, True),
        ("ids", "retail", "rich", "hostile"),
    )
    if not (cell[3] and cell[2] == "asymmetric")
]
HERE = Path(__file__).parent
ROWS = 12


def chosen() -> list[tuple[Any, ...]]:
    """Cells that this run takes: one of each type at least, hostile names always among them."""
    wanted = os.environ.get("TRELLIS_CELLS", "3")
    if wanted == "all":
        return CELLS
    drawn = random.Random(11).sample(CELLS, len(CELLS))
    first = [
        next(cell for cell in drawn if (cell[0], cell[3], cell[4]) == corner)
        for corner in (
            ("retrieval", True, "hostile"),
            ("multitask", False, "hostile"),
            ("ranking", True, "rich"),
        )
    ]
    return (first + [cell for cell in drawn if cell not in first])[: int(wanted)]


@dataclass
class Cell:
    """One cell after training."""

    config: ModelConfig
    data: Data
    module: Any
    trained: Any
    observer: Silent
    folder: Path
    source: str
    rows: np.ndarray

    def arguments(self, rows: np.ndarray, *, products: bool, nobody: bool = False) -> dict[str, list]:
        """Rows of the table as a request; `nobody`: a buyer of whom nothing is known is the first."""
        found = {}
        for tower in ("buyer", "product")[: 1 + products]:
            raw = self.data.raw(tower, rows)
            for argument, column in getattr(self.module, f"{tower.upper()}_COLUMNS").items():
                values = raw[column].tolist()
                found[argument] = [_unknown(raw[column]), *values[1:]] if nobody else values
        return found

    def requests(self) -> list[tuple[str, dict[str, list]]]:
        buyer, both = self.arguments(self.rows, products=False), self.arguments(self.rows, products=True)
        product_only = {key: value for key, value in both.items() if key in self.module.PRODUCT_COLUMNS}
        asked = [("embed_buyer", buyer), ("embed_product", product_only)]
        if self.config.retrieves:
            asked.append(("serving_default", buyer))
            asked.append(("serving_default", self.arguments(self.rows, products=False, nobody=True)))
        if self.config.rates:
            name = "predict_rating" if self.config.retrieves else "serving_default"
            asked.append((name, both))
            asked.append((name, self.arguments(self.rows, products=True, nobody=True)))
        if self.config.retrieves and self.config.rates:
            asked.append(("recommend_with_rating", buyer))
        return asked


def _unknown(values: np.ndarray) -> Any:
    if values.ndim == 2:
        return [""] * values.shape[1]
    if values.dtype == object:
        return ""
    return NULL_TIME if values.dtype == np.int64 else float("nan")


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[Cell]:
    """Cells, each trained for one epoch."""
    found = []
    for kind, optimizer, preset, share, features in chosen():
        data = data_of(features)
        config = preset_of(
            kind,
            preset,
            "minimal",
            share=share,
            optimizer=optimizer,
            learning_rate=0.01,
            epochs=1,
            top_k=1000,
        )
        source = trainer_source(data.request(config))
        module, observer = imported(source), Silent()
        trained = run(config, data, observer, module=module)
        folder = tmp_path_factory.mktemp("saved")
        trained.export(str(folder))
        rows = data.division.rows("test")[:ROWS]
        found.append(Cell(config, data, module, trained, observer, folder, source, rows))
    return found


@pytest.fixture(scope="module")
def answers(cells: list[Cell], tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What all exports answer in one process of their own, without Trellis."""
    folder = tmp_path_factory.mktemp("alone")
    asked, told = folder / "requests.json", folder / "answers.json"
    asked.write_text(json.dumps([[str(cell.folder), cell.requests()] for cell in cells]))
    environment = {
        key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "TF_USE_LEGACY_KERAS")
    }
    command = [sys.executable, str(HERE / "served_alone.py"), str(asked), str(told)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(told.read_text())


def test_sources_pass_every_check(cells: list[Cell]) -> None:
    for cell in cells:
        assert check_source(cell.source) is None


def test_losses_and_figures_are_numbers_in_their_range(cells: list[Cell]) -> None:
    for cell in cells:
        (figures,) = cell.observer.epochs
        assert all(np.isfinite(value) for value in figures.values())
        shares = [
            value for name, value in figures.items() if "recall" in name or "ndcg" in name or "mrr" in name
        ]
        assert bool(shares) == cell.config.retrieves
        assert all(0 <= value <= 1 for value in shares)
        assert ("val_rmse" in figures) == cell.config.rates


def test_built_models_have_the_counted_parameters(cells: list[Cell]) -> None:
    for cell in cells:
        features, fitted = cell.data.done.features, cell.data.done.fitted
        dims = tensor_dims(features)
        counted = dense_count(network_plan(cell.config, dims.buyer.total, dims.product.total)).total
        counted += embedding_count(
            features, {"buyer": fitted.table_rows("buyer"), "product": fitted.table_rows("product")}
        )
        built = sum(int(np.prod(variable.shape)) for variable in cell.trained.model.trainable_variables)
        assert built == counted


def test_exports_have_the_signatures_of_their_type(cells: list[Cell], answers: list[Any]) -> None:
    wanted = {
        "retrieval": ["embed_buyer", "embed_product", "serving_default"],
        "ranking": ["embed_buyer", "embed_product", "serving_default"],
        "multitask": [
            "embed_buyer",
            "embed_product",
            "predict_rating",
            "recommend_with_rating",
            "serving_default",
        ],
    }
    for cell, (told, _) in zip(cells, answers, strict=True):
        assert told == wanted[cell.config.model_type]


def test_raw_requests_are_answered_as_in_the_process_that_trained(
    cells: list[Cell], answers: list[Any]
) -> None:
    for cell, (_, given) in zip(cells, answers, strict=True):
        evaluation, columns = cell.trained.evaluation, cell.data.parts["test"].materialised()
        columns = {name: values[:ROWS] for name, values in columns.items()}
        buyers, products = evaluation.buyers(columns), evaluation.products(columns)
        items, ids = evaluation.products(cell.trained.items), cell.trained.ids
        told = dict(
            zip([(name, number) for number, (name, _) in enumerate(cell.requests())], given, strict=True)
        )
        for (name, number), answer in told.items():
            if name == "embed_buyer":
                np.testing.assert_allclose(answer["embedding"], buyers, atol=1e-5)
            elif name == "embed_product":
                np.testing.assert_allclose(answer["embedding"], products, atol=1e-5)
            elif "scores" in answer:
                check_best(answer, buyers @ items.T, [i.decode() for i in ids], skip=1 if number == 3 else 0)
            if "rating" in answer:
                skip = 1 if number == len(told) - 1 - (cell.config.model_type == "multitask") else 0
                wanted = evaluation.ratings(buyers, products)
                np.testing.assert_allclose(answer["rating"][skip:], wanted[skip:], atol=1e-4)
                assert all(1 <= rating <= 5 for rating in answer["rating"])
            if "ratings" in answer:
                place = {i.decode(): n for n, i in enumerate(ids)}
                for row in range(3):
                    best = np.array([place[i] for i in answer["product_ids"][row][:9]])
                    wanted = evaluation.ratings(np.repeat(buyers[row : row + 1], 9, axis=0), items[best])
                    np.testing.assert_allclose(answer["ratings"][row][:9], wanted, atol=1e-4)


def check_best(answer: dict[str, Any], scores: np.ndarray, ids: list[str], skip: int) -> None:
    """Every candidate once, by falling score, each with its own; of the first `skip` rows only the form."""
    place = {item: number for number, item in enumerate(ids)}
    for row, (found, told) in enumerate(zip(answer["product_ids"], answer["scores"], strict=True)):
        assert sorted(found) == sorted(ids)
        assert np.all(np.diff(told) <= 0)
        if row >= skip:
            np.testing.assert_allclose(
                told, scores[row, [place[item] for item in found]], atol=1e-5, rtol=1e-5
            )

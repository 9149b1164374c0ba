"""A thousand sales, what features make of them, and generated trainers that run on them."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from recsys.codegen.trainer import Request, trainer_source
from recsys.data.retail import simulate
from recsys.data.retail_settings import RetailSettings
from recsys.data.shops import ROLES
from recsys.data.table import Table, table_of
from recsys.features.config import FeatureConfig
from recsys.model.config import Architecture, ModelConfig, Training
from recsys.model.layers import Dense, Dropout, Layer
from recsys.model.presets import HEADS, PRESETS, RATING
from recsys.training.parts import Division, Transformed, divide, transform
from recsys.training.raw_columns import raw_arrays, raw_columns
from recsys.training.rows import LocalDataAccessor, LocalTransform, PartRows, part_rows
from recsys.trial import Named, TrialSettings
from tests.recsys.features.examples import retail, rich

CREATED = "2026-01-02T03:04:05Z"
HOSTILE = {
    "customer_id": "cust\"omer\n'id' {{x}}",
    "product_id": "prod\u2028ukt ü; import os #",
    "category": '"""\\',
    "sub_category": "class",
    "city": "{0}\r\n\t%s",
    "trans_date": "größe 🕒",
    "customer_revenue_90d": "1st \\price\x00",
    "user_rating": "rating'\nraise SystemExit",
}
"""Columns by names that no code may stumble over."""

SMALL: tuple[Layer, ...] = (Dense(units=16), Dense(units=8, activation=None))
HEAD: tuple[Layer, ...] = (Dense(units=16), RATING)


@cache
def sales(rows: int = 1000) -> Table:
    """The simulated shop."""
    return table_of(simulate(RetailSettings(rows=rows)).frame, ROLES, source="retail")


@cache
def hostile_sales(rows: int = 1000) -> Table:
    """The same under hostile names, a tenth of all that is no id missing, and a hostile id."""
    frame = sales(rows).frame
    rng = np.random.default_rng(5)
    tenth = pl.col("product_id").str.ends_with("7")
    frame = frame.with_columns(pl.when(tenth).then(None).otherwise(pl.col("category")).alias("category"))
    for name in ("city", "trans_date", "customer_revenue_90d", "user_rating"):
        gone = pl.Series(rng.random(len(frame)) < 0.1)
        frame = frame.with_columns(pl.when(gone).then(None).otherwise(pl.col(name)).alias(name))
    odd = pl.when(pl.col("product_id") == frame["product_id"][0])
    frame = frame.with_columns(
        odd.then(pl.lit("a\n'b\" 😀")).otherwise(pl.col("product_id")).alias("product_id")
    )
    roles: Any = {HOSTILE.get(name, name): role for name, role in ROLES.items()}
    return table_of(frame.rename(HOSTILE), roles, source="retail")


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_renamed(part) for part in value]
    return HOSTILE.get(value, value) if isinstance(value, str) else value


def _ids(dim: int = 8, product_dim: int | None = None) -> dict[str, Any]:
    def one(column: str, width: int) -> dict[str, Any]:
        embedding = {"embedding": {"embedding_dim": width}}
        return {"column": column, "data_type": "text", "is_primary_id": True, "transforms": embedding}

    product = one("product_id", product_dim or dim)
    return {"buyer_model_features": [one("customer_id", dim)], "product_model_features": [product]}


def _history() -> dict[str, Any]:
    document = _ids()
    history = {"history": {"shared_with": "product_id", "max_length": 5}}
    buyer = document["buyer_model_features"]
    buyer.append({"column": "product_id", "data_type": "history", "transforms": history})
    return document


FEATURES = {
    "ids": _ids(),
    "unequal": _ids(4, 12),
    "history": _history(),
    "retail": retail(),
    "rich": rich(),
    "hostile": _renamed(rich()),
}


def features_of(key: str, *, normalize: bool = True, column: str = "user_rating") -> FeatureConfig:
    """One of the feature configurations, with a target."""
    name = HOSTILE["user_rating"] if key == "hostile" else column
    transforms = {} if normalize else {"transforms": {"normalize": None}}
    return FeatureConfig.model_validate(FEATURES[key] | {"target_column": {"column": name, **transforms}})


def config_of(
    kind: str = "retrieval",
    *,
    layers: tuple[Layer, ...] = SMALL,
    product: tuple[Layer, ...] | None = None,
    head: tuple[Layer, ...] = HEAD,
    share: bool = False,
    architecture: dict[str, Any] | None = None,
    **training: Any,
) -> ModelConfig:
    """A small model."""
    rates = {} if kind == "retrieval" else {"rating_head_layers": head}
    made = Architecture(
        model_type=kind,  # type: ignore[arg-type]
        buyer_tower_layers=layers,
        product_tower_layers=layers if product is None else product,
        share_tower_weights=share,
        **{"output_embedding_dim": 8, **rates, **(architecture or {})},
    )
    if kind == "multitask":
        training = {"retrieval_weight": 0.5, "ranking_weight": 0.5} | training
    return ModelConfig(made, Training(**{"batch_size": 128, "epochs": 2, **training}))


def preset_of(kind: str, preset: str, head: str, *, share: bool, **training: Any) -> ModelConfig:
    """A model of presets."""
    towers = PRESETS[preset]
    return config_of(
        kind,
        layers=towers.buyer_tower_layers,
        product=towers.product_tower_layers,
        head=HEADS[head].rating_head_layers,
        share=share,
        architecture={"output_embedding_dim": towers.output_embedding_dim},
        **training,
    )


DROPPED: tuple[Layer, ...] = (Dropout(rate=0.3), Dense(units=8, activation=None))


@dataclass
class Silent:
    """An observer that keeps what it is told, and may stop after some batches of an epoch."""

    stop_at: tuple[int, int] | None = None
    epochs: list[dict[str, float]] = field(default_factory=list)
    place: tuple[int, int] = (1, 0)
    states: list[dict[str, np.ndarray]] = field(default_factory=list)
    keep: bool = False

    def should_stop(self) -> bool:
        return self.place == self.stop_at

    def batch(self, epoch: int, batches: int, rows: int) -> None:
        self.place = (epoch, batches)

    def epoch(self, epoch: int, figures: dict[str, float], state: Any) -> None:
        self.epochs.append(figures)
        if self.keep:
            self.states.append(state())


@dataclass(frozen=True)
class Data:
    """A table divided and transformed, as a worker hands it to a trainer."""

    table: Table
    division: Division
    done: Transformed
    parts: dict[str, PartRows]
    output: LocalTransform

    @property
    def types(self) -> dict[str, Any]:
        return {info.column: info.data_type for info in self.table.schema.columns}

    def request(self, config: ModelConfig, **changes: Any) -> Request:
        """What a trainer of a model on this data follows from."""
        columns = raw_columns(self.done.fitted, self.types)
        training = config.training
        made = Request(
            features=self.done.features,
            model=config,
            feature_name=Named(name="features"),
            model_name=Named(name="model"),
            buyer_columns=tuple(columns["buyer"]),
            product_columns=tuple(columns["product"]),
            epochs=training.epochs,
            batch_size=training.batch_size,
            learning_rate=training.learning_rate,
            seed=42,
            program="Trellis",
            created=CREATED,
        )
        return replace(made, **changes)

    def raw(self, tower: Any, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Rows of the table as a request brings them, by column."""
        columns = raw_columns(self.done.fitted, self.types)[tower]
        return raw_arrays(columns, self.table.frame[rows], self.done.histories(rows))


@cache
def data_of(key: str = "ids", *, binary: bool = False, normalize: bool = True, rows: int = 1000) -> Data:
    """The sales for one of the feature configurations."""
    table = hostile_sales(rows) if key == "hostile" else sales(rows)
    if binary:
        liked = pl.col("user_rating") >= 4
        table = table_of(
            table.frame.with_columns(liked.alias("liked")), {**ROLES, "liked": "outcome"}, source="retail"
        )
    column = "liked" if binary else "user_rating"
    features = features_of(key, normalize=normalize and not binary, column=column)
    return prepared(table, features, binary=binary)


def prepared(table: Table, features: FeatureConfig, *, binary: bool = False, **settings: Any) -> Data:
    """A table divided by chance and transformed."""
    division = divide(table, TrialSettings(**{"split": "random", **settings}))
    done = transform(division, features, binary=binary)
    parts = {}
    for name in ("train", "validation", "test"):
        numbers = division.rows(name)
        taken = division.data.item[numbers]
        parts[name] = part_rows(
            done.fitted, done.tensors(name), done.keys[taken], division.item_ids, taken, done.target(name)
        )
    _, arrays = done.item_tensors()
    candidates = division.candidates
    parts["candidates"] = PartRows.of_products(
        done.fitted, arrays, done.keys[candidates], division.item_ids, candidates
    )
    types: Any = {info.column: info.data_type for info in table.schema.columns}
    counts = division.train_counts[done.known].tolist()
    items: list[str] = division.item_ids[done.known].tolist()
    folder = Path(mkdtemp(prefix="trellis-terms-"))
    output = LocalTransform(done.fitted, types, folder, items, counts)
    return Data(table, division, done, parts, output)


_NUMBERS = itertools.count()


def imported(source: str) -> ModuleType:
    """A module of generated text, imported from a file as a worker does it."""
    name = f"trainer_{next(_NUMBERS)}"
    path = Path(mkdtemp(prefix="trellis-trainer-")) / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def trainer(config: ModelConfig, data: Data, **changes: Any) -> ModuleType:
    """The generated trainer of a model on some data."""
    return imported(trainer_source(data.request(config, **changes)))


def arguments(data: Data, observer: Any = None, **options: Any) -> Any:
    """What TFX passes to `run_fn`."""
    return SimpleNamespace(
        train_files=["train"],
        eval_files=["validation"],
        transform_output=data.output,
        data_accessor=LocalDataAccessor(data.parts),
        serving_model_dir=None,
        train_steps=None,
        eval_steps=None,
        custom_config={"observer": observer or Silent(), "candidate_files": ["candidates"], **options},
    )


def run(config: ModelConfig, data: Data, observer: Any = None, *, module: Any = None, **options: Any) -> Any:
    """Train; what `run_fn` gives."""
    return (module or trainer(config, data)).run_fn(arguments(data, observer, **options))


def batch_of(data: Data, rows: int = 128, start: int = 0, part: str = "train") -> dict[str, Any]:
    """Rows of a part as the trainer reads them."""
    options = SimpleNamespace(batch_size=start + rows, num_epochs=1, shuffle=False, shuffle_seed=None)
    batch = next(iter(LocalDataAccessor(data.parts).tf_dataset_factory([part], options)))
    return {name: values[start:] for name, values in batch.items()}


def untrained(config: ModelConfig, data: Data, **changes: Any) -> tuple[ModuleType, Any]:
    """A generated module, and its model before training with its optimizer."""
    module = trainer(config, data, **changes)
    chance = "known_targets(rows" in Path(str(module.__file__)).read_text()
    targets = data.parts["train"].columns["target"][data.parts["train"].columns["target_known"] > 0]
    model = module.make_model(data.output, targets if chance else None)
    model.compile(optimizer=module.make_optimizer())
    model.objective(batch_of(data))
    model.optimizer.build(model.trainable_variables)
    return module, model


SGD: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 0.5, "clipnorm": None}
"""Training by plain gradient descent."""


def values(model: Any) -> dict[str, np.ndarray]:
    """A model's trainable variables by name."""
    return {variable.name: variable.numpy() for variable in model.trainable_variables}

"""How many parameters a model has: its dense layers, and its tables of embeddings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recsys.data.schema import Schema
from recsys.features.config import (
    TOWERS,
    Cross,
    FeatureConfig,
    NumericFeature,
    TemporalFeature,
    TextFeature,
    Tower,
)
from recsys.features.outputs import Output, tower_outputs
from recsys.model.plan import NetworkPlan, Step

TABLES = ("embedding", "bucket", "cross")
"""Kinds of tensors that come from a table of their own; a history has that of the items."""


@dataclass(frozen=True)
class InputDims:
    """Widths of both towers' inputs."""

    buyer: int
    product: int


@dataclass(frozen=True)
class DenseCount:
    """Trainable parameters of towers and head; every one is counted in one place.

    Attributes:
        buyer, product: of layers that one tower has alone. shared: of layers that both have.
        head: of the rating head. projections: of those linear layers that only widths ask for.
        total: all of these. input_dims: the widths they were counted for.
        non_trainable: moving statistics of batch normalisation, besides.
    """

    buyer: int
    product: int
    head: int
    shared: int
    projections: int
    total: int
    input_dims: InputDims
    non_trainable: int


def dense_count(plan: NetworkPlan) -> DenseCount:
    """The dense parameters of a network; `dataclasses.asdict` gives them as JSON has them."""
    layers = [step for step in plan.steps if not step.is_projection]

    def of(owner: str) -> int:
        return _trainable(step for step in layers if step.owner == owner)

    return DenseCount(
        buyer=of("buyer"),
        product=of("product"),
        head=of("head"),
        shared=of("shared"),
        projections=_trainable(step for step in plan.steps if step.is_projection),
        total=_trainable(plan.steps),
        input_dims=InputDims(plan.buyer.input_dim, plan.product.input_dim),
        non_trainable=sum(step.non_trainable for step in plan.steps),
    )


def _trainable(steps: Iterable[Step]) -> int:
    return sum(step.trainable for step in steps)


@dataclass(frozen=True)
class Table:
    """One table of embeddings: what it is of, and its size."""

    tower: Tower
    name: str
    rows: int
    dim: int

    @property
    def parameters(self) -> int:
        """Its entries, all trainable."""
        return self.rows * self.dim


TableRows = Mapping[Tower, Mapping[str, int]]
"""Tower -> name of a table's tensor -> rows; what `Fitted.table_rows` gives of each tower."""


def tables(features: FeatureConfig, rows: TableRows) -> tuple[Table, ...]:
    """Every table once: the buyer's, then the product's, in the order of their tensors.

    Raises:
        KeyError: for a table without a number of rows.
    """
    return tuple(
        Table(tower, output.name, rows[tower][output.name], output.dim)
        for tower in TOWERS
        for output in tower_outputs(features, tower)
        if output.kind in TABLES
    )


def embedding_count(features: FeatureConfig, rows: TableRows) -> int:
    """Parameters of all tables."""
    return sum(table.parameters for table in tables(features, rows))


def expected_rows(features: FeatureConfig, schema: Schema) -> dict[Tower, dict[str, int]]:
    """About how many rows the tables will have, from the columns' figures, before anything is fitted.

    Exact for columns without nulls where no term is too rare for a row and no two quantiles are equal. A column
    without a count of its values is taken to have none.
    """
    return {
        tower: {o.name: _rows(o, schema) for o in tower_outputs(features, tower) if o.kind in TABLES}
        for tower in TOWERS
    }


def _rows(output: Output, schema: Schema) -> int:
    source = output.source
    if isinstance(source, Cross):
        return source.hash_bucket_size
    info = schema.find(source.column)
    distinct = 0 if info is None else info.stats.cardinality or 0
    if isinstance(source, TextFeature):
        embedding = source.transforms.embedding
        assert embedding is not None
        most = distinct if embedding.max_vocab is None else min(distinct, embedding.max_vocab)
        return most + embedding.oov_buckets
    assert isinstance(source, NumericFeature | TemporalFeature)
    assert source.transforms.bucketize is not None
    return min(source.transforms.bucketize.buckets - 1, distinct) + 2

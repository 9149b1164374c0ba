"""About how much memory a test needs beside what its framework takes: a sum over what is held at the same time.

Reckoned high rather than low: a test that is warned of may still fit, one that is not should.
"""

from __future__ import annotations

from dataclasses import dataclass

from recsys.data.schema import Schema
from recsys.features.config import TOWERS, FeatureConfig, HistoryFeature
from recsys.features.outputs import tower_outputs
from recsys.model.config import ModelConfig
from recsys.model.facts import Schedule
from recsys.model.params import dense_count, embedding_count, expected_rows
from recsys.model.plan import network_plan

FRAMEWORK_BYTES = 900 * 2**20
"""Of a worker that has loaded its framework and trained something small."""

COLUMN_BYTES = 24
"""Of a row in one column of the table, its copies while parts are made included; texts are a little longer."""

SLOTS = {"sgd": 0, "adagrad": 1, "rmsprop": 1, "adam": 2, "adamw": 2}
"""Arrays of a parameter's size that an optimiser keeps."""

MATRIX_ITEMS = 10_000
"""EASE is left out beyond so many products."""

_FLOAT, _DOUBLE, _BLOCK = 4, 8, 64 * 2**20
_SCALAR = 8


@dataclass(frozen=True)
class MemoryNeed:
    """What a test needs at once, in bytes, by what it is for; training, evaluation and baselines are never at work together."""

    framework: int
    rows: int
    parameters: int
    training: int
    evaluation: int
    baselines: int

    @property
    def total(self) -> int:
        """The most that is needed at any time."""
        return (
            self.framework + self.rows + self.parameters + max(self.training, self.evaluation, self.baselines)
        )


def expected_memory(
    features: FeatureConfig, model: ModelConfig, schema: Schema, schedule: Schedule, *, rows: int, items: int
) -> MemoryNeed:
    """What a test may need.

    Args:
        schedule: as the test trains. rows: that it uses. items: products of the data.
    """
    outputs = [output for tower in TOWERS for output in tower_outputs(features, tower)]
    dims = {tower: sum(output.dim for output in tower_outputs(features, tower)) for tower in TOWERS}
    plan = network_plan(model, dims["buyer"], dims["product"])
    parameters = dense_count(plan).total + embedding_count(features, expected_rows(features, schema))
    scalars = sum(
        len(output.arrays) * (_length(output.source) if output.kind == "history" else 1) for output in outputs
    )
    width = model.architecture.output_embedding_dim
    batch = min(schedule.batch_size, max(rows, 1))
    activations = sum(dims.values()) + sum(step.outputs for step in plan.steps)
    scores = 12 * batch * min(batch, items) * _FLOAT if model.retrieves else 0
    matrix = min(items, MATRIX_ITEMS) ** 2
    return MemoryNeed(
        framework=FRAMEWORK_BYTES,
        rows=rows * (COLUMN_BYTES * len(schema.columns) + _SCALAR * scalars),
        # the variables, their gradients, the optimiser's slots, and a copy of all on its way into a checkpoint
        parameters=parameters * _FLOAT * 2 * (2 + SLOTS[model.training.optimizer]),
        training=3 * batch * activations * _FLOAT + scores,
        evaluation=_BLOCK + (items + rows // 5) * width * _FLOAT,
        baselines=3 * matrix * _DOUBLE if model.retrieves else 0,
    )


def _length(source: object) -> int:
    """Earlier products of a history."""
    assert isinstance(source, HistoryFeature)
    history = source.transforms.history
    return 1 if history is None else 2 * history.max_length

"""What is doubtful about a test before it starts: pure functions of both configurations and facts of the data."""

from __future__ import annotations

import math
from collections.abc import Iterator

from recsys.data.schema import Schema
from recsys.features.config import TOWERS, FeatureConfig
from recsys.model.config import ModelConfig, clipnorm, summed
from recsys.model.facts import DataFacts, Schedule, schedule_of
from recsys.model.layers import BatchNorm, Dense, Layer, dense_layers
from recsys.model.optimizers import RECOMMENDED
from recsys.model.presets import SCHEDULE
from recsys.model.warning import Action, Code, ConfigWarning, ranked

LEAST_TRAIN_ROWS = 1_000
LEAST_ROWS_A_TERM = 5
LEAST_STEPS = 100
ENOUGH_STEPS = 300
COLD_SHARE = 0.2
LEAST_NORMED_BATCH = 64
SMALL_BATCH_SHARE = 0.1
MEMORY_SHARE = 0.7
LEAST_BATCH = 16
_GIB = 2**30


def before_start(
    features: FeatureConfig,
    model: ModelConfig,
    schema: Schema,
    facts: DataFacts,
    schedule: Schedule | None = None,
) -> tuple[ConfigWarning, ...]:
    """Every warning that needs no result, the gravest first.

    Args:
        schedule: the test's, if it overrides the model's.
    """
    chosen = schedule_of(model) if schedule is None else schedule
    memory = memory_warning(chosen, facts)
    found = [
        *_rates(model, chosen),
        *_rows(facts),
        *_steps(chosen, facts),
        *_leaks(features, model, schema, facts),
        *_cold(facts),
        *_batch(chosen, facts),
        *_varying(features, facts),
        *_batch_norm(model, chosen),
        *_settings(model),
        *_idle_task(model),
        *([] if memory is None else [memory]),
    ]
    return ranked(found)


def _rates(model: ModelConfig, schedule: Schedule) -> Iterator[ConfigWarning]:
    optimizer, rate = model.training.optimizer, schedule.learning_rate
    if optimizer not in ("adagrad", "sgd"):
        if rate > 0.05:
            better = RECOMMENDED[optimizer].learning_rate(model.architecture)
            message = f"A learning rate of {rate:g} is too high for {optimizer}: training may not settle"
            action = Action(f"Use a learning rate of {better:g}", {"learning_rate": better})
            yield ConfigWarning(Code.ADAPTIVE_RATE, "high", message, action)
        return
    depth = max(_relu_layers(model.architecture.layers(tower)) for tower in TOWERS)
    if rate >= 0.1 and depth >= 2:
        severity = "high" if depth >= 3 else "medium"
    elif rate >= 0.05 and depth >= 4:
        severity = "info"
    else:
        return
    message = f"{optimizer} at {rate:g} with {depth} ReLU layers in a tower often lets units die early"
    action = Action("Use adam with a learning rate of 0.005 and batches of 1,024", dict(SCHEDULE))
    yield ConfigWarning(Code.STEEP_RATE, severity, message, action)


def _relu_layers(layers: tuple[Layer, ...]) -> int:
    return sum(layer.activation == "relu" for layer in dense_layers(layers))


def _rows(facts: DataFacts) -> Iterator[ConfigWarning]:
    rows = facts.train_rows
    if rows is None:
        return
    if rows < LEAST_TRAIN_ROWS:
        message = f"Only {facts.about('train_rows')}{rows:,} rows to train on"
        action = Action("Use more rows: a larger sample, or a split with a larger train part")
        yield ConfigWarning(Code.FEW_ROWS, "medium", message, action)
    for column, terms in facts.id_rows.items():
        if terms and rows < LEAST_ROWS_A_TERM * terms:
            about = facts.about("train_rows") or facts.about("id_rows")
            message = f'Only {about}{rows / terms:.1f} train rows for each of the {terms:,} rows of the table of "{column}"'
            action = Action(
                f'Raise the least frequency of "{column}", so that rare terms share a row, or add features that describe them'
            )
            yield ConfigWarning(Code.FEW_ROWS, "medium", message, action)


def _steps(schedule: Schedule, facts: DataFacts) -> Iterator[ConfigWarning]:
    rows, epochs = facts.train_rows, schedule.epochs
    if not rows or not epochs:
        return
    steps = epochs * math.ceil(rows / schedule.batch_size)
    if steps >= LEAST_STEPS:
        return
    batch = enough_steps(rows, epochs)
    change: dict[str, int] = {"batch_size": batch}
    words = f"Use batches of {batch:,}"
    a_pass = math.ceil(rows / batch)
    if epochs * a_pass < ENOUGH_STEPS:
        change["epochs"] = min(500, math.ceil(ENOUGH_STEPS / a_pass))
        words += f" and {change['epochs']} epochs"
    message = f"{steps:,} optimiser steps are likely too few: the model stays undertrained"
    yield ConfigWarning(Code.FEW_STEPS, "info", message, Action(words, change))


def enough_steps(rows: int, epochs: int) -> int:
    """The largest power of two of rows a batch that gives at least 300 steps; 16 where none does."""
    batch = LEAST_BATCH
    while epochs * math.ceil(rows / (2 * batch)) >= ENOUGH_STEPS:
        batch *= 2
    return batch


def _leaks(
    features: FeatureConfig, model: ModelConfig, schema: Schema, facts: DataFacts
) -> Iterator[ConfigWarning]:
    outcomes = {info.column for info in schema.with_role("outcome")}
    for column in _columns(features):
        if column in outcomes:
            message = f'"{column}" is an outcome: it is not known when a recommendation is asked for'
        elif column in facts.leaks:
            message = f'"{column}" {facts.leaks[column]}: the model may read off the answer'
        else:
            continue
        action = Action(f'Take "{column}" out of the towers', without_columns=(column,))
        yield ConfigWarning(Code.LEAK, "high", message, action)


def _columns(features: FeatureConfig) -> tuple[str, ...]:
    """Every column that a tower reads, once, in order; a history's is the item id."""
    found: dict[str, None] = {}
    for tower in TOWERS:
        for feature in features.features(tower):
            if feature.data_type != "history":
                found[feature.column] = None
        for cross in features.crosses(tower):
            found.update(dict.fromkeys(member.column for member in cross.features))
    return tuple(found)


def _cold(facts: DataFacts) -> Iterator[ConfigWarning]:
    share = facts.cold_share
    if share is not None and share > COLD_SHARE:
        about = facts.about("cold_share").capitalize()
        message = (
            f"{about}{share:.0%} of the test rows have a user or a product that is not in the train part"
        )
        action = Action(
            "Use a split that keeps users and products in the train part, or features besides the ids"
        )
        yield ConfigWarning(Code.COLD_ROWS, "medium", message, action)


def _batch(schedule: Schedule, facts: DataFacts) -> Iterator[ConfigWarning]:
    rows, batch = facts.train_rows, schedule.batch_size
    if not rows:
        return
    if batch > rows:
        smaller = max(LEAST_BATCH, 2 ** int(math.log2(max(rows, 2) / 2)))
        message = f"A batch of {batch:,} is more than the {rows:,} train rows: each epoch is one step"
        action = Action(f"Use batches of {smaller:,}", {"batch_size": smaller})
        yield ConfigWarning(Code.BATCH, "info", message, action)
    elif "train_rows" not in facts.estimated and 0 < rows % batch < SMALL_BATCH_SHARE * batch:
        fitting = _fitting_batch(rows, batch)
        message = f"The last batch of each epoch has {rows % batch:,} rows instead of {batch:,}"
        action = Action(f"Use batches of {fitting:,}", {"batch_size": fitting})
        yield ConfigWarning(Code.BATCH, "info", message, action)


def _fitting_batch(rows: int, batch: int) -> int:
    """The largest batch up to this one whose last one is whole or not small; this one where none is."""
    fits = (
        b for b in range(batch, LEAST_BATCH - 1, -1) if rows % b == 0 or rows % b >= SMALL_BATCH_SHARE * b
    )
    return next(fits, batch)


def _varying(features: FeatureConfig, facts: DataFacts) -> Iterator[ConfigWarning]:
    for feature in features.product_model_features:
        items = facts.varying.get(feature.column, 0)
        if items:
            message = (
                f'{items:,} products have more than one value of "{feature.column}"; their latest counts'
            )
            action = Action(
                f'Take "{feature.column}" out of the product tower, or put it into the buyer tower as a context',
                without_columns=(feature.column,),
            )
            yield ConfigWarning(Code.VARYING_ITEM, "medium", message, action)


def _batch_norm(model: ModelConfig, schedule: Schedule) -> Iterator[ConfigWarning]:
    architecture = model.architecture
    lists = [architecture.layers(tower) for tower in TOWERS]
    in_towers = any(isinstance(layer, BatchNorm) for layers in lists for layer in layers)
    in_head = model.rates and any(isinstance(layer, BatchNorm) for layer in architecture.rating_head_layers)
    if in_towers and architecture.share_tower_weights:
        message = "Batch normalisation in shared towers mixes the statistics of buyers and products"
        action = Action("Use layer normalisation instead, in a copy of the model")
        yield ConfigWarning(Code.BATCH_NORM, "medium", message, action)
    if (in_towers or in_head) and schedule.batch_size < LEAST_NORMED_BATCH:
        message = f"Batch normalisation over {schedule.batch_size} rows is noisy"
        action = Action(f"Use batches of {LEAST_NORMED_BATCH}", {"batch_size": LEAST_NORMED_BATCH})
        yield ConfigWarning(Code.BATCH_NORM, "medium", message, action)


def _settings(model: ModelConfig) -> Iterator[ConfigWarning]:
    training = model.training
    if clipnorm(model) is not None and training.optimizer == "adagrad" and summed(model):
        message = "Clipped gradients hold Adagrad back where losses are summed"
        yield ConfigWarning(Code.SETTINGS, "info", message, Action("Do not clip", {"clipnorm": None}))
    if not model.architecture.normalize_embeddings:
        return
    if model.retrieves and training.temperature >= 0.5:
        message = f"Unit-length embeddings with a temperature of {training.temperature:g} cannot tell products apart well"
        action = Action("Use a temperature of 0.05", {"temperature": 0.05})
        yield ConfigWarning(Code.SETTINGS, "info", message, action)
    for tower in TOWERS:
        dense = dense_layers(model.architecture.layers(tower))
        if dense and dense[-1].activation == "relu" and _is_output(model, dense[-1]):
            message = f"The {tower} tower ends in ReLU: unit-length embeddings use only the positive part of the sphere"
            action = Action("End the tower in a linear layer, in a copy of the model")
            yield ConfigWarning(Code.SETTINGS, "info", message, action)


def _is_output(model: ModelConfig, last: Dense) -> bool:
    """Whether a tower's last Dense gives the embedding, without a projection after it."""
    return last.units == model.architecture.output_embedding_dim


def _idle_task(model: ModelConfig) -> Iterator[ConfigWarning]:
    training = model.training
    if model.model_type != "multitask" or (training.retrieval_weight and training.ranking_weight):
        return
    idle = "retrieval stays" if not training.retrieval_weight else "the rating head stays"
    message = f"One task's weight is 0: {idle} untrained"
    action = Action("Give both tasks 0.5", {"retrieval_weight": 0.5, "ranking_weight": 0.5})
    yield ConfigWarning(Code.IDLE_TASK, "medium", message, action)


def memory_warning(schedule: Schedule, facts: DataFacts) -> ConfigWarning | None:
    """The doubt whether a test fits into memory; None without one."""
    need, limit = facts.memory, facts.memory_limit
    if need is None or limit is None or need <= MEMORY_SHARE * limit:
        return None
    message = f"Training may need {need / _GIB:.1f} GiB of the {limit / _GIB:.1f} GiB that a worker may have"
    half = max(LEAST_BATCH, schedule.batch_size // 2)
    action = Action(f"Use batches of {half:,}, or smaller embeddings", {"batch_size": half})
    return ConfigWarning(Code.MEMORY, "high", message, action)

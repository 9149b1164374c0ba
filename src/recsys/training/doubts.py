"""What is doubtful about a trial: the facts that warnings look at, read off its rows and its results. Imports polars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from recsys.data.relations import cold_share, gives_away, varying_items
from recsys.evaluation.bootstrap import Lift
from recsys.features.columns import Columns
from recsys.features.config import TOWERS, Tower
from recsys.features.fitted import EmbeddedTerms
from recsys.metrics import METRICS
from recsys.model.config import ModelConfig
from recsys.model.course import Course, course_of
from recsys.model.facts import DataFacts, ResultFacts, Schedule
from recsys.model.memory import expected_memory
from recsys.model.warning import ConfigWarning, ranked
from recsys.training.parts import Transformed
from workbench.families import Metrics
from workbench.runs.memory import memory_limit

MEASURES = Metrics(METRICS)

LOOKED_AT = 10_000
"""Train rows, drawn by the seed, in which columns are compared with the target and the products."""

COMPARED_ROWS = 60_000
"""Train rows, drawn by the seed, in which products are looked at for more than one value of a column."""

TIED_ROWS = 1_000
"""Test rows, drawn by the seed, whose scores are looked at for ties."""


def data_facts(done: Transformed) -> DataFacts:
    """What a division says before training."""
    division = done.division
    schema = division.table.schema
    ids = {schema.only("user_id"), schema.only("item_id")}
    outputs = [output for tower in TOWERS for output in done.fitted.outputs(tower)]
    test_users, test_items = division.users("test"), division.data.item[division.rows("test")]
    train_items = division.data.item[division.rows("train")]
    return DataFacts(
        train_rows=len(train_items),
        id_rows={
            output.column: output.vocabulary.rows
            for output in outputs
            if isinstance(output, EmbeddedTerms) and output.column in ids
        },
        cold_share=cold_share(division.users("train"), train_items, test_users, test_items),
        leaks=_leaks(done),
        varying=_varying(done),
    )


def with_memory(facts: DataFacts, done: Transformed, model: ModelConfig, schedule: Schedule) -> DataFacts:
    """The facts with the memory that training, evaluation and baselines may need, and what there is."""
    division = done.division
    rows = sum(len(division.rows(part)) for part in ("train", "validation", "test"))
    schema = division.table.schema
    need = expected_memory(done.features, model, schema, schedule, rows=rows, items=len(division.candidates))
    return replace(facts, memory=need.total, memory_limit=memory_limit())


def looked_at(rows: int) -> str:
    """Which train rows the facts of columns are from, in words; "" if from all."""
    parts = []
    if rows > LOOKED_AT:
        parts.append(f"columns are compared with products and ratings in {LOOKED_AT:,}")
    if rows > COMPARED_ROWS:
        parts.append(f"products are searched for more than one value in {COMPARED_ROWS:,}")
    return f"Of {rows:,} train rows, {' and '.join(parts)}, drawn by the seed." if parts else ""


def _sampled(done: Transformed, most: int) -> np.ndarray:
    """Train rows, ascending; those that the seed draws if there are more than `most`."""
    rows = done.division.rows("train")
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(done.division.settings.seed).choice(rows, most, replace=False))


def _leaks(done: Transformed) -> dict[str, str]:
    division = done.division
    rows = _sampled(done, LOOKED_AT)
    columns = Columns(division.table.frame, rows)
    items = division.data.item[rows]
    target = done.fitted.target
    learned = None if target is None else columns.numbers(target.column)
    found = {}
    for tower in TOWERS:
        for name in _names(done, tower):
            if name in found:
                continue
            codes, numbers = _forms(done, columns, name)
            of_buyer = items if tower == "buyer" else None
            why = gives_away(codes=codes, numbers=numbers, items=of_buyer, target=learned)
            if why is not None:
                found[name] = why
    return found


def _varying(done: Transformed) -> dict[str, int]:
    division = done.division
    rows = _sampled(done, COMPARED_ROWS)
    columns = Columns(division.table.frame, rows)
    item_column = division.table.schema.only("item_id")
    found = {}
    for name in _names(done, "product"):
        codes, _ = _forms(done, columns, name)
        if name != item_column and codes is not None:
            items = varying_items(division.data.item[rows], codes)
            if items:
                found[name] = items
    return found


def _names(done: Transformed, tower: Tower) -> Iterator[str]:
    """The columns that a tower reads, once each; histories are made of the item id and left out."""
    features = done.features
    names = [feature.column for feature in features.features(tower) if feature.data_type != "history"]
    names += [member.column for cross in features.crosses(tower) for member in cross.features]
    yield from dict.fromkeys(names)


def _forms(done: Transformed, columns: Columns, name: str) -> tuple[np.ndarray | None, np.ndarray | None]:
    """A column as codes and as numbers, as far as it has these forms."""
    info = done.division.table.schema.find(name)
    kind = "" if info is None else info.data_type
    if kind == "numeric":
        numbers = columns.numbers(name)
        return np.unique(numbers, return_inverse=True)[1], numbers
    if kind in ("text", "boolean"):
        return columns.terms(name).codes, None
    if kind == "temporal":
        seconds = columns.seconds(name)
        return seconds.values, np.where(seconds.null, np.nan, seconds.values.astype(np.float64))
    return None, None


def result_facts(
    *,
    batch: int,
    losses: Sequence[float | None] = (),
    buyers: np.ndarray | None = None,
    products: np.ndarray | None = None,
    targets: np.ndarray | None = None,
    first: np.ndarray | None = None,
    recall: str = "recall_at_10",
    lifts: Mapping[str, Lift] | None = None,
    ratings: np.ndarray | None = None,
    rating_lifts: Mapping[str, Lift] | None = None,
    history: Sequence[Mapping[str, float | None]] = (),
    seed: int = 0,
) -> ResultFacts:
    """What results say.

    Args:
        losses: mean retrieval loss of a row by epoch, None where it is not known. batch: rows of a batch.
        buyers, products: embeddings (Q, d) of the test rows and (C, d) of the candidates; None for a model that
            only rates. targets: the rows' own candidates (Q,), -1 for none.
        first: the best candidate of each list. recall, lifts: the headline figure, and it against each baseline.
        ratings: float64 (n,), as predicted for test rows. rating_lifts: their RMSE against that of each baseline.
        history: each epoch's figures, by name.
    """
    known = tuple(float(loss) for loss in losses if loss is not None)
    facts = ResultFacts(
        losses=known,
        batch_candidates=batch,
        recall=recall,
        lifts=lifts or {},
        course=_course(history, "recall_at_10", lower=False),
        ratings_std=None if ratings is None or len(ratings) < 2 else float(np.std(ratings, dtype=np.float64)),
        rating_lifts=rating_lifts or {},
        rating_course=_course(history, "rmse", lower=True),
    )
    if buyers is None or products is None or targets is None:
        return facts
    return replace(
        facts,
        scores_std=spread_of_scores(buyers, products),
        tied=_tied(buyers, products, targets, seed),
        first=first,
    )


def _course(history: Sequence[Mapping[str, float | None]], name: str, *, lower: bool) -> Course | None:
    """How a figure of the validation part went."""
    return course_of([row.get(f"validation/{name}") for row in history], MEASURES.label(name), lower=lower)


def spread_of_scores(buyers: np.ndarray, products: np.ndarray) -> float:
    """How far a row's scores vary over the candidates: the root of the mean variance, of dot products (Q, C).

    The scores are not made: with B of the rows and P of the centred candidates, the sum of squares is the trace of
    (BᵀB)(PᵀP).
    """
    rows = np.asarray(buyers, np.float64)
    centred = np.asarray(products, np.float64)
    centred = centred - centred.mean(axis=0)
    squares = float(((rows.T @ rows) * (centred.T @ centred)).sum())
    return float(np.sqrt(max(squares, 0.0) / (len(rows) * len(centred))))


def _tied(buyers: np.ndarray, products: np.ndarray, targets: np.ndarray, seed: int) -> np.ndarray:
    """Whether another candidate scores exactly as a row's own, bool, of at most 1,000 rows that the seed draws."""
    rows = np.flatnonzero(targets >= 0)
    if len(rows) > TIED_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, TIED_ROWS, replace=False))
    tied = np.zeros(len(rows), bool)
    for start in range(0, len(rows), 128):
        here = rows[start : start + 128]
        scores = buyers[here] @ products.T
        own = scores[np.arange(len(here)), targets[here]][:, None]
        tied[start : start + 128] = (scores == own).sum(axis=1) > 1
    return tied


def said(warning: ConfigWarning) -> str:
    """A warning as a line of the log: what is doubtful, and what to do about it."""
    return f"{warning.message}. {warning.action.words}."


def as_json(warnings: Sequence[ConfigWarning]) -> list[dict[str, Any]]:
    """Warnings as JSON values, the gravest first: code, severity, message, and the action with its words and settings."""
    return [
        asdict(warning) | {"code": str(warning.code), "action": _action(warning)}
        for warning in ranked(warnings)
    ]


def _action(warning: ConfigWarning) -> dict[str, Any]:
    action = warning.action
    return {
        "words": action.words,
        "settings": dict(action.settings),
        "without_columns": list(action.without_columns),
    }

"""Trials of recommenders by the trainer that quick tests use, with what they reached. Trials import TensorFlow.

A trial is trained in this process, without a store: `run_trial` is one, `repeated` is one for each of several seeds.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from recsys.data.movielens import load_100k
from recsys.data.retail import simulate
from recsys.data.retail_settings import RetailSettings, SizeName
from recsys.data.shops import ROLES
from recsys.data.table import Table, table_of
from recsys.evaluation.bootstrap import Lift, paired_lift
from recsys.features.config import FeatureConfig
from recsys.features.shipped import SHIPPED
from recsys.holding import columns_of
from recsys.model.config import ModelConfig, document_of
from recsys.model.flat import resolve
from recsys.model.recipes import RECIPES
from recsys.training.bundle import Bundle, load
from recsys.training.parts import Division, divide
from recsys.trial import Named, TrialPayload, TrialSettings
from workbench.runs.job import Job
from workbench.settings import Settings

FIRST_SEED = 42
_NUMBERS = itertools.count()


class Quiet:
    """A reporter that keeps only what a trial has warned of."""

    def log(self, message: str, level: str = "info") -> None:
        """Nothing."""

    def progress(self, epoch: int, total: int, fraction: float) -> None:
        """Nothing."""

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Nothing."""

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        """Nothing."""

    def checkpoint(self, path: Path, kind: str, epoch: int) -> None:
        """Nothing."""

    def finishing(self) -> None:
        """Nothing."""

    def should_stop(self) -> bool:
        """Never."""
        return False


@dataclass(frozen=True)
class Outcome:
    """What a trial reached.

    Attributes:
        bundle: what it kept. users: (Q,) of the test rows. seconds: it took, by stage.
    """

    bundle: Bundle
    users: np.ndarray
    seconds: Mapping[str, float]

    def value(self, name: str, who: str = "model") -> float:
        """A figure on the test part, such as `recall_at_100_unseen`. Raises KeyError if there is none."""
        found = {figure["name"]: figure["value"] for figure in self.bundle.told["metrics"][who]}
        return float(found[name])

    @property
    def warned(self) -> frozenset[str]:
        """Codes of the warnings."""
        return frozenset(warning["code"] for warning in self.bundle.told["warnings"])

    def hit_lift(self, baseline: str, k: int) -> Lift:
        """Recall@k without seen items against a baseline's, with its interval over users."""
        own, other = (self.bundle.unseen[who] <= k for who in ("model", baseline))
        return paired_lift(own.astype(float), other.astype(float), self.users)


@dataclass(frozen=True)
class Setting:
    """What is trained on what.

    Attributes:
        table: the rows. features: of `FeatureConfig`. model: the configuration.
        split: of `TrialSettings`, without seeds.
    """

    table: Callable[[], Table]
    features: FeatureConfig
    model: ModelConfig
    split: Mapping[str, Any]

    def training(self, **values: Any) -> Setting:
        """The same with other values of how it is trained."""
        changed = self.model.training.model_copy(update=values)
        return replace(self, model=ModelConfig(self.model.architecture, changed))

    def architecture(self, **values: Any) -> Setting:
        """The same with other values of what it is."""
        changed = self.model.architecture.model_copy(update=values)
        return replace(self, model=ModelConfig(changed, self.model.training))


RANDOM = {"split": "random", "val": 0.0, "test": 0.2}
"""A fifth of all rows is the test part; nothing is looked at while training."""


@cache
def movielens() -> Table:
    """MovieLens-100K as it lies below TRELLIS_DATA. Raises DatasetError if it cannot be had."""
    return load_100k(Settings.load())


@cache
def shop(size: SizeName, seed: int = FIRST_SEED) -> Table:
    """A simulated shop."""
    made = simulate(RetailSettings(size=size, seed=seed))
    return table_of(made.frame, ROLES, source="retail", truth=made.truth)


def _id_feature(column: str) -> dict[str, Any]:
    embedding = {"embedding": {"embedding_dim": 32}}
    return {"column": column, "data_type": "text", "is_primary_id": True, "transforms": embedding}


RETAIL_IDS = FeatureConfig.model_validate(
    {
        "buyer_model_features": [_id_feature("customer_id")],
        "product_model_features": [_id_feature("product_id")],
    }
)
"""Both ids of a simulated shop, 32 dimensions each, and nothing else."""

SHUFFLED_ROWS = 10_000
"""Sales of the shop whose products are dealt out by chance."""


def shuffled_shop(seed: int) -> Table:
    """A small shop whose customers were dealt their products by chance: what is bought says nothing of who buys."""
    import polars as pl

    frame = simulate(RetailSettings(rows=SHUFFLED_ROWS, seed=seed)).frame
    dealt = np.random.default_rng(seed).permutation(frame.height)
    products = [name for name in frame.columns if ROLES[name] in ("item_id", "item_attribute")]
    frame = frame.with_columns(frame.select(pl.col(products).gather(dealt)))
    return table_of(frame, ROLES, source="retail")


def recipe(key: str) -> Setting:
    """A shipped configuration with the features that it names, on MovieLens-100K."""
    shipped = RECIPES[key]
    return Setting(movielens, SHIPPED[shipped.features].config, shipped.config, RANDOM)


def divided(setting: Setting, seed: int) -> Division:
    """The rows of a setting, divided as `run_trial` divides them with that seed."""
    settings = TrialSettings.model_validate({**setting.split, "split_seed": seed, "seed": seed})
    return divide(setting.table(), settings)


def run_trial(setting: Setting, seed: int) -> Outcome:
    """Train and measure once; the seed is that of the split, of weights and of the order of rows."""
    # TensorFlow takes seconds, and choosing among the settings does not need it
    from recsys.training.trainer import train

    table = setting.table()
    settings = TrialSettings.model_validate({**setting.split, "split_seed": seed, "seed": seed})
    payload = TrialPayload(
        features=setting.features.model_dump(mode="json"),
        settings=settings.model_dump(mode="json"),
        columns=columns_of(table.facts),
        features_of=Named(name="benchmark"),
    )
    with tempfile.TemporaryDirectory() as folder:
        attempt = Path(folder) / "1"
        attempt.mkdir()
        job = Job(
            run_id=f"benchmark_{next(_NUMBERS)}",
            attempt=1,
            configs={"architecture": setting.model.architecture, "training": setting.model.training},
            resolved=resolve(document_of(setting.model)),
            dataset=table,
            inputs=payload,
            folder=attempt,
            fingerprint="benchmark",
        )
        summary = train(job, Quiet())
        assert summary.bundle is not None
        bundle = load(summary.bundle)
    users = divide(table, settings).users("test")
    return Outcome(bundle, users, bundle.told["seconds"])


def repeated(setting: Setting, seeds: int = 3) -> list[Outcome]:
    """The same with so many seeds, from 42 on."""
    return [run_trial(setting, FIRST_SEED + number) for number in range(seeds)]


def mean_of(outcomes: Sequence[Outcome], name: str, who: str = "model") -> float:
    """The mean of a figure over seeds."""
    return statistics.fmean(outcome.value(name, who) for outcome in outcomes)


def spread_of(outcomes: Sequence[Outcome], name: str) -> str:
    """The least and the largest of a figure and the standard error of its mean, in words."""
    values = [outcome.value(name) for outcome in outcomes]
    shown = f"{min(values):.3f} to {max(values):.3f}"
    return shown if len(values) == 1 else f"{shown}, standard error {standard_error(values):.4f}"


def standard_error(values: Sequence[float]) -> float:
    """Of the mean of values from several seeds, two at least."""
    return statistics.stdev(values) / len(values) ** 0.5

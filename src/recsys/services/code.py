"""The code that a feature configuration and a model configuration become, without training anything."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recsys.codegen.asked import asked_columns
from recsys.codegen.checks import check_source
from recsys.codegen.header import PROGRAM, ConfigFacts, Header
from recsys.codegen.preprocessing import preprocessing_source
from recsys.codegen.trainer import Request, trainer_source
from recsys.commands.trial_checks import with_target
from recsys.data.schema import DataType
from recsys.records import FEATURES, MODELS, ConfigRecord
from recsys.services.finding import Key, find_by, schema_facts
from recsys.services.quick_tests import QuickTests
from recsys.trial import Named, TrialSettings
from workbench.commands.rules import refuse
from workbench.workbench import Workbench


@dataclass(frozen=True)
class GeneratedCode:
    """Both modules.

    Attributes:
        trainer, preprocessing: their text. code_hash: SHA-256 of the trainer, whatever the clock said.
        problem: the first thing wrong with either, with its file and line; "" for good ones. line: that line.
    """

    trainer: str
    preprocessing: str
    code_hash: str
    problem: str = ""
    line: int | None = None


def generated_code(
    workbench: Workbench,
    *,
    feature_config: Key,
    model_config: Key,
    rating_column: str | None = None,
    now: datetime | None = None,
) -> GeneratedCode:
    """The modules of a pair as a quick test without overrides would run it now.

    Args:
        rating_column: what a model that rates predicts; None for the features' target. now: for their header.

    Raises:
        CommandError: not_found, or with every reason why the two do not fit.
    """
    settings = {} if rating_column is None else {"rating_column": rating_column}
    refuse(
        QuickTests(workbench).problems(
            feature_config=feature_config, model_config=model_config, settings=settings
        )
    )
    state = workbench.state()
    chosen = find_by(state, FEATURES, feature_config)
    record = find_by(state, MODELS, model_config)
    model = record.recommender
    schema = schema_facts(workbench, chosen.dataset_id).schema
    types: dict[str, DataType] = {info.column: info.data_type for info in schema.columns}
    features = with_target(chosen.features, model, rating_column)
    moment = now or datetime.now(UTC)

    def text(created: str) -> str:
        return trainer_source(
            Request(
                features=features, model=model, feature_name=_named(chosen), model_name=_named(record),
                buyer_columns=asked_columns(features, "buyer", types),
                product_columns=asked_columns(features, "product", types),
                epochs=model.training.epochs, batch_size=model.training.batch_size,
                learning_rate=model.training.learning_rate, seed=TrialSettings().seed, program=PROGRAM,
                created=created,
            )
        )  # fmt: skip

    created = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    trainer = text(created)
    header = Header(PROGRAM, (_facts("FeatureConfig", chosen), _facts("ModelConfig", record)), moment)
    preprocessing = preprocessing_source(features, types, header)
    timeless = trainer.replace(f"# Created: {created}\n", "", 1)
    found = _problem({"trainer.py": trainer, "preprocessing.py": preprocessing})
    return GeneratedCode(
        trainer, preprocessing, hashlib.sha256(timeless.encode()).hexdigest(), *(found or ("", None))
    )


def _problem(modules: dict[str, str]) -> tuple[str, int] | None:
    for name, text in modules.items():
        found = check_source(text)
        if found is not None:
            return f"{name}, line {found.line}: {found.message}", found.line
    return None


def _named(record: ConfigRecord) -> Named:
    return Named(name=record.name, id=record.id, version=record.version, hash=record.content_hash)


def _facts(kind: str, record: Any) -> ConfigFacts:
    return ConfigFacts(kind, record.name, record.id, record.version, record.content_hash)

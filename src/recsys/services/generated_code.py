"""The code that configurations stand for, and whether it is what it should be. Writes and runs nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.codegen.asked_columns import asked_columns
from recsys.codegen.checks import Problem, check_source
from recsys.codegen.header import PROGRAM, ConfigFacts, Header
from recsys.codegen.preprocessing import preprocessing_source
from recsys.codegen.trainer import Request, trainer_source
from recsys.commands.refusing import problems_of_issues
from recsys.data.schema import DataType
from recsys.features.config import FeatureConfig
from recsys.features.validate import validate
from recsys.model.compat import idle_rating_column, incompatible, with_target
from recsys.records import FEATURES, MODELS, ConfigRecord, FeatureConfigRecord, ModelConfigRecord
from recsys.services.finding import Key, find_by, schema_facts
from recsys.trial import Named, TrialSettings
from workbench.commands.rules import refuse

if TYPE_CHECKING:
    from workbench.workbench import Workbench


@dataclass(frozen=True)
class Module:
    """One generated module: its text, its SHA-256 as hex digits, and the first thing wrong with it."""

    source: str
    sha256: str
    problem: Problem | None

    @classmethod
    def of(cls, source: str) -> Module:
        """A text with what can be said of it."""
        return cls(source, hashlib.sha256(source.encode()).hexdigest(), check_source(source))


@dataclass(frozen=True)
class TrainerCode:
    """Both modules of a pair of configurations."""

    features: FeatureConfigRecord
    model: ModelConfigRecord
    trainer: Module
    preprocessing: Module


class GeneratedCode:
    """Code of a workbench's configurations. The same configurations give the same bytes."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def preprocessing(self, key: Key) -> Module:
        """`preprocessing.py` of a feature configuration. Raises CommandError, also for features that no longer fit their data."""
        record: FeatureConfigRecord = find_by(self._workbench.state(), FEATURES, key)
        schema = schema_facts(self._workbench, record.dataset_id).schema
        refuse(problems_of_issues(validate(record.config, schema, name=record.name), record.config))
        return self._preprocessing(record)

    def trainer(
        self, *, feature_config: Key, model_config: Key, rating_column: str | None = None
    ) -> TrainerCode:
        """Both modules of a pair. Raises CommandError with every reason for which they do not go together."""
        state = self._workbench.state()
        features: FeatureConfigRecord = find_by(state, FEATURES, feature_config)
        model: ModelConfigRecord = find_by(state, MODELS, model_config)
        schema = schema_facts(self._workbench, features.dataset_id).schema
        config = model.recommender
        used = with_target(features.features, config, rating_column)
        refuse(
            problems_of_issues(
                idle_rating_column(config, rating_column)
                + incompatible(used, config, schema, rating_column=rating_column),
                {"rating_column": rating_column},
            )
        )
        columns = [info.column for info in schema.columns]
        request = Request(
            features=used,
            model=config,
            feature_name=_named(features),
            model_name=_named(model),
            buyer_columns=asked_columns(used, "buyer", columns),
            product_columns=asked_columns(used, "product", columns),
            epochs=config.training.epochs,
            batch_size=config.training.batch_size,
            learning_rate=config.training.learning_rate,
            seed=TrialSettings().seed,
            program=PROGRAM,
            created=_at(features, model).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        preprocessing = self._preprocessing(features, used, binary=config.binary)
        return TrainerCode(features, model, Module.of(trainer_source(request)), preprocessing)

    def _preprocessing(
        self, record: FeatureConfigRecord, used: FeatureConfig | None = None, *, binary: bool = False
    ) -> Module:
        schema = schema_facts(self._workbench, record.dataset_id).schema
        types: dict[str, DataType] = {info.column: info.data_type for info in schema.columns}
        made_from = ConfigFacts("FeatureConfig", record.name, record.id, record.version, record.content_hash)
        header = Header(PROGRAM, (made_from,), _at(record))
        return Module.of(preprocessing_source(used or record.features, types, header, binary=binary))


def _named(record: ConfigRecord) -> Named:
    return Named(name=record.name, id=record.id, version=record.version, hash=record.content_hash)


def _at(*records: ConfigRecord) -> dt.datetime:
    """When the latest of some configurations last changed: what the modules say they were written at."""
    return dt.datetime.fromisoformat(max(record.updated_at for record in records))

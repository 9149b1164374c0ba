"""What a trial was asked for, typed: its configurations with what the test uses instead of their values."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.features.config import FeatureConfig
from recsys.model.config import ModelConfig
from recsys.model.facts import Schedule, schedule_of
from recsys.training.errors import TrialError
from recsys.training.parts import settings_of
from recsys.trial import TrialPayload, TrialSettings
from workbench.runs.job import Job


@dataclass(frozen=True)
class Asked:
    """A trial's configurations and settings.

    Attributes:
        payload: as it came. config, features, settings: the same, typed.
        epochs, batch_size, learning_rate: as they are used; the test's own go before the configuration's.
    """

    payload: TrialPayload
    config: ModelConfig
    features: FeatureConfig
    settings: TrialSettings
    epochs: int
    batch_size: int
    learning_rate: float

    @classmethod
    def of(cls, job: Job) -> Asked:
        """What a run's job asks for."""
        payload: TrialPayload = job.inputs
        config = ModelConfig(job.configs["architecture"], job.configs["training"])  # type: ignore[arg-type]
        training, own = config.training, payload.overrides
        return cls(
            payload=payload,
            config=config,
            features=FeatureConfig.model_validate(payload.features),
            settings=settings_of(payload),
            epochs=training.epochs if own.epochs is None else own.epochs,
            batch_size=training.batch_size if own.batch_size is None else own.batch_size,
            learning_rate=training.learning_rate if own.learning_rate is None else own.learning_rate,
        )

    @property
    def is_test(self) -> bool:
        """Whether it is a quick test rather than a model's run."""
        return self.payload.model_of is not None and self.payload.promoted_from is None

    def refuse_without_target(self) -> None:
        """Raise TrialError for a model that rates without a column of ratings."""
        if self.config.rates and self.features.target_column is None:
            hint = "Name the column of ratings where the model or the test is made."
            words = "Rating column required for ranking/multitask models."
            raise TrialError("CONFIG_INVALID", words, stage="validate", hint=hint)

    def schedule(self) -> Schedule:
        """How it is trained."""
        return schedule_of(
            self.config, learning_rate=self.learning_rate, batch_size=self.batch_size, epochs=self.epochs
        )

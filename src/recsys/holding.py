"""What a recommender's model and its runs keep besides their configs: the features, and what the trial is told.

Importing this module loads no features; what a new model keeps is made in `recsys.preparing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recsys.trial import Columns, TrialPayload, TrialSettings
from workbench.families import Holding, ImportString
from workbench.fields import ConfigError, FieldProblem

if TYPE_CHECKING:
    from recsys.data.facts import TableFacts
    from recsys.features.dims import TensorDims
    from workbench.artefacts import ArtefactRoot


def columns_of(facts: TableFacts) -> Columns:
    """What a table's columns stand for. Raises ConfigError without a user id and an item id."""
    schema = facts.schema
    user, item = schema.only("user_id"), schema.only("item_id")
    if user is None or item is None:
        missing = "a user id" if user is None else "an item id"
        raise ConfigError(
            (FieldProblem("dataset", f"No column of this dataset is {missing}. Set the columns' roles."),)
        )
    types = {info.column: info.data_type for info in schema.columns}
    return Columns(user=user, item=item, timestamp=schema.only("timestamp"), types=types)


def trial_settings(payload: TrialPayload) -> Mapping[str, Any]:
    """The settings that a model was made with."""
    return payload.settings


def inputs(payload: TrialPayload, artefacts: ArtefactRoot) -> TrialPayload:
    """What the trainer is told: the payload itself."""
    del artefacts
    return payload


def words(payload: TrialPayload, given: Any) -> list[tuple[str, str]]:
    """What a run's report says of its features and rows."""
    del given
    dims = _dims(payload)
    settings = TrialSettings.model_validate(payload.settings)
    lines = [
        (
            "Features",
            f"{payload.features_of.name}: buyer {dims.buyer.total}, product {dims.product.total} dimensions",
        ),
        ("Split", settings.split_words(timed=payload.columns.timestamp is not None)),
    ]
    target = payload.features.get("target_column")
    if target:
        lines.append(("Target of the features", str(target["column"])))
    if payload.promoted_from is not None:
        lines.append(("Promoted from", payload.promoted_from.words()))
    return lines


def brief(payload: TrialPayload, labels: int) -> str:
    """A model's features in a few words."""
    del labels
    dims = _dims(payload)
    origin = "" if payload.promoted_from is None else f", from {payload.promoted_from.words()}"
    return f"{payload.features_of.name}, {dims.buyer.total} and {dims.product.total} dimensions{origin}"


def _dims(payload: TrialPayload) -> TensorDims:
    """How wide a model's features are. What features are is loaded by whoever asks first, not with the declaration."""
    from recsys.features.config import FeatureConfig
    from recsys.features.dims import tensor_dims

    return tensor_dims(FeatureConfig.model_validate(payload.features))


def items(facts: TableFacts | None, payload: TrialPayload | None) -> int:
    """Rows that an epoch passes over, about."""
    if facts is None:
        return 0
    percent = 100.0 if payload is None else TrialSettings.model_validate(payload.settings).sample_percent
    return max(1, round(0.85 * facts.usable * percent / 100))


HOLDING = Holding(
    payload=TrialPayload,
    run_payload=TrialPayload,
    prepare=ImportString("recsys.preparing:prepare"),
    refuses=ImportString("recsys.preparing:refuses"),
    foresees=ImportString("recsys.commands.foreseen:of_model"),
    inputs=ImportString("recsys.holding:inputs"),
    settings=trial_settings,
    words=words,
    brief=brief,
    items=items,
)

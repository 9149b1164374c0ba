"""What a quick test can be made of: feature and model configurations in words, those that do not go with the other last. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recsys.data.schema import ColumnInfo, Schema
from recsys.features.config import READABLE_AS, FeatureConfig
from recsys.features.dims import tensor_dims
from recsys.features.validate import validate as feature_issues
from recsys.model.compat import incompatible, with_target
from recsys.model.config import ModelConfig
from recsys.model.plan import network_plan
from recsys.model.summaries import tower_path, tower_summary, type_label
from recsys.records import FeatureConfigRecord, ModelConfigRecord
from workbench.fields import choice_label, spec_of

MOST_SHOWN = 200
"""Entries of a selector; more are found by its search."""

_NO_RATING = ("user_id", "item_id", "timestamp", "ignore")


@dataclass(frozen=True)
class Choice:
    """An entry of a selector.

    Attributes:
        facts: what it is, a line each. reason: why it does not go with what is chosen of the other kind; "" where it does.
    """

    id: str
    title: str
    facts: tuple[str, ...]
    reason: str = ""

    def has(self, text: str) -> bool:
        """Whether a search finds it."""
        return text.strip().casefold() in " ".join((self.title, *self.facts)).casefold()


def feature_choice(record: FeatureConfigRecord, dataset: str, schema: Schema | None, model: ModelConfig | None) -> Choice:
    """A feature configuration as an entry.

    Args:
        dataset: its dataset's name. schema: of its dataset now; None where that cannot be read. model: the one that is chosen.
    """
    features = record.features
    dims, crosses = tensor_dims(features), len(features.buyer_model_crosses) + len(features.product_model_crosses)
    words = [dataset, f"{dims.buyer.total} + {dims.product.total} dimensions", "no crosses" if not crosses else f"{crosses} crosses"]
    target = features.target_column
    if target is not None:
        words.append(f"target {target.column}")
    if schema is None:
        return Choice(record.id, record.name, (" · ".join(words),), "Its dataset cannot be read.")
    wrong = [i for i in feature_issues(record.config, schema, name=record.name) if i.severity == "error"]
    check = "Every transform is valid" if not wrong else f"{wrong[0].message}"
    return Choice(record.id, record.name, (" · ".join(words), check), "" if model is None else misfit(features, model, schema))


def model_choice(record: ModelConfigRecord, features: FeatureConfig | None, schema: Schema | None) -> Choice:
    """A model configuration as an entry, its towers as wide as the chosen features make them."""
    model = record.recommender
    towers = (tower_summary(model.architecture.buyer_tower_layers), tower_summary(model.architecture.product_tower_layers))
    if features is not None and model.architecture is not None:
        dims = tensor_dims(features)
        if dims.buyer.total and dims.product.total:
            plan = network_plan(model, dims.buyer.total, dims.product.total)
            towers = (tower_path(plan.buyer), tower_path(plan.product))
    same = towers[0] == towers[1]
    network = f"both towers {towers[0]}" if same else f"buyer {towers[0]}, product {towers[1]}"
    training = model.training
    optimizer = choice_label(spec_of(type(training), "optimizer"), training.optimizer)
    schedule = f"{optimizer} at {training.learning_rate:g}, batch {training.batch_size:,}, {training.epochs:,} epochs"
    kind = f"{type_label(model.model_type)} · {network} · {model.architecture.output_embedding_dim} outputs"
    reason = "" if features is None or schema is None else misfit(features, model, schema)
    return Choice(record.id, record.name, (kind, schedule), reason)


def misfit(features: FeatureConfig, model: ModelConfig, schema: Schema) -> str:
    """Why a model cannot be trained on some features, whatever the rating column; "" if it can."""
    column = default_rating(features, model, schema)
    used = with_target(features, model, column)
    wrong = [i for i in incompatible(used, model, schema, rating_column=column) if i.severity == "error"]
    return wrong[0].message if wrong else ""


def default_rating(features: FeatureConfig, model: ModelConfig, schema: Schema) -> str | None:
    """The rating column that a test begins with; None where the features have a target, or the model predicts no rating."""
    if not model.rates or features.target_column is not None:
        return None
    columns = rating_columns(schema)
    return columns[0].column if columns else None


def rating_columns(schema: Schema) -> tuple[ColumnInfo, ...]:
    """The columns that can be a rating, outcomes first; among those what is called one."""
    fit = [info for info in schema.columns if info.data_type in READABLE_AS["numeric"] and info.role not in _NO_RATING]
    return tuple(sorted(fit, key=lambda info: (info.role != "outcome", "rating" not in info.column.casefold())))


def listed(choices: Iterable[Choice], search: str, chosen: str) -> list[Choice]:
    """The entries that a search leaves, those that do not fit last; what is chosen always stays."""
    found = [choice for choice in choices if choice.id == chosen or choice.has(search)]
    return sorted(found, key=lambda choice: bool(choice.reason))[:MOST_SHOWN]

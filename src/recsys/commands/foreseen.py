"""What the stored facts of a dataset say of a test before it starts: its parts, its memory, and whether it needs a yes."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.commands.facts import SchemaFacts
from recsys.data.facts import TableFacts
from recsys.data.occurrence import MOST
from recsys.data.schema import Schema
from recsys.data.split_sizes import SplitSizes, expected_sizes
from recsys.features.config import TOWERS, FeatureConfig, TextFeature
from recsys.features.outputs import tower_outputs
from recsys.model.config import ModelConfig
from recsys.model.facts import DataFacts, Schedule, schedule_of
from recsys.model.memory import expected_memory
from recsys.model.params import expected_rows
from recsys.model.warnings import memory_warning
from recsys.trial import TrialPayload, TrialSettings
from workbench.families import Beginning
from workbench.fields import FieldProblem


@dataclass(frozen=True)
class Foreseen:
    """A test's data before it starts.

    Attributes:
        rows: that it uses. items: of the data. sizes: of its parts; None where the facts do not say.
        facts: what warnings look at.
    """

    rows: int
    items: int
    sizes: SplitSizes | None
    facts: DataFacts


def foreseen(
    features: FeatureConfig,
    model: ModelConfig,
    settings: TrialSettings,
    schedule: Schedule,
    table: TableFacts,
    memory_limit: int | None,
) -> Foreseen:
    """What is known of a test's data.

    Args:
        features: as the test uses them. schedule: as it trains. memory_limit: bytes that a worker may have.
    """
    rows, sizes = parts_of(table, settings)
    need = expected_memory(features, model, table.schema, schedule, rows=rows, items=table.items or 0)
    estimated = {"id_rows", "cold_share"} | (set() if sizes is not None and sizes.exact else {"train_rows"})
    facts = DataFacts(
        train_rows=None if sizes is None else sizes.train,
        id_rows=_id_rows(features, table),
        cold_share=None if sizes is None else sizes.cold_share,
        memory=need.total,
        memory_limit=memory_limit,
        estimated=frozenset(estimated),
    )
    return Foreseen(rows, table.items or 0, sizes, facts)


def parts_of(table: TableFacts, settings: TrialSettings) -> tuple[int, SplitSizes | None]:
    """(rows that a test uses, sizes of its parts); None where the facts do not say."""
    rows = round(table.usable * settings.sample_percent / 100)
    return rows, expected_sizes(table, settings.split_settings(timed=table.timed), settings.sample())


def _id_rows(features: FeatureConfig, table: TableFacts) -> dict[str, int]:
    """Column of an id feature -> about the rows of its table, where rare ids that share a row are known."""
    schema, rows = table.schema, expected_rows(features, table.schema)
    found: dict[str, int] = {}
    for tower in TOWERS:
        for output in tower_outputs(features, tower):
            source = output.source
            if isinstance(source, TextFeature) and (rare := _rare(source, schema, table)) is not None:
                found[source.column] = max(rows[tower][output.name] - rare, 1)
    return found


def _rare(feature: TextFeature, schema: Schema, table: TableFacts) -> int | None:
    """How many ids of a column are too rare for a row of their own; None for another column, or where that is unknown."""
    embedding, known = feature.transforms.embedding, table.occurrence
    if embedding is None or feature.column not in (schema.only("user_id"), schema.only("item_id")):
        return None
    if embedding.min_frequency == 1:
        return 0
    if known is None or embedding.min_frequency > MOST + 1 or embedding.max_vocab is not None:
        return None
    counts = known.user_counts if feature.column == schema.only("user_id") else known.item_counts
    return sum(counts[: embedding.min_frequency - 1])


def memory_doubt(
    features: FeatureConfig,
    model: ModelConfig,
    settings: TrialSettings,
    schedule: Schedule,
    facts: SchemaFacts,
) -> FieldProblem | None:
    """The doubt whether a test or a run fits into memory; None without one, and where nobody looked at its data."""
    if facts.table is None:
        return None
    found = foreseen(features, model, settings, schedule, facts.table, facts.memory_limit)
    doubt = memory_warning(schedule, found.facts)
    if doubt is None:
        return None
    return FieldProblem("", f"{doubt.message}.", hint=doubt.action.words, code=str(doubt.code))


def of_model(beginning: Beginning) -> FieldProblem | None:
    """The same of a run of a model."""
    payload: TrialPayload = beginning.payload
    model = ModelConfig(beginning.configs["architecture"], beginning.configs["training"])
    table: TableFacts | None = beginning.facts
    if table is None:
        return None
    return memory_doubt(
        FeatureConfig.model_validate(payload.features), model, TrialSettings.model_validate(payload.settings),
        schedule_of(model), SchemaFacts(table.schema, table=table, memory_limit=beginning.memory_limit),
    )  # fmt: skip

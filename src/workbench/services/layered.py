"""Layered configuration and the workbench: datasets that files may name, models made from files, files made from models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.artefacts import ArtefactRoot
from workbench.commands.rules import MAX_NAME, free_name
from workbench.layered.recorded import Sources, from_record
from workbench.layered.registry import ModelEntry, entry_of
from workbench.layered.resolve import built_in_dataset, resolve_variants
from workbench.layered.resolved import ResolvedConfig
from workbench.state import Kind, ModelRecord, RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def find_dataset(workbench: Workbench, entry: ModelEntry, dataset: str) -> Any:
    """The facts of a dataset of the model's family, built-in or imported; None if there is none."""
    built_in = built_in_dataset(entry, dataset)
    record = workbench.state().datasets.get(dataset)
    if built_in is not None or record is None or record.deleted_at is not None or record.family != entry.family:
        return built_in
    return workbench.datasets.facts(dataset)


def planned(
    workbench: Workbench, files: Iterable[str | Path], overrides: Iterable[str] = (), seeds: int | None = None, *, structural: bool = False
) -> list[ResolvedConfig]:
    """Every configuration to train: variants in order, and the seeds of each beside each other; `seeds` as each says, if not given.

    `structural`: overrides may change the architecture. Raises LayeredError.
    """
    named, values = tuple(files), tuple(overrides)

    def at(step: int) -> tuple[ResolvedConfig, ...]:
        return resolve_variants(
            named, values, seed_step=step, structural=structural,
            find_dataset=lambda entry, dataset: find_dataset(workbench, entry, dataset),
        )  # fmt: skip

    first = at(0)
    counts = [seeds or config["experiment.seeds"] for config in first]
    by_seed = [first, *(at(step) for step in range(1, max(counts)))]
    return [by_seed[step][place] for place, count in enumerate(counts) for step in range(count)]


def group_name(config: ResolvedConfig) -> str | None:
    """The experiment's name with the variant's: of all seeds; None if neither has one."""
    return ", ".join(filter(None, (config["experiment.name"], config.variant))) or None


def model_name(config: ResolvedConfig, seeds: int | None) -> str | None:
    """The same with the seed, if there may be several; None leaves it to the model."""
    name = group_name(config)
    several = seeds is not None or config["experiment.seeds"] > 1
    return f"{name}, seed {seed_of(config)}" if name and several else name


def seed_of(config: ResolvedConfig) -> int | None:
    """The seed that is counted up where there are several; None for a model without one."""
    seeds = config.entry.layered.seeds
    return config[seeds[0]] if seeds else None


def create_model(workbench: Workbench, config: ResolvedConfig, *, actor: str, name: str | None = None) -> ModelRecord:
    """Make the model of a configuration by the same command as the pages, and keep where its values came from.

    Args:
        name: for people; one that is taken gets a number. Without it, one is made up from the architecture.

    Raises:
        CommandError: naming what the workbench refuses.
    """
    wanted = None if not name else free_name(workbench.state(), Kind.MODEL, name[:MAX_NAME])
    record = workbench.models.create(
        actor=actor,
        family=config.entry.family,
        model_type=config.entry.model_type.name,
        dataset_id=_dataset_of(workbench, config, actor),
        values=config.flat_values(),
        sample=config.sample_values(),
        name=wanted,
        tags=config["experiment.tags"],
        note=config["experiment.note"],
    )
    workbench.artefacts.write_json(sources_name(record.id), Sources.of(config).plain())
    return record


def _dataset_of(workbench: Workbench, config: ResolvedConfig, actor: str) -> str:
    """The dataset of a configuration: one that is there, or one made of its parameters now. Raises CommandError, DatasetError."""
    params, varied = config.dataset_params(), config.schema.varied
    if params is None or varied is None:
        return config["data.dataset"]
    wanted, state = params.model_dump(mode="json"), workbench.state()
    for record in state.datasets.values():
        if record.deleted_at is None and (record.family, record.source, record.params) == (config.entry.family, varied.source.id, wanted):
            return record.id
    name = free_name(state, Kind.DATASET, varied.name_of(params)[:MAX_NAME])
    made = workbench.datasets.create(actor=actor, source=varied.source.id, name=name, params=wanted, family=config.entry.family)
    return made.id


def config_of(workbench: Workbench, record: ModelRecord | RunRecord) -> ResolvedConfig:
    """The configuration of a model as it is now, or of one of its runs as it was started.

    Raises LayeredError for one that no file can describe, KeyError for a run about something else than a model.
    """
    entry = entry_of(record.family, record.model_type)
    state = workbench.state()
    model = state.models[record.subject.id] if isinstance(record, RunRecord) else record
    dataset = state.dataset_of(record)
    facts = None if dataset is None else workbench.datasets.facts(dataset)
    known = None if dataset is None else state.datasets.get(dataset)
    return from_record(entry, record, model, read_sources(workbench.artefacts, model.id), facts, known)


def sources_name(model_id: str) -> str:
    """Where it is kept which files a model's values came from."""
    return f"models/{model_id}/sources.json"


def read_sources(artefacts: ArtefactRoot, model_id: str) -> Sources | None:
    """Where a model's values came from; None for one that was made without files."""
    name = sources_name(model_id)
    values: Mapping[str, Any] | None = artefacts.read_json(name) if artefacts.exists(name) else None
    return None if values is None else Sources.read(values)

"""The Create page of one request: reads the state, the data and this machine's speed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component
from dash.html import Div

from dashboard.context import AppContext
from dashboard.pages.create import layout, samples
from dashboard.pages.create.start import CLONE, Start, find_start
from dashboard.pages.create.verdict import Verdict, judge
from dashboard.uploads import on_disk, read_contents
from workbench.commands.base import CommandError
from workbench.commands.rules import MAX_NAME, find_dataset, free_name
from workbench.datasets import DatasetError
from workbench.families import all_families
from workbench.fields import ConfigError
from workbench.looks import Look
from workbench.state import DatasetRecord, Kind, ModelRecord

_MOST_MODELS = 200


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """The page for `/create`, `/create?preset=...&dataset=...`, `/create?from=<model id>`."""
    start = start_of(context, query)
    verdict = judge(start, start.raw(), start.sample_raw(), "", {}, rate_of(context, start))
    models = sorted(
        (m for m in context.workbench.state().models.values() if m.deleted_at is None), key=lambda m: m.updated_at, reverse=True
    )
    offered = [(m.id, m.name) for m in models[:_MOST_MODELS]]
    return layout.page(start, verdict, models=offered, kinds=kinds_of(start))


def find(context: AppContext, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found for an address that names a family, kind, preset, dataset or model that is not there."""
    start = start_of(context, query)
    presets = {preset.name for preset in start.model_type.presets} | ({CLONE} if start.clone is not None else set())
    known = (
        ("family", "family", {family.name for family in all_families()}),
        ("model_type", "kind of model", {model_type.name for model_type in start.family.models}),
        ("preset", "preset", presets),
        ("dataset", "dataset for these models", {source.id for source in start.sources}),
    )
    for name, words, there in known:
        if query.get(name) and query[name] not in there:
            raise CommandError(f'There is no {words} "{query[name][:80]}".', name, code="not_found")


def start_of(context: AppContext, query: Mapping[str, Any]) -> Start:
    """The starting point that an address, or the browser's copy of it, names. Raises CommandError for an unknown model."""
    clone = _clone_of(context, query.get("from"))
    marks = context.workbench.state().labels.get(clone.id) if clone else None
    return find_start(all_families(), query, clone, context.workbench.datasets.sources, marks)


def dataset_for(context: AppContext, base: Mapping[str, Any]) -> str:
    """The dataset to go on with after a choice of preset: the one that it is for, if it is for one, else the one chosen before."""
    start = start_of(context, base)
    own = None if start.choice == CLONE else start.preset.dataset
    return own if own in {source.id for source in start.sources} else start.source.id


def judged(context: AppContext, base: Mapping[str, Any], raw: Mapping[str, Any], sample: Mapping[str, Any], name: str) -> Verdict:
    """What the controls amount to now."""
    start = start_of(context, base)
    return judge(start, raw, sample or start.sample_raw(), name, names_in_use(context), rate_of(context, start))


def names_in_use(context: AppContext) -> dict[str, str]:
    """Case-folded names of models -> as written."""
    return {m.name.casefold(): m.name for m in context.workbench.state().models.values() if m.deleted_at is None}


def rate_of(context: AppContext, start: Start) -> float | None:
    """Floating point operations a second that training reaches on this machine, as far as it is known."""
    return context.workbench.runs.rate(start.family.framework, f"{start.family.name}/{start.model_type.name}")


def kinds_of(start: Start) -> list[tuple[str, str, bool]]:
    """(address, title, chosen) of every kind of model that can be created."""
    return [
        (f"/create?family={f.name}&model_type={m.name}", m.title, f.name == start.family.name and m.name == start.model_type.name)
        for f in all_families()
        for m in f.models
    ]


def strip(context: AppContext, start: Start, raw: Mapping[str, Any], *, fetch: bool) -> Component:
    """The family's look at the data under the current settings, or why there is none."""
    if start.clone is not None:
        return samples.waiting()
    verdict = judged(context, layout.base_of(start), start.raw(), raw, "")
    wrong = next((look.error for look in verdict.sample_looks.values() if look.error), None)
    draw = start.family.draw_sample
    if draw is None or start.model_type.sample is None:
        return Div()
    if wrong or verdict.sample_settings is None:
        return samples.failed("The data is shown once these settings fit it.")
    record = context.workbench.state().datasets.get(start.source.id)
    if start.source.needs_download and not fetch and (record is None or record.status != "ready"):
        return samples.unread(start)
    try:
        dataset = context.workbench.datasets.load(start.source.id)
        drawn = draw.load()(dataset, verdict.sample_settings)
    except (DatasetError, ConfigError) as error:
        return samples.failed(str(error))
    look = start.family.data.sample
    return samples.draw(look.load()(dataset, drawn, start.facts) if look is not None else Look())


def import_upload(context: AppContext, who: str, base: Mapping[str, Any], contents: str, name: str) -> DatasetRecord:
    """Make a dataset of what the upload control holds, named after its file. Raises DatasetError, CommandError."""
    start, upload = start_of(context, base), read_contents(contents, name)
    state = context.workbench.state()
    title = free_name(state, Kind.DATASET, upload.name.rsplit(".", 1)[0][:MAX_NAME].strip() or "Data")
    with on_disk(upload.name, upload.content) as path:
        return context.workbench.datasets.import_data(
            actor=who, path=path, name=title, family=start.family.name, original=upload.name
        ).record


def _clone_of(context: AppContext, model_id: Any) -> ModelRecord | None:
    if not model_id:
        return None
    record = context.workbench.state().models.get(str(model_id))
    if record is None or record.deleted_at is not None:
        raise CommandError("The model to clone is not there any more.", code="not_found")
    state = context.workbench.state()
    find_dataset(state, state.dataset_of(record) or "")
    return record

"""The comparison of some runs, read from a workbench."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from workbench.artefacts import ArtefactError
from workbench.commands.base import CommandError
from workbench.comparing import MetricRow, SettingRow, apart_words, begun_rows, headline_rows, metric_rows, setting_rows
from workbench.families import family, is_registered
from workbench.listing.views import FEWEST, MOST
from workbench.services.run_files import read_json
from workbench.state import Kind, RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

_PLAIN = TypeAdapter(Any)


@dataclass(frozen=True)
class RunComparison:
    """Runs beside each other: every row has a value a run, in their order.

    Attributes:
        headlines: the few metrics that lists show. metrics: those of the runs' summaries. settings: those that apply to one of them.
        apart: a sentence about why values are not ranked; "" if all are.
    """

    runs: tuple[RunRecord, ...]
    headlines: tuple[MetricRow, ...]
    metrics: tuple[MetricRow, ...]
    settings: tuple[SettingRow, ...]
    apart: str = ""

    @property
    def differing(self) -> tuple[SettingRow, ...]:
        """The settings in which the runs differ."""
        return tuple(row for row in self.settings if row.differs)

    def values(self) -> dict[str, Any]:
        """What it says as JSON values, without the runs themselves."""
        return {
            "apart": self.apart,
            "metrics": [_metric(row) for row in (*self.headlines, *self.metrics)],
            "settings": [
                {
                    "path": row.path,
                    "label": row.label,
                    "values": _PLAIN.dump_python(list(row.values), mode="json"),
                    "words": list(row.words),
                    "differs": row.differs,
                }
                for row in self.settings
            ],
        }


def compare(workbench: Workbench, run_ids: Iterable[str]) -> RunComparison:
    """The runs of these ids, each once. Raises CommandError for one that is not there, or too few or too many of them."""
    runs = runs_of(workbench, run_ids)
    if not FEWEST <= len(runs) <= MOST:
        raise CommandError(f"{FEWEST} to {MOST} runs can be compared, not {len(runs)}.", "ids")
    summaries = [read_json(workbench, run.id, "summary.json").get("metrics", {}) for run in runs]
    resolved = [workbench.models.resolved(run) for run in runs]
    begun = begun_rows([_begun(workbench, run) for run in runs])
    settings = (*begun, *setting_rows(runs, resolved))
    return RunComparison(runs, headline_rows(runs, summaries), metric_rows(runs, summaries), settings, apart_words(runs))


def runs_of(workbench: Workbench, run_ids: Iterable[str]) -> tuple[RunRecord, ...]:
    """The runs of these ids, each once, in order. Raises CommandError not_found."""
    known = workbench.state().runs
    found = []
    for id in dict.fromkeys(run_ids):
        run = known.get(id)
        if run is None or run.deleted_at is not None:
            raise CommandError("This run does not exist or was deleted.", "ids", code="not_found")
        found.append(run)
    return tuple(found)


def _begun(workbench: Workbench, run: RunRecord) -> list[tuple[str, str]]:
    """What a run began with besides its settings, in words; what its files do not tell any more is left out."""
    state = workbench.state()
    dataset_id, start = state.dataset_of(run), run.start_from
    told = [] if dataset_id is None else [("Dataset", state.datasets[dataset_id].name)]
    if start is not None:
        before = state.runs.get(start.run_id)
        told.append(
            ("Went on from", f"run #{before.number}, epoch {start.epoch}" if before else f"epoch {start.epoch} of a run that is gone")
        )
    elif run.subject.kind == Kind.MODEL:
        told.append(("Went on from", "nothing"))
    if not is_registered(run.family):
        return told
    holds = family(run.family).model(run.model_type).holds
    payload = holds.run_payload.model_validate(run.payload)
    try:
        inputs = None if holds.inputs is None else holds.inputs.load()(payload, workbench.artefacts)
    except ArtefactError:
        return told
    return [*told, *holds.words(payload, inputs)]


def _metric(row: MetricRow) -> dict[str, Any]:
    metric = row.metric
    return {
        "group": row.group, "key": metric.key, "label": metric.label, "unit": metric.unit, "direction": metric.direction,
        "values": list(row.values), "best": sorted(row.best),
    }  # fmt: skip

"""What a run leaves behind in its folder, below `runs/<id>/` in the artefact root.

`resolved_config.yaml`, `metrics.parquet`, `summary.json`, `environment.json`, `log.txt`, the report's files, the
diagnostics and the checkpoints, all listed with size and sha256 in `manifest.json`. Written by the worker; polars
and the report's figures are imported only there.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from workbench.artefacts import Artefact, ArtefactError, ArtefactRoot
from workbench.runs.events import StoredEvent, to_json, without_superseded
from workbench.runs.job import Summary
from workbench.state import RunRecord

MANIFEST = "manifest.json"
BUNDLE = "diagnostics.npz"
SUMMARY = "summary.json"
"""The diagnostics, at the top of the run's folder."""

EPOCH_COLUMNS = ("epoch", "total", "life_epoch", "elapsed_seconds", "eta_seconds")
"""What `metrics.parquet` holds of an epoch beside its metrics and the event's own columns."""

CONTINUED = "    "
"""What a message's further lines begin with in `log.txt`."""

LISTING_TRIES = 5
"""A running run replaces checkpoints; a listing that meets one going is made again."""

MEDIA_TYPES: Mapping[str, str] = {
    ".yaml": "application/yaml",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".md": "text/markdown",
    ".html": "text/html",
    ".txt": "text/plain",
    ".npz": "application/x-npz",
    ".msgpack": "application/vnd.msgpack",
}


@dataclasses.dataclass(frozen=True)
class ArtefactEntry:
    """One file of a run: its name below the run's folder, size in bytes, sha256 and media type."""

    name: str
    size: int
    sha256: str
    media_type: str


_ENTRIES = TypeAdapter(list[ArtefactEntry])


def folder_of(run_id: str) -> str:
    """The run's folder as an artefact name."""
    return f"runs/{run_id}"


def attempt_folder(run_id: str, attempt: int) -> str:
    """The folder of one attempt, where its checkpoints lie."""
    return f"{folder_of(run_id)}/attempt-{attempt}"


def metrics_table(events: Iterable[StoredEvent]) -> bytes:
    """The epochs that count as a Parquet table: one row an epoch, one column a metric, null where it was not measured."""
    import polars

    rows = [
        {
            "seq": event.seq,
            "attempt": event.attempt,
            "at": event.at,
            **{name: event.payload.get(name) for name in EPOCH_COLUMNS},
            **event.payload["metrics"],
        }
        for event in without_superseded(events)
        if event.kind == "epoch"
    ]
    buffer = io.BytesIO()
    polars.DataFrame(rows, infer_schema_length=None).write_parquet(buffer)
    return buffer.getvalue()


def log_text(events: Iterable[StoredEvent]) -> str:
    """The training log as people and `archive` read it: an event a line, further lines of a message indented, over all attempts."""
    return "".join(
        f"{event.at} #{event.seq} attempt {event.attempt} {_said(event)}".replace("\n", "\n" + CONTINUED) + "\n"
        for event in events
        if event.kind in _LINES
    )


def summary_values(run: RunRecord, summary: Summary, kept: str) -> dict[str, Any]:
    """summary.json: outcome, counts, headline and every metric. `kept` is the kept checkpoint's artefact name."""
    return {
        "run": run.id,
        run.subject.kind: run.subject.id,
        "attempt": run.attempt,
        "outcome": summary.outcome,
        "epochs": summary.epochs,
        "best_epoch": summary.best_epoch,
        "best_by": summary.best_by,
        "seconds": summary.seconds,
        "rate": summary.rate,
        "fingerprint": run.fingerprint,
        "kept": kept,
        "headline": plain(summary.headline),
        "metrics": plain(summary.metrics),
    }


def write_manifest(root: ArtefactRoot, run_id: str) -> tuple[ArtefactEntry, ...]:
    """List every file of the run in `manifest.json` and return the list. The manifest does not list itself."""
    entries = list_files(root, run_id)
    root.write_json(f"{folder_of(run_id)}/{MANIFEST}", {"run": run_id, "files": [dataclasses.asdict(entry) for entry in entries]})
    return entries


def list_files(root: ArtefactRoot, run_id: str) -> tuple[ArtefactEntry, ...]:
    """What lies in the run's folder now, the manifest left out. A file that goes while it is read is not listed."""
    manifest = f"{folder_of(run_id)}/{MANIFEST}"
    for _ in range(LISTING_TRIES):
        try:
            return tuple(_entry(run_id, file) for file in root.files(folder_of(run_id)) if file.name != manifest)
        except (ArtefactError, FileNotFoundError):
            continue
    return ()


def remove_manifest(root: ArtefactRoot, run_id: str) -> None:
    """Take the manifest away, because the run goes on and its files will change."""
    root.remove(f"{folder_of(run_id)}/{MANIFEST}")


def read_manifest(root: ArtefactRoot, run_id: str) -> tuple[ArtefactEntry, ...]:
    """The run's files as its manifest lists them; empty while it has none. Raises ArtefactError for a damaged one."""
    name = f"{folder_of(run_id)}/{MANIFEST}"
    if not root.exists(name):
        return ()
    try:
        return tuple(_ENTRIES.validate_python(root.read_json(name)["files"]))
    except (ValidationError, TypeError, KeyError) as error:
        raise ArtefactError(f"The file {name} is damaged: it is no list of files. Restore it from a backup.") from error


def plain(value: Any) -> Any:
    """A value as plain JSON and YAML types; numbers that are not finite become null."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value


_LINES = ("started", "resumed", "log", "checkpoint", "stopping", "ended")


def _said(event: StoredEvent) -> str:
    if event.kind == "log":
        return f"{event.payload['level']}: {event.payload['message']}"
    return f"{event.kind} {to_json(event.payload)}"


def _entry(run_id: str, file: Artefact) -> ArtefactEntry:
    name = file.name.removeprefix(f"{folder_of(run_id)}/")
    return ArtefactEntry(name, file.size, file.sha256, MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream"))

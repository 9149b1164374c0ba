"""A quick test as one zip file: the trained model, its embeddings, its code, what it was made of and what came out."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from recsys import histograms
from recsys.commands.refusing import conflict
from recsys.features.config import FeatureConfig
from recsys.quick_tests import status_of
from recsys.records import model_of
from recsys.services.export_files import readme, requirements
from recsys.services.request_example import request_code, vocabulary_of
from recsys.snapshots import snapshot
from recsys.trial import TrialPayload
from workbench.artefacts import ArtefactError
from workbench.runs.folder import ArtefactEntry
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

TRAINER, PREPROCESSING = "trainer.py", "preprocessing.py"
RESULTS, ENVIRONMENT = "results.json", "environment.json"
MODEL, VOCABULARIES = "saved_model/", "vocab/"
WHOLE = (TRAINER, PREPROCESSING, "embeddings.npz")
NOT_ALWAYS = ("report.html", "REPORT.md", histograms.FILE)
"""Files that not every test has."""
MANIFEST = "manifest.json"
_ELSEWHERE = ("examples", "arguments")
_CHUNK = 2**20


def export_name(run: RunRecord) -> str:
    """What the file is called: `quick-test-62.zip`."""
    return f"quick-test-{run.number}.zip"


def write_export(workbench: Workbench, run: RunRecord, stream: IO[bytes]) -> None:
    """Write a test's export; equal tests' exports hold equal files, the manifest last.

    Args:
        stream: a binary file that can be sought; no file of the test is held in memory as a whole.

    Raises:
        CommandError: conflict for a test that has not ended, or left too little. ArtefactError: for files that are damaged.
    """
    entries = {entry.name: entry for entry in _entries(workbench, run)}
    told = json.loads(_text(workbench, run, RESULTS))
    environment = json.loads(_text(workbench, run, ENVIRONMENT)) if ENVIRONMENT in entries else {}
    made = {
        "snapshot.json": _json(snapshot(run, environment, entries[TRAINER].sha256)),
        # examples are rows of the data, which an export has none of
        "metrics.json": _json({name: value for name, value in told.items() if name not in _ELSEWHERE}),
        "requirements.txt": requirements(environment).encode(),
        "README.md": readme(
            run,
            told,
            request=_request(workbench, run, set(entries)),
            without=[name for name in NOT_ALWAYS if name not in entries],
        ).encode(),
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        writer = _Writer(archive, _moment(run))
        for name in sorted(name for name in entries if _is_exported(name)):
            path = workbench.runs.artefact_path(run.id, name)
            with _opened(path) as file:
                writer.add(name, file, entries[name].size)
        for name, content in made.items():
            writer.add(name, io.BytesIO(content), len(content))
        of = {"id": run.id, "number": run.number}
        # a test of before they were kept has them in its trainer alone
        arguments = told.get("arguments", {})
        manifest = _json({"test": of, "arguments": arguments, "files": writer.files})
        writer.add(MANIFEST, io.BytesIO(manifest), len(manifest))


def _request(workbench: Workbench, run: RunRecord, names: set[str]) -> str | None:
    """Code that asks the exported model for one row."""
    payload = TrialPayload.model_validate(run.payload)
    return request_code(
        _text(workbench, run, TRAINER),
        FeatureConfig.model_validate(payload.features),
        payload.columns.types,
        retrieves=model_of(run.config).retrieves,
        moment=dt.datetime.fromisoformat(run.ended_at or run.created_at),
        vocabulary=vocabulary_of(lambda name: _text(workbench, run, name) if name in names else None),
    )


def _entries(workbench: Workbench, run: RunRecord) -> tuple[ArtefactEntry, ...]:
    """The test's files. Raises CommandError conflict unless they make an export."""
    if run.state.active:
        message = f"Test #{run.number} is {status_of(run).word}; it can be exported once it has ended."
        raise conflict(message, "id", "NOT_ENDED", "Wait until it has completed.")
    entries = workbench.runs.artefacts(run.id)
    names = {entry.name for entry in entries}
    missing = [name for name in (*WHOLE, RESULTS) if name not in names]
    missing += [folder for folder in (MODEL, VOCABULARIES) if not any(n.startswith(folder) for n in names)]
    if missing:
        message = (
            f"Test #{run.number} ({status_of(run).word}) cannot be exported: it has no {', '.join(missing)}."
        )
        raise conflict(message, "id", "NOT_EXPORTED", "Run the test again, to its end.")
    return entries


def _is_exported(name: str) -> bool:
    return name in WHOLE or name in NOT_ALWAYS or name.startswith((MODEL, VOCABULARIES))


@dataclass
class _Writer:
    """A zip file that is being written, and what is in it so far."""

    archive: zipfile.ZipFile
    moment: tuple[int, int, int, int, int, int]
    files: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        """Copy one file in, piece by piece."""
        info = zipfile.ZipInfo(name, self.moment)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        info.file_size = size
        digest, length = hashlib.sha256(), 0
        with self.archive.open(info, "w", force_zip64=size >= 2**31) as target:
            for piece in _pieces(content):
                digest.update(piece)
                length += len(piece)
                target.write(piece)
        self.files.append({"name": name, "size": length, "sha256": digest.hexdigest()})


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(_CHUNK):
        yield piece


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise ArtefactError(f"The file {path} cannot be read: {error.strerror or error}.") from error


def _text(workbench: Workbench, run: RunRecord, name: str) -> str:
    return workbench.runs.artefact_path(run.id, name).read_text("utf-8")


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _moment(run: RunRecord) -> tuple[int, int, int, int, int, int]:
    """When the test ended, as zip files keep times."""
    at = dt.datetime.fromisoformat(run.ended_at or run.created_at)
    return (at.year, at.month, at.day, at.hour, at.minute, at.second)

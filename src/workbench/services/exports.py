"""Files that are made of a model: which there are, how large they will be, and making one, once for what it is made of."""

from __future__ import annotations

import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from workbench.artefacts import ArtefactError, ArtefactsAway, writing
from workbench.commands.base import CommandError
from workbench.commands.rules import find_model
from workbench.datasets import DatasetError
from workbench.families import family
from workbench.families.exporting import Export, Size
from workbench.families.loading import ImportString
from workbench.fields import closest
from workbench.state import ModelRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

Progress = Callable[[int, int], None]

MOST_BYTES = 4 * 2**30
"""Bytes of made files that are kept; the ones made longest ago go first, the newest never."""
_MOST_NAME = 60
_HERE = "workbench.services.exports_own"

OWN: tuple[Export, ...] = (
    Export(
        "weights", "Weights", "The checkpoint that the model uses now: its parameters, what the optimiser remembers, and its architecture.",
        "The model", "weights.msgpack", "application/vnd.msgpack", ImportString(f"{_HERE}:write_weights"), ImportString(f"{_HERE}:weights_size"),
    ),
    Export(
        "config", "Configuration", "A layered YAML file that makes the model anew, untrained: trellis train FILE.",
        "The model", "config.yaml", "application/yaml", ImportString(f"{_HERE}:write_config"), ImportString(f"{_HERE}:config_size"),
    ),
    Export(
        "report", "Report", "The report of the run that the weights are of, as one HTML page with all figures; it needs no network.",
        "Report and figures", "report.html", "text/html", ImportString(f"{_HERE}:write_report"), ImportString(f"{_HERE}:report_size"),
    ),
    Export(
        "figures", "Figures", "Every figure that applies, under the labels of now: a page each, to open in a browser, and its data as JSON.",
        "Report and figures", "figures.zip", "application/zip", ImportString(f"{_HERE}:write_figures"), ImportString(f"{_HERE}:figures_size"),
    ),
)  # fmt: skip
"""What every family's models give."""


@dataclass(frozen=True)
class Offer:
    """A file that a model could give.

    Attributes:
        size: None where it cannot be given now. reason: why, and what to do; "" if it can.
    """

    export: Export
    part: str
    size: Size | None
    reason: str = ""


def exports_of(model: ModelRecord) -> tuple[Export, ...]:
    """What models of its family give, headings together."""
    every = (*OWN, *family(model.family).exports)
    groups = list(dict.fromkeys(export.group for export in every))
    return tuple(sorted(every, key=lambda export: groups.index(export.group)))


def offers(workbench: Workbench, model_id: str) -> tuple[Offer, ...]:
    """Every file of a model, of each its first part. Raises CommandError not_found."""
    model = find_model(workbench.state(), model_id)
    return tuple(_offer(workbench, model, export, "") for export in exports_of(model))


def offer(workbench: Workbench, model_id: str, name: str, part: str = "") -> Offer:
    """One file of a model. Raises CommandError not_found; invalid for a part that it has not."""
    model = find_model(workbench.state(), model_id)
    return _offer(workbench, model, _find(model, name), part)


def _find(model: ModelRecord, name: str) -> Export:
    known = {export.name: export for export in exports_of(model)}
    if name not in known:
        guess = closest(name, known)
        hint = f"Did you mean {guess}?" if guess else f"There are {', '.join(known)}."
        raise CommandError(f"Models of this kind have no export {name[:80]!r}.", "name", hint, code="not_found")
    return known[name]


def _part(export: Export, part: str) -> str:
    if part and part not in export.parts:
        known = f"it has {', '.join(export.parts)}" if export.parts else "it has no parts"
        raise CommandError(f"The export {export.name} has no part {part[:80]!r}; {known}.", "part")
    return part or next(iter(export.parts), "")


def _offer(workbench: Workbench, model: ModelRecord, export: Export, part: str) -> Offer:
    part = _part(export, part)
    made = _place(workbench, model, export, part)
    try:
        size = export.size.load()(workbench, model, part)
    except (CommandError, ArtefactError, ArtefactsAway, DatasetError) as error:
        hint = getattr(error, "hint", None)
        return Offer(export, part, None, f"{error} {hint}".strip() if hint else str(error))
    return Offer(export, part, replace(size, bytes=made.stat().st_size, exact=True) if made.is_file() else size)


def make(workbench: Workbench, model_id: str, name: str, part: str = "", *, progress: Progress = lambda done, total: None) -> Path:
    """The file, made unless it lies there already, made of the same.

    Raises CommandError not_found; conflict, with what to do, where the model cannot give it now; DiskFull, DatasetError, ArtefactError.
    """
    model = find_model(workbench.state(), model_id)
    export = _find(model, name)
    part = _part(export, part)
    export.size.load()(workbench, model, part)
    place = _place(workbench, model, export, part)
    if not place.is_file():
        with writing(place) as file:
            export.write.load()(workbench, model, file, part, progress)
        _tidy(workbench.settings.cache / "exports", place)
    return place


def make_beside(
    workbench: Workbench, model_id: str, name: str, part: str = "", *, progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:  # fmt: skip
    """The same, made by a process beside this one if there are such. Raises Cancelled, too."""
    if workbench.apart is None:
        return make(workbench, model_id, name, part, progress=progress)
    return workbench.apart.call("workbench.services.exports:make", model_id, name, part, progress=progress, cancelled=cancelled)


def text_of(workbench: Workbench, model: ModelRecord, export: Export) -> str:
    """The text of a small export that pages show. Raises CommandError as `make` does."""
    out = io.BytesIO()
    export.write.load()(workbench, model, out, _part(export, ""), lambda done, total: None)
    return out.getvalue().decode()


def file_name(model: ModelRecord, export: Export, part: str = "") -> str:
    """What the file is called when it leaves: the model's name in letters that every system takes, and what it is."""
    stem, dot, ending = export.file.partition(".")
    return f"{slug(model)}-{stem}{f'-{part}' if part else ''}{dot}{ending}"


def slug(model: ModelRecord) -> str:
    """The model's name in ASCII letters, digits and hyphens; its number where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", model.name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:_MOST_NAME].strip("-").lower() or f"model-{model.number}"


def _place(workbench: Workbench, model: ModelRecord, export: Export, part: str) -> Path:
    """Where the file lies once it is made of all that it depends on as it is now."""
    from workbench.runs.code_version import code_version

    labels = sorted((row, mark.label, mark.source) for row, mark in workbench.models.labels(model.id).items())
    made_of: Any = [export.name, part, code_version(), model.model_dump(mode="json"), labels]
    key = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:24]
    return workbench.settings.cache / "exports" / model.id / f"{key}-{export.file}"


def _tidy(folder: Path, newest: Path) -> None:
    """Take away the files made longest ago past `MOST_BYTES`. One that goes at the same moment by another hand is gone, too."""
    found: list[tuple[float, int, Path]] = []
    for path in folder.glob("*/*"):
        try:
            seen = path.stat()
        except OSError:
            continue
        if path != newest:
            found.append((seen.st_mtime, seen.st_size, path))
    left = MOST_BYTES - newest.stat().st_size
    for _, size, path in sorted(found, reverse=True):
        left -= size
        if left < 0:
            path.unlink(missing_ok=True)


def copied(source: Path, out: IO[bytes], progress: Progress) -> None:
    """Copy a file piece by piece."""
    total, done = source.stat().st_size, 0
    with source.open("rb") as given:
        while piece := given.read(2**20):
            out.write(piece)
            done += len(piece)
            progress(done, total)


def plain(offer: Offer) -> dict[str, Any]:
    """A file that a model could give as JSON values."""
    export, size = offer.export, offer.size
    return {
        "name": export.name, "title": export.title, "words": export.words, "media_type": export.media_type, "parts": list(export.parts),
        "bytes": size.bytes if size else None, "exact": bool(size and size.exact), "reason": offer.reason or None,
    }  # fmt: skip


def size_words(size: Size | None) -> str:
    """A size for people: "12.3 kB", "about 4 MB"; "" for none."""
    if size is None:
        return ""
    number, unit = float(size.bytes), "bytes"
    for larger in ("kB", "MB", "GB"):
        if number >= 1000:
            number, unit = number / 1000, larger
    shown = f"{number:.0f}" if unit == "bytes" or not size.exact or number >= 100 else f"{number:.1f}"
    return f"{shown} {unit}" if size.exact else f"about {shown} {unit}"

"""A label curve's folder: its settings, the table of finished rounds and the figure, each written whole or not at all."""

from __future__ import annotations

import csv
import fcntl
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rcmvae.label_curve import CurveError, CurveRow, CurveSettings
from workbench.artefacts import write_atomic

SETTINGS = "settings.json"
TABLE = "label-curve.csv"
FIGURE = "label-curve.html"
WORK = "work"
LOCK = ".lock"

EXTENDABLE = frozenset(("strategies", "budget", "seeds"))
"""Settings that say how much is computed, not what a round is: finished rounds stay right when they change."""

_COLUMNS = tuple(field.name for field in fields(CurveRow))


def open_folder(folder: Path, settings: CurveSettings, dataset_sha256: str) -> None:
    """Begin in `folder`, or go on there. Raises CurveError if it holds a curve of other settings or data, naming what differs."""
    wanted = written(settings, dataset_sha256)
    path = folder / SETTINGS
    if not path.is_file():
        if folder.is_dir() and any(folder.iterdir()):
            raise CurveError(f"{folder} holds other files and no label curve; choose a new folder", "out")
        folder.mkdir(parents=True, exist_ok=True)
    else:
        found = differing(read_settings(folder), wanted)
        if found:
            changes = "; ".join(f"{name} was {_show(old)}, now {_show(new)}" for name, old, new in found)
            raise CurveError(
                f"{folder} holds a label curve of other settings: {changes}. Its rounds cannot be compared with new ones; "
                "use the same settings, or another folder",
                "out",
            )
    write_atomic(path, (json.dumps(wanted, indent=2) + "\n").encode())


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Nobody else computes in `folder` meanwhile; the lock goes with the process, however it ends. Raises CurveError if it is taken."""
    with (folder / LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CurveError(
                f"another process computes the label curve in {folder}; wait for its end, or use another folder", "out"
            ) from error
        yield


def read_rows(folder: Path) -> list[CurveRow]:
    """The finished rounds, none if there is no table yet. Raises CurveError for a table that cannot be read."""
    path = folder / TABLE
    if not path.is_file():
        return []
    rows = []
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise CurveError(f"the first line of {path} must be {','.join(_COLUMNS)}; restore it, or use another folder", "out")
    for values in reader:
        try:
            rows.append(_row(values))
        except (TypeError, ValueError, AttributeError) as error:
            raise CurveError(
                f"line {reader.line_num} of {path} cannot be read ({error}); remove it, or use another folder", "out"
            ) from error
    return rows


def write_rows(folder: Path, rows: Iterable[CurveRow]) -> Path:
    """Write the table, ordered by seed, strategy and round. Raises workbench.artefacts.ArtefactError."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in sorted(rows, key=lambda r: (r.seed, r.strategy, r.round)):
        values = {**asdict(row), "asked": " ".join(map(str, row.asked))}
        writer.writerow([values[name] for name in _COLUMNS])
    path = folder / TABLE
    write_atomic(path, out.getvalue().encode())
    return path


def work_folder(folder: Path, seed: int, strategy: str, round: int) -> Path:
    """Where a round's checkpoint and diagnostics lie; the first round is shared by all strategies of a seed."""
    return folder / WORK / f"seed-{seed}" / ("start" if round == 0 else f"{strategy}-{round:03d}")


def write_figure(folder: Path, figure: Any) -> Path:
    """Write the figure as one page that needs no network. Raises workbench.artefacts.ArtefactError."""
    path = folder / FIGURE
    write_atomic(
        path, figure.to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False, "showSendToCloud": False}).encode()
    )
    return path


def written(settings: CurveSettings, dataset_sha256: str) -> dict[str, Any]:
    """Settings and data as `settings.json` says them. What classes are called changes nothing, so their number stands for their names."""
    said = {**asdict(settings), "dataset_sha256": dataset_sha256}
    if settings.configuration is not None:
        said["configuration"]["class_names"] = len(settings.configuration.class_names)
    return json.loads(json.dumps(said))


def differing(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(name, found, wanted) of settings that make rounds incomparable, those of a configuration one by one."""
    before, now = _flat(found), _flat(wanted)
    names = [name for name in {**now, **before} if name not in EXTENDABLE]
    return [(name, before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)]


def read_settings(folder: Path) -> dict[str, Any]:
    """What the settings of the curve in `folder` are. Raises CurveError for a file that cannot be read."""
    path = folder / SETTINGS
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise CurveError(f"{path} cannot be read ({error}); use another folder", "out") from error


def _flat(values: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Values by path, parts of parts with a dot between their names."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{within}{name}"
        flat |= _flat(value, f"{path}.") if isinstance(value, Mapping) else {path: value}
    return flat


def _row(values: dict[str, Any]) -> CurveRow:
    return CurveRow(
        seed=int(values["seed"]), strategy=values["strategy"], round=int(values["round"]), labels=int(values["labels"]),
        accuracy=float(values["accuracy"]), epochs=int(values["epochs"]), seconds=float(values["seconds"]),
        asked=tuple(int(part) for part in values["asked"].split()),
    )  # fmt: skip


def _show(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)

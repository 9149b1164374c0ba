"""Tables of what a model says of its images, as CSV and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from rcmvae.active import asking
from rcmvae.active.stored import Kept, read
from rcmvae.diagnostics.bundle import SPLIT_NAMES
from rcmvae.holding import held
from rcmvae.suggestions import Predictions
from workbench.commands.base import CommandError
from workbench.families import Size
from workbench.services.diagnosis import bundle_path
from workbench.state import ModelRecord

if TYPE_CHECKING:
    import polars

    from workbench.services.exports import Progress
    from workbench.workbench import Workbench

_ROW_BYTES = {"predictions.csv": 62, "predictions.parquet": 24}
_NUMBER_BYTES = {".csv": 11, ".parquet": 4}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(found: Predictions) -> str:
    """The table as CSV with a header; what is unknown is empty, and no text begins as a formula would."""
    text = io.StringIO()
    _write_csv(text, found.columns)
    return text.getvalue()


def as_parquet(found: Predictions) -> bytes:
    """The table as Parquet; what is unknown is null."""
    buffer = io.BytesIO()
    _frame(found.columns).write_parquet(buffer)
    return buffer.getvalue()


def _write_csv(text: io.TextIOBase, columns: Mapping[str, Sequence[Any]]) -> None:
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in zip(*columns.values(), strict=True))


def _frame(columns: Mapping[str, Iterable[Any]]) -> polars.DataFrame:
    import polars

    return polars.DataFrame({name: list(values) for name, values in columns.items()}, strict=False)


def _cell(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.7g}"
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


def predictions_csv_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """What the model says of each image, a row an image."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    _write_csv(text, asking.predict(workbench, model.id, split=part).columns)
    text.detach()
    progress(1, 1)


def predictions_parquet_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The same as Parquet."""
    _frame(asking.predict(workbench, model.id, split=part).columns).write_parquet(out)
    progress(1, 1)


def latents_csv_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """Where each image lies, a row an image."""
    _latents(workbench, model, part).write_csv(out)
    progress(1, 1)


def latents_parquet_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The same as Parquet."""
    _latents(workbench, model, part).write_parquet(out)
    progress(1, 1)


def _kept(workbench: Workbench, model: ModelRecord) -> Kept:
    return read(asking.kept_of(workbench, model.id)[2])


def _latents(workbench: Workbench, model: ModelRecord, part: str) -> polars.DataFrame:
    """Columns `index`, `split`, `component` (null without components) and `z0`, `z1`, ..., by dataset row."""
    import polars

    kept = _kept(workbench, model)
    wanted = np.arange(len(kept.rows)) if part == "all" else np.flatnonzero(kept.split == SPLIT_NAMES.index(part))
    wanted = wanted[np.argsort(kept.rows[wanted], kind="stable")]
    components = kept.responsibilities.shape[1]
    component = kept.responsibilities[wanted].argmax(axis=1).astype(np.int32) if components else [None] * len(wanted)
    return polars.DataFrame(
        {
            "index": kept.rows[wanted],
            "split": [SPLIT_NAMES[code] for code in kept.split[wanted]],
            "component": polars.Series(component, dtype=polars.Int32),
            **{f"z{axis}": np.ascontiguousarray(kept.mu[wanted, axis]) for axis in range(kept.mu.shape[1])},
        }
    )


def _images(workbench: Workbench, model: ModelRecord, part: str) -> int:
    """How many images a part of the sample has. Raises CommandError for a model that was never trained, or without diagnostics."""
    from workbench.services.exports_own import run_of

    run = run_of(workbench, model)
    if bundle_path(workbench, run) is None:
        hint = f"Compute them on the page Diagnose, or by: trellis runs diagnose {run.number}"
        raise CommandError(f"Run #{run.number} has no diagnostics.", "model", hint, code="conflict")
    sample = held(model).sample
    sizes = {"train": sample.n_train, "validation": sample.n_validation, "test": sample.n_test}
    return sizes.get(part, sum(sizes.values()))


def predictions_csv_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """About what the table comes to."""
    return Size(_images(workbench, model, part) * _ROW_BYTES["predictions.csv"])


def predictions_parquet_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """About what the table comes to."""
    return Size(_images(workbench, model, part) * _ROW_BYTES["predictions.parquet"])


def _latent_bytes(workbench: Workbench, model: ModelRecord, part: str, ending: str) -> Size:
    width = int(workbench.models.resolved(model)["latent_dim"])
    return Size(_images(workbench, model, part) * (15 + width * _NUMBER_BYTES[ending]))


def latents_csv_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """About what the table comes to."""
    return _latent_bytes(workbench, model, part, ".csv")


def latents_parquet_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """About what the table comes to."""
    return _latent_bytes(workbench, model, part, ".parquet")

"""Forecasts as tables: CSV and Parquet, from what a run keeps for its figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import numpy as np

from traffic.bundle import TrafficBundle, load
from workbench.commands.base import CommandError
from workbench.families import Size
from workbench.services.diagnosis import bundle_path
from workbench.services.exports_own import run_of
from workbench.state import ModelRecord

if TYPE_CHECKING:
    import polars

    from workbench.services.exports import Progress
    from workbench.workbench import Workbench

ROWS_AT_A_TIME = 200_000
_PARQUET_BYTES = 9
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def tables(bundle: TrafficBundle) -> Iterator[polars.DataFrame]:
    """The forecasts, a row a value, some windows at a time, in the order of the windows.

    Columns: `made_at` and `time` (local clock), `minutes` between them (whole numbers if all are), `detector`, `target`, `unit`, `forecast`, `q0.05` ... for each
    quantile, `measured` (null where nothing was).
    """
    windows, horizon, sensors, targets = bundle.forecast.shape
    at_a_time = max(1, ROWS_AT_A_TIME // max(1, horizon * sensors * targets))
    for first in range(0, windows, at_a_time):
        yield _table(bundle, slice(first, min(windows, first + at_a_time)))


def _table(bundle: TrafficBundle, chosen: slice) -> polars.DataFrame:
    import polars

    facts, origins = bundle.facts, bundle.origins[chosen]
    rows = origins[:, None] + np.arange(1, bundle.horizon + 1)
    shape = (*rows.shape, len(facts.sensor_ids), len(facts.target_names))
    made, times = bundle.timestamps[origins][:, None], bundle.timestamps[rows]
    whole = not ((bundle.timestamps - bundle.timestamps[0]) % 60).any()
    minutes = ((times - made) // 60).astype(np.int32) if whole else (times - made) / 60

    def spread(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
        """Values of some axes, repeated along the others, flat."""
        return np.broadcast_to(np.expand_dims(values, tuple(axis for axis in range(4) if axis not in axes)), shape).ravel()

    columns: dict[str, object] = {
        "made_at": spread(made[:, 0], (0,)).astype("datetime64[s]").astype("datetime64[ms]"),
        "time": spread(times, (0, 1)).astype("datetime64[s]").astype("datetime64[ms]"),
        "minutes": spread(minutes, (0, 1)),
        "detector": spread(np.array(facts.sensor_ids), (2,)),
        "target": spread(np.array(facts.target_names), (3,)),
        "unit": spread(np.array(facts.units), (3,)),
        "forecast": bundle.forecast[chosen].ravel(),
    }
    for place, level in enumerate(facts.quantiles):
        columns[f"q{level:g}"] = bundle.quantile_forecast[chosen][..., place].ravel()
    columns["measured"] = bundle.truth[rows].ravel()
    return polars.DataFrame(columns).with_columns(polars.col("measured").fill_nan(None))


def write_csv(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The table as CSV with a header; no text begins as a formula would."""
    del part
    bundle = _bundle(workbench, model)
    done, total = 0, max(1, bundle.forecast.size)
    for number, table in enumerate(tables(bundle)):
        out.write(_csv(table, header=number == 0))
        done += len(table)
        progress(done, total)


def _csv(table: polars.DataFrame, *, header: bool) -> bytes:
    import polars

    names = polars.col("detector")
    guarded = polars.when(names.str.slice(0, 1).is_in(list(_FORMULA))).then("'" + names).otherwise(names)
    minutes = polars.col("minutes").cast(polars.String).str.strip_suffix(".0")
    text = table.with_columns(guarded.alias("detector"), minutes).write_csv(
        include_header=header, datetime_format="%Y-%m-%dT%H:%M:%S", float_precision=4
    )
    return text.encode()


def write_parquet(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The same as Parquet."""
    import polars

    del part
    polars.concat(list(tables(_bundle(workbench, model)))).write_parquet(out)
    progress(1, 1)


def csv_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """About what it comes to: by the bytes of a row in the first windows and the last."""
    del part
    bundle = _bundle(workbench, model)
    windows = len(bundle.forecast)
    shown = [
        _csv(_table(bundle, slice(first, first + 1)), header=False) for first in dict.fromkeys((0, windows // 2, windows - 1)) if windows
    ]
    return Size(round(sum(map(len, shown)) / max(1, len(shown)) * windows))


def parquet_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """About what it comes to."""
    del part
    return Size(_bundle(workbench, model).forecast.size * _PARQUET_BYTES)


def _bundle(workbench: Workbench, model: ModelRecord) -> TrafficBundle:
    run = run_of(workbench, model)
    path = bundle_path(workbench, run)
    if path is None:
        raise CommandError(f"Run #{run.number} has no forecasts.", "model", "Train the model again to its end.", code="conflict")
    return load(path)

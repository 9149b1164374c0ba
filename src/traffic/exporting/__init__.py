"""What can be taken out of a forecasting model besides what every model gives. Importing this imports no array package."""

from __future__ import annotations

from workbench.families import Export, ImportString

_HERE = "traffic.exporting.forecasts"
_WORDS = "The model's forecasts of the last test windows, a row a value: made when, for when, of which detector, beside what was measured."
GROUP = "Forecasts"

EXPORTS: tuple[Export, ...] = (
    Export(
        "snippet", "Python snippet", "A script that loads the exported weights and forecasts; it needs nothing but the package.",
        "The model", "forecast.py", "text/x-python",
        ImportString("traffic.exporting.snippet:snippet_write"), ImportString("traffic.exporting.snippet:snippet_size"), shown=True,
    ),
    Export(
        "forecasts.csv", "Forecasts, CSV", _WORDS, GROUP, "forecasts.csv", "text/csv",
        ImportString(f"{_HERE}:write_csv"), ImportString(f"{_HERE}:csv_size"),
    ),
    Export(
        "forecasts.parquet", "Forecasts, Parquet", _WORDS, GROUP, "forecasts.parquet", "application/vnd.apache.parquet",
        ImportString(f"{_HERE}:write_parquet"), ImportString(f"{_HERE}:parquet_size"),
    ),
)  # fmt: skip

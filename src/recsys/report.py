"""What a run's report says of a recommender besides its figures: what it must beat, and what is doubtful."""

from __future__ import annotations

from recsys.findings import BY_USER, Rows, doubts, lifts
from recsys.training.bundle import Bundle
from workbench.reporting import ReportTable


def tables(bundle: Bundle) -> tuple[ReportTable, ...]:
    """The differences from each baseline with their intervals, and the warnings; those that there are."""
    note = "The model minus each baseline on the same test rows; 95 % intervals of 1,000 paired resamples of users."
    by_user = any(
        figure["name"].startswith("user_ndcg") for figure in bundle.told.get("metrics", {}).get("model", ())
    )
    found = (
        _table("Beside baselines", f"{note} {BY_USER}" if by_user else note, lifts(bundle.told)),
        _table("Doubts", "What may be wrong with this test, and what to do about it.", doubts(bundle.told)),
    )
    return tuple(table for table in found if table.rows)


def _table(title: str, note: str, rows: Rows) -> ReportTable:
    return ReportTable(title, note, rows.columns, rows.rows)

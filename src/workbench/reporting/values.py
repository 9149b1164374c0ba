"""Metric values as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LONGEST_LIST = 24


ABBREVIATIONS = {
    "elbo": "ELBO", "kl": "KL", "nmi": "NMI", "ari": "ARI", "ood": "OOD", "f1": "F1", "pi": "π", "tau": "τ", "k": "K", "z": "z", "c": "c",
    "1pct": "above 1 %", "auc": "AUC", "mae": "MAE", "rmse": "RMSE", "mape": "MAPE", "ndcg": "NDCG", "mrr": "MRR", "nll": "NLL", "std": "std",
}  # fmt: skip
"""Words of metric names that are not written like others."""


def words(name: str) -> str:
    """`routing_metrics` as "Routing metrics", `kl_z` as "KL z"."""
    parts = [ABBREVIATIONS.get(part.lower(), part) for part in name.replace("_", " ").split()]
    text = " ".join(parts)
    return text if not parts or name.split("_")[0].lower() in ABBREVIATIONS else text[:1].upper() + text[1:]


def value_text(value: Any) -> str:
    """A metric's value on one line: four significant digits, long lists by their length."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {value_text(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return _list_text(list(value))
    return str(value)


def metric_text(record: Mapping[str, Any]) -> str:
    """What a metric answered: its value, or its state with the reason."""
    if record.get("state") == "success":
        return value_text(record.get("value"))
    return f"{record.get('state')}: {record.get('reason') or 'no reason given'}"


def source_text(record: Mapping[str, Any]) -> str:
    """What a value was computed on: "test, 360 images"; empty if that says nothing."""
    parts = [str(record["split"])] if record.get("split") else []
    if record.get("n") is not None:
        parts.append(f"n = {record['n']:,}")
    return ", ".join(parts)


def _float_text(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _list_text(values: list[Any]) -> str:
    if values and all(isinstance(row, list | tuple) for row in values):
        return f"a table of {len(values)} by {len(values[0])}, in summary.json"
    if len(values) > LONGEST_LIST:
        return f"{len(values)} values, in summary.json"
    return ", ".join(value_text(value) for value in values) if values else "none"

"""The metrics of recommenders for people: each key's name, unit, direction and the panel that shows it."""

from __future__ import annotations

from workbench.families import Metric, Panel

_BOTH = ("train", "validation")
_HELD = ("validation",)

PANELS: tuple[Panel, ...] = (
    Panel("loss", "Loss", "Losses over the epochs, means over rows", half=True),
    Panel("quality", "Ranking on validation rows", "Recall, nDCG and MRR over the epochs", half=True),
    Panel("rating", "Rating on validation rows", "RMSE and MAE over the epochs", half=True),
    Panel(
        "optimiser", "Gradients, weights and speed",
        "Gradient norm, share of tasks, learning rate, lengths of weights and rows a second over the epochs", each=True,
        height=180, log=False, overlays=False, rest=("measured",),
    ),
)  # fmt: skip

GROUPS = {
    "model": "Model", "popularity": "Popularity", "item_knn": "ItemKNN", "ease": "EASE", "oracle": "Oracle",
    "mean": "Mean rating", "user_item_means": "User and item means",
}  # fmt: skip
"""Titles of a summary's groups: who was measured."""

WATCHED = (
    "validation/recall_at_10", "validation/rmse", "train/loss", "validation/ndcg_at_10", "train/gradient_norm",
    "rows_per_second",
)  # fmt: skip
"""What is shown of a run while it trains, most telling first."""


def _references(key: str, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What baselines reached of a metric; the oracle, which knows what nobody can, is none."""
    return tuple((GROUPS[name], f"{name}/{key}") for name in names)


def _share(key: str, label: str) -> Metric:
    references = _references(key, ("popularity", "item_knn", "ease"))
    return Metric(key, label, "", "higher", "share", "quality", _HELD, references=references)


def _rating(key: str) -> Metric:
    references = _references(key, ("mean", "user_item_means"))
    return Metric(key, key.upper(), "", "lower", panel="rating", splits=_HELD, references=references)


def _ranking() -> tuple[Metric, ...]:
    found: list[Metric] = []
    for ending, words in (("", ", all items"), ("_unseen", ", seen left out")):
        found += [_share(f"recall_at_{k}{ending}", f"Recall@{k}{words}") for k in (5, 10, 50, 100)]
        found += [_share(f"ndcg_at_10{ending}", f"nDCG@10{words}"), _share(f"mrr{ending}", f"MRR{words}")]
    return tuple(found)


_OF_LOSSES = (
    "temperature",
    "sampling_correction",
    "remove_accidental_hits",
    "num_hard_negatives",
    "loss_function",
)
"""Settings that decide what the losses measure, that of ratings last."""

METRICS: tuple[Metric, ...] = (
    *_ranking(),
    Metric("user_ndcg_at_10", "nDCG@10 by user, seen left out", "", "higher", "share"),
    Metric("coverage_at_10", "Coverage@10", "", "higher", "share"),
    _rating("rmse"),
    _rating("mae"),
    Metric("r2", "R²", "", "higher"),
    Metric("auc", "AUC", "", "higher", "share"),
    Metric(
        "loss",
        "Loss",
        "",
        "lower",
        panel="loss",
        splits=_BOTH,
        made_of=("retrieval_weight", "ranking_weight", "loss_balance", *_OF_LOSSES),
    ),
    Metric(
        "retrieval_loss",
        "Retrieval loss",
        "nats",
        "lower",
        panel="loss",
        splits=_BOTH,
        made_of=_OF_LOSSES[:-1],
    ),
    Metric("ranking_loss", "Rating loss", "", "lower", panel="loss", splits=_BOTH, made_of=_OF_LOSSES[-1:]),
    Metric("retrieval_share", "Share of retrieval", format="share", panel="optimiser", splits=("train",)),
    Metric("gradient_norm", "Gradient norm", panel="optimiser", splits=("train",)),
    Metric("learning_rate", "Learning rate", panel="optimiser", splits=("train",), from_zero=True),
    Metric("buyer_weight_norm", "Length of the buyer tower's weights", panel="optimiser", splits=("train",)),
    Metric(
        "product_weight_norm", "Length of the product tower's weights", panel="optimiser", splits=("train",)
    ),
    Metric("head_weight_norm", "Length of the rating head's weights", panel="optimiser", splits=("train",)),
    Metric("epoch_seconds", "Seconds an epoch", "s", "lower"),
    Metric("rows_per_second", "Rows a second", "rows/s", "higher", panel="optimiser"),
)

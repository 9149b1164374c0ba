"""All figures of a trial: what each shows, and for which models it means anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.families import Applies, Figure, ImportString

Resolved = Mapping[str, Any]


def _always(values: Resolved, held: Any) -> str | None:
    return None


def _ranks(values: Resolved, held: Any) -> str | None:
    return (
        "a ranking model predicts ratings and is not measured by ranks"
        if values.get("model_type") == "ranking"
        else None
    )


def _rates(values: Resolved, held: Any) -> str | None:
    return "a retrieval model predicts no ratings" if values.get("model_type") == "retrieval" else None


def _balanced(values: Resolved, held: Any) -> str | None:
    if values.get("model_type") != "multitask":
        return "only a multitask model has two tasks that share a gradient"
    return (
        None
        if values.get("loss_balance") == "gradient"
        else "shares are only measured where tasks are balanced by their gradients"
    )


def _looked_inside(values: Resolved, held: Any) -> str | None:
    return (
        None
        if values.get("histogram_epochs")
        else "no histograms were asked for: “Histograms every” in the model's settings keeps some"
    )


def _figure(name: str, where: str, title: str, look_for: str, applies: Applies = _always) -> Figure:
    return Figure(name, title, look_for, ImportString(f"recsys.figures.{where}:{name}"), applies)


# fmt: off
FIGURES: tuple[Figure, ...] = (
    _figure("loss", "curves", "Loss",
            "The curve should fall and level off; one that still falls at the end asks for more epochs, one that never moves for other settings."),
    _figure("ranking_metrics", "curves", "Validation metrics",
            "Recall should rise, errors should fall; curves that turn round while the loss still falls mean overfitting."),
    _figure("recall_curve", "ranks", "Recall at K",
            "The model's line should lie above every baseline's; on simulated data the oracle's is the best that anybody can reach.", _ranks),
    _figure("lift", "ranks", "Lift over the baselines",
            "An interval that stays on the better side of zero is a real gain; one that crosses zero may be chance."),
    _figure("rank_histogram", "ranks", "Ranks of the test rows",
            "Mass should lie to the left, further than popularity's; a lump at the right are buyers that the model does not understand.", _ranks),
    _figure("popularity_bias", "products", "Popularity of what is recommended",
            "Recommendations should follow the train rows; far more in the first group means that the model recommends what is popular anyway.", _ranks),
    _figure("product_map", "products", "Map of products",
            "Products of one colour that lie together are alike to the model; one single lump means that it hardly tells them apart."),
    _figure("gradient_share", "curves", "Share of each task",
            "Both tasks should keep their shares; one that fades away is hardly learnt any more.", _balanced),
    _figure("weights", "inside", "Weights and gradients",
            "Weights should spread from where they began; gradients that are all zero belong to a layer that does not learn.", _looked_inside),
    _figure("layer_norms", "inside", "Lengths by layer",
            "Lengths should settle; one that grows without end asks for a lower learning rate or a penalty.", _looked_inside),
    _figure("rating_error", "ratings", "Errors of ratings",
            "Predictions should climb along the dotted line; a flat row of them is a model that always says the mean.", _rates),
    _figure("vocabulary", "course", "Tables of terms",
            "Few test rows should have an unknown term; where many have, the table is cut too far or the split brings new terms."),
    _figure("timeline", "course", "Time of each stage",
            "Training should take most of the time; a long baseline or export stage does not depend on the epochs."),
)
# fmt: on

"""What recommenders reach on MovieLens-100K and on simulated shops, beside baselines, oracle and what is demanded.

`python -m bench.recsys_quality [SETTING ...]` measures all settings, or those named. Each is a section of its own.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from bench.harness import Bound, Row, Section, measure_chosen
from bench.recsys_trials import (
    FIRST_SEED,
    RANDOM,
    Outcome,
    Setting,
    mean_of,
    recipe,
    repeated,
    shop,
    spread_of,
    standard_error,
)
from recsys.data.retail_settings import SizeName
from recsys.features.config import Target, without_column
from recsys.features.shipped import SHIPPED
from recsys.model.config import Architecture, ModelConfig
from recsys.model.presets import PRESETS
from recsys.model.recipes import RECIPES
from recsys.model.training import Training

PACKAGES = ("tensorflow-cpu", "tf-keras", "tensorflow-recommenders")
ALL, UNSEEN, USER_NDCG, RMSE = "recall_at_100", "recall_at_100_unseen", "user_ndcg_at_10", "rmse"
WORDS = {
    ALL: "Recall@100, all items",
    UNSEEN: "Recall@100, unseen items",
    USER_NDCG: "nDCG@10 by user, unseen items",
    RMSE: "RMSE",
    "recall_at_10": "Recall@10, all items",
}
PUBLISHED = "Published for the same protocol: BPR .442, SAR .382, LightGCN .420, BiVAE .475"
MOVIES = "MovieLens-100K, 80 % of its rows to learn from and 20 % to measure on, by chance."
SHOP_RATINGS = (
    "60,000 sales, 20 % of the rows to measure on, by chance; features `retail-104-72`, target `user_rating`; means of seeds 42 to 44."
)
TUTORIAL_SEEDS = 10
BEHIND_POPULARITY = "W-08"


def figure(
    name: str,
    outcomes: Sequence[Outcome],
    *,
    of: str = "",
    against: str = "",
    must: float | None = None,
    goal: float | None = None,
    note: str = "",
) -> Row:
    """A row of the mean of a figure over seeds, beside a baseline's on the same rows."""
    less = name == RMSE
    return Row(
        f"{of}: {WORDS[name]}" if of else WORDS[name],
        mean_of(outcomes, name),
        "",
        mean_of(outcomes, name, against) if against else None,
        against.replace("_", " "),
        must=None if must is None else Bound(must, "most" if less else "least"),
        goal=None if goal is None else Bound(goal, "most" if less else "least"),
        spread=spread_of(outcomes, name),
        note=note,
        better="less" if less else "more",
    )


def tutorial_retrieval(page: Section) -> None:
    """The tutorial's model, which popularity beats, and it must be said so. Its limit lies within the noise of three seeds."""
    outcomes = repeated(recipe("tutorial_retrieval"), TUTORIAL_SEEDS)
    told = sum(BEHIND_POPULARITY in outcome.warned for outcome in outcomes)
    page.add(
        figure(ALL, outcomes, against="popularity", must=0.233),
        Row("Seeds of which a warning says that popularity is better", told, f"of {TUTORIAL_SEEDS}", must=Bound(TUTORIAL_SEEDS, "least")),
    )


def tutorial_corrected(page: Section) -> None:
    """The same with nothing but the correction for popular negatives."""
    outcomes = repeated(recipe("tutorial_retrieval").training(sampling_correction="logq"))
    page.add(
        figure(ALL, outcomes, against="popularity", must=0.37),
        figure(UNSEEN, outcomes, against="popularity", must=0.57),
    )


def best_retrieval(page: Section) -> None:
    """The best shipped retrieval model."""
    outcomes = repeated(recipe("best_retrieval"))
    page.add(
        figure(ALL, outcomes, against="popularity", must=0.29, goal=0.37),
        figure(UNSEEN, outcomes, against="ease", goal=0.60),
    )
    for baseline in ("popularity", "item_knn"):
        lifts = [outcome.hit_lift(baseline, 100) for outcome in outcomes]
        page.add(
            Row(
                f"{WORDS[UNSEEN]}, lead over {baseline.replace('_', ' ')}: lowest end of 95 % intervals",
                min(lift.absolute_interval.low for lift in lifts),
                "",
                goal=Bound(0.0, "least"),
                note=f"the mean lead is {statistics.fmean(lift.absolute for lift in lifts):.3f}",
            )
        )


def tutorial_ranking(page: Section) -> None:
    """The tutorial's model of ratings."""
    page.add(figure(RMSE, repeated(recipe("tutorial_ranking"), 5), against="mean", must=1.115))


def best_ranking(page: Section) -> None:
    """The best shipped model of ratings."""
    outcomes = repeated(recipe("best_ranking"))
    page.add(figure(RMSE, outcomes, against="user_item_means", must=0.94, goal=0.93))


def tutorial_both(page: Section) -> None:
    """Both tasks with equal weights of their gradients, against each alone on the tutorial's schedule."""
    both = recipe("tutorial_multitask").training(retrieval_weight=0.5, ranking_weight=0.5, loss_balance="gradient")
    retrieval, ranking = repeated(recipe("tutorial_retrieval")), repeated(recipe("tutorial_ranking"))
    outcomes = repeated(both)
    page.add(
        figure(ALL, retrieval, of="retrieval alone"),
        figure(RMSE, ranking, of="ratings alone"),
        figure(ALL, outcomes, of="both", must=round(mean_of(retrieval, ALL) - 0.01, 4)),
        figure(RMSE, outcomes, of="both", must=round(mean_of(ranking, RMSE) + 0.01, 4)),
    )


def best_multitask(page: Section) -> None:
    """The best shipped model of both tasks, against the same towers trained on one."""
    both = recipe("best_multitask")
    retrieval = repeated(both.training(retrieval_weight=1.0, ranking_weight=0.0))
    ranking = repeated(both.training(retrieval_weight=0.0, ranking_weight=1.0))
    outcomes = repeated(both)
    page.add(
        *(figure(name, retrieval, of="retrieval alone") for name in (ALL, UNSEEN)),
        figure(RMSE, ranking, of="ratings alone", against="user_item_means"),
        figure(ALL, outcomes, of="both", must=round(mean_of(retrieval, ALL) - 0.005, 4)),
        figure(UNSEEN, outcomes, of="both", must=round(mean_of(retrieval, UNSEEN) - 0.015, 4)),
        figure(RMSE, outcomes, of="both", must=round(mean_of(ranking, RMSE) + 0.005, 4)),
    )


def weights(page: Section) -> None:
    """What moving the weight from retrieval to ratings does."""
    reached = {}
    for share in (0.1, 0.5, 0.9):
        both = recipe("best_multitask").training(retrieval_weight=share, ranking_weight=round(1 - share, 1))
        reached[share] = repeated(both)
        of = f"retrieval {share:g}, ratings {1 - share:.1f}"
        page.add(*(figure(name, reached[share], of=of) for name in (ALL, RMSE)))
    for name in (ALL, RMSE):
        values = [[outcome.value(name) for outcome in outcomes] for outcomes in reached.values()]
        steps = [[after - before for before, after in zip(*pair, strict=True)] for pair in pairwise(values)]
        least = min(steps, key=statistics.fmean)
        note = "both figures should rise with the weight of retrieval; the seeds' steps: "
        page.add(
            Row(
                f"{WORDS[name]}: smallest step", statistics.fmean(least), "", must=Bound(-0.015, "least"),
                spread=f"standard error {standard_error(least):.4f}", note=note + ", ".join(f"{step:+.4f}" for step in least),
            )
        )  # fmt: skip


def best_top10(page: Section) -> None:
    """The best shipped model for the first ten places, by the protocol of published comparisons."""
    outcomes = repeated(replace(recipe("best_top10"), split={"split": "stratified"}))
    page.add(
        figure(USER_NDCG, outcomes, against="popularity", must=0.43, note=PUBLISHED),
        replace(figure(USER_NDCG, outcomes, against="ease"), name=f"{WORDS[USER_NDCG]}, beside EASE"),
    )


def _on_retail(size: SizeName, model: ModelConfig) -> Setting:
    return Setting(partial(shop, size), SHIPPED["retail-104-72"].config, model, {"split": "time_holdout"})


def with_preset(name: str, **training: Any) -> ModelConfig:
    """A preset's towers with adam 0.005 and other settings of training."""
    preset = PRESETS[name]
    architecture = Architecture(
        buyer_tower_layers=preset.buyer_tower_layers,
        product_tower_layers=preset.product_tower_layers,
        output_embedding_dim=preset.output_embedding_dim,
    )
    return ModelConfig(architecture, Training(optimizer="adam", learning_rate=0.005, **training))


def _standard(epochs: int) -> ModelConfig:
    return with_preset("standard", batch_size=1024, epochs=epochs)


def _oracle_share(page: Section, name: str, outcomes: Sequence[Outcome], must: float | None) -> None:
    shares = [outcome.value("recall_at_10") / outcome.value("recall_at_10", "oracle") for outcome in outcomes]
    page.add(
        Row(
            f"{name}: Recall@10, share of the oracle's",
            100 * statistics.fmean(shares),
            "%",
            must=None if must is None else Bound(must, "least"),
            spread=f"{100 * min(shares):.1f} to {100 * max(shares):.1f}",
        )
    )


def shop_small(page: Section) -> None:
    """The small simulated shop, whose best possible figures are known."""
    outcomes = repeated(_on_retail("small", _standard(10)))
    page.add(*(figure("recall_at_10", outcomes, of="Standard", against=who) for who in ("oracle", "ease")))
    _oracle_share(page, "Standard", outcomes, 80)
    _oracle_share(page, "best_retrieval", repeated(_on_retail("small", RECIPES["best_retrieval"].config)), 80)


def shop_medium(page: Section) -> None:
    """A shop with a million sales."""
    outcomes = repeated(_on_retail("medium", RECIPES["best_retrieval"].config))
    page.add(*(figure("recall_at_10", outcomes, of="best_retrieval", against=who) for who in ("oracle", "ease")))
    _oracle_share(page, "best_retrieval", outcomes, 80)
    _oracle_share(page, "Standard", repeated(_on_retail("medium", _standard(5)), 1), None)


def shop_ratings(page: Section) -> None:
    """Ratings of the small simulated shop by the best shipped model, which learns from what is bought, too."""
    _shop_ratings(page, "best_multitask", must=True)


def shop_ratings_alone(page: Section) -> None:
    """The same by the best shipped model that learns from ratings alone."""
    _shop_ratings(page, "best_ranking", must=False)


def _shop_ratings(page: Section, key: str, *, must: bool) -> None:
    features = without_column(SHIPPED["retail-104-72"].config, "user_rating").model_copy(
        update={"target_column": Target(column="user_rating")}
    )
    outcomes = repeated(Setting(partial(shop, "small"), features, RECIPES[key].config, RANDOM))
    ratios = [outcome.value(RMSE) / outcome.bundle.told["oracle_rmse"] for outcome in outcomes]
    lifts = [outcome.bundle.told["lift"]["rmse"]["user_item_means"] for outcome in outcomes]
    means = [outcome.value(RMSE, "user_item_means") / outcome.bundle.told["oracle_rmse"] for outcome in outcomes]
    limit = Bound(1.17, "most")
    page.add(
        figure(RMSE, outcomes, against="user_item_means"),
        Row(
            "RMSE above that of user and item means: highest end of 95 % intervals",
            max(lift["absolute_interval"]["high"] for lift in lifts),
            "",
            must=Bound(0.0, "most"),
        ),
        Row(
            "RMSE, times the oracle's",
            statistics.fmean(ratios),
            "",
            statistics.fmean(means),
            "user item means",
            must=limit if must else None,
            goal=None if must else limit,
            better="less",
        ),
    )


SETTINGS: dict[str, tuple[str, str, Callable[[Section], None]]] = {
    "tutorial_retrieval": (
        "Recommenders: the tutorial's retrieval",
        f"{MOVIES} The recipe `tutorial_retrieval` with its features `ids-32`; means of seeds 42 to {FIRST_SEED + TUTORIAL_SEEDS - 1}.",
        tutorial_retrieval,
    ),
    "tutorial_corrected": (
        "Recommenders: the tutorial's retrieval, corrected",
        f"{MOVIES} `tutorial_retrieval` with `sampling_correction: logq`, all else equal; seeds 42 to 44.",
        tutorial_corrected,
    ),
    "best_retrieval": (
        "Recommenders: best retrieval",
        f"{MOVIES} The recipe `best_retrieval` with its features `ids-32`; means of seeds 42 to 44.",
        best_retrieval,
    ),
    "tutorial_ranking": (
        "Recommenders: the tutorial's ratings",
        f"{MOVIES} The recipe `tutorial_ranking` with its features `ids-32`; means of seeds 42 to 46.",
        tutorial_ranking,
    ),
    "best_ranking": (
        "Recommenders: best ratings",
        f"{MOVIES} The recipe `best_ranking` with its features `movielens-side`; means of seeds 42 to 44.",
        best_ranking,
    ),
    "tutorial_both": (
        "Recommenders: the tutorial's two tasks, balanced",
        f"{MOVIES} `tutorial_multitask` with weights 0.5 and 0.5 and `loss_balance: gradient`, beside "
        "`tutorial_retrieval` and `tutorial_ranking`; means of seeds 42 to 44.",
        tutorial_both,
    ),
    "best_multitask": (
        "Recommenders: best of two tasks",
        f"{MOVIES} The recipe `best_multitask` with its features, beside the same towers trained on one task; means of seeds 42 to 44.",
        best_multitask,
    ),
    "weights": (
        "Recommenders: weights of two tasks",
        f"{MOVIES} The recipe `best_multitask` with three pairs of weights; means of seeds 42 to 44.",
        weights,
    ),
    "best_top10": (
        "Recommenders: best first ten",
        "MovieLens-100K, of each user 75 % of the rows to learn from and 25 % to measure on. The recipe "
        "`best_top10` with its features `ids-64`; means of seeds 42 to 44.",
        best_top10,
    ),
    "shop_small": (
        "Recommenders: the small simulated shop",
        "60,000 sales, the last 30 days held out, features `retail-104-72`; means of seeds 42 to 44 of the model. "
        "Standard: the preset with adam 0.005, batch 1024, 10 epochs. The oracle ranks by the true chances.",
        shop_small,
    ),
    "shop_medium": (
        "Recommenders: the medium simulated shop",
        "1,000,000 sales, the last 30 days held out, features `retail-104-72`; means of seeds 42 to 44 of the "
        "model. Standard: the preset with adam 0.005, batch 1024, 5 epochs.",
        shop_medium,
    ),
    "shop_ratings": (
        "Recommenders: ratings of the small simulated shop",
        f"{SHOP_RATINGS} The recipe `best_multitask`, which learns from sales and ratings.",
        shop_ratings,
    ),
    "shop_ratings_alone": (
        "Recommenders: ratings of the small simulated shop, learnt alone",
        f"{SHOP_RATINGS} The recipe `best_ranking`, which learns from ratings alone; not the best here, hence a goal.",
        shop_ratings_alone,
    ),
}
"""Name -> heading, about, what is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 2 for an unknown name."""
    return measure_chosen(SETTINGS, arguments, prefix="recsys_", word="setting", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())

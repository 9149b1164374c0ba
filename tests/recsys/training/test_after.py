"""What a quick test has, and says that it has not, where it is cancelled after its training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recsys.data.shops import load
from recsys.evaluation.halting import Halted
from recsys.features.config import FeatureConfig
from recsys.model.config import Architecture, ModelConfig
from recsys.training.after import LEFT_OUT, After
from recsys.training.exported import EMBEDDINGS, VOCABULARIES
from recsys.training.measuring import Beside, beside, compare
from recsys.training.parts import Transformed, divide, transform
from recsys.training.rows import PartRows, part_rows
from recsys.training.stages import STAGES, Stages
from recsys.trial import TrialSettings
from tests.recsys.training.reported import Reported
from tests.recsys.training.shop import done

RANKS = ModelConfig(Architecture(model_type="retrieval"))
RATES = ModelConfig(Architecture(model_type="ranking"))


class Stop:
    """A check that halts once it was called so many times."""

    def __init__(self, after: int | None = None) -> None:
        self.calls, self.after = 0, after

    def __call__(self) -> None:
        self.calls += 1
        if self.after is not None and self.calls > self.after:
            raise Halted


def test_rows(found: Transformed, *, rates: bool) -> PartRows:
    division = found.division
    items = division.data.item[division.rows("test")]
    target = found.target("test") if rates else None
    return part_rows(found.fitted, found.tensors("test"), found.keys[items], division.item_ids, items, target)


test_rows.__test__ = False  # type: ignore[attr-defined]


def trained(found: Transformed, told: list[str], at_export: Callable[[], None] = lambda: None) -> Any:
    """What stands in for a trained model: towers that give random vectors, and an export that says so."""
    rng = np.random.default_rng(1)
    ids = np.sort(np.char.encode(found.division.item_ids[found.division.candidates], "utf-8").astype(object))

    def vectors(columns: Mapping[str, np.ndarray]) -> np.ndarray:
        return rng.normal(size=(len(next(iter(columns.values()))), 4)).astype(np.float32)

    def export(folder: str) -> None:
        told.append(folder)
        at_export()

    ratings = lambda buyers, products: 3 + (buyers * products).sum(axis=1)  # noqa: E731
    towers = SimpleNamespace(buyers=vectors, products=vectors, ratings=ratings)
    return SimpleNamespace(evaluation=towers, items={"key": np.arange(len(ids))}, ids=ids, export=export)


def worked(found: Beside, config: ModelConfig, data: Transformed, check: Callable[[], None]) -> Future[None]:
    """The work on baselines, done here and now."""
    future: Future[None] = Future()
    try:
        compare(found, config, data, test_rows(data, rates=config.rates), check)
        future.set_result(None)
    except Halted as error:
        future.set_exception(error)
    return future


def carried_on(
    tmp_path: Path, config: ModelConfig, stop: Stop, *, baselines: Stop | None = None, export: Any = None
) -> tuple[After, Reported, list[str]]:
    data, told, exported = done(), Reported(), []
    rows = test_rows(data, rates=config.rates)
    found = beside(config, data, rows)
    work = worked(found, config, data, baselines or Stop())
    after = After(Stages(told, dict.fromkeys(STAGES, 1.0)), config, data, rows, (found, work), stop)
    after.carry_on(trained(data, exported, export or (lambda: None)), tmp_path, 3)
    return after, told, exported


def last_stages(told: Reported) -> dict[str, str]:
    return {row["stage"]: row["status"] for row in told.of("stages")[-1]["stages"]}


@pytest.mark.parametrize("config", [RANKS, RATES])
def test_a_test_that_nobody_cancels_has_everything(tmp_path: Path, config: ModelConfig) -> None:
    after, told, exported = carried_on(tmp_path, config, Stop())
    assert (after.halted, after.missing(), len(exported)) == (False, "", 1)
    assert after.measured is not None
    assert after.lifts is not None
    names = {"popularity", "item_knn", "ease"} if config is RANKS else {"mean", "user_item_means"}
    assert set(after.lifts["rmse"] or after.lifts[after.measured.results.recall]) == names
    assert last_stages(told) == {"evaluate": "done", "baselines": "done", "export": "done"}
    assert (tmp_path / EMBEDDINGS).is_file()


def test_a_test_that_is_cancelled_while_it_is_measured_has_no_figures_and_says_so(tmp_path: Path) -> None:
    after, told, exported = carried_on(tmp_path, RANKS, Stop(0))
    assert after.halted
    assert after.measured is None
    assert exported == []
    assert after.missing() == "Not computed: the figures of quality, the baselines and the export."
    assert last_stages(told) == {"evaluate": "stopped"}


def test_measuring_can_be_left_between_any_two_blocks(tmp_path: Path) -> None:
    counted = Stop()
    carried_on(tmp_path, RANKS, counted)
    # towers of buyers and products, scores of the ranks and of the lists, and what follows
    assert counted.calls >= 6
    for calls in range(counted.calls):
        after, _, _ = carried_on(tmp_path / str(calls), RANKS, Stop(calls))
        assert after.halted


def test_a_test_that_is_cancelled_while_baselines_are_measured_keeps_those_that_are_there(
    tmp_path: Path,
) -> None:
    whole = Stop()
    data = done()
    worked(beside(RANKS, data, test_rows(data, rates=False)), RANKS, data, whole)
    seen = []
    for calls in range(whole.calls):
        after, told, exported = carried_on(tmp_path, RANKS, Stop(), baselines=Stop(calls))
        assert after.halted
        assert after.measured is not None
        assert exported == []
        there = [one.name for one in after.measured.results.ranked if one.ranks is not None]
        left = [one.name for one in after.measured.results.ranked if one.about == LEFT_OUT]
        assert there + left == ["model", "popularity", "item_knn", "ease"]
        assert after.measured.results.ranked[0].metrics is not None
        assert "the exported model" in after.missing()
        assert last_stages(told) == {"evaluate": "done", "baselines": "stopped"}
        seen.append(len(left))
    # the further it was, the more there is
    assert seen == sorted(seen, reverse=True)
    assert {3, 2, 1} <= set(seen)


def test_a_test_that_is_cancelled_during_its_export_keeps_all_figures(tmp_path: Path) -> None:
    stop = Stop()

    def asked() -> None:
        stop.after = stop.calls

    after, told, exported = carried_on(tmp_path, RANKS, stop, export=asked)
    assert after.halted
    assert len(exported) == 1
    assert after.measured is not None
    assert after.lifts is not None
    assert set(after.lifts[after.measured.results.recall]) == {"popularity", "item_knn", "ease"}
    assert after.missing() == "Not computed: the files of embeddings and vocabularies."
    assert last_stages(told)["export"] == "stopped"
    assert not (tmp_path / VOCABULARIES).exists()


def test_what_breaks_the_work_on_baselines_breaks_the_test(tmp_path: Path) -> None:
    data = done()
    rows = test_rows(data, rates=False)
    broken: Future[None] = Future()
    broken.set_exception(MemoryError())
    stages = Stages(Reported(), dict.fromkeys(STAGES, 1.0))
    after = After(stages, RANKS, data, rows, (beside(RANKS, data, rows), broken), Stop())
    with pytest.raises(Exception, match="not enough memory"):
        after.carry_on(trained(data, []), tmp_path, 3)


def test_on_simulated_data_the_oracle_is_among_what_was_left_out(tmp_path: Path) -> None:
    table = load()
    ids = [
        {"column": name, "data_type": "text", "is_primary_id": True, "transforms": {"embedding": {"embedding_dim": 4}}}
        for name in ("customer_id", "product_id")
    ]  # fmt: skip
    features = FeatureConfig.model_validate(
        {"buyer_model_features": ids[:1], "product_model_features": ids[1:]}
    )
    division = divide(table, TrialSettings(split="random", sample_percent=5))
    data = transform(division, features, binary=False)
    rows = test_rows(data, rates=False)
    found = beside(RANKS, data, rows)
    work = worked(found, RANKS, data, Stop(0))
    stages = Stages(Reported(), dict.fromkeys(STAGES, 1.0))
    after = After(stages, RANKS, data, rows, (found, work), Stop())
    after.carry_on(trained(data, []), tmp_path, 3)
    assert after.missing() == (
        "Not computed: Popularity, ItemKNN, EASE, Oracle, the intervals, the exported model and "
        "the files of embeddings and vocabularies."
    )

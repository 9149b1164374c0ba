"""A whole trial as a worker carries it out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from recsys.model.config import document_of
from recsys.training import trainer
from recsys.trial import Columns, Named, Overrides, TrialPayload
from tests.recsys.codegen.tiny import config_of, features_of, sales
from tests.recsys.training.reported import Reported


def job_of(tmp_path: Path, kind: str, *, test: bool = False, attempt: int = 1, **overrides: Any) -> Any:
    """A trial of a small model on a thousand sales: a quick test's, or a model's own."""
    table, config = sales(), config_of(kind)
    payload = TrialPayload(
        features=features_of("ids").model_dump(mode="json"),
        settings={"split": "random"},
        columns=Columns(
            user="customer_id",
            item="product_id",
            types={info.column: info.data_type for info in table.schema.columns},
        ),
        features_of=Named(name="ids"),
        model_of=Named(name="small") if test else None,
        overrides=Overrides(**overrides),
    )
    folder = tmp_path / str(attempt)
    folder.mkdir()
    return SimpleNamespace(
        inputs=payload,
        configs={"architecture": config.architecture, "training": config.training},
        folder=folder,
        dataset=table,
        run_id=f"r{kind}{test}",
        fingerprint="f",
        dataset_sha256="d",
        resume_from=None,
        start_from=None,
        resolved=document_of(config),
    )


class Cancelled(Reported):
    """A reporter whose run is asked to stop once its first epoch is told."""

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        super().epoch(epoch, total, metrics, life_epoch)
        self.stop = True


@pytest.mark.parametrize("kind", ["quick test", "model"])
def test_a_quick_test_that_is_cancelled_ends_there_and_a_models_run_that_is_stopped_is_measured(
    tmp_path: Path, kind: str
) -> None:
    job = job_of(tmp_path, "retrieval", epochs=50, test=kind == "quick test")
    told = Cancelled()
    summary = trainer.train(job, cast(Any, told))
    assert (summary.outcome, summary.epochs) == ("stopped", 1)
    assert summary.kept.is_file()
    found = {row["stage"]: row["status"] for row in told.of("stages")[-1]["stages"]}
    assert found["train"] == "stopped"
    results = tmp_path / "results.json"
    if kind == "quick test":
        assert summary.shortfall == "Not computed: the figures of quality, the baselines and the export."
        assert (summary.headline, summary.bundle, results.exists()) == ({}, None, False)
        assert list(found) == ["split", "fit_transforms", "generate", "check", "train"]
    else:
        assert summary.shortfall == ""
        assert summary.headline
        assert found["export"] == "done"
        took = json.loads(results.read_text())["baselines_took"]
        assert took["seconds"] > 0
        assert took["waited"] >= 0


def test_a_model_that_only_rates_and_learnt_nothing_is_doubted_and_its_epochs_are_told(
    tmp_path: Path,
) -> None:
    job = job_of(tmp_path, "ranking", epochs=2, batch_size=256, learning_rate=0.0)
    told = Reported()
    trainer.train(job, cast(Any, told))
    results = json.loads((tmp_path / "results.json").read_text())
    (warning,) = [found for found in results["warnings"] if found["code"] == "W-08"]
    assert "that of the mean rating" in warning["message"]
    assert any(warning["message"] in line for line in told.of("log"))
    history = results["history"]["metrics"]
    assert history["train/learning_rate"] == [0.0, 0.0]
    lengths = history["train/head_weight_norm"]
    assert lengths[0] == lengths[1] > 0
    losses = history["validation/loss"]
    assert losses[0] == losses[1] > 0
    (first, second) = (metrics for _, _, metrics, _ in told.of("epoch"))
    assert first["validation/loss"] == second["validation/loss"] == losses[0]

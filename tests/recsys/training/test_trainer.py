"""A whole trial as a worker carries it out."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from recsys.model.config import document_of
from recsys.training import trainer
from recsys.trial import Columns, Named, Overrides, TrialPayload
from tests.recsys.codegen.tiny import config_of, features_of, sales
from tests.recsys.training.reported import Reported


def test_a_model_that_only_rates_and_learnt_nothing_is_doubted_and_its_epochs_are_told(
    tmp_path: Path,
) -> None:
    table, config = sales(), config_of("ranking")
    payload = TrialPayload(
        features=features_of("ids").model_dump(mode="json"),
        settings={"split": "random"},
        columns=Columns(
            user="customer_id",
            item="product_id",
            types={info.column: info.data_type for info in table.schema.columns},
        ),
        features_of=Named(name="ids"),
        overrides=Overrides(epochs=2, batch_size=256, learning_rate=0.0),
    )
    job: Any = SimpleNamespace(
        inputs=payload,
        configs={"architecture": config.architecture, "training": config.training},
        folder=tmp_path / "1",
        dataset=table,
        run_id="r1",
        fingerprint="f",
        dataset_sha256="d",
        resume_from=None,
        start_from=None,
        resolved=document_of(config),
    )
    job.folder.mkdir()
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

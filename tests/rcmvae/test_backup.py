"""A model that was put back from a backup predicts what it predicted."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rcmvae.active import asking
from tests.workbench.runs import inline
from workbench.backup import restoring, taking
from workbench.settings import Settings
from workbench.workbench import Workbench


def test_a_restored_model_predicts_the_same(home: Path, tmp_path: Path) -> None:
    bench = Workbench.open(Settings.load(home=home))
    values = {
        "num_components": 10, "hidden_dims": [16], "encoder_type": "dense", "decoder_type": "dense", "max_epochs": 1,
        "component_embedding_dim": 2,
    }  # fmt: skip
    model = bench.models.create(
        actor="me", family="rcmvae", model_type="rcmvae", dataset_id="digits", values=values, sample={"num_labeled": 20}, name="One"
    )
    inline.start(bench, model)
    inline.work(bench)
    before = asking.predict(bench, model.id, split="test", blend=0.0)
    taking.take(bench.store, bench.settings, tmp_path / "all.zip")
    bench.close()
    settings = Settings.load(home=tmp_path / "elsewhere")
    restoring.restore(tmp_path / "all.zip", settings)
    restored = Workbench.open(settings)
    after = asking.predict(restored, model.id, split="test", blend=0.0)
    assert before.columns.keys() == after.columns.keys()
    for name, values in before.columns.items():
        np.testing.assert_array_equal(np.asarray(values), np.asarray(after.columns[name]))
    restored.close()

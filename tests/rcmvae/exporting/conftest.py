"""A model of the digits on a workbench of the real families, and one whose run has diagnostics."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rcmvae.recount import labels_of
from tests.dashboard.conftest import bench
from tests.rcmvae.diagnostics import toy
from tests.support.acting import trained

__all__ = ["bench"]


@pytest.fixture
def model(bench: Any) -> Any:
    """Two hundred digits, twenty labels."""
    return bench.models.create(
        actor="me", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={"latent_dim": 3}, name="Ångström 5/6 …",
        sample={"num_samples": 200, "num_labeled": 20},
    )  # fmt: skip


@pytest.fixture
def ready(bench: Any, model: Any) -> Any:
    """The model with weights and with diagnostics of its own sample's rows."""
    run = trained(bench, model)
    rows = bench.models.read(bench.models.get(model.id))
    every = np.concatenate([rows.train, rows.validation, rows.test])
    split = np.repeat([0, 1, 2], [len(rows.train), len(rows.validation), len(rows.test)]).astype(np.uint8)
    bundle = toy.make(n=len(every), labelled=20)
    labels = {row: mark.label for row, mark in bench.models.labels(model.id).items()}
    bundle = replace(bundle, rows=every.astype(np.int32), split=split, used_labels=labels_of(every, labels))
    bundle.save(Path(bench.runs.where(run.id)) / "diagnostics.npz")
    return bench.models.get(model.id)

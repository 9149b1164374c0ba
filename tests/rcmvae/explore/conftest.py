"""A workbench with a small model of the digits that was trained for two epochs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workbench.runs import inline
from workbench.settings import Settings
from workbench.state import ModelRecord
from workbench.workbench import Workbench

ME = "user:test"
SMALL = {"hidden_dims": (16, 8), "num_components": 12, "latent_dim": 3, "max_epochs": 2, "decoder_conditioning": "film"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench of the real families on a home of the module's own."""
    opened = Workbench.open(Settings.load(home=tmp_path_factory.mktemp("home")))
    opened.runs.executor = inline.NoWorkers()  # type: ignore[assignment]
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["shared", "decentralized"])
def model(request: pytest.FixtureRequest, bench: Workbench) -> ModelRecord:
    """A trained model of each layout of the latent space, 200 images of which 60 are labelled."""
    made = bench.models.create(
        actor=ME, family="rcmvae", model_type="rcmvae", dataset_id="digits", name=request.param,
        values={**SMALL, "latent_layout": request.param}, sample={"num_samples": 200, "num_labeled": 60},
    )  # fmt: skip
    bench.runs.start(actor=ME, model_id=made.id)
    inline.work(bench)
    return bench.models.get(made.id)

"""The density of a saved model, as Python and the command line ask for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rcmvae.data.binarisation import binarised
from rcmvae.density import density
from rcmvae.diagnostics.metrics.density import DensityResult
from rcmvae.training.trainer import train
from tests.support.small_rcmvae import small_job
from workbench.runs.scripted import QuietReporter


def test_a_checkpoint_s_density_is_that_of_its_images_with_everything_stated(tmp_path: Path) -> None:
    job = small_job(tmp_path, max_epochs=2)
    kept = train(job, QuietReporter()).kept
    rows = np.asarray(job.sample["test"])
    done: list[int] = []
    found = density(kept, job.dataset, rows, split="test", samples=60, binarise=True, on_progress=done.append)
    again = density(kept, job.dataset, rows, split="test", samples=60, binarise=True)
    assert found == again
    assert done[-1] == len(rows)
    assert found.plain().keys() == {"nll", "standard_error", "samples", "seed", "binarisation", "split", "n"}
    assert {name: record["value"] for name, record in found.metrics().items()} == {
        "nll": found.nll, "standard_error": found.standard_error, "importance_samples": 60, "binarisation": "static", "noise_seed": 0
    }  # fmt: skip
    assert all((record["split"], record["n"], record["state"]) == ("test", len(rows), "success") for record in found.metrics().values())
    assert (found.samples, found.binarisation, found.split, found.n) == (60, "static", "test", len(rows))
    assert 10 < found.nll < 64 * np.log(2) * 1.5
    grey = density(kept, job.dataset, rows, split="test", samples=60, binarise=False)
    assert grey.binarisation == "none"
    assert grey.nll != found.nll


def test_the_standard_error_is_over_images() -> None:
    log_p = np.array([-80.0, -90.0, -100.0], np.float32)
    found = DensityResult.of(log_p, samples=1, seed=0, binarisation="none", split="test")
    assert found.nll == 90
    assert found.standard_error == pytest.approx(10 / np.sqrt(3))
    assert DensityResult.of(log_p[:1], samples=1, seed=0, binarisation="none", split="test").standard_error == 0


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_static_binarisation_draws_each_pixel_once_with_its_intensity(kind: type) -> None:
    grey = np.full((400, 4, 4, 1), 0.25 if kind is np.float32 else 64, kind)
    white = binarised(grey)
    assert set(np.unique(white)) == {0, 255}
    assert (white == 255).mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / white.size))
    np.testing.assert_array_equal(binarised(grey), white)
    np.testing.assert_array_equal(binarised(grey[5:9], np.arange(5, 9)), white[5:9])
    ends = np.stack([np.zeros((4, 4, 1), kind), np.full((4, 4, 1), 1 if kind is np.float32 else 255, kind)])
    np.testing.assert_array_equal(binarised(ends), np.stack([np.zeros((4, 4, 1)), np.full((4, 4, 1), 255)]))

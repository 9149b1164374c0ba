"""Two hosts with homes of their own, one database and one folder of artefacts: what people bring to one is there on the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.settings import Settings
from workbench.workbench import Workbench

pytestmark = pytest.mark.parametrize("kept_in", ["postgresql"])


@pytest.fixture
def hosts(tmp_path: Path, database: str) -> Iterator[tuple[Workbench, Workbench]]:
    """A server's host, and one that trains."""
    shared: dict[str, Any] = {
        "database_url": database, "artefacts": tmp_path / "shared", "executor": "celery", "broker_url": "redis://127.0.0.1:1/0",
    }  # fmt: skip
    made = tuple(Workbench.open(Settings.load(home=tmp_path / name, host_name=name, **shared)) for name in ("front", "back"))
    yield made[0], made[1]
    for bench in made:
        bench.close()


def test_data_that_was_imported_on_one_host_is_read_on_the_other(hosts: tuple[Workbench, Workbench], tmp_path: Path) -> None:
    front, back = hosts
    images = np.random.default_rng(4).integers(0, 256, (60, 8, 8), dtype=np.uint8)
    np.savez_compressed(tmp_path / "mine.npz", images=images, labels=np.arange(60) % 3)
    record = front.datasets.import_data(actor="me", path=tmp_path / "mine.npz", name="Mine").record
    (tmp_path / "mine.npz").unlink()
    loaded = back.datasets.load(record.id)
    assert len(loaded.images) == len(images)
    back.datasets.require_unchanged(record.id)
    front.datasets.require_unchanged(record.id)


def test_a_model_made_on_one_host_has_its_sample_and_labels_on_the_other(hosts: tuple[Workbench, Workbench]) -> None:
    front, back = hosts
    model = front.models.create(
        actor="me", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, sample={"num_samples": 100, "num_labeled": 6}
    )
    assert np.array_equal(back.models.read(back.models.get(model.id)).train, front.models.read(model).train)
    assert back.state().labels[model.id] == front.state().labels[model.id]

"""The README's way to a tested recommender, in real processes: a worker trains what the command line made of the simulated shop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.crash.processes import end_processes
from tests.recsys.cli.pages import blocks, lines_of

pytestmark = pytest.mark.crash


@pytest.fixture
def own_home(home: Path) -> Iterator[Path]:
    """A fresh home whose worker is ended after the test."""
    yield home
    end_processes(home)


def test_the_commands_of_the_readme_end_with_a_trained_model_and_its_code(own_home: Path, tmp_path: Path) -> None:
    def trellis(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-c", "from workbench.cli import main; main()", *arguments]
        environment = {**os.environ, "TRELLIS_HOME": str(own_home), "COLUMNS": "200"}
        done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (arguments, done.stderr)
        return done

    section = next(block for block in blocks("README.md", "") if "quick-tests start" in block)
    said = {}
    for line in lines_of(section):
        done = said[line.arguments[:2]] = trellis(*line.arguments)
        if line.into:
            (tmp_path / line.into).write_text(done.stdout)
    started, shown = said["quick-tests", "start"], said["quick-tests", "show"]
    for stage in ("split", "fit_transforms", "train", "evaluate", "baselines", "export"):
        assert f"\n{stage}: " in started.stderr
    assert "  epoch 1 of 1: Recall@10" in started.stderr
    table = started.stdout.split("\n", 1)[1]
    assert [line.split()[0] for line in table.splitlines()[1:6]] == ["Model", "Popularity", "ItemKNN", "EASE", "Oracle"]
    assert shown.stdout.endswith(table)

    found = json.loads(trellis("quick-tests", "show", "1", "--json").stdout)
    folder = Path(found["folder"])
    figures = {who: {f["name"]: f["value"] for f in each} for who, each in found["results"]["metrics"].items()}
    assert found["headline"]["recall_at_10"] == figures["model"]["recall_at_10"]
    assert 0 <= figures["model"]["recall_at_10"] < figures["oracle"]["recall_at_10"]
    assert (tmp_path / "trainer.py").read_bytes() == (folder / "trainer.py").read_bytes()
    assert body((tmp_path / "trainer.py").read_text()) == body(trellis("recommenders", "code", "1", "1").stdout)

    trellis("quick-tests", "export", "1", "--to", "left.zip")
    unpacked = tmp_path / "left"
    with zipfile.ZipFile(tmp_path / "left.zip") as archive:
        archive.extractall(unpacked)
    assert (unpacked / "trainer.py").read_bytes() == (folder / "trainer.py").read_bytes()
    assert "def preprocessing_fn(" in (unpacked / "preprocessing.py").read_text()
    vocabulary = json.loads((unpacked / "vocab" / "product_product_id.json").read_text())
    with np.load(unpacked / "embeddings.npz", allow_pickle=False) as kept:
        assert set(vocabulary["terms"]) <= set(kept["item_ids"].tolist())
        assert kept["vectors"].shape[0] == len(kept["item_ids"]) == 500
    full = json.loads(trellis("quick-tests", "promote", "1", "--epochs", "2", "--json").stdout)
    assert (full["status"], full["epochs_done"], full["promoted_from"]["number"]) == ("completed", 2, 1)

    (serving,) = blocks("docs/recommenders.md", "python")
    ask = "print(recommend(**{n: tf.zeros([1], s.dtype) if s.dtype != tf.string else tf.constant(['C0000001'])"
    ask += " for n, s in asked.items()})['product_ids'][0, 0].numpy().decode())"
    answer = subprocess.run(
        [sys.executable, "-c", serving + ask], cwd=unpacked, capture_output=True, text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": ""},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    asked, first = answer.stdout.splitlines()
    assert "'customer_id': 'string'" in asked
    assert first.startswith("P0"), "a product of the shop"


def body(text: str) -> list[str]:
    """A trainer without when it was made and how many epochs it trains."""
    return [line for line in text.splitlines() if not line.startswith(("# Created", "EPOCHS = "))]

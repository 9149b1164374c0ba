"""Writes the stored example of this version: `python -m tests.workbench.store.make_example`. Run once a version, then never again."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from rcmvae.labels.service import LabelService
from tests.support import acting, fake_family
from workbench.commands.run_progress import MarkInterruptedCommand
from workbench.settings import Settings
from workbench.store.schema import HEAD
from workbench.workbench import Workbench


def main() -> None:
    """Make a store in which every kind of command was executed, and dump it as SQL."""
    fake_family.register()
    with tempfile.TemporaryDirectory() as home:
        bench = Workbench.open(Settings.load(home=Path(home)))
        make = {"family": "fake", "model_type": "toy", "dataset_id": "tiny"}
        model = bench.models.create(actor="ann", values={"width": 4}, name="First", sample={"num_samples": 12, "num_labeled": 3}, **make)
        bench.models.rename(actor="ann", model_id=model.id, name="Kept")
        bench.models.update_config(actor="bob", model_id=model.id, values={"learning_rate": 0.5, "use_noise": True})
        bench.undo(actor="bob")
        bench.redo(actor="bob")
        row = int(bench.models.read(model).train[-1])
        LabelService(bench).set(actor="ann", model_id=model.id, labels={row: 2})
        run = acting.run_to(bench, acting.queue(bench, model), "running")
        acting.checkpoint(bench, run, "best", 2)
        acting.finish(bench, run, headline={"loss": 0.25}, epochs_done=3, duration_seconds=1.5)
        other = acting.run_to(bench, acting.queue(bench, model), "running")
        bench.store.execute(MarkInterruptedCommand(run_id=other.id, attempt=1, reason="The process is gone."), actor="worker")
        clone = bench.models.clone(actor="ann", model_id=model.id, values={"shape": "plain"})
        bench.models.delete(actor="ann", model_id=clone.id)
        database = bench.store.engine.url.database
        bench.close()
        assert database is not None
        with sqlite3.connect(database) as connection:
            dump = "\n".join(connection.iterdump())
    target = Path(__file__).parent / "stores" / f"{HEAD}.sql"
    target.parent.mkdir(exist_ok=True)
    target.write_text(dump + "\n")


if __name__ == "__main__":
    main()

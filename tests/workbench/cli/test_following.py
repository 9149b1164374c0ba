"""What following a run says before it has begun."""

import io
from dataclasses import replace

from rich.console import Console
from rich.progress import Progress

from tests.workbench.runs.inline import NoWorkers
from workbench.cli.following import Follower


def test_a_run_behind_another_says_so_at_once(bench, make_model):
    bench.runs.executor = NoWorkers()
    first, second = (bench.runs.start(actor="user:test", model_id=make_model(name=name).id) for name in ("first", "second"))
    said = io.StringIO()
    with Progress(console=Console(file=said), disable=True) as progress:
        words = Follower(bench, second.id, quiet=False)._waiting(progress)
    assert words == f"Queued behind run #{first.number}"
    assert words in said.getvalue()


def test_where_other_hosts_train_the_queue_is_named_with_the_command_that_starts_a_worker(bench, make_model, monkeypatch):
    bench.runs.executor = NoWorkers()
    run = bench.runs.start(actor="user:test", model_id=make_model(name="first").id)
    settings = bench.settings.model_copy(update={"executor": "celery"})
    monkeypatch.setattr(bench.runs, "_settings", settings)
    said = io.StringIO()
    with Progress(console=Console(file=said), disable=True) as progress:
        words = Follower(replace(bench, settings=settings), run.id, quiet=False)._waiting(progress)
    assert words.startswith("Waiting for a worker of trellis.jax.cpu")
    assert "trellis worker --framework jax --device cpu" in said.getvalue()

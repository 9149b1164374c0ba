"""What following a run says before it has begun."""

import io

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

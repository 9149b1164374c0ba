"""The process that computes the diagnostics of one ended run: `python -m workbench.runs.diagnose RUN_ID`.

It writes into the run's folder what the run's end would have written.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.commands.base import CommandError
from workbench.commands.diagnosed import RecordDiagnosticsCommand
from workbench.commands.rules import find_run
from workbench.families import family
from workbench.runs import archive, documents, folder
from workbench.runs.diagnosing import why_not
from workbench.runs.failures import sentence
from workbench.runs.frameworks import environment_for
from workbench.runs.preparing import checkpoint_file, prepare
from workbench.settings import Settings
from workbench.state import RunRecord
from workbench.workbench import Workbench

ACTOR = "worker"
EXIT_REFUSED = 1


def diagnose(workbench: Workbench, run_id: str) -> RunRecord:
    """Compute an ended run's diagnostics and write them, its summary, report and log into its folder.

    Imports the family's framework. One is computed at a time on this machine. Raises CommandError, RunFailure, ArtefactError.
    """
    with _alone(workbench.settings.home):
        reason = why_not(workbench.state(), run_id)
        if reason is not None:
            raise CommandError(reason, "run", code="conflict")
        run = workbench.state().runs[run_id]
        compute = family(run.family).diagnose
        kept, last = run.best_checkpoint or run.last_checkpoint, run.last_checkpoint or run.best_checkpoint
        assert compute is not None
        assert kept is not None
        assert last is not None
        root = workbench.artefacts
        with root.working(folder.folder_of(run.id)) as working:
            job = prepare(workbench, run, working)
            summary = compute.load()(job, checkpoint_file(root, kept), checkpoint_file(root, last), run.state.value == "completed")
            # Its files change from here on, and a process may die between any two of them.
            folder.remove_manifest(root, run.id)
            documents.write_history(workbench, run, archive.read_all(workbench.store, root, run.id))
            documents.write_results(workbench, run, working, job, summary, kept.path, run.duration_seconds or 0.0)
            working.publish_all()
            folder.write_manifest(root, run.id)
        command = RecordDiagnosticsCommand(run_id=run.id, attempt=run.attempt, headline=dict(summary.headline), units=summary.units)
        return workbench.store.execute(command, actor=ACTOR).state.runs[run.id]


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process at a time: a second one waits, and then finds what the first has written."""
    with open(home / "diagnosing.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str] | None = None) -> int:
    """Compute the diagnostics of the run named on the command line. Returns the exit code."""
    (run_id,) = sys.argv[1:] if arguments is None else arguments
    settings = Settings.load()
    workbench = Workbench.open(settings)
    try:
        run = find_run(workbench.state(), run_id)
        for name, value in environment_for(run.framework, settings.cache).items():
            os.environ.setdefault(name, value)
        diagnose(workbench, run_id)
    except Exception as error:  # whatever a family raises is said in a sentence
        print(sentence(error), file=sys.stderr)
        return EXIT_REFUSED
    finally:
        workbench.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

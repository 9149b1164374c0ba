"""Whether a run's files still are what was written: by size and sha256, against its manifest and its record.

What lies in an artefact folder can be cut, altered, deleted or replaced by a link, by a disk as well as by people.
Nothing is drawn, suggested or resumed from such a file.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from workbench.artefacts import ArtefactError, ArtefactRoot
from workbench.commands.base import CommandError
from workbench.families import model_type
from workbench.runs.folder import MANIFEST, ArtefactEntry, folder_of, read_manifest
from workbench.state import CheckpointRef, RunRecord, RunState, Weights

KEPT = 4096
"""Files whose sha256 is remembered, the last ones asked for, until they change."""

RESTORE = "Restore it from a backup, or start a new run."


class VerifiedFiles:
    """The verified files of runs below one artefact root. A file is read again only when it has changed."""

    def __init__(self, root: ArtefactRoot) -> None:
        self._root = root
        self._known: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._lock = threading.Lock()

    def file(self, run_id: str, name: str) -> Path:
        """A file of the run, if it is what its manifest says; one that no manifest lists only has to be there.

        Raises CommandError not_found, ArtefactError for a file that is damaged or gone though the manifest lists it.
        """
        entry = next((e for e in read_manifest(self._root, run_id) if e.name == name), None)
        full = f"{folder_of(run_id)}/{name}"
        if entry is not None:
            problem = self._problem(entry.name, full, entry.sha256, entry.size)
            if problem is not None:
                raise ArtefactError(f"{problem} {RESTORE}")
        elif not self._root.exists(full):
            raise CommandError(f"The run has no file named {name}.", "name", code="not_found")
        return self._root.path(full, "" if entry is None else entry.sha256)

    def problems(self, run: RunRecord) -> tuple[str, ...]:
        """What is wrong with the files of a run that has ended, in sentences; nothing for one that has not."""
        if run.state.active:
            return ()
        try:
            listed = read_manifest(self._root, run.id)
        except ArtefactError as error:
            return (str(error),)
        found = [self._entry_problem(run.id, entry) for entry in listed]
        # A run that was cut short after its training says so in its reason, measured nothing, and has no manifest yet.
        if not listed and run.state is RunState.COMPLETED and (run.headline or not run.reason):
            found.append(f"The file {MANIFEST} is missing, so nothing can be said of the run's other files.")
        names = {f"{folder_of(run.id)}/{entry.name}" for entry in listed}
        references = [ref for ref in (run.last_checkpoint, run.best_checkpoint) if ref is not None and ref.path not in names]
        found += [self._checkpoint_problem(ref) for ref in references]
        return tuple(dict.fromkeys(problem for problem in found if problem is not None))

    def resume_problems(self, run: RunRecord) -> tuple[str, ...]:
        """Why a run cannot go on from its files, in sentences; empty if it can."""
        found = [self._checkpoint_problem(run.last_checkpoint)] if run.last_checkpoint is not None else []
        if run.last_checkpoint is None and run.start_from is not None:
            found.append(self._checkpoint_problem(run.start_from))
        holds = model_type(run.family, run.model_type).holds
        try:
            if holds.inputs is not None:
                holds.inputs.load()(holds.run_payload.model_validate(run.payload), self._root)
        except ArtefactError as error:
            found.append(str(error))
        return tuple(f"{problem} {RESTORE}" for problem in found if problem is not None)

    def _entry_problem(self, run_id: str, entry: ArtefactEntry) -> str | None:
        try:
            return self._problem(entry.name, f"{folder_of(run_id)}/{entry.name}", entry.sha256, entry.size)
        except ArtefactError as error:
            return str(error)

    def _checkpoint_problem(self, ref: CheckpointRef | Weights) -> str | None:
        try:
            return self._problem(ref.path, ref.path, ref.sha256)
        except ArtefactError as error:
            return str(error)

    def _problem(self, called: str, name: str, sha256: str, size: int | None = None) -> str | None:
        seen = self._root.look(name)
        if seen is None:
            return f"The file {called} is missing: none lies at {self._root.place(name)}."
        if size is not None and seen.size != size:
            return f"The file {called} is damaged: it has {seen.size:,} bytes, and {size:,} were written."
        try:
            same = self._sha256(name, (name, *seen.mark)) == sha256
        except ArtefactError as error:
            return str(error)
        return None if same else f"The file {called} is damaged: its content is not what was written."

    def _sha256(self, name: str, key: tuple[object, ...]) -> str:
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = self._root.sha256(name)
            with self._lock:
                self._known[key] = known
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return known

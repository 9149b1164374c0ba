"""Commands about datasets."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from workbench.commands.base import Changes, Command, CommandError, Env, Put
from workbench.commands.records import put
from workbench.commands.rules import find_dataset, free_name, require_free_name, users_of
from workbench.ids import ADDRESS_WORDS, dataset_slug, is_id
from workbench.kinds import RecordKind, kind_of
from workbench.roles import Role
from workbench.state import AppState, DatasetManifest, DatasetRecord, Kind


class RegisterDatasetCommand(Command):
    """Make a dataset known, or say what became of preparing it.

    A dataset that something uses keeps its manifest: files that have changed are refused by name.
    """

    role: ClassVar[Role] = "train"
    dataset_id: str
    name: str
    family: str
    source: str
    status: Literal["preparing", "ready", "failed"] = "preparing"
    manifest: DatasetManifest | None = None
    error: str | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        if not is_id(Kind.DATASET, self.dataset_id):
            raise CommandError(f"{self.dataset_id[:80]!r} cannot be a dataset's id.", "dataset_id")
        known = state.datasets.get(self.dataset_id)
        if known is None:
            record = DatasetRecord(
                id=self.dataset_id, name=free_name(state, Kind.DATASET, self.name), family=self.family, source=self.source,
                status=self.status, manifest=self.manifest, error=self.error, created_at=env.now, updated_at=env.now,
            )  # fmt: skip
            return (Put(Kind.DATASET, record.id, record),)
        problem = manifest_problem(known, self.manifest)
        if problem is not None and users_of(state, known.id):
            raise CommandError(problem, "dataset_id", code="conflict")
        manifest = self.manifest or known.manifest
        return put(env, Kind.DATASET, known, status=self.status, manifest=manifest, error=self.error)

    @property
    def words(self) -> str:
        return f"Register the dataset {self.name} ({self.status})"


class ImportDatasetCommand(Command):
    """Make a dataset of people's own data known; its arrays were written as an artefact before."""

    role: ClassVar[Role] = "train"
    undoable: ClassVar[bool] = True
    name: str
    family: str
    manifest: DatasetManifest

    def decide(self, state: AppState, env: Env) -> Changes:
        record = DatasetRecord(
            id=free_dataset_id(state, self.name), name=require_free_name(state, Kind.DATASET, self.name), family=self.family,
            source=self.manifest.source, status="ready", manifest=self.manifest,
            created_at=env.now, updated_at=env.now,
        )  # fmt: skip
        return (Put(Kind.DATASET, record.id, record),)

    @property
    def words(self) -> str:
        return f"Import the dataset {self.name}"


class AmendDatasetCommand(Command):
    """Say otherwise what an imported dataset's content stands for; the content stays, and nothing may use it yet.

    It is not undone, because something may use the dataset by then; it is amended again.
    """

    role: ClassVar[Role] = "train"
    dataset_id: str
    manifest: DatasetManifest

    def decide(self, state: AppState, env: Env) -> Changes:
        record = find_dataset(state, self.dataset_id)
        known = record.manifest
        if known is None or (known.files, known.content_sha256) != (self.manifest.files, self.manifest.content_sha256):
            raise CommandError(f"The dataset {record.name} has other content by now.", "dataset_id", code="conflict")
        require_dataset_amendable(state, record)
        return put(env, Kind.DATASET, record, manifest=self.manifest)

    @property
    def words(self) -> str:
        return f"Amend the dataset {self.dataset_id}"


class CreateDatasetCommand(Command):
    """Make a dataset of a source with parameters; what it is made of is known once it was read."""

    role: ClassVar[Role] = "train"
    undoable: ClassVar[bool] = True
    name: str
    family: str
    source: str
    params: dict[str, Any]
    free: bool = False
    """Whether a number is added to a name that is taken."""

    def decide(self, state: AppState, env: Env) -> Changes:
        name = free_name(state, Kind.DATASET, self.name) if self.free else self.name
        record = DatasetRecord(
            id=free_dataset_id(state, name), name=require_free_name(state, Kind.DATASET, name), family=self.family,
            source=self.source, params=self.params, status="preparing", created_at=env.now, updated_at=env.now,
        )  # fmt: skip
        return (Put(Kind.DATASET, record.id, record),)

    @property
    def words(self) -> str:
        return f"Create the dataset {self.name}"


def free_dataset_id(state: AppState, name: str) -> str:
    """An id made from the name that no dataset has or had, and that is no word of an address."""
    slug = dataset_slug(name)
    candidates = (slug, *(f"{slug}_{number}" for number in range(2, len(state.datasets) + 3)))
    return next(id for id in candidates if id not in state.datasets and id not in ADDRESS_WORDS)


def require_dataset_deletable(state: AppState, dataset: DatasetRecord) -> None:
    """Raise CommandError conflict for a dataset that something live uses, naming it."""
    users = users_of(state, dataset.id)
    if users:
        raise CommandError(
            f"The dataset {dataset.name} is used by {_named(users)}.",
            "dataset_id",
            "Delete these first; end runs that are active.",
            code="conflict",
            rule="IN_USE",
        )


def require_dataset_amendable(state: AppState, dataset: DatasetRecord) -> None:
    """Raise CommandError conflict for a dataset that something live uses, naming it."""
    if users := users_of(state, dataset.id):
        message = f"The dataset {dataset.name} is used by {_named(users)}, so what it stands for stays."
        raise CommandError(message, "dataset_id", "Delete these first, or import the data again under another name.", code="conflict")


def models_on(state: AppState, dataset_id: str) -> list[str]:
    """Names of the live models on a dataset."""
    return [m.name for m in state.models.values() if dataset_id in m.uses and m.deleted_at is None]


def _named(users: list[str]) -> str:
    return ", ".join(users[:5]) + (f" and {len(users) - 5} more" if len(users) > 5 else "")


def manifest_problem(record: DatasetRecord, found: DatasetManifest | None) -> str | None:
    """What differs between a dataset's manifest and what was found, naming the files; None if nothing does."""
    known = record.manifest
    if known is None or found is None or known.content_sha256 == found.content_sha256:
        return None
    before = {file.path: file.sha256 for file in known.files}
    now = {file.path: file.sha256 for file in found.files}
    changed = [path for path in dict.fromkeys([*before, *now]) if before.get(path) != now.get(path)]
    if changed:
        what = f"{', '.join(changed)} {'has' if len(changed) == 1 else 'have'} changed"
    elif known.loader_version != found.loader_version:
        what = f"it is read by version {found.loader_version} of its loader now, it was by {known.loader_version}"
    else:
        what = "its content has changed"
    return f"The dataset {record.name} is not what it was: {what}. Restore the original, or register the new data under another id."


def _require_removable(state: AppState, dataset: DatasetRecord) -> None:
    for kind, records in sorted(state.records.items(), key=lambda entry: entry[0] == Kind.RUN):
        if any(dataset.id in getattr(record, "uses", ()) for record in records.values()):
            many = f"{kind_of(kind).word}s"
            message = f"The dataset {dataset.name} has {many} by now, so its import cannot be undone."
            raise CommandError(message, hint=f"Delete the {many}, then the dataset.", code="conflict")


DATASET = RecordKind(
    Kind.DATASET, "data", DatasetRecord, "dataset", named=True, note="notes", deletable=require_dataset_deletable,
    removable=_require_removable,
)  # fmt: skip
"""What the core knows of datasets as records."""

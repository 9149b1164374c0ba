"""The command core under any sequence of commands by several people.

After every step: the cached state equals the one read anew from the tables and the one replayed from the journal; an
Undo brings back exactly what was there before; a refusal changes nothing. The store's own checks, switched on, assert
that no command mutates its state and that the state survives JSON.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rcmvae.holding import held
from rcmvae.labels.service import LabelService
from tests.support import acting, fake_family
from workbench import families
from workbench.commands.base import CommandError
from workbench.commands.records import DeleteCommand, RestoreCommand
from workbench.commands.run_progress import MarkInterruptedCommand
from workbench.commands.runs import RequestStopCommand, ResumeRunCommand
from workbench.settings import Settings
from workbench.state import AppState, Kind, RunState
from workbench.store import journal
from workbench.store.apply import apply
from workbench.store.deltas import changes_of, inverted
from workbench.store.store import Store
from workbench.workbench import Workbench

ACTORS = st.sampled_from(["ann", "bob"])
NAMES = st.sampled_from(["First", "Second", "first", "Third"])
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "learning_rate": st.sampled_from([0.1, 0.2, 0.5, 2.0]),
        "use_noise": st.booleans(),
        "noise_scale": st.sampled_from([0.0, 1.0, 3.0]),
        "clip": st.sampled_from([None, 1.0, 5.0]),
        "width": st.sampled_from([8, 16]),
        "parts": st.sampled_from(["auto", 4, 9]),
    },
)
PICK = st.integers(0, 1000)


def comparable(state: AppState) -> Any:
    """What an Undo must bring back: all but counters, versions and times of change."""
    models = {id: m.model_copy(update={"updated_at": ""}) for id, m in state.models.items()}
    datasets = {id: d.model_copy(update={"updated_at": ""}) for id, d in state.datasets.items()}
    return models, datasets, dict(state.runs), {id: dict(labels) for id, labels in state.labels.items()}


class CommandCore(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.kept = families.FAMILIES
        fake_family.register()
        self.home = Path(tempfile.mkdtemp())
        self.bench = Workbench.open(Settings.load(home=self.home, check_state=True))
        self.behind = Store.open(self.bench.settings.database_url)
        self.create("ann", "First", {}, 0)

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.bench.close()
            self.behind.close()
            families.FAMILIES = self.kept
            families.family.cache_clear()
            shutil.rmtree(self.home)

    def attempt(self, act: Any) -> Any:
        """Carry out something that may be refused; a refusal changes nothing."""
        before = self.bench.state()
        try:
            return act()
        except CommandError:
            assert self.bench.state() == before
            return None

    def model(self, pick: int) -> Any:
        models = sorted(self.bench.state().models.values(), key=lambda m: m.number)
        return models[pick % len(models)]

    def run(self, pick: int) -> Any:
        runs = sorted(self.bench.state().runs.values(), key=lambda r: r.number)
        return runs[pick % len(runs)]

    @rule(actor=ACTORS, name=st.one_of(st.none(), NAMES), values=VALUES, seed=st.integers(0, 2))
    def create(self, actor: str, name: str | None, values: Any, seed: int) -> None:
        sample = {"num_samples": 8, "num_labeled": 3, "sampling_seed": seed}
        self.attempt(
            lambda: self.bench.models.create(
                actor=actor, family="fake", model_type="toy", dataset_id="tiny", values=values, sample=sample, name=name
            )
        )

    @precondition(lambda self: self.bench.state().models)
    @rule(actor=ACTORS, pick=PICK, values=VALUES)
    def clone(self, actor: str, pick: int, values: Any) -> None:
        self.attempt(lambda: self.bench.models.clone(actor=actor, model_id=self.model(pick).id, values=values))

    @precondition(lambda self: self.bench.state().models)
    @rule(actor=ACTORS, pick=PICK, values=VALUES)
    def update(self, actor: str, pick: int, values: Any) -> None:
        self.attempt(lambda: self.bench.models.update_config(actor=actor, model_id=self.model(pick).id, values=values))

    @precondition(lambda self: self.bench.state().models)
    @rule(actor=ACTORS, pick=PICK, name=NAMES)
    def rename(self, actor: str, pick: int, name: str) -> None:
        self.attempt(lambda: self.bench.models.rename(actor=actor, model_id=self.model(pick).id, name=name))

    @precondition(lambda self: self.bench.state().models)
    @rule(actor=ACTORS, pick=PICK, delete=st.booleans())
    def delete_or_restore(self, actor: str, pick: int, delete: bool) -> None:
        act = self.bench.models.delete if delete else self.bench.models.restore
        self.attempt(lambda: act(actor=actor, model_id=self.model(pick).id))

    @precondition(lambda self: self.bench.state().models)
    @rule(actor=ACTORS, pick=PICK, rows=st.dictionaries(st.integers(0, 47), st.integers(0, 3), min_size=1, max_size=3))
    def label(self, actor: str, pick: int, rows: dict[int, int]) -> None:
        model = self.model(pick)
        mine = sorted(self.bench.models.read(model).labelable)
        labels = {mine[row % len(mine)]: label for row, label in rows.items()}
        self.attempt(lambda: LabelService(self.bench).set(actor=actor, model_id=model.id, labels=labels))

    @precondition(lambda self: self.bench.state().models)
    @rule(actor=ACTORS, pick=PICK)
    def add_class(self, actor: str, pick: int) -> None:
        self.attempt(lambda: LabelService(self.bench).add_name(actor=actor, model_id=self.model(pick).id, name="dog"))

    @precondition(lambda self: self.bench.state().models)
    @rule(actor=ACTORS, pick=PICK, train=st.booleans())
    def start(self, actor: str, pick: int, train: bool) -> None:
        model = self.model(pick)
        self.attempt(lambda: acting.trained(self.bench, model) if train else acting.queue(self.bench, model, actor))

    @precondition(lambda self: self.bench.state().runs)
    @rule(actor=ACTORS, pick=PICK, what=st.sampled_from(["stop", "claim", "interrupt", "resume", "delete", "restore"]))
    def move_run(self, actor: str, pick: int, what: str) -> None:
        run = self.run(pick)
        if what == "claim":
            self.attempt(lambda: acting.run_to(self.bench, run, "running"))
            return
        command = {
            "stop": RequestStopCommand(run_id=run.id),
            "interrupt": MarkInterruptedCommand(run_id=run.id, attempt=run.attempt, reason="gone"),
            "resume": ResumeRunCommand(run_id=run.id),
            "delete": DeleteCommand(kind=Kind.RUN, id=run.id),
            "restore": RestoreCommand(kind=Kind.RUN, id=run.id),
        }[what]
        self.attempt(lambda: self.bench.store.execute(command, actor=actor))

    @rule(actor=ACTORS)
    def undo_and_redo(self, actor: str) -> None:
        before = self.bench.state()
        undone = self.attempt(lambda: self.bench.undo(actor=actor))
        if undone is None:
            return
        assert undone.changes
        names = [{m.id: m.name for m in state.models.values()} for state in (before, undone.state)]
        came_back_renamed = any(
            names[1].get(id, name).endswith(")") and names[1][id] != name for id, name in names[0].items() if id in names[1]
        )
        redone = self.attempt(lambda: self.bench.redo(actor=actor))
        assert redone is not None
        # A model that comes back where its name is taken by now gets another, which a redo does not take away.
        assert came_back_renamed or comparable(redone.state) == comparable(before)

    @rule(actor=ACTORS)
    def undo(self, actor: str) -> None:
        self.attempt(lambda: self.bench.undo(actor=actor))

    @rule(actor=ACTORS)
    def redo(self, actor: str) -> None:
        self.attempt(lambda: self.bench.redo(actor=actor))

    @invariant()
    def every_view_of_the_store_agrees(self) -> None:
        if not hasattr(self, "bench"):
            return
        state = self.bench.state()
        anew = Store.open(self.bench.settings.database_url)
        replayed = AppState()
        with anew.engine.connect() as connection:
            for seq, deltas in journal.tail(connection, 0):
                earlier = replayed
                replayed = apply(replayed, changes_of(replayed, deltas), seq)
                back = apply(replayed, changes_of(replayed, inverted(deltas)), seq)
                assert replace(back, versions={}, version=0) == replace(earlier, versions={}, version=0)
        assert replayed == state == anew.state() == self.behind.state()
        anew.close()

    @invariant()
    def what_must_always_hold_does(self) -> None:
        if not hasattr(self, "bench"):
            return
        state = self.bench.state()
        names = [m.name.casefold() for m in state.models.values() if m.deleted_at is None]
        assert len(names) == len(set(names))
        for model in state.models.values():
            runs = [r for r in state.runs.values() if r.subject.id == model.id]
            assert sum(r.state.active for r in runs) <= 1
            assert set(state.run_ids.get(model.id, ())) == {r.id for r in runs}
            assert all(v.label < len(held(model).class_names) for v in state.labels.get(model.id, {}).values())
            if model.deleted_at is not None:
                assert not any(r.state.active for r in runs)
            elif model.weights is not None:
                used = state.runs[model.weights.run_id]
                assert used.deleted_at is None
                assert used.state is not RunState.QUEUED or used.attempt > 1
        assert [r.id for r in state.active_runs] == sorted(
            (r.id for r in state.runs.values() if r.state.active), key=lambda id: state.runs[id].number
        )


CommandCore.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes: add it to look into a failure
)
TestCommandCore = CommandCore.TestCase

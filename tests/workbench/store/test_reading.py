"""Records that share what they say alike: the same as records that are read each for itself, and nothing in them can be changed."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from tests.support.records import run_record
from workbench.commands.base import Changes, Command, Env, Put
from workbench.frozen import FrozenDict, FrozenError, FrozenList, FrozenSet
from workbench.roles import Role
from workbench.state import AppState, CheckpointRef, Kind, ModelRecord, RunRecord, Subject
from workbench.store.apply import apply
from workbench.store.deltas import RecordDelta, changes_of, deltas_between
from workbench.store.reading import Reader, held_once
from workbench.store.store import Store

NAMES = st.sampled_from(["a", "b", *RunRecord.model_fields]) | st.text(max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, -0.0, 1.0, 2.5, 1e300]) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS | st.sampled_from([',"fingerprint":', '"},"seed":1,', "{", "[", '\\"', "\u2028", "\U0001f331"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
few = settings(max_examples=40, deadline=None)
MAPPINGS = st.dictionaries(NAMES, VALUES, max_size=3)
CONFIGS = st.dictionaries(NAMES, MAPPINGS, max_size=2)
DATA = st.none() | st.builds(
    lambda about, source: {"source": source, "loader_version": 1, "content_sha256": "0", "about": about}, MAPPINGS, st.text(max_size=6)
)


@st.composite
def runs(draw: st.DrawFn) -> RunRecord:
    """Runs with anything in what their families say, and with words in which structure hides."""
    return run_record(
        id=draw(st.text(max_size=8)), config=draw(CONFIGS), payload=draw(MAPPINGS), dataset=draw(DATA), uses=tuple(draw(st.lists(NAMES, max_size=2))),
        subject={"kind": "model", "id": draw(NAMES)}, key=draw(st.text(max_size=8)), reason=draw(st.sampled_from(["", "{", ',"config":{}', "]"])),
        note=draw(st.text(max_size=10)), headline=draw(st.dictionaries(NAMES, st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=3)),
        tags=tuple(draw(st.lists(NAMES, max_size=2))),
        trial=draw(st.none() | st.builds(lambda values: {"sweep": "s", "number": 1, "values": values}, MAPPINGS)),
    )  # fmt: skip


class PutRunsCommand(Command):
    """Put runs that differ in nothing but their ids."""

    role: ClassVar[Role] = "train"
    count: int

    def decide(self, state: AppState, env: Env) -> Changes:
        runs = [run_record(id=f"run_{number}", number=number) for number in range(self.count)]
        return tuple(Put(Kind.RUN, run.id, run) for run in runs)


def exact(value: Any) -> str:
    """All that a value says, with the types of its numbers (1 == 1.0 == True)."""
    return repr(value.model_dump(mode="python")) if isinstance(value, BaseModel) else repr(value)


@few
@given(st.lists(runs(), min_size=1, max_size=6))
def test_what_is_read_is_what_a_plain_reader_reads(written: list[RunRecord]) -> None:
    read = Reader(Kind.RUN)
    for text in [run.model_dump_json() for run in (*written, *written)]:
        plain, shared = RunRecord.model_validate_json(text), read(text)
        assert exact(shared) == exact(plain)
        assert shared == plain
        assert shared.model_dump_json() == text
        assert shared.model_fields_set == plain.model_fields_set


@few
@given(st.lists(runs(), min_size=1, max_size=4))
def test_no_part_of_what_is_read_in_parts_can_be_changed(written: list[RunRecord]) -> None:
    read = Reader(Kind.RUN)
    for run in written:
        # plain values with brackets have a record read as a whole
        record = read(
            run.model_copy(update={"id": "r", "reason": "", "subject": Subject(kind="model", id="m"), "key": "m"}).model_dump_json()
        )
        for name in ("subject", "config", "payload", "uses", "dataset"):
            _cannot_change(getattr(record, name))
        with pytest.raises(ValidationError, match="frozen"):
            record.config = {}
        assert isinstance(record.model_fields_set, FrozenSet)


def _cannot_change(value: Any) -> None:
    if isinstance(value, BaseModel):
        assert value.model_config.get("frozen")
        assert isinstance(value.model_fields_set, FrozenSet)
        for name in type(value).model_fields:
            _cannot_change(getattr(value, name))
    elif isinstance(value, dict):
        with pytest.raises(FrozenError):
            value["a"] = 1
        for one in value.values():
            _cannot_change(one)
    elif isinstance(value, list):
        with pytest.raises(FrozenError):
            value.append(1)
        for one in value:
            _cannot_change(one)
    elif isinstance(value, tuple):
        for one in value:
            _cannot_change(one)


@few
@given(runs(), st.permutations([name for name in RunRecord.model_fields if name != "schema_version"]), st.booleans(), st.booleans())
def test_a_text_that_trellis_did_not_write_is_read_as_a_plain_reader_reads_it(
    run: RunRecord, order: list[str], spaced: bool, escaped: bool
) -> None:
    content = run.model_dump(mode="json")
    for names in (order, order[1:], list(RunRecord.model_fields)[2:]):
        written = {name: content[name] for name in ("schema_version", *names)}
        text = json.dumps(written, ensure_ascii=escaped, separators=None if spaced else (",", ":"))
        assert _outcome(Reader(Kind.RUN), text) == _outcome(RunRecord.model_validate_json, text)


@few
@given(runs(), st.integers(0, 4000), st.integers(0, 5))
def test_a_damaged_text_is_refused_or_read_as_by_a_plain_reader(run: RunRecord, at: int, length: int) -> None:
    text = run.model_dump_json()
    read = Reader(Kind.RUN)
    read(text)
    # what stands before it says which version wrote the text
    start = text.index('"schema_version":') + 20
    at = start + at % (len(text) - start)
    damaged = text[:at] + text[at + length :]
    assert _outcome(read, damaged) == _outcome(RunRecord.model_validate_json, damaged)


def _outcome(read: Any, text: str) -> str:
    try:
        return exact(read(text))
    except ValidationError as error:
        return f"refused: {error.title}"


def test_a_part_that_is_said_twice_counts_as_it_does_for_a_plain_reader() -> None:
    text = run_record().model_dump_json()
    twice = text[:-1] + ',"config":{"training":{"max_epochs":3}}}'
    assert Reader(Kind.RUN)(twice).config == RunRecord.model_validate_json(twice).config == {"training": {"max_epochs": 3}}


def test_equal_parts_are_one_object_and_alike_numbers_of_other_types_are_not() -> None:
    read = Reader(Kind.RUN)
    one, same, other, whole = (
        read(
            run_record(id=f"run_{place}", config={"architecture": {"width": 8}, "training": {"rate": rate, "on": [True]}}).model_dump_json()
        )
        for place, rate in enumerate((1, 1, 0.5, 1.0))
    )
    assert one.config is same.config
    assert one.payload is other.payload
    assert one.dataset is other.dataset
    assert one.subject is other.subject
    assert one.config["architecture"] is other.config["architecture"]
    assert one.config["training"]["on"] is other.config["training"]["on"]
    assert (type(one.config["training"]["rate"]), type(whole.config["training"]["rate"])) == (int, float)


def test_models_share_alike() -> None:
    text = ModelRecord(
        id="model_1", number=1, name="A", family="rcmvae", model_type="rcmvae", config={"architecture": {"a": 1}}, fingerprint="f",
        payload={"uses": [1]}, uses=("digits",), created_at="t", updated_at="t",
    ).model_dump_json()  # fmt: skip
    read = Reader(Kind.MODEL)
    first, second = read(text), read(text.replace("model_1", "model_2"))
    assert first.config is second.config
    assert first.payload is second.payload
    assert first == ModelRecord.model_validate_json(text)


def test_what_a_change_leaves_stays_shared_and_the_copy_of_a_record_can_be_made() -> None:
    read = Reader(Kind.RUN)
    run = read(run_record().model_dump_json())
    state = apply(AppState(), (Put(Kind.RUN, run.id, run),), 1)
    changed = run.model_copy(update={"note": "n", "best_checkpoint": CheckpointRef(path="p", sha256="0", epoch=1, attempt=1)})
    deltas = deltas_between(state, (Put(Kind.RUN, run.id, changed),))
    assert all(isinstance(delta, RecordDelta) for delta in deltas)
    after = apply(state, changes_of(state, deltas), 2).runs[run.id]
    assert after == changed
    assert (after.config is run.config, after.payload is run.payload, after.dataset is run.dataset) == (True, True, True)
    assert (after.note, run.note) == ("n", "")


@few
@given(runs(), runs())
def test_a_new_run_says_what_it_said_and_nothing_in_it_can_be_changed(run: RunRecord, like: RunRecord) -> None:
    for earlier in (None, like, run.model_copy(deep=True), held_once(run, like)):
        held = held_once(run, earlier)
        assert exact(held) == exact(run)
        assert held.model_dump_json() == run.model_dump_json()
        assert held.model_fields_set == run.model_fields_set
        for name in ("subject", "config", "payload", "uses", "dataset"):
            _cannot_change(getattr(held, name))


def test_a_run_that_is_started_holds_what_the_last_one_of_its_model_says_as_well() -> None:
    first, second, third, fourth = (
        run_record(id=f"run_{place}", number=place, config={"architecture": {"width": [8]}, "training": {"rate": rate}})
        for place, rate in enumerate((1, 1, 1.0, 1.0))
    )
    state = AppState()
    for seq, run in enumerate((first, second, third, fourth), 1):
        state = apply(state, (Put(Kind.RUN, run.id, run),), seq)
    a, b, c, d = (state.runs[f"run_{place}"] for place in range(4))
    assert a.config is b.config
    assert c.config is d.config
    assert a.config["architecture"] is c.config["architecture"]
    assert a.payload is b.payload is c.payload is d.payload
    assert a.dataset is b.dataset is c.dataset is d.dataset
    assert (type(a.config["training"]["rate"]), type(c.config["training"]["rate"])) == (int, float)
    _cannot_change(a.config)
    assert (state.runs["run_0"], state.runs["run_3"]) == (first, fourth)


def test_a_store_that_is_opened_holds_what_runs_have_alike_once(store: Store) -> None:
    store.execute(PutRunsCommand(count=3), actor="me")
    fresh = Store.open(store.engine.url.render_as_string(hide_password=False))
    read = list(fresh.state().runs.values())
    assert fresh.state() == store.state()
    assert len({id(run.config) for run in read}) == 1
    assert isinstance(read[0].config, FrozenDict)
    assert isinstance(read[0].config["architecture"]["input_shape"], FrozenList)

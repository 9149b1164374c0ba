"""After a label a page is told what changed, and what it then has is to the bit what a page has that asks for everything."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rcmvae.explore.answers import FOLLOWING, NAN, STEPS, Answer, Heard, answers_since, differences, points_told
from rcmvae.explore.points import points_of
from rcmvae.labels.service import LabelService
from workbench.state import ModelRecord
from workbench.workbench import Workbench

ME = "user:test"


class Page:
    """What an open page has, and what `assets/explore-follow.js` does with an answer."""

    def __init__(self, mark: str, columns: dict[str, np.ndarray]) -> None:
        self.mark = mark
        self.has = {name: np.array(columns[name]) for name in FOLLOWING}

    def take(self, answer: Answer) -> None:
        self.mark = answer.mark
        if answer.steps is None:
            self.has = {name: np.array(answer.columns[name]) for name in FOLLOWING}
            return
        levels = {
            name: np.array(
                [-1 if value != value else np.floor(float(value) * (1 if name == "predicted" else STEPS) + 0.5) for value in column]
            )
            for name, column in self.has.items()
        }
        order = sorted(range(len(levels["predicted"])), key=lambda at: (levels["predicted"][at], levels["certainty"][at], at))
        for name, column in answer.columns.items():
            for at, moved in zip(order, column, strict=True):
                if moved:
                    self.has[name][at] = (levels[name][at] + moved) / (1 if name == "predicted" else STEPS)

    def same(self, columns: dict[str, np.ndarray]) -> bool:
        """Whether it has those columns to the bit."""
        return all(
            self.has[name].dtype == columns[name].dtype and self.has[name].tobytes() == columns[name].tobytes() for name in FOLLOWING
        )


shares = st.floats(0, 1, width=32)


@st.composite
def said(draw: st.DrawFn, n: int, *, known: bool = True) -> dict[str, np.ndarray]:
    """What a model may say of `n` points."""

    def column(values: st.SearchStrategy[float], dtype: type) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=n, max_size=n)), dtype)

    certainty = column(shares, np.float32) if known else np.full(n, np.nan, np.float32)
    return {
        "predicted": column(st.integers(-1, 300), np.int16),
        "certainty": certainty,
        "entropy": column(st.floats(0, 6, width=32), np.float32),
    }


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[int, str, dict[str, np.ndarray]]]:
    """What is so each time that one of three tabs asks: of which weights, and the columns; sometimes again what was so before."""
    n, steps = draw(st.integers(1, 12)), []
    for _ in range(draw(st.integers(1, 12))):
        earlier = [columns for _, _, columns in steps]
        columns = draw(st.sampled_from(earlier)) if earlier and draw(st.booleans()) else draw(said(n, known=draw(st.booleans())))
        steps.append((draw(st.integers(0, 2)), draw(st.sampled_from(["run_1 ab", "run_1 ab", "run_2 cd"])), columns))
    return steps


@given(courses(), st.integers(0, 200), st.sets(st.integers(0, 11)))
@settings(deadline=None)
def test_tabs_that_follow_differences_have_to_the_bit_what_is_told_whole(
    course: list[tuple[int, str, dict[str, np.ndarray]]], most_bytes: int, restarts: set[int]
) -> None:
    pages: dict[int, Page] = {}
    server = Heard(most_bytes)
    for number, (tab, weights, columns) in enumerate(course):
        if number in restarts:
            server = Heard(most_bytes)
        answer = server.answer(weights, columns, pages[tab].mark if tab in pages else "")
        if tab not in pages:
            assert answer.steps is None
            pages[tab] = Page(answer.mark, dict(answer.columns))
        pages[tab].take(answer)
        assert pages[tab].same(dict(Heard().answer(weights, columns).columns))


def test_a_page_that_takes_what_changed_has_what_one_that_opens_has(bench: Workbench, model: ModelRecord) -> None:
    meta, columns = points_told(bench, model.id)
    page = Page(meta["mark"], columns)
    labelled = bench.state().labels[model.id]
    told = 0
    for row in [int(row) for row in columns["rows"] if int(row) not in labelled][:6]:
        LabelService(bench).set(actor=ME, model_id=model.id, labels={row: 3})
        meta, moved = answers_since(bench, model.id, page.mark)
        assert meta["steps"] == STEPS
        page.take(Answer(meta["mark"], meta["steps"], moved))
        told += int((moved["certainty"] != 0).sum())
        opened, now = points_told(bench, model.id)
        assert page.mark == opened["mark"]
        assert page.same(now)
        exact = points_of(bench, model.id).columns
        assert max(np.abs(now[name] - exact[name]).max() for name in ("certainty", "entropy", "ood")) <= 0.501 / STEPS
    assert told > 0
    _, nothing = answers_since(bench, model.id, page.mark)
    assert not any(column.any() for column in nothing.values())


def test_a_mark_that_nobody_knows_gets_what_is_so_now(bench: Workbench, model: ModelRecord) -> None:
    meta, columns = answers_since(bench, model.id, "of an earlier server")
    assert meta["steps"] is None
    assert np.array_equal(columns["certainty"], points_told(bench, model.id)[1]["certainty"])
    assert answers_since(bench, model.id, meta["mark"])[0]["steps"] == STEPS


def test_differences_stand_beside_their_like_so_that_they_pack_well() -> None:
    predicted, certainty = np.array([2, 1, 2, 1], np.int16), np.array([0.5, 0.9, 0.1, 0.2], np.float32)
    before = {"predicted": predicted, "certainty": certainty, "entropy": np.zeros(4, np.float32)}
    server = Heard()
    mark = server.answer("", before).mark
    answer = server.answer("", {**before, "certainty": certainty + np.array([0.001, 0.002, 0.003, 0.004], np.float32)}, mark)
    assert answer.columns["certainty"].tolist() == [4, 2, 3, 1]


def test_other_points_other_weights_and_what_was_not_known_are_told_whole() -> None:
    def levels(*certainty: int) -> dict[str, np.ndarray]:
        return {name: np.array(certainty, np.int16) for name in FOLLOWING}

    assert differences(levels(5, 7), levels(5, 7, 9)) is None
    assert differences(levels(5, NAN), levels(5, 7)) is None
    assert differences(levels(5, NAN), levels(3, NAN)) is not None
    columns = {"predicted": np.array([1], np.int16), "certainty": np.array([0.5], np.float32), "entropy": np.array([0.5], np.float32)}
    server = Heard()
    mark = server.answer("run_1 ab", columns).mark
    assert server.answer("run_1 ab", columns, mark).steps == STEPS
    assert server.answer("run_2 cd", columns, mark).steps is None


def test_the_server_remembers_pages_within_bounds_and_forgets_the_one_that_asked_longest_ago() -> None:
    def columns(value: int) -> dict[str, np.ndarray]:
        return {"predicted": np.full(10, value, np.int16), **dict.fromkeys(("certainty", "entropy"), np.zeros(10, np.float32))}

    server = Heard(most_bytes=3 * 60)
    marks = [server.answer("", columns(value)).mark for value in range(4)]
    # a page that asks is told of what it has, and so remembered anew
    assert server.answer("", columns(1), marks[1]).steps == STEPS
    server.answer("", columns(9))
    known = [mark for mark in marks if server.answer("", columns(1), mark).steps is not None]
    assert known == [marks[1], marks[3]]

"""Expressions that choose runs: what they mean, what is wrong with them and where, and that nothing typed breaks them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.records import run_record
from workbench.listing.columns import FACTS, by_key, columns_of
from workbench.listing.expressions import And, Comparison, Expression, ExpressionError, Not, Or, fits, parse
from workbench.listing.expressions.parsing import MAX_DEPTH, MAX_LENGTH
from workbench.listing.expressions.tree import Span
from workbench.state import AppState

NOW = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)
RUN = run_record(
    number=7, state="completed", headline={"accuracy": 0.9, "loss": 40.5}, duration_seconds=130.0, epochs_done=12, tags=("baseline", "paper"),
    started_at="2026-11-27T23:00:00.000Z", seed=3,
)  # fmt: skip
COLUMNS = columns_of([RUN])


def holds(text: str, run: Any = RUN) -> bool:
    found = parse(text, COLUMNS, now=NOW)
    assert found is not None
    return fits(found, by_key(COLUMNS), AppState(), run)


@pytest.mark.parametrize("text", [
    "accuracy = 90 %", "accuracy >= 0.9 and accuracy <= 90%", "Accuracy > 89.9 %", "loss < 41", "Learning rate > 1e-5", "learning_rate <= 0.01",
    "state = completed", "STATE = Completed", 'tag = "baseline"', "tags contains pap", "tags in (other, paper)", "not tag = old", "tag != old",
    "duration > 2 min", "duration = 2 min 10 s", "duration < 1 h", "duration >= 130", "number = 7", "run in (6, 7)", "note is empty",
    "ended is empty", "started is not empty", "started > yesterday", "started = yesterday", "started < today", "started > 2026-11-01",
    "started = 2026-11-27", "started >= 2026-11-27 23:00", "started = 2026-11-27T23:00:00.000Z", "started = 2026-11-27 23:00:00", "started > 13.6 hours ago", "(epochs = 1 or epochs = 12) and seed = 3",
    "use_tau_classifier = yes", "not not seed = 3", "family = rcmvae", "family = 'Mixture VAEs'", "Epochs (setting) = 12",
    "accuracy ≥ 0.9 and loss <> 3", "state not in (failed, stopped)", "tags not contains zzz", "state is completed",
])  # fmt: skip
def test_what_a_person_types_means_what_it_says(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize("text", [
    "accuracy > 0.9", "accuracy < 90 %", "state = failed", "tag = base", "note contains x", "ended > 2020-01-01", "not seed = 3",
    "started < yesterday", "started > today", "seed = 3 and epochs = 1", "use_tau_classifier = no",
])  # fmt: skip
def test_what_does_not_hold_does_not_fit(text: str) -> None:
    assert not holds(text)


def test_a_run_without_a_value_fits_no_comparison_but_unequal_and_empty() -> None:
    bare = run_record()
    assert not any(holds(f"accuracy {sign} 0.5", bare) for sign in ("=", "<", "<=", ">", ">="))
    assert holds("accuracy != 0.5", bare)
    assert holds("not accuracy = 0.5", bare)
    assert holds("accuracy is empty", bare)


def test_and_binds_before_or_and_not_before_both() -> None:
    one, two, three = (Comparison("seed", "=", (float(n),)) for n in (1, 2, 3))
    assert parse("seed=1 or seed=2 and not seed=3", COLUMNS) == Or((one, And((two, Not(three)))))
    assert parse("(seed=1 or seed=2) and seed=3", COLUMNS) == And((Or((one, two)), three))


@pytest.mark.parametrize(("text", "start", "end", "said", "hint"), [
    ("acuracy > 0.9", 0, 7, "There is no column “acuracy” at character 1", "Did you mean accuracy?"),
    ("qqqq > 1", 0, 4, "There is no column “qqqq” at character 1", "`trellis runs columns`"),
    ("seed = 3 and Learnin rate > 1", 13, 20, "There is no column “Learnin”", ""),
    ("accuracy > high", 11, 15, "“high” is no value of Accuracy", "90 %"),
    ("loss > 90 %", 7, 11, "“90 %” is no value of Loss", "a number"),
    ("duration > 3 parsecs", 11, 20, "“3 parsecs” is no value of Duration", "2 min"),
    ("started > soon", 10, 14, "“soon” is no value of Started", "yesterday"),
    ("accuracy", 8, 8, "After Accuracy comes how it compares at the end", "contains"),
    ("accuracy >", 10, 10, "A value of Accuracy is missing at the end", "90 %"),
    ("state > completed", 6, 7, "State has no order", "contains"),
    ("accuracy contains 9", 9, 17, "Accuracy is no text", ">="),
    ("(seed = 3", 9, 9, "A parenthesis is not closed at the end", ")"),
    ("seed = 3)", 8, 9, "A comparison is over", "and"),
    ('note = "open', 7, 12, "A quoted text is not closed", '"'),
    ("state in completed", 9, 18, "After in come values in parentheses", "(a, b)"),
    ("state in (a b, c", 16, 16, "The values are not closed", ")"),
    ("= 3", 0, 1, "The name of a column is missing", "Begin with a column"),
    ("seed = 3 and", 12, 12, "The name of a column is missing at the end", ""),
    ("started > 2026-02-30", 10, 20, "“2026-02-30” is no value", "date"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_place_with_what_would_fit(text: str, start: int, end: int, said: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, COLUMNS, now=NOW)
    assert (caught.value.start, caught.value.end) == (start, end)
    assert said in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["x" * 10_000, "(" * 10_000, "a = 1 and " * 1_000, "not " * 2_500, " " * (MAX_LENGTH + 1)])
def test_what_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="at most"):
        parse(text, COLUMNS)


@pytest.mark.parametrize("text", ["(" * 500 + "seed = 3" + ")" * 500, "not " * 490 + "seed = 3"])
def test_deep_nesting_is_refused_without_recursion_at_its_end(text: str) -> None:
    with pytest.raises(ExpressionError, match=f"more than {MAX_DEPTH}"):
        parse(text, COLUMNS)


def refusal(text: str) -> ExpressionError | None:
    try:
        parse(text, FACTS, now=NOW)
    except ExpressionError as error:
        return error
    return None


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    error = refusal(text)
    if error is not None:
        assert 0 <= error.start <= error.end <= len(text)
        assert error.message


_PIECES = (
    "accuracy",
    "state",
    "tags",
    "(",
    ")",
    "and",
    "or",
    "not",
    "=",
    ">",
    "0.9",
    "90 %",
    "completed",
    "in",
    ",",
    "contains",
    '"x"',
    "is",
    "empty",
    "  ",
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=60))
def test_any_order_of_its_words_is_read_or_refused_soon(pieces: list[str]) -> None:
    started = time.monotonic()
    try:
        found = parse(" ".join(pieces), COLUMNS, now=NOW)
    except ExpressionError:
        found = None
    if found is not None:
        assert isinstance(fits(found, by_key(COLUMNS), AppState(), RUN), bool)
    assert time.monotonic() - started < 5


_LEAVES = st.builds(
    lambda column, sign, value: (f"{column} {sign} {value}", Comparison(column, sign, (float(value),))),
    st.sampled_from(["seed", "epochs", "loss"]), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.integers(-99, 99),
)  # fmt: skip


def _joined(parts: list[tuple[str, Expression]], word: str) -> tuple[str, Expression]:
    return f" {word} ".join(f"({text})" for text, _ in parts), (And if word == "and" else Or)(tuple(part for _, part in parts))


_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(_joined, st.lists(inner, min_size=2, max_size=3), st.sampled_from(["and", "or"])),
        inner.map(lambda pair: (f"not ({pair[0]})", Not(pair[1]))),
    ),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None)
@given(_TREES)
def test_what_is_written_out_is_read_back_as_it_was(pair: tuple[str, Expression]) -> None:
    assert parse(pair[0], COLUMNS) == pair[1]


@settings(deadline=None)
@given(_TREES)
def test_not_turns_every_answer_round(pair: tuple[str, Expression]) -> None:
    assert holds(f"not ({pair[0]})") is not holds(pair[0])


def test_a_day_is_from_midnight_to_midnight() -> None:
    found = parse("started = 2026-12-31", COLUMNS, now=NOW)
    assert found == Comparison("started", "=", (Span("2026-12-31T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),))

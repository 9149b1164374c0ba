from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from workbench import ids
from workbench.state import Kind


def test_ids_are_a_prefix_and_thirteen_url_safe_characters() -> None:
    made = ids.new_id(Kind.MODEL)
    prefix, rest = made.split("_")
    assert prefix == "model"
    assert len(rest) == 13
    assert set(rest) <= set(ids.ALPHABET)


def test_ids_sort_by_the_order_they_were_made_in() -> None:
    made = [ids.new_id(Kind.RUN) for _ in range(2000)]
    assert made == sorted(made)


def test_threads_never_make_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(itertools.chain.from_iterable(pool.map(lambda _: [ids.new_id(Kind.RUN) for _ in range(500)], range(8))))
    assert len(set(made)) == 4000


def test_a_clock_that_steps_back_makes_no_earlier_id(monkeypatch: pytest.MonkeyPatch) -> None:
    maker = ids.IdMaker()
    times = iter([2_000_000_000_000_000_000, 1_000_000_000_000_000_000])
    monkeypatch.setattr(ids.time, "time_ns", lambda: next(times))
    first, second = maker(Kind.RUN), maker(Kind.RUN)
    assert first < second


@pytest.mark.parametrize(
    "text",
    ["", "..", "../etc/passwd", "model_", "model_0123", "run_0123456789abc", "model_0123456789ABC", "model_0123456789abc/", "model_0123456789abi",
     "model_0123456789abc\n", " model_0123456789abc", None, 5, "model_0123456789abcd", "%2e%2e"],
)  # fmt: skip
def test_what_is_no_models_id_is_recognised(text: object) -> None:
    assert not ids.is_id(Kind.MODEL, text)
    with pytest.raises(ids.InvalidId, match="not a model's id"):
        ids.require_id(Kind.MODEL, text)


def test_a_made_id_is_an_id_of_its_kind_only() -> None:
    made = ids.new_id(Kind.MODEL)
    assert ids.require_id(Kind.MODEL, made) == made
    assert not ids.is_id(Kind.RUN, made)


@pytest.mark.parametrize("text", ["digits", "mnist", "fashion_mnist", "movielens-100k"])
def test_built_in_datasets_have_short_ids(text: str) -> None:
    assert ids.is_id(Kind.DATASET, text)
    assert not ids.is_id(Kind.MODEL, text)


@pytest.mark.parametrize("text", ["..", "a/b", "Digits", "-ab", "9a", "_a", "a" * 42])
def test_other_text_is_no_datasets_id(text: str) -> None:
    assert not ids.is_id(Kind.DATASET, text)

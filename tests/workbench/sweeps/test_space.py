"""What may be searched: as it is written, and every mistake at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench.sweeps.conftest import ME, Sweeping
from workbench.commands.base import CommandError
from workbench.sweeps.space import Parameter, combination, combinations, read


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        (Parameter(path="a", kind="float", low=1e-4, high=1e-2, log=True), "a=0.0001..0.01:log"),
        (Parameter(path="a", kind="int", low=1, high=9, count=3), "a=1..9/3"),
        (Parameter(path="a.b", kind="choice", choices=([64, 32], [16], None, True, "x")), "a.b=[64, 32],[16],null,true,x"),
    ],
)
def test_a_setting_is_written_as_it_is_read(parameter: Parameter, words: str) -> None:
    assert parameter.text == words
    assert read(words).path == parameter.path


def test_choices_that_are_lists_stay_whole() -> None:
    assert read("layers=[64, 32],[16]").choices == ([64, 32], [16])


@pytest.mark.parametrize("text", ["", "a", "a=", "=1..2", "a=1..2:cubic"])
def test_what_is_no_setting_of_a_search_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


def test_a_spread_range_has_its_ends_and_is_even_on_its_scale() -> None:
    spread = Parameter(path="a", kind="float", low=1e-4, high=1.0, log=True, count=5)
    assert spread.values == pytest.approx((1e-4, 1e-3, 1e-2, 1e-1, 1.0))
    assert spread.holds(1e-3)
    assert not spread.holds(2e-3)


def test_combinations_are_counted_and_each_place_is_another_one() -> None:
    space = (Parameter(path="a", kind="int", low=1, high=3), Parameter(path="b", kind="choice", choices=("x", "y")))
    assert combinations(space) == 6
    assert len({tuple(combination(space, place).values()) for place in range(6)}) == 6
    assert combinations((*space, Parameter(path="c", kind="float", low=0.0, high=1.0))) is None


@pytest.mark.parametrize(("low", "high"), [(0, 20_000_000), (0, 4_294_967_295), (1e-7, 0.12345678)])
def test_ends_of_a_range_are_written_with_all_their_digits(low: float, high: float) -> None:
    parameter = Parameter(path="a", kind="int" if isinstance(low, int) else "float", low=low, high=high)
    again = read(parameter.text)
    assert (float(again.low or 0), float(again.high or 0)) == (low, high)


def test_a_long_range_of_whole_numbers_takes_no_memory() -> None:
    wide = Parameter(path="a", kind="int", low=0, high=2**32 - 1)
    assert combinations([wide, wide]) == 2**64
    assert combination([wide], 5) == {"a": 5}


def test_lists_in_lists_without_end_are_refused() -> None:
    with pytest.raises(ValueError, match="deep"):
        read("layers=" + "[" * 900 + "]" * 900)


def problems(sweeping: Sweeping, *space: str, **settings: Any) -> dict[str, str]:
    with pytest.raises(CommandError) as refused:
        sweeping.begin(*space, **settings)
    return {problem.path: f"{problem.message} {problem.hint or ''}" for problem in refused.value.problems}


def test_every_mistake_is_told_at_once_with_paths_and_nearest_names(sweeping: Sweeping) -> None:
    found = problems(
        sweeping, "learning_rat=0.1..0.2", "clip=0..3:log", "max_epochs=9..2", "monitor=loss,acuracy", "width=1..9", "mixing=0.5,0.5",
        "noise_scale=1..2", "use_noise=1..2", "random_seed=0..5:log", trials=0, sampler="tpf", objective="validation/los",
    )  # fmt: skip
    assert "did you mean learning_rate?" in found["learning_rat"]
    assert "greater than 0" in found["clip"]
    assert "begin below its end" in found["max_epochs"]
    assert "one of loss, accuracy" in found["monitor"]
    assert "architecture" in found["width"]
    assert "clone" in found["width"]
    assert "two different choices" in found["mixing"]
    assert "use_noise is" in found["noise_scale"]
    assert "above 0" in found["random_seed"]
    assert found["use_noise"]
    assert "at least 1" in found["trials"] or "1 to 1000" in found["trials"]
    assert "Did you mean tpe?" in found["sampler"]
    assert "Did you mean validation/loss?" in found["objective"]


def test_a_range_of_a_grid_says_how_many_values(sweeping: Sweeping) -> None:
    assert "/5" in problems(sweeping, "learning_rate=0.1..0.2", sampler="grid")["learning_rate"]


def test_an_empty_space_is_refused(sweeping: Sweeping) -> None:
    with pytest.raises(CommandError, match="names no setting"):
        sweeping.bench.sweeps.create(actor=ME, model_id=sweeping.model.id, settings={})


def test_a_setting_is_found_by_its_key_in_files_and_searched_once(sweeping: Sweeping) -> None:
    assert sweeping.begin("training.learning_rate=0.1..0.2").space[0].path == "learning_rate"
    assert "twice" in problems(sweeping, "training.learning_rate=0.1..0.2", "learning_rate=0.3..0.4")["learning_rate"]


def test_a_grid_of_more_combinations_than_a_sweep_has_trials_is_refused(sweeping: Sweeping) -> None:
    found = problems(sweeping, "random_seed=0..20000000", "clip=1..9/3", sampler="grid")
    assert "60,000,003" in found["space"]
    assert "random_seed=0..20000000/5" in found["space"]


def test_whole_numbers_spread_so_densely_that_they_repeat_are_refused(sweeping: Sweeping) -> None:
    found = problems(sweeping, "max_epochs=1..10/10:log")
    assert "only 8 different values" in found["max_epochs"]

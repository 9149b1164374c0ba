"""What is tried next, and what is given up: Optuna's ask and tell over the trials of one sweep.

Nothing here lasts. A search is made anew from what is known of the trials; the sampler of each trial has a seed of its own, made of the
sweep's and the trial's number, so that what is tried depends on the seed and the told trials alone and not on who asked before.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from workbench.families.metrics import Direction
from workbench.sweeps.settings import Pruner, Sampler
from workbench.sweeps.space import Parameter, combination

optuna.logging.set_verbosity(optuna.logging.ERROR)

STARTUP_TRIALS = 5
"""Trials that the median needs before it gives one up."""


class Search:
    """The search of one sweep, as far as its trials are known.

    Args:
        first: the values that the model has now; the first trial of a sampler that draws is these, if the space holds them.
    """

    def __init__(
        self,
        space: Sequence[Parameter],
        sampler: Sampler,
        pruner: Pruner,
        seed: int,
        direction: Direction,
        first: Mapping[str, Any] | None = None,
    ) -> None:
        self._space = tuple(space)
        self._kind: Sampler = sampler
        self._seed = seed
        self._first = dict(first or {})
        self._distributions = {parameter.path: _distribution(parameter) for parameter in self._space}
        self._trials: dict[int, optuna.trial.Trial] = {}
        self._told: set[int] = set()
        self._steps: dict[int, int] = {}
        self.study = optuna.create_study(
            direction="minimize" if direction == "lower" else "maximize",
            pruner=_pruner(pruner),
            sampler=optuna.samplers.RandomSampler(seed),
        )

    def __contains__(self, number: int) -> bool:
        return number in self._trials

    def ask(self, number: int) -> dict[str, Any]:
        """The values of a new trial."""
        if self._kind == "grid":
            values = combination(self._space, number - 1)
            self.add(number, values)
            return values
        if number == 1 and all(p.path in self._first and p.holds(self._first[p.path]) for p in self._space):
            values = {p.path: self._first[p.path] for p in self._space}
            self.add(number, values)
            return values
        self.study.sampler = _sampler(self._kind, self._seed, number)
        trial = self._trials[number] = self.study.ask(self._distributions)
        return {p.path: _value(p, trial.params[p.path]) for p in self._space}

    def add(self, number: int, values: Mapping[str, Any]) -> None:
        """A trial that was asked for earlier, with the values it got."""
        self.study.enqueue_trial({p.path: _coded(p, values[p.path]) for p in self._space if p.path in values})
        self._trials[number] = self.study.ask(self._distributions)

    def report(self, number: int, epoch: int, value: float | None) -> bool:
        """Take in a trial's value after an epoch; whether it is to be given up."""
        if number in self._told or epoch <= self._steps.get(number, 0) or value is None or not math.isfinite(value):
            return False
        self._steps[number] = epoch
        trial = self._trials[number]
        trial.report(value, epoch)
        return trial.should_prune()

    def tell(self, number: int, told: str, value: float | None) -> None:
        """What became of a trial; one that was given up or stopped counts with what it had reached, one that failed not at all."""
        if number in self._told:
            return
        self._told.add(number)
        trial = self._trials[number]
        if told == "completed" and value is not None:
            self.study.tell(trial, value)
        elif told in ("pruned", "stopped") and self._steps.get(number):
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            self.study.tell(trial, state=TrialState.FAIL)

    def importances(self) -> dict[str, float]:
        """How much of the objective's spread each setting explains, by path, largest first (fANOVA, Hutter et al., 2014)."""
        from optuna.importance import FanovaImportanceEvaluator, get_param_importances

        found = get_param_importances(self.study, evaluator=FanovaImportanceEvaluator(seed=self._seed))
        return {path: float(share) for path, share in found.items()}


def spread(space: Iterable[Parameter], values: Sequence[Mapping[str, Any]]) -> int:
    """How many settings the trials differ in."""
    return sum(len({json.dumps(each.get(parameter.path)) for each in values}) > 1 for parameter in space)


def _distribution(parameter: Parameter) -> BaseDistribution:
    if parameter.kind == "choice":
        return CategoricalDistribution([json.dumps(choice) for choice in parameter.choices])
    if parameter.count is not None:
        return IntDistribution(0, parameter.count - 1)
    if parameter.kind == "int":
        return IntDistribution(int(parameter.low), int(parameter.high), log=parameter.log)
    return FloatDistribution(float(parameter.low), float(parameter.high), log=parameter.log)


def _value(parameter: Parameter, coded: Any) -> Any:
    """A value as the model's config has it, from Optuna's."""
    if parameter.kind == "choice":
        return json.loads(coded)
    return parameter.values[coded] if parameter.count is not None and parameter.values is not None else coded


def _coded(parameter: Parameter, value: Any) -> Any:
    """A value as Optuna has it; what is no number among several is called by its place or its text."""
    if parameter.kind == "choice":
        return next((json.dumps(choice) for choice in parameter.choices if choice == value), json.dumps(value))
    if parameter.count is not None and parameter.values is not None:
        known = parameter.values
        return min(range(len(known)), key=lambda place: abs(known[place] - value))
    return value


def _sampler(kind: Sampler, seed: int, number: int) -> optuna.samplers.BaseSampler:
    own = int.from_bytes(hashlib.sha256(f"{seed}/{number}".encode()).digest()[:4], "big")
    # Trials under way count as bad ones meanwhile, so that those beside each other do not try the same.
    return optuna.samplers.TPESampler(seed=own, constant_liar=True) if kind == "tpe" else optuna.samplers.RandomSampler(seed=own)


def _pruner(kind: Pruner) -> optuna.pruners.BasePruner:
    if kind == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=STARTUP_TRIALS)
    return optuna.pruners.SuccessiveHalvingPruner() if kind == "halving" else optuna.pruners.NopPruner()

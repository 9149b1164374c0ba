"""The live diagnostics of a mixture's components after an epoch, and what to say about them in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rcmvae.diagnostics.channels import free_channels
from rcmvae.model.routing import temperature
from rcmvae.training.curriculum import kicked, open_count
from rcmvae.training.engine import Engine, EpochResult
from rcmvae.training.state import TrainState

IDLE_WARNING = 5
"""Epochs without use after which components are worth a warning."""
COLLAPSED_SHARE = 0.15


@dataclass(frozen=True)
class MixtureReport:
    """Plain values for the page. K components, Y classes.

    Attributes:
        pi, usage: (K,) prior weights and mean responsibilities over the epoch. k_eff: exp of the usage's entropy.
        tau: (K x Y), empty without tau. labels: (Y,) labelled training images; recall: (Y,) the mean probability that they are given of
            their own class, 0 where there are none; both empty without tau. claims: (K,) class index, -1 none. free_channels: open, unclaimed components with hardly
            any use or labelled mass. responsibility_histogram: shares of max_k r in 20 bins. component_kl: (C,) mean KL.
        temperature: the routing's, None without sampling. active: (K,) 1 for open components, 0 for those that a curriculum has not
            opened yet. k_active: how many are open, None without a curriculum; unlocked: the one that opened at this epoch's end,
            after the epoch that `usage` is of; kick_active: whether routing is pushed towards it.
    """

    pi: list[float]
    usage: list[float]
    k_eff: float
    tau: list[list[float]]
    labels: list[int]
    recall: list[float]
    claims: list[int]
    free_channels: list[int]
    responsibility_histogram: list[float]
    component_kl: list[float]
    temperature: float | None
    active: list[int]
    k_active: int | None
    unlocked: int | None
    kick_active: bool

    def plain(self, class_names: tuple[str, ...]) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "class_names": list(class_names)}

    @property
    def trained(self) -> list[int]:
        """The components that were open during the epoch."""
        return [k for k, is_open in enumerate(self.active) if is_open and k != self.unlocked]

    def idle_epochs(self, before: list[int]) -> list[int]:
        """For each component, epochs in a row in which it was open and not used, given the counts up to the epoch before."""
        trained = set(self.trained)
        floor = min(0.01, 0.1 / max(1, len(trained)))
        counts = before or [0] * len(self.usage)
        return [counts[k] + 1 if k in trained and share < floor else 0 for k, share in enumerate(self.usage)]


def mixture_report(engine: Engine, state: TrainState, result: EpochResult, unlocked: int | None = None) -> MixtureReport:
    """The report of the epoch that `result` closes, at whose end the component `unlocked` opened, if any."""
    recipe = engine.recipe
    usage = result.usage.astype(np.float64)
    usage = usage / max(usage.sum(), 1e-12)
    entropy = float(-(usage * np.log(np.maximum(usage, 1e-12))).sum())
    with_tau = recipe.classifier == "tau"
    counts, claims, active = np.asarray(state.counts), np.asarray(state.claims), np.asarray(state.curriculum.active).astype(int)
    labels = counts.sum(axis=0, dtype=np.float64)
    recall = (counts * result.tau).sum(axis=0, dtype=np.float64) / np.maximum(labels, 1e-12)
    return MixtureReport(
        pi=result.pi.astype(float).tolist(),
        usage=usage.tolist(),
        k_eff=float(np.exp(entropy)),
        tau=result.tau.astype(float).tolist() if with_tau else [],
        labels=np.rint(labels).astype(int).tolist() if with_tau else [],
        recall=recall.tolist() if with_tau else [],
        claims=claims.astype(int).tolist() if with_tau else [],
        free_channels=np.flatnonzero(free_channels(usage, counts.sum(axis=1), claims, active)).tolist() if with_tau else [],
        responsibility_histogram=result.sureness.astype(float).tolist(),
        component_kl=result.component_kl.astype(float).tolist(),
        temperature=float(temperature(recipe.choices, recipe.numbers, int(state.life_epoch) - 1)) if recipe.routing.gumbel else None,
        active=active.tolist(),
        k_active=open_count(state) if recipe.curriculum else None,
        unlocked=unlocked,
        kick_active=recipe.curriculum and kicked(state, recipe.settings),
    )


def warnings(report: MixtureReport, idle: list[int]) -> list[str]:
    """What is worth telling about the components, in words."""
    lines = []
    components = len(report.trained)
    kind = "open components" if components < len(report.usage) else "components"
    unused = [epochs for epochs in idle if epochs >= IDLE_WARNING]
    if unused and min(unused) == IDLE_WARNING:
        lines.append(f"{len(unused)} of {components} {kind} unused for {IDLE_WARNING} epochs")
    if components >= 3 and report.k_eff < max(1.5, COLLAPSED_SHARE * components):
        lines.append(
            f"nearly all data goes through one component (K_eff {report.k_eff:.1f} of {components}); raise component_diversity_weight"
        )
    return lines

"""Routing: how firmly images are given to components, and which classes own which components."""

from __future__ import annotations

import numpy as np

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.channels import class_mass, component_kl_means, majority_classes, ownership
from rcmvae.diagnostics.metrics.result import Disabled, Found, Skipped, held_out, held_out_with_truth, need_components, number

NOISE_SEED = 0


def mean_max_soft(bundle: DiagnosticsBundle) -> Found:
    """Mean of the largest responsibility; 1 when every image has one component to itself."""
    need_components(bundle)
    held = held_out(bundle)
    return Found(number(bundle.responsibilities[held.where].max(axis=1).mean(dtype=np.float64)), held.split, int(held.where.sum()))


def mean_max_gumbel(bundle: DiagnosticsBundle) -> Found:
    """The same after Gumbel noise at the run's last temperature: softmax((log r + g)/T), with noise of a fixed seed."""
    need_components(bundle)
    temperature = bundle.facts.gumbel_temperature
    if temperature is None:
        raise Disabled("routing is not sampled with Gumbel noise")
    held = held_out(bundle)
    noisy = gumbel_weights(bundle.responsibilities[held.where][:, bundle.active], temperature)
    return Found(number(noisy.max(axis=1).mean()), held.split, int(held.where.sum()))


def gumbel_weights(responsibilities: np.ndarray, temperature: float) -> np.ndarray:
    """Gumbel-Softmax weights (Jang, Gu and Poole 2017, eq. 2) with fixed noise, float64 (n, K)."""
    noise = np.random.default_rng(NOISE_SEED).gumbel(size=responsibilities.shape)
    logits = (np.log(np.maximum(responsibilities.astype(np.float64), 1e-30)) + noise) / temperature
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def active_components_1pct(bundle: DiagnosticsBundle) -> Found:
    """Components with a usage above 1 %."""
    need_components(bundle)
    held = held_out(bundle)
    usage = bundle.responsibilities[held.where].mean(axis=0, dtype=np.float64)
    return Found(int((usage > 0.01).sum()), held.split, int(held.where.sum()))


def ownership_diagonal_mean(bundle: DiagnosticsBundle) -> Found:
    """Mean over the classes of the responsibility that their images give to components whose majority they are."""
    need_components(bundle)
    held = held_out_with_truth(bundle)
    r, labels = bundle.responsibilities[held.where], bundle.known_labels[held.where]
    owners = majority_classes(class_mass(r, labels, bundle.classes))
    shares = np.where(owners[None, :] == np.arange(bundle.classes)[:, None], ownership(r, labels, bundle.classes), 0).sum(axis=1)
    present = np.bincount(labels, minlength=bundle.classes) > 0
    return Found(number(shares[present].mean()), held.split, int(held.where.sum()))


def component_kl(bundle: DiagnosticsBundle) -> Found:
    """Mean, largest and least KL_z over the components, each averaged over the images it is responsible for, nats."""
    need_components(bundle)
    values = component_kl_means(bundle)
    if np.isnan(values).all():
        raise Skipped("no component is responsible for any image")
    summary = {"mean": number(np.nanmean(values)), "max": number(np.nanmax(values)), "min": number(np.nanmin(values))}
    return Found(summary, "all", len(bundle.detail))

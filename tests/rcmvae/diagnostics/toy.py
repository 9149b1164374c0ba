"""A small mixture model in plain numpy, fitted to the real digits: stands in for a trained network in tests.

Latents are principal components, responsibilities come from distances to class means, and decoding goes back through the
components. Everything is deterministic and takes milliseconds.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from rcmvae.diagnostics.bundle import TEST, BundleFacts, DiagnosticsBundle
from rcmvae.diagnostics.collect import Histories, ModelArrays, SampleData, collect
from rcmvae.diagnostics.predictor import Evaluation
from rcmvae.simple.words import TITLES


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's digits, read from its package without importing it: uint8 images (1797, 8, 8, 1) and labels."""
    spec = importlib.util.find_spec("sklearn")
    assert spec is not None
    assert spec.submodule_search_locations
    table = np.loadtxt(Path(spec.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    return np.rint(table[:, :-1] * 255 / 16).astype(np.uint8).reshape(-1, 8, 8, 1), table[:, -1].astype(np.int32)


@dataclass(frozen=True)
class ToyModel:
    """`components` 0 is a standard prior; `decentralized` gives each component its own latent origin."""

    centres: np.ndarray
    basis: np.ndarray
    tau: np.ndarray
    decentralized: bool = False
    batch_size: int = 64

    @property
    def components(self) -> int:
        return 0 if self.tau.shape[0] == 0 else len(self.centres)

    def evaluate(self, images: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> Evaluation:
        assert images.shape[0] == rows.shape[0] == labels.shape[0] == self.batch_size
        flat = images.reshape(len(images), -1)
        distances = ((flat[:, None] - self.centres[None]) ** 2).sum(axis=2)
        logits = -distances * 1.5
        r = np.exp(logits - logits.max(axis=1, keepdims=True))
        r /= r.sum(axis=1, keepdims=True)
        origins = self.centres if self.decentralized else self.centres.mean(axis=0, keepdims=True)
        mu = (flat[:, None] - origins[None]) @ self.basis.T
        log_var = np.full_like(mu, -2.0)
        noise = np.stack([np.random.default_rng(int(row)).standard_normal(mu.shape[1:]) for row in rows])
        z = mu + np.exp(log_var / 2) * noise
        kl = 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum(axis=2)
        back = origins[None] + mu @ self.basis
        errors = ((back - flat[:, None]) ** 2).sum(axis=2) / (2 * 0.3**2)
        weights = r if self.decentralized else np.ones((len(flat), 1))
        reconstruction, kl_z = (weights * errors).sum(axis=1), (weights * kl).sum(axis=1)
        y = self.tau.shape[1]
        probabilities = r @ self.tau if self.components else r[:, :y] / r[:, :y].sum(axis=1, keepdims=True)
        label_loss = np.array([-np.log(p[label]) if label >= 0 else np.nan for p, label in zip(probabilities, labels, strict=True)])
        losses = {"reconstruction_loss": reconstruction, "kl_z": kl_z, "classification_loss": label_loss}
        if self.components:
            losses["kl_c"] = (r * (np.log(np.maximum(r, 1e-30)) + np.log(self.components))).sum(axis=1)
        losses["elbo"] = -(reconstruction + kl_z + losses.get("kl_c", 0))
        return Evaluation(r if self.components else r[:, :0], mu, log_var, z, kl, probabilities, losses)

    def decode(self, z: np.ndarray, components: np.ndarray) -> np.ndarray:
        assert z.shape[0] == components.shape[0] == self.batch_size
        origins = self.centres[components] if self.decentralized else self.centres.mean(axis=0)
        shift = 0 if self.decentralized or not self.components else 0.3 * (self.centres[components] - self.centres.mean(axis=0))
        return np.clip(origins + shift + z @ self.basis, 0, 1).reshape(-1, 8, 8, 1)

    def prior_sample(self, components: np.ndarray, noise: np.ndarray) -> np.ndarray:
        return noise


def sample_data(n: int = 600, labelled: int = 128) -> SampleData:
    """The first `n` digits: 70 % train, 10 % validation, 20 % test; every class is labelled about evenly."""
    images, labels = digits()
    rows = np.random.default_rng(1).permutation(len(images))[:n].astype(np.int32)
    a, b = int(n * 0.7), int(n * 0.8)
    known = {int(row): int(labels[row]) for row in rows[:labelled]}
    return SampleData(images, labels, rows[:a], rows[a:b], rows[b:], known)


def histories(k: int, epochs: int = 30) -> Histories:
    """Plausible curves."""
    rng = np.random.default_rng(3)
    steps = np.arange(1, epochs + 1)
    falling = 40 * np.exp(-steps / 6) + 12
    metrics = tuple(
        {
            "train/loss": float(f + 8),
            "validation/loss": float(f + 9 + rng.normal() * 0.6),
            "train/reconstruction_loss": float(f - 4),
            "validation/reconstruction_loss": float(f - 3.6 + rng.normal() * 0.3),
            "train/kl_z": float(2 + 2 * (1 - np.exp(-i / 5))),
            "validation/kl_z": float(2.1 + 2 * (1 - np.exp(-i / 5))),
            "train/kl_c": float(2.3 - 1.2 * np.exp(-i / 4)),
            "train/classification_loss": float(2.3 * np.exp(-i / 5) + 0.05),
            "validation/classification_loss": float(2.3 * np.exp(-i / 6) + 0.2) if i % 2 == 0 else None,
            "validation/accuracy": float(0.95 - 0.8 * np.exp(-i / 4)),
            "train/learning_rate": float(1e-3 * (0.05 + 0.95 * np.cos(i / epochs * np.pi / 2) ** 2)),
            "train/grad_norm": float(4 * np.exp(-i / 9) + rng.random()),
            "train/examples_per_second": 30_000.0,
            "epoch_seconds": 0.3,
        }
        for i, f in zip(steps, falling, strict=True)
    )
    spread = rng.normal(size=k)
    usage = [np.exp(spread * (1 - np.exp(-i / 8)) * 0.8) for i in steps]
    pi = [np.exp(spread * (1 - np.exp(-i / 15)) * 0.6) for i in steps]
    return Histories(
        metric_epochs=tuple(int(i) for i in steps),
        metrics=metrics,
        mixture_epochs=tuple(int(i) for i in steps),
        pi=tuple(p / p.sum() if k else p for p in pi),
        usage=tuple(u / u.sum() if k else u for u in usage),
        hardness=tuple(float(0.95 - 0.7 * np.exp(-i / 6)) for i in steps),
        temperature=tuple(None for _ in steps),
    )


@cache
def make(
    *,
    prior: str = "mixture",
    decentralized: bool = False,
    dims: int = 2,
    n: int = 600,
    labelled: int = 128,
    temperature: float | None = None,
    extra_components: int = 2,
    extras: bool = False,
) -> DiagnosticsBundle:
    """A bundle of the toy model, made once (bundles cannot be changed): `prior` is `mixture` (10 + `extra_components`) or `standard`.

    `extras`: with what only single kinds of model have: pseudo-images, fixed centres, a curriculum, sampled routing's hardness.
    """
    data = sample_data(n, labelled)
    images, labels = digits()
    flat = (images / 255).reshape(len(images), -1)
    means = np.stack([flat[labels == y].mean(axis=0) for y in range(10)])
    extra = np.stack([flat[labels == y][:20].mean(axis=0) for y in range(extra_components)]) if extra_components else means[:0]
    centres = np.concatenate([means, extra])
    basis = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)[2][:dims]
    k = len(centres) if prior != "standard" else 0
    model = ToyModel(centres, basis, np.zeros((k, 10)), decentralized, batch_size=64)
    counts = np.zeros((k, 10))
    if k and data.labels:
        rows = np.array(list(data.labels), np.int32)
        for start in range(0, len(rows), 64):
            part = rows[start : start + 64]
            padded = np.concatenate([part, np.repeat(part[:1], 64 - len(part))])
            r = model.evaluate(images[padded] / 255, padded, np.full(64, -1)).responsibilities[: len(part)]
            np.add.at(counts.T, labels[part], r)
    sizes = np.bincount(labels[list(data.labels)], minlength=10) if data.labels else np.zeros(10)
    seen = sizes > 0
    alike = counts.copy()  # every class for as many images
    if seen.any():
        alike[:, seen] *= seen.sum() / (1 / sizes[seen]).sum() / sizes[seen]
    if k and data.labels:
        counts[np.arange(10), np.arange(10)] += 1
        alike[np.arange(10), np.arange(10)] += 1
    tau = (alike + 0.01) / (alike + 0.01).sum(axis=1, keepdims=True) if k else counts
    model = replace(model, tau=tau)
    claims = np.full(k, -1)
    if data.labels:
        claims[: min(k, 10)] = np.arange(min(k, 10))
    facts = BundleFacts(
        prior_type=prior,
        latent_layout="decentralized" if decentralized else "shared",
        decoder_conditioning="film" if k else "none",
        reconstruction_loss="mse",
        classifier="tau" if k else "head",
        class_names=tuple(str(y) for y in range(10)),
        epochs=30,
        best_epoch=27,
        seconds=9.0,
        examples_per_second=30_000.0,
        gumbel_temperature=temperature,
        open_components=tuple(range(k - 1)) if extras else None,
        unlocks=k - 3 if extras else None,
    )
    arrays = ModelArrays(
        pi=np.full(k, 1 / k) if k else np.zeros(0),
        tau=tau,
        tau_counts=counts,
        claims=claims,
        embeddings=np.random.default_rng(5).standard_normal((k, 16 if k else 0)),
        pseudo_images=centres.reshape(-1, 8, 8, 1) if extras else None,
        centres=circle(k, dims) if extras else None,
    )
    logged = histories(k)
    if extras:
        opened = tuple((np.arange(k) < 2 + epoch // 3).tolist() for epoch in range(30))
        metrics = tuple({**epoch, "train/max_gumbel_weight": 0.5} for epoch in logged.metrics)
        logged = replace(logged, active=opened, metrics=metrics)
    bundle = collect(model, data, arrays, logged, facts)
    return replace(bundle, **simple(bundle)) if bundle.has_labels else bundle


def simple(bundle: DiagnosticsBundle) -> dict[str, np.ndarray]:
    """Fields of simple methods that give so many right answers, without computing any."""
    held = np.flatnonzero(bundle.split == TEST).astype(np.int32)
    truth, place = bundle.true_labels[held], np.arange(len(held))
    answers = [np.where(place % 10 < right, truth, (truth + 1) % 10) for right in (8, 9, 8, 7, 9)]
    return {
        "simple_names": np.array(list(TITLES)), "simple_held": held, "simple_predictions": np.array(answers, np.int32),
        "simple_notes": np.array(["", "90 of 128 labels", "", "", ""]),
    }  # fmt: skip


def circle(k: int, dims: int) -> np.ndarray:
    """`k` centres on a circle of radius 2 in the first two dimensions, (k, dims)."""
    angles = 2 * np.pi * np.arange(k) / max(1, k)
    return np.pad(2 * np.stack([np.cos(angles), np.sin(angles)], axis=1), ((0, 0), (0, dims - 2)))

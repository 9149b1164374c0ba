"""Social pooling once more, in NumPy and float64, from the equations and over all pairs of detectors. Slow, and shares no code."""

from __future__ import annotations

import numpy as np

Parameters = dict[str, np.ndarray]


def distances(places: np.ndarray) -> np.ndarray:
    """Great circles between all (N, 2) places, metres, by the spherical law of cosines."""
    latitude, longitude = np.radians(places).T
    cosine = np.sin(latitude)[:, None] * np.sin(latitude) + np.cos(latitude)[:, None] * np.cos(latitude) * np.cos(
        longitude[:, None] - longitude
    )
    return 6_371_008.8 * np.arccos(np.clip(cosine, -1, 1))


def valid_pairs(distance: np.ndarray, knn_k: int, radius: float) -> np.ndarray:
    """Which of (N, N) pairs are neighbours that count."""
    others = distance + np.diag(np.full(len(distance), np.inf))
    places = np.argsort(np.argsort(others, axis=1), axis=1)
    return (places < knn_k) & (others <= radius)


def linear(p: Parameters, name: str, x: np.ndarray) -> np.ndarray:
    return x @ p[f"{name}.kernel"] + p[f"{name}.bias"]


def attention(
    p: Parameters, tokens: np.ndarray, last: np.ndarray, distance: np.ndarray, valid: np.ndarray, scale: float, heads: int, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Context (B, N, W) and weights (B, N, N, S, H)."""
    batch, sensors, _, width = tokens.shape
    size = width // heads
    temperature = np.log1p(np.exp(p["attention.raw_temperature"]))
    weights = np.zeros((batch, sensors, sensors, window, heads))
    context = np.zeros((batch, sensors, width))
    for b in range(batch):
        queries = linear(p, "attention.query", last[b])
        for i in range(sensors):
            if not valid[i].any():
                continue
            parts = []
            for h in range(heads):
                own = slice(h * size, (h + 1) * size)
                logits, values = np.full((sensors, window), -np.inf), np.zeros((sensors, window, size))
                for j in np.flatnonzero(valid[i]):
                    for lag in range(window):
                        token = tokens[b, j, -1 - lag]
                        key = linear(p, "attention.key", token)[own]
                        values[j, lag] = linear(p, "attention.value", token)[own]
                        near = -(distance[i, j] / scale) / temperature[h] + p["attention.lag_bias"][h, lag]
                        logits[j, lag] = queries[i, own] @ key / np.sqrt(size) + near
                share = np.exp(logits - logits.max())
                share /= share.sum()
                weights[b, i, ..., h] = share
                parts.append((share[..., None] * values).sum((0, 1)))
            context[b, i] = linear(p, "attention.out", np.concatenate(parts))
    return context, weights


def by_distance(
    states: np.ndarray, distance: np.ndarray, valid: np.ndarray, kernel: str, aggregation: str, scale: float, radius: float
) -> np.ndarray:
    """Context (B, N, W)."""
    weigh = {
        "gaussian": lambda d: np.exp(-(d**2) / (2 * scale**2)), "exponential": lambda d: np.exp(-d / scale),
        "linear": lambda d: max(0.0, 1 - d / radius), "inverse": lambda d: 1 / (1 + d / scale),
    }[kernel]  # fmt: skip
    context = np.zeros_like(states)
    for i in range(len(valid)):
        near = np.flatnonzero(valid[i])
        if not len(near):
            continue
        weights = np.array([weigh(distance[i, j]) for j in near])
        chosen = states[:, near]
        if aggregation == "max":
            context[:, i] = chosen.max(1)
        elif aggregation == "mean":
            context[:, i] = chosen.mean(1)
        else:
            total = (weights[:, None] * chosen).sum(1)
            context[:, i] = total if aggregation == "weighted_sum" else total / weights.sum()
    return context


def fused(p: Parameters, last: np.ndarray, context: np.ndarray) -> np.ndarray:
    """z (B, N, W)."""
    gate = 1 / (1 + np.exp(-linear(p, "gate", np.concatenate([last, context], -1))))
    return np.maximum(linear(p, "fuse", np.concatenate([last, gate * context], -1)), 0)

"""The networks once more in NumPy, float64, step by step and head by head, written from the equations; nothing of the product is used."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import erf

Values = dict[str, np.ndarray]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def log_sigmoid(x: np.ndarray) -> np.ndarray:
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def silu(x: np.ndarray) -> np.ndarray:
    return x * sigmoid(x)


def gelu(x: np.ndarray) -> np.ndarray:
    return x * 0.5 * (1 + erf(x / math.sqrt(2)))


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max())
    return e / e.sum()


ACTIVATIONS = {
    "gelu": gelu,
    "relu": lambda x: np.maximum(x, 0),
    "relu^2": lambda x: np.maximum(x, 0) ** 2,
    "sigmoid": sigmoid,
    "swish": silu,
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
}


def normed(x: np.ndarray) -> np.ndarray:
    """One vector."""
    return (x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean() + 1e-5)


def lstm_layer(p: Values, name: str, xs: list[np.ndarray]) -> list[np.ndarray]:
    w, r = p[f"{name}.kernel"], p[f"{name}.recurrent"]
    width = r.shape[0]
    h, c, out = np.zeros(width), np.zeros(width), []
    for x in xs:
        a = x @ w + p[f"{name}.bias"] + h @ r + p[f"{name}.recurrent_bias"]
        i, f, g, o = a[:width], a[width : 2 * width], a[2 * width : 3 * width], a[3 * width :]
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out.append(h)
    return out


def lstm(p: Values, xs: list[np.ndarray], *, layers: int, bidirectional: bool) -> np.ndarray:
    hs = xs
    for index in range(layers):
        forward = lstm_layer(p, f"encoder.layers.{index}", hs)
        if not bidirectional:
            hs, top = forward, forward[-1]
            continue
        backward = lstm_layer(p, f"encoder.backward_layers.{index}", hs[::-1])[::-1]
        top = np.concatenate([forward[-1], backward[0]])
        hs = [np.concatenate(pair) for pair in zip(forward, backward, strict=True)]
    return top


def mlstm_cell(q: np.ndarray, k: np.ndarray, v: np.ndarray, i: np.ndarray, f: np.ndarray, eps: float) -> np.ndarray:
    """One head: q, k, v (L, DH), i, f (L,). Sums over the past, each weight worked out by itself."""
    out = []
    for t in range(len(q)):
        logs = np.array([log_sigmoid(f[s + 1 : t + 1]).sum() + i[s] for s in range(t + 1)])
        m = logs.max()
        weights = np.array([q[t] @ k[s] / math.sqrt(q.shape[1]) * math.exp(logs[s] - m) for s in range(t + 1)])
        out.append(sum(w * v[s] for s, w in enumerate(weights)) / (max(abs(weights.sum()), math.exp(-m)) + eps))
    return np.array(out)


def slstm_cell(wx: np.ndarray, r: np.ndarray, b: np.ndarray, clip: float | None = None) -> np.ndarray:
    """One head: wx (L, 4, DH) in the order i, f, z, o; r (DH, 4, DH); b (4, DH)."""
    width = wx.shape[2]
    y, c, n, m, out = np.zeros(width), np.zeros(width), np.zeros(width), np.full(width, -1e30), []
    for x in wx:
        i, f, z, o = (x[gate] + y @ r[:, gate] + b[gate] for gate in range(4))
        kept = m + log_sigmoid(f)
        m = np.maximum(i, kept)
        opened, remembered = np.minimum(np.exp(i - m), 1), np.minimum(np.exp(kept - m), 1)
        c, n = remembered * c + opened * np.tanh(z), remembered * n + opened
        y = sigmoid(o) * c / n
        y = y if clip is None else np.clip(y, -clip, clip)
        out.append(y)
    return np.array(out)


def convolved(p: Values, name: str, x: np.ndarray) -> np.ndarray:
    """x (L, width)."""
    w, out = p[f"{name}.weight"], []
    for t in range(len(x)):
        y = p[f"{name}.bias"].copy()
        for j in range(len(w)):
            if (s := t - len(w) + 1 + j) >= 0:
                y = y + w[j] * x[s]
        out.append(y)
    return np.array(out)


def blockwise(p: Values, name: str, x: np.ndarray) -> np.ndarray:
    w = p[f"{name}.kernel"]
    out = np.concatenate([x[:, b * w.shape[1] : (b + 1) * w.shape[1]] @ w[b] for b in range(len(w))], axis=1)
    return out + p.get(f"{name}.bias", 0)


def linear(p: Values, name: str, x: np.ndarray) -> np.ndarray:
    return x @ p[f"{name}.kernel"] + p.get(f"{name}.bias", 0)


def by_head(x: np.ndarray, heads: int, gain: np.ndarray | float) -> np.ndarray:
    """Group norm of x (L, width)."""
    return np.array([np.concatenate([normed(part) for part in np.split(row, heads)]) for row in x]) * (1 + gain)


def mlstm_layer(p: Values, name: str, x: np.ndarray, *, heads: int, eps: float) -> np.ndarray:
    u, r = np.split(linear(p, f"{name}.up", x), 2, axis=1)
    c = silu(convolved(p, f"{name}.conv", u) if f"{name}.conv.weight" in p else u)
    q, k, v = blockwise(p, f"{name}.query", c), blockwise(p, f"{name}.key", c), blockwise(p, f"{name}.value", u)
    joined = np.concatenate([q, k, v], axis=1)
    i, f = linear(p, f"{name}.input_gate", joined), linear(p, f"{name}.forget_gate", joined)
    cut = [np.split(part, heads, axis=1) for part in (q, k, v)]
    h = np.concatenate([mlstm_cell(cut[0][n], cut[1][n], cut[2][n], i[:, n], f[:, n], eps) for n in range(heads)], axis=1)
    return linear(p, f"{name}.down", (by_head(h, heads, p.get(f"{name}.norm.gain", 0.0)) + p[f"{name}.skip"] * c) * silu(r))


def slstm_layer(p: Values, name: str, x: np.ndarray, *, heads: int, clip: float | None) -> np.ndarray:
    c = silu(convolved(p, f"{name}.conv", x)) if f"{name}.conv.weight" in p else x
    w, parts = p[f"{name}.kernel"], []
    for n in range(heads):
        cn, xn = np.split(c, heads, axis=1)[n], np.split(x, heads, axis=1)[n]
        wx = np.stack([source @ w[gate, n] for gate, source in enumerate((cn, cn, xn, xn))], axis=1)
        parts.append(slstm_cell(wx, p[f"{name}.recurrent"][n], p[f"{name}.bias"][n], clip))
    return by_head(np.concatenate(parts, axis=1), heads, p.get(f"{name}.norm.gain", 0.0))


def rows(x: np.ndarray, gain: np.ndarray) -> np.ndarray:
    return np.array([normed(row) for row in x]) * (1 + gain)


def xlstm(
    p: Values, xs: list[np.ndarray], *, blocks: int, scalar: set[int], heads: int, eps: float, activation: str, clip: float | None = None
) -> np.ndarray:
    x = linear(p, "encoder.project", np.array(xs))
    for index in range(blocks):
        name = f"encoder.blocks.{index}"
        normalized = rows(x, p[f"{name}.norm.gain"])
        if index in scalar:
            x = x + slstm_layer(p, f"{name}.layer", normalized, heads=heads, clip=clip)
            a, b = np.split(linear(p, f"{name}.ffn.up", rows(x, p[f"{name}.ffn_norm.gain"])), 2, axis=1)
            x = x + linear(p, f"{name}.ffn.down", ACTIVATIONS[activation](a) * b)
        else:
            x = x + mlstm_layer(p, f"{name}.layer", normalized, heads=heads, eps=eps)
    return (rows(x, p["encoder.norm.gain"]) if "encoder.norm.gain" in p else x)[-1]


def rotated(x: np.ndarray, position: float, base: float) -> np.ndarray:
    """One head's vector: each pair (j, j + DH/2) as a complex number."""
    half = len(x) // 2
    turned = (x[:half] + 1j * x[half:]) * np.exp(1j * position * base ** (-2 * np.arange(half) / len(x)))
    return np.concatenate([turned.real, turned.imag])


def attention(p: Values, name: str, x: np.ndarray, *, heads: int, causal: bool, base: float) -> np.ndarray:
    q, k, v = (np.split(linear(p, f"{name}.{part}", x), heads, axis=1) for part in ("query", "key", "value"))
    out = []
    for t in range(len(x)):
        past, seen = range(t + 1 if causal else len(x)), []
        for n in range(heads):
            turned = rotated(q[n][t], t, base)
            weights = softmax(np.array([turned @ rotated(k[n][s], s, base) for s in past]) / math.sqrt(q[n].shape[1]))
            seen.append(sum(w * v[n][s] for w, s in zip(weights, past, strict=True)))
        out.append(np.concatenate(seen))
    return linear(p, f"{name}.out", np.array(out))


def transformer(p: Values, xs: list[np.ndarray], *, layers: int, heads: int, causal: bool, base: float) -> np.ndarray:
    def norm(name: str, x: np.ndarray) -> np.ndarray:
        return np.array([normed(row) for row in x]) * p[f"{name}.scale"] + p[f"{name}.bias"]

    x = linear(p, "encoder.project", np.array(xs))
    for index in range(layers):
        name = f"encoder.layers.{index}"
        x = x + attention(p, f"{name}.attention", norm(f"{name}.attention_norm", x), heads=heads, causal=causal, base=base)
        x = x + linear(p, f"{name}.down", gelu(linear(p, f"{name}.up", norm(f"{name}.ffn_norm", x))))
    return norm("encoder.norm", x)[-1]


def head(p: Values, z: np.ndarray) -> np.ndarray:
    index = 0
    while f"head.hidden.{index}.kernel" in p:
        z = np.maximum(linear(p, f"head.hidden.{index}", z), 0)
        index += 1
    return linear(p, "head.out", z)

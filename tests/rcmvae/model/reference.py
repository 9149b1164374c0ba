"""A decoder written out in NumPy, component by component and by plain concatenation, as the definitions say it."""

from __future__ import annotations

import numpy as np

from rcmvae.model.plan import NetworkPlan

Params = dict[str, np.ndarray]


def leaky(x: np.ndarray, slope: float) -> np.ndarray:
    return np.where(x >= 0, x, slope * x)


def norm(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    return (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + 1e-5)


def conv(x: np.ndarray, kernel: np.ndarray, stride: int, out: tuple[int, int]) -> np.ndarray:
    """3x3 cross-correlation of (h, w, c) with SAME padding, pixel by pixel."""
    h, w, _ = x.shape
    pads = [max((o - 1) * stride + 3 - n, 0) for o, n in zip(out, (h, w), strict=True)]
    padded = np.pad(x, ((pads[0] // 2, pads[0] - pads[0] // 2), (pads[1] // 2, pads[1] - pads[1] // 2), (0, 0)))
    result = np.zeros((*out, kernel.shape[3]))
    for i in range(out[0]):
        for j in range(out[1]):
            patch = padded[i * stride : i * stride + 3, j * stride : j * stride + 3]
            result[i, j] = np.einsum("abc,abco->o", patch, kernel)
    return result


def up(x: np.ndarray, kernel: np.ndarray, out: tuple[int, int]) -> np.ndarray:
    """Transposed convolution of stride 2: each input pixel adds its turned kernel to the output, the gradient's geometry."""
    pads = [max((n - 1) * 2 + 3 - o, 0) // 2 for n, o in zip(x.shape[:2], out, strict=True)]
    wide = np.zeros((x.shape[0] * 2 + 3, x.shape[1] * 2 + 3, kernel.shape[3]))
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            wide[2 * i : 2 * i + 3, 2 * j : 2 * j + 3] += np.einsum("c,abco->abo", x[i, j], kernel[::-1, ::-1])
    return wide[pads[0] : pads[0] + out[0], pads[1] : pads[1] + out[1]]


def decode(plan: NetworkPlan, p: Params, z: np.ndarray, component: int) -> tuple[np.ndarray, float | None]:
    """Raw outputs (P,) and raw noise level of one latent (D,) decoded by one component."""
    slope = 0.2 if plan.decoder_is_conv else 0.01
    e = p["decoder.embeddings"][component] if plan.embedding else None
    h: np.ndarray = z
    for index, block in enumerate(plan.decoder_blocks):
        kernel, bias = p[f"decoder.layers.{index}.kernel"], p[f"decoder.layers.{index}.bias"]
        if block.size is None:
            h = h @ kernel + bias
        elif index == 0:
            h = (h @ kernel + bias).reshape(*block.size, block.width)
        else:
            h = (up(h, kernel, block.size) if block.stride == 2 else conv(h, kernel, 1, block.size)) + bias
        if plan.normalization and plan.conditioning not in ("film", "cin"):
            h = norm(h, (-1,)) * p[f"decoder.norms.{index}.scale"] + p[f"decoder.norms.{index}.bias"]
        name = f"decoder.conditioners.{index}"
        if plan.conditioning in ("film", "cin"):
            if plan.conditioning == "cin":
                h = norm(h, (-1,) if block.size is None else (0, 1))
            h = (1 + e @ p[f"{name}.gamma.kernel"]) * h + e @ p[f"{name}.beta.kernel"]
        if plan.conditioning == "concat":
            h = join(h, e @ p[f"{name}.projection.kernel"] + p[f"{name}.projection.bias"])
        if plan.conditioning == "component_aware" and index == plan.merge_block and e is not None:
            h = join(h, embedding_path(plan, p, name, e, index + 1, slope))
        h = leaky(h, slope)
    kernel, bias = p["decoder.output.kernel"], p["decoder.output.bias"]
    if plan.decoder_is_conv:
        size = plan.input_shape[:2]
        out = (up(h, kernel, size) if plan.decoder_output_stride == 2 else conv(h, kernel, 1, size)) + bias
        features = h.mean(axis=(0, 1))
    else:
        out, features = h @ kernel + bias, h
    sigma = float((features @ p["decoder.sigma.kernel"] + p["decoder.sigma.bias"])[0]) if "decoder.sigma.kernel" in p else None
    return out.reshape(-1), sigma


def embedding_path(plan: NetworkPlan, p: Params, name: str, e: np.ndarray, layers: int, slope: float) -> np.ndarray:
    """g(e_k) up to its last activation, which is applied after the join."""
    g = e
    for index in range(layers):
        g = (g if index == 0 else leaky(g, slope)) @ p[f"{name}.layers.{index}.kernel"] + p[f"{name}.layers.{index}.bias"]
        if plan.normalization:
            g = norm(g, (-1,)) * p[f"{name}.norms.{index}.scale"] + p[f"{name}.norms.{index}.bias"]
    return g


def join(h: np.ndarray, side: np.ndarray) -> np.ndarray:
    """[h ; side], the side spread over space."""
    return np.concatenate([h, np.broadcast_to(side, (*h.shape[:-1], len(side)))], axis=-1)

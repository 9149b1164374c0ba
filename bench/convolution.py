"""Convolutions on this backend: the formulation that Trellis chooses against XLA's own, layer by layer."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from bench.harness import Row, section, side_by_side
from rcmvae.model import convolution

BATCH = 64
STEPS = 2
LAYERS = {
    "1 to 32 channels, 28x28, stride 2": ((28, 28, 1), 32, 2),
    "32 to 64, 14x14, stride 2": ((14, 14, 32), 64, 2),
    "64 to 128, 7x7": ((7, 7, 64), 128, 1),
    "128 to 64, 7x7": ((7, 7, 128), 64, 1),
    "64 to 32, 7x7 doubled": ((7, 7, 64), 32, 0),
    "32 to 1, 14x14 doubled": ((14, 14, 32), 1, 0),
}
"""Name -> input shape, output channels, stride (0: transposed)."""

Layer = Callable[[Array, Array], Array]


def formulations(shape: tuple[int, int, int], stride: int) -> dict[str, Layer]:
    """The two ways to compute a layer."""
    doubled = (2 * shape[0], 2 * shape[1])
    if stride == 0:
        return {
            "chosen": lambda x, kernel: convolution.conv2d_transpose(x, kernel, out_hw=doubled),
            "XLA's own": lambda x, kernel: lax.conv_transpose(x, kernel, (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")),
        }
    return {
        "chosen": lambda x, kernel: convolution.conv2d(x, kernel, stride=1 if stride == 1 else 2),
        "XLA's own": lambda x, kernel: lax.conv_general_dilated(
            x, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        ),
    }


def repeated(layer: Layer, x: Array, kernel: Array) -> Callable[[], object]:
    """A compiled loop of `STEPS` passes forward and back, as training runs them."""

    def step(carry: Array, _: None) -> tuple[Array, None]:
        value, pull = jax.vjp(layer, x + carry, kernel)
        gradients = pull(value)
        return sum((g.ravel()[0] * 1e-20 for g in gradients), start=carry), None

    run = jax.jit(lambda start: lax.scan(step, start, None, length=STEPS)[0])
    return lambda: run(jnp.float32(0)).block_until_ready()


def main() -> None:
    """Measure every layer."""
    about = (
        f"Milliseconds of one pass forward and back over a batch of {BATCH} in a compiled loop, on the {jax.default_backend()} backend. "
        "`rcmvae/model/convolution.py` chooses the formulation; the reference is `lax.conv_general_dilated` and `lax.conv_transpose`."
    )
    with section("convolution", "Convolution layers", about, packages=("jax", "jaxlib", "numpy")) as result:
        rng = np.random.default_rng(0)
        for name, (shape, out, stride) in LAYERS.items():
            x = jnp.asarray(rng.standard_normal((BATCH, *shape)), jnp.float32)
            kernel = jnp.asarray(rng.standard_normal((3, 3, shape[2], out)), jnp.float32)
            work = {label: repeated(layer, x, kernel) for label, layer in formulations(shape, stride).items()}
            seconds = side_by_side(work, rounds=5)
            chosen, reference = (statistics.median(seconds[label]) / STEPS * 1e3 for label in work)
            result.add(Row(name, chosen, "ms", reference, "XLA's own", better="less"))


if __name__ == "__main__":
    main()

"""Both formulations of the convolutions agree with XLA's own, values and gradients, whatever the size."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from rcmvae.model import convolution
from rcmvae.model.convolution import conv2d, conv2d_transpose

SIZES = [(28, 28), (17, 23), (9, 12), (3, 2), (1, 1)]


def _arrays(*shapes: tuple[int, ...]) -> list[jax.Array]:
    rng = np.random.default_rng(sum(sum(s) for s in shapes))
    return [jnp.asarray(rng.standard_normal(s), jnp.float32) for s in shapes]


def _agree(ours, theirs, *arguments):
    """Values, and gradients of a random linear function of them, agree to float32 rounding."""
    (cotangent,) = _arrays(jax.eval_shape(theirs, *arguments).shape)

    @jax.jit
    def both(*arguments):
        results = []
        for function in (ours, theirs):
            value, pull = jax.vjp(function, *arguments)
            results.append((value, pull(cotangent)))
        return results

    (value, gradients), (expected, expected_gradients) = both(*arguments)
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-4)
    for got, want in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=3e-6 * (1 + float(jnp.abs(want).max()) * 30))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("channels", [(1, 5), (3, 1)])
@pytest.mark.parametrize("hw", SIZES)
def test_a_convolution_equals_xlas_with_same_padding(hw, channels, stride):
    x, kernel = _arrays((2, *hw, channels[0]), (3, 3, *channels))

    def reference(x, kernel):
        return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    _agree(lambda x, k: conv2d(x, k, stride=stride), reference, x, kernel)


@pytest.mark.parametrize("channels", [(1, 5), (3, 1)])
@pytest.mark.parametrize("hw", SIZES)
def test_a_transposed_convolution_equals_xlas_for_doubled_and_for_odd_sizes(hw, channels):
    x, kernel = _arrays((2, *hw, channels[0]), (3, 3, *channels))
    for out_hw in itertools.product(*((2 * s - 1, 2 * s) for s in hw)):

        def reference(x, kernel, out_hw=out_hw):
            doubled = lax.conv_transpose(x, kernel, (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            return doubled[:, 2 * hw[0] - out_hw[0] :, 2 * hw[1] - out_hw[1] :]

        _agree(lambda x, k, out_hw=out_hw: conv2d_transpose(x, k, out_hw=out_hw), reference, x, kernel)


@pytest.mark.parametrize("hw", [(28, 28), (17, 23)])
def test_the_transposed_convolution_is_the_adjoint_of_the_strided_one(hw):
    small_hw = (-(-hw[0] // 2), -(-hw[1] // 2))
    x, y, kernel = _arrays((2, *hw, 3), (2, *small_hw, 4), (3, 3, 3, 4))
    turned = jnp.flip(kernel, (0, 1)).swapaxes(2, 3)
    np.testing.assert_allclose(jnp.vdot(conv2d(x, kernel, stride=2), y), jnp.vdot(x, conv2d_transpose(y, turned, out_hw=hw)), rtol=1e-4)


@pytest.mark.parametrize("hw", [(8, 8), (17, 23)])
def test_the_accelerators_formulation_gives_the_same_numbers(hw):
    x, kernel = _arrays((2, *hw, 3), (3, 3, 3, 4))
    for stride in (1, 2):
        np.testing.assert_allclose(convolution._conv_by_xla(x, kernel, stride), conv2d(x, kernel, stride=stride), rtol=1e-5, atol=1e-4)
    for out_hw in itertools.product(*((2 * s - 1, 2 * s) for s in hw)):
        np.testing.assert_allclose(
            convolution._transpose_by_xla(x, kernel, out_hw), conv2d_transpose(x, kernel, out_hw=out_hw), rtol=1e-5, atol=1e-4
        )


def test_cpu_code_contains_no_xla_convolution():
    if jax.default_backend() != "cpu":
        pytest.fail("these tests run on the CPU backend")
    x, kernel = _arrays((2, 8, 8, 3), (3, 3, 3, 4))

    def loss(x, kernel):
        small = conv2d(conv2d(x, kernel, stride=2) @ kernel[0, 0].T, kernel, stride=1)
        return (conv2d_transpose(small @ kernel[0, 0].T, kernel, out_hw=(8, 7)) ** 2).sum()

    assert "convolution" not in jax.jit(jax.grad(loss, argnums=(0, 1))).lower(x, kernel).as_text()


def test_wrong_shapes_and_sizes_are_refused_with_the_sizes_in_the_message():
    x, kernel = _arrays((2, 8, 8, 3), (3, 3, 3, 4))
    with pytest.raises(ValueError, match="height 8 becomes 15 or 16, not 17"):
        conv2d_transpose(x, kernel, out_hw=(17, 16))
    with pytest.raises(ValueError, match="width 8 becomes 15 or 16, not 14"):
        conv2d_transpose(x, kernel, out_hw=(16, 14))
    with pytest.raises(ValueError, match="stride 3"):
        conv2d(x, kernel, stride=3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match=r"\(2, 8, 8, 3\) and \(5, 5, 3, 4\)"):
        conv2d(x, jnp.zeros((5, 5, 3, 4)))
    with pytest.raises(ValueError, match=r"\(3, 3, 2, 4\)"):
        conv2d(x, jnp.zeros((3, 3, 2, 4)))

"""The networks against PyTorch's own LSTM and the public xlstm package, where they are installed."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.traffic.model.making import lstm, windows, xlstm
from traffic.config_xlstm import XLSTMArchitecture
from traffic.model.network import Network, bind, create
from traffic.shapes import shape_of
from traffic.torch_xlstm import import_torch_xlstm

pytestmark = pytest.mark.extra
torch: Any = pytest.importorskip("torch", reason="PyTorch is not installed")
WIDTH, HEADS, BLOCKS = 32, 4, 3


def _off(found: Any, expected: Any) -> float:
    expected = expected.detach().numpy() if hasattr(expected, "detach") else expected
    return float(np.abs(np.asarray(found) - expected).max() / np.abs(expected).max())


def _states(architecture: Any, parameters: Any, x: np.ndarray) -> Any:
    """States (L, S, W) of inputs (S, L, F)."""
    return bind(architecture, shape_of(architecture), parameters).encoder(jnp.asarray(x).swapaxes(0, 1)[:, :, None], None, None, x.shape[1])


def _of_torch_lstm(module: Any) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for name, value in module.named_parameters():
        kind, side, place = name.removesuffix("_reverse").split("_")
        layers = "backward_layers" if name.endswith("_reverse") else "layers"
        ours = {"weight_ih": "kernel", "weight_hh": "recurrent", "bias_ih": "bias", "bias_hh": "recurrent_bias"}[f"{kind}_{side}"]
        found[f"encoder.{layers}.{place[1:]}.{ours}"] = value.detach().numpy().T
    return found


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("dtype", "close"), [(np.float32, 2e-5), (np.float64, 1e-9)])
def test_an_lstm_is_pytorchs(bidirectional: bool, dtype: Any, close: float) -> None:
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 8, num_layers=2, batch_first=True, bidirectional=bidirectional, dtype=getattr(torch, np.dtype(dtype).name))
    x = np.random.default_rng(0).standard_normal((4, 12, 3)).astype(dtype)
    expected, _ = module(torch.tensor(x))
    weights = np.random.default_rng(1).standard_normal(expected.shape).astype(dtype)
    (expected * torch.tensor(weights)).sum().backward()
    slopes = _of_torch_lstm(type("Gradients", (), {"named_parameters": lambda _: [(n, p.grad) for n, p in module.named_parameters()]})())
    architecture = lstm(bidirectional=bidirectional)
    with jax.enable_x64(dtype == np.float64):
        fresh = {name: np.asarray(value, dtype) for name, value in create(architecture, shape_of(architecture), seed=0).items()}
        parameters = fresh | _of_torch_lstm(module)
        # the last step's backward part is the one that has read the whole window
        steps = slice(0, 11) if bidirectional else slice(None)
        found = _states(architecture, parameters, x).swapaxes(0, 1)
        assert _off(found[:, steps], expected[:, steps].detach()) <= close
        if not bidirectional:
            gradient = jax.grad(lambda p: jnp.sum(weights * _states(architecture, p, x).swapaxes(0, 1)))(parameters)
            assert all(_off(gradient[name], slope) <= 1e-4 for name, slope in slopes.items())


def _stack(dtype: Any, bias: bool) -> Any:
    xlstm_package: Any = pytest.importorskip("xlstm", reason="the package xlstm is not installed")
    p = xlstm_package
    torch.manual_seed(0)
    stack = p.xLSTMBlockStack(
        p.xLSTMBlockStackConfig(
            mlstm_block=p.mLSTMBlockConfig(mlstm=p.mLSTMLayerConfig(conv1d_kernel_size=4, qkv_proj_blocksize=4, num_heads=HEADS)),
            slstm_block=p.sLSTMBlockConfig(
                slstm=p.sLSTMLayerConfig(backend="vanilla", num_heads=HEADS, conv1d_kernel_size=4),
                feedforward=p.FeedForwardConfig(proj_factor=1.3, act_fn="gelu"),
            ),
            context_length=256, num_blocks=BLOCKS, embedding_dim=WIDTH, slstm_at=[1], bias=bias,
        )
    ).to(getattr(torch, np.dtype(dtype).name)).eval()  # fmt: skip
    with torch.no_grad():
        for value in stack.parameters():
            value.add_(0.2 * torch.randn_like(value))
    return stack


def _ours(stack: Any, dtype: Any, bias: bool) -> tuple[XLSTMArchitecture, dict[str, Any]]:
    """The same stack behind an input projection that changes nothing."""
    architecture = xlstm(input_size=WIDTH, embedding_dim=WIDTH, num_blocks=BLOCKS, num_heads=HEADS, bias=bias, slstm_at=(1,))
    fresh = {name: np.asarray(value, dtype) for name, value in create(architecture, shape_of(architecture), seed=0).items()}
    identity = {"encoder.project.kernel": np.eye(WIDTH, dtype=dtype), "encoder.project.bias": np.zeros(WIDTH, dtype)}
    imported = import_torch_xlstm(stack.state_dict())
    assert {name for name in fresh if name.startswith(("encoder.blocks", "encoder.norm"))} == imported.keys()
    return architecture, fresh | identity | imported


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("dtype", "close"), [(np.float32, 2e-5), (np.float64, 1e-9)])
def test_an_xlstm_is_the_public_packages(dtype: Any, close: float, bias: bool) -> None:
    stack = _stack(dtype, bias)
    x = np.random.default_rng(0).standard_normal((3, 12, WIDTH)).astype(dtype)
    expected = stack(torch.tensor(x))
    weights = np.random.default_rng(1).standard_normal(expected.shape).astype(dtype)
    (expected * torch.tensor(weights)).sum().backward()
    slopes = import_torch_xlstm({name: value.grad for name, value in stack.named_parameters()})
    with jax.enable_x64(dtype == np.float64):
        architecture, parameters = _ours(stack, dtype, bias)
        assert _off(_states(architecture, parameters, x).swapaxes(0, 1), expected) <= close
        gradient = jax.grad(lambda p: jnp.sum(weights * _states(architecture, p, x).swapaxes(0, 1)))(parameters)
        largest = max(float(np.abs(slope).max()) for slope in slopes.values())
        for name, slope in slopes.items():
            off = np.abs(np.asarray(gradient[name]) - slope).max()
            # gradients that are rounding alone are compared with the largest one
            assert off <= 1e-4 * max(float(np.abs(slope).max()), 1e-3 * largest), name


def test_steps_are_the_public_packages() -> None:
    """Its step weighs epsilon differently, hence the wider bound."""
    stack = _stack(np.float64, False)
    with jax.enable_x64(True):
        architecture, parameters = _ours(stack, np.float64, False)
        inputs, *_ = windows(architecture, 1, 12, dtype=np.float64)
        network: Network = bind(architecture, shape_of(architecture), parameters)
        state, theirs = network.encoder.init_state(1), None
        for t in range(12):
            x = inputs[:, t, 0]
            state, found = network.encoder.step(state, jnp.asarray(x), None)
            expected, theirs = stack.step(torch.tensor(x[:, None]), theirs)
            assert _off(found, expected[:, 0]) <= 1e-6

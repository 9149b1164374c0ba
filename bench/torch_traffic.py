"""A plain PyTorch training loop of a forecasting network, for comparison. Runs with PyTorch's own interpreter and imports nothing of Trellis.

Usage: python torch_traffic.py '{"kind": "lstm", "windows": 640, "sensors": 40, ...}'; prints the seconds of each epoch as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import torch  # pyright: ignore[reportMissingImports]
from torch import nn  # pyright: ignore[reportMissingImports]


class Forecaster(nn.Module):
    """Encoder, and a head of two hidden layers on the last state beside its context."""

    def __init__(self, kind: str, inputs: int, context: int, width: int, steps: int) -> None:
        super().__init__()
        self.kind = kind
        if kind == "lstm":
            self.encoder: Any = nn.LSTM(inputs, width, batch_first=True)
        else:
            self.project = nn.Linear(inputs, width)
            self.encoder = _stack(width)
        self.head = nn.Sequential(
            nn.Linear(width + context, width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(width, width // 2), nn.ReLU(), nn.Dropout(0.1),
            nn.Linear(width // 2, steps),
        )  # fmt: skip

    def forward(self, x: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        """`x` (S, L, inputs) and `context` (S, context); returns (S, steps)."""
        states = self.encoder(x)[0] if self.kind == "lstm" else self.encoder(self.project(x))
        return self.head(torch.cat([states[:, -1], context], dim=-1))


def _stack(width: int) -> nn.Module:
    import xlstm as p  # pyright: ignore[reportMissingImports]

    return p.xLSTMBlockStack(
        p.xLSTMBlockStackConfig(
            mlstm_block=p.mLSTMBlockConfig(mlstm=p.mLSTMLayerConfig(num_heads=4)),
            slstm_block=p.sLSTMBlockConfig(
                slstm=p.sLSTMLayerConfig(backend="vanilla", num_heads=4), feedforward=p.FeedForwardConfig(proj_factor=1.3, act_fn="gelu")
            ),
            context_length=256, num_blocks=2, embedding_dim=width, slstm_at=[1], dropout=0.1,
        )
    )  # fmt: skip


def train() -> None:
    """Train and print."""
    given = json.loads(sys.argv[1])
    torch.manual_seed(0)
    torch.set_num_threads(given["threads"])
    windows, sensors, batch = given["windows"], given["sensors"], given["batch"]
    model = Forecaster(given["kind"], given["inputs"], given["context"], given["width"], given["steps"])
    optimizer = torch.optim.Adam(model.parameters())
    x = torch.randn(windows, sensors, given["length"], given["inputs"])
    context, y = torch.randn(windows, sensors, given["context"]), torch.randn(windows, sensors, given["steps"])
    seconds = []
    for _ in range(1 + given["rounds"]):
        begun = time.perf_counter()
        order = torch.randperm(windows)
        for start in range(0, windows, batch):
            rows = order[start : start + batch]
            optimizer.zero_grad()
            loss = (model(x[rows].flatten(0, 1), context[rows].flatten(0, 1)) - y[rows].flatten(0, 1)).abs().mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
        seconds.append(time.perf_counter() - begun)
    print(json.dumps(seconds[1:]))


if __name__ == "__main__":
    train()

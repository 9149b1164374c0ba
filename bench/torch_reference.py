"""The same variational autoencoders in eager PyTorch, as a process of their own: the yardstick for training throughput.

PyTorch is no dependency of Trellis. This file imports nothing of it and runs under whatever Python has PyTorch:

    python torch_reference.py '{"prior": "mixture", ...}'

It answers every line on standard input with a JSON line: `count` with the number of trainable parameters, `epoch` with the
seconds of one epoch of training. The networks have Trellis's layers: dense or convolutional, layer norm, leaky ReLU, dropout in
the encoder, a component-aware decoder of two paths that meet half way; the loss its terms (reconstruction of every component
weighted by responsibility, both divergences, usage entropy, labels through tau); AdamW with clipped gradients.
What does not depend on the component is computed once here too.
"""

from __future__ import annotations

import json
import math
import sys
import time
from typing import Any

import torch  # pyright: ignore[reportMissingImports]
from torch import nn  # pyright: ignore[reportMissingImports]
from torch.nn import functional as F  # pyright: ignore[reportMissingImports]


class ChannelNorm(nn.Module):
    """Layer norm over the channels of every pixel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=1e-5)

    def forward(self, x: Any) -> Any:
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Side(nn.Module):
    """A linear map or convolution of [h ; side]: the two parts of the kernel applied apart, h once for all components."""

    def __init__(self, main: nn.Module, side: nn.Module | None) -> None:
        super().__init__()
        self.main = main
        self.side = side

    def forward(self, h: Any, side: Any) -> Any:
        """h (B, ...), side (K, ...) or None. Returns (B, ...), or (B * K, ...) with components inner."""
        out = self.main(h)
        if self.side is None:
            return out
        other = self.side(side if out.dim() == 2 else side[:, :, None, None].expand(-1, -1, *h.shape[2:]))
        return (out[:, None] + other[None]).flatten(0, 1)


class Net(nn.Module):
    """Encoder, decoder, embeddings and component weights."""

    def __init__(self, c: dict[str, Any]) -> None:
        super().__init__()
        self.c = c
        self.components = c["components"]
        self.mixture = c["prior"] == "mixture"
        stages: list[nn.Module] = []
        if c["conv"]:
            width, size = c["shape"][2], c["shape"][0]
            self.slope = 0.2
            for index, out in enumerate(c["conv_channels"]):
                stride = 2 if index < 2 else 1
                stages += [nn.Conv2d(width, out, 3, stride, 1), ChannelNorm(out), nn.LeakyReLU(0.2), nn.Dropout(c["dropout"])]
                width, size = out, math.ceil(size / stride)
            features = width * size * size
        else:
            features = math.prod(c["shape"])
            self.slope = 0.01
            for out in c["hidden"]:
                stages += [nn.Linear(features, out), nn.LayerNorm(out), nn.LeakyReLU(0.01), nn.Dropout(c["dropout"])]
                features = out
        self.encoder = nn.Sequential(*stages)
        self.mean, self.log_var = nn.Linear(features, c["latent"]), nn.Linear(features, c["latent"])
        self.logits = nn.Linear(features, self.components) if self.mixture else None
        self.pi = nn.Parameter(torch.zeros(self.components)) if self.mixture else None
        self.embeddings = nn.Parameter(torch.randn(self.components, c["embedding"])) if self.mixture else None
        self._decoder(c)

    def _decoder(self, c: dict[str, Any]) -> None:
        if c["conv"]:
            widths = [c["conv_channels"][-1], *reversed(c["conv_channels"][:-1])]
            self.small = c["shape"][0] // 4
            first: nn.Module = nn.Linear(c["latent"], widths[0] * self.small**2)
        else:
            widths = list(reversed(c["hidden"]))
            first = nn.Linear(c["latent"], widths[0])
        merge = math.ceil(len(widths) / 2) - 1
        self.merge = merge if self.mixture else -1
        norm = ChannelNorm if c["conv"] else nn.LayerNorm
        layers: list[nn.Module] = [first]
        for index in range(1, len(widths)):
            side = widths[index - 1] if self.mixture and index == merge + 1 else 0
            layers.append(self._map(c, widths[index - 1], side, widths[index], up=c["conv"] and index >= len(widths) - 1))
        side = widths[-1] if self.mixture and merge == len(widths) - 1 else 0
        outputs = c["shape"][2] if c["conv"] else math.prod(c["shape"])
        layers.append(self._map(c, widths[-1], side, outputs, up=c["conv"]))
        self.layers = nn.ModuleList(layers)
        self.norms = nn.ModuleList([norm(width) for width in widths])
        path: list[nn.Module] = []
        inputs = c["embedding"]
        for width in widths[: merge + 1] if self.mixture else []:
            path += [nn.Linear(inputs, width), nn.LayerNorm(width), nn.LeakyReLU(self.slope)]
            inputs = width
        self.path = nn.Sequential(*path)

    def _map(self, c: dict[str, Any], inputs: int, side: int, outputs: int, *, up: bool) -> Side:
        def one(width: int, bias: bool) -> nn.Module:
            if not c["conv"]:
                return nn.Linear(width, outputs, bias=bias)
            if up:
                return nn.ConvTranspose2d(width, outputs, 3, 2, 1, 1, bias=bias)
            return nn.Conv2d(width, outputs, 3, 1, 1, bias=bias)

        return Side(one(inputs, True), one(side, False) if side else None)

    def encode(self, x: Any) -> tuple[Any, Any, Any]:
        h = self.encoder(x if self.c["conv"] else x.flatten(1)).flatten(1)
        logits = F.log_softmax(self.logits(h), 1) if self.logits is not None else h.new_zeros(len(h), 1)
        return logits, self.mean(h), self.log_var(h).clamp(-10, 10)

    def decode(self, z: Any) -> Any:
        """(B, D) to logits (B, K, P)."""
        side = self.path(self.embeddings) if self.embeddings is not None else None
        h = self.layers[0](z)
        if self.c["conv"]:
            h = h.view(len(z), -1, self.small, self.small)
        for index, norm in enumerate(self.norms):
            if index:
                h = self.layers[index](h, side if index == self.merge + 1 else None)
            h = F.leaky_relu(norm(h), self.slope)
        last = len(self.norms)
        out = self.layers[last](h, side if last == self.merge + 1 else None)
        return out.reshape(len(z), self.components, -1)


class Trainer:
    """Data, optimiser and an epoch of training."""

    def __init__(self, c: dict[str, Any]) -> None:
        torch.manual_seed(0)
        self.c, n = c, c["images"]
        self.net = Net(c)
        height, width, channels = c["shape"]
        self.images = torch.randint(0, 256, (n, channels, height, width), dtype=torch.uint8)
        if c.get("channels_last"):
            self.net = self.net.to(memory_format=torch.channels_last)
            self.images = self.images.to(memory_format=torch.channels_last)
        self.labels = torch.arange(c["labelled"]) % max(1, c["classes"])
        self.tau = torch.full((c["components"], max(1, c["classes"])), 1.0 / max(1, c["classes"]))
        self.usage = torch.full((c["components"],), 1.0 / c["components"])
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=1e-3, weight_decay=1e-4)

    def loss(self, x: Any, labelled: Any) -> Any:
        """The mean loss of a batch, and of the labelled batch beside it (positions, or None)."""
        c, count = self.c, len(x)
        shown = x if labelled is None else torch.cat([x, self.images[labelled].float() / 255])
        log_r, mean, log_var = self.net.encode(shown)
        z = mean[:count] + (0.5 * log_var[:count]).exp() * torch.randn_like(mean[:count])
        logits = self.net.decode(z)
        target = x.contiguous().flatten(1)[:, None].expand_as(logits)
        r = log_r[:count].exp()
        errors = F.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(2)
        total = (r * errors).sum(1).mean()
        total = total + 0.5 * (mean[:count] ** 2 + log_var[:count].exp() - 1 - log_var[:count]).sum(1).mean()
        if self.net.pi is not None:
            total = total + (r * (log_r[:count] - F.log_softmax(self.net.pi, 0))).sum(1).mean()
            batch = r.mean(0)
            self.usage = 0.95 * self.usage + 0.05 * batch.detach()
            usage = (self.usage - batch).detach() + batch
            total = total + math.log(c["components"]) + (usage * usage.clamp_min(1e-8).log()).sum()
        if labelled is not None:
            p = log_r[count:].exp() @ self.tau
            total = total + 10.0 * F.nll_loss(p.log(), self.labels[labelled])
        return total

    def epoch(self) -> float:
        """Train one epoch; returns seconds."""
        started = time.perf_counter()
        c, total = self.c, 0.0
        self.net.train()
        order = torch.randperm(c["images"])
        for start in range(0, c["images"], c["batch"]):
            labelled = None
            if c["classes"]:
                labelled = torch.randint(0, c["labelled"], (c["labelled_batch"],))
            self.optimiser.zero_grad()
            loss = self.loss(self.images[order[start : start + c["batch"]]].float() / 255, labelled)
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
            self.optimiser.step()
            total += loss.item()
        if c["classes"]:
            self.recount()
        if not math.isfinite(total):
            raise FloatingPointError("the reference's loss is not finite")
        return time.perf_counter() - started

    @torch.no_grad()
    def recount(self) -> None:
        """tau from the labelled images."""
        self.net.eval()
        log_r, _, _ = self.net.encode(self.images[: self.c["labelled"]].float() / 255)
        counts = log_r.exp().T @ F.one_hot(self.labels, self.c["classes"]).float() + 0.01
        self.tau = counts / counts.sum(1, keepdim=True)


def serve() -> None:
    """Answer commands until standard input ends."""
    trainer = Trainer(json.loads(sys.argv[1]))
    for line in sys.stdin:
        if line.strip() == "count":
            answer: Any = sum(p.numel() for p in trainer.net.parameters())
        elif line.strip() == "version":
            answer = torch.__version__
        else:
            answer = trainer.epoch()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()

"""Runs the PyTorch reference in its own interpreter, named by `TRELLIS_BENCH_TORCH_PYTHON`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.workloads import LABELLED, Workload

VARIABLE = "TRELLIS_BENCH_TORCH_PYTHON"
HOW_TO = (
    f"PyTorch is not installed here; it is no dependency of Trellis. Put it into an environment of its own "
    f"(python3 -m venv DIR; DIR/bin/pip install torch==2.13.0 numpy) and set {VARIABLE}=DIR/bin/python"
)


class TorchMissing(RuntimeError):
    """There is no interpreter with PyTorch to compare with."""


class TorchProcess:
    """The reference for one workload: a process that trains an epoch whenever asked. A context manager."""

    def __init__(self, workload: Workload, *, channels_last: bool = False) -> None:
        python = os.environ.get(VARIABLE, "")
        if not python or subprocess.run([python, "-c", "import torch"], capture_output=True).returncode:
            raise TorchMissing(HOW_TO)
        script = Path(__file__).with_name("torch_reference.py")
        self._process = subprocess.Popen(
            [python, str(script), json.dumps(_config(workload) | {"channels_last": channels_last})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> TorchProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=60)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def epoch(self) -> float:
        """Train one epoch; returns its seconds as measured inside."""
        return float(self._ask("epoch"))

    def parameters(self) -> int:
        """Number of trainable parameters."""
        return int(self._ask("count"))

    def version(self) -> str:
        """PyTorch's version."""
        return str(self._ask("version"))

    def _ask(self, command: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the PyTorch reference ended with code {self._process.wait()}; its error is above")
        return json.loads(answer)


def _config(workload: Workload) -> dict[str, Any]:
    """What the reference needs to know, as plain values."""
    values = workload.resolved
    if values["prior_type"] == "mixture" and (values["decoder_conditioning"], values["latent_layout"]) != ("component_aware", "shared"):
        raise ValueError("the PyTorch reference knows the component-aware decoder over a shared latent only")
    if values["encoder_type"] != values["decoder_type"] or values["reconstruction_loss"] != "bce":
        raise ValueError("the PyTorch reference knows equal networks on both sides and binary cross-entropy only")
    mixture = values["prior_type"] == "mixture"
    return {
        "prior": values["prior_type"],
        "conv": values["encoder_type"] == "conv",
        "shape": values["input_shape"],
        "hidden": values["hidden_dims"],
        "conv_channels": values["conv_channels"],
        "latent": values["latent_dim"],
        "components": values["num_components"] if mixture else 1,
        "embedding": values["component_embedding_dim"] or 0,
        "dropout": values["dropout_rate"],
        "classes": values["num_classes"],
        "batch": values["batch_size"],
        "labelled_batch": values["labelled_batch_size"],
        "labelled": LABELLED,
        "images": workload.images,
    }

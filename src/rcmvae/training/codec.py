"""Checkpoint files of this family; no framework is needed to read one."""

from __future__ import annotations

from rcmvae.training.errors import CheckpointError
from workbench.checkpoint_file import CheckpointFile, CheckpointFormat

FORMAT = CheckpointFormat(b"trellis rcmvae checkpoint\n", "an RCM-VAE", CheckpointError)

encode, read, decode = FORMAT.encode, FORMAT.read, FORMAT.decode

__all__ = ["FORMAT", "CheckpointFile", "decode", "encode", "read"]

"""Rules across an architecture's fields. Single fields' ranges are said where they are defined."""

from __future__ import annotations

from traffic.config_lstm import LSTMArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import AnyArchitecture
from workbench.fields import ConfigError, FieldProblem


def require_sound(architecture: AnyArchitecture) -> None:
    """Raise ConfigError with every rule that an architecture breaks."""
    if problems := architecture_problems(architecture):
        raise ConfigError(problems)


def architecture_problems(architecture: AnyArchitecture) -> list[FieldProblem]:
    """The rules that it breaks."""
    problems = _data_problems(architecture)
    if isinstance(architecture, XLSTMArchitecture):
        problems += _xlstm_problems(architecture)
    elif not isinstance(architecture, LSTMArchitecture):
        heads, width = architecture.num_heads, architecture.embedding_dim
        if width % heads or (width // heads) % 2:
            message = f"must divide embedding_dim {width} into even widths (got {heads})"
            problems.append(FieldProblem("num_heads", message, heads, "Positions turn pairs of features."))
    if architecture.social_pooling.enabled:
        problems += _pooling_problems(architecture)
    return problems


def _data_problems(architecture: AnyArchitecture) -> list[FieldProblem]:
    width = 1 if architecture.shared_weights else architecture.num_sensors
    return [
        FieldProblem(key, f"must be a multiple of the {width} detectors of one input (got {size})", size, "Give features x detectors.")
        for key, size in (("input_size", architecture.input_size), ("output_size", architecture.output_size))
        if size % width
    ]


def _xlstm_problems(architecture: XLSTMArchitecture) -> list[FieldProblem]:
    problems: list[FieldProblem] = []
    width, inner, heads, block = (
        architecture.embedding_dim, architecture.inner_width, architecture.num_heads, architecture.qkv_proj_blocksize,
    )  # fmt: skip
    if architecture.hidden_size not in (None, width):
        message = f"must equal embedding_dim {width} (got {architecture.hidden_size})"
        problems.append(FieldProblem("hidden_size", message, architecture.hidden_size, "Leave it out: it is another name for it."))
    if width % heads or inner % heads:
        problems.append(FieldProblem("num_heads", f"must divide the widths {width} and {inner} (got {heads})", heads, "Try 4."))
    if inner % block:
        problems.append(FieldProblem("qkv_proj_blocksize", f"must divide the inner width {inner} (got {block})", block, "Try 4."))
    beyond = [index for index in architecture.scalar_blocks if index >= architecture.num_blocks]
    if beyond:
        message = f"names block {min(beyond)}, but there are {architecture.num_blocks}, counted from 0"
        problems.append(FieldProblem("slstm_at", message, architecture.slstm_at, "Leave it out, or give more blocks."))
    if architecture.sequence_length > architecture.context_length:
        message = f"must be at most context_length {architecture.context_length} (got {architecture.sequence_length})"
        problems.append(FieldProblem("sequence_length", message, architecture.sequence_length, "Raise context_length."))
    return problems


def _pooling_problems(architecture: AnyArchitecture) -> list[FieldProblem]:
    pooling, problems = architecture.social_pooling, list[FieldProblem]()
    if not architecture.shared_weights or architecture.num_sensors < 2:
        message = "needs shared weights and at least two detectors"
        problems.append(FieldProblem("social_pooling.enabled", message, True, "Share weights across detectors, or switch pooling off."))
    if pooling.type == "st_attention":
        if architecture.width % pooling.heads:
            message = f"must divide the encoder's width {architecture.width} (got {pooling.heads})"
            problems.append(FieldProblem("social_pooling.heads", message, pooling.heads, "Try 4."))
        if pooling.time_window > architecture.sequence_length:
            message = f"must be at most sequence_length {architecture.sequence_length} (got {pooling.time_window})"
            problems.append(FieldProblem("social_pooling.time_window", message, pooling.time_window, "Look at fewer steps."))
    elif pooling.kernel == "linear" and pooling.radius_m is None:
        message = "needs a radius, where its weight is 0"
        problems.append(FieldProblem("social_pooling.kernel", message, pooling.kernel, "Give social_pooling.radius_m, or another kernel."))
    return problems

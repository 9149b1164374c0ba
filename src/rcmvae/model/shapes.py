"""Names and shapes of a network's parameters, computed from its plan alone.

The audit checks checkpoints with this listing, without any framework; a test holds it equal to the built network for
every kind of architecture.
"""

from __future__ import annotations

from rcmvae.model.plan import HEAD_WIDTH, NetworkPlan

Shapes = dict[str, tuple[int, ...]]


def parameter_shapes(plan: NetworkPlan) -> Shapes:
    """Dotted name -> shape of every trainable parameter."""
    return _encoder(plan) | _prior(plan) | _decoder(plan) | _head(plan)


def _linear(name: str, inputs: int, outputs: int, *, bias: bool = True) -> Shapes:
    kernel: Shapes = {f"{name}.kernel": (inputs, outputs)}
    return kernel | {f"{name}.bias": (outputs,)} if bias else kernel


def _convolution(name: str, inputs: int, outputs: int) -> Shapes:
    return {f"{name}.kernel": (3, 3, inputs, outputs), f"{name}.bias": (outputs,)}


def _norm(name: str, width: int) -> Shapes:
    return {f"{name}.scale": (width,), f"{name}.bias": (width,)}


def _encoder(plan: NetworkPlan) -> Shapes:
    shapes: Shapes = {}
    widths = plan.encoder_dense or tuple(stage.out_width for stage in plan.encoder_conv)
    inputs = plan.pixels
    for index, width in enumerate(widths):
        if plan.encoder_conv:
            shapes |= _convolution(f"encoder.layers.{index}", plan.encoder_conv[index].in_width, width)
        else:
            shapes |= _linear(f"encoder.layers.{index}", inputs, width)
            inputs = width
        if plan.normalization:
            shapes |= _norm(f"encoder.norms.{index}", width)
    features, outputs = plan.encoder_features, plan.posteriors * plan.latent
    shapes |= _linear("encoder.mean", features, outputs) | _linear("encoder.log_var", features, outputs)
    return shapes | _linear("encoder.logits", features, plan.components) if plan.has_logits else shapes


def _prior(plan: NetworkPlan) -> Shapes:
    shapes: Shapes = {"prior.pi_logits": (plan.components,)} if plan.prior in ("mixture", "vamp") else {}
    return shapes | {"prior.pseudo_logits": (plan.components, *plan.input_shape)} if plan.prior == "vamp" else shapes


def _decoder(plan: NetworkPlan) -> Shapes:
    shapes: Shapes = {"decoder.embeddings": (plan.components, plan.embedding)} if plan.embedding else {}
    for index, block in enumerate(plan.decoder_blocks):
        name = f"decoder.layers.{index}"
        inputs = plan.decoder_blocks[index - 1].width + plan.side_width(index - 1) if index else plan.latent
        if block.size is None:
            shapes |= _linear(name, inputs, block.width)
        elif index == 0:
            shapes |= _linear(name, inputs, block.size[0] * block.size[1] * block.width)
        else:
            shapes |= _convolution(name, inputs, block.width)
        if plan.decoder_normalizes:
            shapes |= _norm(f"decoder.norms.{index}", block.width)
        shapes |= _conditioner(plan, index)
    last = len(plan.decoder_blocks) - 1
    inputs = plan.decoder_blocks[last].width + plan.side_width(last)
    shapes |= (
        _convolution("decoder.output", inputs, plan.input_shape[2])
        if plan.decoder_is_conv
        else _linear("decoder.output", inputs, plan.pixels)
    )
    return shapes | _linear("decoder.sigma", inputs, 1) if plan.likelihood == "heteroscedastic" else shapes


def _conditioner(plan: NetworkPlan, block: int) -> Shapes:
    name, width = f"decoder.conditioners.{block}", plan.decoder_blocks[block].width
    if plan.conditioning in ("film", "cin"):
        return _linear(f"{name}.gamma", plan.embedding, width, bias=False) | _linear(f"{name}.beta", plan.embedding, width, bias=False)
    if plan.conditioning == "concat":
        return _linear(f"{name}.projection", plan.embedding, plan.embedding)
    if plan.conditioning == "component_aware" and block == plan.merge_block:
        shapes: Shapes = {}
        inputs = plan.embedding
        for index, member in enumerate(plan.decoder_blocks[: block + 1]):
            shapes |= _linear(f"{name}.layers.{index}", inputs, member.width)
            if plan.normalization:
                shapes |= _norm(f"{name}.norms.{index}", member.width)
            inputs = member.width
        return shapes
    return {}


def _head(plan: NetworkPlan) -> Shapes:
    if not plan.classes:
        return {}
    return _linear("head.hidden", plan.head_inputs, HEAD_WIDTH) | _linear("head.output", HEAD_WIDTH, plan.classes)

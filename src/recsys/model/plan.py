"""The network that a configuration makes of two input widths, step by step.

Parameter counts, summaries, drawings and generated code all read this one description. A tower's steps are, in
order: normalisation of its input; the linear projection to the common width, where shared towers have
inputs of other widths; the configured layers; the linear projection to the embedding's width, where the
layers end at another.

    plan = network_plan(config, buyer_dim=104, product_dim=72)
    [(step.name, step.inputs, step.outputs) for step in plan.buyer.steps]
    # [("buyer_dense_1", 104, 128), ("buyer_dense_2", 128, 64), ("buyer_dense_3", 64, 32)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from recsys.model.config import ModelConfig
from recsys.model.layers import BatchNorm, Dense, Layer, LayerNorm

if TYPE_CHECKING:
    from recsys.features.config import Tower

ASSUMED_DIMS = (100, 50)
"""Widths of both inputs where no feature configuration says them: the buyer's, the product's."""

LEAST_COMMON_WIDTH = 16

Role = Literal["input_norm", "input_projection", "layer", "output_projection"]

Owner = Literal["buyer", "product", "shared", "head"]


@dataclass(frozen=True)
class Step:
    """One layer of the built network.

    Attributes:
        name: unique in the network and stable: `buyer_dense_1`, `shared_dropout_1`, `head_dense_2`.
        owner: the tower that it belongs to alone, both, or the head. role: why it is there.
        layer: what it is; a projection is a linear Dense. inputs, outputs: widths.
    """

    name: str
    owner: Owner
    role: Role
    layer: Layer
    inputs: int
    outputs: int

    @property
    def trainable(self) -> int:
        """Trainable parameters."""
        if isinstance(self.layer, Dense):
            return self.inputs * self.outputs + self.outputs
        return 2 * self.inputs if isinstance(self.layer, BatchNorm | LayerNorm) else 0

    @property
    def non_trainable(self) -> int:
        """Moving statistics."""
        return 2 * self.inputs if isinstance(self.layer, BatchNorm) else 0

    @property
    def is_projection(self) -> bool:
        """Whether it is a linear layer that the widths ask for, not the configuration."""
        return self.role in ("input_projection", "output_projection")


@dataclass(frozen=True)
class TowerPlan:
    """One tower.

    Attributes:
        input_dim, output_dim: widths of its features and of its embedding.
        own: steps that belong to it alone. shared: those after them that both towers run through, the same
            steps in both plans.
    """

    tower: Tower
    input_dim: int
    output_dim: int
    own: tuple[Step, ...]
    shared: tuple[Step, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All in order."""
        return (*self.own, *self.shared)


@dataclass(frozen=True)
class HeadPlan:
    """The rating head: from both embeddings, the buyer's first, to one number.

    Attributes:
        from_logits: whether its output is a logit, of which the rating is the sigmoid; only with binary
            cross-entropy, and not where the last layer is a sigmoid itself.
    """

    input_dim: int
    steps: tuple[Step, ...]
    from_logits: bool


@dataclass(frozen=True)
class NetworkPlan:
    """The whole network.

    Attributes:
        head: None for retrieval. unit_length: whether both towers' outputs are scaled to length 1 before use.
    """

    buyer: TowerPlan
    product: TowerPlan
    head: HeadPlan | None
    unit_length: bool

    def tower(self, tower: Tower) -> TowerPlan:
        """One tower by name."""
        return self.buyer if tower == "buyer" else self.product

    @property
    def shared(self) -> tuple[Step, ...]:
        """The steps that both towers run through; empty for separate towers."""
        return self.buyer.shared

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step once: the buyer's own, the product's own, shared ones, the head's."""
        head = () if self.head is None else self.head.steps
        return (*self.buyer.own, *self.product.own, *self.shared, *head)


def network_plan(config: ModelConfig, buyer_dim: int, product_dim: int) -> NetworkPlan:
    """The network for inputs of two widths.

    Raises:
        ValueError: if a width is not positive.
    """
    for tower, dim in (("buyer", buyer_dim), ("product", product_dim)):
        if dim < 1:
            raise ValueError(f"The {tower} tower's input has {dim} dimensions. Give it at least one feature.")
    architecture = config.architecture
    if architecture.share_tower_weights:
        buyer, product = _shared_towers(config, buyer_dim, product_dim)
    else:
        buyer, product = _tower(config, "buyer", buyer_dim), _tower(config, "product", product_dim)
    return NetworkPlan(
        buyer, product, _head(config) if config.rates else None, architecture.normalize_embeddings
    )


def common_width(buyer_dim: int, product_dim: int) -> int:
    """The input width of shared towers."""
    return max(LEAST_COMMON_WIDTH, min(buyer_dim, product_dim))


def _tower(config: ModelConfig, tower: Tower, dim: int) -> TowerPlan:
    layers = config.architecture.layers(tower)
    own = (
        *_input_norm(config, tower, dim),
        *_layers(tower, layers, dim),
        *_output(config, tower, layers, dim),
    )
    return TowerPlan(tower, dim, config.architecture.output_embedding_dim, own)


def _shared_towers(config: ModelConfig, buyer_dim: int, product_dim: int) -> tuple[TowerPlan, TowerPlan]:
    width = common_width(buyer_dim, product_dim)
    layers = config.architecture.buyer_tower_layers
    shared = (*_layers("shared", layers, width), *_output(config, "shared", layers, width))

    def tower(tower: Tower, dim: int) -> TowerPlan:
        own = [*_input_norm(config, tower, dim)]
        if dim != width:
            own.append(_projection(tower, "input_projection", dim, width))
        return TowerPlan(tower, dim, config.architecture.output_embedding_dim, tuple(own), shared)

    return tower("buyer", buyer_dim), tower("product", product_dim)


def _head(config: ModelConfig) -> HeadPlan:
    layers = config.architecture.rating_head_layers
    dim = 2 * config.architecture.output_embedding_dim
    ends_in_sigmoid = bool(layers) and isinstance(layers[-1], Dense) and layers[-1].activation == "sigmoid"
    from_logits = config.training.loss_function == "binary_crossentropy" and not ends_in_sigmoid
    return HeadPlan(dim, tuple(_layers("head", layers, dim)), from_logits)


def _input_norm(config: ModelConfig, tower: Tower, dim: int) -> Iterator[Step]:
    if config.architecture.input_norm == "layer_norm":
        yield Step(f"{tower}_input_norm", tower, "input_norm", LayerNorm(), dim, dim)


def _layers(owner: Owner, layers: tuple[Layer, ...], dim: int) -> Iterator[Step]:
    count: Counter[str] = Counter()
    for layer in layers:
        count[layer.type] += 1
        outputs = layer.units if isinstance(layer, Dense) else dim
        yield Step(f"{owner}_{layer.type}_{count[layer.type]}", owner, "layer", layer, dim, outputs)
        dim = outputs


def _output(config: ModelConfig, owner: Owner, layers: tuple[Layer, ...], dim: int) -> Iterator[Step]:
    last = next((layer.units for layer in reversed(layers) if isinstance(layer, Dense)), dim)
    if last != config.architecture.output_embedding_dim:
        yield _projection(owner, "output_projection", last, config.architecture.output_embedding_dim)


def _projection(owner: Owner, role: Role, inputs: int, outputs: int) -> Step:
    name = f"{owner}_input_projection" if role == "input_projection" else f"{owner}_projection"
    return Step(name, owner, role, Dense(units=outputs, activation=None), inputs, outputs)

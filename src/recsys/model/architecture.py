"""The locked half of a recommender's configuration: its two towers and its rating head."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import StrictBool

from recsys.features.config import Tower
from recsys.model.exact import Exact
from recsys.model.layers import Layer, TaggedLayer
from recsys.model.presets import STANDARD
from workbench.fields import ConfigModel, Structural, field, when

ModelKind = Literal["retrieval", "ranking", "multitask"]

MODEL_KINDS: tuple[ModelKind, ...] = get_args(ModelKind)

RETRIEVES = when(model_type=("retrieval", "multitask"))
"""Models that rank items by the dot product of both towers' outputs."""

RATES = when(model_type=("ranking", "multitask"))
"""Models that predict a rating with a head over both towers' outputs."""

MULTITASK = when(model_type="multitask")

TYPE_CHOICES = (
    ("retrieval", "Retrieval", "Two towers and their dot product: which products suit a buyer."),
    ("ranking", "Ranking", "Two towers and a head over both: what rating a buyer gives a product."),
    ("multitask", "Multitask", "Both at once, by a weighted loss."),
)

_MODEL = "Model"
_TOWERS = "Towers"
_CONTROL = "dashboard.families.recsys.layer_control:control"
_HEAD = "Rating head"


class Architecture(ConfigModel):
    """What a model's network is; chosen when the model is created."""

    model_type: Structural[ModelKind] = field(
        "retrieval",
        label="Type",
        section=_MODEL,
        choices=TYPE_CHOICES,
        help="What the model learns to answer.",
    )
    buyer_tower_layers: Structural[tuple[TaggedLayer, ...]] = field(
        STANDARD.buyer_tower_layers,
        label="Buyer tower",
        section=_TOWERS,
        min_items=1,
        max_items=32,
        help="From the buyer's features to its embedding.",
        control=_CONTROL,
    )
    product_tower_layers: Structural[tuple[TaggedLayer, ...]] = field(
        STANDARD.product_tower_layers,
        label="Product tower",
        section=_TOWERS,
        min_items=1,
        max_items=32,
        help="From the product's features to its embedding.",
        control=_CONTROL,
    )
    rating_head_layers: Structural[tuple[TaggedLayer, ...]] = field(
        (),
        label="Rating head",
        section=_HEAD,
        max_items=16,
        applies_when=RATES,
        because="only these models predict ratings",
        help="From both embeddings, side by side, to the rating; the last layer has one unit.",
        control=_CONTROL,
    )
    output_embedding_dim: Structural[Exact[int]] = field(
        STANDARD.output_embedding_dim,
        label="Embedding size",
        section=_TOWERS,
        ge=8,
        le=512,
        unit="dimensions",
        help="Width of what both towers give; a tower that ends wider or narrower gets a linear projection.",
    )
    share_tower_weights: Structural[StrictBool] = field(
        False,
        label="Shared towers",
        section=_TOWERS,
        help="Whether both towers are one network. Their layers must be the same.",
    )
    input_norm: Structural[Literal["none", "layer_norm"]] = field(
        "none",
        label="Input normalisation",
        section=_TOWERS,
        advanced=True,
        choices=(
            ("none", "None", "Features enter as they are."),
            ("layer_norm", "Layer", "Each tower's input is normalised row by row."),
        ),
        help="What happens to each tower's input first.",
    )
    normalize_embeddings: Structural[StrictBool] = field(
        False,
        label="Unit-length embeddings",
        section=_TOWERS,
        advanced=True,
        help="Whether both towers' outputs are scaled to length 1.",
    )

    def layers(self, tower: Tower) -> tuple[Layer, ...]:
        """The layers of the "buyer" or the "product" tower."""
        return self.buyer_tower_layers if tower == "buyer" else self.product_tower_layers

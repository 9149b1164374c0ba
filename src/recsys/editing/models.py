"""Edits of a model's flat document, as the tower builder makes them.

Documents are what `recsys.model.validate` reads; each function takes one that may be unfinished and gives a new one.
Towers that share their weights are edited together.

    document = with_preset({}, "standard")
    document, place = with_layer(document, "buyer", "dropout")     # before the last Dense
    document = with_layer_moved(document, "buyer", place, 0)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from recsys.editing.lists import inserted, moved, removed, replaced, require_place
from recsys.model.architecture import ModelKind
from recsys.model.codes import Code
from recsys.model.draft import FIELDS, read_draft
from recsys.model.layers import LAYERS, Dense, Layer
from recsys.model.optimizers import RECOMMENDED
from recsys.model.presets import HEADS, PRESETS, SCHEDULE, STANDARD, STANDARD_HEAD
from recsys.model.training import Optimizer
from workbench.commands.base import CommandError
from workbench.fields import FieldProblem

Document = dict[str, Any]

Stack = Literal["buyer", "product", "head"]
"""A list of layers: a tower's or the rating head's."""

STACKS: tuple[Stack, ...] = get_args(Stack)

LISTS: Mapping[Stack, str] = {
    "buyer": "buyer_tower_layers",
    "product": "product_tower_layers",
    "head": "rating_head_layers",
}
"""The setting that holds each list."""

NEW_DENSE_UNITS = 64
"""Units of a Dense layer that is added."""

BALANCED = 0.5
"""Share of retrieval where both tasks begin."""


def started(model_type: ModelKind = "retrieval") -> Document:
    """A new model's document: the Standard preset with the schedule that suits it, and what its type needs."""
    return with_type(with_preset(dict(SCHEDULE), STANDARD.key), model_type)


def layers_of(document: Mapping[str, Any], stack: Stack) -> list[dict[str, Any]]:
    """A list's layers, as they stand in the document."""
    return list(document.get(LISTS[stack]) or ())


def is_shared(document: Mapping[str, Any]) -> bool:
    """Whether both towers have one set of weights."""
    return document.get("share_tower_weights") is True


def with_type(document: Mapping[str, Any], model_type: ModelKind) -> Document:
    """The document for another type: what does not apply to it is left out, what it needs has a value."""
    changed = {**document, "model_type": model_type}
    if model_type != "retrieval" and not changed.get(LISTS["head"]):
        changed[LISTS["head"]] = as_json(STANDARD_HEAD.rating_head_layers)
    if model_type == "multitask" and document.get("model_type") != "multitask":
        changed = with_ratio(changed, BALANCED)
    return without_idle(changed)


def without_idle(document: Mapping[str, Any]) -> Document:
    """The document without settings that have no meaning beside the others."""
    values = read_draft(document).values
    idle = {
        name
        for name in document
        if name in FIELDS.specs
        and (condition := FIELDS.specs[name].meta.applies_when) is not None
        and not condition.holds(values)
    }
    return {name: value for name, value in document.items() if name not in idle}


def with_preset(document: Mapping[str, Any], key: str) -> Document:
    """Both towers and the embedding's width of a preset. Raises CommandError not_found."""
    preset = PRESETS.get(key)
    if preset is None:
        raise CommandError(f'There is no preset "{key}".', code="not_found")
    buyer, product = as_json(preset.buyer_tower_layers), as_json(preset.product_tower_layers)
    changed = {**document, LISTS["buyer"]: buyer, LISTS["product"]: product}
    changed["output_embedding_dim"] = preset.output_embedding_dim
    return changed if buyer == product else {**changed, "share_tower_weights": False}


def with_head(document: Mapping[str, Any], key: str) -> Document:
    """The layers of a head preset. Raises CommandError not_found."""
    preset = HEADS.get(key)
    if preset is None:
        raise CommandError(f'There is no rating head "{key}".', code="not_found")
    return {**document, LISTS["head"]: as_json(preset.rating_head_layers)}


def with_layer(document: Mapping[str, Any], stack: Stack, kind: str) -> tuple[Document, int]:
    """One layer more, before the last Dense (at the end where there is none), and its place. Raises CommandError."""
    layer_type = next((t for t in LAYERS if t.model_fields["type"].default == kind), None)
    if layer_type is None:
        raise CommandError(f'There is no layer "{kind}".', code="not_found")
    layers = layers_of(document, stack)
    _require_room(stack, layers)
    new = Dense(units=NEW_DENSE_UNITS) if layer_type is Dense else layer_type()  # pyright: ignore[reportCallIssue]
    dense = [place for place, layer in enumerate(layers) if layer.get("type") == "dense"]
    place = dense[-1] if dense else len(layers)
    return _with_layers(document, stack, inserted(layers, place, new.model_dump(mode="json"))), place


def with_layer_moved(document: Mapping[str, Any], stack: Stack, place: int, to: int) -> Document:
    """A layer at another place of its list. The head's last layer gives the rating and stays. Raises CommandError."""
    layers = layers_of(document, stack)
    if stack == "head":
        _keep_end(layers, place)
        to = min(to, len(layers) - 2)
    return _with_layers(document, stack, moved(layers, place, to))


def with_layer_removed(document: Mapping[str, Any], stack: Stack, place: int) -> Document:
    """One layer less. Raises CommandError for a tower's only layer and for the head's last."""
    layers = layers_of(document, stack)
    require_place(layers, place)
    if stack == "head":
        _keep_end(layers, place)
    elif len(layers) == 1:
        code, name = (Code.BUYER_EMPTY, "Buyer") if stack == "buyer" else (Code.PRODUCT_EMPTY, "Product")
        message = f"{name} tower must have at least one layer"
        problem = FieldProblem(LISTS[stack], message, code=str(code))
        raise CommandError(message, LISTS[stack], "Add another layer first.", problems=(problem,))
    return _with_layers(document, stack, removed(layers, place))


def with_layer_set(
    document: Mapping[str, Any], stack: Stack, place: int, settings: Mapping[str, Any]
) -> Document:
    """A layer with other settings. What they may be is for `validate` to say. Raises CommandError."""
    layers = layers_of(document, stack)
    require_place(layers, place)
    return _with_layers(document, stack, replaced(layers, place, {**layers[place], **settings}))


def with_buyer_copied(document: Mapping[str, Any]) -> Document:
    """The product tower with the buyer tower's layers."""
    return {**document, LISTS["product"]: layers_of(document, "buyer")}


def with_sharing(document: Mapping[str, Any], shared: bool) -> Document:
    """Towers that share their weights, or not. Raises CommandError while they differ."""
    draft = read_draft(document)
    if shared and draft.layers(LISTS["buyer"]) != draft.layers(LISTS["product"]):
        message = "Weight sharing requires identical tower architectures"
        problem = FieldProblem("share_tower_weights", message, code=str(Code.SHARED_TOWERS))
        hint = "Copy the buyer tower to the product tower first."
        raise CommandError(message, "share_tower_weights", hint, problems=(problem,))
    return {**document, "share_tower_weights": shared}


def with_optimizer(document: Mapping[str, Any], optimizer: Optimizer, *, keep_rate: bool) -> Document:
    """Another optimiser, with the learning rate that it begins with unless somebody chose one. Raises CommandError."""
    if optimizer not in RECOMMENDED:
        raise CommandError(f'There is no optimizer "{optimizer}".', "optimizer", code="not_found")
    changed = {**document, "optimizer": optimizer}
    if not keep_rate:
        changed["learning_rate"] = recommended_rate(document, optimizer)
    return without_idle(changed)


def recommended_rate(document: Mapping[str, Any], optimizer: Optimizer) -> float:
    """The learning rate to begin with for the document's towers, by its deeper one."""
    info = RECOMMENDED[optimizer]
    depth = max(
        sum(layer.get("type") == "dense" for layer in layers_of(document, tower))
        for tower in ("buyer", "product")
    )
    return info.default if depth >= 2 else info.shallow_default


def with_ratio(document: Mapping[str, Any], ratio: float) -> Document:
    """Both tasks' weights by the share of retrieval: (r, 1 - r). Raises CommandError outside 0 to 1."""
    if not 0 <= ratio <= 1:
        raise CommandError("The share of retrieval must be between 0 and 1.", "retrieval_weight")
    return {**document, "retrieval_weight": round(ratio, 6), "ranking_weight": round(1 - ratio, 6)}


def ratio_of(document: Mapping[str, Any]) -> float | None:
    """The share of retrieval that a slider can show; None for weights that do not add up to 1."""
    values = read_draft(document).values
    retrieval, ranking = values["retrieval_weight"], values["ranking_weight"]
    return retrieval if abs(retrieval + ranking - 1) < 1e-9 else None


def normalised(document: Mapping[str, Any]) -> Document:
    """Weights in the same ratio that add up to 1. Raises CommandError where both are 0."""
    values = read_draft(document).values
    total = values["retrieval_weight"] + values["ranking_weight"]
    if total <= 0:
        raise CommandError("At least one loss weight must be greater than 0", "retrieval_weight")
    return with_ratio(document, values["retrieval_weight"] / total)


def as_json(layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """Layers as a document has them."""
    return [layer.model_dump(mode="json") for layer in layers]


def _with_layers(document: Mapping[str, Any], stack: Stack, layers: list[Any]) -> Document:
    changed = {**document, LISTS[stack]: layers}
    if stack != "head" and is_shared(document):
        changed |= {LISTS["buyer"]: layers, LISTS["product"]: layers}
    return changed


def _require_room(stack: Stack, layers: Sequence[Any]) -> None:
    most = FIELDS.specs[LISTS[stack]].meta.max_items
    if most is not None and len(layers) >= most:
        raise CommandError(f"There are {most} layers already, and more are not possible.", LISTS[stack])


def _keep_end(layers: Sequence[Any], place: int) -> None:
    if place == len(layers) - 1:
        message = "Rating head must end with Dense(1) for scalar output"
        problem = FieldProblem(LISTS["head"], message, code=str(Code.HEAD_END))
        raise CommandError(
            message, LISTS["head"], "Its last layer gives the rating and stays.", problems=(problem,)
        )

"""A model that is being made or changed: its document as the wizard holds it in the browser, and what gestures do to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from dashboard.components import Action
from dashboard.components.dialog import applied
from dashboard.families.recsys.pages.drafts import Document, Draft, Edited, place_of
from dashboard.forms import read
from recsys.editing import models as edits
from recsys.editing.models import Stack
from recsys.model.config import document_of
from recsys.model.draft import FIELDS, read_draft
from recsys.model.draft import Draft as Readable
from recsys.model.recipes import RECIPES
from workbench.commands.base import CommandError
from workbench.fields import FieldSpec


@dataclass(frozen=True, kw_only=True)
class ModelDraft(Draft):
    """What the wizard of models holds besides.

    Attributes:
        features: id of the feature configuration whose widths count, or "". rate_chosen: whether somebody chose the learning rate.
        back: the page that the wizard was called from, if it leads back there.
    """

    features: str = ""
    rate_chosen: bool = False
    back: str = ""

    @cached_property
    def readable(self) -> Readable:
        """What can be read of the document; read once, and not to be changed."""
        return read_draft(self.document)


def edited(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    """What a gesture of the wizard makes of a draft. Raises CommandError for one that cannot be done."""
    gesture = _GESTURES.get(action.name)
    return Edited(draft) if gesture is None else gesture(draft, action)


def with_fields(draft: ModelDraft, specs: Iterable[FieldSpec], raw: Mapping[str, Any], held: Mapping[str, Any]) -> ModelDraft:
    """The draft with what the fields' controls hold, where that differs from what the draft gave them.

    Args:
        raw: the controls' values by setting. held: what they hold for the draft as it is; what cannot be read as a value is
            kept as it was typed, for the checks to name.
    """
    changed = {name: value for name, value in raw.items() if value is not None and name in held and value != held[name]}
    if not changed:
        return draft
    typed = read(specs, changed)
    values = {**{name: changed[name] for name in typed.unread}, **typed.values}
    chosen = replace(draft, rate_chosen=draft.rate_chosen or "learning_rate" in changed)
    return chosen.changed(edits.without_idle({**draft.document, **values}))


def _preset(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    return _said(draft, edits.with_preset(draft.document, action.id), "Both towers replaced")


def _type(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    return _said(draft, edits.with_type(draft.document, action.id), f"Type {action.id}")  # pyright: ignore[reportArgumentType]


def _recipe(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    """A complete model; it gives its name to a draft that has none yet."""
    recipe = RECIPES.get(action.id)
    if recipe is None:
        raise CommandError(f'There is no recipe "{action.id}".', code="not_found")
    named = replace(draft, name=draft.name or recipe.name)
    return _said(named, document_of(recipe.config), f"Everything as in {recipe.name}")


def _head(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    return _said(draft, edits.with_head(draft.document, action.id), "Rating head replaced")


def _add(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    stack = _stack(action.id)
    document, place = edits.with_layer(draft.document, stack, str(action.value))
    return Edited(draft.changed(document), f"{stack}:{place}", f"Layer added at place {place + 1}")


def _move(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    (stack, place), (_, to) = _place(action.id), _place(action.value)
    document = edits.with_layer_moved(draft.document, stack, place, to)
    count = len(edits.layers_of(document, stack))
    return Edited(draft.changed(document), f"{stack}:{to}", f"Layer moved to place {to + 1} of {count}")


def _remove(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    stack, place = _place(action.id)
    document = edits.with_layer_removed(draft.document, stack, place)
    left = len(edits.layers_of(document, stack))
    return Edited(draft.changed(document), f"{stack}:{min(place, left - 1)}", f"Layer {place + 1} removed")


def _set_layer(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    stack, place = _place(action.id)
    document = edits.with_layer_set(draft.document, stack, place, applied(action))
    return Edited(draft.changed(document), f"{stack}:{place}", "Layer changed")


def _copy(draft: ModelDraft, _: Action) -> Edited[ModelDraft]:
    return _said(draft, edits.with_buyer_copied(draft.document), "Product tower is a copy of the buyer tower")


def _share(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    shared = action.value == "on"
    words = "Both towers share their weights" if shared else "The towers have weights of their own"
    return _said(draft, edits.with_sharing(draft.document, shared), words)


def _width(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    try:
        width = int(str(action.value))
    except ValueError:
        raise CommandError("The output dimension must be a whole number.", "output_embedding_dim") from None
    return Edited(draft.changed({**draft.document, "output_embedding_dim": width}))


def _optimizer(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    document = edits.with_optimizer(draft.document, action.id, keep_rate=draft.rate_chosen)  # pyright: ignore[reportArgumentType]
    return _said(draft, document, f"Optimiser {action.id}, learning rate {document.get('learning_rate', '')}")


def _ratio(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    try:
        ratio = float(str(action.value))
    except ValueError:
        raise CommandError("The share of retrieval must be a number between 0 and 1.", "retrieval_weight") from None
    return Edited(draft.changed(edits.with_ratio(draft.document, ratio)))


def _normalise(draft: ModelDraft, _: Action) -> Edited[ModelDraft]:
    return _said(draft, edits.normalised(draft.document), "Weights add up to 1")


def _number(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    """A plain number by its setting's name."""
    try:
        number = float(str(action.value))
    except ValueError:
        raise CommandError("That is not a number.", action.id) from None
    whole = action.id in FIELDS.specs and FIELDS.specs[action.id].value_type is int
    return Edited(draft.changed({**draft.document, action.id: int(number) if whole else number}))


def _stopping(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    values = applied(action)
    held = None
    if values.get("early_stopping"):
        held = {name.partition(".")[2]: value for name, value in values.items() if "." in name}
    return Edited(draft.changed({**draft.document, "early_stopping": held}))


def _settings(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    """Plain settings of a dialog, by name."""
    values = {name: value for name, value in applied(action).items() if name in FIELDS.specs}
    return Edited(draft.changed(edits.without_idle({**draft.document, **values})))


_GESTURES: Mapping[str, Callable[[ModelDraft, Action], Edited[ModelDraft]]] = {
    "preset": _preset, "recipe": _recipe, "type": _type, "head": _head, "add": _add, "move": _move, "remove": _remove, "set-layer": _set_layer,
    "copy": _copy, "share": _share, "width": _width, "optimizer": _optimizer, "ratio": _ratio, "normalise": _normalise,
    "setting-number": _number, "settings": _settings, "stopping": _stopping,
}  # fmt: skip


def _said(draft: ModelDraft, document: Document, words: str) -> Edited[ModelDraft]:
    return Edited(draft.changed(document), said=words)


def _stack(text: Any) -> Stack:
    if text not in edits.STACKS:
        raise CommandError("That list of layers is not there.", code="not_found")
    return text


def _place(text: Any) -> tuple[Stack, int]:
    stack, place = place_of(text, "layer")
    return _stack(stack), place

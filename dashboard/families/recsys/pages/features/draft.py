"""Features that are being made or changed: what the wizard holds, and what gestures do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.components import Action
from dashboard.components.dialog import applied
from dashboard.families.recsys.pages.drafts import Document, Draft, Edited, place_of
from recsys.data.schema import Schema
from recsys.editing import features as edits
from recsys.features.config import TOWERS, Tower
from workbench.commands.base import CommandError

COLUMNS = "columns"
"""The list of columns that are in neither tower."""


@dataclass(frozen=True, kw_only=True)
class FeatureDraft(Draft):
    """What the wizard of features holds besides: whose columns they are."""

    dataset: str = ""


def edited(schema: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    """What a gesture makes of a draft. Raises CommandError for one that cannot be done."""
    gesture = _GESTURES.get(action.name)
    return Edited(draft) if gesture is None else gesture(schema, draft, action)


def unused(schema: Schema, document: Mapping[str, Any]) -> list[str]:
    """Columns that are in neither tower, in the table's order; lists can be no features."""
    used = edits.columns_in_use(document)
    return [info.column for info in schema.columns if info.column not in used and info.data_type != "list_text"]


def _suggest(schema: Schema, draft: FeatureDraft, _: Action) -> Edited[FeatureDraft]:
    return Edited(draft.changed(edits.suggested(schema)), said="Both towers as the columns suggest")


def _clear(_: Schema, draft: FeatureDraft, __: Action) -> Edited[FeatureDraft]:
    return Edited(draft.changed(edits.blank()), said="Both towers are empty")


def _add(schema: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    """A column by its name to the tower that is the action's value."""
    tower = _tower(action.value)
    document = edits.with_column(draft.document, tower, action.id, schema)
    place = len(edits.features_of(document, tower)) - 1
    return Edited(draft.changed(document), f"{tower}:{place}", f"{action.id} added to the {tower} tower")


def _move(schema: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    """An entry from a list to a list: a column into a tower, a feature elsewhere, or out of both."""
    (source, place), (target, to) = _place(action.id), _place(action.value)
    if source == COLUMNS:
        if target == COLUMNS:
            return Edited(draft)
        columns = unused(schema, draft.document)
        if place >= len(columns):
            raise CommandError("That column is no longer there.", code="not_found")
        document = edits.with_column(draft.document, _tower(target), columns[place], schema, to)
        return Edited(draft.changed(document), f"{target}:{to}", f"{columns[place]} added to the {target} tower")
    tower = _tower(source)
    if target == COLUMNS:
        return _remove(schema, draft, action)
    document = edits.with_feature_moved(draft.document, tower, place, _tower(target), to)
    count = len(edits.features_of(document, _tower(target)))
    return Edited(draft.changed(document), f"{target}:{to}", f"Moved to place {to + 1} of {count} in the {target} tower")


def _remove(_: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    name, place = _place(action.id)
    tower = _tower(name)
    document = edits.with_feature_removed(draft.document, tower, place)
    left = len(edits.features_of(document, tower))
    return Edited(draft.changed(document), f"{tower}:{min(place, left - 1)}" if left else "", f"Removed from the {tower} tower")


def _transforms(_: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    name, place = _place(action.id)
    tower = _tower(name)
    document = edits.with_transforms(draft.document, tower, place, edits.transforms_from(applied(action)))
    return Edited(draft.changed(document), f"{tower}:{place}", "Settings changed")


def _history(schema: Schema, draft: FeatureDraft, _: Action) -> Edited[FeatureDraft]:
    document = edits.with_history(draft.document, schema)
    return Edited(draft.changed(document), f"buyer:{len(edits.features_of(document, 'buyer')) - 1}", "History added to the buyer tower")


def _cross(schema: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    values = dict(applied(action))
    columns = [value for name in ("first", "second", "third") if (value := values.pop(name, None))]
    document = edits.with_cross(draft.document, _tower(action.id), columns, schema, values)
    return Edited(draft.changed(document), said=f"{' and '.join(columns)} are taken together")


def _set_cross(_: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    name, place = _place(action.id)
    return Edited(draft.changed(edits.with_cross_set(draft.document, _tower(name), place, applied(action))), said="Cross changed")


def _remove_cross(_: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    name, place = _place(action.id)
    return Edited(draft.changed(edits.with_cross_removed(draft.document, _tower(name), place)), said="Cross removed")


def _target(_: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    column = action.value or None
    said = f"{column} is what a ranking model predicts" if column else "No target"
    return Edited(draft.changed(edits.with_target(draft.document, column)), said=said)


def _set_target(_: Schema, draft: FeatureDraft, action: Action) -> Edited[FeatureDraft]:
    values = dict(applied(action))
    settings: dict[str, Any] = {"clip_predictions": values.pop("clip_predictions", True)}
    settings["transforms"] = edits.transforms_from(values)
    return Edited(draft.changed(edits.with_target_set(draft.document, settings)), said="Target changed")


_GESTURES: Mapping[str, Callable[[Schema, FeatureDraft, Action], Edited[FeatureDraft]]] = {
    "suggest": _suggest, "clear": _clear, "add": _add, "move": _move, "remove": _remove, "transforms": _transforms, "history": _history,
    "cross": _cross, "set-cross": _set_cross, "remove-cross": _remove_cross, "target": _target, "set-target": _set_target,
}  # fmt: skip


def _tower(text: Any) -> Tower:
    if text not in TOWERS:
        raise CommandError("That tower is not there.", code="not_found")
    return text


def _place(text: Any) -> tuple[str, int]:
    return place_of(text, "entry")


def starting(document: Document | None, schema: Schema, how: str) -> Document:
    """The document that a new configuration begins with: a copy, what the columns suggest, or nothing."""
    if document is not None:
        return document
    return edits.suggested(schema) if how == "smart" else edits.blank()

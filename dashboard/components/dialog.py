"""Settings dialogs: what a form asks is written on the button that opens it, and the browser draws it.

    html.Button("Settings", **dialog("builder-action", "set-layer", "buyer:0", title="Dense", fields=fields_of(specs, values)))

What is applied arrives as an action (`dashboard.components.action`) whose value is JSON text: field -> value. The
browser's part is `assets/dialogs.js`; it checks numbers and ranges as they are typed, and the server checks again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dashboard.components.action import Action, act
from workbench.fields import FieldSpec


@dataclass(frozen=True)
class DialogField:
    """One line of a dialog.

    Attributes:
        name: under which its value arrives. kind: its control; `words` is a sentence, its `label`, and has none.
        options: (value, label, sentence) of a choice. chips: common values that one click fills in.
        least, most: bounds of a number, included unless `open` says so of `least`; `range` says them in words.
        whole: whether a number must be whole. optional: whether it may be left empty, which gives None.
        under: the switch that it counts below, if any. locked: whether it is shown and cannot be changed.
    """

    name: str
    label: str
    kind: Literal["number", "text", "choice", "switch", "words"]
    value: Any = None
    help: str = ""
    unit: str = ""
    options: tuple[tuple[Any, str, str], ...] = ()
    chips: tuple[float | int, ...] = ()
    least: float | None = None
    most: float | None = None
    open: bool = False
    range: str = ""
    whole: bool = False
    optional: bool = False
    under: str = ""
    locked: bool = False


def dialog(
    store: str, name: str, id: str = "", *, title: str, fields: Sequence[DialogField], note: str = "", submit: str = "Apply"
) -> dict[str, Any]:
    """The attributes that make an element's click open a form, whose values become an action of `store`.

    Args:
        store, name, id: as in `act`. title: the dialog's. note: a sentence below it. submit: what the button that applies says.
    """
    said = {"title": title, "note": note, "submit": submit, "fields": [asdict(field) for field in fields]}
    return {**act(store, name, id), "data-dialog": json.dumps(said), "aria-haspopup": "dialog"}


def field_of(spec: FieldSpec, value: Any, *, name: str = "", chips: Sequence[float | int] = (), under: str = "") -> DialogField:
    """The line of a plain setting, by its definition in the registry.

    Args:
        name: under which its value arrives, if not its own. chips: common values. under: the switch that it counts below.
    """
    meta = spec.meta
    common: dict[str, Any] = {
        "name": name or spec.name,
        "label": meta.label,
        "value": value,
        "help": meta.help,
        "unit": meta.unit or "",
        "under": under,
    }
    if spec.choices:
        none = ((None, "None", ""),) if spec.optional else ()
        return DialogField(**common, kind="choice", options=(*spec.choices, *none))
    if spec.value_type is bool:
        return DialogField(**common, kind="switch")
    if spec.value_type is str:
        return DialogField(**common, kind="text", optional=spec.optional)
    return DialogField(
        **common, kind="number", chips=tuple(chips), least=meta.ge if meta.ge is not None else meta.gt, most=meta.le,
        open=meta.ge is None and meta.gt is not None, range=_range_words(spec), whole=spec.value_type is int, optional=spec.optional,
    )  # fmt: skip


def applied(action: Action) -> Mapping[str, Any]:
    """The values of an applied dialog; empty for anything malformed."""
    try:
        values = json.loads(action.value) if isinstance(action.value, str) else {}
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _range_words(spec: FieldSpec) -> str:
    meta = spec.meta
    return f"between {meta.ge:,} and {meta.le:,}" if meta.ge is not None and meta.le is not None else spec.range_text()

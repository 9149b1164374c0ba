"""The tower builder: both towers as columns of layer blocks. Pure.

A block is moved by its handle or with Alt and the arrow keys, and its settings open in a dialog; what a gesture does to
the document is in `recsys.editing.models`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import act, button, icon, icon_button
from dashboard.components.attributes import attrs
from dashboard.components.dialog import DialogField, dialog, field_of
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.families.recsys.pages.models.draft import ModelDraft
from dashboard.families.recsys.pages.models.verdict import ModelVerdict
from recsys.editing.models import LISTS, Stack, layers_of
from recsys.model.architecture import Architecture
from recsys.model.layers import LAYERS, BatchNorm, Dense, Dropout, Layer, LayerNorm, is_linear
from recsys.model.plan import Step, TowerPlan
from recsys.model.presets import PRESETS, TowerPreset
from recsys.model.summaries import tower_summary
from workbench.fields import choice_label, field_specs, spec_of

ACTION = MODELS.id("action")

TITLES: Mapping[Stack, str] = {"buyer": "Buyer tower", "product": "Product tower", "head": "Rating head"}

KINDS: Mapping[str, tuple[str, str]] = {
    "dense": ("Dense", "A matrix, a bias and an activation."),
    "dropout": ("Dropout", "Drops a share of its inputs while training."),
    "batch_norm": ("Batch normalization", "Normalises each feature over the batch."),
    "layer_norm": ("Layer normalization", "Normalises the features of each row."),
}
"""Tag of a layer -> its name and what it does."""

UNITS, RATES, PENALTIES, WIDTHS = (32, 64, 128, 256, 512), (0.1, 0.2, 0.3, 0.5), (0, 0.001, 0.01, 0.1), (8, 16, 32, 64, 128)

_NOTES = {
    Dense: "Powers of two suit accelerators. Start without a penalty and raise it when validation gets worse.",
    Dropout: "0.1 is light, 0.5 strong. It acts in training only.",
    BatchNorm: "It has no settings. Where both towers share their weights, its statistics mix buyers and products.",
    LayerNorm: "",
}


def presets(draft: ModelDraft, verdict: ModelVerdict) -> Component:
    """The presets as cards; the one whose towers stand in the document is marked."""
    custom = html.Span("Custom", className=f"tag {'tag-good' if verdict.preset is None else 'd-none'}")
    undo = button(
        "Undo", id="recsys-model-undo", small=True, icon_name="arrow-counterclockwise", disabled=not draft.past, **act(ACTION, "undo")
    )
    head = html.Div([html.H3("Start from", className="mini-title"), custom, undo], className="tower-presets-head")
    return html.Div([head, preset_cards(verdict)])


def preset_cards(verdict: ModelVerdict) -> Component:
    """The presets alone."""
    cards = [_preset(preset, chosen=verdict.preset == preset.key) for preset in PRESETS.values()]
    return html.Div(cards, className="preset-cards", role="group", **attrs({"aria-label": "Presets"}))


def _preset(preset: TowerPreset, *, chosen: bool) -> Component:
    buyer, product = tower_summary(preset.buyer_tower_layers), tower_summary(preset.product_tower_layers)
    words = buyer if buyer == product else f"{buyer} / {product}"
    parts = [
        html.Span(preset.name, className="choice-title"),
        html.Span(words, className="mono"),
        html.Span(preset.description, className="choice-text"),
    ]
    return html.Button(
        parts, type="button", className="preset-card", **attrs({"aria-pressed": str(chosen).lower()}), **act(ACTION, "preset", preset.key)
    )


def towers(draft: ModelDraft, verdict: ModelVerdict) -> Component:
    """Both columns with what belongs to both: one column while they share their weights."""
    shared = draft.document.get("share_tower_weights") is True
    columns = [column(draft, verdict, "buyer", shared=shared)]
    if not shared:
        columns.append(column(draft, verdict, "product"))
    return html.Div([html.Div(columns, className=f"towers{' towers-shared' if shared else ''}"), _both(draft, verdict, shared)])


def column(draft: ModelDraft, verdict: ModelVerdict, stack: Stack, *, shared: bool = False) -> Component:
    """One list of layers between its input and what it gives."""
    title = "Both towers" if shared else TITLES[stack]
    plan = _plan(verdict, stack)
    layers = draft.readable.layers(LISTS[stack])
    steps = [step for step in plan if step.role == "layer"] if plan else []
    output = output_place(layers)
    blocks = [
        _block(
            draft, verdict, stack, place, layer, steps[place] if place < len(steps) else None, ends=place == output,
            fixed=stack == "head" and place == len(layers) - 1,
        )
        for place, layer in enumerate(layers)
    ]  # fmt: skip
    listed = html.Ol(
        blocks, className="layers", **attrs({"data-drag-list": stack, "data-to": ACTION, "aria-label": f"Layers of the {title.lower()}"})
    )
    errors = [html.P(issue.message, className="field-message", role="alert") for issue in verdict.errors if issue.path == LISTS[stack]]
    copy = [button("Copy from buyer", small=True, icon_name="copy", **act(ACTION, "copy"))] if stack == "product" else []
    head = html.Div([html.H3(title, className="tower-title"), *copy], className="tower-head")
    return html.Section(
        [head, *_inputs(verdict, stack, shared), listed, *_given(verdict, stack), *errors, _menu(stack, title), _footer(verdict, stack, len(layers), shared)],
        className="tower", **attrs({"aria-label": title}),
    )  # fmt: skip


def output_place(layers: Sequence[Layer | None]) -> int:
    """The place of the layer that gives what a list of layers is for: the last dense one's; -1 for none."""
    return max((place for place, layer in enumerate(layers) if isinstance(layer, Dense)), default=-1)


def _plan(verdict: ModelVerdict, stack: Stack) -> tuple[Step, ...]:
    if verdict.plan is None:
        return ()
    if stack == "head":
        return verdict.plan.head.steps if verdict.plan.head else ()
    return verdict.plan.tower(stack).steps


def _inputs(verdict: ModelVerdict, stack: Stack, shared: bool) -> list[Component]:
    widths = verdict.widths
    if stack == "head":
        known = verdict.plan.head.input_dim if verdict.plan and verdict.plan.head else None
        return [_fixed("Both embeddings", f"{known} dimensions, the buyer's first" if known else "joined, the buyer's first", "input")]
    if not shared:
        width = widths.buyer if stack == "buyer" else widths.product
        blocks = [_fixed(f"{TITLES[stack].split()[0]} features", f"{width} dimensions", "input")]
        return [*blocks, *_automatic(verdict, stack, ("input_norm", "input_projection"))]
    both = f"{widths.buyer} dimensions of the buyer, {widths.product} of the product"
    own = [block for tower in ("buyer", "product") for block in _automatic(verdict, tower, ("input_norm", "input_projection"))]
    return [_fixed("Features", both, "input"), *own]


def _given(verdict: ModelVerdict, stack: Stack) -> list[Component]:
    return _automatic(verdict, stack, ("output_projection",))


def _automatic(verdict: ModelVerdict, stack: Any, roles: tuple[str, ...]) -> list[Component]:
    plan: TowerPlan | None = verdict.plan.tower(stack) if verdict.plan is not None and stack != "head" else None
    names = {
        "input_norm": "Input normalization",
        "input_projection": "Projection of its own",
        "output_projection": "Projection to the embedding",
    }
    return [
        _fixed(f"{stack.capitalize()}: {names[s.role].lower()}" if s.role == "input_projection" else names[s.role], _sizes(s), "projection")
        for s in (plan.steps if plan else ())
        if s.role in roles
    ]


def _sizes(step: Step) -> str:
    counted = f" · {step.trainable:,} parameters" if step.trainable else ""
    return f"{step.inputs}→{step.outputs}{counted}"


def _fixed(title: str, words: str, kind: str) -> Component:
    """A block that follows from the rest and cannot be edited."""
    mark = html.Span(icon("lock" if kind == "projection" else "box-arrow-in-down"), className="layer-mark")
    parts = [
        mark,
        html.Span([html.Span(title, className="layer-title"), html.Span(words, className="layer-words")], className="layer-text"),
    ]
    return html.Div(parts, className=f"layer layer-{kind}", title="Follows from the widths." if kind == "projection" else None)


def _block(
    draft: ModelDraft, verdict: ModelVerdict, stack: Stack, place: int, layer: Layer | None, step: Step | None, *, ends: bool, fixed: bool
) -> Component:
    raw = layers_of(draft.document, stack)[place]
    kind = str(raw.get("type", ""))
    name = KINDS.get(kind, (kind or "Unknown", ""))[0]
    title, words = (name, "cannot be read") if layer is None else layer_words(layer, step)
    issues = verdict.of(f"{LISTS[stack]}.{place}")
    at = f"{stack}:{place}"
    spoken = f"Layer {place + 1}: {title}, {words}"
    handle: Component = html.Span(icon("grip-vertical"), className="layer-grip", **attrs({"data-drag-handle": "1", "aria-hidden": "true"}))
    if fixed:
        handle = html.Span(icon("lock"), className="layer-mark")
    tools = [] if layer is None else [_settings(layer, at, title, fixed=fixed)]
    if not fixed:
        tools.append(icon_button("trash", f"Remove layer {place + 1}", **act(ACTION, "remove", at)))
    body = html.Span([html.Span(title, className="layer-title"), html.Span(words, className="layer-words")], className="layer-text")
    message = [html.P(" ".join(issue.message for issue in issues), className="field-message", role="alert")] if issues else []
    marks = f"layer layer-{kind}{' layer-output' if ends else ''}{' is-invalid' if issues else ''}"
    movable = {} if fixed else {"data-drag-item": "1", "aria-keyshortcuts": "Alt+ArrowUp Alt+ArrowDown"}
    return html.Li([handle, body, *tools, *message], className=marks, tabIndex="0", **attrs({"aria-label": spoken, **movable}))


def layer_words(layer: Layer, step: Step | None) -> tuple[str, str]:
    """A layer's title and its settings in words, with its widths where they are known."""
    sizes = [] if step is None else [_sizes(step)]
    if isinstance(layer, Dense):
        activation = "linear" if is_linear(layer) else choice_label(spec_of(Dense, "activation"), layer.activation)
        penalty = [f"L2 {layer.l2_reg:g}"] if layer.l2_reg else []
        return f"Dense {layer.units}", " · ".join([activation, *penalty, *sizes])
    if isinstance(layer, Dropout):
        return f"Dropout {layer.rate:g}", "in training only"
    if isinstance(layer, BatchNorm):
        return "Batch normalization", " · ".join(["over the batch", *sizes])
    return "Layer normalization", " · ".join([f"epsilon {layer.epsilon:g}", *sizes])


def _settings(layer: Layer, at: str, title: str, *, fixed: bool) -> Component:
    fields = settings_fields(layer, fixed=fixed)
    label = f"Settings of {title}"
    return icon_button(
        "sliders", label, **dialog(ACTION, "set-layer", at, title=KINDS[layer.type][0], fields=fields, note=_NOTES[type(layer)])
    )


def settings_fields(layer: Layer, *, fixed: bool = False) -> tuple[DialogField, ...]:
    """The lines of a layer's dialog. `fixed` leaves out the units of the layer that gives the rating."""
    chips: Mapping[str, Sequence[float]] = {"units": UNITS, "l2_reg": PENALTIES, "rate": RATES}
    fields = [
        field_of(spec, getattr(layer, spec.name), chips=chips.get(spec.name, ()))
        for spec in field_specs(type(layer))
        if spec.name != "type" and not (fixed and spec.name == "units")
    ]
    return tuple(fields) or (DialogField("words", "There is nothing to set.", "words"),)


def _menu(stack: Stack, title: str) -> Component:
    """The layers that can be added."""
    items = [
        html.Li(
            html.Button(
                [html.Span(name, className="choice-title"), html.Span(text, className="choice-text")], type="button", className="menu-item",
                **act(ACTION, "add", stack, value=kind),
            )
        )
        for kind, (name, text) in KINDS.items()
        if any(t.model_fields["type"].default == kind for t in LAYERS)
    ]  # fmt: skip
    summary = html.Summary(
        [icon("plus-lg"), " Add layer"],
        className="btn btn-outline-secondary btn-sm",
        **attrs({"aria-label": f"Add a layer to the {title.lower()}"}),
    )
    return html.Details([summary, html.Ul(items, className="pop pop-menu")], className="pop-host")


def _footer(verdict: ModelVerdict, stack: Stack, layers: int, shared: bool) -> Component:
    count = verdict.count
    part = "shared" if shared else stack
    total = "–" if count is None else f"{getattr(count, part) + _projections(verdict, stack, shared):,}"
    return html.P(f"{layers} layer{'' if layers == 1 else 's'} · {total} parameters", className="tower-foot")


def _projections(verdict: ModelVerdict, stack: Stack, shared: bool) -> int:
    """Parameters of the projections that stand in a column."""
    if verdict.plan is None or stack == "head":
        return 0
    steps = {step.name: step for tower in (("buyer", "product") if shared else (stack,)) for step in verdict.plan.tower(tower).steps}
    return sum(step.trainable for step in steps.values() if step.is_projection)


def _both(draft: ModelDraft, verdict: ModelVerdict, shared: bool) -> Component:
    """What belongs to both towers: the embedding's width, shared weights."""
    width = draft.document.get("output_embedding_dim", 32)
    chips = [
        html.Button(
            str(w),
            type="button",
            className="chip",
            **attrs({"aria-pressed": str(w == width).lower()}),
            **act(ACTION, "width", value=str(w)),
        )
        for w in WIDTHS
    ]
    custom = field_of(spec_of(Architecture, "output_embedding_dim"), width)
    other = html.Button(
        "Other" if width in WIDTHS else str(width), type="button", className="chip", **attrs({"aria-pressed": str(width not in WIDTHS).lower()}),
        **dialog(ACTION, "settings", title="Output dimension", fields=(custom,)),
    )  # fmt: skip
    messages = [html.P(issue.message, className="field-message", role="alert") for issue in verdict.of("output_embedding_dim")]
    can_share = shared or verdict.identical
    reason = "" if can_share else "Off while the towers differ: copy the buyer tower to the product tower first."
    share = html.Button(
        [icon("link-45deg"), "Share tower weights"], type="button", className="btn btn-outline-secondary btn-sm share-towers", disabled=not can_share,
        **attrs({"aria-pressed": str(shared).lower()}), **act(ACTION, "share", value="off" if shared else "on"),
    )  # fmt: skip
    return html.Div(
        [
            html.Div([html.Span("Output dimension", className="field-label"), html.Div([*chips, other], className="chips", role="group", **attrs({"aria-label": "Output dimension"})), *messages]),
            html.Div([share, html.P(reason or "One set of layers for both; each tower keeps its own input.", className="field-help")]),
        ],
        className="towers-both",
    )  # fmt: skip

"""Reading a model's flat document that may be wrong in many places: what can be read, an issue for all that cannot.

The settings' own definitions say what is expected; nothing here lists fields or ranges. An omitted setting has
its default. Some defaults depend on the rest: the head of a model that rates is the standard one, the last layer of a
head is linear, and a document that names neither towers nor a schedule has the Standard preset with the schedule that
suits it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from recsys.issues import Issue
from recsys.model.codes import Code
from recsys.model.config import SECTIONS
from recsys.model.layers import Layer
from recsys.model.presets import SCHEDULE, STANDARD_HEAD
from recsys.reading import did_you_mean, printable, setting_problem, short
from workbench.fields import AUTO, Composite, ConfigModel, FieldSpec, entry_type, fields_of, spec_of

FIELDS = fields_of(SECTIONS)

DESCRIPTIVE = ("name", "description")
"""What a document may hold besides its settings."""

HEAD = "rating_head_layers"

_WHOLE_PRESET = frozenset({"buyer_tower_layers", "product_tower_layers", *SCHEDULE})
"""A document that names none of these has the Standard preset whole."""


@dataclass
class Draft:
    """What could be read of a document.

    Attributes:
        values: every setting by name, its default where it is omitted or wrong; layers that cannot be read
            are None. given: names of the settings in the document.
        wrong: names of those that could not be read, or not whole.
        issues: why.
    """

    values: dict[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    wrong: set[str] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)

    def knows(self, *names: str) -> bool:
        """Whether all of some settings could be read."""
        return self.wrong.isdisjoint(names)

    def layers(self, name: str) -> tuple[Layer | None, ...]:
        """The layers of a list; none where it is no list."""
        return self.values[name]

    def report(
        self, path: str, message: str, code: Code = Code.INVALID_VALUE, hint: str | None = None
    ) -> None:
        """Adds an issue."""
        self.issues.append(Issue(code, path, message, hint=hint))
        self.wrong.add(path.split(".", 1)[0])


def read_draft(document: Any) -> Draft:
    """What can be read of a document."""
    draft = Draft()
    if not isinstance(document, Mapping):
        draft.report("", f"A model config must be an object (got {short(document)})")
        document = {}
    draft.given = frozenset(name for name in FIELDS.specs if name in document)
    for name, spec in FIELDS.specs.items():
        draft.values[name] = _default(draft, name)
        if name in document:
            _read_field(draft, spec, document[name])
    for key in document:
        if key not in FIELDS.specs and key not in DESCRIPTIVE:
            name = printable(str(key))
            draft.report(name, f'Unknown field "{name}"', hint=did_you_mean(name, FIELDS.specs))
    return draft


def _default(draft: Draft, name: str) -> Any:
    if name in SCHEDULE and draft.given.isdisjoint(_WHOLE_PRESET):
        return SCHEDULE[name]
    if name == HEAD:
        return STANDARD_HEAD.rating_head_layers if draft.values["model_type"] != "retrieval" else ()
    return SECTIONS[FIELDS.section[name]].model_fields[name].default


def _read_field(draft: Draft, spec: FieldSpec, raw: Any) -> None:
    name, composite = spec.name, spec.composite
    if composite is None:
        problem = _problem(_as_of(draft, spec), raw)
        if problem is None:
            draft.values[name] = int(raw) if spec.value_type is int and raw not in (None, AUTO) else raw
        else:
            code, message = problem
            draft.report(name, message, code)
    elif not composite.many:
        draft.values[name] = None if raw is None else _read_entry(draft, composite, raw, name)
    elif isinstance(raw, list | tuple):
        entries = _with_linear_end(raw) if name == HEAD else raw
        draft.values[name] = tuple(
            _read_entry(draft, composite, e, f"{name}.{i}") for i, e in enumerate(entries)
        )
        most = spec.meta.max_items
        if most is not None and len(raw) > most:
            least = spec.meta.min_items
            size = f"at most {most}" if least is None else f"between {least} and {most}"
            draft.report(name, f"{name} must have {size} layers")
    else:
        draft.report(name, f"{name} must be a list of layers (got {short(raw)})")


def _as_of(draft: Draft, spec: FieldSpec) -> FieldSpec:
    """A setting with the range that it has beside the others: no more hard negatives than rows of a batch."""
    if spec.name != "num_hard_negatives":
        return spec
    return replace(spec, meta=replace(spec.meta, le=draft.values["batch_size"]))


def _with_linear_end(raw: list | tuple) -> list:
    """A head's layers; the last is linear unless it says otherwise."""
    layers = list(raw)
    if layers and isinstance(layers[-1], Mapping) and layers[-1].get("type") == "dense":
        layers[-1] = {"activation": None, **layers[-1]}
    return layers


def _problem(spec: FieldSpec, raw: Any) -> tuple[Code, str] | None:
    found = setting_problem(spec, raw)
    if found is None:
        return None
    fault, message = found
    if spec.name == "output_embedding_dim" and fault == "range":
        if raw < (spec.meta.ge or 0):
            return Code.OUTPUT_SMALL, "Output embedding dimension should be at least 8"
        return Code.OUTPUT_LARGE, "Output embedding dimension should not exceed 512"
    return Code.INVALID_VALUE, f"{spec.name} must be a finite number" if fault == "number" else message


def _read_entry(draft: Draft, composite: Composite, raw: Any, path: str) -> Any:
    """A layer, or a config that may be absent; None if anything of it is wrong."""
    if not isinstance(raw, Mapping):
        draft.report(path, f"{path} must be an object (got {short(raw)})")
        return None
    tag = composite.tag
    if tag is not None and not (isinstance(raw.get(tag), str) and raw[tag] in composite.tags()):
        known = ", ".join(composite.tags())
        wrong = (
            f'Unknown layer type "{short(raw[tag])}"' if tag in raw else f"{tag} is required: one of {known}"
        )
        draft.report(f"{path}.{tag}", wrong)
        return None
    config_type = entry_type(composite, raw)
    assert config_type is not None
    found = list(_wrong_settings(config_type, raw))
    for name, message, hint in found:
        draft.report(f"{path}.{name}", message, hint=hint)
    return None if found else config_type(**raw)


def _wrong_settings(
    config_type: type[ConfigModel], raw: Mapping[str, Any]
) -> Iterator[tuple[str, str, str | None]]:
    for name in config_type.model_fields:
        spec = spec_of(config_type, name)
        if name in raw:
            problem = _problem(spec, raw[name])
            if problem is not None:
                yield name, problem[1], None
        elif spec.required:
            yield name, f"{name} is required", None
    for key in raw:
        if key not in config_type.model_fields:
            name = printable(str(key))
            yield name, f'Unknown field "{name}"', did_you_mean(name, config_type.model_fields)

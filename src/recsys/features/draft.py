"""Reading a document that may be wrong in many places: what can be read, and an issue for all that cannot.

The settings' own definitions say what is expected; nothing here lists fields or ranges. A setting that is
wrong is read as its default, an entry without what it cannot do without is left out, so that the checks that
look across features can still speak of all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from pydantic import BaseModel

from recsys.features.codes import Code
from recsys.features.config import TOWERS, Cross, Feature, FeatureConfig, Target, Tower
from recsys.issues import Issue
from recsys.reading import did_you_mean, printable, setting_problem, short
from workbench.fields import Composite, ConfigModel, FieldSpec, entry_type, spec_of


@dataclass
class Draft:
    """What could be read of a document.

    Attributes:
        features, crosses: by tower, with the path of each in the document. target: if there is a readable
            one.
        issues: what could not be read.
    """

    features: dict[Tower, list[tuple[str, Feature]]]
    crosses: dict[Tower, list[tuple[str, Cross]]]
    target: Target | None = None
    issues: list[Issue] = field(default_factory=list)

    def config(self) -> FeatureConfig:
        """The readable part as a configuration."""
        return FeatureConfig(
            buyer_model_features=tuple(cast(Any, f) for _, f in self.features["buyer"]),
            product_model_features=tuple(cast(Any, f) for _, f in self.features["product"]),
            buyer_model_crosses=tuple(c for _, c in self.crosses["buyer"]),
            product_model_crosses=tuple(c for _, c in self.crosses["product"]),
            target_column=self.target,
        )


def read_draft(document: Any) -> Draft:
    """What can be read of a configuration's document."""
    reader = _Reader()
    if not isinstance(document, Mapping):
        reader.report(Code.INVALID_VALUE, "", f"A feature config must be an object (got {short(document)})")
        document = {}
    reader.unknown(FeatureConfig, document, "")
    features: dict[Tower, list[tuple[str, Feature]]] = {}
    crosses: dict[Tower, list[tuple[str, Cross]]] = {}
    for tower in TOWERS:
        features[tower] = list(reader.entries(f"{tower}_model_features", document))
        crosses[tower] = list(reader.entries(f"{tower}_model_crosses", document))
    target = document.get("target_column")
    read = None if target is None else reader.model(Target, target, "target_column")
    return Draft(features, crosses, cast("Target | None", read), reader.issues)


class _Reader:
    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def report(self, code: Code, path: str, message: str, hint: str | None = None) -> None:
        self.issues.append(Issue(code, path, message, hint=hint))

    def entries(self, name: str, document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """The readable entries of one of the document's lists, with their paths."""
        spec = spec_of(FeatureConfig, name)
        assert spec.composite is not None
        raw = document.get(name, ())
        if not isinstance(raw, list | tuple):
            self.report(Code.INVALID_VALUE, name, f"{name} must be a list (got {short(raw)})")
            return
        for place, entry in enumerate(raw):
            read = self.entry(spec.composite, entry, f"{name}.{place}")
            if read is not None:
                yield f"{name}.{place}", read

    def entry(self, composite: Composite, raw: Any, path: str) -> ConfigModel | None:
        """An entry of a list, or a config that may be absent, by its tag."""
        if not isinstance(raw, Mapping):
            self.report(Code.INVALID_VALUE, path, f"{_last(path)} must be an object (got {short(raw)})")
            return None
        tag = composite.tag if len(composite.entries) > 1 else None
        if tag is not None and not (isinstance(raw.get(tag), str) and raw[tag] in composite.tags()):
            known = ", ".join(composite.tags())
            self.report(
                Code.INVALID_VALUE,
                f"{path}.{tag}",
                f"{tag} must be one of {known} (got {short(raw.get(tag))})",
            )
            return None
        config_type = entry_type(composite, raw)
        return None if config_type is None else self.model(config_type, raw, path)

    def model(self, config_type: type[ConfigModel], raw: Any, path: str) -> ConfigModel | None:
        """A config with wrong settings at their defaults; None without one that has no default."""
        if not isinstance(raw, Mapping):
            self.report(Code.INVALID_VALUE, path, f"{_last(path)} must be an object (got {short(raw)})")
            raw = {}
        self.unknown(config_type, raw, path)
        values: dict[str, Any] = {}
        for name, info in config_type.model_fields.items():
            at = f"{path}.{name}"
            if isinstance(info.annotation, type) and issubclass(info.annotation, ConfigModel):
                values[name] = self.model(info.annotation, raw.get(name, {}), at)
            elif name in raw:
                self.setting(spec_of(config_type, name), raw[name], at, values)
            elif spec_of(config_type, name).required:
                self.report(Code.INVALID_VALUE, at, f"{name} is required")
        complete = all(
            name in values or not info.is_required() for name, info in config_type.model_fields.items()
        )
        return config_type(**values) if complete else None

    def setting(self, spec: FieldSpec, raw: Any, path: str, values: dict[str, Any]) -> None:
        """Reads one setting into `values`; a wrong one is reported and left out."""
        if raw is None and spec.optional:
            values[spec.name] = None
        elif spec.composite is None:
            problem = setting_problem(spec, raw)
            if problem is None:
                values[spec.name] = raw
            else:
                fault, message = problem
                self.report(Code.OUT_OF_RANGE if fault == "range" else Code.INVALID_VALUE, path, message)
        elif not spec.composite.many:
            read = self.entry(spec.composite, raw, path)
            if read is not None:
                values[spec.name] = read
        elif isinstance(raw, list | tuple):
            composite = spec.composite
            read_all = [self.entry(composite, entry, f"{path}.{place}") for place, entry in enumerate(raw)]
            values[spec.name] = tuple(entry for entry in read_all if entry is not None)
        else:
            self.report(Code.INVALID_VALUE, path, f"{spec.name} must be a list (got {short(raw)})")

    def unknown(self, config_type: type[ConfigModel], raw: Mapping[str, Any], path: str) -> None:
        """Names that a config does not have: a transform of other features, or nothing at all."""
        for key in raw:
            if key in config_type.model_fields:
                continue
            name = printable(str(key))
            at = f"{path}.{name}" if path else name
            if name in _TRANSFORMS.get(config_type, ()):
                kind = _DATA_TYPE[config_type]
                self.report(Code.WRONG_TRANSFORM, at, f"Transform {name} is not available for {kind} columns")
            else:
                hint = did_you_mean(name, config_type.model_fields)
                self.report(Code.UNKNOWN_FIELD, at, f'Unknown field "{name}"', hint)


def _transforms_of_features() -> dict[type[BaseModel], str]:
    """The type of each data type's transforms -> that data type."""
    return {
        f.model_fields["transforms"].annotation: get_args(f.model_fields["data_type"].annotation)[0]
        for f in get_args(Feature)
    }


_DATA_TYPE = _transforms_of_features()

_TRANSFORMS = {
    own: {n for t in _DATA_TYPE for n in t.model_fields if n not in own.model_fields} for own in _DATA_TYPE
}
"""The type of a data type's transforms -> the transforms that only others have."""


def _last(path: str) -> str:
    parts = path.split(".")
    return parts[-1] if not parts[-1].isdigit() else f"entry {parts[-1]} of {parts[-2]}"

"""What OpenAPI says of documents: the fields of the config types behind them, with type, range, default and description.

A body that reads a document by itself, to tell all that is wrong with it at once, and a view that shows one as it is
stored, both have plain types of their own. What they are made of is described here, from the one definition of each field.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema

Schema = dict[str, Any]


@dataclass(frozen=True)
class SchemaOf:
    """An annotation of JSON values that are of another type, `Annotated[dict[str, Any], SchemaOf(FeatureConfig)]`: its schema."""

    type: Any

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        schema = TypeAdapter(self.type).core_schema
        if isinstance(self.type, type) and issubclass(self.type, BaseModel):
            return self.type.__get_pydantic_json_schema__(schema, handler)
        return handler(schema)


@dataclass(frozen=True)
class Setting:
    """A field of a body that stands for one of a config type.

    Attributes:
        config_type, name: where it is defined.
        least: its least value here, where that is another. more: a sentence after its description.
        inherits: whether it has another record's value, rather than its default, where it is left out.
    """

    config_type: type[BaseModel]
    name: str
    least: float | None = None
    more: str = ""
    inherits: bool = False

    def schema(self, handler: GetJsonSchemaHandler) -> Schema:
        """Its schema, with null for left out."""
        found = _properties(self.config_type, handler)[self.name]
        if self.least is not None:
            found.pop("exclusiveMinimum", None)
            found["minimum"] = self.least
        if self.inherits:
            found["default"] = None
        if self.more:
            found["description"] = f"{found.get('description', '')} {self.more}".strip()
        return _or_null(found)


class Documented(BaseModel):
    """Base of bodies and views that say what config types say, flat, beside fields of their own.

    Attributes:
        documents: the config types. settings_of: field of the body -> the config field that it stands for.
        changes: whether what is left out stays as it is, rather than having its default.
    """

    documents: ClassVar[tuple[type[BaseModel], ...]] = ()
    settings_of: ClassVar[Mapping[str, Setting]] = {}
    changes: ClassVar[bool] = False

    @classmethod
    def examples(cls) -> list[Schema]:
        """Requests that work as they are."""
        return []

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        found = handler(core_schema)
        own = handler.resolve_ref_schema(found)
        properties = own.setdefault("properties", {})
        for config_type in cls.documents:
            properties |= _properties(config_type, handler)
        properties |= {name: setting.schema(handler) for name, setting in cls.settings_of.items()}
        for schema in properties.values():
            _tell_at_the_top(schema)
            if cls.changes:
                schema.pop("default", None)
        if examples := cls.examples():
            own["examples"] = examples
        return found


def _properties(config_type: type[BaseModel], handler: GetJsonSchemaHandler) -> dict[str, Schema]:
    """The schemas of a config type's fields, as copies."""
    return copy.deepcopy(handler.resolve_ref_schema(handler(TypeAdapter(config_type).core_schema))["properties"])


def _tell_at_the_top(schema: Schema) -> None:
    """Let the description of what a field may be, beside null, be the field's own."""
    for option in schema.get("anyOf", ()):
        if "description" in option:
            schema.setdefault("description", option.pop("description"))


def _or_null(schema: Schema) -> Schema:
    """A field's schema that takes null, too."""
    options = schema.get("anyOf", ())
    if any(option.get("type") == "null" for option in options):
        return schema
    about = {key: schema[key] for key in ("title", "description", "default", "x-section") if key in schema}
    value = {key: schema[key] for key in schema.keys() - about.keys()}
    return {"anyOf": [value, {"type": "null"}], **about}

"""What makes two configurations the same: a hash of what they say, whatever they are called."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from workbench.fields.definition import FieldMeta

NOT_SEMANTIC = frozenset(
    {
        "id",
        "number",
        "name",
        "description",
        "version",
        "created_at",
        "updated_at",
        "created_by",
        "content_hash",
    }
)
"""What a stored configuration carries besides what it says."""

_EXACT = 2**53


def content_hash(document: Mapping[str, Any] | BaseModel) -> str:
    """SHA-256 of a configuration's canonical JSON without names, times and versions, as 64 hex digits.

    A field that came later than its type (`field(..., later=True)`) counts only where it is not what it was before it
    could be said, so that a new field changes no hash that was stored.

    Args:
        document: a complete one, every other default written out; two spellings of one value in JSON (1 and 1.0)
            are one value.
    """
    return hashlib.sha256(canonical_json(document).encode()).hexdigest()


def canonical_json(document: Mapping[str, Any] | BaseModel) -> str:
    """The text that is hashed: keys sorted, no spaces, whole numbers without a fraction.

    Raises:
        ValueError: if it holds NaN or an infinity, which JSON has not.
    """
    values = said(document) if isinstance(document, BaseModel) else document
    kept = {name: _plain(value) for name, value in values.items() if name not in NOT_SEMANTIC}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def said(config: BaseModel) -> dict[str, Any]:
    """What counts of a configuration, as JSON values."""
    return _counting(config, config.model_dump(mode="json"))


def _counting(value: Any, dumped: Any) -> Any:
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        parts = {name: getattr(value, name) for name in dumped}
        return {
            name: _counting(part, dumped[name])
            for name, part in parts.items()
            if not _as_before(fields[name], part)
        }
    if isinstance(value, list | tuple):
        return [_counting(*pair) for pair in zip(value, dumped, strict=True)]
    return dumped


def _as_before(info: FieldInfo, value: Any) -> bool:
    """Whether a field came later and has the value that stands for its absence."""
    meta = info.json_schema_extra
    if not isinstance(meta, FieldMeta) or not meta.later:
        return False
    return value == (
        info.default if meta.introduced_default is PydanticUndefined else meta.introduced_default
    )


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _plain(said(value))
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value

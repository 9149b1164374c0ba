"""What makes two configurations the same: a hash of what they say, whatever they are called."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

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

    Args:
        document: a complete one, every default written out; two spellings of one value in JSON (1 and 1.0)
            are one value.
    """
    return hashlib.sha256(canonical_json(document).encode()).hexdigest()


def canonical_json(document: Mapping[str, Any] | BaseModel) -> str:
    """The text that is hashed: keys sorted, no spaces, whole numbers without a fraction.

    Raises:
        ValueError: if it holds NaN or an infinity, which JSON has not.
    """
    values = document.model_dump(mode="json") if isinstance(document, BaseModel) else document
    kept = {name: _plain(value) for name, value in values.items() if name not in NOT_SEMANTIC}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value

"""The merge of two trees of settings: mappings are merged key by key, everything else is replaced by the later value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def _later(_: Any, new: Any) -> Any:
    return new


def merge(weaker: Mapping[str, Any], stronger: Mapping[str, Any], join: Callable[[Any, Any], Any] = _later) -> dict[str, Any]:
    """A new tree with the values of both, `stronger` winning; keys stand in the order in which they first appear.

    Neither input is changed, and the result shares no mapping or list with them.

    Args:
        join: what becomes of two values that are no mappings, (weaker, stronger) -> value. By default the stronger one.
    """
    result = {key: _copied(value) for key, value in weaker.items()}
    for key, new in stronger.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            result[key] = merge(old, new, join)
        elif key in result and not isinstance(old, Mapping) and not isinstance(new, Mapping):
            result[key] = join(old, _copied(new))
        else:
            result[key] = _copied(new)
    return result


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(entry) for key, entry in value.items()}
    return [_copied(entry) for entry in value] if isinstance(value, list) else value

"""Keys whose values nobody can know before a mistake is mended: what was given for them was refused, or may stand under a wrong name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.layered.problems import LayeredProblem
from workbench.layered.schema import Key, Path, Schema


class Doubt:
    """The keys in doubt. What is told of such a key, or because of one, would follow from a mistake that is told already."""

    def __init__(self, schema: Schema, places: Iterable[Path] = ()) -> None:
        self._schema = schema
        self._keys: dict[Path, Key] = {}
        for place in places:
            self.add(place)

    def add(self, place: Path) -> None:
        """Doubt the key at a place, or all keys of a section."""
        self._keys |= {path: key for path, key in self._schema.keys.items() if path[: len(place)] == place}

    def __contains__(self, path: Path) -> bool:
        return path in self._keys

    def any_of(self, keys: Iterable[Key]) -> bool:
        """Whether one of these keys is in doubt."""
        return any(key.path in self._keys for key in keys)

    def any_field(self, names: Iterable[str]) -> bool:
        """Whether one of the model's fields of these names is in doubt."""
        return self.any_of(self._schema.by_field[name] for name in names if name in self._schema.by_field)

    def concerns(self, problem: LayeredProblem) -> bool:
        """Whether a problem is about a key in doubt, or speaks of one."""
        place = tuple((problem.key or "").split("."))
        if any(place[:length] in self._keys for length in range(1, len(place) + 1)):
            return True
        words = f"{problem.message} {problem.hint or ''}"
        return any(re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", words) for key in self._keys.values() for name in self._names(key))

    def _names(self, key: Key) -> tuple[str, ...]:
        """How sentences call a key; the words of `model.name` and of an experiment's keys are words of every day."""
        if key.path[0] == "experiment" or key.path == ("model", "name"):
            return (key.name,)
        name = key.spec.name
        return (key.name, name, name.replace("_", " ")) if "_" in name else (key.name, name)

"""Names of fields and values of choices, as people know them, in place of those that only configs have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from workbench.families import all_families
from workbench.fields import FieldProblem, FieldSpec
from workbench.fields.words import capitalised


def problem_words(problem: FieldProblem, specs: Mapping[str, FieldSpec]) -> str:
    """A problem as a sentence for people, its hint after it."""
    text = problem.message if not problem.hint else f"{problem.message.rstrip('.')}. {problem.hint}"
    return sentence(text, specs)


def sentence(text: str, specs: Mapping[str, FieldSpec]) -> str:
    """`labelled`, with a capital first letter unless it begins with a key."""
    return capitalised(labelled(text, specs))


def labelled(text: str, specs: Mapping[str, FieldSpec]) -> str:
    """A text with labels: fields in quotation marks, choices plain ("“Prior” is Geometric").

    A name or value that may be a common word is left alone, but where both stand together (`tau_mode is none`) they are
    surely meant.
    """
    for name in sorted(specs, key=len, reverse=True):
        text = _label_field(text, specs[name])
    for value, label in _unmistakable(specs).items():
        text = re.sub(rf"(?<![\w“]){re.escape(value)}(?!\w)", label, text)
    return text


def _label_field(text: str, spec: FieldSpec) -> str:
    labels = {str(value): label for value, label, _ in spec.choices}
    values = "|".join(map(re.escape, sorted(labels, key=len, reverse=True))) or r"(?!)"
    said = re.compile(rf"(?<![\w“.])({re.escape(spec.name)})(?:( is | at |=)({values})((?: or (?:{values}))*))?(?![\w.]*\w)")

    def replaced(found: re.Match[str]) -> str:
        joint, value, more = found.group(2), found.group(3), found.group(4) or ""
        if value is None:
            return f"“{spec.label}”" if _is_no_word(spec.name) else found.group()
        others = "".join(f" or {labels[other]}" for other in more.split(" or ")[1:])
        return f"“{spec.label}”{' is ' if joint == '=' else joint}{labels[value]}{others}"

    return said.sub(replaced, text)


def _unmistakable(specs: Mapping[str, FieldSpec]) -> dict[str, str]:
    """Values of choices that are no words, by their label; those that two fields call differently are left out."""
    found: dict[str, set[str]] = {}
    for spec in specs.values():
        for value, label, _ in spec.choices:
            if isinstance(value, str) and _is_no_word(value) and value not in specs:
                found.setdefault(value, set()).add(label)
    return {value: next(iter(labels)) for value, labels in found.items() if len(labels) == 1}


def _is_no_word(name: str) -> bool:
    return "_" in name or "." in name


@cache
def known_fields() -> Mapping[str, FieldSpec]:
    """The fields of every registered model type by path, but for paths that two of them label differently."""
    found: dict[str, list[FieldSpec]] = {}
    for declared in all_families():
        for kind in declared.models:
            for name, spec in kind.fields.specs.items():
                found.setdefault(name, []).append(spec)
    return {name: specs[0] for name, specs in found.items() if len({spec.label for spec in specs}) == 1}

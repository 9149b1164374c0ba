"""What a training setting is to compiled functions, said where the setting is declared.

A setting marked `Number` is an argument of theirs: editing it compiles nothing anew. One marked `Switch` is such a number too, but its
0 (or None) leaves a part of the computation out, so whether it is set decides the code. `Host` settings are read between steps
alone. What is only `Modifiable` decides the code.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeVar

from workbench.fields import ConfigModel, Modifiable

T = TypeVar("T")


class Use(StrEnum):
    """Who reads a setting."""

    CODE = "code"
    NUMBER = "number"
    SWITCH = "switch"
    HOST = "host"


Number = Annotated[Modifiable[T], Use.NUMBER]
Switch = Annotated[Modifiable[T], Use.SWITCH]
Host = Annotated[Modifiable[T], Use.HOST]


def uses(settings: type[ConfigModel]) -> dict[str, Use]:
    """Name -> use of every setting, in the order of their declaration."""
    marks = {name: [m for m in info.metadata if isinstance(m, Use)] for name, info in settings.model_fields.items()}
    return {name: found[0] if found else Use.CODE for name, found in marks.items()}

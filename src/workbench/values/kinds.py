"""What validation needs to know about a kind of config: model types have it, and so may other records' configs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from workbench.families import DerivedRule
from workbench.fields import ConfigModel, FieldProblem


class ConfigType(Protocol):
    """A kind of config.

    Attributes:
        sections: name -> config type, in order. rules: values that follow from the data or from others.
        resolve: (flat values) -> the same with every auto replaced. check: (*configs in order, facts) -> problems across fields.
        aliases: (flat values with older names) -> flat values; may raise ConfigError.
    """

    @property
    def sections(self) -> Mapping[str, type[ConfigModel]]: ...
    @property
    def rules(self) -> tuple[DerivedRule, ...]: ...
    @property
    def resolve(self) -> Callable[[Mapping[str, Any]], dict[str, Any]]: ...
    @property
    def check(self) -> Callable[..., list[FieldProblem]]: ...
    @property
    def aliases(self) -> Callable[[Mapping[str, Any]], dict[str, Any]]: ...

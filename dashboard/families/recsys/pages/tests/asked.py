"""What a start form asks for, as the arguments of the service that starts tests. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.forms import raw_of, read
from recsys.model.training import Training
from recsys.trial import TrialSettings
from workbench.fields import FieldSpec, applies, field_specs, spec_of

FORM = "quick-test"
OVERRIDES = ("epochs", "batch_size", "learning_rate")
RATING = "rating_column"


@dataclass(frozen=True)
class Asked:
    """A test that somebody wants to start.

    Attributes:
        features, model: ids of the configurations, "" while none is chosen. name: its own, "" for none.
        settings: of `TrialSettings`, those that differ from the defaults; what cannot be read stays as it was typed.
        overrides: of `Overrides`, likewise.
    """

    features: str = ""
    model: str = ""
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether both configurations are chosen."""
        return bool(self.features and self.model)

    def arguments(self) -> dict[str, Any]:
        """For `QuickTests.problems` and `QuickTests.start`, as JSON values."""
        return {
            "feature_config": self.features, "model_config": self.model, "name": self.name,
            "settings": dict(self.settings), "overrides": dict(self.overrides),
        }  # fmt: skip


def setting_specs() -> tuple[FieldSpec, ...]:
    """The settings of the form; the rating column has a control of its own."""
    return tuple(spec for spec in field_specs(TrialSettings) if spec.name != RATING)


def setting_raw(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the form's controls hold for some settings."""
    return {spec.name: raw_of(spec, settings.get(spec.name, spec.default)) for spec in setting_specs()}


def asked(
    *, features: str, model: str, name: str = "", raw: Mapping[str, Any], overrides: Mapping[str, Any], rating: str | None = None
) -> Asked:
    """What a form holds.

    Args:
        raw: the settings' controls. overrides: the texts of the three overrides; empty is the configuration's own, 0 is 0.
        rating: the rating column, for a model that predicts one.
    """
    values = settings_of(raw)
    if rating:
        values[RATING] = rating
    numbers = {key: _number(overrides.get(key)) for key in OVERRIDES}
    return Asked(features, model, name.strip(), values, {key: value for key, value in numbers.items() if value is not None})


def settings_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that differ from their defaults and count with the others; what cannot be read as it was typed."""
    specs = setting_specs()
    typed = read(specs, raw)
    values = {spec.name: spec.default for spec in specs} | typed.values
    kept = {s.name: values[s.name] for s in specs if applies(s, values) and values[s.name] != s.default}
    unread = {s.name: raw[s.name] for s in specs if s.name in typed.unread and applies(s, values)}
    return kept | unread


def shown_settings(raw: Mapping[str, Any]) -> dict[str, bool]:
    """Which settings count with the others as they are."""
    specs = setting_specs()
    values = {spec.name: spec.default for spec in specs} | read(specs, raw).values
    return {spec.name: applies(spec, values) for spec in specs}


def override_label(name: str) -> str:
    """What an override is called."""
    return spec_of(Training, name).label


def _number(text: Any) -> int | float | str | None:
    """A number as it was typed; None for nothing, the text for what is no number."""
    typed = str(text).strip() if text is not None else ""
    if not typed:
        return None
    for kind in (int, float):
        try:
            return kind(typed.replace(",", ""))
        except ValueError:
            continue
    return typed

"""The hub's settings form: judging what it holds, and what Save sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.forms import Judged, judge_config, read
from dashboard.live.words import plural
from dashboard.pages.model.hub import baseline_of, form_specs
from dashboard.pages.model.view import ModelView
from workbench.clock import utc_now
from workbench.commands.base import CommandError, Env
from workbench.commands.rules import facts_now
from workbench.families import model_type
from workbench.ids import new_id

if TYPE_CHECKING:
    from workbench.services.models import Updated
    from workbench.workbench import Workbench


@dataclass(frozen=True)
class Edited:
    """What the form holds compared with what is saved: typed `changed` values, and whether it may be saved."""

    judged: Judged
    changed: dict[str, Any]

    @property
    def errors(self) -> int:
        """How many settings need attention."""
        return len(self.judged.errors)

    @property
    def may_save(self) -> bool:
        """Whether there is something to save and nothing wrong with it."""
        return bool(self.changed) and not self.judged.errors

    @property
    def words(self) -> str:
        """Changes and problems in words."""
        if self.judged.errors:
            return f"{plural(self.errors, 'setting needs', 'settings need')} attention"
        return f"{plural(len(self.changed), 'change')} not saved" if self.changed else "Everything is saved"


def facts_of(workbench: Workbench, view: ModelView) -> Any:
    """What the rules may need to know of the model's data and labels."""
    env = Env(utc_now(), new_id, "", model_type, workbench.models.facts(view.record))
    return facts_now(workbench.state(), env, view.record)


def judge_view(workbench: Workbench, view: ModelView, raw: Mapping[str, Any]) -> Judged:
    """The form judged: `raw` is what its controls hold, by field name; the saved values stand for the others."""
    return judge_config(view.model_type, view.values, raw, facts_of(workbench, view))


def edits_of(state: Edited) -> dict[str, int]:
    """What the page's buttons and whoever leaves it need to know of unsaved edits."""
    return {"changed": len(state.changed), "errors": state.errors}


def edited(workbench: Workbench, view: ModelView, raw: Mapping[str, Any], baseline: Mapping[str, Any] | None = None) -> Edited:
    """The form compared with the saved values. What no longer applies is back at its default, as the command would set it.

    Args:
        raw: what the controls hold. baseline: what they held when the page was opened or last saved: a control that still
            holds that is no edit, even if somebody else has saved another value meanwhile.
    """
    if baseline is not None:
        now = baseline_of(form_specs(view), view.values)
        raw = {name: now.get(name, value) if name in baseline and value == baseline[name] else value for name, value in raw.items()}
    judged = judge_view(workbench, view, raw)
    unread = read(form_specs(view), raw).unread
    changed = {
        spec.name: judged.values[spec.name]
        for spec in form_specs(view)
        if spec.name in raw and (spec.name in unread or judged.values[spec.name] != view.values[spec.name])
    }
    return Edited(judged, changed)


def save(workbench: Workbench, view: ModelView, raw: Mapping[str, Any], baseline: Mapping[str, Any], actor: str) -> Updated:
    """Save what a form has changed.

    Args:
        raw: what its controls hold. baseline: what they held when the page was opened or last saved.

    Raises CommandError for an invalid form, and, naming the fields, if somebody else has changed the same ones meanwhile.
    """
    state = edited(workbench, view, raw, baseline)
    if not state.may_save:
        raise CommandError(f"{state.words}.")
    now = baseline_of(form_specs(view), view.values)
    overtaken = [name for name in state.changed if now[name] != baseline.get(name) and raw[name] != baseline.get(name)]
    if overtaken:
        labels = ", ".join(view.model_type.fields.specs[name].label for name in overtaken)
        sentence = f"Nothing was saved: somebody else has meanwhile changed {labels}."
        raise CommandError(sentence, hint="Revert shows the values as they are now.", code="conflict")
    version = workbench.state().versions.get(view.record.id)
    return workbench.models.update_config(actor=actor, model_id=view.record.id, values=state.changed, expected_version=version)


def caught_up(view: ModelView, raw: Mapping[str, Any], baseline: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What others have saved since: (values that controls without an edit should now hold, the baseline they then have)."""
    now = baseline_of(form_specs(view), view.values)
    stale = {name: value for name, value in now.items() if name in raw and baseline.get(name) == raw[name] != value}
    return stale, {**baseline, **stale}


def saved_words(done: Updated) -> str:
    """What an edit did, in a sentence."""
    said = [f"Saved {plural(len(done.changed), 'change')}"]
    if done.reset:
        specs = model_type(done.record.family, done.record.model_type).fields.specs
        said.append(f"set back because it no longer applies: {', '.join(specs[name].label for name in done.reset)}")
    if done.note:
        said.append(done.note)
    return "; ".join(said) + "."

"""What the page part does: shows what is chosen, saves it, runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import ask_again, notify, read_action
from dashboard.components.code import with_code
from dashboard.context import actor, current
from dashboard.later import Later
from dashboard.live import launch
from workbench.commands.base import CommandError
from workbench.commands.confirming import NameTaken, NeedsConfirmation

if TYPE_CHECKING:
    from dashboard.layered import choice, running, setup, view
    from dashboard.layered.choice import Choice
    from dashboard.layered.judged import Judged
else:
    choice, running, setup, view = (Later(f"dashboard.layered.{name}") for name in ("choice", "running", "setup", "view"))

_FILES = {"type": "layered-file", "layer": ALL}
_ABOUT = {"type": "layered-about", "layer": ALL}
_FORM = (
    (_FILES, "value"), ("layered-set", "value"), ("layered-variant", "value"), ("layered-overridden", "value"), ("layered-structural", "value"),
)  # fmt: skip
_MORE = (State(_FILES, "id"), State("layered-family", "data"))


def register(app: Dash, path: str, first: str, after: str) -> None:
    """Add the callbacks, once an app.

    Args:
        path: of the page. first: the family that is offered before the others. after: where several runs of it are followed.
    """

    @app.callback(
        Output("layered-shown", "children"), Output("layered-messages", "children"), Output("layered-summary", "children"),
        Output(_ABOUT, "children"), Output("layered-variant", "options"), Output("layered-variant", "value"),
        Output("layered-variant-place", "className"), Output("layered-run", "children"),
        Output("layered-run", "disabled"), Output("layered-save", "disabled"), Output("layered-save", "data-prompt-value"),
        Output("layered-why", "children"), Output("layered-link", "data"),
        *(Input(id, name) for id, name in _FORM), *_MORE,
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def choose(
        files: list, text: str | None, variant: str | None, overridden: bool | None, structural: bool | None, ids: list, family: str
    ) -> Any:
        wanted = form_of(files, text, variant, overridden, structural, ids, family)
        judged, known = view.judged(current(), wanted)
        shown = setup.variant_of(judged)
        offers = [choice.offered(known, family, choice.LAYERS[str(id["layer"])]) for id in ids]
        about = [with_code(setup.about_words(found, stem or "")) for found, stem in zip(offers, files, strict=True)]
        options = [{"value": name, "label": name} for name in judged.variants]
        wrong, blocked = setup.why_not(judged), setup.why_not_run(judged)
        return (
            setup.shown(judged), setup.messages(judged), setup.summary(judged), about, options,
            no_update if shown == (variant or "") else shown or None, setup.place_class(bool(judged.variants)),
            setup.run_label(judged), bool(blocked), bool(wrong), setup.save_action(judged)["data-prompt-value"], blocked, setup.address(path, wanted),
        )  # fmt: skip

    @app.callback(
        Output("layered-action", "data"), Input("layered-action", "data"), *(State(id, name) for id, name in _FORM), *_MORE,
        running=[(Output("layered-run", "disabled"), True, False), (Output("layered-save", "disabled"), True, False)], prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def do(
        data: Any,
        files: list,
        text: str | None,
        variant: str | None,
        overridden: bool | None,
        structural: bool | None,
        ids: list,
        family: str,
    ) -> Any:
        action = read_action(data)
        if action is None:
            return no_update
        if action.name == "start":
            start([id for id in action.id.split(",") if id], after if family == first else "/runs", confirmed=action.confirmed)
            return None
        judged, _ = view.judged(current(), form_of(files, text, variant, overridden, structural, ids, family))
        if action.name == "save":
            save(judged, str(action.value or ""), path, confirmed=action.confirmed)
        elif action.name == "run":
            models = running.create_all(current().workbench, judged, actor=actor())
            start([model.id for model in models], after if family == first else "/runs")
        return None

    app.clientside_callback(
        ClientsideFunction("trellis", "address_told"), Output("layered-link", "storage_type"), Input("layered-link", "data"),
        prevent_initial_call=True,
    )  # fmt: skip


def save(judged: Judged, name: str, path: str, *, confirmed: bool) -> None:
    """Save what is chosen and show it; one's own experiment of that name is replaced only with a yes. Raises CommandError."""
    try:
        saved = running.save(current().workbench, judged, name, replace=confirmed)
    except NameTaken as error:
        ask_again(error.question, "layered-action", {"action": "save", "id": "", "value": name}, label="Replace")
        return
    notify(f"Saved as {saved.name}.")
    shell.go(setup.address(path, choice.Choice(judged.choice.family, {choice.EXPERIMENT: saved.stem})))


def start(model_ids: list[str], after: str, *, confirmed: bool = False) -> None:
    """Start runs of models that were made: one as its own page does, several in a queue. Raises CommandError."""
    workbench = current().workbench
    models = [workbench.state().models[id] for id in model_ids if id in workbench.state().models]
    if not models:
        raise CommandError("These models are not there any more.", code="not_found")
    if len(models) == 1:
        launch.ask_start(models[0].id)
        notify(f"Created {models[0].name}.")
        shell.go(f"/model/{models[0].id}/train")
        return
    try:
        running.start_all(workbench, models, actor=actor(), confirmed=confirmed)
    except NeedsConfirmation as error:
        ask_again(error.question, "layered-action", {"action": "start", "id": ",".join(model_ids)})
        return
    notify(f"Created {len(models)} models; they are trained one after the other.")
    shell.go(after)


def form_of(
    files: list, text: str | None, variant: str | None, overridden: bool | None, structural: bool | None, ids: list, family: str
) -> Choice:
    """What the controls hold."""
    named = {str(id["layer"]): stem or "" for id, stem in zip(ids, files, strict=True)}
    return choice.Choice(family, named, choice.overrides_of(text or ""), variant or "", bool(overridden), bool(structural))

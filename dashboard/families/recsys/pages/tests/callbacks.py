"""What a test's page does: cancel, run again, promote, delete, show a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Dash, Input, Output, State, no_update, set_props

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import Action, notify, read_action
from dashboard.components.dialog import applied
from dashboard.context import AppContext, actor, current
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.services import recommenders
from dashboard.families.recsys.pages.tests import examples, ids, test
from dashboard.families.recsys.pages.tests.mends import warning_of
from dashboard.families.recsys.pages.tests.start_callbacks import FAMILY
from dashboard.later import Later
from dashboard.live import launch

if TYPE_CHECKING:
    from dashboard.families.recsys import quick_test_views
    from dashboard.families.recsys.pages.tests import start_view
else:
    start_view = Later("dashboard.families.recsys.pages.tests.start_view")
    quick_test_views = Later("dashboard.families.recsys.quick_test_views")


def register(app: Dash) -> None:
    """Add the callbacks of a test's page."""

    @app.callback(
        Output("live-asked", "data", allow_duplicate=True), Input(ids.ACTION, "data"), State(ids.OF, "data"), prevent_initial_call=True
    )
    @needs("train")
    def do(data: Any, run_id: str) -> Any:
        action = read_action(data)
        if action is None:
            return no_update
        if action.name == "cancel":
            pressed = test.cancel_button(current().workbench.state().runs[run_id], stopping=True)
            set_props("recsys-test-cancel", {"disabled": True, "children": pressed.children})
        return act_on(current(), actor(), run_id, action)

    @app.callback(Output(examples.SHOWN, "children"), Input(examples.CHOSEN, "value"), State(ids.OF, "data"), prevent_initial_call=True)
    @needs("read")
    def show_customer(place: str | None, run_id: str) -> Any:
        workbench = current().workbench
        told = quick_test_views.results_of(workbench, workbench.state().runs[run_id])
        return no_update if not told or place is None else examples.example(told["examples"][int(place)])


def act_on(context: AppContext, who: str, run_id: str, action: Action) -> Any:
    """Do what a click on a test's page or in the list of tests means. Raises CommandError."""
    tests, workbench = recommenders(context.workbench).tests, context.workbench
    match action.name:
        case "cancel":
            tests.cancel(actor=who, key=action.id)
            return run_id
        case "resume":
            # at once, so that the page that is drawn next follows it
            launch.ask_resume(tests.resume(actor=who, key=action.id))
            shell.redraw()
        case "rerun":
            mode, _, new = str(action.value).partition(":")
            asked = {"key": action.id, "mode": mode, "confirmed": action.confirmed}
            run = launch.begin(workbench, who, family=FAMILY, way="rerun", asked=asked, run_id=new)
            shell.go(addresses.one_test(run.id))
        case "fix":
            run = tests.get(run_id)
            told = quick_test_views.results_of(workbench, run) or {}
            shell.go(start_view.like_with(context, who, run, warning_of(told["warnings"][int(action.id)])))
        case "promote":
            promote(context, who, run_id, action)
        case "delete":
            gone = tests.delete(actor=who, key=action.id)
            notify(f"Deleted test #{gone.number}.", undo=workbench.state().version)
            shell.go(addresses.TESTS)
    return no_update


def promote(context: AppContext, who: str, test_id: str, action: Action) -> None:
    """Make a model of a test, with what its dialog asks for. Raises CommandError."""
    given, (run_id, _, model_id) = applied(action), action.id.partition(":")
    tested = recommenders(context.workbench).tests.get(test_id)
    asked: dict[str, Any] = {"key": tested.id, "model_id": model_id, "epochs": given.get("epochs"), "confirmed": action.confirmed}
    if given.get("name"):
        asked["name"] = str(given["name"])
    if given.get("sample_percent") is not None and given["sample_percent"] != tested.payload["settings"].get("sample_percent"):
        asked["settings"] = {"sample_percent": given["sample_percent"]}
    run = launch.begin(context.workbench, who, family=FAMILY, way="promote", asked=asked, run_id=run_id)
    notify(f"Test #{tested.number} is a model now; it trains.")
    shell.go(f"/model/{run.subject.id}/train")

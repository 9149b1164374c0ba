"""Launching a run from a page: what takes long and ends, as a background callback in words, up to the run's first sign of life.

Whoever wants a run asks with `ask_start` or `ask_resume`; the stores of the frame keep the request, so that a page may
be left meanwhile. The run is a process of its own: a job that dies, a reload, a killed server end nothing but these
words, and pages follow by their poll. The request holds the id of the run to be: asked twice, one run starts.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, set_props
from dash.development.base_component import Component

from dashboard.acting import needs
from dashboard.background import carries_on, job_cancelled
from dashboard.components import act, icon, read_action
from dashboard.live.reader import standing_of
from workbench.commands.base import CommandError
from workbench.commands.confirming import NeedsConfirmation
from workbench.families import family, is_registered
from workbench.ids import new_id
from workbench.kinds import kind_of
from workbench.state import Kind, RunRecord, RunState

if TYPE_CHECKING:
    from workbench.workbench import Workbench

LOOK_SECONDS = 0.1
"""How often a job looks at the run it launched."""

PATIENT_AFTER_SECONDS, PATIENT_LOOK_SECONDS = 60.0, 1.0
"""After how long it looks less often, because the run waits for others, and how often then."""

WORDS_SECONDS = 0.3
"""Dash asks for a job's words and result this often."""

_KEPT_SECONDS = 3600.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Launch:
    """A request to launch.

    Attributes:
        key: unique; it tells jobs apart. kind: what to do; `contributed` is a way of starting that a family brings.
        run: the run to be, or the one to resume. model: whose it is, or the id of whatever else it is about.
        settings_of: an earlier run whose settings to use. confirmed: that somebody said yes to what is foreseen.
        family, way: whose way of starting, and its name there. asked: what that way is told, as JSON values.
    """

    key: str
    kind: Literal["start", "resume", "contributed"]
    run: str
    model: str
    settings_of: str | None = None
    family: str = ""
    way: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    confirmed: bool = False

    @classmethod
    def read(cls, data: Any) -> Launch | None:
        """A request as the browser sends it back, or None for anything malformed."""
        if not isinstance(data, Mapping) or data.get("kind") not in ("start", "resume", "contributed"):
            return None
        texts = {name: data.get(name) for name in ("key", "run", "model")}
        texts |= {name: data.get(name, "") for name in ("family", "way")}
        settings_of, asked = data.get("settings_of"), data.get("asked", {})
        if not all(isinstance(text, str) for text in texts.values()) or not isinstance(settings_of, str | None):
            return None
        if not isinstance(asked, Mapping):
            return None
        return cls(kind=data["kind"], settings_of=settings_of, asked=asked, confirmed=data.get("confirmed") is True, **texts)  # type: ignore[arg-type]


def ask_start(model_id: str, *, settings_of: str | None = None) -> str:
    """From a callback: launch a new run of the model; returns the id that the run will have."""
    run_id = new_id(Kind.RUN)
    _ask({"kind": "start", "run": run_id, "model": model_id, "settings_of": settings_of})
    return run_id


def ask_resume(run: RunRecord) -> None:
    """From a callback: launch the next attempt of a run."""
    _ask({"kind": "resume", "run": run.id, "model": run.subject.id})


def begin(workbench: Workbench, actor: str, *, family: str, way: str, asked: Mapping[str, Any], run_id: str) -> RunRecord:
    """From a callback: begin a run in a way that a family brings, now, so that its page is there; then launch it like any other.

    Args:
        way, asked: as of `Launch`. run_id: the id that the run gets; asked twice with one id, one run begins.

    Raises CommandError if it may not begin.
    """
    wanted = Launch("", "contributed", run_id, "", family=family, way=way, asked=asked)
    run = begun(workbench, wanted, actor)
    _ask({"kind": "contributed", "run": run.id, "model": run.subject.id, "family": family, "way": way, "asked": dict(asked)})
    return run


def _ask(request: Mapping[str, Any]) -> None:
    set_props("launch", {"data": {**request, "key": secrets.token_hex(8)}})


def stores() -> list[Component]:
    """What the frame keeps of launches: the request, whether its job is under way, its words, its end, and who cancelled."""
    names = ("launch", "launch-done", "launch-told", "launch-cancel", "launch-cancelled")
    return [*(dcc.Store(id=name) for name in names), dcc.Store(id="launching", data=False)]


def line(*, cancel: bool = True) -> Component:
    """Where a page says how the launch of its model's run gets on; hidden while there is none. `assets/live.js` writes it.

    Args:
        cancel: whether it has a button that cancels; a page whose own does that does without.
    """
    button = html.Button("Cancel", type="button", className="btn btn-outline-secondary btn-sm", **act("launch-cancel", "cancel"))
    words = html.Span(id="launch-words", className="live-words", role="status")
    return html.Div(
        [icon("hourglass-split"), words, *([button] if cancel else [])], id="launch-line", className="live-progress launch-line d-none"
    )


def register(app: Dash, manager: Any) -> None:
    """Add the callbacks of launching, once an app."""

    @app.callback(
        Output("launch-done", "data"), Input("launch", "data"), background=True, interval=int(WORDS_SECONDS * 1000),
        progress=[Output("launch-told", "data")], running=[(Output("launching", "data"), True, False)], prevent_initial_call=True,
    )  # fmt: skip
    @carries_on
    @needs("train")
    def launch(set_progress: Any, request: dict[str, Any] | None) -> Any:
        from dashboard.components import ask_again, notify_error
        from dashboard.context import actor, current
        from dashboard.failures import in_words

        wanted = Launch.read(request)
        if wanted is None:
            return None
        told = {"key": wanted.key, "model": wanted.model}
        try:
            run = carry_out(
                current().workbench,
                wanted,
                actor(),
                tell=lambda words: set_progress([{**told, "words": words}]),
                cancelled=lambda: bool(manager.handle.get(_cancelled(wanted.key))),
                over=job_cancelled,
            )
        except NeedsConfirmation as error:
            ask_again(error.question, "launch", {**request, "key": secrets.token_hex(8)} if request else {})
            return {**told, "refused": True}
        except Exception as error:
            message, hint = in_words(error)
            notify_error(message, hint, comes_along=True)
            return {**told, "refused": True}
        return {**told, "run": run.id if run else None}

    @app.callback(Output("launch-cancelled", "data"), Input("launch-cancel", "data"), State("launch", "data"), prevent_initial_call=True)
    @needs("train")
    def cancel(data: Any, request: Any) -> Any:
        from dashboard.context import actor, current

        wanted = Launch.read(request)
        if read_action(data) is None or wanted is None:
            return None
        # The mark first: a job that starts the run after this look finds it and stops the run again.
        manager.handle.set(_cancelled(wanted.key), True, expire=_KEPT_SECONDS)
        stop_if_active(current().workbench, wanted.run, actor())
        return wanted.key

    app.clientside_callback(
        ClientsideFunction("trellis", "launch_line"), Output("launch-line", "className"), Output("launch-words", "children"),
        Input("launching", "data"), Input("launch-told", "data"), Input("launch-cancelled", "data"), State("launch", "data"), State("live-target", "data"),
    )  # fmt: skip


def _cancelled(key: str) -> str:
    return f"launch-cancelled-{key}"


def carry_out(
    workbench: Workbench,
    wanted: Launch,
    actor: str,
    tell: Tell,
    cancelled: Callable[[], bool] = lambda: False,
    over: Callable[[], bool] = lambda: False,
) -> RunRecord | None:
    """Start or resume a run and wait for its first sign of life, saying what is being done.

    Args:
        tell: takes the words. cancelled: whether somebody has thought better of it.
        over: whether nobody can read the words any more, because the server ends; the run goes on.

    Returns the run, the one that was active already if somebody was faster, or None if it was cancelled before it began.
    Raises CommandError if it may not start.
    """
    tell("Checking data")
    run = begun(workbench, wanted, actor)
    if cancelled():
        stop_if_active(workbench, run.id, actor)
        return None
    said, cursor, asked_at = "", 0, time.monotonic()
    while run.state.active and not cancelled() and not over():
        words = launch_words(workbench, run)
        if words != said:
            tell(words)
            said = words
        page = workbench.runs.events(run.id, cursor)
        if any(event.kind in ("epoch", "progress") and event.attempt == run.attempt for event in page.items):
            break
        if not page.items:
            waited = time.monotonic() - asked_at
            time.sleep(LOOK_SECONDS if waited < PATIENT_AFTER_SECONDS else PATIENT_LOOK_SECONDS)
        cursor = page.next
        run = workbench.state().runs[run.id]
    return run


def begun(workbench: Workbench, wanted: Launch, actor: str) -> RunRecord:
    """The run of a request, started or resumed now unless that has been done. Raises CommandError."""
    known = workbench.state().runs.get(wanted.run)
    if known is not None and (wanted.kind != "resume" or known.state.active):
        return known
    try:
        if wanted.kind == "resume":
            return workbench.runs.resume(actor=actor, run_id=wanted.run)
        if wanted.kind == "contributed":
            return _contributed(workbench, wanted, actor)
        return workbench.runs.start(
            actor=actor, model_id=wanted.model, settings_of=wanted.settings_of, confirmed=wanted.confirmed, run_id=wanted.run
        )
    except CommandError:
        faster = workbench.state().runs.get(wanted.run) if wanted.kind == "contributed" else None
        active = faster or workbench.state().active_run(known.key if known else wanted.model)
        if active is None:
            raise
        # Another page or another person was faster: this is the run that they see, too.
        return active


def _contributed(workbench: Workbench, wanted: Launch, actor: str) -> RunRecord:
    ways = family(wanted.family).launches if is_registered(wanted.family) else {}
    if wanted.way not in ways:
        raise CommandError(f"There is no way {wanted.way!r} to start a run of {wanted.family!r}.", code="not_found")
    return ways[wanted.way].load()(workbench, actor=actor, run_id=wanted.run, asked=wanted.asked)


def launch_words(workbench: Workbench, run: RunRecord) -> str:
    """What a launched run does before its first sign of life."""
    if run.stop_requested_at is not None:
        return kind_of(run.subject.kind).run_words.stopping
    if run.state is RunState.QUEUED:
        return workbench.runs.waiting_words(run)
    standing = standing_of(workbench, run)
    return "Compiling" if standing is None else standing.words or "Starting"


def stop_if_active(workbench: Workbench, run_id: str, actor: str) -> None:
    """Ask a run to stop if it is there and goes on."""
    with workbench.store.transaction():
        run = workbench.state().runs.get(run_id)
    if run is not None and run.state.active:
        workbench.runs.request_stop(actor=actor, run_id=run_id)

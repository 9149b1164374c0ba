"""Small shared components: pure functions from plain values to Dash components.

    from dashboard.components import badge, button, card, empty_state, icon, stat, state_badge, time_of, wait_outline

Actions are delegated: a button carries what it means (`act("runs-action", "stop", run_id)`) and one listener in the
browser writes `{"action", "id", "value", "at"}` into the store named first, which one callback of the page reads.
So a page with a thousand rows has one callback, not a thousand. See `dashboard.components.action`.
"""

from dashboard.components.action import Action, act, read_action
from dashboard.components.basic import (
    again,
    badge,
    button,
    card,
    empty_state,
    icon,
    icon_button,
    link_button,
    page_header,
    parts_of_page,
    section,
    stat,
)
from dashboard.components.clock import time_of
from dashboard.components.outline import wait_outline
from dashboard.components.question import QUESTION, ask_again
from dashboard.components.runs import RUN_STATES, progress_bar, run_badge, state_badge, state_word
from dashboard.components.spark import spark_slot, thin_out
from dashboard.components.toast import notify, notify_error

__all__ = [
    "QUESTION", "RUN_STATES", "Action", "act", "again", "ask_again", "badge", "button", "card", "empty_state", "icon", "icon_button",
    "link_button", "notify", "notify_error", "page_header", "parts_of_page", "progress_bar", "read_action", "run_badge", "section", "spark_slot", "stat",
    "state_badge", "state_word", "thin_out", "time_of", "wait_outline",
]  # fmt: skip

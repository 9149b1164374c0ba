"""An uploaded table before it is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.families.recsys.pages.datasets import first, view
from dashboard.families.recsys.pages.datasets.first_callbacks import options_of
from recsys.data.first_look import first_look
from recsys.data.options import TableOptions
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.trees import having, text_of
from workbench.commands.base import CommandError


@pytest.fixture
def content() -> bytes:
    """A table whose dates may have the day or the month first."""
    return "\n".join(["who,what,when", *(f"u{n % 7},i{n % 5},0{n % 9 + 1}/04/2024" for n in range(120))]).encode()


def chosen(**columns: tuple[str, str]) -> dict[str, Any]:
    """What the selectors give: (type, role) by column."""
    ids = [{"column": column} for column in columns]
    types, roles = ([pair[place] for pair in columns.values()] for place in (0, 1))
    return options_of(types, ids, roles, ids, ["auto", "auto"], [{"option": "delimiter"}, {"option": "encoding"}])


def test_a_file_that_was_sent_has_a_page_and_one_that_is_gone_has_none(bench: Any, content: bytes) -> None:
    made = bench.datasets.uploads.add("Sales.csv", content)
    shown = text_of(view.render_new(context_of(bench), {"upload": made.id}))
    assert "Sales.csv" in shown
    assert "Nothing is imported yet" in shown
    bench.datasets.uploads.remove(made.id)
    with pytest.raises(CommandError, match="no longer here"):
        view.render_new(context_of(bench), {"upload": made.id})


def test_only_what_was_chosen_becomes_an_option() -> None:
    asked = chosen(who=("", "user_id"), what=("text", "auto"), when=("auto", "auto"))
    assert asked == {"delimiter": "auto", "encoding": "auto", "types": {"what": "text"}, "roles": {"who": "user_id"}}
    assert chosen(who=("", "")) == {"delimiter": "auto", "encoding": "auto"}


def test_every_column_has_a_type_and_a_role_to_choose_and_its_problem_beside_it(bench: Any, content: bytes) -> None:
    made = bench.datasets.uploads.add("Sales.csv", content)
    options = TableOptions(types={"what": "numeric"}, roles={"who": "user_id", "what": "item_id"})
    found = first_look(made.path, options)
    shown = first.columns(found, {"what": "numeric"}, {"who": "user_id", "what": "item_id"})
    selects = having(shown, size="sm")
    assert [(s.id["type"], s.id["column"], s.value) for s in selects] == [
        (first.TYPE, "who", "auto"), (first.ROLE, "who", "user_id"), (first.TYPE, "what", "numeric"), (first.ROLE, "what", "item_id"),
        (first.TYPE, "when", "auto"), (first.ROLE, "when", "auto"),
    ]  # fmt: skip
    rows = {text_of(row)[:4]: text_of(row) for row in having(shown, scope="row")}
    assert "cannot be read as numeric" in rows["what"]
    assert "may have the day or the month first" in rows["when"]


def test_what_was_chosen_is_what_is_imported_and_the_file_goes(bench: Any, content: bytes) -> None:
    made = bench.datasets.uploads.add("Sales.csv", content)
    options = chosen(who=("", "user_id"), what=("", "item_id"), when=("temporal_day_first", ""))
    record = bench.datasets.import_uploaded(actor="me", upload=made.id, name="Mine", family="recsys", options=options).record
    facts = bench.datasets.facts(record.id)
    assert facts.dates == ("2024-04-01", "2024-04-09")
    assert facts.original == "Sales.csv"
    assert not Path(made.path).exists()


def test_an_import_that_is_refused_keeps_the_file(bench: Any, content: bytes) -> None:
    made = bench.datasets.uploads.add("Sales.csv", content)
    with pytest.raises(ValueError, match="cannot be read as boolean"):
        bench.datasets.import_uploaded(actor="me", upload=made.id, name="Mine", family="recsys", options=chosen(who=("boolean", "")))
    assert made.path.exists()

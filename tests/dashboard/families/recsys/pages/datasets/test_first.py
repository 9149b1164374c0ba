"""An uploaded table before it is imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.context import AppContext
from dashboard.families.recsys.pages.datasets import first, view
from dashboard.families.recsys.pages.datasets.first_callbacks import options_of
from recsys.data.first_look import first_look
from recsys.data.options import TableOptions
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.trees import having, text_of
from workbench.commands.base import CommandError
from workbench.settings import Settings
from workbench.workbench import Workbench


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


@pytest.fixture
def below(home: Path, tmp_path: Path) -> Iterator[AppContext]:
    """A workbench with a folder of datasets that holds one table."""
    folder = tmp_path / "data"
    (folder / "shop").mkdir(parents=True)
    rows = [f"u{n % 7},i{n % 5},{n % 5 + 1}" for n in range(120)]
    (folder / "shop" / "sales 1.csv").write_text("\n".join(["who,what,stars", *rows]))
    settings = Settings.load(home=home, data=folder)
    opened = Workbench.open(settings)
    yield AppContext(lambda: opened, settings)
    opened.close()


def test_a_file_of_the_servers_folder_has_the_same_page(below: AppContext) -> None:
    shown = view.render_new(below, {"path": "shop/sales 1.csv"})
    assert "sales 1.csv" in text_of(shown)
    assert "'path': 'shop/sales 1.csv'" in str(shown)
    assert "Throw away" not in text_of(shown)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("shop/none.csv", "There is no file"),
        ("shop", "There is no file"),
        ("../etc/passwd", "is not a path below"),
        ("/etc/passwd", "is not a path below"),
    ],
)
def test_an_address_that_names_no_file_below_it_is_refused(below: AppContext, path: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        view.asked_for(below, {"path": path})


def test_a_file_that_is_refused_unread_is_not_said_to_be_empty(tmp_path: Path) -> None:
    small = tmp_path / "small.csv"
    small.write_text("who,what\n" + "u,i\n" * 60)
    found = first_look(small, TableOptions())
    assert "at least 100 are needed" in text_of(first.columns(found, {}, {}))
    assert text_of(first.rows(found)) == "There are none to show of a file that cannot be imported."

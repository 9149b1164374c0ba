"""`trellis gc`: what lies about for nothing, shown, and cleared away when told so."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from workbench.cleaning.clearing import Plan, clear, plan
from workbench.cleaning.leftovers import COMPILED_MIB, Leftover, What
from workbench.cleaning.sizes import bytes_words
from workbench.cli.opening import actor, opened
from workbench.cli.output import FAILED, AsJson, console, print_json, print_table, say
from workbench.clock import to_text

_SORTS: dict[What, str] = {
    "orphan": "belongs to no row", "temporary": "cut short", "upload": "upload of nobody", "compiled": "compiled programs",
}  # fmt: skip


def gc(
    older_than: Annotated[
        float, typer.Option(min=0, max=36500, metavar="DAYS", help="How many days ago things must have been deleted.")
    ] = 30,
    compiled_mib: Annotated[
        int, typer.Option(min=0, help="What compiled programs may take; those used longest ago go first.")
    ] = COMPILED_MIB,
    yes: Annotated[bool, typer.Option("--yes", help="Clear it away for good.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show it, as without --yes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what could be cleared away, and with --yes do it: what was deleted long ago, files of no row, cut-off writes, old compiled programs.

    Removes records and their files, never what something else still needs, and nothing of the journal.
    """
    if yes and dry_run:
        raise typer.BadParameter("say either --yes or --dry-run")
    with opened() as workbench:
        planned = plan(workbench, older_than, compiled_mib * 2**20)
        cleared = clear(workbench, planned, actor=actor()) if yes else None
    if as_json:
        print_json({**_values(planned), "cleared": None if cleared is None else dataclasses.asdict(cleared)})
    else:
        _print(planned, older_than)
        if cleared is not None:
            console().print(Text(f"Cleared: records {cleared.records}, files and folders {cleared.places}, {bytes_words(cleared.bytes)}."))
    if cleared is not None and cleared.problems:
        for problem in cleared.problems:
            say(problem)
        raise typer.Exit(FAILED)
    if cleared is None and not as_json and (planned.deleted or planned.leftovers):
        say("Nothing was changed. Give --yes to clear it away for good.")


def _print(planned: Plan, days: float) -> None:
    rows = [("deleted", each.words, each.deleted_at[:10] or "with its model", bytes_words(each.bytes)) for each in planned.deleted]
    rows += [
        (_SORTS[each.what], each.place.name, _day(each), bytes_words(each.bytes)) for each in planned.leftovers if each.what != "compiled"
    ]
    programs = [each for each in planned.leftovers if each.what == "compiled"]
    if programs:
        size = bytes_words(sum(each.bytes for each in programs))
        rows.append((_SORTS["compiled"], f"{len(programs)} files", f"until {max(map(_day, programs))}", size))
    print_table(("What", "Which", "Since", "Size"), rows, f"Nothing to clear away that is older than {days:g} days.")
    for what, why in planned.stays:
        say(f"{what} stays: {why}.")
    if rows:
        console().print(
            Text(f"In all: deleted records {len(planned.deleted)}, leftovers {len(planned.leftovers)}, {bytes_words(planned.bytes)}.")
        )


def _day(left: Leftover) -> str:
    return to_text(datetime.fromtimestamp(left.changed, UTC))[:10]


def _values(planned: Plan) -> dict[str, object]:
    deleted = [
        {"kind": each.key[0], "id": each.key[1], "words": each.words, "deleted_at": each.deleted_at or None, "bytes": each.bytes}
        for each in planned.deleted
    ]
    left = [{"what": each.what, "path": each.place.name, "bytes": each.bytes, "why": each.why} for each in planned.leftovers]
    stays = [{"words": what, "why": why} for what, why in planned.stays]
    return {"before": planned.before, "bytes": planned.bytes, "deleted": deleted, "stays": stays, "leftovers": left}

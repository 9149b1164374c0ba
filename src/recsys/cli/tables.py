"""`trellis data look`, `columns` and `split-preview`: what is in a table of interactions, and what a split makes of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from recsys.cli.test_actions import given_settings
from recsys.data.first_look import look_values
from recsys.data.looks import distinct_words, missing_words, range_words, value_words
from recsys.data.options import TableOptions
from recsys.service import RecommenderService
from recsys.services.tables import SPLIT_SETTINGS
from recsys.trial import TrialSettings
from workbench.cli.field_options import field_options, given_fields
from workbench.cli.opening import find_dataset, opened
from workbench.cli.output import AsJson, print_json, print_pairs, print_table, say
from workbench.commands.base import CommandError
from workbench.fields import field_specs

Dataset = Annotated[str, typer.Argument(metavar="ID", help="The dataset's id or name.")]


class SplitCommand(TyperCommand):
    """A command with an option for every setting of a test that says which rows are in which part."""

    def get_params(self, ctx: Any) -> list[Any]:
        specs = [spec for spec in field_specs(TrialSettings) if spec.name in SPLIT_SETTINGS]
        return [*super().get_params(ctx), *field_options((spec, spec.meta.help) for spec in specs)]


class LookCommand(TyperCommand):
    """A command with an option for every option of reading a table."""

    def get_params(self, ctx: Any) -> list[Any]:
        return [*super().get_params(ctx), *field_options((s, s.meta.help) for s in field_specs(TableOptions))]


def look(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or a Parquet file.")],
    as_json: AsJson = False,
) -> None:
    """Show what importing a table would make of it: types, roles, what is odd and what is in the way. Nothing is kept."""
    with opened() as workbench:
        found = RecommenderService(workbench).tables.first_look(path, given_fields(context))
    if as_json:
        print_json(look_values(found))
    elif found.facts is not None:
        rows = [
            (
                c.column,
                c.data_type,
                c.role,
                _count(c.stats.nulls),
                _count(c.stats.cardinality),
                range_words(c.stats),
            )
            for c in found.facts.columns
        ]
        print_table(("Column", "Type", "Role", "Missing", "Distinct", "Range"), rows, "No columns.")
        for line in (f"{found.facts.rows:,} rows.", *(notice.message for notice in found.facts.notices)):
            say(line)
        for line in found.left_out:
            say(f"Left out: {line}.")
    if found.problems:
        raise CommandError(
            " ".join(found.problems.values()),
            next(iter(found.problems)) or "file",
            "Nothing can be imported as it is.",
        )


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def columns(dataset: Dataset, as_json: AsJson = False) -> None:
    """Show figures of every column of a table of interactions."""
    with opened() as workbench:
        found = RecommenderService(workbench).tables.columns(find_dataset(workbench, dataset).id)
    if as_json:
        print_json([asdict(column) for column in found])
        return
    rows = [
        (f.column, f.data_type, f.role, missing_words(f), distinct_words(f), value_words(f)) for f in found
    ]
    print_table(("Column", "Type", "Role", "Missing", "Distinct", "Values"), rows, "No columns.")


def split_preview(context: typer.Context, dataset: Dataset, as_json: AsJson = False) -> None:
    """Show how many rows each part of a split would have, and how much of the test part is new."""
    settings = given_settings(context)
    with opened() as workbench:
        found = RecommenderService(workbench).tables.divided(find_dataset(workbench, dataset).id, settings)
    if as_json:
        print_json({"split": found.words, **asdict(found.preview)})
        return
    told = found.preview
    parts = [(part.capitalize(), f"{getattr(told, part):,} rows") for part in ("train", "validation", "test")]
    unused = [
        (f"Unused, {reason.replace('_', ' ')}", f"{rows:,} rows")
        for reason, rows in told.unused.items()
        if rows
    ]
    cold = [(name, share) for name, share in (("New users", told.cold_users), ("New items", told.cold_items))]
    shares = [(name, f"{share:.1%} of the test rows") for name, share in cold if share is not None]
    print_pairs([("Split", found.words), *parts, *unused, *shares])

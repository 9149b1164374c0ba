"""The commands that feature configurations and model configurations have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from recsys.cli import differing
from recsys.cli.finding import GROUPS, find_config
from recsys.service import RecommenderService
from recsys.services.configs import Configs
from workbench.cli.opening import actor, opened
from workbench.cli.output import AsJson, print_json, print_table, say
from workbench.kinds import kind_of
from workbench.workbench import Workbench

Reference = Annotated[str, typer.Argument(metavar="CONFIG", help="Its id, number or name.")]


def add_common(
    app: typer.Typer,
    kind: str,
    of: Callable[[RecommenderService], Configs[Any]],
    values: Callable[[Workbench, Any], dict[str, Any]],
    in_words: Callable[[Mapping[str, Any]], dict[str, str]],
) -> None:
    """Add clone, delete, restore and versions to a group.

    Args:
        of: the service's part for this kind. values: a record as JSON values. in_words: what a version says, label -> words.
    """
    word, group = kind_of(kind).word, GROUPS.get(kind, "recommenders")

    @app.command("clone")
    def clone(
        config: Reference,
        name: Annotated[str | None, typer.Option(help="The copy's name; made up if not given.")] = None,
        as_json: AsJson = False,
    ) -> None:
        with opened() as workbench:
            source = find_config(workbench, kind, config)
            made = of(RecommenderService(workbench)).clone(actor=actor(), key=source.id, name=name)
            tell(workbench, made, f"Cloned as {made.name} (#{made.number}).", values, as_json=as_json)

    @app.command("delete")
    def delete(config: Reference, as_json: AsJson = False) -> None:
        with opened() as workbench:
            record = of(RecommenderService(workbench)).delete(
                actor=actor(), key=find_config(workbench, kind, config).id
            )
        if as_json:
            print_json({"id": record.id, "deleted_at": record.deleted_at})
        else:
            say(f"Deleted {record.name}. `trellis {group} restore {record.number}` brings it back.")

    @app.command("restore")
    def restore(
        config: Reference,
        version: Annotated[int | None, typer.Option(min=1, help="Make this version the newest.")] = None,
        as_json: AsJson = False,
    ) -> None:
        with opened() as workbench:
            configs = of(RecommenderService(workbench))
            record = find_config(workbench, kind, config, deleted=version is None)
            if version is None:
                record = configs.restore(actor=actor(), key=record.id)
                words = f"{record.name} is back."
            else:
                before = record
                record = configs.restore_version(actor=actor(), key=record.id, version=version)
                said = f"{record.name} says what version {version} said, as version {record.version}."
                words = outcome(before, record, said)
            tell(workbench, record, words, values, as_json=as_json)

    @app.command("versions")
    def versions(
        config: Reference,
        since: Annotated[
            int | None, typer.Option(min=1, help="Show what changed since this version instead.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        with opened() as workbench:
            configs, record = of(RecommenderService(workbench)), find_config(workbench, kind, config)
            found = configs.versions(record.id)
            changes = [] if since is None else configs.diff(record.id, since, record.version)
        if since is not None:
            if as_json:
                print_json([dataclasses.asdict(change) for change in changes])
                return
            said = {version.version: version.config for version in found}
            then, now = in_words(said[since]), in_words(said[record.version])
            heads = ("Setting", f"Version {since}", f"Version {record.version}")
            print_table(heads, differing.rows((then, now)), "Nothing changed.")
        elif as_json:
            print_json([version.model_dump(mode="json") for version in found])
        else:
            rows = [(str(v.version), v.at, v.by, v.content_hash[:12]) for v in found]
            print_table(("Version", "Stored", "By", "Hash"), rows, "No versions.")

    clone.__doc__ = f"Make a copy of a {word}."
    delete.__doc__ = f"Delete a {word}; tests that used it stay as they are."
    restore.__doc__ = f"Bring a deleted {word} back, or an earlier version of one."
    versions.__doc__ = f"List the versions of a {word}, newest first, or what changed since one."


def outcome(before: Any, after: Any, words: str) -> str:
    """What a change to a configuration came to; one that says what it said before has not changed."""
    moved = {"updated_at"}
    same = before.model_dump(exclude=moved) == after.model_dump(exclude=moved)
    return f"Nothing changed. {after.name} is at version {after.version}." if same else words


def tell(
    workbench: Workbench,
    record: Any,
    words: str,
    values: Callable[[Workbench, Any], dict[str, Any]],
    *,
    as_json: bool,
) -> None:
    """Say what was done to a configuration, or print it as JSON."""
    if as_json:
        print_json(values(workbench, record))
    else:
        say(words)

"""`trellis export`: a model's weights, configuration, report and whatever else its family gives, as a file."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import Annotated

import typer

from workbench.artefacts import writing
from workbench.cli.opening import find_model, opened
from workbench.cli.output import AsJson, error_console, print_json, print_table, say
from workbench.cli.places import Force, free_place
from workbench.services import exports


def export(
    model: Annotated[str, typer.Argument(help="The model's id, number or name.")],
    what: Annotated[str | None, typer.Argument(help="What to write; without it, what there is is listed.")] = None,
    part: Annotated[str, typer.Option(help="A part of the data, for exports that have parts; the first without.")] = "",
    out: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The file, or a folder (one that is there, or ends in /) for one named after the model; this folder without.",
        ),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write something of a model to a file, or list what there is, with sizes and what stands in the way."""
    with opened() as workbench:
        record = find_model(workbench, model)
        if what is not None and out is None:
            _refuse_path(model, what, {export.name for export in exports.exports_of(record)})
        if what is None:
            _list(exports.offers(workbench, record.id), as_json=as_json)
            return
        found = exports.offer(workbench, record.id, what, part).export
        place = free_place(_place(out, exports.file_name(record, found, part)), workbench.settings, force=force)
        with error_console().status(f"Writing {place.name}") as status:
            made = exports.make(
                workbench, record.id, what, part, progress=lambda done, total: status.update(f"Writing {place.name}: {done:,} of {total:,}")
            )
        with made.open("rb") as source, writing(place) as file:
            shutil.copyfileobj(source, file)
        size = place.stat().st_size
    if as_json:
        print_json({"file": str(place), "bytes": size})
    else:
        say(f"{size:,} bytes written to {place}.")


def _refuse_path(model: str, what: str, names: set[str]) -> None:
    """Raises typer.BadParameter where a file is named in the place of what to write, with how it is said."""
    given = Path(what)
    if what not in names and (len(given.parts) > 1 or given.is_dir()):
        name = given.name if given.name in names else "WHAT"
        raise typer.BadParameter(f"{what} is a path; `trellis export {model} {name} --out {shlex.quote(what)}` writes there")


def _place(out: str | None, name: str) -> Path:
    """Where a file of that name goes: the path that is given, or below it if it is a folder, which one that ends in / is to be."""
    given = Path(out or "")
    folder = given.is_dir() or (out or "").endswith(("/", os.sep))
    return given / name if folder else given


def _list(found: tuple[exports.Offer, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([exports.plain(offer) for offer in found])
        return
    rows = [
        (offer.export.name, offer.export.title, exports.size_words(offer.size), ", ".join(offer.export.parts), offer.reason)
        for offer in found
    ]
    print_table(("What", "Title", "Size", "Parts", "Why not"), rows, "Nothing can be exported.")

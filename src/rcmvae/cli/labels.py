"""`trellis labels`: what a model may see, set, cleared, imported and exported, and its classes."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from rcmvae.holding import held
from rcmvae.labels.csv import Vocabulary
from rcmvae.labels.service import LabelService
from workbench.artefacts import write_atomic
from workbench.cli.opening import actor, find_model, opened
from workbench.cli.output import AsJson, print_json, print_table, say
from workbench.cli.places import Force, free_place
from workbench.commands.base import CommandError
from workbench.commands.rules import refuse
from workbench.fields import FieldProblem
from workbench.state import ModelRecord

app = typer.Typer(help="Labels of a model: set, clear, import, export, and the names of its classes.", no_args_is_help=True)

Model = Annotated[str, typer.Argument(help="The model's id, number or name.")]


@app.command("set")
def set_labels(
    model: Model,
    labels: Annotated[list[str], typer.Argument(metavar="SAMPLE=CLASS...", help="As in 12=cat; a class's name or number.")],
    as_json: AsJson = False,
) -> None:
    """Label samples; all of them, or none."""
    with opened() as bench:
        record = find_model(bench, model)
        wanted = _assignments(record, labels)
        LabelService(bench).set(actor=actor(), model_id=record.id, labels=wanted)
    if as_json:
        print_json({"labelled": {str(index): held(record).class_names[label] for index, label in wanted.items()}})
    else:
        say(f"{_count(len(wanted), 'sample')} of {record.name} labelled.")


@app.command("clear")
def clear_labels(
    model: Model,
    samples: Annotated[list[int] | None, typer.Argument(metavar="SAMPLE...", help="Samples to take the label from.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Take away every label of the model.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take labels away; of samples that have none nothing changes."""
    if everything == bool(samples):
        raise CommandError("Name samples, or give --all.", "samples")
    with opened() as bench:
        record, service = find_model(bench, model), LabelService(bench)
        had = service.of(record.id)
        chosen = tuple(had) if everything else tuple(samples or ())
        cleared = sum(index in had for index in set(chosen))
        if chosen:
            service.clear(actor=actor(), model_id=record.id, indices=chosen)
    if as_json:
        print_json({"cleared": cleared})
    else:
        say(f"{_count(cleared, 'label')} of {record.name} cleared.")


@app.command("import")
def import_labels(
    model: Model,
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns index,label; - reads standard input.")],
    as_json: AsJson = False,
) -> None:
    """Set labels from a CSV file. Every bad line is listed, and then nothing is applied."""
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror or error}.", "file") from error
    with opened() as bench:
        record = find_model(bench, model)
        count = LabelService(bench).import_csv(actor=actor(), model_id=record.id, content=content)
    if as_json:
        print_json({"labelled": count})
    else:
        say(f"{_count(count, 'sample')} of {record.name} labelled.")


@app.command("export")
def export_labels(
    model: Model,
    out: Annotated[Path | None, typer.Option(help="A file; without one, CSV goes to standard output.")] = None,
    proposals: Annotated[bool, typer.Option("--proposals", help="Also what proposed each sample; not for import.")] = False,
    force: Force = False,
) -> None:
    """Write a model's labels as CSV, classes by name; `import` reads it back."""
    with opened() as bench:
        record = find_model(bench, model)
        place = None if out is None else free_place(out, bench.settings, force=force)
        text = LabelService(bench).export_csv(record.id, proposals=proposals)
    if place is None:
        sys.stdout.write(text)
        return
    write_atomic(place, text.encode())
    say(f"{_count(text.count(chr(10)) - 1, 'label')} of {record.name} written to {out}.")


@app.command("names")
def names(
    model: Model,
    add: Annotated[str | None, typer.Option(help="Add a class of this name.")] = None,
    rename: Annotated[tuple[str, str] | None, typer.Option(metavar="CLASS NAME", help="Give a class another name.")] = None,
    merge: Annotated[tuple[str, str] | None, typer.Option(metavar="CLASS INTO", help="Make one class of two: the second.")] = None,
    as_json: AsJson = False,
) -> None:
    """The classes of a model and how many labels each has; adds one, renames one, merges two."""
    with opened() as bench:
        record, service = find_model(bench, model), LabelService(bench)
        if add is not None:
            service.add_name(actor=actor(), model_id=record.id, name=add)
        if rename is not None:
            service.rename_class(actor=actor(), model_id=record.id, number=_class_of(record, rename[0]), name=rename[1])
        if merge is not None:
            number, into = (_class_of(record, name) for name in merge)
            service.merge_classes(actor=actor(), model_id=record.id, number=number, into=into)
        classes = service.names(record.id)
    if as_json:
        print_json([dataclasses.asdict(each) for each in classes])
        return
    rows = [
        (str(each.number), each.name, f"{each.labels:,}" if each.merged_into is None else f"merged into {classes[each.merged_into].name}")
        for each in classes
    ]  # fmt: skip
    print_table(("Number", "Class", "Labels"), rows, "The model has no classes.")


def _assignments(model: ModelRecord, texts: list[str]) -> dict[int, int]:
    vocabulary = Vocabulary(held(model).class_names)
    wanted: dict[int, int] = {}
    problems: list[FieldProblem] = []
    for text in texts:
        index, equals, name = text.partition("=")
        if not (equals and index.isascii() and index.isdigit() and len(index) < 10 and name.strip()):
            problems.append(FieldProblem(text[:40], "is not SAMPLE=CLASS, as in 12=cat", text[:40]))
            continue
        found = vocabulary.find(name)
        if isinstance(found, str):
            problems.append(FieldProblem(text[:40], found, name[:40]))
        elif wanted.setdefault(int(index), found) != found:
            problems.append(FieldProblem(text[:40], f"sample {int(index)} has another class before", text[:40]))
    refuse(problems)
    return wanted


def _class_of(model: ModelRecord, name: str) -> int:
    found = Vocabulary(held(model).class_names).find(name)
    if isinstance(found, str):
        raise CommandError(f"{found[:1].upper()}{found[1:]}.", "class")
    return found


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"

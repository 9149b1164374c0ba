"""`trellis features`: which columns of a dataset become what in both towers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from recsys.cli.config_verbs import Reference, add_common, outcome, tell
from recsys.cli.differing import features_in_words
from recsys.cli.documents import named_after, read_document
from recsys.cli.finding import find_config
from recsys.features.config import TOWERS
from recsys.features.defaults import LeftOut, Suggestion
from recsys.features.dims import TensorDims, tensor_dims
from recsys.features.shipped import SHIPPED
from recsys.records import FEATURES, FeatureConfigRecord
from recsys.service import RecommenderService
from workbench.cli.opening import actor, find_dataset, opened
from workbench.cli.output import AsJson, print_json, print_pairs, print_table, say
from workbench.commands.base import CommandError
from workbench.fields import closest
from workbench.workbench import Workbench

app = typer.Typer(
    help="Feature configurations: what columns become in both towers.", invoke_without_command=True
)

NO_TARGET = "none"
Name = Annotated[str | None, typer.Option(help="Its name, unique among those of the dataset.")]
Description = Annotated[str | None, typer.Option(help="A few words about it.")]
TargetColumn = Annotated[
    str | None, typer.Option("--target", metavar="COLUMN", help=f"What is rated; {NO_TARGET} for nothing.")
]


@app.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List feature configurations."""
    if context.invoked_subcommand is None:
        list_features(as_json=as_json)


@app.command("list")
def list_features(
    data: Annotated[str | None, typer.Option(help="Only those of this dataset.")] = None,
    as_json: AsJson = False,
) -> None:
    """List feature configurations, the latest change first."""
    with opened() as workbench:
        features = RecommenderService(workbench).features
        found = (
            features.list()
            if data is None
            else features.of_dataset(find_dataset(workbench, data, deleted=True).id)
        )
        if as_json:
            print_json([values(workbench, record) for record in found])
            return
        names = {id: dataset.name for id, dataset in workbench.state().datasets.items()}
    rows = [
        (
            f"#{r.number}", r.name, names[r.dataset_id], str(r.dims["buyer"]["total"]),
            str(r.dims["product"]["total"]), _target(r) or "–", str(r.version),
        )
        for r in found
    ]  # fmt: skip
    heads = ("No.", "Name", "Dataset", "Buyer", "Product", "Target", "Version")
    print_table(heads, rows, "No feature configs yet. `trellis features create --data retail` makes one.")


@app.command("show")
def show(config: Reference, as_json: AsJson = False) -> None:
    """Show one: what it is for, and what each tensor adds to its tower."""
    with opened() as workbench:
        record: FeatureConfigRecord = find_config(workbench, FEATURES, config)
        if as_json:
            print_json(values(workbench, record))
            return
        dataset = workbench.state().datasets[record.dataset_id]
        tests = RecommenderService(workbench).features.tests(record.id)
    pairs = [
        ("Name", record.name),
        ("Id", f"{record.id} (#{record.number})"),
        ("Dataset", f"{dataset.name} ({dataset.id})"),
        ("Target", _target(record) or "none"),
        ("Version", f"{record.version}, hash {record.content_hash[:12]}"),
        ("Tests", ", ".join(f"#{test.number}" for test in tests) or "none"),
        ("Description", record.description),
    ]
    print_pairs([(name, value) for name, value in pairs if value])
    _print_dims(tensor_dims(record.features))


@app.command("create")
def create(
    data: Annotated[
        str | None, typer.Option(help="The dataset; with --clone the source's if not given.")
    ] = None,
    shipped: Annotated[
        str | None, typer.Option("--from", metavar="NAME", help=f"Start from: {', '.join(SHIPPED)}.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Start from a JSON or YAML file, - for standard input.")
    ] = None,
    clone: Annotated[str | None, typer.Option(metavar="CONFIG", help="Start from another one.")] = None,
    target: TargetColumn = None,
    history: Annotated[
        bool, typer.Option("--history", help="With smart defaults: add what a buyer took before.")
    ] = False,
    name: Name = None,
    description: Description = None,
    as_json: AsJson = False,
) -> None:
    """Make one: from the smart defaults of a dataset, or from what an option names."""
    if sum(start is not None for start in (shipped, file, clone)) > 1:
        raise typer.BadParameter("--from, --file and --clone exclude each other")
    if history and (shipped or file or clone):
        raise typer.BadParameter("--history goes with smart defaults alone")
    if data is None and clone is None:
        raise typer.BadParameter("--data is missing, for example --data retail")
    with opened() as workbench:
        service = RecommenderService(workbench).features
        left_out: tuple[LeftOut, ...] = ()
        source = None if clone is None else find_config(workbench, FEATURES, clone)
        dataset_id = find_dataset(workbench, data).id if data is not None else _dataset_of(source)
        if source is not None:
            document, called = source.config, f"{source.name} (copy)"
        elif file is not None:
            document, called = read_document(file), named_after(file)
        elif shipped is not None:
            document, called = _shipped(shipped), shipped
        else:
            suggestion = service.smart_defaults(dataset_id)
            document, called = _smart(suggestion, history=history), service.smart_name(dataset_id)
            left_out = suggestion.left_out
        made = service.create(
            actor=actor(), dataset_id=dataset_id, name=called if name is None else name,
            document=_with_target(document, target), description=description or "",
        )  # fmt: skip
        dims = f"buyer {made.dims['buyer']['total']}, product {made.dims['product']['total']} dimensions"
        words = [f"Created {made.name} (#{made.number}): {dims}.", *(column.words for column in left_out)]
        tell(workbench, made, "\n".join(words), values, as_json=as_json)


@app.command("edit")
def edit(
    config: Reference,
    file: Annotated[
        Path | None, typer.Option(help="A JSON or YAML file; what it does not name stays.")
    ] = None,
    target: TargetColumn = None,
    name: Name = None,
    description: Description = None,
    expected_version: Annotated[
        int | None, typer.Option(min=1, help="Refuse unless this is its version.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change one. Tests that used it keep what they used."""
    if all(given is None for given in (file, target, name, description)):
        raise typer.BadParameter("nothing to change: give --file, --target, --name or --description")
    with opened() as workbench:
        record = find_config(workbench, FEATURES, config)
        document = None if file is None else read_document(file)
        if target is not None:
            document = _with_target(document or {}, target)
        changed = RecommenderService(workbench).features.update(
            actor=actor(), key=record.id, name=name, document=document, description=description,
            expected_version=expected_version,
        )  # fmt: skip
        words = outcome(record, changed, f"{changed.name} is at version {changed.version}.")
        tell(workbench, changed, words, values, as_json=as_json)


@app.command("dims")
def dims(
    config: Annotated[
        str | None, typer.Argument(metavar="CONFIG", help="Its id, number or name; or give --file.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A JSON or YAML file that nobody stored.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how wide both towers' inputs are, tensor by tensor."""
    if (config is None) == (file is None):
        raise typer.BadParameter("give either a CONFIG or --file")
    if file is not None:
        from recsys.features.draft import read_draft

        found = tensor_dims(read_draft(read_document(file)).config())
    else:
        assert config is not None
        with opened() as workbench:
            found = tensor_dims(find_config(workbench, FEATURES, config).features)
    if as_json:
        print_json(asdict(found))
    else:
        _print_dims(found)


@app.command("defaults")
def defaults(
    data: Annotated[str, typer.Argument(metavar="DATASET", help="The dataset's id or name.")],
    as_json: AsJson = False,
) -> None:
    """Show the smart defaults of a dataset; as JSON, what `create --file` takes."""
    with opened() as workbench:
        suggestion = RecommenderService(workbench).features.smart_defaults(find_dataset(workbench, data).id)
    if as_json:
        print_json({
            "config": suggestion.config.model_dump(mode="json"), "dims": asdict(tensor_dims(suggestion.config)),
            "history": None if suggestion.history is None else suggestion.history.model_dump(mode="json"),
            "left_out": [asdict(column) for column in suggestion.left_out],
        })  # fmt: skip
        return
    _print_dims(tensor_dims(suggestion.config))
    for column in suggestion.left_out:
        say(column.words)
    if suggestion.history is not None:
        say("A history of what buyers took before may be added: `trellis features create --history`.")


@app.command("shipped")
def shipped(as_json: AsJson = False) -> None:
    """List the feature configurations that come with Trellis, for `create --from`."""
    found = [(each, tensor_dims(each.config)) for each in SHIPPED.values()]
    if as_json:
        print_json([
            {"name": s.key, "data": s.data, "description": s.description, "config": s.config.model_dump(mode="json")}
            for s, _ in found
        ])  # fmt: skip
        return
    rows = [(s.key, s.data, str(d.buyer.total), str(d.product.total), s.description) for s, d in found]
    print_table(("Name", "For", "Buyer", "Product", "What"), rows, "None.")


def values(workbench: Workbench, record: FeatureConfigRecord) -> dict[str, Any]:
    """A feature configuration as JSON values, without its earlier versions."""
    del workbench
    return {**record.model_dump(mode="json", exclude={"versions", "uses"}), "dims": record.dims}


def _dataset_of(source: Any) -> str:
    """The dataset of the configuration that another one starts from."""
    return source.dataset_id


def _shipped(name: str) -> dict[str, Any]:
    if name not in SHIPPED:
        guess = closest(name, list(SHIPPED))
        hint = f"Did you mean {guess}?" if guess else f"Known: {', '.join(SHIPPED)}."
        raise CommandError(f"There are no shipped features {name!r}.", "from", hint, code="not_found")
    return SHIPPED[name].config.model_dump(mode="json")


def _smart(suggestion: Suggestion, *, history: bool) -> dict[str, Any]:
    document = suggestion.config.model_dump(mode="json")
    if history:
        if suggestion.history is None:
            raise CommandError("This dataset has no timestamp column, so there is no history.", "history")
        document["buyer_model_features"].append(suggestion.history.model_dump(mode="json"))
    return document


def _with_target(document: dict[str, Any], target: str | None) -> dict[str, Any]:
    if target is None:
        return document
    return {**document, "target_column": None if target == NO_TARGET else {"column": target}}


def _target(record: FeatureConfigRecord) -> str | None:
    target = record.features.target_column
    return None if target is None else target.column


def _print_dims(dims: TensorDims) -> None:
    rows: list[tuple[str, str, str]] = []
    for tower in TOWERS:
        found = dims.of(tower)
        rows += [(tower.capitalize(), width.name, str(width.dim)) for width in found.breakdown]
        rows.append((tower.capitalize(), "total", str(found.total)))
    print_table(("Tower", "Tensor", "Dimensions"), rows, "No tensors.")


add_common(app, FEATURES, lambda service: service.features, values, features_in_words)

"""`trellis recommenders`: how tensors are processed and trained, and the code that a pair of configurations becomes."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from recsys.cli.config_verbs import Reference, add_common, outcome, tell
from recsys.cli.differing import model_in_words
from recsys.cli.documents import named_after, read_document, read_settings, shown
from recsys.cli.finding import find_config
from recsys.features.dims import tensor_dims
from recsys.model import summaries
from recsys.model.config import ModelConfig, document_of
from recsys.model.params import DenseCount, dense_count, embedding_count, expected_rows
from recsys.model.plan import ASSUMED_DIMS, NetworkPlan, network_plan
from recsys.model.presets import HEADS, PRESETS
from recsys.model.recipes import RECIPES
from recsys.records import FEATURES, MODELS, ModelConfigRecord
from recsys.service import RecommenderService
from workbench.cli.opening import actor, opened
from workbench.cli.output import FAILED, AsJson, print_json, print_pairs, print_table, say
from workbench.commands.base import CommandError
from workbench.fields import closest
from workbench.workbench import Workbench

app = typer.Typer(
    help="Model configurations of recommenders: towers, heads and how they are trained.",
    invoke_without_command=True,
)

Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting; repeat for several.")
]
File = Annotated[Path | None, typer.Option(help="A JSON or YAML file with settings.")]
Name = Annotated[str | None, typer.Option(help="Its name.")]
Description = Annotated[str | None, typer.Option(help="A few words about it.")]


@app.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List model configurations."""
    if context.invoked_subcommand is None:
        list_models(as_json=as_json)


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List model configurations, the latest change first."""
    with opened() as workbench:
        found = RecommenderService(workbench).models.list()
        if as_json:
            print_json([values(workbench, record) for record in found])
            return
    rows = []
    for record in found:
        model = record.recommender
        count = dense_count(network_plan(model, *ASSUMED_DIMS))
        schedule = f"{model.training.optimizer} {model.training.learning_rate:g}"
        rows.append((
            f"#{record.number}", record.name, summaries.type_label(model.architecture.model_type),
            _towers(model), schedule, str(model.training.epochs), f"{count.total:,}",
        ))  # fmt: skip
    heads = ("No.", "Name", "Type", "Towers", "Optimizer", "Epochs", "Dense")
    print_table(
        heads, rows, "No model configs yet. `trellis recommenders create --preset standard` makes one."
    )


@app.command("show")
def show(
    config: Reference,
    features: Annotated[
        str | None,
        typer.Option(metavar="FEATURES", help="Count for these features instead of widths 100 and 50."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one: its network in a line a part, how it is trained, how many parameters it has."""
    with opened() as workbench:
        record: ModelConfigRecord = find_config(workbench, MODELS, config)
        service = RecommenderService(workbench)
        model, widths, tables = record.recommender, ASSUMED_DIMS, None
        if features is not None:
            chosen = find_config(workbench, FEATURES, features)
            dims = tensor_dims(chosen.features)
            widths = (dims.buyer.total, dims.product.total)
            schema = service.features.facts(chosen.dataset_id).schema
            tables = embedding_count(chosen.features, expected_rows(chosen.features, schema))
        if as_json:
            found = values(workbench, record, widths)
            print_json(found if tables is None else {**found, "embedding_params": tables})
            return
        tests, locked = service.models.tests(record.id), service.models.is_locked(record.id)
    plan = network_plan(model, *widths)
    pairs = [
        ("Name", record.name),
        ("Id", f"{record.id} (#{record.number})"),
        ("Version", f"{record.version}, hash {record.content_hash[:12]}"),
        *_network(model, plan),
        *_counts(dense_count(plan), assumed=features is None),
        *([("Embeddings", f"{tables:,} parameters, about")] if tables is not None else []),
        ("Architecture", "locked: a test has used it" if locked else "may still change"),
        ("Tests", ", ".join(f"#{test.number}" for test in tests) or "none"),
        ("Description", record.description),
    ]
    print_pairs([(name, value) for name, value in pairs if value])
    training = model.training.model_dump(mode="json")
    print_table(("Setting", "Value"), [(name, shown(value)) for name, value in training.items()], "")


@app.command("create")
def create(
    preset: Annotated[str | None, typer.Option(help=f"Towers: {', '.join(PRESETS)}.")] = None,
    recipe: Annotated[str | None, typer.Option(help="A whole configuration; see `recipes`.")] = None,
    file: File = None,
    settings: Settings = None,
    name: Name = None,
    description: Description = None,
    as_json: AsJson = False,
) -> None:
    """Make one: from a preset, a recipe or a file, with single settings over it. Without any, the defaults."""
    if sum(start is not None for start in (preset, recipe, file)) > 1:
        raise typer.BadParameter("--preset, --recipe and --file exclude each other")
    document: dict[str, Any] = {}
    called = "Recommender"
    if preset is not None:
        document, called = _preset("preset", preset, list(PRESETS))
    elif recipe is not None:
        document, called = _preset("recipe", recipe, list(RECIPES))
    elif file is not None:
        document, called = read_document(file), named_after(file)
    document = {**document, **read_settings(settings)}
    with opened() as workbench:
        made = RecommenderService(workbench).models.create(
            actor=actor(), name=called if name is None else name, document=document,
            description=description or "",
        )  # fmt: skip
        words = f"Created {made.name} (#{made.number}): {_towers(made.recommender)}."
        tell(workbench, made, words, values, as_json=as_json)
        if recipe is not None and not as_json:
            say(f"Made for the features {RECIPES[recipe].features}; expected: {RECIPES[recipe].expectation}.")


@app.command("edit")
def edit(
    config: Reference,
    file: File = None,
    settings: Settings = None,
    name: Name = None,
    description: Description = None,
    expected_version: Annotated[
        int | None, typer.Option(min=1, help="Refuse unless this is its version.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change one; what is not named stays. Its architecture is fixed once a test has used it."""
    if all(given is None for given in (file, name, description)) and not settings:
        raise typer.BadParameter("nothing to change: give --set, --file, --name or --description")
    with opened() as workbench:
        record = find_config(workbench, MODELS, config)
        given = {**({} if file is None else read_document(file)), **read_settings(settings)}
        changed = RecommenderService(workbench).models.update(
            actor=actor(), key=record.id, name=name, document=given or None, description=description,
            expected_version=expected_version,
        )  # fmt: skip
        words = outcome(record, changed, f"{changed.name} is at version {changed.version}.")
        tell(workbench, changed, words, values, as_json=as_json)


@app.command("presets")
def presets(as_json: AsJson = False) -> None:
    """List the towers and the rating heads that a model can start from."""
    if as_json:
        towers = {p.key: {**_dumped(p), "values": _values_of(p.key)} for p in PRESETS.values()}
        print_json({"towers": towers, "heads": {h.key: _dumped(h) for h in HEADS.values()}})
        return
    rows = [
        (p.key, summaries.tower_summary(p.buyer_tower_layers), summaries.tower_summary(p.product_tower_layers),
         str(p.output_embedding_dim), p.description)
        for p in PRESETS.values()
    ]  # fmt: skip
    print_table(("Preset", "Buyer tower", "Product tower", "Output", "What"), rows, "None.")
    heads = [(h.key, summaries.head_summary(h.rating_head_layers), h.description) for h in HEADS.values()]
    print_table(("Rating head", "Layers", "What"), heads, "None.")


@app.command("recipes")
def recipes(as_json: AsJson = False) -> None:
    """List whole configurations with what to expect of them on MovieLens 100K."""
    if as_json:
        print_json([
            {"recipe": r.key, "name": r.name, "description": r.description, "features": r.features,
             "expectation": r.expectation, "values": document_of(r.config)}
            for r in RECIPES.values()
        ])  # fmt: skip
        return
    rows = [
        (r.key, summaries.type_label(r.config.architecture.model_type), r.features, r.expectation)
        for r in RECIPES.values()
    ]
    print_table(("Recipe", "Type", "Features", "Expected"), rows, "None.")


@app.command("code")
def code(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The model config's id, number or name.")],
    features: Annotated[str, typer.Argument(metavar="FEATURES", help="The feature config's.")],
    preprocessing: Annotated[
        bool, typer.Option("--preprocessing", help="The module for tensorflow-transform instead.")
    ] = False,
    rating_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="What is rated; the features' target if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print trainer.py as it is generated for a pair: what a quick test of both would run."""
    with opened() as workbench:
        made = RecommenderService(workbench).code.trainer(
            feature_config=find_config(workbench, FEATURES, features).id,
            model_config=find_config(workbench, MODELS, model).id,
            rating_column=rating_column,
        )
    modules = {"trainer": made.trainer, "preprocessing": made.preprocessing}
    if as_json:
        print_json({name: asdict(module) for name, module in modules.items()})
    else:
        sys.stdout.write(modules["preprocessing" if preprocessing else "trainer"].source)
    for name, module in modules.items():
        if module.problem is not None:
            say(f"{name}.py, line {module.problem.line}, is not what it should be: {module.problem.message}")
            raise typer.Exit(FAILED)


def values(
    workbench: Workbench, record: ModelConfigRecord, widths: tuple[int, int] = ASSUMED_DIMS
) -> dict[str, Any]:
    """A model configuration as JSON values: settings, summaries and parameters at some widths of input."""
    del workbench
    model = record.recommender
    architecture = model.architecture
    about = record.model_dump(mode="json", exclude={"versions", "config"})
    return {
        **about,
        "values": document_of(model),
        "buyer_tower_summary": summaries.tower_summary(architecture.buyer_tower_layers),
        "product_tower_summary": summaries.tower_summary(architecture.product_tower_layers),
        "rating_head_summary": summaries.head_summary(architecture.rating_head_layers),
        "towers_identical": summaries.towers_are_identical(architecture),
        "estimated_params": asdict(dense_count(network_plan(model, *widths))),
    }


def _preset(option: str, name: str, known: list[str]) -> tuple[dict[str, Any], str]:
    """The settings and the name of a preset or recipe."""
    if name not in known:
        guess = closest(name, known)
        hint = f"Did you mean {guess}?" if guess else f"Known: {', '.join(known)}."
        raise CommandError(f"There is no {option} {name!r}.", option, hint, code="not_found")
    found = PRESETS[name] if option == "preset" else RECIPES[name]
    return _values_of(name), found.name


def _values_of(key: str) -> dict[str, Any]:
    """What a preset sets, as `trellis train --preset` takes it: towers, and a schedule that suits them."""
    from recsys.family import MODEL_TYPE

    found = next(preset for preset in MODEL_TYPE.presets if preset.name == key)
    return dict(found.values)


def _network(model: ModelConfig, plan: NetworkPlan) -> list[tuple[str, str]]:
    architecture = model.architecture
    lines = [
        ("Type", summaries.type_label(architecture.model_type)),
        ("Buyer tower", summaries.tower_path(plan.buyer)),
        ("Product tower", summaries.tower_path(plan.product)),
        ("Output", f"{architecture.output_embedding_dim} dimensions"),
    ]
    if plan.head is not None:
        lines.append(("Rating head", summaries.head_summary(architecture.rating_head_layers)))
    return lines


def _counts(count: DenseCount, *, assumed: bool) -> list[tuple[str, str]]:
    dims = count.input_dims
    parts = {"buyer": count.buyer, "product": count.product, "shared": count.shared, "head": count.head}
    told = ", ".join(f"{name} {number:,}" for name, number in parts.items() if number)
    widths = f"inputs {dims.buyer} and {dims.product}{' assumed' if assumed else ''}"
    return [("Dense parameters", f"{count.total:,} ({told}; {widths})")]


def _towers(model: ModelConfig) -> str:
    buyer = summaries.tower_summary(model.architecture.buyer_tower_layers)
    product = summaries.tower_summary(model.architecture.product_tower_layers)
    if model.architecture.share_tower_weights:
        return f"{buyer} shared"
    return buyer if buyer == product else f"{buyer} / {product}"


def _dumped(preset: Any) -> dict[str, Any]:
    return {
        name: [layer.model_dump(mode="json") for layer in value] if isinstance(value, tuple) else value
        for name, value in vars(preset).items()
    }


add_common(app, MODELS, lambda service: service.models, values, model_in_words)

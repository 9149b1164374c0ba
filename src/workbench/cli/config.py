"""`trellis config`: look at layered configuration files, what they make together and where each value comes from."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from workbench.cli.opening import find_model, opened
from workbench.cli.output import WRONG_CONFIG, AsJson, console, print_json, print_table, say
from workbench.layered.diff import Difference, differences
from workbench.layered.matrix import check_matrix
from workbench.layered.registry import ModelEntry, registry
from workbench.layered.resolve import built_in_dataset, resolve, resolve_variants
from workbench.layered.resolved import ResolvedConfig
from workbench.layered.scalars import yaml_text
from workbench.services.layered import config_of, find_dataset
from workbench.settings import Settings

app = typer.Typer(help="Look at layered configuration files and what they make together.", no_args_is_help=True)

Files = Annotated[list[str], typer.Argument(metavar="FILE", help="Files in the order model, data, training, experiment.")]
SetValues = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A value over the files; repeat for several.")]
AllowStructural = Annotated[bool, typer.Option("--allow-structural", help="With files: --set may change the architecture too.")]
VariantName = Annotated[str | None, typer.Option(help="One variant of the experiment; all without.")]


@app.command("show")
def show(
    files: Files,
    set_values: SetValues = None,
    allow_structural: AllowStructural = False,
    variant: VariantName = None,
    as_json: AsJson = False,
) -> None:
    """Show every value with its source, as a file that makes the same configuration."""
    configs = _resolved(files, set_values, variant, allow_structural)
    if as_json:
        shown = [config_values(config) for config in configs]
        print_json(shown if len(shown) > 1 or configs[0].variant else shown[0])
        return
    for config in configs:
        console().print(Text(config.to_yaml().rstrip()), soft_wrap=True)
        for dormant in config.dormant:
            console().print(Text(f"# dormant: {dormant.key} ({dormant.source.short})"), soft_wrap=True)
        say_warnings(config)


@app.command("explain")
def explain(
    files: Files,
    key: Annotated[str, typer.Argument(metavar="KEY")],
    set_values: SetValues = None,
    allow_structural: AllowStructural = False,
    variant: VariantName = None,
) -> None:
    """Say who set a key, weakest first, or every key of a section."""
    configs = _resolved(files, set_values, variant, allow_structural)
    for config in configs:
        if len(configs) > 1:
            console().print(Text(f"variant {config.variant}", style="bold"))
        console().print(Text(config.explain(key)), soft_wrap=True)


@app.command("validate")
def validate(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE", help="Files that belong together; none: all that come with Trellis.")
    ] = None,
    set_values: SetValues = None,
    allow_structural: AllowStructural = False,
    as_json: AsJson = False,
) -> None:
    """Check files; without any, every combination of the shipped ones. Opens no data and imports no framework."""
    if files:
        configs = _resolved(files, set_values, None, allow_structural)
        for config in configs:
            say_warnings(config)
        _say_done(as_json, len(configs), [])
        return
    if set_values or allow_structural:
        raise typer.BadParameter(f"{'--set' if set_values else '--allow-structural'} needs files")
    matrix = check_matrix()
    _say_done(as_json, len(matrix.outcomes), list(matrix.problems))
    if matrix.problems:
        raise typer.Exit(WRONG_CONFIG)


@app.command("diff")
def diff(
    left: Annotated[str, typer.Argument(metavar="A")], right: Annotated[str, typer.Argument(metavar="B")], as_json: AsJson = False
) -> None:
    """Compare two files value by value, each taken by itself."""
    find = _finder()
    found = differences(resolve([left], find_dataset=find), resolve([right], find_dataset=find))
    groups = {"chosen": found.chosen, "derived": found.derived, "versions": found.versions}
    if as_json:
        print_json({name: [vars(difference) for difference in group] for name, group in groups.items()})
        return
    for name, group in groups.items():
        if group:
            console().print(Text(name.capitalize(), style="bold"))
            print_table(("Key", left, right, "From", "From"), [_row(difference) for difference in group], "")
    if not any(groups.values()):
        console().print("No difference.")


@app.command("models")
def models(as_json: AsJson = False) -> None:
    """List the models that files can name."""
    entries = list(registry().values())
    if as_json:
        print_json([{"name": e.name, "family": e.family, "key": e.key, "description": e.description} for e in entries])
        return
    print_table(
        ("Name", "Family", "Section", "Description"), [(e.name, e.family, f"model.{e.key}", e.description) for e in entries], "No models."
    )


@app.command("export")
def export(model: Annotated[str, typer.Argument(help="The model's id, number or name.")]) -> None:
    """Print a model of the workbench as a file that makes it again."""
    with opened() as workbench:
        text = config_of(workbench, find_model(workbench, model)).to_yaml()
    console().print(Text(text.rstrip()), soft_wrap=True)


def say_warnings(config: ResolvedConfig) -> None:
    """Say what is worth saying about a configuration, on standard error."""
    for warning in config.warnings:
        say(f"Note: {warning}")


def config_values(config: ResolvedConfig) -> dict[str, Any]:
    """A configuration as JSON values."""
    return {
        "variant": config.variant,
        "fingerprint": config.sha256,
        "architecture_sha256": config.architecture_sha256,
        "values": config.values(),
        "sources": {".".join(path): str(leaf.source) for path, leaf in config.leaves.items()},
        "dormant": [dormant.key for dormant in config.dormant],
        "warnings": list(config.warnings),
    }


def _resolved(files: list[str], overrides: list[str] | None, variant: str | None, structural: bool) -> tuple[ResolvedConfig, ...]:
    find = _finder()
    if variant is not None:
        return (resolve(files, overrides or (), variant=variant, structural=structural, find_dataset=find),)
    return resolve_variants(files, overrides or (), structural=structural, find_dataset=find)


def _finder() -> Any:
    """Knows the built-in datasets; a workbench is opened, if there is one, only for an id that is none of them."""

    def find(entry: ModelEntry, dataset: str) -> Any:
        facts = built_in_dataset(entry, dataset)
        settings = Settings.load()
        if facts is not None or not settings.home.exists():
            return facts
        with opened(settings) as workbench:
            return find_dataset(workbench, entry, dataset)

    return find


def _say_done(as_json: bool, count: int, problems: list[str]) -> None:
    if as_json:
        print_json({"checked": count, "problems": problems})
        return
    for problem in problems:
        say(problem)
    words = f"{count} configuration{'s' if count != 1 else ''} checked"
    console().print(f"{words}, {len(problems)} of them wrong." if problems else f"{words}, all as expected.", soft_wrap=True)


def _row(difference: Difference) -> tuple[str, ...]:
    values = (yaml_text(difference.left), yaml_text(difference.right))
    return (difference.key, *values, difference.left_source or "", difference.right_source or "")

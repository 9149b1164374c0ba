"""The tree of commands, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import typer

from workbench.artefacts import ArtefactError
from workbench.cli import audit, config, data, density, label_curve, models, predict, runs, serve, settings, suggest, train
from workbench.cli.output import say_error, say_fault, say_layered
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.fields import ConfigError
from workbench.layered.problems import LayeredError
from workbench.runs.executor import ExecutorError
from workbench.settings import SettingsError
from workbench.store.errors import StoreError

EXPECTED = (CommandError, ConfigError, SettingsError, StoreError, DatasetError, ArtefactError, ExecutorError)
"""Errors whose message is a sentence for people; anything else is a fault of Trellis."""

CONTRIBUTED = {"labels": "rcmvae.cli.labels:app"}
"""Groups of commands that families bring along, by import string."""

app = typer.Typer(
    name="trellis",
    help="A workbench for models whose architecture is chosen once and whose everything else stays tunable.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("train")(train.train)
app.add_typer(config.app, name="config")
app.add_typer(data.app, name="data")
app.add_typer(runs.app, name="runs")
app.add_typer(models.app, name="models")
app.command("predict")(predict.predict)
app.command("suggest")(suggest.suggest)
app.command("label-curve")(label_curve.label_curve)
app.command("audit")(audit.audit)
app.command("density")(density.density)
app.command("settings")(settings.settings)
for _name, _target in CONTRIBUTED.items():
    _module, _, _attribute = _target.partition(":")
    app.add_typer(getattr(importlib.import_module(_module), _attribute), name=_name)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return the exit code. Users never meet a traceback."""
    try:
        app(args=list(arguments), prog_name="trellis")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except LayeredError as error:
        return say_layered(error, as_json="--json" in arguments)
    except EXPECTED as error:
        return say_error(error)
    except Exception as error:
        return say_fault(error)
    return 0

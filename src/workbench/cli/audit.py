"""`trellis audit`: does every stored model match its weights, and is imported data what was written?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from rich.text import Text

from workbench import audit as auditing
from workbench.cli.opening import opened
from workbench.cli.output import FAILED, AsJson, console, print_json


def audit(as_json: AsJson = False) -> None:
    """Check every model (its config against its fingerprint and its weights), imported data and the files of runs.

    Exits with 1 if anything is wrong.
    """
    with opened() as workbench:
        results = auditing.audit(workbench)
        datasets = auditing.audit_datasets(workbench)
        runs = auditing.audit_runs(workbench)
    if as_json:
        models = [{"model": r.model.id, "name": r.model.name, "problems": list(r.problems)} for r in results]
        spoiled = [{"dataset": d.dataset.id, "name": d.dataset.name, "problems": [d.problem] if d.problem else []} for d in datasets]
        of_model = {model["model"]: [_plain(found) for found in runs if found.run.subject.id == model["model"]] for model in models}
        # Runs of models that were deleted stand alone, if there is anything to say.
        alone = [_plain(found) for found in runs if found.problems and found.run.subject.id not in of_model]
        print_json([*({**model, "runs": of_model[model["model"]]} for model in models), *spoiled, *alone])
    else:
        _print(results, datasets, runs)
    if any(found.problems for found in (*results, *runs)) or any(found.problem for found in datasets):
        raise typer.Exit(FAILED)


def _plain(found: auditing.RunAudit) -> dict[str, Any]:
    return {"run": found.run.id, "number": found.run.number, "problems": list(found.problems)}


def _print(results: Sequence[auditing.AuditResult], datasets: Sequence[auditing.DatasetAudit], runs: Sequence[auditing.RunAudit]) -> None:
    out = console()
    for result in results:
        _line(f"#{result.model.number} {result.model.name}: {'mismatch' if result.problems else 'ok'}", result.problems)
    for found in datasets:
        _line(f"{found.dataset.name} ({found.dataset.id}): {found.problem or 'ok'}")
    for found in runs:
        _line(f"run #{found.run.number}: {'damaged' if found.problems else 'ok'}", found.problems)
    wrong, damaged = (sum(bool(found.problems) for found in audited) for audited in (results, runs))
    out.print(Text(f"{len(results)} models audited, {wrong or 'none'} with a mismatch."))
    out.print(Text(f"{len(runs)} runs audited, {damaged or 'none'} with damaged files."))


def _line(text: str, problems: Sequence[str] = ()) -> None:
    console().print(Text("\n".join([text, *(f"    {problem}" for problem in problems)])), soft_wrap=True)

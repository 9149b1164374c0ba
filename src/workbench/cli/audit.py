"""`trellis audit`: does every stored model match its weights, and is imported data what was written?"""

from __future__ import annotations

import typer
from rich.text import Text

from workbench import audit as auditing
from workbench.cli.opening import opened
from workbench.cli.output import FAILED, AsJson, console, print_json


def audit(as_json: AsJson = False) -> None:
    """Check every model (its config against its fingerprint and its weights) and imported data. Exits with 1 if anything is wrong."""
    with opened() as workbench:
        results = auditing.audit(workbench)
        datasets = auditing.audit_datasets(workbench)
    if as_json:
        spoiled = [{"dataset": d.dataset.id, "name": d.dataset.name, "problems": [d.problem] if d.problem else []} for d in datasets]
        print_json([*({"model": r.model.id, "name": r.model.name, "problems": list(r.problems)} for r in results), *spoiled])
    else:
        out = console()
        for result in results:
            out.print(Text(f"#{result.model.number} {result.model.name}: {'mismatch' if result.problems else 'ok'}"))
            for problem in result.problems:
                out.print(Text(f"    {problem}"), soft_wrap=True)
        wrong = sum(bool(r.problems) for r in results)
        for found in datasets:
            out.print(Text(f"{found.dataset.name} ({found.dataset.id}): {found.problem or 'ok'}"), soft_wrap=True)
        out.print(Text(f"{len(results)} models audited, {wrong or 'none'} with a mismatch."))
    if any(result.problems for result in results) or any(found.problem for found in datasets):
        raise typer.Exit(FAILED)

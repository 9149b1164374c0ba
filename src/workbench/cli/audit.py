"""`trellis audit`: does every stored model match its weights?"""

from __future__ import annotations

import typer
from rich.text import Text

from workbench import audit as auditing
from workbench.cli.opening import opened
from workbench.cli.output import FAILED, AsJson, console, print_json


def audit(as_json: AsJson = False) -> None:
    """Check every model: its config against its fingerprint and its weights. Exits with 1 if anything does not match."""
    with opened() as workbench:
        results = auditing.audit(workbench)
    if as_json:
        print_json([{"model": r.model.id, "name": r.model.name, "problems": list(r.problems)} for r in results])
    else:
        out = console()
        for result in results:
            out.print(Text(f"#{result.model.number} {result.model.name}: {'mismatch' if result.problems else 'ok'}"))
            for problem in result.problems:
                out.print(Text(f"    {problem}"), soft_wrap=True)
        wrong = sum(bool(r.problems) for r in results)
        out.print(Text(f"{len(results)} models audited, {wrong or 'none'} with a mismatch."))
    if any(result.problems for result in results):
        raise typer.Exit(FAILED)

"""Messages name fields and choices as people know them."""

from __future__ import annotations

import pytest

from dashboard.failures import in_words
from dashboard.forms.words import known_fields, problem_words, sentence
from workbench.commands.base import CommandError
from workbench.families import model_type
from workbench.fields import FieldProblem, applicability_problems

RCMVAE = model_type("rcmvae", "rcmvae")
SPECS = RCMVAE.fields.specs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "applies only when prior_type is geometric_mog (now prior_type=vamp)",
            "Applies only when “Prior” is Geometric (now “Prior” is VampPrior)",
        ),
        ("prior_type is mixture or vamp", "“Prior” is Mixture or VampPrior"),
        ("geometric_mog applies only later", "Geometric applies only later"),
        ("a mixture of conv and words stays", "A mixture of conv and words stays"),
    ],
)
def test_a_sentence_speaks_of_labels(text: str, said: str) -> None:
    prior = SPECS["prior_type"].label
    assert sentence(text, SPECS) == said.replace("“Prior”", f"“{prior}”")


def test_no_message_about_a_field_that_does_not_apply_names_what_only_code_knows() -> None:
    defaults = {name: spec.default for name, spec in SPECS.items() if not spec.required}
    resolved = RCMVAE.resolve(defaults | {"input_shape": (8, 8, 1), "num_classes": 10})
    values = {**defaults, **{n: s.choices[-1][0] for n, s in SPECS.items() if s.choices and s.meta.applies_when}}
    values |= {n: 0.3 for n, s in SPECS.items() if s.meta.applies_when and isinstance(s.default, float)}
    problems = applicability_problems(SPECS.values(), values, resolved)
    assert problems
    raw = {n for n in SPECS if "_" in n} | {str(v) for s in SPECS.values() for v, _, _ in s.choices if "_" in str(v)}
    for problem in problems:
        said = problem_words(problem, SPECS).split()
        assert not raw & {word.strip("“”().,:=") for word in said}, said


def test_a_refusal_that_a_command_raises_is_told_with_labels_too() -> None:
    problem = FieldProblem("max_epochs", "must be at least 1 (got 0)", 0, "Or change batch_size.")
    message, hint = in_words(CommandError(problem.message, problems=(problem,)))
    assert message == f"{SPECS['max_epochs'].label}: must be at least 1 (got 0)"
    assert hint == f"Or change “{known_fields()['batch_size'].label}”."

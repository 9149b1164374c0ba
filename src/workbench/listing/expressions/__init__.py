"""Expressions that choose runs, as a person types them: `accuracy > 90 % and state = completed and tags contains "base"`.

    expression = both { "or" both }          comparison = NAME operator value
    both       = one { "and" one }                      | NAME ["not"] "contains" text
    one        = "not" one                              | NAME ["not"] "in" "(" value { "," value } ")"
               | "(" expression ")" | comparison        | NAME "is" ["not"] "empty"
    operator   = "=" | "!=" | "<" | "<=" | ">" | ">="

A name is a column's key or its title, upper and lower case alike. A run without a value fits no comparison but `!=`, `not ...` and
`is empty`.
"""

from workbench.listing.expressions.errors import ExpressionError
from workbench.listing.expressions.matching import fits
from workbench.listing.expressions.parsing import parse
from workbench.listing.expressions.tree import And, Comparison, Expression, Not, Or

__all__ = ["And", "Comparison", "Expression", "ExpressionError", "Not", "Or", "fits", "parse"]

"""Words of recommenders for people who meet them for the first time."""

from __future__ import annotations

GLOSSARY: tuple[tuple[str, str], ...] = (
    (
        "Tower",
        "The half of a model that turns a buyer, or a product, into a vector; their dot product says how they suit.",
    ),
    (
        "Features",
        "What the columns of a table become in a tower: embeddings, numbers, buckets, calendar cycles, crosses.",
    ),
    ("Cross", "Two or three features taken together: a table with a row for each combination."),
    (
        "Quick test",
        "A model trained on features and measured; when it pleases, it is promoted to a model that is trained on.",
    ),
    ("Recall@10", "How often a test row's own product is among the first ten of all there are."),
    (
        "nDCG@10",
        "The same, counting early places for more; by user, with every product of the user's test rows.",
    ),
    ("Seen left out", "Ranked are only products that the user has not had before, and the row's own."),
    (
        "Popularity, ItemKNN, EASE",
        "Baselines without a network: what is taken most, what is taken together, and a linear model.",
    ),
    ("Oracle", "On simulated data, the best that anything could do: ranking by the true chances."),
)

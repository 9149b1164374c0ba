"""What may be asked of a sweep besides its model: forms, REST, the command line and layered files all read these definitions."""

from __future__ import annotations

from typing import Literal

from workbench.fields import ConfigModel, Modifiable, field

Sampler = Literal["tpe", "random", "grid"]
Pruner = Literal["none", "median", "halving"]

SPACE_HELP = (
    "What is searched, one setting each: `learning_rate=1e-4..1e-2:log` is a range, on a logarithmic scale; `epochs=10..50/5` five values "
    "spread over one; `batch_size=32,64,128` are choices."
)


class SweepSettings(ConfigModel):
    """How a sweep searches."""

    space: Modifiable[tuple[str, ...]] = field((), label="Search space", section="Search", help=SPACE_HELP)
    objective: Modifiable[str] = field(
        "auto",
        label="Objective",
        section="Search",
        empty="auto",
        help="The metric whose best value over the epochs is compared, as `validation/loss`; `auto`: the family's own choice.",
    )
    trials: Modifiable[int] = field(20, ge=1, le=1000, label="Trials", section="Search", help="How many are tried at most.")
    at_once: Modifiable[int] = field(
        1,
        ge=1,
        le=16,
        label="Trials at once",
        section="Search",
        help="How many run beside each other, as far as workers allow.",
    )
    sampler: Modifiable[Sampler] = field(
        "tpe",
        label="Sampler",
        section="Search",
        help="How values are chosen.",
        choices=(
            ("tpe", "TPE", "Values like those of the better trials so far (tree-structured Parzen estimator)."),
            ("random", "Random", "Independent draws."),
            ("grid", "Grid", "Every combination, in order; each range says how many values."),
        ),
    )
    pruner: Modifiable[Pruner] = field(
        "median",
        label="Pruner",
        section="Search",
        help="Which trials are given up before their last epoch.",
        choices=(
            ("none", "None", "Every trial runs to its end."),
            ("median", "Median", "A trial that is worse than the median of the earlier ones at the same epoch; the first five run on."),
            ("halving", "Successive halving", "At epochs 1, 4, 16, ... a trial goes on if it is among the best quarter there."),
        ),
    )
    seed: Modifiable[int] = field(
        0, ge=0, le=2**31 - 1, label="Seed", section="Search", advanced=True, help="Of the sampler; trials take their model's."
    )
    minutes: Modifiable[float | None] = field(
        None,
        gt=0,
        le=100_000,
        label="Budget",
        unit="min",
        section="Search",
        advanced=True,
        empty="none",
        help="No further trial begins once the trials have trained for so long together.",
    )
    architectures: Modifiable[bool] = field(
        False,
        label="Architectures",
        section="Search",
        advanced=True,
        help="Search the architecture too: each trial is then a clone of the model, with the sweep's tag.",
    )

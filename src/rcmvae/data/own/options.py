"""How people's own images are to be read."""

from __future__ import annotations

from workbench.fields import ConfigModel, Structural, field


class ImportOptions(ConfigModel):
    """Options of an import."""

    size: Structural[tuple[int, int] | None] = field(
        None, label="Size", section="Import", ge=1, min_items=2, max_items=2, unit="px",
        help="Height and width that pictures of a folder are fitted to, such as 28x28; their aspect is kept.",
    )  # fmt: skip
    skip_broken: Structural[bool] = field(
        False, label="Skip broken pictures", section="Import", help="Leaves out pictures that cannot be read, and lists them."
    )

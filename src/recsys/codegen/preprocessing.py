"""`preprocessing.py`: a feature configuration as a standalone module for tensorflow-transform.

The module means what `recsys.features` means, and its functions are those that the exported layer is made of
(`recsys.training.transform_ops`), as text. Tensors go by the keys of `recsys.codegen.tensor_keys`,
vocabularies by their tensor's. Imports no TensorFlow.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from recsys.codegen.definitions import carried
from recsys.codegen.header import Header
from recsys.codegen.preprocessing_body import Body
from recsys.codegen.source import assigned
from recsys.codegen.tensor_keys import history_column
from recsys.data.schema import DataType
from recsys.features.config import TOWERS, Cross, FeatureConfig, HistoryFeature
from recsys.features.outputs import tower_outputs

_HERE = Path(__file__).parent
_SOURCES = (
    _HERE.parent / "training" / "transform_ops.py",
    _HERE / "tft_ops.py",
    _HERE / "tft_target.py",
)

_IMPORTS = (
    (("math", "import math"),),
    (
        ("tf", "import tensorflow as tf"),
        ("tft", "import tensorflow_transform as tft"),
        ("schema_inference", "from tensorflow_transform import schema_inference"),
    ),
)
"""What a module may import, in groups: the name that it is used by, and the line."""

_DOC = '"""Turns raw columns into the tensors of both towers, for tensorflow-transform 1.21."""'
_OPENING = (
    "def preprocessing_fn(inputs):",
    '    """Tensors by key, of both towers, of the item and of the target, from raw columns by name."""',
    "    outputs = {}",
)


def preprocessing_source(
    config: FeatureConfig, schema: Mapping[str, DataType], header: Header, *, binary: bool = False
) -> str:
    """The module's text: the same arguments give the same bytes.

    Besides the towers' tensors it makes those of the item (`item_id`, `item_key`) where the configuration
    marks the product's id, and those of the target where it has one: all that a generated trainer reads.

    Args:
        config: a valid configuration. schema: the data's columns and what they are. header: what its head
            says. binary: whether a model of probabilities learns the target: its two values become 0 and 1.

    Raises:
        ValueError: for a column that the schema lacks, or a history whose items have no table.
    """
    body = Body(config, schema, _columns(config, schema), binary=binary)
    statements = list(body.statements())
    definitions = carried(_SOURCES, body.functions)
    constants = [text for text in definitions if not text.startswith("def ")]
    lines = [line for column, name in body.columns.items() for line in assigned(name, column)]
    lines += [*([""] if constants else []), *constants]
    for text in definitions[len(constants) :]:
        lines += ["", "", text]
    lines += ["", "", *_OPENING, *statements, "    return outputs", ""]
    code = "\n".join(lines)
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    groups = [[line for name, line in group if name in used] for group in _IMPORTS]
    head = [*header.lines(), _DOC, *(line for group in groups if group for line in ("", *group)), "", ""]
    return "\n".join(head) + code


def _columns(config: FeatureConfig, schema: Mapping[str, DataType]) -> list[str]:
    """The raw columns that both towers and the target read, each once, in their order."""
    found: dict[str, None] = {}
    for tower in TOWERS:
        for output in tower_outputs(config, tower):
            if isinstance(output.source, Cross):
                read = [member.column for member in output.source.features]
            elif isinstance(output.source, HistoryFeature):
                found[history_column(output.name, schema)] = None
                continue
            else:
                read = [output.source.column]
            for column in read:
                if column not in schema:
                    raise ValueError(f'column "{column}", which {output.name} reads, is not in the schema')
                found[column] = None
    target = config.target_column
    if target is not None:
        if target.column not in schema:
            raise ValueError(f'target column "{target.column}" is not in the schema')
        found[target.column] = None
    return list(found)

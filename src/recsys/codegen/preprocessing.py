"""`preprocessing.py`: a feature configuration as a standalone module for tensorflow-transform.

The module means what `recsys.features` means, and its functions are those that the exported layer is made of
(`recsys.training.transform_ops`), as text. Tensors go by the keys of `recsys.codegen.tensor_keys`,
vocabularies by their tensor's. Imports no TensorFlow.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from recsys.codegen.definitions import carried
from recsys.codegen.header import Header
from recsys.codegen.identifiers import identifiers
from recsys.codegen.source import assigned, called, literal
from recsys.codegen.tensor_keys import TensorKeys, history_column, keys_of_config
from recsys.data.schema import DataType
from recsys.features.config import (
    TOWERS,
    Cross,
    FeatureConfig,
    HistoryFeature,
    Member,
    NumericFeature,
    TemporalFeature,
    TextFeature,
    TextMember,
    Tower,
)
from recsys.features.outputs import Output, shared_embedding, tower_outputs

_HERE = Path(__file__).parent
_SOURCES = (_HERE.parent / "training" / "transform_ops.py", _HERE / "tft_ops.py")

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
    '    """Tensors of both towers by key, from raw columns by name."""',
    "    outputs = {}",
)


def preprocessing_source(config: FeatureConfig, schema: Mapping[str, DataType], header: Header) -> str:
    """The module's text: the same arguments give the same bytes.

    Args:
        config: a valid configuration. schema: the data's columns and what they are. header: what its head
            says.

    Raises:
        ValueError: for a column that the schema lacks, or a history whose items have no table.
    """
    body = _Body(config, schema)
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


class _Body:
    """The statements of one `preprocessing_fn`; what they read and call is noted on the way.

    Attributes:
        columns: raw column -> its constant. functions: the functions that the statements call.
    """

    def __init__(self, config: FeatureConfig, schema: Mapping[str, DataType]) -> None:
        self._config = config
        self._keys: TensorKeys = keys_of_config(config)
        self._outputs = {tower: tower_outputs(config, tower) for tower in TOWERS}
        named = _columns(config, schema)
        short = dict(zip(named, identifiers(named), strict=True))
        self._short = short
        self._schema = schema
        self.columns = {column: f"COLUMN_{name.upper()}" for column, name in short.items()}
        self.functions: set[str] = set()
        self._made: set[str] = set()
        self._buckets = 0

    def statements(self) -> Iterator[str]:
        for tower in TOWERS:
            yield from self._vocabularies(tower)
        for tower in TOWERS:
            yield ""
            yield f"    # The {tower} tower."
            for output in self._outputs[tower]:
                yield from self._output(tower, output)

    def _vocabularies(self, tower: Tower) -> Iterator[str]:
        for output in self._outputs[tower]:
            if isinstance(output.source, TextFeature):
                settings = output.source.transforms.embedding
                assert settings is not None
                key, rarest = self._keys[tower, output.name][0], settings.min_frequency
                yield from self._terms(output.source.column)
                limits = [str(settings.max_vocab), str(None if rarest == 1 else rarest)]
                arguments = [f"terms_{self._short[output.source.column]}", literal(key), *limits]
                yield from self._call(f"file_{key}", "vocabulary", arguments)

    def _output(self, tower: Tower, output: Output) -> Iterator[str]:
        source, keys = output.source, self._keys[tower, output.name]
        targets = [f"outputs[{literal(key)}]" for key in keys]
        if isinstance(source, Cross):
            yield from self._cross(targets[0], source)
        elif isinstance(source, HistoryFeature):
            yield from self._history(targets, output, source)
        elif isinstance(source, TextFeature):
            settings = source.transforms.embedding
            assert settings is not None
            terms = f"terms_{self._short[source.column]}"
            arguments = [terms, f"file_{keys[0]}", f"num_oov_buckets={settings.oov_buckets}"]
            yield from called(targets[0], "tft.apply_vocabulary", arguments)
        else:
            yield from self._number(targets, output, source)

    def _number(
        self, targets: Sequence[str], output: Output, source: NumericFeature | TemporalFeature
    ) -> Iterator[str]:
        name = self._short[source.column]
        if output.cycle is not None:
            yield from self._seconds(source.column)
            arguments = [f"seconds_{name}", f"null_{name}", literal(output.cycle)]
            yield from self._call("sine, cosine", "wave", arguments)
            yield from (
                f"    {target} = {part}" for target, part in zip(targets, ("sine", "cosine"), strict=True)
            )
            return
        log = isinstance(source, NumericFeature) and source.transforms.log_transform
        yield from self._values(source.column, source.data_type, log=log)
        values = _variable(name, source.data_type, log=log)
        if output.kind == "norm":
            assert source.transforms.normalize is not None
            yield from self._once(f"figures_{values}", "figures", [values])
            arguments = [values, literal(source.transforms.normalize.range), f"*figures_{values}"]
            yield from self._call(targets[0], "scale", arguments)
        elif output.kind == "bucket":
            assert source.transforms.bucketize is not None
            arguments = [values, str(source.transforms.bucketize.buckets)]
            yield from self._call(targets[0], "quantile_bucket", arguments)
        else:
            yield from self._call(targets[0], "flag", [f"tf.math.is_nan({values})"])

    def _cross(self, target: str, cross: Cross) -> Iterator[str]:
        tokens: list[str] = []
        for member in cross.features:
            yield from self._member(member)
            tokens.append(
                f"terms_{self._short[member.column]}"
                if isinstance(member, TextMember)
                else f"bucket_{self._buckets}"
            )
        self.functions.add("with_rows")
        yield from self._call("crossed", "cross", [str(cross.hash_bucket_size), *tokens])
        yield from called(target, "with_rows", ["crossed", str(cross.hash_bucket_size)])

    def _member(self, member: Member) -> Iterator[str]:
        if isinstance(member, TextMember):
            yield from self._terms(member.column)
            return
        yield from self._values(member.column, member.type, log=False)
        self._buckets += 1
        values = _variable(self._short[member.column], member.type, log=False)
        yield from self._call(
            f"bucket_{self._buckets}", "quantile_bucket", [values, str(member.crossing_buckets)]
        )

    def _history(self, targets: Sequence[str], output: Output, feature: HistoryFeature) -> Iterator[str]:
        shared, history = shared_embedding(self._config, feature), feature.transforms.history
        if shared is None or history is None or not isinstance(shared.source, TextFeature):
            raise ValueError(
                f'History of "{feature.column}" needs an embedding of the product id in the product tower'
            )
        embedding = shared.source.transforms.embedding
        assert embedding is not None
        column = self.columns[history_column(output.name, self._schema)]
        file = f"file_{self._keys['product', shared.name][0]}"
        arguments = [f"inputs[{column}]", str(history.max_length), file, str(embedding.oov_buckets)]
        yield from self._call("rows, mask", "history_rows", arguments)
        yield from (f"    {target} = {part}" for target, part in zip(targets, ("rows", "mask"), strict=True))

    def _terms(self, column: str) -> Iterator[str]:
        yield from self._once(f"terms_{self._short[column]}", "as_terms", [f"inputs[{self.columns[column]}]"])

    def _seconds(self, column: str) -> Iterator[str]:
        name = self._short[column]
        target = f"seconds_{name}, null_{name}"
        yield from self._once(target, "as_seconds", [f"inputs[{self.columns[column]}]"])

    def _values(self, column: str, data_type: str, *, log: bool) -> Iterator[str]:
        """The column as float64 under the name that `_variable` gives."""
        name = self._short[column]
        if data_type == "temporal":
            yield from self._seconds(column)
            pair = [f"seconds_{name}", f"null_{name}"]
            yield from self._once(f"origin_{name}", "earliest", pair)
            yield from self._once(f"elapsed_{name}", "elapsed", [*pair, f"origin_{name}"])
            return
        yield from self._once(f"numbers_{name}", "as_numbers", [f"inputs[{self.columns[column]}]"])
        if log:
            yield from self._once(f"logs_{name}", "log1p", [f"numbers_{name}"])

    def _once(self, target: str, function: str, arguments: Sequence[str]) -> Iterator[str]:
        if target not in self._made:
            self._made.add(target)
            yield from self._call(target, function, arguments)

    def _call(self, target: str, function: str, arguments: Sequence[str]) -> Iterator[str]:
        self.functions.add(function)
        yield from called(target, function, arguments)


def _variable(name: str, data_type: str, *, log: bool) -> str:
    if data_type == "temporal":
        return f"elapsed_{name}"
    return f"logs_{name}" if log else f"numbers_{name}"


def _columns(config: FeatureConfig, schema: Mapping[str, DataType]) -> list[str]:
    """The raw columns that both towers read, each once, in their order."""
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
    return list(found)

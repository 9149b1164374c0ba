"""The statements of a generated `preprocessing_fn`: towers, items and the target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recsys.codegen.identifiers import identifiers
from recsys.codegen.source import called, literal
from recsys.codegen.tensor_keys import (
    ITEM_ID,
    ITEM_KEY,
    TensorKeys,
    history_column,
    item_column,
    keys_of_config,
)
from recsys.data.schema import DataType
from recsys.features.config import (
    TOWERS,
    Cross,
    FeatureConfig,
    HistoryFeature,
    Member,
    NumericFeature,
    Target,
    TemporalFeature,
    TextFeature,
    TextMember,
    Tower,
)
from recsys.features.outputs import Output, shared_embedding, tower_outputs


class Body:
    """The statements of one `preprocessing_fn`; what they read and call is noted on the way.

    Args:
        config: a valid configuration. schema: the data's columns and what they are.
        named: the raw columns that the statements read. binary: whether the target's two values become 0 and 1.

    Attributes:
        columns: raw column -> its constant. functions: the functions that the statements call.
    """

    def __init__(
        self, config: FeatureConfig, schema: Mapping[str, DataType], named: Sequence[str], *, binary: bool
    ) -> None:
        self._config = config
        self._binary = binary
        self._keys: TensorKeys = keys_of_config(config)
        self._outputs = {tower: tower_outputs(config, tower) for tower in TOWERS}
        short = dict(zip(named, identifiers(named), strict=True))
        self._short = short
        self._schema = schema
        self.columns = {column: f"COLUMN_{name.upper()}" for column, name in short.items()}
        self.functions: set[str] = set()
        self._made: set[str] = set()
        self._buckets = 0

    def statements(self) -> Iterator[str]:
        """Lines of code, without those that open the function and close it."""
        for tower in TOWERS:
            yield from self._vocabularies(tower)
        item = item_column(self._config)
        if item is not None:
            arguments = [f"terms_{self._short[item]}", literal(ITEM_KEY), "None", "None"]
            yield from self._call(f"file_{ITEM_KEY}", "vocabulary", arguments)
        for tower in TOWERS:
            yield ""
            yield f"    # The {tower} tower."
            for output in self._outputs[tower]:
                yield from self._output(tower, output)
        if item is not None:
            yield from ("", "    # Which item each row is of.")
            terms = f"terms_{self._short[item]}"
            yield f"    outputs[{literal(ITEM_ID)}] = {terms}"
            arguments = [terms, f"file_{ITEM_KEY}", "num_oov_buckets=1"]
            yield from called(f"outputs[{literal(ITEM_KEY)}]", "tft.apply_vocabulary", arguments)
        if self._config.target_column is not None:
            yield from ("", "    # The target.")
            yield from self._target(self._config.target_column)

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

    def _target(self, target: Target) -> Iterator[str]:
        name, transforms = self._short[target.column], target.transforms
        clip = transforms.clip_outliers
        yield from self._once(f"numbers_{name}", "as_numbers", [f"inputs[{self.columns[target.column]}]"])
        percentiles = (None, None) if clip is None else (clip.lower, clip.upper)
        yield from self._call("targets", "cut", [f"numbers_{name}", *map(repr, percentiles)])
        if target.clip_predictions:
            yield from self._call("low, high", "limits", ["targets"])
        learnt = "targets"
        if transforms.log_transform:
            yield from self._call("logs", "logarithm", ["targets"])
            learnt = "logs"
        if self._binary:
            yield from self._call("learnt, slope, offset", "of_two", [learnt])
        else:
            kind = "None" if transforms.normalize is None else literal(transforms.normalize.range)
            yield from self._call("learnt, slope, offset", "on_scale", [learnt, kind])
        yield from self._call("known", "flag", ["~tf.math.is_nan(learnt)"])
        low, high = ("low", "high") if target.clip_predictions else ("-math.inf", "math.inf")
        rows = {"target": "learnt", "target_value": f"numbers_{name}"}
        for key, numbers in rows.items():
            yield from self._call(f"outputs[{literal(key)}]", "where_known", [numbers, "known"])
        yield f"    outputs[{literal('target_known')}] = known"
        line = {"slope": "slope", "offset": "offset", "low": low, "high": high}
        for part, number in line.items():
            yield from self._call(f"outputs[{literal('target_' + part)}]", "in_each_row", [number, "known"])

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

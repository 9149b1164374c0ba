"""From what files set to a complete configuration: defaults, derived values, the model's own autos, checks across keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.datasets import DatasetError
from workbench.families import family
from workbench.fields import AUTO, ConfigError, ConfigModel, FieldProblem, FieldSpec, applies, show_value
from workbench.layered.doubt import Doubt
from workbench.layered.parts import put_together
from workbench.layered.problems import LayeredProblem
from workbench.layered.provenance import Layer, Leaf, Source, Write
from workbench.layered.schema import Key, Path, Schema
from workbench.values import validate, validate_sample

CHECKED = "checked against the rule"
NOMINAL = "nominal; the rule decides"


@dataclass(frozen=True)
class Built:
    """A complete configuration as the model's config types: by section, and the sample's settings if the model has a sample."""

    sections: Mapping[str, ConfigModel]
    sample: ConfigModel | None


@dataclass
class Derivation:
    """A configuration on its way from what was set to what holds.

    Attributes:
        leaves: by path, in the schema's order once `complete` is done. facts: of the data.
        from_auto: keys of a resolved file whose values the model's auto gave; they stay auto as long as it still gives them.
        trusted: the values come from a resolved file, where those that the data determines are as they were.
        seed_step: how far the model's seeds are counted up.
        doubt: keys whose values are not known. Everything else is judged all the same; what the doubt concerns is not told.
    """

    schema: Schema
    leaves: dict[Path, Leaf]
    facts: Any
    from_auto: frozenset[str] = frozenset()
    trusted: bool = False
    seed_step: int = 0
    doubt: Doubt | None = None
    problems: list[LayeredProblem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _data_known: bool = True
    """Whether `facts` are those of the data that is meant. While it is False they only stand in, to fill in what follows from them."""
    _use_known: bool = True
    """Whether they are those of its sample, too."""

    def __post_init__(self) -> None:
        self._doubt = Doubt(self.schema) if self.doubt is None else self.doubt
        if ("data", "dataset") in self._doubt:
            self._data_known = self._use_known = False
            known = (source.facts for source in family(self.schema.entry.family).datasets)
            self.facts = next(filter(None, known), None) if self.facts is None else self.facts

    def complete(self) -> Built | None:
        """Fill in everything and check it; None, with all that is wrong told, if it cannot be used."""
        self._fill_defaults()
        self._count_seeds_up()
        self._vary_dataset()
        self._foresee_sample()
        self._carry_out_rules()
        if all(key.path in self.leaves for key in self.schema.by_field.values()):
            self._step_back()
            self._work_out_autos()
        return self._build()

    def _fill_defaults(self) -> None:
        filled: dict[Path, Leaf] = {}
        for path, key in self.schema.keys.items():
            leaf = self.leaves.get(path)
            if leaf is not None and key.spec.merges:
                leaf = self._put_together(key, leaf)
            if key.spec.required:
                if leaf is None and key.rule is None:
                    self._tell("CFG_NULL", key, f"{key.name} needs a value", hint=_where_to_give(key))
                    self._doubt.add(path)
                if leaf is not None:
                    filled[path] = leaf
            else:
                default = Leaf.of(key.spec.default, Source("default", key.owner.__name__))
                filled[path] = default if leaf is None else leaf.after(default)
        self.leaves = filled

    def _put_together(self, key: Key, leaf: Leaf) -> Leaf | None:
        """What layers set of a config that may be absent, together; None, with the problems told, for what is no such config."""
        try:
            return put_together(key, leaf, None if key.spec.required else key.spec.default)
        except ConfigError as error:
            for problem in error.problems:
                rest = problem.path.removeprefix(key.spec.name).lstrip(".")
                name = ".".join(filter(None, (key.name, rest)))
                code = "CFG_NULL" if problem.message.endswith("needs a value") else "CFG_RANGE"
                place = leaf.place_of(rest) or leaf.place
                file, line = (place.file, place.line) if place is not None else (None, None)
                self._add([LayeredProblem(code, f"{name} is refused: {problem.message}", name, file, line, problem.hint)])
            self._doubt.add(key.path)
            return None

    def _count_seeds_up(self) -> None:
        for name in self.schema.entry.layered.seeds if self.seed_step else ():
            path = tuple(name.split("."))
            if path in self._doubt:
                continue
            moved = Leaf.of(self.leaves[path].value + self.seed_step, Source("cli", "seeds", layer=Layer.CLI))
            self.leaves[path] = moved.after(self.leaves[path])

    def _vary_dataset(self) -> None:
        """The facts of the dataset that parameters beside its id make; they are refused beside another id."""
        keys, varied = self.schema.dataset_params, self.schema.varied
        if varied is None or not self._data_known:
            return
        dataset = self.leaves[("data", "dataset")].value if ("data", "dataset") in self.leaves else None
        if dataset != varied.dataset.id:
            for key in keys.values():
                leaf = self.leaves[key.path]
                if leaf.value != key.spec.default:
                    message = f"{key.name} is a setting of the dataset {varied.dataset.id}, and data.dataset is {dataset}"
                    self._tell("CFG_CROSS_FIELD", key, message, leaf.place, f"Leave it out, or use {varied.dataset.id}.")
                self.leaves[key.path] = replace(leaf, idle=True)
            return
        params, problems = varied.typed({name: self.leaves[key.path].value for name, key in keys.items()})
        self._add(self._across(problem, keys, "CFG_RANGE") for problem in problems)
        if params is None or self._doubt.any_of(keys.values()):
            self._data_known = self._use_known = False
            return
        if varied.is_usual(params) or varied.source.foresees is None:
            return
        try:
            self.facts = varied.source.foresees.load()(params)
        except DatasetError as error:
            last = (error.key or "").rsplit(".", 1)[-1]
            path = next((name for name in keys if name.rsplit(".", 1)[-1] == last), error.key or "dataset")
            self._add([self._across(FieldProblem(path, error.message, hint=error.hint or None, code=error.code), keys)])
            self._data_known = self._use_known = False

    def _foresee_sample(self) -> None:
        """The facts as they will be with the sample that the settings ask for, as they are if that cannot be; why is told at the end."""
        model = self.schema.entry.model_type
        settings = self._sample_values()
        if model.sample is None:
            return
        known = self._data_known and not self._doubt.any_of(self._sample_keys().values())
        self._use_known = known and validate_sample(model, settings, self.facts)[0] is not None
        if self._use_known:
            self.facts = model.holds.expected(self.facts, settings)

    def _sample_keys(self) -> dict[str, Key]:
        owner = self.schema.entry.model_type.sample
        return {key.spec.name: key for key in self.schema.keys.values() if key.owner is owner}

    def _sample_values(self) -> dict[str, Any]:
        return {name: self.leaves[key.path].given for name, key in self._sample_keys().items() if key.path in self.leaves}

    def _carry_out_rules(self) -> None:
        for path, key in _in_rule_order(self.schema):
            assert key.rule is not None
            leaf = self.leaves.get(path)
            unsure = not self._data_known or self._doubt.any_field(key.rule.reads)
            if unsure and not key.rule.on_auto:
                self._doubt.add(path)
            if unsure and (self.facts is None or any(name not in self._values() for name in key.rule.reads)):
                continue
            if key.rule.on_auto and (leaf is None or leaf.value != AUTO):
                continue
            if not key.rule.speaks(self._values(), self.facts):
                if not self._use_known:
                    self._doubt.add(path)
                continue
            value = key.rule.compute(self._values(), self.facts)
            if leaf is None:
                source = Source("derived", key.rule.words)
                self.leaves[path] = Leaf(value, (Write(source, value),), value)
            elif key.rule.on_auto:
                self.leaves[path] = leaf.derived(key.rule.words, value, given=value)
                if unsure:
                    self._doubt.add(path)
            elif unsure:
                self.leaves[path] = leaf.derived(key.rule.words, value, given=value)
            else:
                self._compare(path, key, leaf, value)
        self.leaves = {path: self.leaves[path] for path in self.schema.keys if path in self.leaves}

    def _compare(self, path: Path, key: Key, leaf: Leaf, value: Any) -> None:
        """A value given for one that a rule determines: nominal as a default or in a model file, checked anywhere else."""
        assert key.rule is not None
        if self.trusted and leaf.value != value:
            return
        for index, write in enumerate(leaf.chain):
            nominal = write.source.layer is Layer.MODEL or write.source.kind == "default"
            if write.value != value and not nominal:
                message = f"{key.name} is {show_value(write.value)}, but {key.rule.words} gives {show_value(value)}"
                self._tell("CFG_DERIVED_CONFLICT", key, message, write.source, "Leave it out: it is derived.")
            if write.source.kind != "default":
                leaf = leaf.noted(index, NOMINAL if nominal else CHECKED)
        self.leaves[path] = leaf.derived(key.rule.words, value, given=value)

    def _step_back(self) -> None:
        """Values of a model file for networks that the data turned out not to need: their default holds.

        A model file cannot know the data. Only what fails to apply because of a derived value steps back; everything else
        that does not apply is a mistake, which the checks tell.
        """
        derived = {k.spec.name for k in self.schema.keys.values() if k.rule is not None and self.leaves[k.path].source.kind == "derived"}
        while True:
            resolved = self._resolved()
            idle = [
                (key, because)
                for key in self.schema.by_field.values()
                if (because := _idle_because(key.spec, resolved)) and set(because) <= derived
                if self.leaves[key.path].source.layer is Layer.MODEL and self.leaves[key.path].value not in key.spec.off_values
            ]
            if not idle:
                return
            for key, because in idle:
                now = ", ".join(f"{name} is {show_value(resolved[name])}" for name in because)
                default = key.spec.default
                self.leaves[key.path] = self.leaves[key.path].derived(f"set aside: {now}", default, given=default)

    def _work_out_autos(self) -> None:
        self._recall_autos()
        resolved = self._resolved()
        for name, key in self.schema.by_field.items():
            leaf = self.leaves[key.path]
            idle = not applies(key.spec, resolved)
            if leaf.given == AUTO and not idle and resolved[name] != AUTO:
                leaf = leaf.derived(AUTO, resolved[name], given=AUTO, note=_auto_words(key.spec))
            self.leaves[key.path] = replace(leaf, idle=idle)

    def _recall_autos(self) -> None:
        """Keys whose value in a resolved file was what auto gave: auto again, unless the value was changed since."""
        recalled = [key for key in self.schema.by_field.values() if key.name in self.from_auto and self.leaves[key.path].value != AUTO]
        before = {key.path: self.leaves[key.path] for key in recalled}
        self.leaves |= {path: replace(leaf, given=AUTO) for path, leaf in before.items()}
        resolved = self._resolved()
        for key in recalled:
            if resolved[key.spec.name] != before[key.path].value:
                self.leaves[key.path] = before[key.path]

    def _values(self) -> dict[str, Any]:
        return {name: self.leaves[key.path].value for name, key in self.schema.by_field.items() if key.path in self.leaves}

    def _resolved(self) -> dict[str, Any]:
        return self.schema.entry.model_type.resolve(self._given())

    def _given(self) -> dict[str, Any]:
        return {name: self.leaves[key.path].given for name, key in self.schema.by_field.items() if key.path in self.leaves}

    def _build(self) -> Built | None:
        model = self.schema.entry.model_type
        built = None
        if self._data_known or self.facts is not None:
            checked = validate(model, self._given(), self.facts if self._data_known else None)
            self.warnings += [_sentence(self._across(problem, self.schema.by_field)) for problem in checked.warnings]
            self._add(self._across(problem, self.schema.by_field) for problem in checked.problems)
            built = checked.built
        sample, problems = validate_sample(model, self._sample_values(), self.facts if self._data_known else None)
        self._add(self._across(problem, self._sample_keys()) for problem in problems)
        if self.problems or built is None or (sample is None and model.sample is not None):
            return None
        return Built(built, sample)

    def _add(self, problems: Iterable[LayeredProblem]) -> None:
        """Tell of problems, but for those that follow from what is in doubt."""
        self.problems += [problem for problem in problems if not self._doubt.concerns(problem)]

    def _across(self, problem: FieldProblem, keys: Mapping[str, Key], code: str = "CFG_CROSS_FIELD") -> LayeredProblem:
        """A problem across keys at the place of its key, of another that it speaks of, or where the data is chosen; `code` without its own."""
        names = [problem.path.rsplit(".", cut)[0] for cut in range(problem.path.count(".") + 1)]
        named = [keys[name] for name in names if name in keys][:1]
        rest = problem.path.removeprefix(named[0].spec.name).lstrip(".") if named else ""
        spoken = [key.path for name, key in keys.items() if name in problem.message]
        asked = [*(key.path for key in named), *spoken, *([("data", "dataset")] if named and self._is_derived(named[0]) else [])]
        place = next((leaf.place for path in asked if (leaf := self.leaves.get(path)) is not None and leaf.place is not None), None)
        if rest and named[0].path in self.leaves:
            place = self.leaves[named[0].path].place_of(rest) or place
        name = ".".join(filter(None, (named[0].name, rest))) if named else problem.path
        message = problem.message if problem.message.startswith(problem.path) else f"{name}: {problem.message}"
        file, line = (place.file, place.line) if place is not None else (None, None)
        return LayeredProblem(problem.code or code, message, name, file, line, problem.hint)

    def _is_derived(self, key: Key) -> bool:
        return key.path in self.leaves and self.leaves[key.path].source.kind == "derived"

    def _tell(self, code: str, key: Key, message: str, source: Source | None = None, hint: str | None = None) -> None:
        file, line = (source.file, source.line) if source is not None else (None, None)
        self._add([LayeredProblem(code, message, key.name, file, line, hint)])


def _sentence(problem: LayeredProblem) -> str:
    place = "" if problem.file is None else f"{problem.file}: " if problem.line is None else f"{problem.file}:{problem.line}: "
    return place + problem.message


def _in_rule_order(schema: Schema) -> list[tuple[Path, Key]]:
    return [(schema.by_field[rule.key].path, schema.by_field[rule.key]) for rule in schema.rules]


def _idle_because(spec: FieldSpec, resolved: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the fields that keep this one from applying; empty if it applies."""
    condition = spec.meta.applies_when
    return () if condition is None else condition.failing(resolved)


def _auto_words(spec: FieldSpec) -> str:
    """The sentence of the field's help that says what auto takes."""
    return next((sentence.strip(". ") for sentence in spec.meta.help.split(". ") if sentence.startswith("Auto")), "")


def _where_to_give(key: Key) -> str:
    section = key.path[0]
    return f"Add a {section} file." if section in ("model", "data", "training") else f"Give {key.name}."

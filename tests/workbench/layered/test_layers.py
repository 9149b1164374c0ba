"""Layers and includes: precedence, order, diamonds, cycles, roots and limits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.layered.conftest import DATA, MODEL, Files, refused
from workbench.layered.files import Library
from workbench.layered.layers import MAX_DEPTH, MAX_FILES
from workbench.layered.resolve import resolve


def test_stronger_layers_win_over_weaker_ones(files: Files) -> None:
    steps = [
        ("models/m.yaml", "model: {name: Alpha, alpha: {dropout: 0.2}}", 0.2),
        ("data/d.yaml", "data: {dataset: tiny}\nmodel: {alpha: {dropout: 0.3}}", 0.3),
        ("training/t.yaml", "model: {alpha: {dropout: 0.4}}", 0.4),
        ("experiments/x.yaml", "model: {alpha: {dropout: 0.5}}", 0.5),
    ]
    files.write("data/plain.yaml", DATA)
    for number, (name, text, expected) in enumerate(steps, 1):
        files.write(name, text)
        names = [step[0] for step in steps[:number]]
        if number == 1:
            names.append("data/plain.yaml")
        assert files.resolve(*names)["model.alpha.dropout"] == expected
    config = files.resolve(*(step[0] for step in steps), overrides=["model.alpha.dropout=0.6"])
    assert config["model.alpha.dropout"] == 0.6
    chain = config.leaves["model", "alpha", "dropout"].chain
    assert [write.value for write in chain] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]


def test_an_including_file_wins_over_what_it_includes_and_later_includes_over_earlier_ones(files: Files) -> None:
    files.write("training/a.yaml", "training: {max_epochs: 1, learning_rate: 0.1, clip: 1.0}")
    files.write("training/b.yaml", "training: {learning_rate: 0.2, clip: 2.0}")
    files.write("training/t2.yaml", "includes: [a.yaml, b.yaml]\ntraining: {clip: 3.0}")
    files.basics()
    config = files.resolve("models/m.yaml", "data/d.yaml", "training/t2.yaml")
    assert [config[f"training.{name}"] for name in ("max_epochs", "learning_rate", "clip")] == [1, 0.2, 3.0]


def test_a_file_reached_twice_is_merged_at_each_place_where_it_stands(files: Files) -> None:
    files.basics()
    files.write("training/d.yaml", "training: {max_epochs: 4}")
    files.write("training/b.yaml", "includes: [d.yaml]\ntraining: {max_epochs: 2}")
    files.write("training/c.yaml", "includes: [d.yaml]")
    files.write("training/a.yaml", "includes: [b.yaml, c.yaml]")
    assert files.resolve("models/m.yaml", "data/d.yaml", "training/a.yaml")["training.max_epochs"] == 4


def test_the_folder_says_the_layer_unless_the_file_does(files: Files) -> None:
    files.basics()
    files.write("mine.yaml", "layer: training\ntraining: {max_epochs: 5}")
    assert files.resolve("models/m.yaml", "data/d.yaml", "mine.yaml")["training.max_epochs"] == 5


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("x.yaml", "training: {}", 1),
        ("x.yaml", "\nlayer: trainings", 2),
        ("training/x.yaml", "layer: data", 1),
        ("x.yaml", "layer: [data]", 1),
    ],
)
def test_a_layer_that_is_unknown_or_contradicts_the_folder_is_refused(files: Files, name: str, text: str, line: int) -> None:
    files.basics()
    files.write(name, text)
    error = refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", name))
    assert (error.code, error.file, error.line) == ("CFG_LAYER_UNKNOWN", name, line)


@pytest.mark.parametrize(
    ("first", "chain"),
    [("a", "training/a.yaml:2 -> training/b.yaml:1 -> training/a.yaml"), ("self", "training/self.yaml:1 -> training/self.yaml")],
)
def test_a_cycle_prints_the_include_chain(files: Files, first: str, chain: str) -> None:
    files.basics()
    files.write("training/a.yaml", "# first\nincludes: [../training/b.yaml]")
    files.write("training/b.yaml", "includes: [./../models/../training/a.yaml]")
    files.write("training/self.yaml", "includes: [self.yaml]")
    error = refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", f"training/{first}.yaml"))
    assert error.code == "CFG_CYCLE"
    assert chain in str(error)


def test_a_link_to_an_including_file_is_the_same_file(files: Files) -> None:
    files.basics()
    files.write("training/a.yaml", "includes: [b.yaml]")
    (files.root / "training" / "b.yaml").symlink_to(files.root / "training" / "a.yaml")
    assert refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", "training/a.yaml")).code == "CFG_CYCLE"


def test_a_missing_include_names_the_file_and_line_that_asks_for_it(files: Files) -> None:
    files.basics()
    files.write("training/a.yaml", "includes:\n  - t.yaml\n  - missing.yaml")
    error = refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", "training/a.yaml"))
    assert (error.code, error.file, error.line) == ("CFG_MISSING_FILE", "training/a.yaml", 3)


def test_a_missing_file_of_the_command_offers_the_closest(files: Files) -> None:
    files.basics()
    error = refused(lambda: files.resolve("models/n.yaml"))
    assert error.code == "CFG_MISSING_FILE"
    assert error.hint is not None
    assert "models/m.yaml" in error.hint


def test_a_folder_in_the_place_of_a_file_is_told_where_it_is_named(files: Files) -> None:
    files.basics()
    (files.root / "training" / "folder.yaml").mkdir()
    files.write("training/a.yaml", "includes: [folder.yaml]")
    error = refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", "training/a.yaml"))
    assert (error.code, error.file, error.line) == ("CFG_UNREADABLE", "training/a.yaml", 1)


@pytest.mark.parametrize("path", ["/etc/hostname", "../../outside.yaml", "link.yaml"])
def test_includes_stay_inside_the_configuration_folders(files: Files, tmp_path: Path, path: str) -> None:
    inner = Files(tmp_path.resolve() / "configs")
    inner.basics()
    (tmp_path / "outside.yaml").write_text("layer: training")
    (inner.root / "training" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    inner.write("training/a.yaml", f"includes: [{path}]")
    error = refused(lambda: inner.resolve("models/m.yaml", "data/d.yaml", "training/a.yaml"))
    assert (error.code, error.file, error.line) == ("CFG_PATH_OUTSIDE", "training/a.yaml", 1)


def test_files_of_ones_own_lie_anywhere_and_include_what_lies_beside_them(files: Files, tmp_path_factory: pytest.TempPathFactory) -> None:
    files.basics()
    own = Files(tmp_path_factory.mktemp("own").resolve())
    own.write("base.yaml", "layer: training\ntraining: {max_epochs: 6}")
    own.write("mine.yaml", "layer: training\nincludes: [base.yaml]")
    paths = [files.root / "models/m.yaml", files.root / "data/d.yaml", own.root / "mine.yaml"]
    config = resolve(paths, library=Library(files.root))
    assert config["training.max_epochs"] == 6
    assert config.leaves["training", "max_epochs"].source.short == "base.yaml:2"


def test_the_working_directory_does_not_matter(
    files: Files, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.basics()
    names = ["models/m.yaml", "data/d.yaml", "training/t.yaml"]
    seen = set()
    for folder in (files.root, files.root / "models", tmp_path_factory.mktemp("elsewhere")):
        monkeypatch.chdir(folder)
        seen.add(resolve(names, library=Library(files.root)).to_yaml())
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["data/d.yaml", "models/m.yaml"], "CFG_LAYER_ORDER"),
        (["models/m.yaml", "training/t.yaml", "data/d.yaml"], "CFG_LAYER_ORDER"),
        (["models/m.yaml", "data/d.yaml", "experiments/a.yaml", "experiments/b.yaml"], "CFG_LAYER_ORDER"),
        (["models/m.yaml", "models/beta.yaml", "data/d.yaml"], "CFG_LAYER_ORDER"),
    ],
)
def test_lists_that_contradict_the_order_of_layers_are_refused(files: Files, names: list[str], code: str) -> None:
    files.basics()
    files.write("models/beta.yaml", "model: {name: Beta}")
    files.write("experiments/a.yaml", "")
    files.write("experiments/b.yaml", "")
    assert refused(lambda: files.resolve(*names)).code == code
    above = [f"../{name}" for name in names]
    files.write("experiments/list.yaml", "includes:\n" + "".join(f"  - {name}\n" for name in above))
    error = refused(lambda: files.resolve("experiments/list.yaml"))
    assert (error.code, error.file) == (code, "experiments/list.yaml")
    assert error.line is not None


def test_an_order_that_is_wrong_is_told_with_both_places(files: Files) -> None:
    files.basics()
    files.write("experiments/list.yaml", "includes:\n  - ../data/d.yaml\n  - ../models/m.yaml")
    message = str(refused(lambda: files.resolve("experiments/list.yaml")))
    assert "data/d.yaml (line 2)" in message
    assert "models/m.yaml (line 3)" in message


def test_an_experiment_may_include_another_and_wins_over_it(files: Files) -> None:
    files.experiment("training: {max_epochs: 5, learning_rate: 0.5}")
    files.write("experiments/y.yaml", "includes: [x.yaml]\ntraining: {max_epochs: 6}")
    config = files.resolve("experiments/y.yaml")
    assert (config["training.max_epochs"], config["training.learning_rate"]) == (6, 0.5)


@pytest.mark.parametrize(
    ("name", "included"),
    [("models/a.yaml", "../data/d.yaml"), ("data/a.yaml", "../training/t.yaml"), ("training/a.yaml", "../models/m.yaml")],
)
def test_only_experiments_combine_layers(files: Files, name: str, included: str) -> None:
    files.basics()
    files.write(name, f"includes: [{included}]")
    error = refused(lambda: files.resolve(name))
    assert (error.code, error.file, error.line) == ("CFG_LAYER_CONTENT", name, 1)


def test_includes_are_a_list_of_texts(files: Files) -> None:
    files.basics()
    for text in ("includes: t.yaml", "includes: [1]", "includes: [{a: 1}]"):
        files.write("training/a.yaml", text)
        assert refused(lambda: files.resolve("training/a.yaml")).code == "CFG_TYPE"


def chain(files: Files, depth: int) -> None:
    files.basics()
    for number in range(1, depth + 1):
        files.write(f"training/n{number}.yaml", f"includes: [n{number + 1}.yaml]" if number < depth else "training: {max_epochs: 9}")


def test_the_depth_of_includes_is_limited(files: Files) -> None:
    chain(files, MAX_DEPTH)
    assert files.resolve("models/m.yaml", "data/d.yaml", "training/n1.yaml")["training.max_epochs"] == 9
    chain(files, MAX_DEPTH + 1)
    assert refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", "training/n1.yaml")).code == "CFG_LIMIT"


def test_the_number_of_merged_files_is_limited(files: Files) -> None:
    files.basics()
    for count, fits in ((MAX_FILES - 3, True), (MAX_FILES - 2, False)):
        files.write("training/many.yaml", f"includes: [{', '.join(['t.yaml'] * count)}]")
        names = ("models/m.yaml", "data/d.yaml", "training/many.yaml")
        if fits:
            files.resolve(*names)
        else:
            assert refused(lambda names=names: files.resolve(*names)).code == "CFG_LIMIT"


def test_a_tower_of_diamonds_is_stopped_by_the_limit_of_files(files: Files) -> None:
    files.basics()
    for number in range(14):
        files.write(f"training/n{number}.yaml", f"includes: [n{number + 1}.yaml, n{number + 1}.yaml]")
    files.write("training/n14.yaml", "")
    assert refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", "training/n0.yaml")).code == "CFG_LIMIT"


def test_a_file_that_may_not_be_read_says_so(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.basics()
    real = Path.read_bytes

    def read(self: Path) -> Any:
        if self.name == "t.yaml":
            raise PermissionError(13, os.strerror(13), str(self))
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", read)
    error = refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", "training/t.yaml"))
    assert error.code == "CFG_UNREADABLE"
    assert "Permission denied" in str(error)


def test_a_model_file_need_not_know_the_data(files: Files) -> None:
    files.write("models/m.yaml", MODEL)
    error = refused(lambda: files.resolve("models/m.yaml"))
    assert (error.code, error.key) == ("CFG_NULL", "data.dataset")


def test_what_is_no_file_is_refused_and_not_waited_for(files: Files, tmp_path: Path) -> None:
    files.basics()
    (place,) = tmp_path.rglob("t.yaml")
    place.unlink()
    os.mkfifo(place)
    error = refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", "training/t.yaml"))
    assert (error.code, "is no file" in str(error)) == ("CFG_UNREADABLE", True)


def test_what_a_configs_folder_of_ones_own_lacks_is_looked_for_among_the_shipped_files(
    files: Files, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files.basics()
    own = Files(tmp_path_factory.mktemp("own").resolve() / "configs")
    own.write("training/t.yaml", "training: {max_epochs: 6}")
    path = own.write("experiments/x.yaml", "includes: [../models/m.yaml, ../data/d.yaml, ../training/t.yaml]")
    config = resolve([path], library=Library(files.root))
    assert config["training.max_epochs"] == 6
    assert [used.shown for used in config.files] == ["models/m.yaml", "data/d.yaml", "training/t.yaml", "experiments/x.yaml"]
    gone = own.write("experiments/y.yaml", "includes: [../models/m.yaml, ../data/gone.yaml]")
    error = refused(lambda: resolve([gone], library=Library(files.root)))
    assert (error.code, error.file, error.line) == ("CFG_MISSING_FILE", "experiments/y.yaml", 1)

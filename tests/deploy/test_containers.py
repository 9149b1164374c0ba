"""The files for containers name only what there is: paths, commands, options, variables, ports, addresses."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
import yaml
from starlette.testclient import TestClient
from typer.main import get_command

from tests.conftest import ROOT
from workbench.cli.app import build
from workbench.families import all_families
from workbench.runs import worker
from workbench.settings import Settings, unknown_variables
from workbench.store.engine import address_of

LINES = re.sub(r"\\\n", " ", (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")).splitlines()
STEPS = [tuple(line.split(maxsplit=1)) for line in LINES if line.strip() and not line.startswith("#")]
OVER: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "object-storage.yaml").read_text(encoding="utf-8"))
USAGE_ERROR: Any = typer.BadParameter.__base__
DOCS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Compose:
    """An installation: all of its file, its services, and those that are Trellis."""

    all: dict[str, Any]

    @property
    def services(self) -> dict[str, Any]:
        return self.all["services"]

    @property
    def own(self) -> dict[str, Any]:
        return {name: service for name, service in self.services.items() if service["image"].startswith("trellis")}


@pytest.fixture(params=["compose.yaml", "compose-hosts.yaml"])
def compose(request: pytest.FixtureRequest) -> Compose:
    """Each installation that is described."""
    return Compose(yaml.safe_load((ROOT / "deploy" / request.param).read_text(encoding="utf-8")))


def step(word: str) -> list[str]:
    """What the steps of that sort say."""
    return [text for name, text in STEPS if name == word]


def environment() -> dict[str, str]:
    """The variables of the image."""
    return dict(pair.split("=", 1) for text in step("ENV") for pair in shlex.split(text))


def filled(text: str) -> str:
    """A value of a compose file as it is where only what has to be set is set: `:?` becomes a secret, `:-` its default."""
    return re.sub(r"\$\{\w+:\?[^}]*\}", "Secret1", re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))


def parse(words: Sequence[str]) -> None:
    """Read a command line of `trellis` to its last option, and carry out nothing. Raises typer's UsageError."""
    command: Any = get_command(build())
    context = command.make_context("trellis", list(words))
    while hasattr(command, "resolve_command"):
        _, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(command.name, rest, parent=context)


def check_command(words: list[str]) -> None:
    """Assert that a command of a container can be carried out, with all its options."""
    if words[0] == "trellis":
        parse(words[1:])
        return
    assert words[0] == "python"
    if words[1] == "-m":
        assert words[2] == worker.__name__
        worker.parser().parse_args(words[3:])
    else:
        assert words[1] == "-c"
        compile(words[2], "command", "exec")


def test_every_step_is_one_that_container_files_have_and_every_path_exists() -> None:
    assert {name for name, _ in STEPS} <= {"FROM", "WORKDIR", "COPY", "ARG", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}
    copied = [source for text in step("COPY") for source in text.split()[:-1]]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    ran = [text.split()[0] for text in step("RUN") if text.startswith("requirements/")]
    assert ran == ["requirements/bootstrap.sh"]
    (argument,) = step("ARG")
    name, _, default = argument.partition("=")
    assert step("RUN")[0].split()[1] == f"${{{name}}}"
    wanted = {default, OVER["services"]["app"]["build"]["args"][name]}
    assert wanted == {"runtime", "team"}
    assert wanted <= {path.stem for path in (ROOT / "requirements").glob("*.txt")}
    installed = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert installed["project"]["readme"] in copied
    assert set(installed["tool"]["setuptools"]["packages"]["find"]["where"]) == {"src", "."}
    assert installed["project"]["requires-python"] == ">=3.11,<3.12"
    assert "python:3.11-" in step("FROM")[0]


def test_all_that_runs_is_in_the_image(tmp_path: Path) -> None:
    copied = {source for text in step("COPY") for source in text.split()[:-1]}
    package_folders = {path.parent.relative_to(ROOT).parts[0] for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert package_folders <= copied
    from dashboard.pages_app import ASSETS
    from workbench.doctor.packages import PINS
    from workbench.layered.files import SHIPPED

    for place in (ASSETS, SHIPPED, PINS):
        assert Path(place).relative_to(ROOT).parts[0] in copied


def test_every_variable_is_a_setting_with_a_value_that_can_be_used(compose: Compose, monkeypatch: pytest.MonkeyPatch) -> None:
    for service in compose.own.values():
        given = {**environment(), **service["environment"]}
        given = {name: filled(str(text)) for name, text in given.items() if name.startswith("TRELLIS_")}
        assert unknown_variables(given) == ()
        for name, text in given.items():
            monkeypatch.setenv(name, text)
        settings = Settings.load()
        assert str(settings.home) == environment()["TRELLIS_HOME"]
        if settings.executor == "celery":
            assert urlsplit(settings.broker_url).hostname in service["depends_on"]
            assert urlsplit(settings.broker_url).password == "Secret1"
            assert compose.services["app"]["build"]["args"] == {"PACKAGES": "team"}
        assert address_of(settings.database_url).host == "database"
        assert address_of(settings.database_url).database == compose.services["database"]["environment"]["POSTGRES_DB"]
        assert address_of(settings.database_url).username == compose.services["database"]["environment"]["POSTGRES_USER"]


def test_the_server_listens_where_its_port_is_given_out_and_never_without_a_token(compose: Compose) -> None:
    port = environment()["TRELLIS_PORT"]
    assert step("EXPOSE") == [port]
    assert [text.rpartition(":")[2] for text in compose.services["app"]["ports"]] == [port]
    assert all(text.startswith("127.0.0.1:") for text in compose.services["app"]["ports"])
    assert ":?" in compose.services["app"]["environment"]["TRELLIS_TOKEN"]
    assert not any("ports" in service for name, service in compose.services.items() if name != "app")


@pytest.mark.parametrize("base", ["", "/trellis", "/tools/trellis/"])
def test_what_is_asked_for_health_answers_without_a_token(home: Path, monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    from dashboard.server import create_server

    command = json.loads(step("HEALTHCHECK")[0].partition(" CMD ")[2])
    check_command(command)
    asked: list[str] = []
    monkeypatch.setattr("urllib.request.urlopen", lambda address, timeout: asked.append(address))
    monkeypatch.setenv("TRELLIS_BASE_PATH", base)
    exec(command[2], {})
    (address,) = asked
    assert urlsplit(address).port == int(environment()["TRELLIS_PORT"])
    settings = Settings.load(home=home, token="Secret1Secret1", host="0.0.0.0")
    assert TestClient(create_server(settings), base_url=address).get(address).status_code == 200


def test_every_command_exists_with_its_options(compose: Compose) -> None:
    check_command(json.loads(step("CMD")[0]))
    frameworks = set()
    for name, service in compose.own.items():
        command = service.get("command")
        if command is not None:
            check_command(command)
            *start, option, framework = command
            assert start in (["python", "-m", worker.__name__], ["trellis", "worker"])
            # local workers serve no broker, and a server's workers would not see one
            assert (start[0] == "trellis") == ("TRELLIS_BROKER_URL" in service["environment"])
            assert (option, name) == ("--framework", f"worker-{framework}")
            frameworks.add(framework)
    assert frameworks == {str(family.framework) for family in all_families()}


def test_services_volumes_and_the_build_fit_each_other(compose: Compose) -> None:
    build = compose.services["app"]["build"]
    context = (ROOT / "deploy" / build["context"]).resolve()
    assert context == ROOT.resolve()
    assert (context / build["dockerfile"]).is_file()
    for service in compose.services.values():
        assert set(service.get("depends_on", {})) <= set(compose.services)
        for volume in service["volumes"]:
            name, _, _place = volume.partition(":")
            assert name in compose.all["volumes"]
    for service in compose.own.values():
        assert [volume.partition(":")[2] for volume in service["volumes"]] == step("VOLUME") == [environment()["TRELLIS_HOME"]]
        for needed, how in service["depends_on"].items():
            assert how["condition"] == "service_healthy"
            assert "healthcheck" in compose.services[needed]
        assert "database" in service["depends_on"]
    for name, text in build.get("args", {}).items():
        assert name in [argument.partition("=")[0] for argument in step("ARG")]
        assert (ROOT / "requirements" / f"{text}.txt").is_file()


def test_the_page_on_operations_names_the_files_and_what_has_to_be_set() -> None:
    both = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "deploy").glob("compose*.yaml"))
    wanted = set(re.findall(r"\$\{(\w+):\?", both))
    assert wanted == {"TRELLIS_TOKEN", "POSTGRES_PASSWORD", "BROKER_PASSWORD"}
    for name in (*wanted, *(f"deploy/{path.name}" for path in (ROOT / "deploy").iterdir())):
        assert name in DOCS


def test_what_is_laid_over_for_object_storage_reaches_every_container_of_trellis(compose: Compose) -> None:
    assert OVER["services"].keys() == compose.own.keys()
    for service in OVER["services"].values():
        given = {name: re.sub(r"\$\{(\w+):?[?-]?[^}]*\}", r"\1", text) for name, text in service["environment"].items()}
        assert {name for name in given if name.startswith("TRELLIS_")} == {"TRELLIS_ARTEFACTS"}
        assert given["TRELLIS_ARTEFACTS"] == "TRELLIS_ARTEFACTS"
        assert unknown_variables(given) == ()
        assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= given.keys()
    assert "deploy/object-storage.yaml" in (ROOT / "docs" / "object-storage.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [["trellis", "sevre"], ["trellis", "serve", "--prot", "1"], ["trellis", "worker", "--framework", "torch"], ["trellis", "runs", "lits"],
     ["python", "-m", "workbench.runs.worker", "--framewrok", "jax"], ["python", "-m", "workbench.runs.wroker"]],
)  # fmt: skip
def test_a_command_or_an_option_that_there_is_not_is_found(words: list[str]) -> None:
    with pytest.raises((USAGE_ERROR, SystemExit, AssertionError)):
        check_command(words)


def test_every_command_and_variable_that_files_and_docs_tell_people_to_use_exists() -> None:
    written = {path: path.read_text(encoding="utf-8") for path in [*(ROOT / "deploy").iterdir(), *(ROOT / "docs").glob("*.md")]}
    commands = [line for text in written.values() for line in re.findall(r"exec app (trellis .+)", text)]
    assert len(commands) >= 2
    for line in commands:
        check_command(shlex.split(line))
    shown = [text for path, text in written.items() if path.parent.name == "deploy" or "podman" in text]
    assert unknown_variables(dict.fromkeys(re.findall(r"\bTRELLIS_[A-Z_]+[A-Z]\b", "".join(shown)), "")) == ()
    files = [name for text in written.values() for line in re.findall(r"compose (-f .+)", text) for name in re.findall(r"-f (\S+)", line)]
    assert "deploy/compose.yaml" in files
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_what_runs_in_the_image_is_no_root_and_can_write_nothing_of_the_program() -> None:
    order = [name for name, _ in STEPS]
    (user,) = step("USER")
    assert f"useradd --system --uid 10001 --home-dir {environment()['TRELLIS_HOME']} --create-home {user} " in f"{step('RUN')[-1]} "
    assert order.index("USER") > max(place for place, name in enumerate(order) if name in ("RUN", "COPY"))
    assert step("VOLUME") == [environment()["TRELLIS_HOME"]]
    assert not any("chown" in text for text in (*step("RUN"), *step("COPY")))


def test_a_proxy_in_front_can_be_told_of_and_without_one_the_settings_hold_as_they_are(compose: Compose) -> None:
    given = compose.services["app"]["environment"]
    for name in ("TRELLIS_TRUSTED_PROXIES", "TRELLIS_BASE_PATH", "TRELLIS_PUBLIC_URL"):
        assert given[name] == f"${{{name}:-}}"
        assert filled(given[name]) == ""
        assert name in DOCS

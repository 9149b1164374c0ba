from __future__ import annotations

import asyncio
import inspect
import re
import socket
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dashboard import serving
from dashboard.server import _manager
from dashboard.serving import ServeError, address, check_exposure, listen, main, serve
from workbench.cli.serve import serve as serve_command
from workbench.settings import Settings, SettingsError
from workbench.workbench import Workbench


def in_a_thread(call: Callable[[], Any]) -> Any:
    """What a call answers in a thread of its own: the main one may hold the event loop of a browser's tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"Port {port} on 127\.0\.0\.1 is in use.*TRELLIS_PORT"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused_in_words() -> None:
    with pytest.raises(ServeError, match="not an address of this machine"):
        listen("192.0.2.1", 0)


def test_a_name_nobody_knows_is_refused_in_words() -> None:
    with pytest.raises(ServeError, match="not an address of this machine"):
        listen("no-such-host.invalid", 0)


def test_port_0_takes_a_free_one() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockname()[1] > 0


def test_listening_beyond_this_machine_needs_a_token(home: Path) -> None:
    with pytest.raises(ServeError, match="TRELLIS_TOKEN"):
        check_exposure(Settings.load(home=home, host="0.0.0.0"))
    check_exposure(Settings.load(home=home, host="0.0.0.0", token="a long secret"))
    check_exposure(Settings.load(home=home))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8050/"),
        ("0.0.0.0", "http://127.0.0.1:8050/"),
        ("::1", "http://[::1]:8050/"),
        ("box.lan", "http://box.lan:8050/"),
    ],
)
def test_the_printed_address_can_be_opened(host: str, expected: str) -> None:
    assert address(host, 8050) == expected
    assert address(host, 8050, "/trellis") == f"{expected}trellis/"


def test_a_port_in_use_ends_the_program_with_one_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("TRELLIS_PORT", str(taken.getsockname()[1]))
        assert main([]) == 1
    errors = capsys.readouterr().err
    assert "is in use" in errors
    assert "Traceback" not in errors


def test_a_home_that_cannot_be_written_ends_the_program_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TRELLIS_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("TRELLIS_PORT", "0")
    assert main([]) == 1
    assert "is a file. Set TRELLIS_HOME to a folder." in capsys.readouterr().err


@pytest.mark.parametrize("wanted", [True, False])
def test_a_worker_gets_ready_before_all_else_if_the_settings_want_one(home: Path, monkeypatch: pytest.MonkeyPatch, wanted: bool) -> None:
    started: list[Settings] = []
    monkeypatch.setattr("workbench.runs.starting.start_ahead", started.append)
    damaged_store(home)
    with pytest.raises(ServeError, match="damaged"):
        in_a_thread(lambda: serve(Settings.load(home=home, port=0, warm_worker=wanted)))
    assert [settings.home for settings in started] == [home] * wanted


def test_no_worker_gets_ready_here_where_other_hosts_train(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Settings] = []
    monkeypatch.setattr("workbench.runs.starting.start_ahead", started.append)

    def unusable(settings: Settings, on_unusable: object) -> None:
        raise ServeError("It ends here.")

    monkeypatch.setattr(serving, "_made", unusable)
    celery = {"executor": "celery", "database_url": "postgresql://ann@db/trellis", "broker_url": "redis://queue/0"}
    with pytest.raises(ServeError, match="It ends here"):
        in_a_thread(lambda: serve(Settings.load(home=home, port=0, **celery)))
    assert started == []


def damaged_store(home: Path) -> None:
    (home / "trellis.db").write_bytes(b"no database " * 400)


def newer_store(home: Path) -> None:
    Workbench.open(Settings.load(home=home)).close()
    with sqlite3.connect(home / "trellis.db") as connection:
        connection.execute("UPDATE schema_version SET version_num = '9999'")


def damaged_record(home: Path) -> None:
    Workbench.open(Settings.load(home=home)).close()
    with sqlite3.connect(home / "trellis.db") as connection:
        connection.execute("""UPDATE entities SET record = '{"id": "digits", "schema_version": 2, "nonsense": 1}'""")


def newer_record(home: Path) -> None:
    Workbench.open(Settings.load(home=home)).close()
    with sqlite3.connect(home / "trellis.db") as connection:
        connection.execute("""UPDATE entities SET record = '{"id": "digits", "schema_version": 99}'""")


def damaged_secret(home: Path) -> None:
    (home / "cookie-secret").write_bytes(b"\xff" * 64)


def secret_that_is_a_folder(home: Path) -> None:
    (home / "cookie-secret").mkdir()


def cache_that_cannot_be_made(home: Path) -> None:
    (home / "cache").write_text("in the way")


UNUSABLE = {
    "damaged store": (damaged_store, "damaged"),
    "newer store": (newer_store, "newer version"),
    "damaged record": (damaged_record, "damaged"),
    "newer record": (newer_record, "newer version"),
    "damaged secret": (damaged_secret, "cookie-secret"),
    "secret that is a folder": (secret_that_is_a_folder, "cookie-secret"),
    "cache that cannot be made": (cache_that_cannot_be_made, "cache"),
}


@pytest.mark.parametrize(("damage", "named"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_what_cannot_be_used_of_the_home_folder_ends_the_program_with_one_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], None], named: str
) -> None:
    monkeypatch.setenv("TRELLIS_WARM_WORKER", "false")
    damage(home)
    assert in_a_thread(lambda: main(["--port", "0"])) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("Trellis cannot start: ")
    assert named in errors
    assert "Traceback" not in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("damage", ["torn", "file"])
def test_a_damaged_cache_of_background_results_is_made_anew(home: Path, damage: str) -> None:
    folder = home / "cache" / "background"
    if damage == "torn":
        folder.mkdir(parents=True)
        (folder / "cache.db").write_bytes(b"no database " * 400)
    else:
        folder.parent.mkdir()
        folder.write_text("in the way")
    manager = _manager(folder)
    manager.handle.set("key", 1)
    assert manager.handle.get("key") == 1
    manager.end_jobs()


def test_the_program_takes_the_options_of_trellis_serve(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("dashboard.serving.serve", served.append)
    assert main(["--port", "4711", "--host", "::1"]) == 0
    assert (served[0].port, served[0].host) == (4711, "::1")
    assert main([]) == 0
    assert (served[1].port, served[1].host) == (8050, "127.0.0.1")
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}
    assert options == {f"--{name}" for name in inspect.signature(serve_command).parameters}


def test_users_let_it_listen_beyond_this_machine_as_a_token_does(home: Path) -> None:
    settings = Settings.load(home=home, host="0.0.0.0")
    with pytest.raises(ServeError, match="trellis users add"):
        check_exposure(settings)
    bench = Workbench.open(settings)
    bench.people.add(by="user:ann", name="ann", role="administer")
    bench.close()
    check_exposure(settings)


def test_several_processes_need_what_starts_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.processes.NEEDED", ("gunicorn_that_nobody_has",))
    with pytest.raises(ServeError, match=r"trellis\[team\]"):
        serve(Settings.load(home=home, port=0, processes=2))


@pytest.mark.parametrize(
    ("proxies", "asking", "seen"),
    [
        ("127.0.0.1", "127.0.0.1", ("https", "198.51.100.7")),
        ("10.0.0.0/8, ::1", "10.1.2.3", ("https", "198.51.100.7")),
        ("10.0.0.0/8", "127.0.0.1", ("http", "127.0.0.1")),
        ("10.0.0.0/8", "192.0.2.9", ("http", "192.0.2.9")),
        (" ", "127.0.0.1", ("http", "127.0.0.1")),
    ],
)
def test_only_trusted_proxies_say_who_asks_and_how(
    home: Path, monkeypatch: pytest.MonkeyPatch, proxies: str, asking: str, seen: tuple[str, str]
) -> None:
    made: list[Any] = []
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: made.append(self.config))
    serve(Settings.load(home=home, port=0, warm_worker=False, trusted_proxies=proxies))
    (config,) = made
    found: list[tuple[str, str]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append((scope["scheme"], scope["client"][0]))

    config.app, config.lifespan = app, "off"
    config.load()
    headers = [(b"x-forwarded-for", b"203.0.113.1, 198.51.100.7"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "scheme": "http", "client": (asking, 1), "headers": headers, "path": "/", "method": "GET"}
    in_a_thread(lambda: asyncio.run(config.loaded_app(scope, None, None)))
    assert found == [seen]


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.0.0.0/99"])
def test_a_proxy_is_named_by_its_address(home: Path, proxies: str) -> None:
    with pytest.raises(SettingsError, match="neither an address nor a network"):
        Settings.load(home=home, trusted_proxies=proxies)

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from dashboard.serving import ServeError, address, check_exposure, listen, main
from workbench.settings import Settings


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


def test_a_port_in_use_ends_the_program_with_one_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("TRELLIS_PORT", str(taken.getsockname()[1]))
        assert main() == 1
    errors = capsys.readouterr().err
    assert "is in use" in errors
    assert "Traceback" not in errors


def test_a_home_that_cannot_be_written_ends_the_program_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TRELLIS_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("TRELLIS_PORT", "0")
    assert main() == 1
    assert "cannot be written" in capsys.readouterr().err

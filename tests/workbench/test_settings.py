from __future__ import annotations

from pathlib import Path

import pytest

from workbench.settings import Settings, SettingsError, host_name, unknown_variables


def test_everything_lies_in_the_home_folder_unless_said_otherwise(home: Path) -> None:
    settings = Settings.load()
    assert settings.home == home
    assert settings.artefacts == home / "artefacts"
    assert settings.database_url == f"sqlite:///{home / 'trellis.db'}"
    assert (settings.host, settings.port, settings.token) == ("127.0.0.1", 8050, None)
    assert settings.max_concurrent_runs >= 1


def test_variables_set_settings_and_arguments_come_before_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRELLIS_PORT", "9000")
    assert Settings.load().port == 9000
    assert Settings.load(port=9001, host=None).port == 9001


def test_a_variable_is_read_however_its_letters_are_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("trellis_worker_idle_seconds", "7.5")
    monkeypatch.setenv("Trellis_Warm_Worker", "no")
    settings = Settings.load()
    assert (settings.worker_idle_seconds, settings.warm_worker) == (7.5, False)
    assert Settings.load(worker_idle_seconds=3).worker_idle_seconds == 3


def test_a_value_that_cannot_be_used_names_its_variable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRELLIS_PORT", "eighty")
    monkeypatch.setenv("TRELLIS_MAX_CONCURRENT_RUNS", "0")
    with pytest.raises(SettingsError, match=r"TRELLIS_PORT.*eighty") as caught:
        Settings.load()
    assert "TRELLIS_MAX_CONCURRENT_RUNS" in str(caught.value)


def test_a_lease_shorter_than_a_heartbeat_is_refused(home: Path) -> None:
    with pytest.raises(SettingsError, match="TRELLIS_LEASE_SECONDS"):
        Settings.load(lease_seconds=1, heartbeat_seconds=2)


def test_an_empty_variable_means_not_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRELLIS_PORT", "")
    assert Settings.load().port == 8050


def test_a_home_that_cannot_be_written_says_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for given in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(SettingsError, match=r"/file.*TRELLIS_HOME.*is a file. Set TRELLIS_HOME to a folder"):
            Settings.load(home=given).prepare()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(SettingsError, match=r"loop/home.*TRELLIS_HOME.*cannot be written.*Set TRELLIS_HOME"):
        Settings.load(home=tmp_path / "loop" / "home").prepare()


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("NOTIFY_WEBHOOK", "ftp://a", "is no web address"),
        ("NOTIFY_WEBHOOK", "https://", "is no web address"),
        ("PUBLIC_URL", "foo", "is no web address.*foo"),
        ("PUBLIC_URL", "http://host:port/", "is no web address"),
        ("PUBLIC_URL", "http://ho st/", "is no web address"),
        ("NOTIFY_EMAIL", "notmail", "'notmail' is no e-mail address"),
        ("NOTIFY_EMAIL", "ann@example.org, Bob <bob@>", "'Bob <bob@>' is no e-mail address"),
        ("STOP_GRACE_SECONDS", "1e400", "finite"),
        ("LEASE_SECONDS", "nan", "finite"),
        ("ARTEFACTS", "ftp://host/folder", "is on no object storage that Trellis knows .s3,"),
        ("ARTEFACTS", "hdfs://host/folder", "is on no object storage that Trellis knows"),
    ],
)
def test_a_value_that_can_do_nothing_is_refused_at_the_start(variable: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRELLIS_SMTP_HOST", "localhost")
    monkeypatch.setenv(f"TRELLIS_{variable}", value)
    with pytest.raises(SettingsError, match=f"TRELLIS_{variable}.*{says}"):
        Settings.load()


@pytest.mark.parametrize("given", ["ann@example.org", "root@localhost", "Ann <ann@example.org>,bob@[10.0.0.1]"])
def test_addresses_of_people_may_have_names(given: str) -> None:
    assert Settings.load(notify_email=given, smtp_host="localhost").notify_email.replace(" ", "") == given.replace(" ", "")


def test_a_prepared_home_is_private(tmp_path: Path) -> None:
    settings = Settings.load(home=tmp_path / "deep" / "home").prepare()
    assert settings.written.is_dir()
    assert settings.home.stat().st_mode & 0o077 == 0


def test_relative_folders_become_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.load(home=Path("here")).home == tmp_path / "here"


def test_the_description_masks_secrets_and_tells_where_values_come_from(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRELLIS_TOKEN", "very-secret")
    monkeypatch.setenv("TRELLIS_DATABASE_URL", "postgresql+psycopg://ann:pass-word@db/trellis")
    lines = {line.name: line for line in Settings.load(port=9000).describe()}
    shown = " ".join(line.value for line in lines.values())
    assert "very-secret" not in shown
    assert "pass-word" not in shown
    assert lines["database_url"].value == "postgresql+psycopg://ann:***@db/trellis"
    assert (lines["token"].source, lines["port"].source, lines["host"].source) == ("TRELLIS_TOKEN", "given", "default")
    assert set(lines) == set(Settings.model_fields)


def test_misspelt_variables_are_pointed_out() -> None:
    assert unknown_variables({"TRELLIS_HOEM": "/x", "TRELLIS_PORT": "1", "PATH": "/bin"}) == (
        "TRELLIS_HOEM is not a setting of Trellis; did you mean TRELLIS_HOME?",
    )


@pytest.mark.parametrize("token", [" ", "\t", " secret", "secret ", "sec\nret"])
def test_a_token_that_no_program_could_show_is_refused_without_being_repeated(home: Path, token: str) -> None:
    with pytest.raises(SettingsError, match="TRELLIS_TOKEN: a token") as refused:
        Settings.load(home=home, token=token)
    assert "secret" not in str(refused.value)


def test_settings_that_do_not_fit_together_are_refused_without_the_token_being_repeated(home: Path) -> None:
    with pytest.raises(SettingsError, match=r"^TRELLIS_LEASE_SECONDS") as refused:
        Settings.load(home=home, token="secret", heartbeat_seconds=2, lease_seconds=1)
    assert "secret" not in str(refused.value)


CELERY = {"executor": "celery", "database_url": "postgresql://ann@db/trellis", "broker_url": "redis://queue/0"}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"database_url": ""}, "PostgreSQL"),
        ({"database_url": "sqlite:////tmp/store.db"}, "PostgreSQL"),
        ({"broker_url": ""}, "TRELLIS_BROKER_URL"),
        ({"broker_url": "kafka://:hidden-word@queue"}, "TRELLIS_BROKER_URL"),
        ({"broker_url": "redis"}, "TRELLIS_BROKER_URL"),
        ({"broker_url": "redis:///0"}, "TRELLIS_BROKER_URL"),
        ({"broker_url": "redis://queue:hidden-word/0"}, "TRELLIS_BROKER_URL"),
        ({"gpu_frameworks": "jax, torch"}, "torch"),
    ],
)
def test_celery_is_refused_in_words_without_what_other_hosts_need(home: Path, other: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        Settings.load(**{**CELERY, **other})
    assert "hidden-word" not in str(refused.value)


def test_celery_is_refused_where_the_package_is_absent(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"trellis\[celery\]"):
        Settings.load(**CELERY)


def test_a_broker_s_password_is_not_shown_and_frameworks_are_read_as_people_write_them(home: Path) -> None:
    settings = Settings.load(**{**CELERY, "broker_url": "redis://:hidden-word@queue/0", "gpu_frameworks": " jax ,,jax"})
    assert "hidden-word" not in str(settings.describe())
    assert settings.gpu_frameworks == "jax"


def test_a_host_has_the_system_s_name_or_the_one_it_is_given(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load().host_name == host_name()
    monkeypatch.setenv("TRELLIS_HOST_NAME", "rack-7")
    assert Settings.load().host_name == "rack-7"


@pytest.mark.parametrize(("given", "kept"), [("/trellis", "/trellis"), ("/tools/trellis_2.x/", "/tools/trellis_2.x"), ("/", ""), ("", "")])
def test_the_path_below_which_a_server_lies_is_kept_without_a_slash_at_its_end(home: Path, given: str, kept: str) -> None:
    assert Settings.load(home=home, base_path=given).base_path == kept


@pytest.mark.parametrize(
    "path",
    [
        "trellis",
        "//trellis",
        "/a//b",
        "/a/../b",
        "/.",
        "/tr ellis",
        "/tr%20ellis",
        "/a?b",
        "/a#b",
        "https://example.org/trellis",
        "/\u00e4",
        "/a\n",
        '/"',
    ],
)
def test_a_path_that_no_address_could_begin_with_is_refused_with_an_example(home: Path, path: str) -> None:
    with pytest.raises(SettingsError, match=r"^TRELLIS_BASE_PATH: a path such as /trellis begins with a slash"):
        Settings.load(home=home, base_path=path)


def test_the_address_that_people_open_ends_with_the_path(home: Path) -> None:
    for url in ("https://example.org", "https://example.org/other", "https://example.org/mytrellis"):
        with pytest.raises(SettingsError, match=r"TRELLIS_PUBLIC_URL .* has to end with /trellis"):
            Settings.load(home=home, base_path="/trellis", public_url=url)
    assert Settings.load(home=home, base_path="/trellis", public_url="https://example.org/trellis/").base_path == "/trellis"
    assert Settings.load(home=home, public_url="https://example.org/other").base_path == ""

"""Every setting of Trellis in one type: read from `TRELLIS_...` variables, shown by `trellis settings`."""

from __future__ import annotations

import ipaddress
import os
import platform
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from workbench.addresses import require_mail_addresses, require_web_address
from workbench.artefacts import address
from workbench.fields import closest

PREFIX = "TRELLIS_"
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


class SettingsError(ValueError):
    """A setting that cannot be used; the message says which, why and what to do."""


BROKERS = ("redis", "rediss", "amqp", "amqps")
"""How addresses of brokers begin: Redis and RabbitMQ, each with or without TLS."""


def host_name() -> str:
    """What the system calls this host."""
    return platform.node() or "localhost"


@dataclass(frozen=True)
class SettingLine:
    """One setting as shown to people: its name, the variable that sets it, its value in words, where that came from."""

    name: str
    variable: str
    value: str
    source: str
    help: str


class Settings(BaseModel):
    """All settings, each as given, else as its variable says, else its default.

    Build it with `Settings.load(...)` for errors in words, then call `prepare()` once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("trellis", appauthor=False)),
        description="Folder for the store, artefacts, downloads and caches.",
    )
    database_url: str = Field("", description="Address of the store; default: an SQLite file in the home folder.")
    artefacts: Path | str = Field(
        Path(),
        description="Folder or object storage (s3://bucket/prefix) for samples, checkpoints and reports; default: `artefacts` in the home folder.",
    )
    artefact_cache_mib: int = Field(
        10240,
        ge=1,
        le=1024**2,
        description="What copies of artefacts from object storage may take on this machine; used longest ago go first.",
    )
    artefact_wait_seconds: float = Field(
        3600.0, ge=0, description="How long a run waits for object storage that does not answer, before it fails."
    )
    data: Path | None = Field(None, description="Read-only folder searched first for datasets.")
    host: str = Field("127.0.0.1", description="Address to listen on; anything but loopback needs users or a token.")
    processes: int = Field(1, ge=1, le=64, description="Web processes that answer requests; more than one needs trellis[team].")
    trusted_proxies: str = Field(
        "127.0.0.1, ::1",
        description="Addresses or networks of reverse proxies, with commas; from these alone the client's address and scheme are taken.",
    )
    port: int = Field(8050, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    token: SecretStr | None = Field(None, description="Secret that people and programs must show when the server is not on loopback.")
    max_concurrent_runs: int = Field(
        default_factory=lambda: max(1, (os.cpu_count() or 1) // 2),
        ge=1,
        le=1024,
        description="Runs trained at once on this host; default: half the cores.",
    )
    executor: Literal["local", "celery", "crew"] = Field(
        "local",
        description="Who trains: worker processes of this host (local), Celery workers on any host (celery; docs/hosts.md), or crews alone (crew; docs/devices.md).",
    )
    broker_url: str = Field("", description="Address of the broker of Celery workers, redis://... or amqp://...")
    gpu_frameworks: str = Field(
        "", description="Frameworks, with commas between, whose runs wait for Celery workers with a GPU; all others go to those without."
    )
    host_name: str = Field(
        default_factory=host_name,
        min_length=1,
        max_length=200,
        description="Name of this host, by which the store tells processes of several hosts apart; default: the system's.",
    )
    worker_idle_seconds: float = Field(600.0, ge=0, description="How long an idle worker waits for the next run before it ends.")
    warm_worker: bool = Field(True, description="Start an idle worker with the server, so that the first run does not wait for it.")
    heartbeat_seconds: float = Field(2.0, gt=0, description="How often a worker renews its lease.")
    lease_seconds: float = Field(15.0, gt=0, description="How long a lease holds without a heartbeat.")
    remote_lease_grace_seconds: float = Field(
        60.0, ge=0, description="How long after its lease a run on another host counts as interrupted."
    )
    stop_grace_seconds: float = Field(10.0, ge=0, description="How long a run may take to stop before its process is killed.")
    diagnostics_seconds: float = Field(
        3600.0, gt=0, description="How long diagnostics may take once a run's weights are safe; they can be computed again later."
    )
    event_batch_seconds: float = Field(0.25, gt=0, description="How long a worker collects events before it writes them.")
    max_upload_mib: int = Field(
        2048, ge=1, le=1024**2, description="The largest file that can be sent to /api/uploads, and from pages that send files there."
    )
    hourly_price: float = Field(0.0, ge=0, le=1e6, description="What an hour of this machine costs in dollars, for estimates; 0: nothing.")
    log: Literal["text", "json"] = Field("text", description="How servers and workers log: text, or json for one JSON object a line.")
    notify_on: Literal["ended", "failed"] = Field(
        "ended",
        description="Which runs and sweeps are told of by webhook and e-mail: all that ended, or those that failed or were interrupted.",
    )
    notify_trials: bool = Field(False, description="Whether each trial of a sweep is told of, too, and not the sweep's end alone.")
    notify_webhook: SecretStr | None = Field(
        None, description="Address to which the server posts a JSON object when a run or a sweep has ended."
    )
    notify_secret: SecretStr | None = Field(None, description="Secret with which these posts are signed.")
    notify_private: bool = Field(False, description="Whether the webhook may be an address of this machine or of a private network.")
    notify_email: str = Field("", description="Addresses, with commas between, to which the server writes when a run or a sweep has ended.")
    smtp_host: str = Field("", description="Mail server; e-mail needs it.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection to it is protected.")
    smtp_user: str = Field("", description="User at the mail server; none where it asks for none.")
    smtp_password: SecretStr | None = Field(None, description="Password of that user.")
    smtp_from: str = Field("", description="Sender of e-mails; default: the first recipient.")
    base_path: str = Field(
        "", description="Path below which this server lies behind a proxy, such as /trellis; default: the root of its host name."
    )
    public_url: str = Field("", description="Address under which people open this server, with its path, for links in messages.")
    check_state: bool = Field(False, description="Development check: no command mutates its state, and the state survives JSON.")

    @model_validator(mode="before")
    @classmethod
    def _or_from_environment(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**_from_environment(cls.model_fields, os.environ), **given}

    @field_validator("artefacts", mode="before")
    @classmethod
    def _folder_or_address(cls, value: object) -> object:
        return address.parsed(value) if isinstance(value, str | Path) else value

    @field_validator("home", "artefacts", "data", mode="after")
    @classmethod
    def _absolute(cls, value: Path | str | None) -> Path | str | None:
        return Path(os.path.abspath(value.expanduser())) if isinstance(value, Path) and value != Path() else value

    @field_validator("gpu_frameworks", mode="after")
    @classmethod
    def _are_frameworks(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",") if name.strip()]
        if not names:
            return ""
        from workbench.families import FRAMEWORKS  # settings are read before anything else is loaded

        for name in names:
            if name not in FRAMEWORKS:
                raise ValueError(f"{name!r} is no framework; there are {' and '.join(FRAMEWORKS)}")
        return ",".join(dict.fromkeys(names))

    @field_validator("token", mode="after")
    @classmethod
    def _can_be_shown(cls, value: SecretStr | None) -> SecretStr | None:
        secret = value.get_secret_value() if value is not None else "set"
        if not secret.strip():
            raise ValueError("a token of blanks keeps nobody out; set it to a long random text, or not at all")
        if secret != secret.strip() or not secret.isprintable():
            raise ValueError("a token has printable characters and no blank at either end, or no header can carry it")
        return value

    @field_validator("public_url", mode="after")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        return require_web_address(value) if value else value

    @field_validator("notify_webhook", mode="after")
    @classmethod
    def _posts_to_web_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value():
            require_web_address(value.get_secret_value())
        return value

    @field_validator("notify_email", mode="after")
    @classmethod
    def _are_mail_addresses(cls, value: str) -> str:
        return require_mail_addresses(value)

    @field_validator("trusted_proxies", mode="after")
    @classmethod
    def _addresses(cls, value: str) -> str:
        found = [part.strip() for part in value.split(",") if part.strip()]
        for part in found:
            try:
                ipaddress.ip_network(part, strict=False)
            except ValueError:
                raise ValueError(f"{part!r} is neither an address nor a network such as 10.0.0.0/8") from None
        return ", ".join(found)

    @field_validator("base_path", mode="after")
    @classmethod
    def _is_path(cls, value: str) -> str:
        path = value.rstrip("/")
        if path and (not _PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/"))):
            raise ValueError("a path such as /trellis begins with a slash and has letters, digits, - . _ ~ and single slashes")
        return path

    def model_post_init(self, context: Any, /) -> None:
        """Fill what depends on the home folder."""
        if self.artefacts == Path():
            object.__setattr__(self, "artefacts", self.home / "artefacts")
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.home / 'trellis.db'}")
        if self.executor == "celery":
            self._check_celery()
        if self.notify_email and not self.smtp_host:
            raise SettingsError("TRELLIS_NOTIFY_EMAIL needs TRELLIS_SMTP_HOST, the mail server that takes the messages.")
        if self.base_path and self.public_url and not self.public_url.rstrip("/").endswith(self.base_path):
            raise SettingsError(
                f"TRELLIS_PUBLIC_URL ({self.public_url}) is the address that people open, so it has to end with {self.base_path}, "
                "which TRELLIS_BASE_PATH says."
            )
        if self.lease_seconds <= self.heartbeat_seconds:
            raise SettingsError(
                f"TRELLIS_LEASE_SECONDS ({self.lease_seconds:g}) must be longer than TRELLIS_HEARTBEAT_SECONDS "
                f"({self.heartbeat_seconds:g}); a lease of several heartbeats survives a slow one."
            )

    def _check_celery(self) -> None:
        """Refuse Celery where it cannot work. Raises SettingsError."""
        from importlib.util import find_spec

        if self.database_url.startswith("sqlite"):
            raise SettingsError(
                "TRELLIS_EXECUTOR=celery needs a store that other hosts reach: set TRELLIS_DATABASE_URL to a PostgreSQL database. SQLite is a file of one host."
            )
        if not _is_broker(self.broker_url):
            raise SettingsError(
                "TRELLIS_EXECUTOR=celery needs TRELLIS_BROKER_URL, the address of Redis (redis://host/0) or RabbitMQ (amqp://user@host/name)."
            )
        if find_spec("celery") is None:
            raise SettingsError("TRELLIS_EXECUTOR=celery needs the package celery: install trellis[celery].")

    @classmethod
    def load(cls, **overrides: Any) -> Settings:
        """The settings from the environment, `overrides` before it (None means not given). Raises SettingsError in words."""
        given = {name: value for name, value in overrides.items() if value is not None}
        try:
            return cls(**given)
        except ValidationError as error:
            lines = []
            for item in error.errors(include_url=False):
                message = item["msg"].removeprefix("Value error, ")
                if not item["loc"]:
                    lines.append(message)
                    continue
                name = str(item["loc"][0])
                # A secret that is refused is still one.
                given_value = item.get("input")
                shown = address.shown(given_value) if isinstance(given_value, str) else given_value
                got = "" if name in cls.secrets() else f" (got {shown!r})"
                lines.append(f"{PREFIX}{name.upper()}: {message[0].lower()}{message[1:]}{got}")
            raise SettingsError("; ".join(lines)) from error

    def prepare(self) -> Settings:
        """Create the home folder, and that of the artefacts if they are kept in one, and check that both can be written. Raises SettingsError."""
        for folder, variable in self.folders:
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                with tempfile.TemporaryFile(dir=folder):
                    pass
            except (FileExistsError, NotADirectoryError):
                raise SettingsError(f"{folder} ({variable}), or what it should lie in, is a file. Set {variable} to a folder.") from None
            except OSError as error:
                raise SettingsError(
                    f"The folder {folder} ({variable}) cannot be written: {error.strerror or error}. "
                    f"Set {variable} to a folder you may write, or change that one's permissions."
                ) from error
        if isinstance(self.artefacts, str):
            self.staging.mkdir(mode=0o700, exist_ok=True)
        return self

    @classmethod
    def secrets(cls) -> frozenset[str]:
        """The names of settings that are never shown."""
        return frozenset(name for name, info in cls.model_fields.items() if info.annotation == SecretStr | None)

    @property
    def folders(self) -> tuple[tuple[Path, str], ...]:
        """(folder, variable that names it) of what Trellis keeps on this machine."""
        own = ((self.artefacts, "TRELLIS_ARTEFACTS"),) if isinstance(self.artefacts, Path) else ()
        return ((self.home, "TRELLIS_HOME"), *own)

    @property
    def written(self) -> Path:
        """The folder of this machine that artefacts are written to first, or for good."""
        return self.artefacts if isinstance(self.artefacts, Path) else self.staging

    @property
    def staging(self) -> Path:
        """Folder for files on their way to object storage."""
        return self.home / "staging"

    @property
    def cache(self) -> Path:
        """Folder for what may be deleted at any time (compiled code, Dash's background results)."""
        return self.home / "cache"

    @property
    def downloads(self) -> Path:
        """Folder for fetched dataset files."""
        return self.home / "downloads"

    def describe(self) -> tuple[SettingLine, ...]:
        """Every setting in words, in definition order; secrets masked."""
        lines = []
        for name, info in type(self).model_fields.items():
            variable = PREFIX + name.upper()
            value = getattr(self, name)
            shown = "not set" if value is None or value == "" else str(value)
            if name in ("database_url", "broker_url"):
                shown = without_password(shown)
            source = variable if os.environ.get(variable) else ("given" if name in self.model_fields_set else "default")
            lines.append(SettingLine(name, variable, shown, source, info.description or ""))
        return tuple(lines)


def _is_broker(address: str) -> bool:
    """Whether an address can be a broker's."""
    try:
        parts = urlsplit(address)
        return parts.scheme in BROKERS and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of a port that is no number
        return False


def _from_environment(names: Iterable[str], environ: Mapping[str, str]) -> dict[str, str]:
    """What variables say of the fields of these names, in capitals or not; an empty one says nothing."""
    set_ones = {name.upper(): text for name, text in environ.items() if text}
    return {name: set_ones[PREFIX + name.upper()] for name in names if PREFIX + name.upper() in set_ones}


def unknown_variables(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """A sentence for each `TRELLIS_...` variable that no setting reads, with the closest known one."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    names = os.environ if environ is None else environ
    lines = []
    for name in sorted(names):
        if name.startswith(PREFIX) and name not in known:
            guess = closest(name, known)
            lines.append(f"{name} is not a setting of Trellis{f'; did you mean {guess}?' if guess else '.'}")
    return tuple(lines)


def without_password(address: str) -> str:
    """An address as it may be shown."""
    scheme, separator, rest = address.partition("://")
    login, at, place = rest.rpartition("@")
    if not at or ":" not in login:
        return address
    return f"{scheme}{separator}{login.partition(':')[0]}:***@{place}"

"""The only reader of the environment; gives one frozen Settings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from assessments import addresses
from assessments.addresses import NotAnAddress
from assessments.tokens import Keys, new_secret

SHORTEST_SECRET = 32
NOTHING_GIVEN: Mapping[str, str | None] = {}
HIGHEST_PORT = 65_535
MOST_PROXIES = 9
MOST_MAIL = 1_000_000
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsRefused(Exception):
    """A setting is missing or cannot work; its text is one line for the operator."""


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between installations; see README, "Configure it"."""

    data_dir: Path
    database_url: str
    broker_url: str
    mail_url: str
    mail_from: str
    public_url: str
    host: str
    port: int
    keys: Keys
    trusted_hosts: tuple[str, ...]
    trusted_proxies: int = 0
    mail_replies: str = ""
    mail_per_minute: int = 0
    mail_per_domain_per_minute: int = 0

    @property
    def is_one_machine(self) -> bool:
        """True where the queue lives in the web process."""
        return self.broker_url == "memory://"

    @property
    def is_https(self) -> bool:
        """True where the public address is https: cookies and HSTS follow it."""
        return self.public_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        """True where the public address is this machine alone."""
        return urlsplit(self.public_url).hostname in LOOPBACK

    @property
    def log_dir(self) -> Path:
        """Where logs of the one-command form go."""
        return self.data_dir / "log"


def from_environment(
    environ: Mapping[str, str] = os.environ, *, given: Mapping[str, str | None] = NOTHING_GIVEN
) -> Settings:
    """Read the settings; makes the data directory and, on one machine, the secret. Raises SettingsRefused.

    What is `given`, and not None, goes before the environment.
    """
    environ = {**environ, **{name: value for name, value in given.items() if value is not None}}
    data_dir = Path(environ.get("SANPO_DATA_DIR") or ".data").resolve()
    _make_data_dir(data_dir)
    host, port = environ.get("SANPO_HOST") or "127.0.0.1", _port(environ.get("SANPO_PORT") or "8000")
    public_url = (environ.get("SANPO_PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/")
    database_url = environ.get("SANPO_DATABASE_URL") or f"sqlite:///{data_dir / 'sanpo.db'}"
    broker_url = environ.get("SANPO_BROKER_URL") or "memory://"
    is_one_machine = broker_url == "memory://" and database_url.startswith("sqlite")
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        broker_url=broker_url,
        mail_url=environ.get("SANPO_MAIL_URL") or "",
        mail_from=environ.get("SANPO_MAIL_FROM") or "Sanpo <sanpo@buyer.example>",
        public_url=_checked_url(public_url),
        host=host,
        port=port,
        keys=_keys(environ, data_dir, may_make=is_one_machine),
        trusted_hosts=_trusted_hosts(environ, public_url),
        trusted_proxies=_trusted_proxies(environ.get("SANPO_TRUSTED_PROXIES") or "0"),
        mail_replies=_replies(environ.get("SANPO_MAIL_REPLIES") or ""),
        mail_per_minute=_mails(environ, "SANPO_MAIL_PER_MINUTE"),
        mail_per_domain_per_minute=_mails(environ, "SANPO_MAIL_PER_DOMAIN_PER_MINUTE"),
    )


def backup_passphrase(environ: Mapping[str, str] = os.environ) -> str:
    """Give the passphrase of backups, or nothing; only the commands that need it ask."""
    return environ.get("SANPO_BACKUP_PASSPHRASE", "")


def _make_data_dir(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data_dir / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise SettingsRefused(f"SANPO_DATA_DIR: cannot write in {data_dir} ({error.strerror})") from error


def _port(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) <= HIGHEST_PORT:
        raise SettingsRefused(f"SANPO_PORT: {value!r} is not a port (1-65535)")
    return int(value)


def _trusted_proxies(value: str) -> int:
    if not value.isdigit() or int(value) > MOST_PROXIES:
        raise SettingsRefused(
            f"SANPO_TRUSTED_PROXIES: {value!r} is not the number of proxies in front (0-{MOST_PROXIES})"
        )
    return int(value)


def _replies(value: str) -> str:
    try:
        return addresses.normalised(value) if value else ""
    except NotAnAddress as error:
        raise SettingsRefused(f"SANPO_MAIL_REPLIES: {value!r} is not one plain address") from error


def _mails(environ: Mapping[str, str], name: str) -> int:
    value = environ.get(name) or "0"
    if not value.isdigit() or int(value) > MOST_MAIL:
        raise SettingsRefused(f"{name}: {value!r} is not a number of mails (0 for no limit)")
    return int(value)


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsRefused(f"SANPO_PUBLIC_URL: {url!r} is not an http(s) address")
    return url


def _trusted_hosts(environ: Mapping[str, str], public_url: str) -> tuple[str, ...]:
    named = [name.strip() for name in environ.get("SANPO_TRUSTED_HOSTS", "").split(",") if name.strip()]
    own = urlsplit(public_url).hostname or ""
    loopback = sorted(LOOPBACK - {"::1"}) if own in LOOPBACK else []
    return tuple(dict.fromkeys([own, *loopback, *named]))


def _keys(environ: Mapping[str, str], data_dir: Path, *, may_make: bool) -> Keys:
    given = environ.get("SANPO_SECRET_KEY", "")
    fallbacks = tuple(
        part.strip().encode()
        for part in environ.get("SANPO_SECRET_KEY_FALLBACKS", "").split(",")
        if part.strip()
    )
    if not given and may_make:
        given = _kept_secret(data_dir / "secret")
    if len(given) < SHORTEST_SECRET:
        raise SettingsRefused(f"SANPO_SECRET_KEY: must be given, {SHORTEST_SECRET} letters or more")
    if len(set(given)) < SHORTEST_SECRET // 3:
        raise SettingsRefused(
            "SANPO_SECRET_KEY: looks like a placeholder; make one with `openssl rand -hex 32`"
        )
    return Keys(current=given.encode(), fallbacks=fallbacks)


def _kept_secret(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_secret())
    return path.read_text(encoding="ascii").strip()

"""Every setting: its name, what it means, and how its text is read. `docs/settings.md` is made from this list."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent
INSTANCE = ROOT / "instance"

# What stands in examples and tutorials, where attackers look first.
KNOWN_SECRETS = ("changeme", "secretkey", "neverguess", "password", "insecure", "development", "example")
DRIVERS = {"sqlite", "sqlite+pysqlite", "postgresql+psycopg2"}


class WrongSetting(SystemExit):
    """A setting that cannot be used: leaves the program with one line that names it."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")


@dataclass(frozen=True)
class Setting:
    """One setting: `read` turns its text into a value, or raises ValueError with a sentence."""

    name: str
    meaning: str
    read: Callable[[str], object]
    default: str = ""


def text(value: str) -> str:
    return value


def database(value: str) -> str:
    """An address for SQLAlchemy, with the driver named for PostgreSQL, whose short forms others write."""
    scheme, separator, rest = value.partition("://")
    if scheme in {"postgres", "postgresql"}:
        value = f"postgresql+psycopg2{separator}{rest}"
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(
            "not a database address, such as sqlite:////srv/blog.db or postgresql://user@host/name"
        ) from None
    if url.drivername not in DRIVERS:
        raise ValueError("only sqlite:// and postgresql:// are supported")
    return value


def optional_database(value: str) -> str:
    return database(value) if value else ""


def secret(value: str) -> str:
    plain = re.sub("[^a-z0-9]", "", value.casefold())
    if value and (len(value) < 16 or len(set(value)) < 8 or any(known in plain for known in KNOWN_SECRETS)):
        raise ValueError(
            "too easily guessed; leave it out and one is made, or give at least 16 random characters"
        )
    return value


def site_url(value: str) -> str:
    parts = address(value, {"http", "https"}, "https://blog.example.org, without a path")
    unfit = parts and (parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None)
    if unfit or (parts and ":" in str(parts.hostname)):  # Werkzeug knows no trusted host by an IPv6 address
        raise ValueError("not an address such as https://blog.example.org, without a path")
    return value.rstrip("/")


def mail_url(value: str) -> str:
    address(value, {"smtp", "smtps"}, "smtp://user:password@host:587")
    return value


def mail_from(value: str) -> str:
    if value and not re.fullmatch(r"[\w.+-]{1,64}@[\w.-]{1,189}", value, re.ASCII):
        raise ValueError("not an address such as blog@example.org")
    return value


def address(value: str, schemes: set[str], such_as: str) -> SplitResult | None:
    """The parts of an address with a host and, if it names one, a possible port; None for no address."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        possible = parts.scheme in schemes and str(parts.hostname or "").encode("idna") and parts.port != 0
    except ValueError:
        possible = False
    if not possible or re.search(r"[\s\\]", value):
        raise ValueError(f"not an address such as {such_as}")
    return parts


def port(value: str) -> int:
    return whole_number(value, 1, 65535)


def workers(value: str) -> int:
    return whole_number(value, 1, 64)


def proxies(value: str) -> int:
    return whole_number(value, 0, 10)


def megabytes(value: str) -> int:
    return whole_number(value, 0, 10_000)


def milliseconds(value: str) -> int:
    return whole_number(value, 1, 600_000)


def whole_number(value: str, least: int, most: int) -> int:
    if not (re.fullmatch("[0-9]{1,9}", value) and least <= int(value) <= most):
        raise ValueError(f"not a whole number from {least} to {most}")
    return int(value)


def folder(value: str) -> Path:
    try:
        path = ROOT / Path(value).expanduser()
    except RuntimeError:  # ~somebody whom this machine does not know
        raise ValueError("no such home folder") from None
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is not a folder")
    return path


def media_url(value: str) -> str:
    if value and not re.fullmatch(r"(s3|memory|file)://[^\s\\]*", value):
        raise ValueError("not an address such as s3://bucket/folder")
    return value


def log_level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ValueError("not one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return value.upper()


SETTINGS = (
    Setting(
        "DATABASE_URL",
        "the database: a SQLite file or a PostgreSQL server",
        database,
        f"sqlite:///{INSTANCE}/masthead.db",
    ),
    Setting(
        "DATABASE_REPLICA_URL", "a copy of it that answers readers who are not signed in", optional_database
    ),
    Setting("SECRET_KEY", "signs cookies and forms; made and kept in instance/ when absent", secret),
    Setting(
        "SITE_URL",
        "the address under which readers know the site; used in every link that leaves it",
        site_url,
    ),
    Setting("PORT", "the port that bin/run listens on, at 127.0.0.1", port, "5000"),
    Setting("WORKERS", "how many processes answer requests", workers, "1"),
    Setting("MAIL_URL", "the SMTP server that sends e-mail: smtp://user:password@host:port", mail_url),
    Setting("MAIL_FROM", "who e-mail is from; masthead@ the host of SITE_URL when absent", mail_from),
    Setting("MEDIA_ROOT", "the folder that keeps uploaded files", folder, str(INSTANCE / "media")),
    Setting("MEDIA_URL", "a bucket that keeps them instead: s3://name/folder", media_url),
    Setting("TRUSTED_PROXIES", "how many proxies in front may say who the visitor is", proxies, "0"),
    Setting(
        "PAGE_CACHE_MB",
        "how many megabytes of pages each process keeps for readers; 0 for none",
        megabytes,
        "32",
    ),
    Setting(
        "LOG_LEVEL",
        "the least serious message that is logged: DEBUG, INFO, WARNING, ERROR",
        log_level,
        "INFO",
    ),
    Setting(
        "SLOW_QUERY_MS",
        "a query that takes as many milliseconds is logged with its route",
        milliseconds,
        "200",
    ),
)


def load(given: Mapping[str, object] | None = None) -> dict[str, object]:
    """The configuration for Flask, from `given`, then the environment, then `.env`, then the defaults.

    Raises WrongSetting, which ends the program with one line, for a value that cannot be used.
    """
    given = dict(given or {})
    environment = {**kept_settings(ROOT / ".env"), **os.environ}
    values = {setting.name: read(setting, given, environment) for setting in SETTINGS}
    return complete({**given, **values})


def kept_settings(path: Path) -> dict[str, str | None]:
    try:
        return dotenv_values(path)
    except (OSError, ValueError) as error:
        raise WrongSetting(path.name, f"cannot be read ({error})") from None


def read(setting: Setting, given: Mapping[str, object], environment: Mapping[str, str | None]) -> object:
    value = given.get(setting.name, environment.get(setting.name))
    try:
        return setting.read(setting.default if value in (None, "") else str(value).strip())
    except ValueError as error:
        raise WrongSetting(setting.name, str(error)) from None


def complete(values: dict[str, object]) -> dict[str, object]:
    """Add what follows from the settings, under the names that Flask and its extensions use."""
    values["SITE_URL"] = values["SITE_URL"] or f"http://127.0.0.1:{values['PORT']}"
    values["SECRET_KEY"] = values["SECRET_KEY"] or kept_secret(INSTANCE / "secret_key")
    site = urlsplit(str(values["SITE_URL"]))
    secure = site.scheme == "https"
    derived: dict[str, object] = {
        "TRUSTED_HOSTS": sorted({str(site.hostname), "127.0.0.1", "localhost"}),
        "PREFERRED_URL_SCHEME": site.scheme,
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",  # so that no other host can set it
    }
    return {**FLASK, **derived, **values}


FLASK: dict[str, object] = {
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_REFRESH_EACH_REQUEST": False,  # a cookie is set when something in it changes
    "PERMANENT_SESSION_LIFETIME": timedelta(
        days=60
    ),  # of the cookie; sessions end by their rows, at the latest then
    "WTF_CSRF_CHECK_DEFAULT": False,  # security.py asks for the token: not every form is refused without one
    "WTF_CSRF_TIME_LIMIT": None,  # a form left open overnight must still be accepted; the session ends it
    "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
    "MAX_FORM_PARTS": 200,
    "QUERIES_ARE_NOTED": True,  # for /admin/queries; tests look at each row that is written
    "SEND_FILE_MAX_AGE_DEFAULT": 365 * 24 * 3600,  # addresses of static files carry a version
}


def kept_secret(path: Path) -> str:
    """The secret in `path`, made on first use; processes that start together agree on one."""
    try:
        if not path.exists():
            make_secret(path)
        return secret(path.read_text().strip() or "none")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "what is in it is no secret; delete it"
        raise WrongSetting("SECRET_KEY", f"cannot be kept in {path} ({why})") from None


def make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # another process was first: its secret holds
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)

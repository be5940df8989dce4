"""Settings: what each takes and refuses, where it is looked for, and how a start ends that cannot use one."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

import config
from config import ROOT, SETTINGS, WrongSetting, kept_secret, load
from tests.conftest import DEFAULTS

NAMES = {setting.name: setting for setting in SETTINGS}
RANDOM = "kq8Zr2-vX91mPw_ts"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(config, "ROOT", tmp_path)
    monkeypatch.setattr(config, "INSTANCE", tmp_path / "instance")


GOOD = [
    ("DATABASE_URL", "sqlite:////srv/blog.db", "sqlite:////srv/blog.db"),
    ("DATABASE_URL", "sqlite:///blog.db", "sqlite:///blog.db"),
    ("DATABASE_URL", "postgresql://me@host/blog", "postgresql+psycopg2://me@host/blog"),
    ("DATABASE_URL", "postgres://me:p%40ss@host:5433/blog", "postgresql+psycopg2://me:p%40ss@host:5433/blog"),
    ("DATABASE_URL", "postgresql+psycopg2:///blog?host=/run", "postgresql+psycopg2:///blog?host=/run"),
    ("DATABASE_URL", "", DEFAULTS["DATABASE_URL"]),
    ("DATABASE_REPLICA_URL", "", ""),
    ("DATABASE_REPLICA_URL", "postgres://host/blog", "postgresql+psycopg2://host/blog"),
    ("SECRET_KEY", RANDOM, RANDOM),
    ("SITE_URL", "https://blog.example.org/", "https://blog.example.org"),
    ("SITE_URL", "http://192.168.1.7:8000", "http://192.168.1.7:8000"),
    ("SITE_URL", "https://bücher.example", "https://bücher.example"),
    ("SITE_URL", "", "http://127.0.0.1:5000"),
    ("PORT", "8080", 8080),
    ("PORT", " 65535 ", 65535),
    ("PORT", "", 5000),
    ("WORKERS", "64", 64),
    ("MAIL_URL", "", ""),
    ("MEDIA_URL", "", ""),
    ("MEDIA_URL", "s3://bucket/folder", "s3://bucket/folder"),
    ("MAIL_URL", "smtp://me:secret@mail.example.org:587", "smtp://me:secret@mail.example.org:587"),
    ("MAIL_URL", "smtps://mail.example.org", "smtps://mail.example.org"),
    ("MAIL_FROM", "", ""),
    ("MAIL_FROM", "blog@example.org", "blog@example.org"),
    ("TRUSTED_PROXIES", "0", 0),
    ("TRUSTED_PROXIES", "10", 10),
    ("LOG_LEVEL", "warning", "WARNING"),
    ("SLOW_QUERY_MS", "50", 50),
    ("PAGE_CACHE_MB", "0", 0),
]

WRONG = [
    *[
        ("DATABASE_URL", value)
        for value in ("blog.db", "mysql://host/blog", "://", "postgresql://host:port/blog")
    ],
    *[("DATABASE_URL", value) for value in ("postgresql+asyncpg://host/blog", "sqlite+aiosqlite:///b", "  ")],
    *[("DATABASE_REPLICA_URL", value) for value in ("somewhere", "oracle://host/blog")],
    *[
        ("SECRET_KEY", value)
        for value in ("dev", "short", "you-will-never-guess", "a" * 40, "Change-Me-Change-Me-1")
    ],
    *[("SECRET_KEY", value) for value in ("your-secret-key-here!", "my_password_is_long_enough")],
    *[("SITE_URL", value) for value in ("blog.example.org", "ftp://blog.example.org", "https://", "//host")],
    *[
        ("SITE_URL", value)
        for value in ("https://host/blog", "https://host?x=1", "https://host#top", "https://h\\x")
    ],
    *[
        ("SITE_URL", value)
        for value in ("https://me@host", "https://host:port", "https://host:99999", "http://[::1")
    ],
    *[
        ("SITE_URL", value)
        for value in ("http://[::1]:80", "https://two words", "https://a..b", "https://h:0")
    ],
    *[("PORT", value) for value in ("0", "65536", "-1", "80.5", "http", "８０", "9" * 5000, "0x50", "1_000")],
    *[("WORKERS", value) for value in ("0", "65", "auto", "two")],
    *[
        ("MAIL_URL", value)
        for value in ("mail.example.org", "http://mail.example.org", "smtp://", "smtp://h:mail")
    ],
    *[("MAIL_FROM", value) for value in ("example.org", "Blog <blog@example.org>", "a@b\nBcc: c@d", "a@b@c")],
    *[("MEDIA_ROOT", value) for value in ("/etc/passwd", "~nobody-of-that-name/media")],
    *[("MEDIA_URL", value) for value in ("bucket", "https://s3.example.org/b", "s3://a b")],
    *[("TRUSTED_PROXIES", value) for value in ("-1", "11", "all", "127.0.0.1")],
    *[("LOG_LEVEL", value) for value in ("LOUD", "10", "INFO,DEBUG")],
    *[("SLOW_QUERY_MS", value) for value in ("0", "fast", "1.5")],
    *[("PAGE_CACHE_MB", value) for value in ("-1", "much", "20000")],
]


@pytest.mark.parametrize(("name", "value", "expected"), GOOD)
def test_a_good_value_is_taken(
    name: str, value: str, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert load({"SECRET_KEY": RANDOM} if name != "SECRET_KEY" else {})[name] == expected


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as refused:
        load({"SECRET_KEY": RANDOM} if name != "SECRET_KEY" else {})
    line = str(refused.value)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line
    assert "Error" not in line
    assert len(line) < 200


def test_every_setting_is_tried() -> None:
    assert {name for name, *_ in GOOD} | {"MEDIA_ROOT"} == set(NAMES)
    assert {name for name, _ in WRONG} == set(NAMES)


def test_a_media_folder_may_be_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = NAMES["MEDIA_ROOT"].read
    assert folder("/srv/media") == Path("/srv/media")
    assert folder("media") == tmp_path / "media"
    monkeypatch.setenv("HOME", "/home/alice")
    assert folder("~/media") == Path("/home/alice/media")


def test_what_is_given_comes_first_then_the_environment_then_the_file_then_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = {"SECRET_KEY": RANDOM}
    assert load(secret)["PORT"] == 5000
    (tmp_path / ".env").write_text("# how we run it\nPORT=5001\nexport LOG_LEVEL='debug'\nSITE_URL=\n")
    assert load(secret)["PORT"] == 5001
    assert load(secret)["LOG_LEVEL"] == "DEBUG"
    assert load(secret)["SITE_URL"] == "http://127.0.0.1:5001"
    monkeypatch.setenv("PORT", "5002")
    assert load(secret)["PORT"] == 5002
    assert load({**secret, "PORT": 5003})["PORT"] == 5003


def test_a_file_of_settings_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SITE_URL=https://b\xfccher.example")
    with pytest.raises(WrongSetting, match=r"^\.env: cannot be read"):
        load()


# The address of the database


def arguments_of(address: str) -> Mapping[str, object]:
    """What the driver is given for a setting."""
    taken = NAMES["DATABASE_URL"].read(address)
    _, arguments = create_engine(make_url(str(taken))).dialect.create_connect_args(make_url(str(taken)))
    return arguments


def test_several_hosts_go_to_libpq_as_they_are() -> None:
    """That is how the application follows a failover."""
    given = arguments_of("postgres://me@/blog?host=a:5432&host=b:5433&target_session_attrs=read-write")
    assert given["host"] == "a,b"
    assert given["port"] == "5432,5433"
    assert given["target_session_attrs"] == "read-write"
    assert given["dbname"] == "blog"
    assert (
        arguments_of("postgresql:///blog?host=a&host=b&target_session_attrs=prefer-standby")["host"] == "a,b"
    )


def test_of_several_hosts_the_one_that_answers_is_taken(app_address: str) -> None:
    url = make_url(app_address)
    hosts = ["/nowhere", str(url.query.get("host") or url.host)]
    several = url.set(host=None).update_query_dict({"host": hosts, "target_session_attrs": "read-write"})
    taken = str(NAMES["DATABASE_URL"].read(several.render_as_string(hide_password=False)))
    engine = create_engine(taken)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    engine.dispose()


@pytest.fixture
def app_address(migrated_database: Callable[[str], str]) -> str:
    return migrated_database("postgresql")


# The secret


def test_a_secret_is_made_once_and_kept_for_oneself(tmp_path: Path) -> None:
    first = load()["SECRET_KEY"]
    kept = tmp_path / "instance" / "secret_key"
    assert load()["SECRET_KEY"] == first == kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(str(first)) >= 48
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_processes_that_start_together_agree_on_a_secret(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(8) as pool:
        assert len(set(pool.map(kept_secret, [tmp_path / "instance" / "secret_key"] * 64))) == 1
    assert [path.name for path in (tmp_path / "instance").iterdir()] == ["secret_key"]


@pytest.mark.parametrize("content", ["", "\n", "dev", "\xff"])
def test_a_kept_secret_that_was_damaged_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret_key").write_text(content, encoding="latin-1")
    with pytest.raises(WrongSetting, match=r"^SECRET_KEY: .*delete it"):
        kept_secret(tmp_path / "secret_key")


@pytest.mark.parametrize("folder", ["/proc/nowhere", "/dev/null/instance"])
def test_a_secret_that_cannot_be_kept_is_told(folder: str) -> None:
    with pytest.raises(WrongSetting, match=r"^SECRET_KEY: cannot be kept in"):
        kept_secret(Path(folder) / "secret_key")


# What follows from the settings


def test_cookies_are_for_https_alone_where_the_site_is() -> None:
    assert load({"SECRET_KEY": RANDOM, "SITE_URL": "https://blog.example"})["SESSION_COOKIE_SECURE"] is True
    assert load({"SECRET_KEY": RANDOM})["SESSION_COOKIE_SECURE"] is False


def test_the_site_answers_under_its_own_name_and_on_this_machine() -> None:
    hosts = load({"SECRET_KEY": RANDOM, "SITE_URL": "https://blog.example:8443"})["TRUSTED_HOSTS"]
    assert hosts == ["127.0.0.1", "blog.example", "localhost"]


# A start that cannot use a setting

PROGRAMS = {
    "bin/run": [sys.executable, "-m", "blog.serving"],
    "flask": [sys.executable, "-m", "flask", "--app", "wsgi", "users", "list"],
}


@pytest.mark.parametrize(
    ("program", "name", "value"),
    [
        ("flask", "DATABASE_URL", "mysql://host/blog"),
        ("flask", "SECRET_KEY", "dev"),
        ("bin/run", "DATABASE_URL", "blog.db"),
        ("bin/run", "DATABASE_URL", "sqlite:////dev/null/blog.db"),
        ("bin/run", "PORT", "http"),
        ("bin/run", "TRUSTED_PROXIES", "all"),
    ],
)
def test_a_wrong_value_ends_the_start_with_one_line(
    program: str, name: str, value: str, tmp_path: Path
) -> None:
    environment = {**os.environ, **DEFAULTS, "DATABASE_URL": f"sqlite:///{tmp_path}/blog.db", name: value}
    ended = subprocess.run(
        PROGRAMS[program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"{name}: ")
    assert ended.stderr.count("\n") == 1

"""Forms as attackers fill them: malformed bodies, files and JSON in the place of texts, and values that are nobody's to choose."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import JSON, Boolean, Date, DateTime, Double, Integer, LargeBinary

from blog.accounts.models import User
from blog.accounts.setup import setup_key
from blog.db import Model, db
from tests import make
from tests.conftest import visitor
from tests.corpora import corpus
from tests.reading import fields_on
from tests.test_expired_forms import (
    FORMS,
    STRANGERS_FORMS,
    address_of,
    everything,
    strangers_address,
)
from tests.visitor import Visitor, sign_in


# Werkzeug leaves the closing of files to Python where it refuses a form half way.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("guarded", [True, False])
def test_no_malformed_form_breaks_a_page(app_with: Callable[..., Flask], owner: User, guarded: bool) -> None:
    client = visitor(app_with(WTF_CSRF_ENABLED=guarded, PROPAGATE_EXCEPTIONS=False))
    recorded = sorted((corpus("generated") / "multipart").iterdir())
    assert len(recorded) > 10
    for path in recorded:
        kind, _, body = path.read_bytes().partition(b"\r\n\r\n")
        for address in ("/login", "/posts/new", "/nowhere"):
            if address == "/posts/new":
                sign_in(client, owner)
            answer = client.post(address, data=body, content_type=kind.decode("latin-1"))
            assert 400 <= answer.status_code < 500, (path.name, address, answer.status_code)
            client.delete_cookie("session")


def file_in(field: str) -> bytes:
    """A form in which a file takes the place of a text."""
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="x"\r\n\r\nx\r\n--b--\r\n'
    return head.encode()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"title=%ff%fe&content=%00&content=%ed%a0%80"),
        ("application/x-www-form-urlencoded", b"&=&==&%=%&" * 1000),
        ("application/x-www-form-urlencoded", b"a=1&" * 100_000),
        ("application/x-www-form-urlencoded", b"title=" + b"x" * 3_000_000),
        ("application/json", b'{"title": "x"}'),
        ("application/json", b'{"title": 5, "content": ["x"]}'),
        ("application/json", b"[]"),
        ("application/json", b"{"),
        ("multipart/form-data; boundary=b", file_in("title")),
        ("multipart/form-data; boundary=b", file_in("content")),
        ("text/plain", b"title=x"),
        ("", b"title=x"),
        ("multipart/form-data; boundary=", b"x"),
    ],
)
def test_no_odd_body_breaks_a_form(app: Flask, alice_client: Visitor, kind: str, body: bytes) -> None:
    answer = alice_client.post("/posts/new", data=body, content_type=kind)
    assert answer.status_code in {400, 413, 422}
    assert everything()["posts"] == []


def test_a_body_over_the_limit_is_refused(app: Flask, alice_client: Visitor) -> None:
    limit = app.config["MAX_CONTENT_LENGTH"]
    answer = alice_client.post("/posts/new", data={"content": "x" * limit})
    assert answer.status_code == 413
    assert "That is too much at once" in answer.text


# Values that are nobody's to choose

HOSTILE = {
    Integer: "987654321",
    Double: "987654321",
    Boolean: "y",
    Date: "1999-01-01",
    DateTime: "1999-01-01 00:00:00",
    JSON: '["hostile"]',
}


def hostile_values() -> dict[str, str]:
    """One for each column of each table, by its name."""
    columns = [column for table in Model.metadata.tables.values() for column in table.columns]
    chosen = {}
    for column in columns:
        kinds = [value for kind, value in HOSTILE.items() if isinstance(column.type, kind)]
        chosen[column.name] = kinds[0] if kinds else "hostile"
    return {**chosen, "role": "owner", "author": "hostile", "is_active": "", "published_at": ""}


SHOW_A_KEY = {"posts.links", "tasks.calendar_link"}  # and lead nowhere
FOR_ADMINS = {
    "accounts.change_person",
    "admin.invite",
    "admin.settings",
    "credits.grant",
    "tasks.edit_template",
    "tasks.new_template",
    "teams.new",
    "teams.edit",
}


@pytest.mark.parametrize("endpoint", [*FORMS, *STRANGERS_FORMS])
def test_a_form_takes_no_value_but_its_own(app: Flask, endpoint: str) -> None:
    address, typed = (FORMS | STRANGERS_FORMS)[endpoint]
    client, writer = visitor(app), None
    if endpoint != "accounts.setup":
        writer = make.user("owner", role="admin" if endpoint in FOR_ADMINS else "author")
        address = strangers_address(endpoint, address) or address_of(address, writer)
    if writer and endpoint in FORMS:
        sign_in(client, writer)
    filled = {name: text.format(key=setup_key()) for name, text in typed.items()}
    asked = {*typed, *fields_on(client.get(address)), "version", "nonce"}
    extra = {name: value for name, value in hostile_values().items() if name not in asked}
    before = db.session.scalar(User.named("owner"))
    role, password = (before.role, before.password_hash) if before else ("owner", None)
    answer = client.post(address, data={**extra, **filled})
    assert answer.status_code == (200 if endpoint in SHOW_A_KEY else 302), fields_on(answer)
    stored = repr(everything())
    assert "hostile" not in stored
    assert "987654321" not in stored
    assert "datetime(1999" not in stored
    assert "date(1999" not in stored
    assert "'1999-" not in stored
    if before:
        assert before.role == role
        assert (before.password_hash == password) == (endpoint != "accounts.password")


def test_every_kind_of_column_is_tried() -> None:
    kinds = {type(column.type) for table in Model.metadata.tables.values() for column in table.columns}
    known = {
        "String",
        "Text",
        "Integer",
        "BigInteger",
        "Double",
        "Date",
        "Boolean",
        "UtcDateTime",
        "Named",
        "Ranked",
        "DueDate",
        "SmallInteger",
        "JSON",
        LargeBinary.__name__,
    }
    assert {kind.__name__ for kind in kinds} <= known

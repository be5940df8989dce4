"""The page of mail: what went, what did not; and what letters say, only where nothing sends them."""

from datetime import timedelta

import pytest
from flask import Flask

from blog import mail
from blog.access import Role
from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.mail import Letter
from tests.letters import letters_to
from tests.queries import count_queries
from tests.reading import messages_on
from tests.visitor import Visitor
from tests.working import do_jobs


def write(to: str = "nora@example.com", shown_to: str = Role.ADMIN) -> Letter:
    with transaction():
        return mail.write(to, "A <b>try</b>", "try", username="<script>", shown_to=shown_to)


@pytest.fixture
def _server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MAIL_URL", "smtp://127.0.0.1:1")


def test_without_a_server_an_admin_reads_what_letters_say(app: Flask, admin_client: Visitor) -> None:
    write()
    do_jobs()
    page = admin_client.get("/admin/mail")
    assert page.status_code == 200
    assert "nora@example.com" in page.text
    assert "A &lt;b&gt;try&lt;/b&gt;" in page.text
    assert "&lt;script&gt; asked for this letter" in page.text
    assert "<script>" not in page.text
    assert 'href="http://localhost/"' in page.text
    assert mail.NO_SERVER in page.text


@pytest.mark.usefixtures("_server")
@pytest.mark.parametrize("reader", ["admin_client", "owner_client"])
def test_with_a_server_nobody_reads_what_letters_say(
    app: Flask, reader: str, request: pytest.FixtureRequest
) -> None:
    write()
    page = request.getfixturevalue(reader).get("/admin/mail")
    assert "nora@example.com" in page.text
    assert "asked for this letter" not in page.text
    assert "no mail server" not in page.text


@pytest.mark.parametrize(("reader", "reads"), [("admin_client", False), ("owner_client", True)])
def test_nobody_is_shown_a_link_that_lets_in_somebody_greater(
    app: Flask, reader: str, reads: bool, request: pytest.FixtureRequest
) -> None:
    write(shown_to=Role.OWNER)
    page = request.getfixturevalue(reader).get("/admin/mail")
    assert ("asked for this letter" in page.text) == reads
    assert ("Only somebody who is owner may read this one." in page.text) != reads


@pytest.mark.parametrize("person", ["client", "charlie_client", "alice_client", "editor_client"])
def test_others_see_and_do_nothing(app: Flask, person: str, request: pytest.FixtureRequest) -> None:
    write()
    visitor = request.getfixturevalue(person)
    answers = [visitor.get("/admin/mail"), visitor.post("/admin/mail/try")]
    assert {answer.status_code for answer in answers} == {302 if person == "client" else 403}
    assert len(letters_to("nora@example.com")) == 1
    assert not letters_to("editor@example.com")


@pytest.mark.usefixtures("_server")
def test_the_page_says_how_each_letter_stands(app: Flask, admin_client: Visitor) -> None:
    write().sent_at = now() - timedelta(days=1)
    letter = write()
    letter.given_up_at, letter.error = now(), "The mail server said: 550 <nobody>"
    write()
    page = admin_client.get("/admin/mail").text
    assert page.count("Sent on") == 1
    assert page.count("Not sent: The mail server said: 550 &lt;nobody&gt;") == 1
    assert page.count("Waiting since") == 1
    assert page.index("Waiting since") < page.index("Not sent") < page.index("Sent on")


def test_many_letters_are_paged_at_the_same_cost(app: Flask, admin_client: Visitor) -> None:
    write()
    with count_queries() as few:
        admin_client.get("/admin/mail")
    for number in range(30):
        write(f"n{number}@example.com")
    with count_queries() as many:
        first = admin_client.get("/admin/mail")
    assert len(many) == len(few)
    assert first.text.count("<details>") == 25
    assert admin_client.get("/admin/mail?page=2").text.count("<details>") == 6
    assert admin_client.get("/admin/mail?page=3").status_code == 404


def test_an_admin_tries_whether_letters_go(app: Flask, admin: User, admin_client: Visitor) -> None:
    answer = admin_client.post("/admin/mail/try", follow_redirects=True)
    assert "A letter to admin@example.com is written." in messages_on(answer)
    (letter,) = letters_to("admin@example.com")
    assert "admin asked for this letter" in letter.body
    assert do_jobs() == ["done"]


def test_an_admin_without_an_address_is_told(app: Flask, admin: User, admin_client: Visitor) -> None:
    admin.email = None
    db.session.commit()
    answer = admin_client.post("/admin/mail/try", follow_redirects=True)
    assert "Your account has no e-mail address." in messages_on(answer)


def test_an_empty_page_says_so(app: Flask, admin_client: Visitor) -> None:
    assert "Nothing has been written yet." in admin_client.get("/admin/mail").text


def test_the_pages_of_the_desk_lead_to_each_other(app: Flask, admin_client: Visitor) -> None:
    for here in ("/admin/settings", "/admin/jobs", "/admin/mail"):
        page = admin_client.get(here).text
        assert all(
            f'<a href="{there}"' in page for there in ("/admin/settings", "/admin/jobs", "/admin/mail")
        )
        assert f'<a href="{here}" aria-current="page">' in page

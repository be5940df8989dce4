"""Letters: written with what causes them, sent once, tried again, given up, and never saying more than they should."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from blog import jobs, mail, settings
from blog.access import Role
from blog.db import db, transaction
from blog.errors import Invalid
from blog.mail import Letter
from tests.letters import ALICE, letters_to, link_in, the_letter, write
from tests.post_office import PostOffice
from tests.working import do_jobs

Clock = time_machine.Traveller
ODD = "Grüße, 你好 🎉 “x”"


def test_it_works(app: Flask, opened: PostOffice) -> None:
    write()
    assert do_jobs() == ["done"]
    (received,) = opened.received
    assert (received.sender, received.recipients) == ("masthead@localhost", [ALICE])
    message = received.message
    assert message["From"] == "Masthead <masthead@localhost>"
    assert message["To"] == ALICE
    assert message["Subject"] == "A try"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == the_letter().created_at.replace(microsecond=0)
    assert message["Message-ID"].endswith(f".{the_letter().id}@localhost>")
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == the_letter().body
    assert the_letter().sent_at
    assert "bob asked for this letter" in the_letter().body


def test_a_letter_is_sent_once(app: Flask, opened: PostOffice) -> None:
    write()
    do_jobs()
    jobs.enqueue("mail.send", letter_id=the_letter().id)
    assert do_jobs() == ["done"]
    assert len(opened.received) == 1


def test_a_failing_transaction_writes_no_letter(app: Flask, opened: PostOffice) -> None:
    def fail() -> None:
        with transaction():
            mail.write(ALICE, "A try", "try", username="bob")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert do_jobs() == []
    assert db.session.scalar(select(func.count(Letter.id))) == 0


def test_a_letter_is_from_whom_the_settings_say(
    app: Flask, opened: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAIL_FROM", "desk@example.org")
    settings.save(title="Nuñez, “Söhne” & Co.")
    write()
    do_jobs()
    (received,) = opened.received
    assert received.sender == "desk@example.org"
    (address,) = received.message["From"].addresses
    assert (address.display_name, address.addr_spec) == ("Nuñez, “Söhne” & Co.", "desk@example.org")


@pytest.mark.parametrize(
    ("site", "sender"),
    [
        ("https://blog.example.org", "masthead@blog.example.org"),
        ("https://bücher.example:8443", "masthead@xn--bcher-kva.example"),
        ("http://127.0.0.1:5000", "masthead@[127.0.0.1]"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_letter_is_from_the_host_of_the_site(
    app: Flask, opened: PostOffice, monkeypatch: pytest.MonkeyPatch, site: str, sender: str
) -> None:
    monkeypatch.setitem(app.config, "SITE_URL", site)
    write()
    assert do_jobs() == ["done"], the_letter().error
    assert opened.received[0].sender == sender
    assert opened.received[0].message["From"].addresses[0].addr_spec == sender


# What it may hold


def test_a_letter_may_hold_any_text(app: Flask, opened: PostOffice) -> None:
    text = f"{ODD} {'long ' * 500}"
    write(subject=f"{ODD} {'more ' * 20}", username=text)
    assert do_jobs() == ["done"]
    (received,) = opened.received
    assert received.raw.isascii(), "so that every server takes it"
    assert max(map(len, received.raw.split(b"\r\n"))) < 998
    assert received.message["Subject"] == the_letter().subject
    assert text in received.message.get_content()


def test_a_line_with_a_dot_does_not_end_a_letter(app: Flask, opened: PostOffice) -> None:
    write(username="x\r\n.\r\nMAIL FROM:<evil@example.org>\n.\n\r.\ry")
    assert do_jobs() == ["done"]
    (received,) = opened.received
    assert "\n.\nMAIL FROM:<evil@example.org>" in received.message.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_nobody_adds_a_header(app: Flask, opened: PostOffice, end: str) -> None:
    settings.save(title=f"Mine{end}Bcc: title@example.org")
    write(subject=f"Hello{end}Bcc: subject@example.org{end}{end}Body")
    assert do_jobs() == ["done"]
    (received,) = opened.received
    assert received.recipients == [ALICE]
    assert "Bcc" not in received.message
    assert received.message["Subject"] == "Hello Bcc: subject@example.org Body"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "alice",
        "alice@",
        "@example.com",
        "alice@example.com\r\nBcc: mallory@example.org",
        "alice@example.com\nRCPT TO:<mallory@example.org>",
        "alice@example.com, mallory@example.org",
        "Alice <alice@example.com>",
        "alice@example.com>",
        "a b@example.com",
        "alice@exa\0mple.com",
        "alice\ud800@example.com",
        f"{'a' * 250}@example.com",
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_no_address_gets_no_letter(app: Flask, address: str) -> None:
    with pytest.raises(Invalid) as refused:
        write(to=address)
    assert refused.value.field == "email"
    assert db.session.scalar(select(func.count(Letter.id))) == 0


@pytest.mark.parametrize("address", ["alice@-.com", "alice..b@example.com", '"a"b@example.com'])
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_only_looks_like_an_address_is_given_up(app: Flask, opened: PostOffice, address: str) -> None:
    write(to=address)
    assert do_jobs() == ["failed"]
    assert the_letter().given_up_at
    assert "is not an e-mail address" in the_letter().error
    assert opened.received == []


def test_a_host_may_have_any_letters(app: Flask, opened: PostOffice) -> None:
    write(to="alice@bücher.example")
    assert do_jobs() == ["done"]
    assert opened.received[0].recipients == ["alice@xn--bcher-kva.example"]


@pytest.mark.parametrize("takes", [True, False])
def test_a_name_with_other_letters_needs_a_server_that_takes_them(
    app: Flask, office: PostOffice, takes: bool
) -> None:
    write(to="älice@example.com")
    with office.open(enable_SMTPUTF8=takes):
        assert do_jobs() == (["done"] if takes else ["failed"])
    if takes:
        assert office.received[0].recipients == ["älice@example.com"]
    else:
        assert the_letter().error == "The mail server takes no addresses with letters beyond ASCII."


# Without a mail server


def test_without_a_mail_server_the_letter_is_in_the_log(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    write()
    assert do_jobs() == ["done"]
    log = caplog.text
    assert ALICE in log
    assert "bob asked for this letter" in log
    assert "http://localhost/" in log
    assert the_letter().error == mail.NO_SERVER
    assert the_letter().sent_at is None


def test_with_a_mail_server_no_letter_is_in_the_log(
    app: Flask, opened: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    opened.answers["DATA"] = ["451 later"]
    write()
    do_jobs()
    assert "later" in caplog.text
    assert "bob asked" not in caplog.text


# Links, and what becomes of letters


def test_a_link_leads_to_the_site_whatever_host_a_request_names(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://evil.example"):
        assert mail.link("posts.show", slug="a b/ü") == "http://localhost/posts/a%20b/%C3%BC"
        assert mail.link("posts.home", page=2) == "http://localhost/?page=2"
        write()
    (letter,) = letters_to(ALICE)
    assert link_in(letter) == "/"
    assert "evil" not in letter.body


def test_the_role_that_may_read_a_letter_is_kept_with_it(app: Flask) -> None:
    mail.write(ALICE, "A try", "try", username="bob", shown_to=Role.OWNER)
    assert the_letter().shown_to == "owner"
    with pytest.raises(ValueError, match="king"):
        mail.write(ALICE, "A try", "try", username="bob", shown_to="king")


def test_the_text_of_a_letter_is_forgotten_after_a_month_and_the_letter_after_a_year(
    clock: Clock, app: Flask
) -> None:
    write()
    do_jobs()
    for days, there, text in ((30, True, True), (1, True, False), (333, True, False), (2, False, False)):
        clock.shift(timedelta(days=days))
        jobs.enqueue("mail.forget")
        assert do_jobs() == ["done"]
        found = letters_to(ALICE)
        assert bool(found) == there
        assert bool(found and found[0].body) == text


def test_a_letter_whose_text_is_forgotten_is_not_sent(clock: Clock, app: Flask, opened: PostOffice) -> None:
    write()
    clock.shift(timedelta(days=31))
    with transaction():
        mail.forget()
    assert do_jobs() == ["failed"]
    assert the_letter().error == "Its text has been deleted: it was too old."
    assert opened.received == []

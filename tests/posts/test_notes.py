"""What a guest notes on a paragraph, and what becomes of it."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from blog.posts.notes import MOST, Note
from blog.posts.secret_links import SecretLink
from tests import make
from tests.conftest import visitor
from tests.queries import count_queries
from tests.reading import fields_on
from tests.visitor import Visitor


@pytest.fixture
def draft(clock: time_machine.Traveller, alice: User) -> Post:
    return make.post(alice, title="Tea", content="Water, first.\n\nThen the leaves go in.", status="draft")


@pytest.fixture
def link(draft: Post) -> SecretLink:
    return make.secret_link(draft)


def sent(client: Visitor, link: SecretLink, **changed: str) -> int:
    """As a guest does it: opens the form of a paragraph, writes, sends."""
    address = f"/preview/{link.key}?note=1"
    form = {name: field.value for name, field in fields_on(client.get(address)).items() if name != "q"}
    return client.post(address, data={**form, "content": "Which leaves?", **changed}).status_code


def test_it_works(client: Visitor, alice_client: Visitor, draft: Post, link: SecretLink) -> None:
    page = client.get(f"/preview/{link.key}")
    assert page.text.count("#note-form") == 2
    assert "<form class=" not in page.text.partition("<main")[2].partition("</main>")[0]
    assert sent(client, link) == 302
    (note,) = db.session.scalars(select(Note)).all()
    assert (note.name, note.content, note.place, note.quote) == (
        "Gwen",
        "Which leaves?",
        1,
        "Then the leaves go in.",
    )
    assert "Which leaves?" in client.get(f"/preview/{link.key}").text
    editor = alice_client.get(f"/posts/{draft.id}/edit")
    assert "Which leaves?" in editor.text
    assert "On paragraph 2" in editor.text
    assert Note.unanswered(draft.id) == 1


def test_a_guest_with_cookies_of_nobody_needs_no_token(guarded_client: Visitor, link: SecretLink) -> None:
    assert sent(guarded_client, link) == 302


def test_it_is_left_once_however_often_it_is_sent(client: Visitor, link: SecretLink) -> None:
    assert [sent(client, link, nonce="one") for _ in range(2)] == [302, 302]
    assert len(db.session.scalars(select(Note.id)).all()) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 81}, {"content": " "}, {"content": "x" * 2001}, {"content": "a\0b"}],
)
def test_what_cannot_be_taken_comes_back(client: Visitor, link: SecretLink, wrong: dict[str, str]) -> None:
    assert sent(client, link, **wrong) == 422
    assert db.session.scalars(select(Note.id)).all() == []


def test_a_paragraph_that_was_changed_meanwhile_is_shown_again(
    client: Visitor, draft: Post, link: SecretLink
) -> None:
    address = f"/preview/{link.key}?note=1"
    form = {name: field.value for name, field in fields_on(client.get(address)).items() if name != "q"}
    make.revision(draft, content="Water, first.\n\nThen the other leaves go in.")
    page = client.post(address, data={**form, "content": "Which leaves?"})
    assert page.status_code == 422
    assert "was changed a moment ago" in page.text
    assert "Which leaves?" in page.text
    again = {name: field.value for name, field in fields_on(page).items() if name != "q"}
    assert client.post(address, data=again).status_code == 302


def test_it_takes_only_so_many(client: Visitor, draft: Post, link: SecretLink) -> None:
    values = {"post_id": draft.id, "name": "x", "content": "y", "place": 0, "mark": "z"}
    db.session.add_all(Note(**values) for _ in range(MOST))
    assert sent(client, link) == 409


def test_guests_see_their_own_notes_alone(client: Visitor, draft: Post, link: SecretLink) -> None:
    make.note(draft, "Between us.", link=make.secret_link(draft, "Hal"))
    assert "Between us." not in client.get(f"/preview/{link.key}").text


def test_hostile_text_is_text(client: Visitor, alice_client: Visitor, draft: Post, link: SecretLink) -> None:
    hostile = "<script>alert(1)</script>\"'{{7*7}}"
    assert sent(client, link, content=hostile, name="<img src=x onerror=alert(1)>") == 302
    for page in (client.get(f"/preview/{link.key}"), alice_client.get(f"/posts/{draft.id}/edit")):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


@pytest.mark.parametrize("asked", ["x", "-1", "99999999", "٣", "1.5", ""])
def test_a_strange_place_shows_no_form(client: Visitor, link: SecretLink, asked: str) -> None:
    page = client.get(f"/preview/{link.key}", query_string={"note": asked})
    assert page.status_code == 200
    assert 'id="note-form"' not in page.text


# Where it belongs


def test_it_goes_along_with_its_paragraph(client: Visitor, draft: Post, link: SecretLink) -> None:
    make.note(draft, place=1, link=link)
    make.revision(draft, content="# New\n\nWater, first.\n\nMore.\n\nThen, the *leaves* go in!")
    page = client.get(f"/preview/{link.key}").text
    part = page.partition('id="p-3"')[2]
    assert "Is that so?" in part
    assert "has changed" not in page


def test_on_a_paragraph_that_has_changed(client: Visitor, draft: Post, link: SecretLink) -> None:
    make.note(draft, place=1, link=link)
    make.revision(draft, content="Water, first.\n\nThen the green leaves go in.")
    page = client.get(f"/preview/{link.key}").text
    assert "On a paragraph that has changed" in page.partition('id="p-1"')[2]
    make.revision(draft, content="Nothing is left.")
    page = client.get(f"/preview/{link.key}").text
    assert "On paragraphs that are gone" in page
    assert "Then the leaves go in." in page


# Answering


def test_it_is_answered_and_settled(
    client: Visitor, alice_client: Visitor, draft: Post, link: SecretLink
) -> None:
    note, other = make.note(draft, link=link), make.note(draft, "And this?", link=link)
    base = f"/posts/{draft.id}/notes"
    assert Note.unanswered(draft.id) == 2
    answer = alice_client.post(f"{base}/{note.id}/answer", data={"content": "Green ones."})
    assert answer.location.endswith(f"/edit#note-{note.id}")
    assert Note.unanswered(draft.id) == 1
    page = client.get(f"/preview/{link.key}").text
    assert "Green ones." in page
    assert "Alice" in page
    alice_client.post(f"{base}/{other.id}/settle")
    assert Note.unanswered(draft.id) == 0
    assert "settled" in client.get(f"/preview/{link.key}").text
    alice_client.post(f"{base}/{other.id}/reopen")
    assert Note.unanswered(draft.id) == 1


def test_an_answer_that_cannot_be_taken_comes_back(alice_client: Visitor, draft: Post) -> None:
    note = make.note(draft)
    page = alice_client.post(f"/posts/{draft.id}/notes/{note.id}/answer", data={"content": "x" * 2001})
    assert page.status_code == 422
    assert fields_on(page)["content"].value == "x" * 2001


def test_notes_are_for_whoever_edits_the_post(
    alice_client: Visitor, bob_client: Visitor, charlie_client: Visitor, alice: User, bob: User
) -> None:
    mine, others = make.post(alice, status="draft"), make.post(bob, status="draft")
    note = make.note(others)
    for way in ("answer", "settle", "reopen"):
        data = {"content": "x"}
        assert alice_client.post(f"/posts/{others.id}/notes/{note.id}/{way}", data=data).status_code == 404
        assert alice_client.post(f"/posts/{mine.id}/notes/{note.id}/{way}", data=data).status_code == 404
        assert charlie_client.post(f"/posts/{others.id}/notes/{note.id}/{way}", data=data).status_code == 403
    assert bob_client.get(f"/posts/{others.id}/notes").status_code == 200
    assert alice_client.get(f"/posts/{others.id}/notes").status_code == 404


def test_a_member_of_the_team_answers(bob_client: Visitor, alice: User, bob: User) -> None:
    post = make.post(alice, status="draft", team=make.team(alice, bob))
    note = make.note(post)
    way = f"/posts/{post.id}/notes/{note.id}/answer"
    assert bob_client.post(way, data={"content": "Yes."}).status_code == 302


def test_an_editor_without_notes_costs_two_queries_less(alice_client: Visitor, draft: Post) -> None:
    with count_queries() as without:
        alice_client.get(f"/posts/{draft.id}/edit")
    for _ in range(3):
        make.note(draft)
    with count_queries() as queries:
        alice_client.get(f"/posts/{draft.id}/edit")
    assert len(queries) == len(without) + 2  # their answers, and the tasks that they became
    assert sum("FROM notes" in re.sub(r"\s+", " ", query) for query in queries) == 1


def test_notes_outlive_their_link_and_not_their_post(draft: Post, link: SecretLink) -> None:
    make.note(draft, link=link)
    db.session.delete(link)
    db.session.commit()
    assert db.session.scalars(select(Note.link_id)).all() == [None]
    db.session.delete(draft)
    db.session.commit()
    assert db.session.scalars(select(Note.id)).all() == []


def test_a_guest_reads_no_more_than_the_text(app, link: SecretLink, draft: Post) -> None:
    """Their link opens neither the editor nor the page of the draft."""
    guest = visitor(app)
    guest.get(f"/preview/{link.key}")
    assert guest.get(f"/posts/{draft.slug}").status_code == 404
    assert guest.get(f"/posts/{draft.id}/notes").status_code == 302
    assert timedelta(days=14) == link.expires_at - link.created_at

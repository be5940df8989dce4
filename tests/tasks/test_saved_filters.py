"""Filters of tasks, saved under a name: kept, replaced, renamed and deleted by the one who saved them."""

import pytest
from sqlalchemy import select

from blog.db import db
from blog.tasks import saved
from blog.tasks.saved import SavedFilter
from tests import make
from tests.reading import links_on, messages_on

FILTERS = "/tasks/filters"


def save(client, name, **asked):
    return client.post(FILTERS, data={"name": name, **asked})


def stored():
    return dict(db.session.execute(select(SavedFilter.name, SavedFilter.query)).all())


def test_it_works(alice, alice_client):
    make.task(alice, title="Facts", priority="high")
    make.task(alice, title="Other")
    assert "Save this filter" not in alice_client.get("/tasks/").text
    assert "Save this filter" in alice_client.get("/tasks/?priority=high").text
    answer = save(alice_client, " What  matters ", priority="high", view="board", colour="red")
    assert answer.location == "/tasks/?priority=high&view=board"
    page = alice_client.get(answer.location)
    assert "“What matters” is saved." in messages_on(page)
    links = [link.text for link in links_on(page, r"/tasks/\?priority=high&view=board$")]
    assert "What matters" in links
    assert stored() == {"What matters": "priority=high&view=board"}


def test_the_same_name_again_takes_its_place_and_it_is_renamed_and_deleted(alice, alice_client):
    one, other = make.saved_filter(alice, "One"), make.saved_filter(alice, "Other", q="tea & milk")
    save(alice_client, "One", due="overdue")
    assert stored() == {"One": "due=overdue", "Other": "q=tea+%26+milk"}
    alice_client.post(f"{FILTERS}/{one.id}", data={"name": "Late"})
    alice_client.post(f"{FILTERS}/{other.id}", data={"name": "Late"})
    assert "You have saved another one by this name." in messages_on(alice_client.get(FILTERS))
    assert stored() == {"Late": "due=overdue", "Other": "q=tea+%26+milk"}
    alice_client.post(f"{FILTERS}/{other.id}/delete")
    page = alice_client.get(FILTERS)
    assert "“Other” is deleted." in messages_on(page)
    assert stored() == {"Late": "due=overdue"}
    undo = "/tasks/filters?name=Other&q=tea+%26+milk"
    assert undo.replace("&", "&amp;").replace("+", "%20") in page.text.replace("+", "%20")
    alice_client.post(undo)
    assert stored() == {"Late": "due=overdue", "Other": "q=tea+%26+milk"}


def test_what_no_longer_makes_sense_asks_for_nothing(alice, alice_client):
    db.session.add(SavedFilter(user_id=alice.id, name="Old", query="status=gone&priority=high&_external=1"))
    db.session.commit()
    assert 'href="/tasks/?priority=high"' in alice_client.get(FILTERS).text


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_wrong_is_told(alice, alice_client, monkeypatch):
    monkeypatch.setattr(saved, "MOST", 2)
    make.saved_filter(alice, "One")
    make.saved_filter(alice, "Two")
    for name, asked, told in (
        ("", {"q": "x"}, "Give it a name of at most 60 characters."),
        ("x" * 61, {"q": "x"}, "Give it a name of at most 60 characters."),
        ("Three", {}, "There is nothing to save"),
        ("Three", {"q": "x"}, "You have saved 2 already."),
        (
            "One",
            dict.fromkeys(("q", "team", "assignee", "tag", "sort"), "é" * 200),
            "That is too much to save.",
        ),
    ):
        save(alice_client, name, **asked)
        assert told in messages_on(alice_client.get("/tasks/")), (name, told)
    assert set(stored()) == {"One", "Two"}
    save(alice_client, "One", q="x")  # in its place there is room
    assert stored()["One"] == "q=x"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_nobody_else_has_them(alice, bob, bob_client):
    one = make.saved_filter(alice, "One")
    make.saved_filter(bob, "One")  # a name is one's own
    for address in (f"{FILTERS}/{one.id}", f"{FILTERS}/{one.id}/delete"):
        assert bob_client.post(address, data={"name": "Mine"}).status_code == 404
    assert bob_client.get(FILTERS).text.count('<li>\n          <a href="/tasks/?status=pending"') == 1
    assert db.session.scalars(select(SavedFilter.name)).all() == ["One", "One"]
    db.session.delete(alice)
    db.session.commit()
    assert db.session.scalars(select(SavedFilter.user_id)).all() == [bob.id]

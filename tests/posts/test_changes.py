"""Changing a published post without readers seeing it yet."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from blog.db import db
from blog.posts.changes import PendingChange
from blog.posts.models import Post
from blog.posts.revisions import Revision
from tests import make
from tests.reading import fields_on, messages_on
from tests.working import do_jobs

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def post(clock, alice) -> Post:
    return make.post(alice, title="Tea", slug="tea", content="Old.", tags=["Rain"])


def keep(client: Any, post: Post, **changes: str) -> Any:
    """As the button "Keep for later" does."""
    shown = {
        "title": "Tea",
        "content": "New.",
        "tags": "Rain, Snow",
        "slug": post.slug,
        "status": "published",
    }
    form = {**shown, "version": str(post.version), "wait": "1", **changes}
    return client.post(f"/posts/{post.id}/edit", data=form)


def kept(post: Post) -> PendingChange | None:
    return db.session.get(PendingChange, post.id, populate_existing=True)


def test_it_works(post, alice_client, client):
    answer = keep(alice_client, post, title="Tea, again")
    assert (answer.status_code, answer.location) == (302, f"/posts/{post.id}/edit")
    assert "Old." in client.get("/posts/tea").text
    assert "Tea, again" not in client.get("/").text
    editor = alice_client.get(answer.location)
    assert fields_on(editor)["content"].value == "New."
    assert fields_on(editor)["tags"].value == "Rain, Snow"
    assert "a change that readers do not see yet" in editor.text
    assert alice_client.post(f"/posts/{post.id}/publish").status_code == 302
    assert kept(post) is None
    assert "New." in client.get("/posts/tea").text
    assert "Tea, again" in client.get("/").text
    assert client.get("/tags/snow").status_code == 200


def test_it_is_a_revision_that_readers_have_not_seen(post, alice_client):
    keep(alice_client, post)
    seen = db.session.execute(
        Revision.of_post(post.id).with_only_columns(Revision.content, Revision.published_at)
    )
    assert [tuple(row) for row in seen] == [("New.", None), ("Old.", NOON)]


def test_saving_publishes_what_was_kept_back(post, alice_client, client):
    keep(alice_client, post)
    keep(alice_client, post, content="Newer.", wait="")
    assert kept(post) is None
    assert "Newer." in client.get("/posts/tea").text


def test_it_appears_at_its_time_without_a_worker_and_stays_with_one(clock, post, alice_client, client):
    keep(alice_client, post, title="Later tea", change_at="2026-01-15T13:00")
    clock.move_to(NOON + timedelta(minutes=59, seconds=59))
    assert "Old." in client.get("/posts/tea").text
    clock.shift(timedelta(seconds=1))
    assert "New." in client.get("/posts/tea").text
    assert "Later tea" in client.get("/").text
    clock.shift(timedelta(hours=3))
    assert set(do_jobs()) == {"done"}
    assert kept(post) is None
    assert (post.title, post.content) == ("Later tea", "New.")
    assert "New." in client.get("/posts/tea").text
    newest = db.session.scalars(Revision.of_post(post.id).limit(1)).one()
    assert newest.published_at == NOON + timedelta(hours=1)


def test_its_title_beside_other_posts_changes_at_its_time(clock, post, alice, alice_client, client):
    make.post(alice, slug="next", title="The next", at=NOON)
    keep(alice_client, post, title="Later tea", change_at="2026-01-15T13:00")
    assert "Later tea" not in client.get("/posts/next").text
    clock.shift(timedelta(hours=1))
    assert "Later tea" in client.get("/posts/next").text


def test_at_its_time_a_job_stores_it_once(clock, post, alice_client):
    keep(alice_client, post, change_at="2026-01-15T13:00")
    before = post.version
    do_jobs()
    assert kept(post)
    clock.shift(timedelta(hours=1))
    do_jobs()
    do_jobs()
    assert (kept(post), post.version) == (None, before + 1)


def test_discarded_it_stays_in_the_history(clock, post, alice_client, client):
    keep(alice_client, post, change_at="2026-01-15T13:00")
    answer = alice_client.post(f"/posts/{post.id}/discard", follow_redirects=True)
    assert "still in the history" in messages_on(answer)
    assert fields_on(answer)["content"].value == "Old."
    clock.shift(timedelta(hours=2))
    do_jobs()
    assert "Old." in client.get("/posts/tea").text
    texts = db.session.scalars(Revision.of_post(post.id).with_only_columns(Revision.content)).all()
    assert texts == ["New.", "Old."]


def test_two_who_keep_changes_back_are_merged(post, alice_client, editor_client):
    content = "One.\n\nTwo.\n\nThree."
    keep(alice_client, post, content=content)
    version = str(post.version)
    keep(editor_client, post, content=content.replace("One", "First"), version=version)
    keep(alice_client, post, content=content.replace("Three", "Third"), version=version)
    change = db.session.scalars(select(PendingChange.html)).one()
    assert change == "<p>First.</p>\n<p>Two.</p>\n<p>Third.</p>\n"
    assert post.content == "Old."


def test_what_overlaps_is_asked_about_and_still_kept_back_after_that(
    post, alice_client, editor_client, client
):
    version = str(post.version)
    keep(editor_client, post, content="Newer.")
    answer = keep(alice_client, post, content="Newest.", version=version)
    assert answer.status_code == 409
    assert fields_on(answer)["wait"].value == "1"
    assert "Old." in client.get("/posts/tea").text


def test_a_draft_has_nothing_to_keep_back(alice, alice_client):
    draft = make.post(alice, status="draft", title="Tea", slug="tea")
    keep(alice_client, draft, status="draft")
    assert (draft.content, kept(draft)) == ("New.", None)


@pytest.mark.parametrize(
    ("who", "status"), [("charlie_client", 403), ("bob_client", 404), ("editor_client", 302)]
)
def test_who_may(app, request, post, who, status):
    browser = request.getfixturevalue(who)
    assert keep(browser, post).status_code == status
    for act in ("publish", "discard"):
        assert browser.post(f"/posts/{post.id}/{act}").status_code == status

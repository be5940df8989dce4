"""Opening an editor when something was typed and not saved: the newest text is on the screen, all others beside it."""

from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now
from blog.posts.models import Post
from tests import make
from tests.reading import fields_on
from tests.test_expired_forms import everything
from tests.visitor import Visitor

UNSAVED = "data-recovered-newest"  # the message that says so


@pytest.fixture
def post(clock: time_machine.Traveller, alice: User) -> Post:
    made = make.post(alice, title="A quiet morning", content="Saved.", status="draft")
    clock.shift(60)
    return made


def editor_of(client: Visitor, post: Post | None, **query: str) -> dict[str, str]:
    page = client.get(f"/posts/{post.id}/edit" if post else "/posts/new", query_string=query)
    assert page.status_code == 200
    return {name: shown.value for name, shown in fields_on(page).items()}


def edit(post: Post, by: User, content: str) -> None:
    """As another form would, with the version that it is at."""
    whole = Post.whole(select(Post)).where(Post.id == post.id)
    found = db.session.scalars(whole.execution_options(populate_existing=True)).one()
    found.edit(by=by, at=now(), version=found.version, slug="", tags=[], title="x", content=content)
    db.session.commit()


def page_of(client: Visitor, post: Post) -> str:
    return client.get(f"/posts/{post.id}/edit").text


def save(client: Visitor, post: Post | None, **changed: Any) -> int:
    """As the form stands, with what is changed in it."""
    shown = editor_of(client, post)
    address = f"/posts/{post.id}/edit" if post else "/posts/new"
    return client.post(address, data={**shown, **changed}).status_code


def test_it_works(alice_client: Visitor, alice: User, post: Post) -> None:
    tab = make.journal(alice, post, "Typed: 🦉.")
    before = everything()
    page = alice_client.get(f"/posts/{post.id}/edit")
    shown = fields_on(page)
    assert shown["content"].value == "Typed: 🦉."
    assert shown["title"].value == "A quiet morning"
    assert UNSAVED in page.text
    assert "Saved.</textarea>" in page.text
    assert shown["journal"].value.startswith(f"{tab}:")
    assert everything() == before


@pytest.mark.parametrize("tick", ["y", "n"])
def test_a_tick_is_on_the_screen_again(alice_client: Visitor, alice: User, post: Post, tick: str) -> None:
    make.journal(alice, post, "Typed.", fields={"shows_corrections": tick})
    assert ('checked id="shows_corrections"' in page_of(alice_client, post)) is (tick == "y")


def test_a_browser_asks_how_its_text_differs(alice_client: Visitor, charlie_client: Visitor) -> None:
    texts = {"before": "One <b> word.", "after": "Two <b> words."}
    told = alice_client.post("/posts/difference", data=texts)
    assert "<ins>" in told.text
    assert "&lt;b&gt;" in told.text
    assert charlie_client.post("/posts/difference", data=texts).status_code == 403


def test_saving_it_puts_the_journal_away(alice_client: Visitor, alice: User, post: Post) -> None:
    make.journal(alice, post, "Typed.")
    assert save(alice_client, post) == 302
    assert post.content == "Typed."
    assert UNSAVED not in page_of(alice_client, post)
    edit(post, alice, "Later.")
    assert editor_of(alice_client, post)["content"] == "Later."
    assert "Typed." not in page_of(alice_client, post)


def test_a_save_that_fails_leaves_the_journal(alice_client: Visitor, alice: User, post: Post) -> None:
    tab = make.journal(alice, post, "Typed.")
    shown = editor_of(alice_client, post)
    answer = alice_client.post(f"/posts/{post.id}/edit", data={**shown, "title": ""})
    assert answer.status_code == 422
    assert fields_on(answer)["content"].value == "Typed."
    assert fields_on(answer)["journal"].value.startswith(f"{tab}:")
    assert editor_of(alice_client, post)["content"] == "Typed."


def test_what_was_saved_since_stays_on_the_screen(
    alice_client: Visitor, alice: User, editor: User, post: Post, clock: time_machine.Traveller
) -> None:
    make.journal(alice, post, "Typed.")
    clock.shift(60)
    edit(post, editor, "By an editor.")
    assert editor_of(alice_client, post)["content"] == "By an editor."
    assert "What you typed on" in page_of(alice_client, post)
    assert "Typed.</textarea>" in page_of(alice_client, post)


def test_what_was_typed_since_is_saved_over_the_version_it_was_made_from(
    alice_client: Visitor, alice: User, editor: User, post: Post, clock: time_machine.Traveller
) -> None:
    """So that a save in between is noticed."""
    edit(post, editor, "By an editor.")
    clock.shift(60)
    old = make.journal(alice, post, "Typed.", base=1)
    shown = editor_of(alice_client, post)
    assert (shown["content"], shown["version"]) == ("Typed.", "1")
    assert old in shown["journal"]


def test_the_tags_and_the_title_come_back_as_they_were_typed(
    alice_client: Visitor, alice: User, post: Post
) -> None:
    typed = {
        "title": " Two  spaces ",
        "tags": "a,, b",
        "slug": "Not an address",
        "published_at": "2026-03-29T02:30",
    }
    make.journal(alice, post, "\n\n  Typed.\n", fields=typed)
    shown = editor_of(alice_client, post)
    assert {name: shown[name] for name in typed} == typed
    assert "\n\n  Typed.\n" in page_of(alice_client, post).replace("\r\n", "\n")


def test_what_equals_the_saved_text_is_nothing_to_tell(
    alice_client: Visitor, alice: User, post: Post
) -> None:
    make.journal(alice, post, "Saved.")
    page = page_of(alice_client, post)
    assert UNSAVED not in page
    assert "What you typed on" not in page


def test_a_team_that_one_has_left_is_no_obstacle(alice_client: Visitor, alice: User, post: Post) -> None:
    make.journal(alice, post, "Typed.", fields={"team_id": "999", "published_at": "no time"})
    assert editor_of(alice_client, post)["content"] == "Typed."


# New posts


def test_what_was_typed_for_new_posts_is_offered_each(
    alice_client: Visitor, alice: User, clock: time_machine.Traveller
) -> None:
    first = make.journal(alice, None, "The first.", fields={"title": "One"})
    clock.shift(60)
    make.journal(alice, None, "The second.", fields={"title": "Two"})
    shown = editor_of(alice_client, None)
    assert (shown["title"], shown["content"]) == ("Two", "The second.")
    assert "The first.</textarea>" in alice_client.get("/posts/new").text
    assert editor_of(alice_client, None, journal=first)["title"] == "One"
    assert editor_of(alice_client, None, journal="of-nobody-at-all")["title"] == ""
    assert save(alice_client, None) == 302
    assert editor_of(alice_client, None)["title"] == "One"
    assert save(alice_client, None) == 302
    assert editor_of(alice_client, None)["title"] == ""


# Discarding


def test_what_is_discarded_can_be_had_back(alice_client: Visitor, alice: User, post: Post) -> None:
    tab = make.journal(alice, post, "Typed.")
    answer = alice_client.post(f"/posts/journal/{tab}/discard")
    assert answer.location == f"/posts/{post.id}/edit?discarded={tab}"
    page = alice_client.get(answer.location)
    assert fields_on(page)["content"].value == "Saved."
    assert f"/posts/journal/{tab}/keep" in page.text
    answer = alice_client.post(f"/posts/journal/{tab}/keep")
    assert fields_on(alice_client.get(answer.location))["content"].value == "Typed."


def test_of_a_new_post_too(alice_client: Visitor, alice: User) -> None:
    tab = make.journal(alice, None, "Typed.")
    assert alice_client.post(f"/posts/journal/{tab}/discard").location == f"/posts/new?discarded={tab}"
    assert editor_of(alice_client, None)["content"] == ""


def test_nobody_discards_what_another_typed(
    bob_client: Visitor, client: Visitor, alice_client: Visitor, alice: User, post: Post
) -> None:
    tab = make.journal(alice, post, "Typed.")
    for act in ("discard", "keep"):
        assert bob_client.post(f"/posts/journal/{tab}/{act}").status_code == 404
        assert client.post(f"/posts/journal/{tab}/{act}").location == "/login"
    assert editor_of(alice_client, post)["content"] == "Typed."


def test_whoever_edits_the_same_post_sees_only_their_own(
    alice_client: Visitor, editor_client: Visitor, alice: User, editor: User, post: Post
) -> None:
    make.journal(alice, post, "By alice.")
    make.journal(editor, post, "By an editor.")
    assert editor_of(alice_client, post)["content"] == "By alice."
    assert editor_of(editor_client, post)["content"] == "By an editor."
    assert "By alice" not in page_of(editor_client, post)

"""Drafts that are shared with a team: who sees them, who works on them, and who does not."""

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now
from blog.posts.models import Post
from blog.teams.models import Team
from tests import make
from tests.at_once import at_once, meet_after
from tests.reading import fields_on, links_on, messages_on, posts_on
from tests.visitor import Visitor


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """alice leads it, and bob is in it."""
    return make.team(alice, bob, name="Desk", slug="desk")


@pytest.fixture
def draft(alice: User, team: Team) -> Post:
    return make.post(alice, title="Tides", slug="tides", content="Ebb.", status="draft", team=team)


def sent(post: Post, **changes: str) -> dict[str, str]:
    shown = {"title": post.title, "content": post.content, "slug": post.slug, "status": post.status}
    return {**shown, "version": str(post.version), **changes}


def test_it_works(team, alice, alice_client, bob_client):
    typed = {"title": "Tides", "content": "Ebb.", "team_id": str(team.id)}
    answer = alice_client.post("/posts/new", data=typed)
    post = db.session.scalars(select(Post)).one()
    assert (answer.location, post.team_id) == (f"/posts/{post.id}/edit", team.id)
    assert posts_on(bob_client.get("/posts/")) == [str(post.id)]
    page = bob_client.get("/posts/tides")
    assert "its author and Desk see this page" in page.text
    assert links_on(page, f"/posts/{post.id}/edit")
    answer = bob_client.post(f"/posts/{post.id}/edit", data=sent(post, content="Ebb and flow."))
    assert answer.location == f"/posts/{post.id}/edit"
    assert (post.content, post.version, post.author_id) == ("Ebb and flow.", 2, alice.id)
    assert (post.team_id, post.status) == (team.id, "draft")


@pytest.mark.parametrize(
    ("who", "reads", "edits"),
    [
        ("client", 404, 302),
        ("charlie_client", 404, 403),
        ("bob_client", 200, 200),
        ("editor_client", 200, 200),
        ("alice_client", 200, 200),
    ],
)
def test_who_reads_and_edits_it(draft, request, who, reads, edits):
    visitor = request.getfixturevalue(who)
    assert visitor.get("/posts/tides").status_code == reads
    assert visitor.get(f"/p/{draft.id}").status_code == (301 if reads == 200 else 404)
    assert visitor.get(f"/posts/{draft.id}/edit").status_code == edits


def test_a_draft_without_that_team_stays_unseen(team, alice, bob_client):
    for other in (None, make.team(alice)):
        post = make.post(alice, status="draft", team=other)
        assert bob_client.get(f"/posts/{post.slug}").status_code == 404
        assert bob_client.get(f"/posts/{post.id}/edit").status_code == 404
        assert bob_client.post(f"/posts/{post.id}/edit", data=sent(post, title="His")).status_code == 404
    assert posts_on(bob_client.get("/posts/")) == []


def test_a_member_neither_publishes_nor_deletes_it(draft, bob_client):
    for act in ("publish", "unpublish", "archive", "delete"):
        assert bob_client.post(f"/posts/{draft.id}/{act}").status_code == 404
    assert bob_client.get(f"/posts/{draft.id}/delete").status_code == 404
    page = bob_client.get(f"/posts/{draft.id}/edit")
    for act in ("publish", "archive", "delete"):
        assert f"/posts/{draft.id}/{act}" not in page.text
    assert "Publish</button>" not in page.text
    assert "/publish" not in bob_client.get("/posts/tides").text
    assert (draft.status, draft.version) == ("draft", 1)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "published"},
        {"status": "archived"},
        {"team_id": ""},
        {"slug": "elsewhere"},
        {"published_at": "2030-01-01T12:00"},
    ],
)
def test_a_member_changes_nothing_but_the_words(draft, team, bob_client, change):
    answer = bob_client.post(f"/posts/{draft.id}/edit", data=sent(draft, content="His words.", **change))
    assert answer.status_code == 403
    assert "Only its author, or an editor, publishes this draft, moves it" in messages_on(answer)
    assert fields_on(answer)["content"].value == "His words."
    assert (draft.status, draft.team_id, draft.content) == ("draft", team.id, "Ebb.")
    assert (draft.slug, draft.published_at) == ("tides", None)


def test_a_member_does_not_take_it_to_another_team_of_theirs(draft, team, bob, bob_client):
    other = make.team(bob)
    answer = bob_client.post(f"/posts/{draft.id}/edit", data=sent(draft, team_id=str(other.id)))
    assert answer.status_code == 403
    assert draft.team_id == team.id


@pytest.mark.parametrize("state", [{"status": "published"}, {"status": "archived"}])
def test_what_is_out_is_its_authors_again(team, alice, bob_client, state):
    post = make.post(alice, team=team, **state)
    assert bob_client.get(f"/posts/{post.slug}").status_code == 200
    assert bob_client.get(f"/posts/{post.id}/edit").status_code == 404
    assert bob_client.post(f"/posts/{post.id}/edit", data=sent(post, title="His")).status_code == 404


def test_the_team_reads_what_is_about_to_appear(clock, team, alice, bob_client, charlie_client):
    post = make.post(alice, team=team, published_at=now().replace(year=2027))
    assert bob_client.get(f"/posts/{post.slug}").status_code == 200
    assert bob_client.get(f"/posts/{post.id}/edit").status_code == 404
    assert charlie_client.get(f"/posts/{post.slug}").status_code == 404


def test_whoever_leaves_loses_it_at_once(draft, team, bob, bob_client):
    assert bob_client.get("/posts/tides").status_code == 200
    bob_client.post("/teams/desk/leave")
    assert bob_client.get("/posts/tides").status_code == 404
    assert bob_client.get(f"/posts/{draft.id}/edit").status_code == 404
    assert posts_on(bob_client.get("/posts/")) == []
    assert "Tides" not in bob_client.get("/teams/desk").text


def test_a_draft_that_is_no_longer_shared_is_no_longer_seen(draft, alice_client, bob_client):
    alice_client.post(f"/posts/{draft.id}/edit", data=sent(draft, team_id=""))
    assert draft.team_id is None
    assert bob_client.get("/posts/tides").status_code == 404


def test_a_reader_in_the_team_reads_and_comments(draft, team, charlie, charlie_client):
    team.join(charlie)
    assert "Ebb." in charlie_client.get("/posts/tides").text
    charlie_client.post(f"/posts/{draft.id}/comments", data={"content": "Tides turn."})
    assert "Tides turn." in charlie_client.get("/posts/tides").text
    assert charlie_client.post(f"/posts/{draft.id}/edit", data=sent(draft, content="His.")).status_code == 403
    assert draft.content == "Ebb."


def test_a_date_that_its_author_has_set_stays(clock, draft, bob_client):
    draft.published_at = now().replace(year=2027, second=7)
    fields = fields_on(bob_client.get(f"/posts/{draft.id}/edit"))
    assert not {"slug", "published_at", "team_id"} & fields.keys()
    typed = {name: shown.value for name, shown in fields.items() if name not in {"preview", "save"}}
    assert bob_client.post(f"/posts/{draft.id}/edit", data={**typed, "content": "Flow."}).status_code == 302
    assert (draft.content, draft.published_at) == ("Flow.", now().replace(year=2027, second=7))


# Choosing a team


def test_one_chooses_among_ones_own_teams(team, alice, alice_client, editor_client, draft):
    make.team(name="Elsewhere")
    options = ["No team", "Desk"]
    for address in ("/posts/new", f"/posts/{draft.id}/edit"):
        page = alice_client.get(address).text
        assert [name for name in ("No team", "Desk", "Elsewhere") if f">{name}</option>" in page] == options
    assert fields_on(alice_client.get(f"/posts/{draft.id}/edit"))["team_id"].value == str(team.id)
    assert fields_on(alice_client.get("/posts/new?team=desk"))["team_id"].value == str(team.id)
    assert "team_id" not in fields_on(editor_client.get("/posts/new"))
    assert fields_on(editor_client.get(f"/posts/{draft.id}/edit"))["team_id"].value == str(team.id)


@pytest.mark.parametrize("wrong", ["{other}", "987654321", "x", "-1", "9" * 30])
def test_a_team_that_one_is_not_in_is_refused_at_its_field(team, alice, alice_client, wrong):
    other = make.team()
    post = make.post(alice, status="draft")
    chosen = wrong.format(other=other.id)
    for address, version in (("/posts/new", ""), (f"/posts/{post.id}/edit", "1")):
        typed = {"title": "Tides", "content": "Ebb.", "team_id": chosen, "version": version}
        answer = alice_client.post(address, data=typed)
        assert answer.status_code == 422
        assert fields_on(answer)["team_id"].error == "You are not in this team."
        assert fields_on(answer)["content"].value == "Ebb."
    assert db.session.scalars(select(Post.team_id)).all() == [None]


def test_an_editor_leaves_a_post_with_its_team_and_does_not_join_by_it(draft, team, editor_client):
    editor_client.post(f"/posts/{draft.id}/edit", data=sent(draft, content="Flow.", team_id=str(team.id)))
    assert (draft.content, draft.team_id) == ("Flow.", team.id)
    other = make.team()
    answer = editor_client.post(f"/posts/{draft.id}/edit", data=sent(draft, team_id=str(other.id)))
    assert answer.status_code == 422
    assert draft.team_id == team.id


def test_an_author_who_has_left_may_leave_a_post_with_the_team(draft, team, alice, alice_client):
    team.leave(alice.id)
    alice_client.post(f"/posts/{draft.id}/edit", data=sent(draft, content="Flow.", team_id=str(team.id)))
    assert (draft.content, draft.team_id) == ("Flow.", team.id)


# Two at once


def test_whoever_is_late_is_shown_what_the_other_saved(draft, alice_client, bob_client):
    late = sent(draft, content="Late words.")
    alice_client.post(f"/posts/{draft.id}/edit", data=sent(draft, content="First words."))
    answer = bob_client.post(f"/posts/{draft.id}/edit", data=late)
    assert answer.status_code == 409
    assert "First words." in answer.text
    assert fields_on(answer)["content"].value == "Late words."
    assert draft.content == "First words."


def test_whoever_is_removed_while_editing_saves_nothing_and_keeps_their_text(draft, alice_client, bob_client):
    typed = sent(draft, content="Words of an hour.")
    alice_client.post("/teams/desk/members/bob/remove")
    answer = bob_client.post(f"/posts/{draft.id}/edit", data=typed)
    assert answer.status_code == 404
    assert "Words of an hour." in answer.text
    assert draft.content == "Ebb."


def test_whoever_is_removed_at_the_same_moment_saves_before_or_not_at_all(
    app, draft, alice, bob, as_, monkeypatch
):
    meet_after(monkeypatch, Post, "editable_by")
    hers, his = as_(alice), as_(bob)
    typed = sent(draft, content="At the last moment.")
    removed, saved = at_once(
        app,
        lambda: hers.post("/teams/desk/members/bob/remove"),
        lambda: his.post(f"/posts/{draft.id}/edit", data=typed),
    )
    assert removed.status_code == 302
    assert saved.status_code in {302, 404}
    assert (draft.content == "At the last moment.") == (saved.status_code == 302)
    assert his.get(f"/posts/{draft.id}/edit").status_code == 404


def test_a_team_that_one_leaves_while_saving_is_refused_in_the_end(
    team, alice: User, bob, bob_client, monkeypatch
):
    """What the form offered is asked again within the transaction."""
    real = Post.share

    def leave_first(post: Post, team_id: int | None, *, by: User) -> None:
        team_now = db.session.get(Team, team_id)
        assert team_now
        team_now.leave(by.id)
        real(post, team_id, by=by)

    monkeypatch.setattr(Post, "share", leave_first)
    answer = bob_client.post(
        "/posts/new", data={"title": "Tides", "content": "Ebb.", "team_id": str(team.id)}
    )
    assert answer.status_code == 422
    assert fields_on(answer)["team_id"].error == "You are not in this team."
    assert db.session.scalars(select(Post)).all() == []


# Narrowed to a team


def test_the_desk_is_narrowed_to_a_team(draft, team, alice, bob, bob_client: Visitor):
    mine = make.post(bob, title="Mine")
    out = make.post(bob, title="Out", team=team)
    make.post(alice, title="Elsewhere", status="draft", team=make.team(alice))

    def found(asked: str) -> set[str]:
        return set(posts_on(bob_client.get(f"/posts/{asked}")))

    assert found("") == {str(draft.id), str(mine.id), str(out.id)}
    assert found("?team=desk") == {str(draft.id), str(out.id)}
    assert found("?team=desk&status=draft") == {str(draft.id)}
    assert found("?team=nowhere") == set()
    page = bob_client.get("/posts/?team=desk")
    assert fields_on(page)["team"].value == "desk"
    kept = [link.address for link in links_on(page, r"/posts/\?(?!view=)")]
    assert kept
    assert all("team=desk" in address for address in kept)

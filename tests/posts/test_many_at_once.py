"""Doing something to many posts at once, and taking it back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.posts import bulk
from blog.posts.bulk import Chosen, Done, Order, Undone
from blog.posts.models import Post, post_tags
from blog.posts.revisions import Revision
from blog.posts.undoing import Act, Undo, UndoPost
from blog.tags.models import Tag
from tests import make
from tests.queries import count_queries

EVERY = Chosen(match={})


def do(by: User, act: Act, chosen: Chosen = EVERY, **with_: Any) -> Done:
    with transaction():
        return bulk.do(Order(act, by, now(), **with_), chosen)


def undo(by: User, done: Done) -> Undone:
    with transaction():
        return bulk.undo(db.session.scalars(Undo.of(done.key, by.id, now())).one(), by=by, at=now())


def states() -> dict[str, str]:
    return {row.title: row.status for row in db.session.execute(select(Post.title, Post.status))}


def rows() -> dict[int, tuple[Any, ...]]:
    """What undoing gives back."""
    columns = (Post.status, Post.status_before, Post.published_at, Post.deleted_at, Post.author_id)
    tags = db.session.execute(select(post_tags.c.post_id, post_tags.c.tag_id)).all()
    found = db.session.execute(select(Post.id, *columns))
    return {row.id: (*row[1:], frozenset(tag for post, tag in tags if post == row.id)) for row in found}


@pytest.fixture
def every(alice: User, bob: User) -> dict[str, Post]:
    """A post of alice's in each state, and one of bob's."""
    later = now() + timedelta(days=1)
    made = {
        "published": make.post(alice, title="published", tags=["Old"]),
        "scheduled": make.post(alice, title="scheduled", published_at=later),
        "draft": make.post(alice, title="draft", status="draft", tags=["Old", "Tea"]),
        "archived": make.post(alice, title="archived"),
        "deleted": make.post(alice, title="deleted"),
        "bobs": make.post(bob, title="bobs"),
    }
    made["archived"].archive(now())
    made["deleted"].trash(by=alice, at=now())
    db.session.commit()
    return made


@pytest.mark.parametrize(
    ("act", "expected", "numbers"),
    [
        (Act.PUBLISH, {"draft": "published", "archived": "published"}, (2, 2, 1)),
        (
            Act.UNPUBLISH,
            {"published": "draft", "scheduled": "draft", "archived": "draft"},
            (3, 1, 1),
        ),
        (Act.ARCHIVE, dict.fromkeys(("published", "scheduled", "draft"), "archived"), (3, 1, 1)),
        (Act.DELETE, dict.fromkeys(("published", "scheduled", "draft", "archived"), "deleted"), (4, 0, 1)),
        (Act.RESTORE, {"deleted": "published"}, (1, 0, 0)),
    ],
)
def test_it_works(alice, every, act, expected, numbers):
    before, states_before = rows(), states()
    done = do(alice, act)
    assert (done.changed, done.already, done.refused) == numbers
    assert states() == {**states_before, **expected}
    assert done.ids == sorted(every[title].id for title in expected)
    undone = undo(alice, done)
    assert (undone.changed, undone.left) == (numbers[0], 0)
    assert rows() == before


def test_each_does_what_the_button_does(alice, every, clock):
    """Post by post, by the verbs of the model, and all at once."""
    verbs: dict[Act, Any] = {
        Act.PUBLISH: lambda post: post.publish(now()),
        Act.UNPUBLISH: lambda post: post.unpublish(now()),
        Act.ARCHIVE: lambda post: post.archive(now()),
        Act.DELETE: lambda post: post.trash(by=alice, at=now()),
    }
    for act, verb in verbs.items():
        done = do(alice, act)
        at_once = rows()
        undo(alice, done)
        mine = db.session.scalars(select(Post).where(Post.id.in_(done.ids))).all()
        for post in mine:
            verb(post)
        db.session.flush()
        assert rows() == at_once, act
        db.session.rollback()


def test_the_version_and_the_time_of_change_move(alice, every, clock):
    clock.shift(timedelta(hours=1))
    columns = (Post.version, Post.updated_at)
    before = db.session.execute(select(*columns).where(Post.id == every["draft"].id)).one()
    do(alice, Act.PUBLISH)
    after = db.session.execute(select(*columns).where(Post.id == every["draft"].id)).one()
    assert after.version == before.version + 1
    assert after.updated_at == now() != before.updated_at


def test_only_those_that_are_chosen(alice, every):
    some = Chosen(ids=(every["draft"].id, every["bobs"].id, 10**9))
    done = do(alice, Act.DELETE, some)
    assert (done.changed, done.refused) == (1, 1)
    done = do(alice, Act.DELETE, Chosen(match={"status": "scheduled"}))
    assert done.ids == [every["scheduled"].id]


def test_of_what_one_may_not_see_nothing_is_told(alice, bob, every):
    done = do(bob, Act.DELETE, Chosen(ids=(every["draft"].id, every["scheduled"].id, every["deleted"].id)))
    assert (done.changed, done.already, done.refused) == (0, 0, 0)
    done = do(bob, Act.RESTORE, Chosen(ids=(every["deleted"].id,)))
    assert (done.changed, done.already, done.refused) == (0, 0, 0)


def test_a_reader_changes_nothing(charlie, every):
    before = rows()
    for act in (Act.PUBLISH, Act.UNPUBLISH, Act.ARCHIVE, Act.DELETE, Act.RESTORE):
        assert do(charlie, act).changed == 0
    assert do(charlie, Act.TAG, tag=make.tag("New")).changed == 0
    assert rows() == before


# Tags


def names(post: Post) -> list[str]:
    found = select(Tag.name).join(post_tags, post_tags.c.tag_id == Tag.id)
    return sorted(db.session.scalars(found.where(post_tags.c.post_id == post.id)))


@pytest.mark.parametrize("name", ["New", "Été", "“C++” 'q' \\ 茶"])
def test_a_tag_is_added_and_taken_away(alice, every, name):
    before, tag = rows(), make.tag(name)
    done = do(alice, Act.TAG, tag=tag)
    assert (done.changed, done.refused) == (4, 1)
    assert names(every["published"]) == sorted(["Old", name])
    assert Revision.newest_of(every["published"].id).tags == ["Old", name]  # type: ignore[union-attr]
    assert do(alice, Act.TAG, tag=tag).already == 4
    taken = do(alice, Act.UNTAG, tag=tag)
    assert taken.changed == 4
    assert rows() == before
    assert Revision.newest_of(every["published"].id).tags == ["Old"]  # type: ignore[union-attr]
    assert undo(alice, taken).changed == 4
    assert names(every["draft"]) == sorted(["Old", "Tea", name])
    assert Revision.newest_of(every["draft"].id).tags == ["Old", "Tea", name]  # type: ignore[union-attr]


def test_each_tagging_is_a_revision_with_the_version_that_it_made(alice, every):
    post = every["published"]
    first = Revision.newest_of(post.id)
    assert first is not None
    do(alice, Act.TAG, tag=make.tag("New"))
    found = Revision.newest_of(post.id)
    assert found is not None
    db.session.refresh(post)
    assert (found.number, found.version, found.by_id) == (2, post.version, alice.id)
    assert (found.title, found.content) == (post.title, post.content)
    assert found.published_at is not None
    draft = Revision.newest_of(every["draft"].id)
    assert draft is not None
    assert draft.published_at is None


def test_a_post_without_a_history_gets_one_when_it_is_tagged(alice):
    post = make.post(alice, tags=["Old"])
    db.session.delete(Revision.newest_of(post.id))
    db.session.commit()
    do(alice, Act.TAG, tag=make.tag("New"))
    assert [sorted(row.tags) for row in db.session.scalars(Revision.of_post(post.id))] == [
        ["New", "Old"],
        ["Old"],
    ]


def test_a_member_of_the_team_tags_a_draft_but_does_not_publish_it(alice, bob):
    post = make.post(alice, status="draft", team=make.team(alice, bob))
    assert do(bob, Act.TAG, tag=make.tag("New")).changed == 1
    done = do(bob, Act.PUBLISH)
    assert (done.changed, done.refused) == (0, 1)
    assert post.status == "draft"


# Authors


def test_editors_give_posts_to_somebody_else(alice, bob, editor, every):
    before = rows()
    done = do(editor, Act.AUTHOR, author=bob)
    assert (done.changed, done.already) == (4, 1)
    assert set(db.session.scalars(select(Post.author_id).where(Post.status != "deleted"))) == {bob.id}
    assert undo(editor, done).changed == 4
    assert rows() == before


def test_authors_do_not_give_their_posts_away(alice, bob, every):
    done = do(alice, Act.AUTHOR, author=bob)
    assert (done.changed, done.refused) == (0, 5)


def test_posts_of_somebody_who_has_gone_stay_where_they_are(alice, bob, editor, every):
    done = do(editor, Act.AUTHOR, author=bob)
    deleted = every["deleted"]
    deleted.author_id = bob.id
    db.session.commit()
    db.session.delete(alice)
    db.session.commit()
    undone = undo(editor, done)
    assert (undone.changed, undone.left) == (0, 4)


# Undoing


def test_what_was_changed_since_is_left(alice, every):
    done = do(alice, Act.PUBLISH)
    every["draft"].unpublish(now())
    db.session.commit()
    undone = undo(alice, done)
    assert (undone.changed, undone.left) == (1, 1)
    assert states()["draft"] == "draft"
    assert states()["archived"] == "archived"


def test_undone_twice_it_is_undone_once(alice, every):
    done = do(alice, Act.DELETE)
    assert undo(alice, done).changed == 4
    assert undo(alice, done).changed == 0
    assert db.session.scalars(select(UndoPost)).all() == []


def test_only_whoever_did_it_may_for_a_day(alice, editor, every, clock):
    done = do(alice, Act.DELETE)
    assert db.session.scalar(Undo.of(done.key, editor.id, now())) is None
    clock.shift(timedelta(days=1))
    assert db.session.scalar(Undo.of(done.key, alice.id, now())) is None


def test_whoever_may_not_any_more_undoes_nothing(alice, editor, every):
    done = do(editor, Act.DELETE)
    assert done.changed == 5
    editor.become("reader")
    db.session.commit()
    undone = undo(editor, done)
    assert (undone.changed, undone.left) == (0, 5)


def test_it_takes_as_many_statements_for_many_posts(alice):
    tag = make.tag("New")

    def statements(act: Act, **more: Any) -> int:
        with count_queries() as asked:
            done = do(alice, act, **more)
            undo(alice, done)
        return len(
            [statement for statement in asked if "search_" not in statement]
        )  # its index goes by batches

    make.post(alice, status="draft")
    few = [statements(Act.PUBLISH), statements(Act.TAG, tag=tag), statements(Act.DELETE)]
    for _ in range(5):
        make.post(alice, status="draft")
    assert [statements(Act.PUBLISH), statements(Act.TAG, tag=tag), statements(Act.DELETE)] == few

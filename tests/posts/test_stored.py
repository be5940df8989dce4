"""What the database itself refuses, whoever writes it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from blog.accounts.models import User
from blog.db import db
from blog.errors import Invalid
from blog.posts.addresses import FormerAddress
from blog.posts.models import Post, post_tags
from tests import make

AT = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def rows(app, alice, bob) -> dict[str, dict[str, Any]]:
    """For each table a row that it takes; `taken` is the address of a post, `once` a former one, `tea` a tag."""
    post, tag = make.post(alice, slug="taken"), make.tag("Tea")
    db.session.execute(update(Post).values(origin="there"))
    db.session.add(FormerAddress(path="/posts/once", post_id=post.id))
    db.session.commit()
    return {
        "posts": {"author_id": alice.id, "title": "T", "slug": "free", "content": "", "html": ""},
        "comments": {"author_id": bob.id, "post_id": post.id, "content": "C", "html": ""},
        "tags": {"name": "Rain", "slug": "rain"},
        "former_addresses": {"path": "/posts/free", "post_id": post.id},
        "post_tags": {"post_id": post.id, "tag_id": tag.id},
    }


TABLES = db.metadata.tables
TAKEN = [
    ("posts", {}),
    ("posts", {"title": "🦉" * 200, "slug": "s" * 200, "content": "c" * 500_000, "excerpt": "🦉" * 1000}),
    ("posts", {"status": "published", "published_at": AT}),
    ("posts", {"status": "archived"}),
    ("comments", {"content": "🦉" * 10_000}),
    ("tags", {"name": "🦉" * 50, "slug": "s" * 100}),
    ("former_addresses", {"path": "p" * 500}),
    ("post_tags", {}),
]
NOBODY = 999_999
REFUSED = [
    *(
        ("posts", {name: None})
        for name in ("author_id", "title", "slug", "content", "html", "excerpt", "teaser")
    ),
    *(("posts", {name: None}) for name in ("status", "version", "word_count", "renderer", "created_at")),
    ("posts", {"title": ""}),
    ("posts", {"title": "t" * 201}),
    ("posts", {"slug": ""}),
    ("posts", {"slug": "s" * 201}),
    ("posts", {"content": "c" * 500_001}),
    ("posts", {"excerpt": "e" * 1001}),
    ("posts", {"status": "gone"}),
    ("posts", {"status": "published"}),
    ("posts", {"slug": "taken"}),
    ("posts", {"origin": "there"}),
    ("posts", {"author_id": NOBODY}),
    *(("comments", {name: None}) for name in ("post_id", "content", "html", "created_at")),
    ("comments", {"content": ""}),
    ("comments", {"content": "c" * 10_001}),
    ("comments", {"post_id": NOBODY}),
    ("comments", {"author_id": NOBODY}),
    ("tags", {"name": None}),
    ("tags", {"slug": None}),
    ("tags", {"name": ""}),
    ("tags", {"name": "n" * 51}),
    ("tags", {"slug": ""}),
    ("tags", {"slug": "s" * 101}),
    ("tags", {"slug": "tea"}),
    ("former_addresses", {"path": "/posts/once"}),
    ("former_addresses", {"post_id": NOBODY}),
    ("former_addresses", {"post_id": None}),
    ("post_tags", {"post_id": NOBODY}),
    ("post_tags", {"tag_id": NOBODY}),
]


def told(case: Any) -> str:
    return (
        case if isinstance(case, str) else ",".join(f"{name}={str(text)[:9]}" for name, text in case.items())
    )


@pytest.mark.parametrize(("table", "changes"), TAKEN, ids=told)
def test_as_much_as_fits_is_taken(rows, table, changes):
    db.session.execute(insert(TABLES[table]).values({**rows[table], **changes}))
    db.session.commit()


@pytest.mark.parametrize(("table", "changes"), REFUSED, ids=told)
def test_what_breaks_a_rule_is_refused(rows, table, changes):
    with pytest.raises(DBAPIError):
        db.session.execute(insert(TABLES[table]).values({**rows[table], **changes}))


def test_a_post_has_a_tag_once(rows):
    db.session.execute(insert(post_tags).values(rows["post_tags"]))
    with pytest.raises(IntegrityError):
        db.session.execute(insert(post_tags).values(rows["post_tags"]))


def test_what_the_database_fills_in(rows):
    post_id = db.session.scalar(insert(TABLES["posts"]).values(rows["posts"]).returning(Post.id))
    post = db.session.scalars(select(Post).where(Post.id == post_id)).one()
    assert (post.status, post.version, post.excerpt, post.credited) == ("draft", 1, "", [])
    assert abs((post.created_at - datetime.now(UTC)).total_seconds()) < 60
    assert post.created_at.tzinfo is UTC


def test_the_time_of_the_last_change_moves_with_each(alice):
    post = make.post(alice)
    before = post.updated_at
    post.title = "After"
    db.session.commit()
    assert post.updated_at > before
    assert post.created_at <= before


@pytest.mark.parametrize("name", ["title", "content", "excerpt"])
@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "half \ud83e"])
def test_no_text_holds_what_no_page_can_show(alice, name, text):
    with pytest.raises(Invalid) as refused:
        make.post(alice, **{name: text})
    assert refused.value.field == name
    db.session.rollback()


def test_lines_end_alike(alice):
    assert make.post(alice, content="a\r\nb\rc\nd").content == "a\nb\nc\nd"


def test_a_relation_that_was_not_asked_for_is_not_read_by_chance(alice):
    make.post(alice)
    post = db.session.scalars(select(Post).execution_options(populate_existing=True)).one()
    db.session.expire(post)
    for name in ("author", "tags"):
        with pytest.raises(Exception, match="lazy='raise'"):
            getattr(post, name)
    assert isinstance(alice, User)

"""Related posts: by the tags and words that they share, as far as readers see them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from blog.db import db, now, transaction
from blog.jobs import enqueue
from blog.posts.models import Post
from blog.search import related
from blog.search.models import RelatedChange, RelatedPost
from tests import make
from tests.working import do_jobs

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def related_on(client, slug):
    """The addresses under "Related" of a post's page, in their order."""
    answer = client.get(f"/posts/{slug}")
    assert answer.status_code == 200
    shown = re.search(r'<nav class="related".*?</nav>', answer.text, re.DOTALL)
    return re.findall(r'href="/posts/([^"]+)"', shown[0]) if shown else []


def relate_all():
    db.session.commit()
    while related.relate_some():
        pass


def test_it_works(alice, client):
    make.post(alice, slug="green", title="Green tea", tags=["Tea"])
    make.post(alice, slug="black", title="Black tea", tags=["Tea"])
    make.post(alice, slug="owls", title="Owls", tags=["Birds"])
    enqueue("search.relate")
    do_jobs()
    assert related_on(client, "green") == ["black"]
    assert related_on(client, "black") == ["green"]
    assert related_on(client, "owls") == []
    assert 'aria-labelledby="related"' not in client.get("/posts/owls").text


def test_texts_are_alike_by_the_words_that_few_others_have(alice, client):
    for slug, content in {
        "one": "The harbour sleeps, and the lighthouse turns above the harbour.",
        "two": "A lighthouse above an old harbour, and the fog.",
        "three": "The bread and the butter, and the morning.",
        "four": "The morning, and a walk above the town.",
    }.items():
        make.post(alice, slug=slug, title=slug.capitalize(), content=content)
    relate_all()
    assert related_on(client, "one") == ["two"]
    assert related_on(client, "three") == []


def test_a_rare_tag_weighs_more_than_a_common_one(alice, client):
    make.post(alice, slug="here", title="Here", tags=["Common", "Rare"])
    make.post(alice, slug="rare", title="There", tags=["Rare"])
    for number in range(4):
        make.post(alice, slug=f"common-{number}", title=f"Elsewhere {number}", tags=["Common"])
    relate_all()
    assert related_on(client, "here") == ["rare", "common-3", "common-2"]


def test_a_change_of_tags_counts_at_once_for_both(alice, client):
    make.post(alice, slug="green", title="Green", content="Leaves.", tags=["Tea"])
    make.post(alice, slug="black", title="Black", content="Cups.", tags=["Tea"])
    relate_all()
    with transaction():
        post = db.session.scalars(Post.whole(select(Post).where(Post.slug == "green"))).one()
        post.tags = []
    relate_all()
    assert related_on(client, "black") == related_on(client, "green") == []


def test_only_what_readers_see_now_is_shown(clock, alice, client):
    make.post(alice, slug="out", tags=["Tea"])
    make.post(alice, slug="later", tags=["Tea"], published_at=NOON + timedelta(hours=1))
    taken = make.post(alice, slug="taken", tags=["Tea"])
    make.post(alice, slug="draft", tags=["Tea"], status="draft")
    relate_all()
    assert related_on(client, "out") == ["taken"]
    taken.unpublish(now())
    db.session.commit()
    assert related_on(client, "out") == []
    clock.shift(timedelta(hours=1))
    assert related_on(client, "out") == ["later"]


def test_drafts_are_related_once_they_are_published(alice, client):
    drafts = [make.post(alice, slug=slug, tags=["Tea"], status="draft") for slug in ("one", "two")]
    relate_all()
    for draft in drafts:
        draft.publish(now())
    do_jobs()
    relate_all()
    assert related_on(client, "one") == ["two"]
    assert related_on(client, "two") == ["one"]


def test_what_is_deleted_for_good_leaves_nothing(alice):
    posts = [make.post(alice, tags=["Tea"]) for _ in range(2)]
    relate_all()
    assert db.session.scalar(select(func.count()).select_from(RelatedPost)) == 2
    db.session.delete(db.session.get_one(Post, posts[0].id))
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(RelatedPost)) == 0


def test_so_many_are_kept_and_shown(alice, client):
    for number in range(related.KEPT + 3):
        make.post(alice, slug=f"post-{number}", tags=["Tea"])
    relate_all()
    assert len(related_on(client, "post-0")) == related.SHOWN
    kept = select(func.count()).select_from(RelatedPost)
    assert (db.session.scalar(kept) or 0) <= 2 * related.KEPT * (related.KEPT + 3)
    assert db.session.scalar(kept.where(RelatedPost.post_id == RelatedPost.related_id)) == 0


@pytest.mark.parametrize("content", ["'\" OR 1 -- * ^ : ( NEAR", "茶は 雨の 茶は 雨の", "\\ & | ! <-> 'tea'"])
def test_any_text_can_be_related(alice, client, content):
    make.post(alice, slug="one", content=content * 2)
    make.post(alice, slug="two", content=content * 3)
    make.post(alice, slug="three", content="Owls.")
    relate_all()
    assert "three" not in related_on(client, "one")


def test_the_command_relates_what_waits_and_all_anew(app, alice):
    for _ in range(2):
        make.post(alice, tags=["Tea"])
    runner = app.test_cli_runner()
    assert "2 related" in runner.invoke(args=["search", "relate"]).output
    assert db.session.scalar(select(func.count()).select_from(RelatedChange)) == 0
    assert "0 related" in runner.invoke(args=["search", "relate"]).output
    assert "2 related" in runner.invoke(args=["search", "relate", "--all"]).output
    assert db.session.scalar(select(func.count()).select_from(RelatedPost)) == 2

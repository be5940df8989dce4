"""`flask posts render`: what readers see, made anew from what the authors wrote."""

import pytest
from flask import Flask
from sqlalchemy import text, update

from blog import markup
from blog.db import db
from blog.posts.models import Post
from tests import make


@pytest.fixture
def old(alice) -> Post:
    """A post that an older renderer made."""
    post = make.post(alice, content="*So*.", excerpt="In short.")
    made = {"html": "old", "teaser": "old", "word_count": 0, "renderer": markup.RENDERER_VERSION - 1}
    db.session.execute(update(Post).values(**made, updated_at=Post.updated_at))
    db.session.commit()
    return post


def run(app: Flask, *options: str) -> str:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["posts", "render", *options])
    assert result.exit_code == 0, result.output
    db.session.expire_all()
    return result.stdout.strip()


def test_it_works(app, old):
    before = (old.version, old.updated_at, old.content)
    assert run(app) == "1 rendered"
    assert (old.html.strip(), old.teaser, old.word_count) == ("<p><em>So</em>.</p>", "In short.", 1)
    assert old.renderer == markup.RENDERER_VERSION
    assert (old.version, old.updated_at, old.content) == before


def test_what_the_present_renderer_made_is_left_alone_unless_all_is_asked_for(app, alice):
    post = make.post(alice)
    db.session.execute(update(Post).values(html="by hand"))
    assert run(app) == "0 rendered"
    assert post.html == "by hand"
    assert run(app, "--all") == "1 rendered"
    assert post.html != "by hand"


def test_more_than_a_batch_is_rendered(app, monkeypatch, alice):
    monkeypatch.setattr("blog.posts.cli.BATCH", 2)
    posts = [make.post(alice) for _ in range(5)]
    db.session.execute(update(Post).values(renderer=0))
    assert run(app) == "5 rendered"
    assert {post.renderer for post in posts} == {markup.RENDERER_VERSION}


def test_what_is_saved_meanwhile_is_not_overwritten(app, monkeypatch, old):
    """Somebody saves between the reading and the writing."""
    render = Post.rendered

    def render_and_save(content: str, excerpt: str) -> object:
        with db.engine.begin() as other:
            other.execute(text("UPDATE posts SET content = 'New.', html = 'new', version = version + 1"))
        return render(content, excerpt)

    monkeypatch.setattr(Post, "rendered", staticmethod(render_and_save))
    run(app)
    assert (old.content, old.html) == ("New.", "new")

"""Sites that are measured: filled databases, and their pages as what Masthead is compared with needs them."""

import json
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from benchmarks.ground import filled_site
from benchmarks.rig.programs import page_of
from blog import create_app
from blog.accounts.models import User
from blog.comments.models import Comment
from blog.comments.thread import comments_under
from blog.db import db, now, transaction
from blog.feeds.entries import post_entries
from blog.posts.cards import EVERYTHING, published
from blog.posts.models import Post

COMMENTS = 20
SLUG = "made-up-7"
WORDS = "I think that *this* is right, and [this page](https://example.com/{}) says so.\n\n> Why?\n\nBecause `it` is."
PAGES = {
    "home": "/",
    "post": f"/posts/{SLUG}",
    "tag": "/tags/subject-1",
    "search": "/search?q=harbour",
    "feed": "/feed.atom",
}
SECTIONS = [("/archive/", "Archive"), ("/tags/", "Tags"), ("/authors/", "Authors"), ("/search", "Search")]


def site_at(address: str) -> Flask:
    """The site on a database that is filled already."""
    secret = "for benchmarks only, no secret"  # noqa: S105
    return create_app(
        {"DATABASE_URL": address, "LOG_LEVEL": "ERROR", "SECRET_KEY": secret, "PAGE_CACHE_MB": 0}
    )


def site_with(address: str, posts: int) -> Flask:
    """A new database with so many posts, one of them with 20 comments, a third of those answers."""
    filled_site(address, posts)
    app = site_at(address)
    with app.app_context():
        post = db.session.scalars(select(Post).where(Post.slug == SLUG)).one()
        people = list(db.session.scalars(select(User).order_by(User.id).limit(5)))
        parent: Comment | None = None
        with transaction():
            for place in range(COMMENTS):
                by = people[place % len(people)]
                answers = parent if place % 3 == 2 else None
                said = Comment.write(
                    post=post, by=by, guest=None, content=WORDS.format(place), parent=answers
                )
                db.session.flush()
                parent = said if answers is None else parent
        db.session.remove()
        db.engine.dispose()
    return app


def keep_pages(folder: Path, address: str) -> dict[str, tuple[int, str]]:
    """As Masthead sends them, for nginx and the bare application: the bytes and the ETag of each."""
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    headers, told = {}, {}
    for name, path in PAGES.items():
        body, sent = page_of(address + path, {"Accept-Encoding": "br"})
        (folder / "pages" / name).write_bytes(body)
        passed = {"date", "server", "connection", "transfer-encoding"}
        headers[name] = [(key, value) for key, value in sent.items() if key.lower() not in passed]
        told[name] = (len(body), sent.get("ETag", sent.get("etag", "")))
    (folder / "headers.json").write_text(json.dumps(headers))
    return told


def keep_contents(folder: Path, app: Flask) -> None:
    """What is on the pages, for the application that has only a template."""
    with app.test_request_context("/"):
        cards = [card_of(card) for card in published(EVERYTHING).items]
        post = db.session.execute(
            select(Post.id, Post.html, Post.title, Post.author_id, Post.published_at).where(Post.slug == SLUG)
        ).one()
        threads = comments_under(post).threads
        said = [comment_of(one) for thread in threads for one in (thread, *thread.answers)]
        entries = [
            {"title": entry.title, "href": entry.address, "iso": str(entry.updated_at), "html": entry.html}
            for entry in post_entries(Post.visible(now())).items
        ]
        db.session.remove()
        db.engine.dispose()
    same = {"site": "Masthead", "sections": SECTIONS, "address": "http://127.0.0.1/", "kind": "page"}
    contents: dict[str, dict[str, Any]] = {
        "home": {**same, "title": "Masthead", "cards": cards},
        "tag": {**same, "title": "Subject 1", "cards": cards},
        "search": {**same, "title": "Search", "cards": cards[:10]},
        "post": {**same, "title": post.title, "html": post.html, "cards": [], "comments": said},
        "feed": {**same, "kind": "feed", "title": "Masthead", "entries": entries},
    }
    (folder / "contents.json").write_text(json.dumps(contents))


def card_of(card: Any) -> dict[str, Any]:
    return {
        "title": card.title,
        "href": f"/posts/{card.slug}",
        "excerpt": card.excerpt,
        "iso": card.published_at.isoformat(),
        "day": card.published_at.strftime("%d %B %Y"),
        "minutes": card.word_count // 230 + 1,
        "authors": [(name, f"/authors/{username}") for name, username in card.authors],
        "tags": [(name, f"/tags/{slug}") for name, slug in card.tags],
    }


def comment_of(one: Any) -> dict[str, Any]:
    comment = one.comment
    return {
        "id": comment.id,
        "author": comment.author_name,
        "href": f"/authors/{comment.author_username}",
        "iso": comment.created_at.isoformat(),
        "when": one.when,
        "html": comment.html,
    }

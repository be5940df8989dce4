"""Posts in several languages, out and in: their originals may come later, or under another address."""

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from blog.posts.translations import Translation
from tests import make
from tests.interchange.site import clear, folder, last_line, post_file, run, stored
from tests.posts.test_translations import put_in


def languages() -> dict[str, tuple[str, str]]:
    loaded = select(Post).options(Post.with_translation()).join(Translation, Translation.post_id == Post.id)
    db.session.expire_all()
    return {post.slug: (post.language, post.translation_of) for post in db.session.scalars(loaded)}


def test_they_come_back_as_they_were(app: Flask, tmp_path: Path, alice: User) -> None:
    put_in(make.post(alice, title="Tee", slug="a-tee", status="draft"), alice, "de")
    make.post(alice, title="Tea", slug="tea")
    put_in(make.post(alice, title="Thé", slug="a-the"), alice, "fr", "tea")
    before = languages()
    assert before == {"a-tee": ("de", ""), "a-the": ("fr", "tea")}
    times = {slug: post["updated_at"] for slug, post in stored().items()}
    run(app, "export", "markdown", tmp_path)
    clear()
    assert last_line(run(app, "import", "markdown", tmp_path)) == "taken: 3, already here: 0, refused: 0"
    assert languages() == before
    assert {slug: post["updated_at"] for slug, post in stored().items()} == times


def test_the_original_is_found_under_the_address_that_it_got(app: Flask, tmp_path: Path, owner: User) -> None:
    make.post(owner, slug="tea")
    files = {
        "a.md": post_file("Tee", slug="tee", lang="de", translation_of="tea"),
        "b.md": post_file("Tea", slug="tea"),
    }
    run(app, "import", "markdown", folder(tmp_path, files))
    assert languages() == {"tee": ("de", "tea-2")}


def test_what_cannot_be_is_told_and_the_post_is_taken(app: Flask, tmp_path: Path, owner: User) -> None:
    files = {
        "a.md": post_file("Tee", slug="tee", lang="de", translation_of="nowhere"),
        "b.md": post_file("Cha", slug="cha", lang="klingon"),
        "c.md": post_file("Te", slug="te", lang="en", translation_of="cha"),
    }
    result = run(app, "import", "markdown", folder(tmp_path, files))
    assert last_line(result) == "taken: 3, already here: 0, refused: 0"
    assert languages() == {"tee": ("de", ""), "te": ("en", "")}
    assert "refused tee: to be the translation of nowhere: There is no post at this address." in result.stdout
    assert "refused te: to be the translation of cha" in result.stdout

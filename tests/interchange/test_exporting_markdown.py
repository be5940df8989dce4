"""`flask export markdown DIR`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.interchange import markdown
from blog.posts.addresses import FormerAddress
from blog.posts.models import Post
from tests import make
from tests.interchange.site import clear, folder, last_line, run, stored

AT = datetime(2024, 5, 9, 6, 30, 15, 123456, tzinfo=UTC)


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def write_every_kind_of_post(alice: User, bob: User) -> None:
    make.post(
        alice,
        title="Of tea",
        slug="tea",
        content="---\nOf *tea*.  \n",
        tags=["Tea", "C++", "茶"],
        published_at=AT,
    )
    make.post(
        alice,
        title="No",
        slug="no",
        content="",
        excerpt='Say "no":\nno',
        published_at=AT + timedelta(days=50_000),
    )
    make.post(
        bob, title="Draft", slug="2014-05-09-draft", status="draft", content="# Draft\n\n<!-- more -->\n"
    )
    make.post(
        bob,
        title="Archived",
        slug="archived",
        status="archived",
        published_at=None,
        content="\n\n\ttext\u2028\U0001f375\n\n",
    )
    kept = db.session.scalars(select(Post).where(Post.slug == "archived")).one()
    kept.credited = ["Ann, the Elder", "Ben"]
    db.session.add(FormerAddress(path="/posts/older", post_id=kept.id))
    db.session.commit()


def test_it_works(app: Flask, tmp_path: Path, alice: User) -> None:
    make.post(alice, title="Of tea", slug="tea", content="Of *tea*.\n", tags=["Tea"], published_at=AT)
    assert last_line(run(app, "export", "markdown", tmp_path / "out")) == "written: 1, removed: 0"
    lines = (tmp_path / "out/2024/tea.md").read_text().splitlines()
    changed, origin = lines.pop(4), lines.pop(11)
    assert changed.startswith("updated: 20")
    assert origin.startswith('origin: "masthead:')
    assert lines == ["---", 'title: "Of tea"', 'slug: "tea"', "date: 2024-05-09T06:30:15.123456Z", "authors:", '  - "Alice"',
                     'author_username: "alice"', "tags:", '  - "Tea"', 'description: ""', "draft: false", "---", "", "Of *tea*."]  # fmt: skip


def test_an_empty_site_takes_it_back_as_it_was(app: Flask, tmp_path: Path, alice: User, bob: User) -> None:
    write_every_kind_of_post(alice, bob)
    before = stored()
    run(app, "export", "markdown", tmp_path)
    assert files(tmp_path) == [
        ".masthead-export",
        "2024/tea.md",
        "2161/no.md",
        "undated/2014-05-09-draft.md",
        "undated/archived.md",
    ]
    clear()
    assert last_line(run(app, "import", "markdown", tmp_path)) == "taken: 4, already here: 0, refused: 0"
    after = stored()
    for post in (*before.values(), *after.values()):
        post.pop("origin")
    assert after == before


def test_the_site_that_wrote_it_takes_nothing_even_after_changes(
    app: Flask, tmp_path: Path, alice: User, bob: User
) -> None:
    write_every_kind_of_post(alice, bob)
    run(app, "export", "markdown", tmp_path)
    for post in db.session.scalars(select(Post)):
        post.title, post.slug = post.title + "!", post.slug + "-changed"
    db.session.commit()
    assert last_line(run(app, "import", "markdown", tmp_path)) == "taken: 0, already here: 4, refused: 0"


def test_people_of_one_name_stay_two(app: Flask, tmp_path: Path) -> None:
    for username in ("jane1", "jane2"):
        make.post(make.user(username, display_name="Jane"), slug=username)
    run(app, "export", "markdown", tmp_path)
    clear()
    other = make.user("jane1", display_name="Somebody else")
    make.post(other, slug="theirs")
    run(app, "import", "markdown", tmp_path)
    found = {slug: (post["username"], post["display_name"]) for slug, post in stored().items()}
    assert found == {
        "theirs": ("jane1", "Somebody else"),
        "jane1": ("jane1-2", "Jane"),
        "jane2": ("jane2", "Jane"),
    }


def test_what_the_site_no_longer_has_is_removed_and_nothing_else(
    app: Flask, tmp_path: Path, alice: User
) -> None:
    make.post(alice, slug="a", published_at=AT)
    make.post(alice, slug="b", published_at=AT)
    run(app, "export", "markdown", tmp_path)
    folder(tmp_path, {"2024/mine.md": "x", "notes.txt": "x"})
    with (tmp_path / ".masthead-export").open("a") as listing:
        listing.write("../outside.md\nnotes.txt\n")
    folder(tmp_path.parent, {"outside.md": "x"})
    db.session.delete(db.session.scalars(select(Post).where(Post.slug == "a")).one())
    db.session.commit()
    assert last_line(run(app, "export", "markdown", tmp_path)) == "written: 1, removed: 1"
    assert files(tmp_path) == [".masthead-export", "2024/b.md", "2024/mine.md", "notes.txt"]
    assert (tmp_path.parent / "outside.md").exists()


def test_the_same_posts_leave_every_file_as_it_is(app: Flask, tmp_path: Path, alice: User) -> None:
    make.post(alice, slug="a", published_at=AT)
    run(app, "export", "markdown", tmp_path)
    before = (tmp_path / "2024/a.md").stat()
    run(app, "export", "markdown", tmp_path)
    after = (tmp_path / "2024/a.md").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_folder_that_holds_something_else_is_left_alone_unless_it_is_meant(
    app: Flask, tmp_path: Path, alice: User
) -> None:
    make.post(alice, slug="a", published_at=AT)
    folder(tmp_path / "other", {"letters.txt": "x"})
    refused = run(app, "export", "markdown", tmp_path / "other")
    assert refused.exit_code == 1
    assert "holds something else" in refused.stderr
    assert files(tmp_path / "other") == ["letters.txt"]
    assert (
        last_line(run(app, "export", "markdown", tmp_path / "other", "--force")) == "written: 1, removed: 0"
    )
    (tmp_path / "new" / ".git").mkdir(parents=True)
    assert last_line(run(app, "export", "markdown", tmp_path / "new")) == "written: 1, removed: 0"


def test_no_name_and_no_link_leads_out_of_the_folder(app: Flask, tmp_path: Path, alice: User) -> None:
    make.post(alice, slug="../../escaped", published_at=AT)
    outside = folder(tmp_path / "outside", {"kept.md": "x"})
    blog = tmp_path / "blog"
    run(app, "export", "markdown", blog)
    assert files(blog) == [".masthead-export", "2024/______escaped.md"]
    (blog / "2024/______escaped.md").unlink()
    (blog / "2024/______escaped.md").symlink_to(outside / "kept.md")
    run(app, "export", "markdown", blog)
    assert not (blog / "2024/______escaped.md").is_symlink()
    (blog / "2024/______escaped.md").unlink()
    (blog / "2024").rmdir()
    (blog / "2024").symlink_to(outside)
    stopped = run(app, "export", "markdown", blog)
    assert stopped.exit_code == 1
    assert "a link is in the place of a folder" in stopped.stderr
    assert files(outside) == ["kept.md"]
    assert (outside / "kept.md").read_text() == "x"


def test_it_goes_page_by_page(
    app: Flask, tmp_path: Path, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        make.post(alice, slug=f"p{number}", published_at=AT, tags=[f"t{number}"])
    assert [draft.slug for draft in markdown.drafts()] == [f"p{number}" for number in range(5)]
    monkeypatch.setattr(markdown, "PAGE", 2)
    assert [draft.tags for draft in markdown.drafts()] == [(f"t{number}",) for number in range(5)]

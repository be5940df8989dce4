"""`flask import markdown DIR`: what is taken, what is refused, and what stays as it is."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from blog import settings
from blog.accounts.models import User
from blog.db import db
from blog.posts.models import LONGEST_CONTENT, Post
from blog.tags.models import Tag
from tests.interchange.site import folder, last_line, post_file, run, stored, titles
from tests.queries import count_queries
from tests.visitor import Visitor


def take(app: Flask, root: Path, *options: str) -> str:
    return last_line(run(app, "import", "markdown", root, *options))


def test_it_works(app: Flask, tmp_path: Path, owner: User) -> None:
    blog = folder(
        tmp_path,
        {
            "content/notes/of-tea.md": '+++\ntitle = "Of tea"\ndate = 2024-05-09T08:30:00Z\nupdated = 2024-06-01\n'
            'path = "notes/2024/tea"\ndescription = "Leaves."\naliases = ["old/tea"]\nauthors = ["Ann Lee", "Ben"]\n'
            '[taxonomies]\ntags = ["Tea", "mornings"]\n+++\n\nOf *tea*.\n',
        },
    )
    assert take(app, blog) == "taken: 1, already here: 0, refused: 0"
    post = stored()["tea"]
    assert post.pop("origin").startswith("markdown:content/notes/of-tea.md#")
    assert post == {
        "title": "Of tea",
        "slug": "tea",
        "content": "Of *tea*.\n",
        "excerpt": "Leaves.",
        "status": "published",
        "published_at": datetime(2024, 5, 9, 8, 30, tzinfo=UTC),
        "updated_at": datetime(2024, 6, 1, tzinfo=UTC),
        "credited": ["Ben"],
        "display_name": "Ann Lee",
        "username": "ann-lee",
        "role": "author",
        "tags": [("Tea", "tea"), ("mornings", "mornings")],
        "former": ["/notes/2024/tea", "/old/tea"],
    }


def test_an_imported_post_is_read_like_any_other_and_its_old_address_leads_to_it(
    app: Flask, tmp_path: Path, client: Visitor
) -> None:
    take(app, folder(tmp_path, {"a.md": post_file("Of tea", "Of *tea*.", permalink="/2014/of-tea.html")}))
    assert b"Of <em>tea</em>." in client.get("/posts/of-tea").data
    for old in ("/2014/of-tea.html", "/2014/of-tea.html/"):
        moved = client.get(old)
        assert (moved.status_code, moved.location) == (301, "/posts/of-tea")


def test_running_it_twice_changes_nothing(app: Flask, tmp_path: Path) -> None:
    blog = folder(
        tmp_path, {f"{name}/post.md": post_file("Post", f"Text {name}", tags="[a, b]") for name in "abc"}
    )
    assert take(app, blog) == "taken: 3, already here: 0, refused: 0"
    before = stored()
    assert take(app, blog) == "taken: 0, already here: 3, refused: 0"
    assert stored() == before
    assert list(before) == ["post", "post-2", "post-3"]


def test_a_post_is_known_again_where_it_was_moved_or_edited(app: Flask, tmp_path: Path) -> None:
    text = "A text that is long enough to be nobody else's. " * 4
    take(
        app,
        folder(
            tmp_path / "one",
            {"content/a.md": post_file("A", text), "content/b.md": post_file("B", text + "b")},
        ),
    )
    edited = {
        "a.md": post_file("A", text),
        "content/a.md": post_file("A", text + "!"),
        "content/b.md": post_file("B 2", text + "b"),
    }
    assert take(app, folder(tmp_path / "two", edited)) == "taken: 0, already here: 3, refused: 0"


def test_what_was_changed_on_the_site_is_not_taken_again(app: Flask, tmp_path: Path) -> None:
    blog = folder(tmp_path, {"a.md": post_file("A")})
    take(app, blog)
    post = db.session.scalars(select(Post)).one()
    post.title, post.slug, post.content = "B", "b", "Changed."
    db.session.commit()
    assert take(app, blog) == "taken: 0, already here: 1, refused: 0"
    assert titles() == ["B"]


def test_another_blog_may_have_files_of_the_same_name(app: Flask, tmp_path: Path) -> None:
    take(app, folder(tmp_path / "one", {"about.md": post_file("About tea", "Tea.")}))
    assert (
        take(app, folder(tmp_path / "two", {"about.md": post_file("About rain", "Tea.")}))
        == "taken: 1, already here: 0, refused: 0"
    )
    assert titles() == ["About rain", "About tea"]


def test_a_bad_file_loses_nothing_else_and_is_named_with_its_reason(app: Flask, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{number}.md": post_file(f"Post {number}") for number in range(5)}
    files["2.md"] = b"---\ntitle: caf\xe9\n---\n"
    files["3.md"] = post_file("x" * 201)
    files["4.md"] = post_file("Long", "x" * (LONGEST_CONTENT + 1))
    files["5.md"] = post_file("Old", date="1066-10-14")
    result = run(app, "import", "markdown", folder(tmp_path, files), "--batch", 2)
    assert result.stdout.splitlines() == [
        "refused 2.md: it is not encoded as UTF-8 (line 2); save it as UTF-8",
        "refused 3.md: its title has 201 characters; 200 fit",
        "refused 4.md: its text has 500,001 characters; 500,000 fit",
        "refused 5.md: its date is not in the years 1900 to 2199",
        "taken: 2, already here: 0, refused: 4",
    ]
    assert titles() == ["Post 0", "Post 1"]


def test_a_text_that_breaks_the_renderer_is_refused_alone(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(text: str, **options: object) -> str:
        return str(1 // ("bad" not in text))

    monkeypatch.setattr("blog.markup.render", render)
    blog = folder(tmp_path, {"a.md": post_file("A"), "b.md": post_file("B", "bad"), "c.md": post_file("C")})
    result = run(app, "import", "markdown", blog)
    assert result.stdout.splitlines()[0] == "refused b.md: its text could not be rendered"
    assert titles() == ["A", "C"]


def test_template_tags_are_kept_and_told(app: Flask, tmp_path: Path) -> None:
    text = '{% image "a.png" %}\n'
    result = run(
        app,
        "import",
        "markdown",
        folder(tmp_path, {"a.md": post_file("A", text), "b.md": post_file("B", "{{x}}")}),
    )
    assert stored()["a"]["content"] == text
    assert result.stderr.startswith("1 of them hold template tags of the program they were written for")


def test_a_dry_run_keeps_nothing(app: Flask, tmp_path: Path) -> None:
    blog = folder(tmp_path, {"a.md": post_file("A", author="Ann", tags="x"), "b.md": "---\ntitle: [\n---\n"})
    assert take(app, blog, "--dry-run") == "taken: 1, already here: 0, refused: 1"
    assert titles() == []
    assert db.session.scalars(select(User)).all() == db.session.scalars(select(Tag)).all() == []
    assert take(app, blog) == "taken: 1, already here: 0, refused: 1"


def test_what_is_marked_otherwise_is_no_post(app: Flask, tmp_path: Path, owner: User) -> None:
    others = ["_index.md", "blog/_index.de.md", "README.md", "LICENSE.md", ".git/a.md", "node_modules/x/a.md", "_site/a.md",
              "blog/.hidden.md", "blog/picture.png", "blog/data.json"]  # fmt: skip
    assert take(app, folder(tmp_path, dict.fromkeys(others, "x"))) == "taken: 0, already here: 0, refused: 0"
    assert take(app, folder(tmp_path, {"blog/a/README.md": "x", "b.mdx": "x", "c.MARKDOWN": "x"})).startswith(
        "taken: 3"
    )


def test_drafts_dates_to_come_and_archives_keep_their_state(app: Flask, tmp_path: Path) -> None:
    blog = folder(
        tmp_path,
        {
            "a.md": post_file("Draft", draft="true"),
            "b.md": post_file("Future", date="2150-01-01"),
            "c.md": post_file("Archived", status="archived"),
            "d.md": "---\ntitle: Undated\n---\n",
        },
    )
    take(app, blog)
    found = {
        post["title"]: (post["status"], getattr(post["published_at"], "year", None))
        for post in stored().values()
    }
    assert found == {
        "Draft": ("draft", 2024),
        "Future": ("published", 2150),
        "Archived": ("archived", 2024),
        "Undated": ("draft", None),
    }


def test_a_day_is_a_day_on_the_clock_of_the_site(app: Flask, tmp_path: Path) -> None:
    settings.save(time_zone="America/New_York")
    db.session.commit()
    take(app, folder(tmp_path, {"a.md": post_file("A", date="2024-07-01")}))
    assert stored()["a"]["published_at"] == datetime(2024, 7, 1, 4, tzinfo=UTC)


# The folder


def test_no_link_leads_out_of_the_folder_and_nothing_but_files_is_opened(app: Flask, tmp_path: Path) -> None:
    outside = folder(
        tmp_path / "outside", {"secret.md": post_file("Secret"), "more/secret.md": post_file("Secret")}
    )
    blog = folder(tmp_path / "blog", {"a.md": post_file("A")})
    (blog / "out.md").symlink_to(outside / "secret.md")
    (blog / "outside").symlink_to(outside)
    (blog / "circle.md").symlink_to(blog / "circle.md")
    (blog / "gone.md").symlink_to(blog / "missing.md")
    os.mkfifo(blog / "pipe.md")
    (blog / "folder.md").mkdir()
    lines = run(app, "import", "markdown", blog).stdout.splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == [
        "refused circle.md",
        "refused gone.md",
        "refused out.md",
        "refused pipe.md",
    ]
    assert lines[2] == "refused out.md: it is a link that leads out of the folder"
    assert titles() == ["A"]


def test_names_that_are_no_text_are_shown_on_one_line(app: Flask, tmp_path: Path) -> None:
    folder(tmp_path, {"a\n\x1b[31mb.md": b"\xff", "c\n.md": "---\ntitle: C\n---\n"})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9.md")).write_text(post_file("E"))
    lines = run(app, "import", "markdown", tmp_path).stdout.splitlines()
    assert lines == [
        "refused a [31mb.md: it is not encoded as UTF-8 (line 1); save it as UTF-8",
        "taken: 2, already here: 0, refused: 1",
    ]


def test_a_folder_that_is_not_there_is_told(app: Flask, tmp_path: Path) -> None:
    result = run(app, "import", "markdown", tmp_path / "missing")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


# Cost


def test_posts_go_in_by_the_batch(app: Flask, tmp_path: Path) -> None:
    def queries(files: int, name: str) -> int:
        posts = {
            f"{name}{number}.md": post_file(
                f"{name} {number}", tags=f"[t{number}, u]", aliases=f"[/{name}/{number}]"
            )
            for number in range(files)
        }
        blog = folder(tmp_path / name, posts)
        with count_queries() as statements:
            take(app, blog, "--batch", "50")
        return len(statements)

    queries(1, "first")
    each = (
        1 if db.engine.dialect.name == "sqlite" else 0
    )  # SQLite tells the new ids one by one; it is no journey away
    assert queries(50, "many") - queries(5, "few") == each * 45

"""`flask import markdown DIR`: the addresses, people and tags that posts bring along."""

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.posts.addresses import keep_address
from tests import make
from tests.interchange.site import folder, last_line, post_file, run, stored


def take(app: Flask, root: Path, *options: str) -> str:
    return last_line(run(app, "import", "markdown", root, *options))


# Addresses


def test_addresses_are_made_of_whatever_the_file_has(app: Flask, tmp_path: Path) -> None:
    names = ["Rust-1.35.0.md", "茶.md", "new.md", "🍵.md", "a" * 240 + ".md"]
    take(app, folder(tmp_path, {name: f"---\ntitle: {number}\n---\n" for number, name in enumerate(names)}))
    assert {post["title"]: slug for slug, post in stored().items()} == {
        "0": "rust-1-35-0",
        "1": "cha",
        "2": "new-2",  # a page of the site is called "new"
        "3": "3",
        "4": "a" * 190,
    }


def test_a_number_is_found_for_an_address_that_is_or_was_taken(
    app: Flask, tmp_path: Path, alice: User
) -> None:
    keep_address(make.post(alice, slug="coffee").id, "tea")
    make.post(alice, slug="tea-2")
    long = "a" * 198
    make.post(alice, slug=long)
    take(app, folder(tmp_path, {"tea.md": post_file("Tea"), "b.md": post_file("Long", slug=long)}))
    assert {"tea-3", "a" * 190} <= set(stored())


def test_of_two_posts_that_claim_one_old_address_the_first_keeps_it(app: Flask, tmp_path: Path) -> None:
    take(app, folder(tmp_path, {f"{name}.md": post_file(name, aliases="[/old]") for name in "ab"}))
    assert [post["former"] for post in stored().values()] == [["/old"], []]


def test_where_a_post_is_now_nobody_is_sent_on_from(app: Flask, tmp_path: Path, alice: User) -> None:
    make.post(alice, slug="mine")
    take(
        app,
        folder(
            tmp_path,
            {"a.md": post_file("A", aliases="[/posts/mine, /posts/a, /posts/b]"), "b.md": post_file("B")},
        ),
    )
    assert [post["former"] for post in stored().values()] == [[], [], []]


# People


def test_people_are_found_by_username_e_mail_address_or_name(app: Flask, tmp_path: Path) -> None:
    make.user("ann", email="ann@example.com", display_name="Ann Lee")
    make.user("ben", display_name="Ann")
    names = ["ANN", "ann@example.com", "Ann Lee", "Ben", "Ann "]
    take(
        app,
        folder(tmp_path, {f"{number}.md": post_file(name, author=name) for number, name in enumerate(names)}),
    )
    found = {post["title"]: post["username"] for post in stored().values()}
    assert found == {"ANN": "ann", "ann@example.com": "ann", "Ann Lee": "ann", "Ben": "ben", "Ann": "ann"}


def test_people_who_are_not_here_are_made_with_free_usernames_and_cannot_sign_in(
    app: Flask, tmp_path: Path
) -> None:
    make.user("jose", display_name="Another José")
    names = ["José", "王小明", "🍵", "x" * 100, "The Team of the Rust Language and Its Many Friends"]
    take(
        app,
        folder(
            tmp_path,
            {f"{number}.md": post_file(str(number), author=name) for number, name in enumerate(names)},
        ),
    )
    made = db.session.scalars(select(User).where(User.username != "jose").order_by(User.id)).all()
    assert [(user.username, user.display_name) for user in made] == [
        ("José", "José"),
        ("王小明", "王小明"),
        ("author", "🍵"),
        ("x" * 40, "x" * 80),
        ("the-team-of-the-rust-language-and-its", names[-1]),
    ]
    assert {(user.role, user.password_hash, user.email) for user in made} == {("author", None, None)}


def test_a_file_that_names_nobody_is_the_owners_or_theirs_who_is_named(
    app: Flask, tmp_path: Path, owner: User, bob: User
) -> None:
    blog = folder(tmp_path, {"a.md": post_file("A"), "b.md": post_file("B", author="Ann")})
    take(app, blog, "--dry-run", "--author", "bob")
    take(app, folder(tmp_path, {"a.md": post_file("A")}))
    take(app, folder(tmp_path, {"c.md": post_file("C")}), "--author", "BOB")
    assert {slug: post["username"] for slug, post in stored().items()} == {
        "a": "owner",
        "b": "Ann",
        "c": "bob",
    }
    nobody = run(app, "import", "markdown", blog, "--author", "nobody")
    assert nobody.exit_code == 2
    assert "nobody here is called nobody" in nobody.stderr


def test_on_a_site_without_an_owner_such_files_are_an_authors(app: Flask, tmp_path: Path) -> None:
    take(app, folder(tmp_path, {"a.md": post_file("A"), "b.md": post_file("B")}))
    assert [(user.username, user.display_name) for user in db.session.scalars(select(User))] == [
        ("Author", "Author")
    ]


# Tags


def test_tags_are_used_again_and_cut_to_what_fits(app: Flask, tmp_path: Path, alice: User) -> None:
    make.post(alice, slug="mine", tags=["User Research"])
    long = "word " * 20
    take(
        app,
        folder(
            tmp_path, {"a.md": post_file("A", tags=f"[user research, User-Research, '{long}', '!!', '']")}
        ),
    )
    assert stored()["a"]["tags"] == [
        ("User Research", "user-research"),
        (long[:50].strip(), "-".join(["word"] * 10)),
    ]

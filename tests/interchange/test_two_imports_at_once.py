"""Two people import at the same moment: what both need is made once, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.interchange import taking
from blog.interchange.authors import Authors
from blog.interchange.markdown import FolderImport
from blog.interchange.slugs import Slugs
from blog.interchange.taking import Taking
from blog.tags.models import Tag
from tests.at_once import at_once, meet_after
from tests.interchange.site import folder, post_file, stored


def importing(root: Path, batch: int = 2) -> Callable[[], tuple[int, int, int]]:
    """An import that tells how many it took, found here, and refused."""

    def run() -> tuple[int, int, int]:
        found = FolderImport(root, Taking(lambda name, reason: None, fallback=None))
        found.run(batch)
        return found.taking.taken, found.taking.already_here, found.taking.refused

    return run


def several(root: Path, name: str, **fields: str) -> Path:
    return folder(root / name, {f"{n}.md": post_file(f"{name} {n}", **fields) for n in range(6)})


@pytest.mark.parametrize("where", [(Authors, "of"), (Slugs, "take_all"), (taking, "tags_of")])
def test_tags_and_people_that_both_need_are_made_once(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[object, str]
) -> None:
    one = importing(several(tmp_path, "one", tags="[tea, rain]", author="Ann"))
    two = importing(several(tmp_path, "two", tags="[rain, tea]", author="Ann"))
    meet_after(monkeypatch, *where)
    assert at_once(app, one, two) == [(6, 0, 0), (6, 0, 0)]
    assert sorted(db.session.scalars(select(Tag.name))) == ["rain", "tea"]
    assert db.session.scalars(select(User.username)).all() == ["Ann"]
    assert all(post["tags"] == [("rain", "rain"), ("tea", "tea")] for post in stored().values())


def test_posts_that_want_one_address_get_two(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (
        importing(folder(tmp_path / name, {"a.md": post_file(name, slug="tea")})) for name in ("one", "two")
    )
    meet_after(monkeypatch, Slugs, "take_all")
    assert at_once(app, one, two) == [(1, 0, 0), (1, 0, 0)]
    assert set(stored()) == {"tea", "tea-2"}


def test_the_same_folder_is_taken_once(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blog = several(tmp_path, "blog", author="Ann", tags="tea")
    meet_after(monkeypatch, Slugs, "take_all")
    ended = at_once(app, importing(blog), importing(blog))
    assert len(stored()) == 6
    assert [sum(counts) for counts in ended] == [6, 6]
    assert sum(taken for taken, _, _ in ended) == 6
    assert not any(refused for _, _, refused in ended)


def test_two_that_lock_each_other_out_both_end_well(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crossing(name: str, authors: str) -> Path:
        return folder(
            tmp_path / name,
            {f"{n}.md": post_file(f"{name} {n}", author=who) for n, who in enumerate(authors)},
        )

    one, two = importing(crossing("one", "AB")), importing(crossing("two", "BA"))
    meet_after(monkeypatch, Authors, "of")
    assert at_once(app, one, two) == [(2, 0, 0), (2, 0, 0)]
    assert sorted(db.session.scalars(select(User.username))) == ["A", "B"]

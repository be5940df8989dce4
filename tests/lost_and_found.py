"""A drill of the trash: all posts are deleted, brought back and purged, and after each step every list and count is right."""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from blog.accounts.models import User
from blog.db import db, transaction
from blog.posts import recording
from blog.posts.models import Post, post_tags
from blog.tags.models import Tag
from blog.teams.models import Team
from tests import make
from tests.conftest import visitor
from tests.program import program_of
from tests.reading import links_on, messages_on, posts_on
from tests.visitor import sign_in

PER_PAGE, NAMES_PER_PAGE = 20, 100


@dataclass(frozen=True)
class Known:
    """What was there before, as the drill itself knows it: newest first."""

    slugs: list[str]
    by_tag: dict[str, list[str]]
    by_author: dict[str, list[str]]
    by_month: Counter[str]
    of_team: list[str]


@dataclass(frozen=True)
class Step:
    name: str
    seconds: float
    posts: int


class Drill:
    """On a site whose posts are all published, by an editor who is the only one there."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.editor = make.user("drill", role="editor")
        self.team = make.team(self.editor, slug="drill")
        self.client, self.reader = visitor(app), visitor(app)
        sign_in(self.client, self.editor)
        self.program = program_of(app, self.editor)
        with transaction():
            recording.begin(db.session.scalars(select(Post.id)).all())
            db.session.execute(
                update(Post).where(Post.id % 10 == 0).values(team_id=self.team.id, version=Post.version + 1)
            )
        self.known = what_is_there()
        self.message = ""  # that the last step left

    def run(self) -> list[Step]:
        """Raises AssertionError where something is not as it must be after a step."""
        self.look(there=True)
        there_and_back = [self.step(name, act) for name, act in self.there_and_back()]
        self.look(there=True)
        return there_and_back + [self.step(name, act, there) for name, act, there in self.acts()]

    def there_and_back(self) -> list[tuple[str, Callable[[], Any]]]:
        """What else can be done to many, and leaves them as they were."""
        return [
            ("tag", lambda: self.act("tag", tag="Drilled")),
            ("remove the tag", lambda: self.act("untag", tag="Drilled")),
            ("give away", lambda: self.act("author", new_author="drill")),
            ("undo that", self.undo),
            ("back to draft", lambda: self.act("unpublish")),
            ("publish", lambda: self.act("publish")),
            ("archive", lambda: self.act("archive")),
            ("undo that", self.undo),
        ]

    def act(self, name: str, **more: str) -> Any:
        return self.client.post("/posts/bulk", data={"act": name, "every": "1", **more})

    def acts(self) -> list[tuple[str, Callable[[], Any], bool]]:
        return [
            ("delete", self.delete, False),
            ("undo", self.undo, True),
            ("delete again", self.delete, False),
            ("restore", self.restore, True),
            ("delete at last", self.delete, False),
            ("purge", self.purge, False),
        ]

    def step(self, name: str, act: Callable[[], Any], there: bool | None = None) -> Step:
        began = time.perf_counter()
        answer = act()
        seconds = time.perf_counter() - began
        assert answer.status_code in {200, 302}, (name, answer.status_code, answer.text)
        self.message = messages_on(self.client.get("/posts/"))
        assert 'data-kind="error"' not in self.message, self.message
        if there is not None:
            self.look(there=there, gone=name == "purge")
        return Step(name, seconds, len(self.known.slugs))

    # What is done

    def delete(self) -> Any:
        return self.act("delete")

    def undo(self) -> Any:
        address = re.search('action="(/posts/bulk/undo/[^"]+)"', self.message)
        assert address, self.message
        return self.client.post(address[1])

    def restore(self) -> Any:
        return self.program.post("/api/posts/bulk", json={"act": "restore", "match": {}})

    def purge(self) -> Any:
        return self.client.post("/trash/empty")

    # What is looked at

    def look(self, *, there: bool, gone: bool = False) -> None:
        self.look_at_lists(there)
        self.look_at_counts(there)
        self.look_at_desk(there, gone)
        self.look_at_api(there)
        self.look_at_feed_and_search(there)

    def look_at_lists(self, there: bool) -> None:
        known = self.known
        lists = {"/": known.slugs, "/teams/drill": known.of_team}
        lists |= {f"/tags/{slug}": slugs for slug, slugs in list(known.by_tag.items())[:3]}
        lists |= {f"/authors/{name}": slugs for name, slugs in list(known.by_author.items())[:3]}
        for address, slugs in lists.items():
            wanted = slugs if there else []
            assert posts_on(self.reader.get(address)) == wanted[:PER_PAGE], address
            pages = max(1, -(-len(wanted) // PER_PAGE))
            assert len(posts_on(self.reader.get(f"{address}?page={pages}"))) == len(
                wanted[(pages - 1) * PER_PAGE :]
            )
            assert self.reader.get(f"{address}?page={pages + 1}").status_code == 404, address
        for slug in (known.slugs[0], known.slugs[-1]):
            assert self.reader.get(f"/posts/{slug}").status_code == (200 if there else 404)

    def look_at_counts(self, there: bool) -> None:
        tags = {f"/tags/{slug}": len(slugs) for slug, slugs in self.known.by_tag.items()}
        authors = {f"/authors/{name}": len(slugs) for name, slugs in self.known.by_author.items()}
        for address, counts in (("/tags/", tags), ("/authors/", authors)):
            found = counts_on(self.reader.get(address), f"{address}[^?]+")
            assert len(found) == (min(len(counts), NAMES_PER_PAGE) if there else 0), address
            assert found.items() <= counts.items(), address
        months = counts_on(self.reader.get("/archive/"), r"/archive/\d+/\d+/")
        assert months == (dict(self.known.by_month) if there else {})

    def look_at_desk(self, there: bool, gone: bool) -> None:
        number = f"{len(self.known.slugs) if there else 0:,}"
        assert f"All <span>{number}</span>" in self.client.get("/posts/").text
        in_trash = "0" if there or gone else f"{len(self.known.slugs):,}"
        assert f"Posts <span>{in_trash}</span>" in self.client.get("/trash").text

    def look_at_api(self, there: bool) -> None:
        tag, slugs = next(iter(self.known.by_tag.items()))
        for asked, wanted in (
            ("", self.known.slugs),
            (f"&tag={tag}", slugs),
            ("&team=drill", self.known.of_team),
        ):
            answer = self.program.get(f"/api/posts?sort=-published_at{asked}")
            expected = wanted if there else []
            assert int(answer.headers["X-Total-Count"]) == len(expected), asked
            assert [post["slug"] for post in answer.get_json()] == expected[:50], asked

    def look_at_feed_and_search(self, there: bool) -> None:
        """The newest are in the index of the search at once; a job does the rest of many."""
        told = self.reader.get("/feed.json").get_json()["items"]
        assert [item["url"].rpartition("/")[2] for item in told] == (
            self.known.slugs[:PER_PAGE] if there else []
        )
        name = next(iter(self.known.by_author))
        found = posts_on(self.reader.get("/search", query_string={"q": f"author:{name}"}))
        assert bool(found) == there
        assert set(found) <= set(self.known.by_author[name])
        mapped = self.reader.get("/sitemap.xml").text.count("/posts/")
        assert mapped == (len(self.known.slugs) if there else 0)


def counts_on(answer: Any, to: str) -> dict[str, int]:
    """The number behind each such link, however large it is."""
    return {
        link.address: int(re.sub("[^0-9]", "", link.after.split(" ")[0])) for link in links_on(answer, to)
    }


def what_is_there() -> Known:
    newest = (Post.published_at.desc(), Post.id.desc())
    columns = (Post.id, Post.slug, Post.published_at, User.username, Team.slug.label("team"))
    found = select(*columns).join(User, User.id == Post.author_id).outerjoin(Team, Team.id == Post.team_id)
    rows = db.session.execute(found.order_by(*newest)).all()
    tagged = db.session.execute(select(post_tags.c.post_id, Tag.slug).join(Tag, Tag.id == post_tags.c.tag_id))
    tags: dict[int, list[str]] = {}
    for post_id, slug in tagged:
        tags.setdefault(post_id, []).append(slug)
    by_tag: dict[str, list[str]] = {}
    by_author: dict[str, list[str]] = {}
    for row in rows:
        by_author.setdefault(row.username, []).append(row.slug)
        for slug in tags.get(row.id, []):
            by_tag.setdefault(slug, []).append(row.slug)
    months = Counter(month_of(row.published_at) for row in rows)
    return Known(
        [row.slug for row in rows],
        by_tag,
        by_author,
        months,
        [row.slug for row in rows if row.team == "drill"],
    )


def month_of(time: datetime) -> str:
    return f"/archive/{time.year}/{time.month:02}/"

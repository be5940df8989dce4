"""Links from post to post: kept by id, so that they follow a post to another address."""

import re
from collections.abc import Iterable, Mapping

from sqlalchemy import ForeignKey, Select, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, db
from blog.posts.addresses import FormerAddress, path_of

MENTIONED = re.compile(r"/posts/[a-z0-9]+(?:-[a-z0-9]+)*|/p/[1-9][0-9]{0,8}(?![0-9])")
SHORT = "/p/"
MOST_LINKS = 500  # in one text; what it names beyond them is led on by the addresses themselves


class PostLink(Model):
    """The text of one post names the address, present or former, of another."""

    __tablename__ = "post_links"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    target_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True
    )

    @classmethod
    def to(cls, post_id: int) -> Select[int]:
        """The posts whose text names this one."""
        return select(cls.post_id).where(cls.target_id == post_id)

    @classmethod
    def keep(cls, post_id: int, targets: Iterable[int], *, is_new: bool) -> None:
        """These are what the text names now. No query for a new post that names none."""
        if not is_new:
            db.session.execute(delete(cls).where(cls.post_id == post_id))
        rows = [{"post_id": post_id, "target_id": target} for target in sorted(set(targets) - {post_id})]
        if rows:
            db.session.execute(insert(cls), rows)


def mentioned_in(text: str) -> list[str]:
    """The paths in it that may be those of posts, each once."""
    return list(dict.fromkeys(MENTIONED.findall(text)))[:MOST_LINKS]


def targets_of(paths: list[str]) -> dict[str, tuple[int, str]]:
    """{path: (id, present path)} of those that lead to a post. At most three queries, and none without a path."""
    posts = db.metadata.tables["posts"].c
    slugs = [path.removeprefix(path_of("")) for path in paths if not path.startswith(SHORT)]
    ids = [int(path.removeprefix(SHORT)) for path in paths if path.startswith(SHORT)]
    found: dict[str, tuple[int, str]] = {}
    if slugs:
        former = select(FormerAddress.path, posts.id, posts.slug).join_from(
            FormerAddress, db.metadata.tables["posts"]
        )
        rows = db.session.execute(former.where(FormerAddress.path.in_([path_of(slug) for slug in slugs])))
        found |= {path: (post_id, path_of(slug)) for path, post_id, slug in rows}
        rows = db.session.execute(select(posts.slug, posts.id).where(posts.slug.in_(slugs)))
        found |= {path_of(slug): (post_id, path_of(slug)) for slug, post_id in rows}
    if ids:
        rows = db.session.execute(select(posts.id, posts.slug).where(posts.id.in_(ids)))
        found |= {f"{SHORT}{post_id}": (post_id, path_of(slug)) for post_id, slug in rows}
    return found


def moved_in(text: str) -> Mapping[str, str]:
    """What its links are to lead to instead of what they name."""
    return {path: present for path, (_, present) in targets_of(mentioned_in(text)).items() if path != present}

"""Links to this site itself, resolved against the database: nobody has to be asked whether a page is there."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from flask import current_app
from sqlalchemy import and_, or_, select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from blog.accounts.models import User
from blog.db import db, now
from blog.media.addresses import named
from blog.media.models import Medium
from blog.posts.addresses import FormerAddress
from blog.posts.models import Post
from blog.posts.publishing import Status
from blog.posts.series import Series
from blog.tags.models import Tag
from blog.teams.models import Team

NOT_FOUND = "There is no such page on this site."
UNSEEN = "Readers do not see this yet."
NO_FILE = "There is no such file on this site."

Found = Mapping[str, str]  # what is wrong with each value of a route's argument


def wrong_with(addresses: Iterable[str]) -> dict[str, str]:
    """A sentence for each that leads to no page of this site that readers see; none for those of other sites. A query
    for each kind of page.
    """
    routed: dict[str, dict[str, str]] = defaultdict(dict)
    for address in addresses:
        path = own_path(address)
        if path is not None:
            endpoint, value = route_of(path)
            routed[endpoint][address] = value
    problems: dict[str, str] = {}
    for endpoint, values in routed.items():
        wrong = LOOK.get(endpoint, nothing_wrong)(set(values.values()))
        problems |= {address: wrong[value] for address, value in values.items() if value in wrong}
    return problems


def own_path(address: str) -> str | None:
    """The path, where the address is one of this site; without its fragment and query."""
    site = urlsplit(current_app.config["SITE_URL"])
    try:
        parts = urlsplit(urljoin(current_app.config["SITE_URL"] + "/posts/x", address))
    except ValueError:
        return None
    if address.startswith("#") or parts.scheme not in {"http", "https"} or parts.netloc != site.netloc:
        return None
    return unquote(parts.path or "/")


def route_of(path: str) -> tuple[str, str]:
    """The route that answers there, and the argument that says for what; a path that has none is its own."""
    try:
        endpoint, given = current_app.url_map.bind("").match(path, method="GET")
    except RequestRedirect as moved:
        return route_of(urlsplit(moved.new_url).path)
    except HTTPException:
        return "", path
    return endpoint, str(next(iter(given.values()), ""))


def nothing_wrong(_values: set[str]) -> Found:
    return {}


def moved_away(paths: set[str]) -> Found:
    """Paths without a route: such as a post once had them."""
    bare = {path.rstrip("/") for path in paths}
    known = set(db.session.scalars(select(FormerAddress.path).where(FormerAddress.path.in_(bare))))
    return {path: NOT_FOUND for path in paths if path.rstrip("/") not in known}


def posts_at(slugs: set[str], where: str = "/posts/") -> Found:
    """Whoever asks for a page as a post, or the other way about, is led on."""
    paths = {f"{where}{slug}": slug for slug in slugs}
    former = select(FormerAddress.path).join(Post, Post.id == FormerAddress.post_id)
    there = {paths[path] for path in db.session.scalars(former.where(FormerAddress.path.in_(paths), seen()))}
    there |= set(db.session.scalars(select(Post.slug).where(Post.slug.in_(slugs), seen())))
    drafts = set(db.session.scalars(select(Post.slug).where(Post.slug.in_(slugs), Post.is_there())))
    return {slug: UNSEEN if slug in drafts else NOT_FOUND for slug in slugs - there}


def pages_at(slugs: set[str]) -> Found:
    return posts_at(slugs, "/")


def posts_with(ids: set[str]) -> Found:
    known = {number for number in ids if number.isdecimal() and len(number) < 10}
    found = select(Post.id).where(Post.id.in_([int(number) for number in known]), seen())
    there = {str(number) for number in db.session.scalars(found)}
    return dict.fromkeys(ids - there, NOT_FOUND)


def seen() -> Any:
    """What readers find at its own address."""
    archived = and_(Post.status == Status.ARCHIVED, Post.published_at <= now())
    return or_(Post.is_visible(now()), Post.is_page_out(), archived)


def known_by(column: Any) -> Callable[[set[str]], Found]:
    def look(values: set[str]) -> Found:
        there = set(db.session.scalars(select(column).where(column.in_(values))))
        return dict.fromkeys(values - there, NOT_FOUND)

    return look


def media(names: set[str]) -> Found:
    keys = {name: found.key for name in names if (found := named(name))}
    kept = select(Medium.key).where(Medium.key.in_(keys.values()), Medium.is_there())
    there = set(db.session.scalars(kept))
    return {name: NO_FILE for name in names if keys.get(name) not in there}


def files(names: set[str]) -> Found:
    folder = Path(current_app.static_folder or "").resolve()
    return {name: NO_FILE for name in names if not is_file_in(folder, name)}


def is_file_in(folder: Path, name: str) -> bool:
    path = (folder / name).resolve()
    return path.is_relative_to(folder) and path.is_file()


# Who knows of a page whether it is there: by its route.
LOOK: dict[str, Callable[[set[str]], Found]] = {
    "": moved_away,
    "posts.show": posts_at,
    "posts.page": pages_at,
    "posts.short": posts_with,
    "lists.tag": known_by(Tag.slug),
    "lists.author": known_by(User.username),
    "lists.team": known_by(Team.slug),
    "lists.series": known_by(Series.slug),
    "media.file": media,
    "static": files,
}

"""What readers see of teams: the list of them, and the page of one with its posts; its members also find drafts."""

from typing import Any

from flask import render_template
from flask_login import current_user
from sqlalchemy import Subquery, bindparam, func, select

from blog.access import public
from blog.accounts.finding import known_to
from blog.accounts.models import User
from blog.caching import cached
from blog.db import Rows, db, now
from blog.markup import render_comment
from blog.paging import asked_page, page_of
from blog.posts.cards import Listing, published
from blog.posts.lists import NAMES_PER_PAGE, lists, the
from blog.posts.models import Post
from blog.posts.publishing import Status
from blog.prepared import AT
from blog.teams.models import Membership, Team

OF_TEAM = Listing(Post.visible(AT).where(Post.team_id == bindparam("team_id")))
DRAFTS = 20  # on the page of a team; the rest is at the desk


@lists.get("/teams/")
@public
@cached("page")
def teams() -> str:
    page = page_of(select(Team.id), (Team.name.asc(), Team.id.asc()), counted, asked_page(), NAMES_PER_PAGE)
    return render_template("teams/list.html", page=page)


def counted(ids: Subquery) -> Any:
    """The teams with the numbers of their members, as far as one may know of them, and of their posts."""
    inside = select(func.count()).join(User, User.id == Membership.user_id).select_from(Membership)
    members = inside.where(Membership.team_id == Team.id, known_to(current_user)).correlate(Team)
    posts = written_for(Team.id).with_only_columns(func.count(), maintain_column_froms=True).correlate(Team)
    numbers = (members.scalar_subquery().label("members"), posts.scalar_subquery().label("posts"))
    chosen = select(Team.name, Team.slug, *numbers).join(ids, ids.c.id == Team.id)
    return db.session.execute(chosen.order_by(Team.name, Team.id)).all()


def written_for(team_id: Any) -> Rows:
    return Post.visible(now()).where(Post.team_id == team_id)


@lists.get("/teams/<slug>")
@public
@cached("page")
def team(slug: str) -> str:
    columns = (Team.id, Team.name, Team.slug, Team.description, Team.is_led_by(current_user).label("led"))
    found = the(select(*columns).where(Team.slug == slug))
    members = db.session.execute(Team.members(found.id).where(known_to(current_user))).all()
    return render_template(
        "teams/show.html",
        team=found,
        description=render_comment(found.description),
        members=members,
        inside=current_user.is_authenticated and any(row.user_id == current_user.id for row in members),
        drafts=drafts_of(found.id) if current_user.is_authenticated else [],
        page=published(OF_TEAM, team_id=found.id),
    )


def drafts_of(team_id: int) -> Any:
    """The drafts that the person may read, last changed first. One query."""
    columns = (Post.id, Post.title, Post.slug, Post.updated_at, User.display_name.label("author_name"))
    found = select(*columns, Post.is_editable_by(current_user).label("editable"))
    drafts = found.join(User, User.id == Post.author_id).where(
        Post.team_id == team_id, Post.status == Status.DRAFT, Post.is_readable_by(current_user, now())
    )
    return db.session.execute(drafts.order_by(*Post.last_changed).limit(DRAFTS)).all()

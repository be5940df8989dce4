"""Searching, on a page of its own and, as one types, in a part of any page."""

from flask import Blueprint, render_template, request
from flask_login import current_user

from blog.access import permitted, public
from blog.db import now
from blog.errors import NotFound
from blog.limits import limited
from blog.paging import Page, asked_page
from blog.search.finding import MOST, Result, ranked, results
from blog.search.former import former_texts, newest
from blog.search.language import Query, read
from blog.search.spelling import suggestion
from blog.settings import site

search = Blueprint("search", __name__)

PER_PAGE = 10
AT_A_GLANCE = 6  # in the part that changes as one types


@search.get("/search")
@limited("search")
@public
def page() -> str:
    query = read(request.args.get("q", ""))
    ids = found(query)
    page = paged(query, ids, asked_page(), PER_PAGE)
    return render_template(
        "search/page.html", query=query, page=page, more=len(ids) > MOST, meant=meant(query, ids)
    )


@search.get("/search/at-a-glance")
@limited("search")
@public
def at_a_glance() -> str:
    """A piece of a page."""
    query = read(request.args.get("q", ""))
    ids = found(query)
    page = paged(query, ids, 1, AT_A_GLANCE)
    return render_template(
        "search/_glance.html", query=query, page=page, more=len(ids) > MOST, meant=meant(query, ids)
    )


@search.get("/search/former")
@limited("search")
@permitted("edit post")
def former() -> str:
    """What stands in former texts, or in changes that wait, and not in the posts as they are."""
    query = read(request.args.get("q", ""))
    ids = newest(query, current_user, site().time_zone, but_not=found(query))
    page = former_texts(query, ids, asked_page(), PER_PAGE)
    if page.number > page.pages:
        raise NotFound
    return render_template("search/former.html", query=query, page=page)


def found(query: Query) -> list[int]:
    return ranked(query, current_user, now(), site().time_zone)


def paged(query: Query, ids: list[int], number: int, size: int) -> Page[Result]:
    page = results(query, ids, number, size, current_user)
    if number > page.pages:
        raise NotFound
    return page


def meant(query: Query, ids: list[int]) -> str | None:
    """What would find something, where this does not."""
    other = suggestion(query) if query.asks and not ids else None
    return other if other and found(read(other)) else None

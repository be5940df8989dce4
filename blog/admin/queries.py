"""The page of queries: the slowest and the most frequent of the last hour."""

from typing import Any

from flask import render_template

from blog.access import permitted
from blog.admin.views import admin
from blog.db import db, now
from blog.slowness import QueryNote

SHOWN = 25


@admin.get("/queries", endpoint="queries")
@permitted("see queries")
def list_queries() -> str:
    """Two queries."""
    found = QueryNote.of_the_last_hour(now()).subquery()

    def first_by(column: Any) -> Any:
        return db.session.execute(
            found.select().order_by(column.desc(), found.c.statement).limit(SHOWN)
        ).all()

    return render_template(
        "admin/queries.html", slowest=first_by(found.c.slowest), frequent=first_by(found.c.number)
    )

"""The page of jobs: what waits, what runs, what failed, and what may be done about it."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Subquery, func, select
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted
from blog.admin.views import admin
from blog.db import db, now, the_one, transaction
from blog.errors import Conflict, NotFound
from blog.jobs import Job
from blog.paging import Order, asked_page, page_of

PER_PAGE = 50

ORDERS: dict[str, Order] = {
    "": (Job.id.desc(),),
    "waiting": Job.next_first,
    "running": Job.next_first,
    "failed": (Job.given_up_at.desc(), Job.id.desc()),
    "finished": (Job.finished_at.desc(), Job.id.desc()),
}


@admin.get("/jobs", endpoint="jobs")
@permitted("manage jobs")
def list_jobs() -> str:
    at, state = now(), asked_state()
    states, order = Job.states(at), ORDERS[state]
    found = select(Job.id).where(states[state]) if state else select(Job.id)

    def load(ids: Subquery) -> Sequence[Job]:
        return db.session.scalars(select(Job).join(ids, ids.c.id == Job.id).order_by(*order)).all()

    counted = [
        select(func.count()).select_from(Job).where(is_so).scalar_subquery().label(name)
        for name, is_so in states.items()
    ]
    counts = db.session.execute(select(*counted)).mappings().one()
    page = page_of(found, order, load, asked_page(), PER_PAGE)
    return render_template("admin/jobs.html", page=page, counts=counts, state=state, now=at)


def asked_state() -> str:
    state = request.args.get("state", "")
    if state not in ORDERS:
        raise NotFound
    return state


@admin.post("/jobs/<int:job_id>/retry", endpoint="retry_job")
@permitted("manage jobs")
def retry(job_id: int) -> Response:
    try:
        with transaction():
            job = unfinished(job_id)
            job.try_again(now())
            audit.record("tried again", job)
    except Conflict as problem:
        flash(problem.detail, "error")
    else:
        flash("It is tried again, as soon as a worker is free.", "success")
    return back()


@admin.post("/jobs/<int:job_id>/remove", endpoint="remove_job")
@permitted("manage jobs")
def remove(job_id: int) -> Response:
    with transaction():
        job = unfinished(job_id)
        job.remove()
        audit.record("removed", job)
    flash("It is removed.", "success")
    return back()


def unfinished(job_id: int) -> Job:
    """The job, held until the transaction ends."""
    found = select(Job).where(Job.id == job_id, Job.finished_at.is_(None))
    return the_one(found, Job, to_change=True)


def back() -> Response:
    """To the list that the button was in."""
    return redirect(url_for("admin.jobs", state=asked_state() or None))

"""/tasks/calendar/<key>.ics: what is due and what appears, for the calendar programs of one person (RFC 5545)."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from blog import audit
from blog.access import permitted, public
from blog.accounts.models import User
from blog.db import db, now, the_one, transaction
from blog.forms import FormOnce
from blog.limits import limited
from blog.posts.calendar import entries
from blog.posts.guests import HEADERS
from blog.posts.heads import full
from blog.security import keeps_text
from blog.settings import site
from blog.tasks.calendar import due_between, posts_about
from blog.tasks.calendar_links import CalendarLink
from blog.tasks.desk import Filter, asked_filter
from blog.tasks.models import Task
from blog.tasks.views import Page, tasks

if TYPE_CHECKING:  # it takes long to load, and few ask for a calendar
    from icalendar import Calendar, Event

BEFORE, AFTER = timedelta(days=60), timedelta(days=400)  # of today: what a calendar keeps in view
PRODUCT = "-//Masthead//Tasks and posts//EN"


@tasks.get("/tasks/calendar/<feed_key>.ics")
@public
def feed(feed_key: str) -> Response:
    """The key says whose it is. Narrowed as the list is, by the same words in the address. Three queries."""
    person = the_one(CalendarLink.person_with(feed_key), User)
    written = calendar_of(person, asked_filter(request.args)).to_ical()
    return Response(written, mimetype="text/calendar")


@tasks.after_app_request
def keep_secret(response: AnyResponse) -> AnyResponse:
    """Also where nothing is found: no cache and no engine is to know the address."""
    if request.endpoint == "tasks.feed":
        response.headers.update(HEADERS)
    return response


def calendar_of(person: User, asked: Filter) -> "Calendar":
    from icalendar import Calendar

    calendar = Calendar()
    for name, value in (("prodid", PRODUCT), ("version", "2.0"), ("x-wr-calname", site().title)):
        calendar.add(name, value)
    for event in [*events_of_tasks(person, asked), *events_of_posts(person, asked)]:
        calendar.add_component(event)
    return calendar


def events_of_tasks(person: User, asked: Filter) -> "list[Event]":
    """Open tasks, unless the address asks for a status."""
    there = today_of(person)
    conditions = [Task.is_worked_on_by(person), *conditions_of(asked, person)]
    if not asked.status:
        conditions.append(Task.is_open())
    return [
        event_of_task(task)
        for task in db.session.execute(due_between(there - BEFORE, there + AFTER, *conditions))
    ]


def event_of_task(task: Any) -> "Event":
    about: dict[str, Any] = {
        "summary": task.title,
        "dtstart": task.due_date,
        "dtend": task.due_date + timedelta(days=1),
    }
    beside = {
        "transp": "TRANSPARENT",
        "url": full("tasks.show", task_id=task.id),
    }  # a day, of which nothing is taken
    if task.project_name:
        about["categories"] = [task.project_name]
    return event(f"task-{task.id}", task.updated_at, **about, **beside)


def events_of_posts(person: User, asked: Filter) -> "list[Event]":
    there = today_of(person)
    among = posts_about(asked, person, conditions_of(asked, person))
    return [event_of_post(entry) for entry in entries(there - BEFORE, there + AFTER, *among, person=person)]


def event_of_post(entry: Any) -> "Event":
    leads = ("posts.edit", {"post_id": entry.id}) if entry.editable else ("posts.show", {"slug": entry.slug})
    status = "TENTATIVE" if entry.status == "draft" else "CONFIRMED"
    title = f"{entry.title} (a change)" if entry.kind == "change" else entry.title
    about = {"summary": title, "dtstart": entry.at, "status": status, "transp": "TRANSPARENT"}
    return event(f"{entry.kind}-{entry.id}", entry.updated_at, **about, url=full(leads[0], **leads[1]))


def event(name: str, changed: datetime, **values: Any) -> "Event":
    """The same name is the same entry for ever, whatever becomes of it."""
    from icalendar import Event

    made = Event()
    made.add("uid", f"{name}@{urlsplit(current_app.config['SITE_URL']).hostname}")
    made.add("dtstamp", changed)
    made.add("last-modified", changed)
    for key, value in values.items():
        made.add(key, value)
    return made


def today_of(person: User) -> date:
    return now().astimezone(ZoneInfo(person.time_zone or site().time_zone)).date()


def conditions_of(asked: Filter, person: User) -> list[Any]:
    """As the person has them: nobody is signed in here."""
    language = Locale.parse(person.language or site().language, sep="-")
    return asked.conditions(on=today_of(person), first_weekday=language.first_week_day)


# The page on which the address is made, and ended


class CalendarForm(FormOnce):
    made: CalendarLink | None = None

    def keep(self, link: CalendarLink) -> None:
        self.made = link


@tasks.route("/tasks/calendar", methods=["GET", "POST"])
@limited("secret link")
@permitted("work on tasks")
@keeps_text
def calendar_link() -> Page:
    form = CalendarForm()
    if form.validate_on_submit() and form.saves(lambda: make_link(form)):
        if form.made is not None:
            address = full("tasks.feed", feed_key=str(form.made.key))
            return render_template(
                "tasks/calendar_link.html", form=CalendarForm(formdata=None), link=form.made, address=address
            )
        flash("That address is made already. If you have not kept it, make it anew.", "info")
        return redirect(form.location)
    link = db.session.scalar(CalendarLink.of(current_user.id))
    return render_template("tasks/calendar_link.html", form=form, link=link, address=None), form.status_code


def make_link(form: CalendarForm) -> str:
    """It is shown in answer to the form, and nowhere else."""
    link = CalendarLink.make(current_user._get_current_object(), now())
    form.when_saved(lambda: form.keep(link))
    audit.record("made a calendar link", link)
    return url_for("tasks.calendar_link")


@tasks.post("/tasks/calendar/withdraw")
@permitted("work on tasks")
def withdraw_calendar() -> AnyResponse:
    with transaction():
        link = db.session.scalar(CalendarLink.of(current_user.id))
        if link is not None:
            audit.record("withdrew a calendar link", link)
            db.session.delete(link)
    flash("The address leads nowhere from now on.", "success")
    return redirect(url_for("tasks.calendar_link"))

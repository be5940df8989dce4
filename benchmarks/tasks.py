"""Tasks: GET /api/tasks with every filter and sort among so many, and 10,000 changed at once with history and Undo."""

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from benchmarks.ground import ENGINES, databases, show, tidy
from blog import create_app
from blog.accounts.models import User
from blog.accounts.tokens import ApiToken, Scope
from blog.bulk import insert_many
from blog.db import db, now, transaction
from blog.interchange.demo import made_up_sentence
from blog.projects.models import Project
from blog.tags.models import Tag
from blog.tasks.finding import SORTS
from blog.tasks.models import Task, searched, task_assignees, task_tags
from blog.teams.models import Team

TASKS = int(os.environ.get("TASKS", "200000"))
AT_ONCE = 10_000
ROUNDS = int(os.environ.get("ROUNDS", "40"))
PEOPLE, PROJECTS, TAGS = 50, 400, 100
STATUSES = ("completed", "pending", "archived", "in_progress")

FILTERS = {
    "nothing": "",
    "status": "status=pending",
    "status, the most": "status=completed",
    "open": "status=open",
    "priority": "priority=high",
    "project": "project_id=7",
    "no project": "project_id=none",
    "team": "team=made-up",
    "person": "assignee=person-7",
    "tag": "tag=about-7",
    "overdue": "due=overdue",
    "today": "due=today",
    "this week": "due=week",
    "without a date": "due=none",
    "from, to": "due_after=2026-01-01&due_before=2026-12-31",
    "text": "q=harbour%20note",
    "several": "status=pending&priority=high&assignee=person-7",
    **{f"by {sign}{name}": f"sort={sign}{name}" for name in SORTS for sign in ("", "-")},
    "status, by -updated_at": "status=pending&sort=-updated_at",
    "by priority and title": "sort=-priority,title",
}


def run() -> None:
    lists: list[tuple[object, ...]] = []
    bulk: list[tuple[object, ...]] = []
    with databases() as database:
        for engine in ENGINES:
            app, key = filled(database(engine, "tasks"))
            lists += [(engine, *row) for row in listed(app, key)]
            bulk += [(engine, *row) for row in changed(app, key)]
    show(("engine", "narrowed or sorted by", "tasks", "median ms", "p95 ms"), lists)
    show(("engine", f"{AT_ONCE:,} at once", "seconds"), bulk)


def filled(address: str) -> tuple[Flask, str]:
    """A site with so many made-up tasks, the same ones on every machine, and an editor's token."""
    app = create_app(
        {"DATABASE_URL": address, "LOG_LEVEL": "ERROR", "SECRET_KEY": "for benchmarks only, no secret"}
    )
    with app.app_context():
        upgrade()
        with transaction():
            key = fill(random.Random(1))
        tidy()
    return app, key


def fill(chance: random.Random) -> str:
    editor = User.join(username="editor", role="editor", display_name="Editor")
    people = [
        User.join(username=f"person-{number}", role="author", display_name=f"Person {number}")
        for number in range(PEOPLE)
    ]
    db.session.flush()
    team = Team.found(name="Made up", by=editor)
    tags = Tag.named([f"About {number}" for number in range(TAGS)])
    db.session.flush()
    insert_many(Project, [project(number, editor.id, team.id) for number in range(1, PROJECTS + 1)])
    insert_many(Task, made_up(chance, editor.id))
    ids = db.session.scalars(select(Task.id).order_by(Task.id)).all()
    insert_many(task_assignees, [{"task_id": one, "user_id": chance.choice(people).id} for one in ids])
    insert_many(task_tags, [{"task_id": one, "tag_id": chance.choice(tags).id} for one in ids])
    return str(ApiToken.issue(to=editor, name="Benchmark", scope=Scope.WRITE, at=now()).key)


def project(number: int, owner_id: int, team_id: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Project {number}",
        "owner_id": owner_id,
        "team_id": team_id if number < 20 else None,
    }


def made_up(chance: random.Random, editor_id: int) -> Iterator[dict[str, Any]]:
    """Most are done; one in ten has no date, and one in twenty no project."""
    at = now()
    for _ in range(TASKS):
        (status,) = chance.choices(STATUSES, (70, 15, 10, 5))
        made_at = at - timedelta(minutes=chance.randrange(500_000))
        title, description = made_up_sentence(chance), ". ".join(made_up_sentence(chance) for _ in range(2))
        yield {
            "title": title,
            "description": description,
            "words": searched(title, description),
            "status": status,
            "priority": chance.choice(("low", "medium", "high")),
            "due_date": None
            if chance.random() < 0.1
            else at.date() + timedelta(days=chance.randint(-700, 90)),
            "project_id": None if chance.random() < 0.05 else chance.randint(1, PROJECTS),
            "made_by_id": editor_id,
            "created_at": made_at,
            "updated_at": made_at,
            "completed_at": made_at if status == "completed" else None,
        }


def listed(app: Flask, key: str) -> Iterator[tuple[object, ...]]:
    client, headers = app.test_client(), {"Authorization": f"Bearer {key}"}
    for name, query in FILTERS.items():
        times, found = [], ""
        for _ in range(ROUNDS + 1):
            began = time.perf_counter()
            answer = client.get(f"/api/tasks?{query}", headers=headers)
            times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, (query, answer.text)
            found = answer.headers["X-Total-Count"]
        kept = sorted(times[1:])
        yield (
            name,
            f"{int(found):,}",
            f"{statistics.median(kept):.1f}",
            f"{kept[int(len(kept) * 0.95) - 1]:.1f}",
        )


def changed(app: Flask, key: str) -> Iterator[tuple[object, ...]]:
    client, headers = app.test_client(), {"Authorization": f"Bearer {key}"}
    with app.app_context():
        ids = list(db.session.scalars(select(Task.id).where(Task.status == "pending").limit(AT_ONCE)))
        db.session.remove()

    def post(path: str, given: dict[str, Any] | None) -> Any:
        answer = client.post(f"/api/tasks/bulk/{path}", headers=headers, json=given)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    done: dict[str, Any] = {}
    acts: dict[str, Callable[[], Any]] = {
        "completed": lambda: post(
            "update_status", {"task_ids": ids, "status": "completed", "why": "Printed"}
        ),
        "taken back": lambda: post(f"undo/{done['undo']}", None),
    }
    for name, act in acts.items():
        began = time.perf_counter()
        told = act()
        taken = time.perf_counter() - began
        done.update(told)
        assert told.get("updated", told.get("changed")) == len(ids), told
        yield name, f"{taken:.2f}"

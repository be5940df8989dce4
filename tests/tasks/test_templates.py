"""Templates of tasks: editors write them, posts get their tasks."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from blog.db import db
from blog.errors import Invalid
from blog.tasks.models import Task
from blog.tasks.states import Priority
from blog.tasks.templates import MOST_LINES, Line, TaskTemplate, lines_in, typed
from tests import make
from tests.program import program_of
from tests.reading import fields_on

TEXT = "Draft, -7\nPictures, , high\nPublish, 0, published"


def sent(page, **others):
    return {**{name: field.value for name, field in fields_on(page).items()}, **others}


def kept() -> list[tuple[str, str]]:
    db.session.expire_all()
    return [(one.name, typed(one.lines)) for one in db.session.scalars(TaskTemplate.whole())]


def test_it_works(clock, editor_client):
    page = editor_client.get("/tasks/templates/new")
    assert (
        editor_client.post("/tasks/templates/new", data=sent(page, name="An issue", tasks=TEXT)).status_code
        == 302
    )
    assert kept() == [("An issue", TEXT)]
    address = f"/tasks/templates/{db.session.scalars(select(TaskTemplate.id)).one()}"
    stale = editor_client.get(address)
    editor_client.post(address, data=sent(stale, tasks="Facts, 2, low"))
    assert kept() == [("An issue", "Facts, 2, low")]
    answer = editor_client.post(address, data=sent(stale, nonce="another", tasks="Lost"))
    assert answer.status_code == 409
    assert "An issue" in editor_client.get("/tasks/templates").text
    editor_client.post(f"{address}/delete")
    assert kept() == []


def test_tasks_are_due_by_the_day_of_publication(clock, alice, alice_client):
    chosen = make.template(TEXT)
    make.template("Other", name="A first one")
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    post = make.post(alice, published_at=at)
    alice_client.post(f"/posts/{post.id}/tasks", data={"template_id": chosen.id})
    found = db.session.execute(select(Task.title, Task.due_date, Task.priority, Task.completes_with_post))
    assert sorted(tuple(row) for row in found) == [
        ("Draft", date(2026, 3, 3), "medium", False),
        ("Pictures", None, "high", False),
        ("Publish", date(2026, 3, 10), "medium", True),
    ]
    assert "Template" in alice_client.get(f"/posts/{post.id}/edit").text


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_without_a_template_there_is_no_button(alice, alice_client):
    post = make.post(alice, status="draft")
    assert "its tasks" not in alice_client.get(f"/posts/{post.id}/edit").text
    assert alice_client.post(f"/posts/{post.id}/tasks").status_code == 422


@pytest.mark.parametrize(
    "text",
    ["", ", 3", "Draft, soon", "Draft, 1, urgent", "Draft, 1, low, more", "Draft, 9999", "Draft\n" * 51],
)
def test_what_is_no_line_is_refused(text):
    with pytest.raises(Invalid):
        lines_in(text)


def test_two_have_not_one_name(editor_client):
    make.template(name="An issue")
    page = editor_client.get("/tasks/templates/new")
    answer = editor_client.post("/tasks/templates/new", data=sent(page, name="An issue", tasks=TEXT))
    assert answer.status_code == 409
    assert "There is a template of this name already." in answer.text


LINES = st.builds(
    Line,
    st.text("abc é", min_size=1, max_size=9).map(str.strip).filter(bool),
    st.none() | st.integers(-99, 99),
    st.sampled_from(list(map(str, Priority))),
    st.booleans(),
)


@given(st.lists(LINES, min_size=1, max_size=MOST_LINES))
def test_they_are_read_as_they_are_written(lines):
    assert lines_in(typed(lines)) == lines


def test_programs_of_authors_read_them(app, clock, alice, charlie):
    template = make.template(TEXT, name="An issue")
    make.template(name="Another")
    program = program_of(app, alice)
    one, other = program.get("/api/task-templates").get_json()
    assert (one["id"], one["name"], other["name"]) == (template.id, "An issue", "Another")
    assert one["tasks"] == [
        {"title": "Draft", "days": -7, "priority": "medium", "completes_with_post": False},
        {"title": "Pictures", "days": None, "priority": "high", "completes_with_post": False},
        {"title": "Publish", "days": 0, "priority": "medium", "completes_with_post": True},
    ]
    assert program.get(f"/api/task-templates/{template.id}").get_json() == one
    assert program.get("/api/task-templates/999").status_code == 404
    assert program_of(app, charlie).get("/api/task-templates").status_code == 403

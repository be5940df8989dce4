"""The demonstration: people, what they wrote, and how they work together."""

from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.interchange.demo import demonstrate
from blog.posts.models import Post
from blog.posts.publishing import Status
from blog.tasks.models import Task
from blog.teams.models import Membership, Team


def test_its_teams_share_posts_and_a_draft(app, as_):
    demonstrate()
    teams = {team.slug: team for team in db.session.scalars(select(Team))}
    assert set(teams) == {"the-desk", "council-and-harbour"}
    shared = db.session.execute(
        select(Post.slug, Post.status, Post.team_id).where(Post.team_id.is_not(None))
    ).all()
    for team in teams.values():
        assert team.description
        parts = db.session.scalars(select(Membership.part).where(Membership.team_id == team.id)).all()
        assert sorted(set(parts)) == ["lead", "member"]
        assert {row.status for row in shared if row.team_id == team.id} == {Status.DRAFT, Status.PUBLISHED}
    people = {user.username: user for user in db.session.scalars(select(User))}
    assert as_(people["tomas"]).get("/posts/what-the-dog-thinks").status_code == 200
    assert as_(people["rosa"]).get("/posts/what-the-dog-thinks").status_code == 404


def test_one_of_its_tasks_waits_for_others(app, as_):
    demonstrate()
    mei = db.session.scalars(select(User).where(User.username == "mei")).one()
    waiting = db.session.scalars(select(Task).where(Task.is_held_up())).one()
    around = Task.around(waiting.id, Task.is_worked_on_by(mei))
    assert [row.title for row in around] == ["Check the facts of the interview", "Second reader"]
    assert around[0].title in as_(mei).get(f"/tasks/{waiting.id}").text


def test_a_site_that_is_not_empty_is_left_alone(app, alice):
    assert demonstrate() == ["This site is not empty, so the demonstration was left out."]
    assert db.session.scalars(select(Team)).all() == []

"""A site to look at: the demonstration that comes with Masthead, and as many made-up posts as a benchmark wants."""

import random
import secrets
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select
from tqdm import tqdm

from blog import settings
from blog.access import Role
from blog.accounts.models import User
from blog.bulk import batches, insert_many
from blog.comments.models import Comment
from blog.db import db, now, transaction
from blog.interchange.frontmatter import parse
from blog.planning import analyse
from blog.posts.models import Post, post_tags
from blog.posts.publishing import Status
from blog.projects.models import Project
from blog.stats import made_up, rolling
from blog.stats.counting import day_of
from blog.tags.models import Tag
from blog.tasks.checklist import Step
from blog.tasks.comments import TaskComment
from blog.tasks.models import Task
from blog.teams.models import Team

FOLDER = Path(__file__).parent / "demonstration"
ROLES = {"ada": Role.OWNER, "mei": Role.EDITOR, "tomas": Role.AUTHOR, "rosa": Role.READER}

BATCH = 1000
TAGS = 200
AUTHORS = 20
YEARS = 10
BODIES = 100  # texts that the made-up posts share


@click.command("demo")
@click.option("--posts", type=click.IntRange(min=1), help="Add this many made-up posts instead, in bulk.")
def demo(posts: int | None) -> None:
    """Fill an empty site with the demonstration, or any site with made-up posts."""
    if posts:
        generate(posts)
        click.echo(f"{posts} posts added")
    else:
        click.echo("\n".join(demonstrate()))


def demonstrate() -> list[str]:
    """Fill an empty site; the lines say who may sign in, or why nothing was done."""
    if User.there_is_one():
        return ["This site is not empty, so the demonstration was left out."]
    with transaction():
        settings.save(title="The Marginal", tagline="Notes on writing, editing and keeping things")
        passwords = invite_people()
        write_posts()
        found_teams()
        write_comments()
        plan_tasks()
        read_for_a_month()
    return [
        "The demonstration is in place. Sign in as:",
        *(f"  {name:8}{password}" for name, password in passwords.items()),
    ]


def invite_people() -> dict[str, str]:
    """The people of the demonstration, each with a password that was made just now."""
    people = tomllib.loads((FOLDER / "people.toml").read_text(encoding="utf-8"))
    passwords = {name: secrets.token_urlsafe(9) for name in people}
    for name, about in people.items():
        User.join(
            username=name, role=ROLES[name], email=f"{name}@example.org", password=passwords[name], **about
        )
    db.session.flush()
    return passwords


def write_posts() -> None:
    people = {user.username: user for user in db.session.scalars(select(User))}
    for path in sorted(FOLDER.glob("*.md")):
        draft = parse(path.read_bytes(), path)
        Post.write(
            by=people[draft.authors[0]],
            at=draft.date or now(),
            slug=path.stem,
            title=draft.title,
            content=draft.content,
            excerpt=draft.excerpt,
            tags=draft.tags,
            status=draft.status,
            published_at=draft.date,
        )
    db.session.flush()


def found_teams() -> None:
    people = {user.username: user for user in db.session.scalars(select(User))}
    for slug, about in tomllib.loads((FOLDER / "teams.toml").read_text(encoding="utf-8")).items():
        lead = people[about["lead"]]
        team = Team.found(name=about["name"], slug=slug, description=about["description"], by=lead)
        for name in about["members"]:
            team.join(people[name])
        db.session.flush()
        for post in db.session.scalars(select(Post).where(Post.slug.in_(about["posts"]))):
            post.share(team.id, by=lead)
    db.session.flush()


def write_comments() -> None:
    people = {user.username: user for user in db.session.scalars(select(User))}
    posts = {post.slug: post for post in db.session.scalars(select(Post))}
    for said in tomllib.loads((FOLDER / "comments.toml").read_text(encoding="utf-8"))["comment"]:
        Comment.write(post=posts[said["post"]], by=people[said["by"]], content=said["text"])


def plan_tasks() -> None:
    """A project with what is to be done for its posts; two of the tasks are done, and one waits for two others."""
    people = {user.username: user for user in db.session.scalars(select(User))}
    posts = {post.slug: post.id for post in db.session.scalars(select(Post))}
    for about in tomllib.loads((FOLDER / "projects.toml").read_text(encoding="utf-8"))["project"]:
        lead, members = people[about["owner"]], [people[name] for name in about["members"]]
        project = Project.begin(
            by=lead, members=members, name=about["name"], description=about["description"]
        )
        made: dict[str, Task] = {}
        for task in about["task"]:
            given = {"project_id": project.id, "post_id": posts.get(task.pop("post", ""))}
            made[task["title"]] = plan_task(task, lead, people, made, **given)


def plan_task(
    task: dict[str, Any], lead: User, people: dict[str, User], others: dict[str, Task], **given: Any
) -> Task:
    """As the file has it, with names in place of people and tasks."""
    days, said = task.pop("days", None), task.pop("said", {})
    given |= {
        "assignees": [people[name] for name in task.pop("to")],
        "due_date": None if days is None else settings.today() + timedelta(days=days),
        "steps": [Step(text) for text in task.pop("steps", [])],
        "waits_for": [others[title] for title in task.pop("waits_for", [])],
    }
    made = Task.make(by=lead, at=now(), **given, **task)
    for name, content in said.items():
        TaskComment.write(made, content, by=people[name], at=now())
    return made


def read_for_a_month() -> None:
    """Made-up readers, who come from made-up places; the same ones each time."""
    chance = random.Random(1)  # noqa: S311 - nothing is kept secret by it
    at, zone = now(), settings.site().time_zone
    db.session.flush()
    out = db.session.execute(
        select(Post.id, Post.published_at).where(Post.is_visible(at)).order_by(Post.id)
    ).all()
    for ago in range(29, -1, -1):
        day = day_of(at - timedelta(days=ago), zone)
        there = [post.id for post in out if day_of(post.published_at, zone) <= day]
        made_up.store(made_up.visits(chance, there, day, chance.randint(15, 45), readers=40))
    made_up.count_all()
    rolling.roll_up(at, zone)


def generate(posts: int) -> None:
    """Add made-up posts spread over ten years, in batches of one transaction each. The same ones on every machine."""
    chance = random.Random(posts)  # noqa: S311 - nothing is kept secret by it
    with transaction():
        authors, tags = made_up_authors(), made_up_tags()
    first = (db.session.scalar(select(func.max(Post.id))) or 0) + 1
    rows = made_up_posts(chance, range(first, first + posts), authors)
    with tqdm(total=posts, unit="post") as progress:
        for batch in batches(rows, BATCH):
            with transaction():
                insert_tagged(chance, batch, tags)
            progress.update(len(batch))
    analyse()  # so that the database plans for as many rows as there are now


def insert_tagged(chance: random.Random, rows: list[dict[str, Any]], tags: list[int]) -> None:
    """The posts, and one to four tags for each, some tags far oftener than others. Three statements."""
    insert_many(Post, rows)
    slugs = [row["slug"] for row in rows]
    added = db.session.scalars(select(Post.id).where(Post.slug.in_(slugs)).order_by(Post.id)).all()
    frequent_first = [1 / rank for rank in range(1, len(tags) + 1)]
    pairs = [
        {"post_id": post_id, "tag_id": tag_id}
        for post_id in added
        for tag_id in set(chance.choices(tags, frequent_first, k=chance.randint(1, 4)))
    ]
    insert_many(post_tags, pairs)


def made_up_authors() -> list[int]:
    names = [f"writer-{number}" for number in range(1, AUTHORS + 1)]
    known = set(db.session.scalars(select(User.username).where(User.username.in_(names))))
    for name in names:
        if name not in known:
            User.join(username=name, role=Role.AUTHOR, display_name=name.replace("-", " ").title())
    db.session.flush()
    return list(db.session.scalars(select(User.id).where(User.username.in_(names)).order_by(User.id)))


def made_up_tags() -> list[int]:
    return [tag.id for tag in Tag.named([f"Subject {number}" for number in range(1, TAGS + 1)])]


def made_up_posts(chance: random.Random, numbers: range, authors: list[int]) -> Iterator[dict[str, Any]]:
    """One row for each number. Rendering is what takes time, so the texts are few."""
    latest = now()
    bodies = [made_up_body(chance) for _ in range(BODIES)]
    for number in numbers:
        published_at = latest - timedelta(seconds=chance.randrange(YEARS * 365 * 86_400))
        title = made_up_sentence(chance)
        yield {
            **chance.choice(bodies),
            "author_id": chance.choice(authors),
            "title": title,
            "slug": f"made-up-{number}",
            "status": Status.PUBLISHED,
            "published_at": published_at,
            "created_at": published_at,
            "updated_at": published_at,
        }


def made_up_body(chance: random.Random) -> dict[str, Any]:
    paragraphs = [" ".join(made_up_sentence(chance) + "." for _ in range(6)) for _ in range(8)]
    content = "\n\n".join([*paragraphs[:4], "## In other words", *paragraphs[4:]])
    return {"content": content, "excerpt": "", **Post.rendered(content, "")}


def made_up_sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(4, 9))).capitalize()


WORDS = [
    "paper",
    "ink",
    "morning",
    "letter",
    "editor",
    "margin",
    "quiet",
    "river",
    "printed",
    "archive",
    "window",
    "column",
    "reader",
    "draft",
    "garden",
    "press",
    "winter",
    "story",
    "proof",
    "comma",
    "harbour",
    "notebook",
    "pencil",
    "light",
    "street",
    "question",
    "answer",
    "map",
    "lamp",
    "field",
    "voice",
    "page",
]

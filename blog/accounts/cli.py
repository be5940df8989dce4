"""`flask users …`: people, from the shell; also the way back in when everything else is locked."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from blog import audit
from blog.access import Role
from blog.accounts.finding import narrowed
from blog.accounts.models import User
from blog.accounts.tokens import ApiToken, Scope
from blog.api.fields import beginning_of
from blog.db import db, now, transaction
from blog.errors import Problem
from blog.settings import site

users = AppGroup("users", help="People: make them, list them, let them back in.")

role = click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default=str(Role.READER), show_default=True
)
password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@users.command("create")
@click.argument("username")
@click.option("--email", required=True)
@click.option("--name", "display_name", default="", help="As readers see it; else the username.")
@role
@password_stdin
def create(username: str, email: str, display_name: str, role: str, password_stdin: bool) -> None:
    """Make an account; asks for its password."""
    password = asked_password(password_stdin)
    with plain_errors(), transaction():
        names = {"username": username, "display_name": display_name, "email": email}
        audit.record("created", User.join(**names, role=role, password=password))
    click.echo(f"{username} is here, as {role}")


@users.command("list")
@click.argument("part", default="")
@click.option("--role", type=click.Choice([str(role) for role in Role]), help="Only those of this role.")
@click.option(
    "--active/--deactivated",
    default=None,
    help="Only those who may sign in; or with --deactivated, who may not.",
)
@click.option(
    "--joined-since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only those who joined since."
)
@click.option(
    "--published/--unpublished",
    default=None,
    help="Only those who have published; or with --unpublished, who have not.",
)
def list_users(
    part: str, role: str | None, active: bool | None, joined_since: datetime | None, published: bool | None
) -> None:
    """Everybody: username, role, e-mail, and whether they may sign in; or those whose name or e-mail has PART in it."""
    since = joined_since and beginning_of(joined_since.date(), site().time_zone)
    asked: dict[str, Any] = {
        "q": part,
        "role": role,
        "active": active,
        "joined_since": since,
        "published": published,
    }
    columns = select(User.username, User.role, User.email, User.deactivated_at)
    for user in db.session.execute(narrowed(columns, emails=True, **asked).order_by(User.username_key)):
        state = "deactivated" if user.deactivated_at else "active"
        click.echo(f"{user.username}\t{user.role}\t{user.email or '-'}\t{state}")


@users.command("role")
@click.argument("username")
@click.argument("role", type=click.Choice([str(role) for role in Role]))
def change_role(username: str, role: str) -> None:
    """Give somebody another role."""
    with plain_errors(), transaction():
        user = the(username)
        user.become(Role(role))
        audit.record("changed role", user)
    click.echo(f"{username} is {role} now")


@users.command("password")
@click.argument("username")
@password_stdin
@click.option(
    "--reset-codes", is_flag=True, help="Remove their one-time codes, recovery codes and passkeys, too."
)
def change_password(username: str, password_stdin: bool, reset_codes: bool) -> None:
    """Set a new password; every session of that person ends, and they may sign in again."""
    password = asked_password(password_stdin)
    with plain_errors(), transaction():
        user = the(username)
        user.set_password(password)
        user.activate()
        if reset_codes:
            user.forget_second_steps()
        audit.record("reset password", user, after={"second_steps_removed": reset_codes})
    click.echo(f"{username} has a new password")


@users.command("deactivate")
@click.argument("username")
def deactivate(username: str) -> None:
    """End somebody's sessions and let them in no more; what they wrote stays."""
    with plain_errors(), transaction():
        user = the(username)
        user.deactivate(now())
        audit.record("deactivated", user)
    click.echo(f"{username} can no longer sign in")


@users.command("activate")
@click.argument("username")
def activate(username: str) -> None:
    """Let somebody in again; sessions and tokens that ended stay ended."""
    with plain_errors(), transaction():
        user = the(username)
        user.activate()
        audit.record("activated", user)
    click.echo(f"{username} may sign in again")


@users.command("token")
@click.argument("username")
@click.option("--scope", type=click.Choice(list(map(str, Scope))), default=str(Scope.READ), show_default=True)
@click.option("--name", default="Made by a command", show_default=True, help="By which its person knows it.")
@click.option(
    "--expires", type=click.IntRange(1, 3650), metavar="DAYS", help="Else it lasts until it is ended."
)
def make_token(username: str, scope: str, name: str, expires: int | None) -> None:
    """Make an API token; it is shown this once, last on the line."""
    at = now()
    with plain_errors(), transaction():
        expires_at = at + timedelta(days=expires) if expires else None
        token = ApiToken.issue(to=the(username), name=name, scope=Scope(scope), at=at, expires_at=expires_at)
        audit.record("made an API token", token)
    click.echo(f"{username} has a token for {scope}: {token.key}")


def the(username: str) -> User:
    """Whoever has this name, held until the transaction ends."""
    user: User | None = db.session.scalar(User.named(username).with_for_update())
    if user is None:
        raise click.ClickException(f"there is nobody called {username}")
    return user


def asked_password(from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return str(password)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Tells a problem on one line, as a command should."""
    try:
        yield
    except Problem as problem:
        raise click.ClickException(problem.detail) from problem

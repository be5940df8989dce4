"""Every route of the site, with an address for each."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.routing import Rule

from blog.access import Role
from blog.accounts.invitations import Invitation
from blog.accounts.keys import new_key
from blog.accounts.models import User
from blog.accounts.passkeys import Passkey
from blog.accounts.setup import setup_key
from blog.accounts.sign_ins import SignIn
from blog.accounts.tickets import Ticket
from blog.accounts.tokens import ApiToken, Scope
from blog.assets import style
from blog.db import db, now
from blog.jobs import Job
from tests import make


class Route(NamedTuple):
    """`endpoint` takes `method` at `address`."""

    endpoint: str
    method: str
    address: str


def samples(by: User) -> dict[str, Any]:
    """What stands for each argument that a route may have: things that are there, and are `by` somebody."""
    post, at = make.post(by, tags=["One"]), now()
    comment = make.comment(post, by)
    keys = {
        purpose: Ticket.issue(by.id, purpose, "new@example.com", now()) for purpose in ("email", "password")
    }
    passkey = Passkey(user_id=by.id, name="Key", credential_id=new_key().encode(), public_key=b"key")
    job = Job(name="tickets.forget")
    token = ApiToken.issue(to=by, name="For tests", scope=Scope.READ, at=now())
    SignIn.begin(by.id, at=now(), remembered=False, method="password")
    team = make.team(by, slug=post.slug)
    invitation, key = Invitation.invite(by=make.user(role="admin"), role=Role.READER, at=now())
    db.session.add_all([passkey, job])
    db.session.commit()
    return {
        "comment_id": comment.id,
        "filename": "favicon.svg",
        "invitation": key,
        "invitation_id": invitation.id,
        "job_id": job.id,
        "month": at.month,
        "passkey_id": passkey.id,
        "picture": "0" * 40,
        "post_id": post.id,
        "part": "lead",
        "sign_in_id": db.session.scalars(SignIn.of(by.id, now()).limit(1)).one().id,
        "size": 96,
        "slug": post.slug,
        "team_id": team.id,
        "token_id": token.id,
        "username": by.username,
        "user_id": by.id,
        "version": style()[1],
        "year": at.year,
        # What one endpoint takes for an argument that others have too.
        "accounts.confirm_email": {"key": keys["email"]},
        "accounts.reset": {"key": keys["password"]},
        "lists.tag": {"slug": "one"},
    }


KEYS = ("accounts.confirm_email", "accounts.reset")  # whoever has the key is who may
QUERIES = {"accounts.setup": lambda: f"?key={setup_key()}"}


def routes(app: Flask, values: dict[str, Any], *methods: str) -> list[Route]:
    """Each route that takes one of `methods`, in the order of the addresses."""
    return sorted(found_routes(app, values, methods), key=lambda route: (route.address, route.method))


def found_routes(app: Flask, values: dict[str, Any], methods: tuple[str, ...]) -> Iterator[Route]:
    addresses = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        address = addresses.build(rule.endpoint, arguments_for(rule, values), append_unknown=False)
        query = QUERIES.get(rule.endpoint, str)()
        for method in sorted((rule.methods or set()).intersection(methods)):
            yield Route(rule.endpoint, method, address + query)


def arguments_for(rule: Rule, values: dict[str, Any]) -> dict[str, Any]:
    known = values | values.get(rule.endpoint, {})
    missing = rule.arguments - set(known)
    assert not missing, f"tests/routes.py needs a value for {missing} of {rule.rule}"
    return {name: known[name] for name in rule.arguments}

"""/api/posts/bulk: to many posts at once, and taking it back."""

from collections.abc import Mapping
from typing import Any

from flask_login import current_user
from marshmallow import fields
from marshmallow.validate import Length

from blog.api.fields import Choice, Given, Shown, Text, Whole
from blog.api.many import Undone, undo_key
from blog.db import db, now
from blog.errors import Conflict, Invalid, NotFound
from blog.posts import bulk, telling
from blog.posts.api import posts
from blog.posts.api_fields import PostsAsked, TagName
from blog.posts.bulk import MOST_IDS, Chosen, Order
from blog.posts.undoing import Act, Undo
from blog.security import LARGEST_NUMBER


class Wanted(Given):
    """What is to be done, and to which posts: `ids`, or all that `match`; with both, those of `ids` that match."""

    act = Choice(Act, required=True)
    ids = fields.List(Whole(1, LARGEST_NUMBER), validate=Length(max=MOST_IDS))
    match = fields.Nested(PostsAsked, metadata={"description": "As a list is narrowed; `{}` for all."})
    tag = TagName(metadata={"description": "For `tag` and `untag`."})
    author = Text(
        80, least=1, line=True, metadata={"description": "For `author`, which editors do: a username."}
    )


class WhatWasDone(Shown):
    """What came of it."""

    act = fields.String(required=True, metadata={"enum": list(map(str, Act))})
    changed = fields.Integer(required=True)
    already = fields.Integer(required=True, metadata={"description": "How many were so before."})
    refused = fields.Integer(
        required=True, metadata={"description": "How many you may read, but not change so."}
    )
    undo = undo_key()


class WhatWasUndone(Undone):
    """What came of it."""

    act = fields.String(required=True, metadata={"enum": list(map(str, Act))})


@posts.handles("bulk", WhatWasDone, Wanted, access="write posts")
def do_to_posts(given: Mapping[str, Any]) -> bulk.Done:
    """Do something to many posts at once

    To those that you may do it to; the answer tells how many there were, and how many were left out. 409 where `act`
    needs a tag or an author that is not given, or is not here.
    """
    order = ordered(given)
    done = bulk.do(order, Chosen(tuple(given["ids"]) if "ids" in given else None, given.get("match")))
    telling.log(done, order)
    return done


def ordered(given: Mapping[str, Any]) -> Order:
    names = {name: given.get(name, "") for name in ("tag", "author")}
    try:
        return bulk.ordered(Act(given["act"]), by=current_user._get_current_object(), at=now(), **names)
    except Invalid as problem:
        raise Conflict(problem.detail, problem.field) from None


@posts.handles("bulk/undo/<undo_key>", WhatWasUndone)
def undo_posts(undo_key: str) -> bulk.Undone:
    """Take back what was done to many posts at once

    For whoever did it, within a day; posts that were changed since are left as they are.
    """
    found: Undo | None = db.session.scalar(Undo.of(undo_key, current_user.id, now()).with_for_update())
    if found is None:
        raise NotFound("That can no longer be undone.")
    undone = bulk.undo(found, by=current_user._get_current_object(), at=now())
    telling.log_undone(undone)
    return undone

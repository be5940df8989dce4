"""Whom a form means, so that what is tried in it counts for one account, by whichever of its names."""

from collections.abc import Callable

from flask import request

from blog.accounts.models import User, key_of
from blog.db import db
from blog.errors import Invalid
from blog.text import clean

LONGEST = 254


def named(field: str) -> Callable[[], int | str | None]:
    """The id of whoever is named in this field of the form, else what was typed there; None for nothing to go by."""

    def whose() -> int | str | None:
        try:
            key = key_of(clean(request.form.get(field, "")[:LONGEST]))
        except Invalid:  # the form will say so
            return None
        found: int | None = db.session.scalar(User.named(key).with_only_columns(User.id).limit(1))
        return found or key or None

    return whose

"""One medium, found by whoever may see it, or change it."""

from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from blog.db import the_one
from blog.media.models import Medium


def there(medium_id: int) -> Medium:
    found = select(Medium).where(Medium.id == medium_id, Medium.is_there())
    return the_one(found.options(joinedload(Medium.author)), Medium)


def theirs(medium_id: int, *, in_trash: bool = False) -> Medium:
    """What the person may change, or find in the trash; held until the transaction ends."""
    is_theirs = Medium.is_in_trash_of(current_user) if in_trash else Medium.is_changeable_by(current_user)
    found = select(Medium).options(joinedload(Medium.author)).where(Medium.id == medium_id, is_theirs)
    if not in_trash:
        found = found.where(Medium.is_there())
    return the_one(found, Medium, to_change=True)

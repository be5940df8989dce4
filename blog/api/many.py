"""What the API tells of what was done to many things at once, and taken back."""

from typing import Any

from marshmallow import fields

from blog.api.fields import Shown


def undo_key() -> Any:
    """Of what was done, where that changed anything."""
    return fields.Function(
        lambda done: done.key if done.changed else None,
        required=True,
        metadata={
            "type": ["string", "null"],
            "description": "The key with which you take it back, for a day.",
        },
    )


class Undone(Shown):
    """What came of it."""

    changed = fields.Integer(required=True)
    left = fields.Integer(
        required=True, metadata={"description": "How many were changed since, or are no longer yours."}
    )

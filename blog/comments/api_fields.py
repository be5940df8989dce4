"""What /api/comments takes and tells. Of guests it tells the name, and nobody is told their address."""

from datetime import UTC
from typing import Any

from flask import current_app, url_for
from marshmallow import fields

from blog.api.fields import Choice, Flag, Given, Moment, Shown, Text, Whole
from blog.comments.models import LONGEST_COMMENT, Status
from blog.security import LARGEST_NUMBER


def page_of(comment: Any) -> str:
    path = url_for("posts.show", slug=comment.post.slug, _anchor=f"comment-{comment.id}")
    return str(current_app.config["SITE_URL"]) + path


class CommentShown(Shown):
    """What somebody said under a post."""

    id = fields.Integer(required=True)
    post_id = fields.Integer(required=True)
    parent_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The comment that it answers."}
    )
    url = fields.Function(
        page_of, required=True, metadata={"type": "string", "format": "uri", "description": "Its place."}
    )
    author = fields.Function(
        lambda comment: comment.author and comment.author.username,
        required=True,
        metadata={"type": ["string", "null"], "description": "A username; null for a guest."},
    )
    author_name = fields.String(required=True)
    content = fields.String(required=True, metadata={"description": "Markdown."})
    status = fields.String(
        required=True,
        metadata={
            "enum": list(map(str, Status)),
            "description": "Readers find what is `approved`; you also find your own that are `held`, or taken for `spam`.",
        },
    )
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    updated_at = fields.AwareDateTime(required=True, default_timezone=UTC)


class Wording(Given):
    """What there is to change of a comment."""

    content = Text(LONGEST_COMMENT, least=1, required=True, metadata={"description": "Markdown."})


class Remark(Wording):
    """A comment on the post that the address names."""

    parent_id = Whole(
        1,
        LARGEST_NUMBER,
        allow_none=True,
        load_default=None,
        metadata={"description": "The comment that it answers; an answer to an answer stands beside it."},
    )
    wants_mail = Flag(
        load_default=False, metadata={"description": "Whether you are told of further ones by mail."}
    )


class RemarkOn(Remark):
    """A comment, with the post that it is on."""

    post_id = Whole(1, LARGEST_NUMBER, required=True)


class CommentsAsked(Given):
    q = Text(100, line=True, metadata={"description": "A part of its text."})
    status = Choice(Status)
    author = Text(80, line=True, metadata={"description": "Their username."})
    created_after = Moment(metadata={"description": "At this time or later; likewise below."})
    created_before = Moment()


class AllCommentsAsked(CommentsAsked):
    post_id = Whole(1, LARGEST_NUMBER)

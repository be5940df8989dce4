"""The query of comments by name, for `flask explain`."""

from typing import Any

from sqlalchemy import func, select

from blog.comments.models import Comment
from blog.db import db
from blog.explaining import named_query


@named_query("comments")
def comments_of_post() -> Any:
    """All comments under the post that has most of them."""
    most = select(Comment.post_id).group_by(Comment.post_id).order_by(func.count().desc()).limit(1)
    return Comment.of_post(db.session.scalar(most) or 0)

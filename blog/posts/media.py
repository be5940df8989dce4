"""Which posts show a medium: for whoever looks at it."""

from typing import Any

from flask_login import current_user
from sqlalchemy import case, select

from blog.db import db, now
from blog.media.models import MediumUse
from blog.posts.models import Post

MOST = 50


def posts_showing(medium_id: int) -> Any:
    """Rows with `title slug is_present may_edit`, what shows it now first; a title that the person may not read is None."""
    readable = Post.is_readable_by(current_user, now())
    columns = (
        Post.id,
        case((readable, Post.title)).label("title"),
        Post.slug,
        Post.is_editable_by(current_user).label("is_editable"),
        MediumUse.is_present,
    )
    found = (
        select(*columns).join(MediumUse, MediumUse.post_id == Post.id).where(MediumUse.medium_id == medium_id)
    )
    return db.session.execute(found.order_by(MediumUse.is_present.desc(), Post.id.desc()).limit(MOST)).all()

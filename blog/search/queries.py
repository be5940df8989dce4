"""The query of searches by name, for `flask explain`."""

from typing import Any

from flask_login import current_user
from sqlalchemy import select

from blog.db import db, now
from blog.explaining import named_query
from blog.posts.models import Post
from blog.search.finding import candidates
from blog.search.language import read
from blog.settings import site


@named_query("search")
def common_word() -> Any:
    """What fits the last word of the title of some post, best first."""
    title = db.session.scalar(select(Post.title).where(Post.is_visible(now())).limit(1)) or "words"
    return candidates(read(title.split()[-1]), current_user, now(), site().time_zone)

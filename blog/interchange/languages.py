"""In which languages imported posts are, and which of them are translations of one another."""

from collections.abc import Callable, Sequence

from sqlalchemy import insert as insert_rows
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.errors import Invalid
from blog.interchange.draft import Draft
from blog.posts.models import Post
from blog.posts.translations import Tongue, Translation


def keep_languages(posts: Sequence[Post], drafts: Sequence[Draft]) -> None:
    """One statement. Of which others they are translations is said when all are here: see Originals."""
    named = zip(posts, drafts, strict=True)
    rows = [{"post_id": post.id, "language": draft.language} for post, draft in named if draft.language]
    if rows:
        db.session.execute(insert_rows(Translation), rows)


class Originals:
    """What drafts say of their originals, which may come after them, and under another slug than they had."""

    def __init__(self) -> None:
        self.origins: dict[str, str] = {}
        self.named: list[Draft] = []

    def note(self, draft: Draft) -> None:
        self.origins.setdefault(draft.slug, draft.origin)
        if draft.translation_of:
            self.named.append(draft)

    def join(self, tell: Callable[[str, str], None]) -> None:
        """Each translation with its original; `tell` hears the slug and the reason of one where that cannot be."""
        for draft in self.named:
            try:
                with transaction():
                    self.join_one(draft)
            except Invalid as reason:
                tell(
                    draft.slug,
                    f"to be the translation of {draft.translation_of}: {reason} The post itself is here.",
                )

    def join_one(self, draft: Draft) -> None:
        loaded = select(Post).options(Post.with_translation())
        post = db.session.scalars(loaded.where(Post.origin == draft.origin)).one()
        origin = self.origins.get(draft.translation_of)
        taken = select(Post.slug).where(Post.origin == origin)
        slug = (origin and db.session.scalar(taken)) or draft.translation_of
        updated_at = post.updated_at
        post.be_in_tongue(Tongue(post.language, slug), by=db.session.get(User, post.author_id), at=now())
        post.updated_at = updated_at

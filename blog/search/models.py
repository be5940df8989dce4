"""What the index is made of: the words of each post, the posts whose words are out of date, and all words there are."""

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model
from blog.search.words import LONGEST


class Document(Model):
    """The words of a post, as `search.words` makes them. Triggers keep `search_index` in step with this table."""

    __tablename__ = "search_documents"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    title: Mapped[str] = mapped_column(Text, default="", server_default="")
    body: Mapped[str] = mapped_column(Text, default="", server_default="")
    tags: Mapped[str] = mapped_column(Text, default="", server_default="")
    author: Mapped[str] = mapped_column(Text, default="", server_default="")


class Change(Model):
    """A post whose document is out of date. Triggers write this, whichever way a post is changed, and whatever of its
    author or its tags is; it is gone when the transaction ends: see `search.keeping`.
    """

    __tablename__ = "search_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column()


class FormerText(Model):
    """The words of a revision of a post that has more than one. Triggers keep `former_index` in step with this table."""

    __tablename__ = "former_texts"

    revision_id: Mapped[int] = mapped_column(
        ForeignKey("revisions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    words: Mapped[str] = mapped_column(Text)


class FormerChange(Model):
    """A revision whose words are to be indexed. Triggers write this where a save changed the title or the text."""

    __tablename__ = "former_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column()


class Word(Model):
    """A word that some post has, or had: what a mistyped one may have been meant to be."""

    __tablename__ = "search_words"

    word: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)


class RelatedPost(Model):
    """That a post is like another, and how much: the greater, the more. Each pair is kept both ways."""

    __tablename__ = "related_posts"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    related_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    score: Mapped[float] = mapped_column()

    __table_args__ = (Index(None, "post_id", score.desc(), related_id.desc()),)

    most_alike = (score.desc(), related_id.desc())


class RelatedChange(Model):
    """A post whose words or tags are new since it was related to others. A trigger of `search_documents` writes it."""

    __tablename__ = "related_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)

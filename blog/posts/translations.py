"""In which language a post is written, and which posts are translations of one another."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from babel import Locale, UnknownLocaleError
from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship

from blog.db import Model, db, one_at_a_time, utc_now
from blog.errors import Invalid
from blog.settings import site

if TYPE_CHECKING:
    from blog.posts.models import Post

TRANSLATIONS = "translations"  # joined by one at a time, so that no two are of one another
LONGEST_LANGUAGE = 20
LONGEST_ADDRESS = 500
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
TAKEN = "The post, or another translation of it, is in this language."


class Translation(Model):
    """That a post is in a language of its own, and of which other post it is a translation, if of any.

    A post without a row is in the site's language. Translations all name the same original, which names none.
    """

    __tablename__ = "translations"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    original_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"))
    language: Mapped[str] = mapped_column(String(LONGEST_LANGUAGE))

    original: Mapped["Post | None"] = relationship(foreign_keys=[original_id], lazy="raise")

    __table_args__ = (
        UniqueConstraint("original_id", "language", info={"field": "language", "message": TAKEN}),
        CheckConstraint(f"length(language) BETWEEN 1 AND {LONGEST_LANGUAGE}", name="language"),
    )


class Tongue(NamedTuple):
    """The language that a post is to have, or "" for the site's, and the slug of its original, or ""."""

    language: str = ""
    original: str = ""


class InLanguage:
    """What Post knows of its language; `translation` has to be loaded, with its original."""

    if TYPE_CHECKING:
        id: Mapped[int]
        slug: Mapped[str]
        status: Mapped[str]
        kind: Mapped[str]
        published_at: Mapped[datetime | None]
        translation: Mapped[Translation | None]
        updated_at: Mapped[datetime]

    @classmethod
    def with_translation(cls) -> Any:
        """The option that loads its language, and the address of its original."""
        address = (cls.slug, cls.status, cls.kind, cls.published_at)
        return joinedload(cls.translation).joinedload(Translation.original).load_only(*address)

    @property
    def language(self) -> str:
        return self.translation.language if self.translation else ""

    @property
    def translation_of(self) -> str:
        original = self.translation and self.translation.original
        return original.slug if original else ""

    def original_found(self, at: datetime) -> str | None:
        """The slug of its original, if readers find that: a draft is told to nobody."""
        original = self.translation and self.translation.original
        return original.slug if original and original.is_out(at) else None

    @property
    def tongue(self) -> Tongue:
        return Tongue(self.language, self.translation_of)

    def be_in_tongue(self, wanted: Tongue, *, by: Any, at: datetime) -> None:
        """In this language, and a translation of that post. The post is stored."""
        wanted = Tongue(language_called(wanted.language), slug_in(wanted.original))
        if wanted == self.tongue:
            return
        if wanted.original and not wanted.language:
            raise Invalid("Name the language of the translation.", "language")
        one_at_a_time(TRANSLATIONS)
        self.updated_at = utc_now()
        with db.session.no_autoflush:  # the post is written once, with all else
            original = self._original_called(wanted.original, by, at) if wanted.original else None
            root = original.id if original else self.id
            if (wanted.language or site().language) in languages_of(root, self.id, type(self)):
                raise Invalid(TAKEN, "language")
        if not wanted.language:
            self.translation = None
            return
        found = self.translation or Translation(post_id=self.id)
        found.language, found.original = wanted.language, original
        self.translation = found

    def _original_called(self, slug: str, by: Any, at: datetime) -> "Post":
        """The post of this slug, or the one that it is itself a translation of. Invalid with what is wrong."""
        kind: Any = type(self)
        if slug == self.translation_of and self.translation and self.translation.original:
            return self.translation.original
        if slug == self.slug:
            raise Invalid("A post is no translation of itself.", "translation_of")
        there = select(kind.id, Translation.original_id).where(kind.slug == slug)
        there = there.outerjoin(Translation, Translation.post_id == kind.id)
        found = db.session.execute(there.where(kind.is_readable_by(by, at))).first()
        if found is None:
            raise Invalid("There is no post at this address.", "translation_of")
        root = found.original_id or found.id
        if root == self.id or db.session.scalar(
            select(Translation.post_id).where(Translation.original_id == self.id).limit(1)
        ):
            raise Invalid("Other posts are translations of this one.", "translation_of")
        original: Post = db.session.get_one(kind, root)
        return original


def language_called(text: str) -> str:
    """As browsers write it: pt-BR for pt-br. Invalid for one that Babel does not know."""
    try:
        if text and (len(text) > LONGEST_LANGUAGE or not LANGUAGE.fullmatch(text)):
            raise ValueError(text)
        return str(Locale.parse(text, sep="-")).replace("_", "-") if text else ""
    except (UnknownLocaleError, ValueError):
        raise Invalid("Write it as browsers do: en, de, pt-BR, zh-Hans.", "language") from None


def slug_in(address: str) -> str:
    """The slug, of a slug or the address of a post."""
    path = address.partition("?")[0].partition("#")[0]
    return unquote(path.rstrip("/").rpartition("/")[2]) if "/" in path else path


def languages_of(root: int, but: int, post: Any) -> set[str]:
    """The languages of the posts around this original, without one of them."""
    language = func.coalesce(Translation.language, site().language)
    found = select(language).select_from(post).outerjoin(Translation, Translation.post_id == post.id)
    around = or_(post.id == root, Translation.original_id == root)
    return set(db.session.scalars(found.where(around, post.id != but)))


class Version(NamedTuple):
    """A post in one language, as readers find it."""

    language: str
    slug: str
    kind: str
    is_original: bool

    @property
    def name(self) -> str:
        """Of the language, in that language."""
        return str(Locale.parse(self.language, sep="-").get_display_name())


def root_of(post: Any) -> Any:
    """The id that all of a group have in common, in a select that is joined with Translation."""
    return func.coalesce(Translation.original_id, post.id)


def has_versions(post: Any) -> Any:
    """Whether a post is one of several, in a select that is joined with Translation."""
    other = aliased(Translation)
    return or_(
        Translation.original_id.is_not(None),
        select(other.post_id).where(other.original_id == post.id).exists(),
    )


def versions(post: Any, is_seen: Any, roots: list[int] | None = None) -> dict[int, list[Version]]:
    """Those that readers see of the groups with these originals, or of all, by language. One query."""
    language = func.coalesce(Translation.language, site().language).label("language")
    root = root_of(post).label("root")
    found = select(root, language, post.slug, post.kind, post.id).select_from(post)
    found = found.outerjoin(Translation, Translation.post_id == post.id).where(is_seen)
    if roots is None:
        found = found.where(has_versions(post))
    else:
        found = found.where(or_(post.id.in_(roots), Translation.original_id.in_(roots)))
    groups: dict[int, list[Version]] = {}
    for row in db.session.execute(found.order_by(language, post.id)):
        group = groups.setdefault(row.root, [])
        group.append(Version(row.language, row.slug, row.kind, row.id == row.root))
    return {root: group for root, group in groups.items() if len(group) > 1}

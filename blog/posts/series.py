"""Series: posts in an order, to be read one after another."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.bulk import insert_missing
from blog.db import Model, Rows, db, utc_now
from blog.errors import Invalid
from blog.text import clean, one_line, slug_of

LONGEST_NAME = 100
LAST_PLACE = 9_999


class Series(Model):
    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    slug: Mapped[str] = mapped_column(String(LONGEST_NAME))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())

    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
    )

    @classmethod
    def named(cls, name: str) -> "Series":
        """The one of this name, or of one that is spelled alike; it is made where there is none. Two statements."""
        name = clean(one_line(name), "series")
        slug = slug_of(name)
        if not slug or len(name) > LONGEST_NAME:
            raise Invalid("A series has a name, with a letter or digit, of at most 100 characters.", "series")
        insert_missing(cls, [{"name": name, "slug": slug}], by=["slug"])
        return db.session.scalars(select(cls).where(cls.slug == slug)).one()


class SeriesPart(Model):
    """That a post is in a series, and at which place: of two at one place the older comes first."""

    __tablename__ = "series_parts"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column()

    series: Mapped[Series] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(f"place BETWEEN 1 AND {LAST_PLACE}", name="place"),
        Index(None, "series_id", "place", "post_id"),
    )

    in_order = (place.asc(), post_id.asc())

    @classmethod
    def after_last(cls, series_id: int) -> int:
        last = db.session.scalar(select(func.max(cls.place)).where(cls.series_id == series_id))
        return min(LAST_PLACE, (last or 0) + 1)


class Wanted(NamedTuple):
    """Which series a post is to be in, and where: without a name in none, without a place at its end."""

    name: str
    place: int | None


class InSeries:
    """What Post knows of its series; `part` has to be loaded, with its series."""

    if TYPE_CHECKING:
        id: Mapped[int]
        part: Mapped[SeriesPart | None]
        updated_at: Mapped[datetime]

    @property
    def series_name(self) -> str:
        return self.part.series.name if self.part else ""

    @property
    def series_place(self) -> int | None:
        return self.part.place if self.part else None

    @property
    def wanted_series(self) -> Wanted:
        return Wanted(self.series_name, self.series_place)

    def be_in(self, wanted: Wanted) -> None:
        """In this series, at that place. The post is stored."""
        name = one_line(wanted.name)
        if (name, wanted.place or self.series_place if name else None) == self.wanted_series:
            return
        self.updated_at = utc_now()
        if not name:
            self.part = None
            return
        with db.session.no_autoflush:  # the post is written once, with all else
            series = Series.named(name)
            same = self.part is not None and self.part.series_id == series.id
            kept = self.series_place if same else None
            place = wanted.place or kept or SeriesPart.after_last(series.id)
        if not 1 <= place <= LAST_PLACE:
            raise Invalid(f"Choose a place from 1 to {LAST_PLACE:,}.", "series_place")
        part = self.part or SeriesPart(post_id=self.id)
        part.series_id, part.series, part.place = series.id, series, place
        self.part = part


def neighbours_in(series_id: int, post_id: int, visible: Any, post: Any) -> Any:
    """Which part the post is, of how many, and the titles and slugs of those before and after it, as far as readers see
    them; None where they do not see the post itself. One query.
    """
    order = list(SeriesPart.in_order)
    columns: Mapping[str, Any] = {
        "number": func.row_number().over(order_by=order),
        "total": func.count().over(),
        **{
            f"{side}_{name}": look(getattr(post, name)).over(order_by=order)
            for side, look in (("previous", func.lag), ("next", func.lead))
            for name in ("title", "slug")
        },
    }
    named = [column.label(name) for name, column in columns.items()]
    found: Rows = select(post.id, *named).join(SeriesPart, SeriesPart.post_id == post.id)
    inner = found.where(SeriesPart.series_id == series_id, visible).subquery()
    return db.session.execute(select(inner).where(inner.c.id == post_id)).first()


def arrange(series_id: int, places: Mapping[int, int], post: Any) -> list[int]:
    """Put the posts of a series (their ids) at these places, as far as they are elsewhere: the ids of those."""
    mine = select(SeriesPart.post_id, SeriesPart.place).where(SeriesPart.series_id == series_id)
    present: dict[int, int] = {row.post_id: row.place for row in db.session.execute(mine.with_for_update())}
    moved = [one for one, place in places.items() if one in present and present[one] != place]
    for one in moved:
        db.session.execute(update(SeriesPart).where(SeriesPart.post_id == one).values(place=places[one]))
    if moved:  # whoever has one open in an editor is told
        newer = update(post).where(post.id.in_(moved)).values(version=post.version + 1)
        db.session.execute(newer, execution_options={"synchronize_session": False})
    return moved

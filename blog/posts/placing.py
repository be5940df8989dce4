"""Pages: posts without a date, which stand in the menu and have the address `/<slug>`."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ColumnElement, ScalarSelect, and_, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from blog.errors import Invalid

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped

POST, PAGE = "post", "page"
KINDS = (POST, PAGE)
LAST_PLACE = 999
MOST_IN_MENU = 30
# The first words of the site's own addresses, and of some that it may come to have. A test compares.
RESERVED_FOR_PAGES = frozenset(
    [
        "account",
        "admin",
        "api",
        "archive",
        "authors",
        "comments",
        "credits",
        "docs",
        "invitations",
        "jobs",
        "join",
        "log",
        "login",
        "logout",
        "mail",
        "media",
        "healthz",
        "metrics",
        "notices",
        "openapi",
        "p",
        "page",
        "pages",
        "password",
        "pictures",
        "posts",
        "preview",
        "projects",
        "readyz",
        "search",
        "series",
        "settings",
        "setup",
        "sitemaps",
        "static",
        "stats",
        "tags",
        "tasks",
        "teams",
        "trash",
        "users",
    ]
)


def reserved_for(kind: str, slug: str) -> frozenset[str]:
    """The words that are no address for this kind. Invalid, with the field, where `slug` is one of them."""
    words = RESERVED_FOR_PAGES if kind == PAGE else frozenset()
    if slug in words:
        raise Invalid("This address is used by the site itself.", "slug")
    return words


class Placed:
    """What Post knows of being a page."""

    if TYPE_CHECKING:
        id: Mapped[int]
        kind: Mapped[str]
        menu_place: Mapped[int | None]
        slug: Mapped[str]
        title: Mapped[str]
        status: Mapped[str]
        published_at: Mapped[datetime | None]

    @property
    def is_page(self) -> bool:
        return self.kind == PAGE

    @classmethod
    def is_page_out(cls) -> ColumnElement[bool]:
        """Of pages: whether readers find it. Without a date, it is in no list by itself."""
        return and_(cls.kind == PAGE, cls.status == "published")

    def be_kind(self, kind: str, menu_place: int | None, at: datetime) -> None:
        """A page gives its date away; one that is a post again is of this moment."""
        if kind not in KINDS:
            raise Invalid("Choose a post or a page.", "kind")
        self.kind, self.menu_place = kind, menu_place
        if kind == PAGE:
            self.published_at = None
        elif self.status == "published" and self.published_at is None:
            self.published_at = at

    @classmethod
    def menu(cls) -> ScalarSelect[Any]:
        """Titles and slugs of the pages that readers find, in their order.

        SQLite uses the index that has pages and no posts where "page" is no parameter, and where it cannot walk through
        all that is published: that is asked of the status with nothing added.
        """
        is_out = and_(cls.kind == literal(PAGE, literal_execute=True), cls.status.concat("") == "published")
        in_order = (func.coalesce(cls.menu_place, literal(LAST_PLACE + 1)), cls.title, cls.id)
        found = select(cls.title, cls.slug).where(is_out).order_by(*in_order).limit(MOST_IN_MENU)
        rows = found.subquery()
        return select(list_of_pairs(rows.c.title, rows.c.slug)).scalar_subquery()


class list_of_pairs(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function that it is
    """All rows as one list in JSON."""

    type = JSON()
    inherit_cache = True


@compiles(list_of_pairs, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"


@compiles(list_of_pairs, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    pairs = f"json_build_array({compiler.process(element.clauses, **options)})"
    return f"coalesce(json_agg({pairs}), json_build_array())"

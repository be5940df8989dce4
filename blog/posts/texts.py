"""The text of a post: as its author writes it, and as readers see it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import validates

from blog import markup
from blog.media.shown import pictures_in
from blog.posts.links import moved_in
from blog.posts.revisions import Words
from blog.tags.models import Tag
from blog.text import clean

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped

TEXTS = ("title", "content", "excerpt")


class Written:
    """What Post knows of its text."""

    if TYPE_CHECKING:
        content: Mapped[str]
        excerpt: Mapped[str]

    @validates(*TEXTS)
    def _take_text(self, name: str, text: str) -> str:
        return clean(text, field=name)

    def render(self) -> None:
        for name, value in self.rendered(self.content, self.excerpt).items():
            setattr(self, name, value)

    @staticmethod
    def rendered(content: str, excerpt: str) -> dict[str, Any]:
        """What readers see, made from what the author wrote: the values of the columns that hold it."""
        html = markup.render(content, moved=moved_in(content), pictures=pictures_in(content))
        return {
            "html": html,
            "teaser": excerpt or markup.excerpt(html),
            "word_count": markup.word_count(html),
            "renderer": markup.RENDERER_VERSION,
        }


def words_of(tags: Sequence[str], fields: Mapping[str, Any]) -> Words:
    """As a post would hold them."""
    title, content, excerpt = (clean(fields.get(name, ""), field=name) for name in TEXTS)
    return Words(title, content, excerpt, tuple(sorted(tag.name for tag in Tag.named(list(tags)))))

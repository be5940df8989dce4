"""What /api/posts takes and tells."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import current_app, url_for
from marshmallow import ValidationError, fields
from marshmallow.validate import Length

from blog.api.fields import Choice, Given, Moment, Optionally, Shown, Slug, Text, Whole
from blog.db import now
from blog.posts.addresses import RESERVED, SUCH_AS
from blog.posts.authorship import MOST_AUTHORS
from blog.posts.finding import SHOWN
from blog.posts.forms import MOST_TAGS
from blog.posts.models import LONGEST_CONTENT, LONGEST_EXCERPT, LONGEST_SLUG, LONGEST_TITLE
from blog.posts.placing import KINDS
from blog.posts.placing import LAST_PLACE as LAST_IN_MENU
from blog.posts.publishing import CHOSEN, FIRST_YEAR, LAST_YEAR, Status
from blog.posts.series import LAST_PLACE
from blog.posts.series import LONGEST_NAME as LONGEST_SERIES
from blog.posts.translations import LONGEST_ADDRESS, LONGEST_LANGUAGE
from blog.tags.models import LONGEST_NAME as LONGEST_TAG
from blog.teams.models import LONGEST_SLUG as LONGEST_TEAM
from blog.text import slug_of


class TagName(Text):
    """The name of a tag: it has a letter or a digit."""

    def __init__(self, metadata: Mapping[str, Any] | None = None) -> None:
        super().__init__(LONGEST_TAG, least=1, line=True, metadata={"format": "tag", **(metadata or {})})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        name = str(super()._deserialize(value, attr, data, **options))
        if not slug_of(name):
            raise self.make_error("validator_failed")
        return name


class PostListed(Shown):
    """A post, as lists tell it: without its text."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    slug = fields.String(required=True)
    url = fields.Function(
        lambda post: (
            current_app.config["SITE_URL"]
            + url_for("posts.page" if post.is_page else "posts.show", slug=post.slug)
        ),
        required=True,
        metadata={"type": "string", "format": "uri", "description": "Its page."},
    )
    excerpt = fields.String(
        required=True, metadata={"description": "Empty where its beginning stands in for one."}
    )
    tags = fields.Function(
        lambda post: sorted(tag.name for tag in post.tags),
        required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )
    status = fields.String(required=True, metadata={"enum": list(map(str, Status))})
    published_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        default_timezone=UTC,
        metadata={"description": "Readers find what is `published` from this time on."},
    )
    author = fields.String(
        attribute="author.username", required=True, metadata={"description": "A username."}
    )
    authors = fields.Function(
        lambda post: [person.username for person in post.authors],
        required=True,
        metadata={
            "type": "array",
            "items": {"type": "string"},
            "description": "All of them, in their order; `author` is the first.",
        },
    )
    kind = fields.String(required=True, metadata={"enum": list(KINDS)})
    menu_place = fields.Integer(required=True, allow_none=True)
    series = fields.Function(
        lambda post: post.series_name or None,
        required=True,
        metadata={"type": ["string", "null"], "description": "The name of the series that it is in."},
    )
    series_place = fields.Integer(required=True, allow_none=True)
    language = fields.Function(
        lambda post: post.language or None,
        required=True,
        metadata={"type": ["string", "null"], "description": "Null for the language of the site."},
    )
    translation_of = fields.Function(
        lambda post: post.original_found(now()),
        required=True,
        metadata={
            "type": ["string", "null"],
            "description": "The slug of its original, if readers find that.",
        },
    )
    team = fields.Function(
        lambda post: post.team and post.team.slug,
        required=True,
        metadata={"type": ["string", "null"], "description": "The slug of the team that works on it."},
    )
    word_count = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    updated_at = fields.AwareDateTime(required=True, default_timezone=UTC)


class PostShown(PostListed):
    """A post."""

    content = fields.String(required=True, metadata={"description": "Markdown."})


def year_of_publication(time: datetime) -> None:
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise ValidationError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")


class PostGiven(Given):
    """What there is to say of a post."""

    title = Text(LONGEST_TITLE, least=1, line=True, required=True)
    content = Text(LONGEST_CONTENT, load_default="", metadata={"description": "Markdown."})
    slug = Slug(LONGEST_SLUG, RESERVED, SUCH_AS, load_default="")
    excerpt = Text(LONGEST_EXCERPT, line=True, load_default="")
    tags = fields.List(
        TagName(),
        validate=Length(max=MOST_TAGS),
        load_default=list,
        metadata={"description": "Those that are missing are made."},
    )
    authors = fields.List(
        Text(80, least=1, line=True),
        validate=Length(min=1, max=MOST_AUTHORS),
        metadata={"description": "Usernames, in their order. Left out, they stay; a new post is yours."},
    )
    kind = Choice(
        KINDS,
        metadata={"description": "A page has no date, is in the menu, and in no list. Left out, it stays."},
    )
    menu_place = Whole(
        1,
        LAST_IN_MENU,
        allow_none=True,
        metadata={"description": "Of a page; null for the end. Left out, it stays."},
    )
    series = Text(
        LONGEST_SERIES,
        line=True,
        allow_none=True,
        metadata={
            "format": "tag",
            "description": "Its name; made where there is none. Null for none; left out, it stays.",
        },
    )
    series_place = Whole(
        1, LAST_PLACE, allow_none=True, metadata={"description": "Left out or null, it stays, or comes last."}
    )
    language = Text(
        LONGEST_LANGUAGE,
        line=True,
        allow_none=True,
        metadata={
            "format": "language",
            "description": "Such as pt-BR. Null for that of the site; left out, it stays.",
        },
    )
    translation_of = Text(
        LONGEST_ADDRESS,
        line=True,
        allow_none=True,
        metadata={
            "description": "The slug of a post that says the same in another language; it needs a `language`. "
            "Null for none; left out, it stays."
        },
    )
    team = Text(
        LONGEST_TEAM,
        least=1,
        line=True,
        allow_none=True,
        load_default=None,
        metadata={"description": "The slug of a team of yours, which then works on it with you."},
    )
    status = Choice(CHOSEN, metadata={"description": "Left out, it stays; a new post is a draft."})
    published_at = Moment(
        allow_none=True,
        validate=year_of_publication,
        metadata={
            "description": "Left out, it stays; null for the moment of publishing. In the years "
            f"{FIRST_YEAR} to {LAST_YEAR}."
        },
    )


class Publication(Optionally):
    """When it is to appear."""

    published_at = Moment(
        validate=year_of_publication,
        metadata={"description": "Left out, the time that it has, or now."},
    )


class PostsAsked(Given):
    q = Text(100, line=True, metadata={"description": "A part of the title."})
    status = Choice(
        SHOWN,
        metadata={"description": "`scheduled` is what is published at a time to come, `published` the rest."},
    )
    tag = Text(LONGEST_TAG, line=True, metadata={"description": "The name or the slug of a tag."})
    author = Text(80, line=True, metadata={"description": "Their username."})
    team = Text(LONGEST_TEAM, line=True, metadata={"description": "The slug of a team."})
    published_after = Moment(metadata={"description": "At this time or later; likewise below."})
    published_before = Moment()
    created_after = Moment()
    created_before = Moment()
    updated_after = Moment()
    updated_before = Moment()

"""The editor's form."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (  # type: ignore[attr-defined]  # newer than its types
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from blog.errors import Invalid
from blog.forms import FormOnce, SmallIntegerField
from blog.posts.addresses import RESERVED, SUCH_AS
from blog.posts.authorship import usernames_in
from blog.posts.journal import Marks
from blog.posts.models import (
    LONGEST_CONTENT,
    LONGEST_EXCERPT,
    LONGEST_SLUG,
    LONGEST_TITLE,
    NOT_IN_TEAM,
    Post,
)
from blog.posts.placing import LAST_PLACE as LAST_IN_MENU
from blog.posts.placing import PAGE, POST
from blog.posts.publishing import CHOSEN, FIRST_YEAR, LAST_YEAR, Status
from blog.posts.revisions import LONGEST_NOTE
from blog.posts.series import LAST_PLACE, Wanted
from blog.posts.series import LONGEST_NAME as LONGEST_SERIES
from blog.posts.translations import LONGEST_ADDRESS, Tongue, language_called
from blog.posts.typed import FIELDS
from blog.settings import around_gap, local_time, time_zone, utc_time
from blog.tags.models import LONGEST_NAME
from blog.text import checked_slug, one_line, slug_of, stripped, unix_lines

MOST_TAGS = 30
MOST_VERSIONS = 50


FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
LEFT_OUT = "The clocks of {} leave this time out. The nearest that they show are {} and {}."
KEPT = ("content", *FIELDS)
TICKED = {True: "y", False: "n"}  # as KeptBooleanField is sent
MARK = re.compile(r"([A-Za-z0-9_-]{16,32}):([0-9]{1,15})(?![0-9])")
MOST_MARKS = 20
NO_TEAM = SelectChoice("", "No team")


def id_or_none(text: Any) -> int | None:
    return int(text) if text else None


def in_a_row(text: str | None) -> str:
    """Names as they are always written, so that only other names are a change."""
    return ", ".join(usernames_in(one_line(text)))


class KeptBooleanField(BooleanField):
    """A box to tick, behind a hidden "n" of the same name: not sent at all, it stays as it is."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = "y" in valuelist


class MomentField(DateTimeLocalField):
    """A time on the clock of whoever types it, or nothing. One that this clock leaves out is refused."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, format=FORMATS, validators=[Optional()], **options)

    def pre_validate(self, form: Any) -> None:
        problem = self.data and why_no_moment(self.data)
        if problem:
            raise ValidationError(problem)


def why_no_moment(moment: datetime) -> str | None:
    """Why a post cannot appear at this time, naive, on the clock of whoever asks."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}."
    around = around_gap(moment)
    return LEFT_OUT.format(time_zone(), *(f"{time:%H:%M}" for time in around)) if around else None


class PostForm(FormOnce):
    title = StringField(
        "Title",
        filters=[one_line],
        validators=[DataRequired("Give it a title."), Length(max=LONGEST_TITLE)],
    )
    content = TextAreaField("Text", filters=[unix_lines], validators=[Length(max=LONGEST_CONTENT)])
    slug = StringField("Address", filters=[stripped], validators=[Length(max=LONGEST_SLUG)])
    excerpt = TextAreaField("Excerpt", filters=[one_line], validators=[Length(max=LONGEST_EXCERPT)])
    tags = StringField("Tags", filters=[one_line])
    authors = StringField("Authors", filters=[in_a_row], validators=[Length(max=1_000)])
    kind = SelectField(
        "Kind",
        choices=[SelectChoice(POST, "A post"), SelectChoice(PAGE, "A page, in the menu")],
        default=POST,
    )
    menu_place = SmallIntegerField("Place in the menu", validators=[Optional(), NumberRange(1, LAST_IN_MENU)])
    series = StringField("Series", filters=[one_line], validators=[Length(max=LONGEST_SERIES)])
    series_place = SmallIntegerField("Part", validators=[Optional(), NumberRange(1, LAST_PLACE)])
    language = StringField("Language", filters=[stripped])
    translation_of = StringField(
        "Translation of", filters=[stripped], validators=[Length(max=LONGEST_ADDRESS)]
    )
    team_id = SelectField(  # type: ignore[call-arg]  # newer than its types
        "Team",
        coerce=id_or_none,
        choices=[NO_TEAM],
        invalid_choice_message=NOT_IN_TEAM,
        invalid_value_message=NOT_IN_TEAM,
    )
    status = SelectField(
        "Status", choices=[SelectChoice(str(status)) for status in CHOSEN], default=Status.DRAFT
    )
    published_at = MomentField("Publication")
    change_at = MomentField("Changes appear")  # those that are kept back
    shows_corrections = KeptBooleanField("Tell readers of changes after publication")
    note = StringField("Why", filters=[one_line], validators=[Length(max=LONGEST_NOTE)])
    version = HiddenField()
    shown = HiddenField()  # the single values as this form showed them: see stale.py
    their_version = (
        HiddenField()
    )  # what is decided about, where two changed the same, and the values that it shows
    their_shown = HiddenField()
    journal = HiddenField()  # what is done with once it is saved: see `marks_in`
    save = SubmitField("Save")
    wait = SubmitField("Keep for later")
    preview = SubmitField("Preview")

    late: Any = None  # what the writer has to decide, who came late: see stale.py

    def validate_slug(self, field: StringField) -> None:
        try:
            checked_slug(field.data or "", RESERVED, SUCH_AS)
        except Invalid as problem:
            raise ValidationError(problem.detail) from None

    def validate_tags(self, field: StringField) -> None:
        names = self.tag_names
        if len(names) > MOST_TAGS:
            raise ValidationError(f"At most {MOST_TAGS} tags.")
        for name in names:
            if len(name) > LONGEST_NAME:
                raise ValidationError(f"A tag has at most {LONGEST_NAME} characters.")
            if not slug_of(name):
                raise ValidationError(f"“{name}” has no letter or digit.")

    def validate_language(self, field: StringField) -> None:
        try:
            language_called(field.data or "")
        except Invalid as problem:
            raise ValidationError(problem.detail) from None

    def validate_version(self, field: HiddenField) -> None:
        if field.data and not re.fullmatch("[0-9]{1,9}", field.data):
            raise ValidationError("This form is not one of ours.")

    validate_their_version = validate_version

    @property
    def versions(self) -> range:
        """The one that it shows, after some before it. Going back, a browser puts what was typed into the page as it is
        now, but also chooses again what was chosen: so the text comes with the version that it was made from.
        """
        known = self.version.data or ""
        last = int(known) if known.isdecimal() and len(known) < 10 else 0
        return range(max(1, last - MOST_VERSIONS), last + 1)

    @property
    def tag_names(self) -> list[str]:
        return [name for part in (self.tags.data or "").split(",") if (name := part.strip())]

    def offer(self, teams: Iterable[Any]) -> None:
        """Let it be shared with one of these, rows with `id` and `name`."""
        self.team_id.choices = [NO_TEAM, *(SelectChoice(str(team.id), team.name) for team in teams)]

    def values(self, kept: datetime | None = None) -> dict[str, Any]:
        """What the verbs of Post take. `kept` is the time of publication until now: see `chosen_time`."""
        return {
            "title": self.title.data,
            "content": self.content.data,
            "excerpt": self.excerpt.data,
            "slug": self.slug.data,
            "kind": self.kind.data,
            "menu_place": self.menu_place.data,
            "tags": self.tag_names,
            "status": self.status.data,
            "published_at": self.chosen_time(kept),
            "shows_corrections": self.shows_corrections.data,
            "note": self.note.data,
            **self.zone_of(kept),
        }

    def zone_of(self, kept: datetime | None) -> dict[str, Any]:
        """Whose clock the time was read off, where one was typed."""
        chosen = self.chosen_time(kept)
        return {} if chosen == kept else {"published_zone": time_zone() if chosen else None}

    @property
    def wanted_series(self) -> Wanted:
        return Wanted(self.series.data or "", self.series_place.data)

    @property
    def tongue(self) -> Tongue:
        return Tongue(self.language.data or "", self.translation_of.data or "")

    def waiting(self) -> dict[str, Any]:
        """Whether readers see the new text yet, and when."""
        typed: datetime | None = self.change_at.data
        moment = utc_time(typed) if typed else None
        return {"wait": self.wait.data, "later": {"publish_at": moment, "publish_zone": time_zone()}}

    def chosen_time(self, kept: datetime | None) -> datetime | None:
        """The time that was typed, in UTC. The field shows minutes: left as it was, it takes no seconds away."""
        typed: datetime | None = self.published_at.data
        if typed is None or kept is None:
            return utc_time(typed) if typed else None
        return kept if shown_time(kept) == typed else utc_time(typed)

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields that the journal keeps."""
        chosen = {
            "kind": str(self.kind.data or ""),
            "team_id": str(self.team_id.data or ""),
            "shows_corrections": TICKED[bool(self.shows_corrections.data)],
        }
        return {name: chosen[name] if name in chosen else unix_lines(self[name]._value()) for name in KEPT}

    def show(self, typed: Mapping[str, str]) -> None:
        """Put into the fields what somebody typed, just as it was."""
        for name in typed.keys() & set(KEPT):
            self[name].process(MultiDict({name: typed[name]}))
            if isinstance(self[name], StringField):
                self[name].data = typed[name]  # not as the filters make it

    @classmethod
    def of(cls, post: Post) -> "PostForm":
        """The form of this post: what is not sent stays as it is."""
        return cls(data=fields_of(post))

    @classmethod
    def as_stored(cls, post: Post) -> "PostForm":
        """The same, whatever was sent."""
        return cls(None, data=fields_of(post))


def fields_of(post: Post) -> dict[str, Any]:
    """The newest text, which may wait to be seen, and all else as it is."""
    words, change = post.words, post.change
    shown = {
        name: getattr(post, name)
        for name in ("slug", "kind", "menu_place", "status", "team_id", "shows_corrections")
    }
    shown |= {**words._asdict(), "tags": ", ".join(words.tags), "version": str(post.version)}
    shown |= {"series": post.series_name, "series_place": post.series_place}
    shown |= {"language": post.language, "translation_of": post.translation_of}
    shown["authors"] = ", ".join(person.username for person in post.authors)
    shown["published_at"] = shown_time(post.published_at) if post.published_at else None
    shown["change_at"] = shown_time(change.publish_at) if change and change.publish_at else None
    return shown


def marks_in(text: str | None) -> Marks:
    """What a form or a script says of journals, "tab:time tab:time": up to when each of them is done with."""
    return {tab: int(typed_at) for tab, typed_at in islice(MARK.findall(text or ""), MOST_MARKS)}


def shown_time(time: datetime) -> datetime:
    return local_time(time).replace(second=0, microsecond=0)

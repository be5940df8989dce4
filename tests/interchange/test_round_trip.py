"""What is written out is read back as it was, whatever a post may hold."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import PurePath

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.interchange.draft import Draft, Refused, one_line, plain_text
from blog.interchange.frontmatter import dump, parse

# Texts as the site stores them: see `blog.text.clean`. Titles and names are one line; tags have no comma in them.
texts = st.text().map(plain_text)
lines = st.text().map(one_line)
some_lines = lines.filter(bool)
slugs = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)
paths = slugs.map(lambda slug: f"/{slug}/{slug}.html")
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
dates = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=zones | st.just(UTC))  # noqa: DTZ001


def several(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=4, unique=True).map(tuple)


dated = st.builds(
    Draft,
    title=some_lines,
    content=texts,
    slug=slugs,
    date=dates,
    updated=dates | st.none(),
    authors=several(some_lines),
    username=lines,
    language=st.sampled_from(["", "en", "pt-BR", "zh-Hans"]),
    tags=several(lines.map(lambda name: one_line(name.replace(",", " ").lstrip("#"))).filter(bool)),
    excerpt=texts.map(str.strip),
    status=st.sampled_from(["draft", "published", "archived"]),
    aliases=several(paths),
    origin=st.just("") | some_lines.map(lambda rest: f"markdown:{rest}"),
)
undated = st.builds(
    Draft, title=some_lines, content=texts, slug=slugs, status=st.sampled_from(["draft", "archived"])
)


@settings(deadline=None)
@given(dated | undated, st.sampled_from(["x.md", "2014-05-09-x.md", "_posts/x.md", "2024/05/09/index.md"]))
def test_reading_what_was_written_gives_the_same_and_writing_that_the_same_bytes(
    draft: Draft, path: str
) -> None:
    assert parse(dump(draft), PurePath(path)) == draft
    assert dump(parse(dump(draft).encode(), PurePath(path))) == dump(draft)


@settings(deadline=None)
@given(texts, st.sampled_from(["---", "+++"]))
def test_any_file_is_stored_so_that_it_stays_as_it_was_read(text: str, fence: str) -> None:
    with contextlib.suppress(Refused):
        read = parse(f"{fence}\n{fence}\n{text}", PurePath("2014-05-09-x.md"))
        assert parse(dump(read), PurePath("y.md")) == read


@pytest.mark.parametrize(
    "text",
    ["", "\n", "\n\n\n", "---\n", "---\ntitle: no\n---\n", "+++\n+++\n", "no end", "end\n", "spaces  \n\t\n", "# Heading\n",
     "\ufeffmark", "<!-- more -->", "{{ x }}", "a\x85b\u2028c\u2029d", "\U0001f600 e\u0301"]
)  # fmt: skip
def test_texts_survive_to_the_last_character(text: str) -> None:
    draft = Draft(title="x", slug="x", content=text)
    assert parse(dump(draft), PurePath("x.md")) == draft


@settings(deadline=None)
@given(dated)
def test_other_programs_read_the_same_fields(draft: Draft) -> None:
    fields = yaml.safe_load(dump(draft).split("\n---\n")[0].removeprefix("---\n"))
    assert (fields["title"], fields["slug"], fields["date"]) == (draft.title, draft.slug, draft.date)
    assert tuple(fields.get("authors", ())) == draft.authors
    assert fields["description"] == draft.excerpt
    assert fields["draft"] is (draft.status == "draft")


def test_what_is_written_looks_like_this() -> None:
    draft = Draft(
        title='A "quiet" morning', content="# Tea\n", slug="quiet", date=datetime(2024, 5, 9, 6, 30, tzinfo=UTC),
        authors=("Ann Lee", "Ben"), username="ann", tags=("Tea",), status="published", aliases=("/old/quiet",),
    )  # fmt: skip
    assert dump(draft) == (
        '---\ntitle: "A \\"quiet\\" morning"\nslug: "quiet"\ndate: 2024-05-09T06:30:00Z\nauthors:\n  - "Ann Lee"\n'
        '  - "Ben"\nauthor_username: "ann"\ntags:\n  - "Tea"\ndescription: ""\ndraft: false\naliases:\n  - "/old/quiet"\n'
        "---\n\n# Tea\n"
    )

"""What Jekyll, Hugo, Zola, Docusaurus and Eleventy write before a text, and what is made of it."""

from datetime import UTC, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

import pytest

from blog.interchange.draft import Draft, Refused
from blog.interchange.frontmatter import parse


def of(text: str, path: str = "a-title.md") -> Draft:
    return parse(text, PurePath(path))


def yaml(fields: str, path: str = "a-title.md") -> Draft:
    return of(f"---\n{fields}\n---\n\nText.\n", path)


def toml(fields: str, path: str = "a-title.md") -> Draft:
    return of(f"+++\n{fields}\n+++\n\nText.\n", path)


def day(year: int, month: int, date: int) -> datetime:
    return datetime(year, month, date, tzinfo=UTC)


def test_it_works() -> None:
    draft = yaml(
        "title: A quiet morning\nslug: quiet\ndate: 2024-05-09T08:30:00+02:00\nlastmod: 2024-06-01\n"
        "authors: [Ann, Ben]\ntags:\n  - Tea\n  - Mornings\ndescription: Rain.\naliases: [/old/quiet/]"
    )
    assert draft == Draft(
        title="A quiet morning",
        content="Text.\n",
        slug="quiet",
        date=datetime(2024, 5, 9, 6, 30, tzinfo=UTC),
        updated=day(2024, 6, 1),
        authors=("Ann", "Ben"),
        tags=("Tea", "Mornings"),
        excerpt="Rain.",
        status="published",
        aliases=("/old/quiet",),
    )


def test_toml_is_read_as_yaml_is() -> None:
    draft = toml(
        'title = "A"\ndate = 2024-05-09\nupdated = 2024-05-10T07:00:00Z\ndraft = true\n'
        'authors = ["Ann"]\n[taxonomies]\ntags = ["x"]\ncategories = ["y"]\n[extra]\nsummary = "S"'
    )
    assert (draft.title, draft.date, draft.updated) == (
        "A",
        day(2024, 5, 9),
        datetime(2024, 5, 10, 7, tzinfo=UTC),
    )
    assert (draft.status, draft.authors, draft.tags, draft.excerpt) == ("draft", ("Ann",), ("x", "y"), "S")


# Titles


@pytest.mark.parametrize("word", ["No", "2014", "1_000", "0x10", "12:30", "1e3", "2014-05-09", "on"])
def test_a_title_stays_the_text_that_it_is(word: str) -> None:
    assert yaml(f"title: {word}").title == word


def test_without_a_title_the_heading_is_the_title_and_leaves_the_text() -> None:
    assert of("---\ndate: 2024-01-01\n---\n\n# Of tea #\n\nText.") == Draft(
        title="Of tea", content="Text.", slug="a-title", date=day(2024, 1, 1), status="published"
    )
    assert of("Of *tea*\n========\n\nText.").title == "Of *tea*"
    assert of("# Of tea {#tea}\nText.").title == "Of tea"


def test_a_heading_further_down_stays_where_it_is() -> None:
    draft = of("Before.\n\n# Of tea\n")
    assert (draft.title, draft.content) == ("A title", "Before.\n\n# Of tea\n")


@pytest.mark.parametrize(
    ("path", "title", "slug"),
    [
        ("2014-05-09-a-few-notes.md", "A few notes", "a-few-notes"),
        ("_posts/2014-05-09-tea_time.markdown", "Tea time", "tea_time"),
        ("of-tea/index.md", "Of tea", "of-tea"),
        ("2019-05-28-of-tea/index.mdx", "Of tea", "of-tea"),
        ("notes/readme.md", "Notes", "notes"),
        ("茶.md", "茶", "茶"),
        ("---.md", "Untitled", "---"),
    ],
)
def test_without_either_the_file_gives_the_name(path: str, title: str, slug: str) -> None:
    draft = of("Text.", path)
    assert (draft.title, draft.slug) == (title, slug)


# Addresses


def test_the_address_that_the_post_had_is_kept_as_a_former_one() -> None:
    draft = toml('path = "inside/2023/11/13/an-update"\naliases = ["inside/2023/11/13/an-update.html"]')
    assert (draft.slug, draft.date) == ("an-update", day(2023, 11, 13))
    assert draft.aliases == ("/inside/2023/11/13/an-update.html", "/inside/2023/11/13/an-update")


@pytest.mark.parametrize(
    ("fields", "slug", "aliases"),
    [
        ("permalink: /blog/of-tea/", "of-tea", ("/blog/of-tea",)),
        ("permalink: /blog/of-tea.html", "of-tea", ("/blog/of-tea.html",)),
        ("permalink: /:year/:title/", "a-title", ()),
        ("permalink: pretty", "a-title", ()),
        ("slug: /notes/of-tea", "of-tea", ("/notes/of-tea",)),
        ("slug: ../../admin", "admin", ()),
        ("url: https://example.org/of%20tea?x=1", "of tea", ("/of tea",)),
        ("redirect_from: /old", "a-title", ("/old",)),
        ("aliases: [/a/../b, '', /, 'https://example.org/c#d', /c]", "a-title", ("/c",)),
    ],
)
def test_addresses_of_other_tools(fields: str, slug: str, aliases: tuple[str, ...]) -> None:
    draft = yaml(fields)
    assert (draft.slug, draft.aliases) == (slug, aliases)


# People and tags


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("author: Ann", ["Ann"]),
        ("author: Ann Lee, Ben", ["Ann Lee", "Ben"]),
        ("author: {name: Ann, email: ann@example.org}", ["Ann"]),
        ("authors: [{name: Ann, url: x}, ben, {key: cyd}]", ["Ann", "ben", "cyd"]),
        ("authors:\n- Ann\n- Ann\n-\n- '  '", ["Ann"]),
        ("author: 7", ["7"]),
        ("params: {author: Ann}", ["Ann"]),
        ("authors: {ann: {x: y}}", []),
    ],
)
def test_authors_of_other_tools(fields: str, names: list[str]) -> None:
    assert list(yaml(fields).authors) == names


@pytest.mark.parametrize(
    ("fields", "path", "names"),
    [
        ("tags: [a, B, a]", "x.md", ["a", "B"]),
        ("tags: user research, design", "x.md", ["user research", "design"]),
        ("tags: user research", "x.md", ["user research"]),
        ("tags: user research", "_posts/2014-05-09-x.md", ["user", "research"]),
        ("tags: ['#rust', 'Washington, DC']", "x.md", ["rust", "Washington DC"]),
        ("category: News\ntags: [{label: A, permalink: /a}]", "x.md", ["A", "News"]),
        ("categories: []\ntags:", "x.md", []),
    ],
)
def test_tags_of_other_tools(fields: str, path: str, names: list[str]) -> None:
    assert list(yaml(fields, path).tags) == names


# Dates and states


def test_a_date_in_the_name_of_the_file_or_of_its_folders_counts() -> None:
    assert of("x", "2014-05-09-tea.md").date == day(2014, 5, 9)
    assert of("x", "2019/05/28/tea.md").date == day(2019, 5, 28)
    assert of("x", "2019-05-28-tea/index.md").date == day(2019, 5, 28)
    assert of("x", "2014-13-45-tea.md").date is None
    assert yaml("date: 2020-01-01", "2014-05-09-tea.md").date == day(2020, 1, 1)
    assert yaml("date: Last Modified", "2014-05-09-tea.md").date == day(2014, 5, 9)


def test_a_date_without_a_zone_is_on_the_clock_of_the_site() -> None:
    draft = parse("---\ndate: 2024-07-01\n---\n", PurePath("x.md"), zone=ZoneInfo("America/New_York"))
    assert draft.date == datetime(2024, 7, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "path", "status"),
    [
        ("date: 2024-01-01", "x.md", "published"),
        ("date: 2999-01-01", "x.md", "published"),
        ("title: Undated", "x.md", "draft"),
        ("date: 2024-01-01\ndraft: true", "x.md", "draft"),
        ("date: 2024-01-01\ndraft: yes", "x.md", "draft"),
        ("date: 2024-01-01\npublished: false", "x.md", "draft"),
        ("published: 2024-01-01", "x.md", "published"),
        ("date: 2024-01-01", "_drafts/x.md", "draft"),
        ("date: 2024-01-01\nunlisted: true", "x.md", "draft"),
        ("date: 2024-01-01\nstatus: private", "x.md", "draft"),
        ("date: 2024-01-01\nstatus: archived\ndraft: true", "x.md", "archived"),
    ],
)
def test_what_is_published(fields: str, path: str, status: str) -> None:
    assert yaml(fields, path).status == status


def test_a_date_that_nobody_understands_is_refused_but_a_change_at_such_a_time_is_not() -> None:
    with pytest.raises(Refused, match=r"its date, “soon”, is not one that can be understood"):
        yaml("date: soon")
    with pytest.raises(Refused, match="its date is not a text"):
        yaml("date: [2024-01-01]")
    assert yaml("updated: soon").updated is None
    assert yaml("last_update: {date: 2024-01-01, author: x}").updated == day(2024, 1, 1)


# Excerpts and texts


@pytest.mark.parametrize("mark", ["<!-- more -->", "<!--more-->", "<!-- truncate -->", "{/* truncate */}"])
def test_the_text_before_the_mark_is_the_excerpt_and_the_text_stays_whole(mark: str) -> None:
    draft = of(f"One *two*.\n\n{mark}\n\nThree.")
    assert draft.excerpt == "One two."
    assert draft.content == f"One *two*.\n\n{mark}\n\nThree."


def test_an_excerpt_that_was_written_counts_more_even_an_empty_one() -> None:
    assert of("---\nsummary: S\ndescription: D\n---\nA\n<!--more-->\nB").excerpt == "S"
    assert of("---\ndescription: ''\n---\nA\n<!--more-->\nB").excerpt == ""
    assert of("---\nexcerpt_separator: '***'\n---\nA\n***\nB").excerpt == "A"


def test_template_tags_stay_as_they_are() -> None:
    text = '{% raw %}{{ "x" | url }}{% endraw %} {% image "a.png" %} {{7*7}}\n'
    assert of(f"---\ntitle: x\n---\n{text}").content == text


def test_a_text_may_begin_with_a_rule() -> None:
    for text in ("---\n\nA line of prose.\n\n---\n\nMore.", "---\n- a\n- b\n---\n", '---\n> "x\n---\ny'):
        assert of(text).content == text
    assert of("---\n\nJust a rule above.").content == "---\n\nJust a rule above."


def test_line_ends_become_lf_and_unseen_characters_are_left_out() -> None:
    draft = of("\ufeff---\r\ntitle: x\x07y\r\n---\r\n\r\nA\x08b\r\nc\rd\t\n")
    assert (draft.title, draft.content) == ("xy", "Ab\nc\nd\t\n")


def test_fields_may_be_written_in_capitals_and_after_empty_lines_and_end_with_dots() -> None:
    assert of("\n\n---\nTitle: x\n...\nText").title == "x"


def test_a_field_of_the_name_origin_that_means_something_else_is_not_ours() -> None:
    assert yaml("origin: https://example.org/x").origin == ""
    assert yaml("origin: 'markdown:a.md#1#2'").origin == "markdown:a.md#1#2"

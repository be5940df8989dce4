"""The addresses of posts: made from titles in any script, never two alike."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from blog.db import db
from blog.posts.addresses import LONGEST_MADE_SLUG, RESERVED, first_free, keep_address, slug_from
from blog.posts.models import Post
from tests import make


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("A quiet morning", "a-quiet-morning"),
        ("Crème brûlée & Smörgåsbord", "creme-brulee-smorgasbord"),
        ("Straße", "strasse"),
        ("Привет, мир", "privet-mir"),
        ("Ελλάδα", "ellada"),
        ("影師", "ying-shi"),
        ("مرحبا", "mrhb"),
        ("C++ in 2026", "c-in-2026"),
        ("  --  ", "post"),
        ("🦉", "post"),
        ("", "post"),
        ("new", "new"),
        ("x" * 200, "x" * LONGEST_MADE_SLUG),
    ],
)
def test_a_slug_is_spelled_in_latin_letters(title, slug):
    assert slug_from(title) == slug


@given(st.text(max_size=200))
def test_whatever_the_title_the_slug_is_one(title):
    slug = slug_from(title)
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= LONGEST_MADE_SLUG
    assert slug_from(slug) == slug


@given(st.text("ab", min_size=1, max_size=2), st.sets(st.integers(1, 12)))
def test_a_slug_that_is_taken_gets_the_next_number(wanted, numbers):
    taken = {wanted if number == 1 else f"{wanted}-{number}" for number in numbers}
    free = first_free(wanted, taken)
    assert free not in taken
    assert free == (wanted if 1 not in numbers else f"{wanted}-{min(set(range(2, 14)) - numbers)}")


def test_posts_of_one_title_are_numbered(alice):
    slugs = [make.post(alice, title=title).slug for title in ("Tea", "tea!", "Téa", "Tea")]
    assert slugs == ["tea", "tea-2", "tea-3", "tea-4"]


def test_a_number_that_became_free_is_used_again(alice):
    posts = [make.post(alice, title="Tea") for _ in range(3)]
    db.session.delete(posts[1])
    db.session.commit()
    assert make.post(alice, title="Tea").slug == "tea-2"


def test_a_title_that_begins_like_another_is_not_numbered(alice):
    make.post(alice, title="Tea for two")
    assert make.post(alice, title="Tea").slug == "tea"


def test_a_former_address_is_taken_too(alice):
    post = make.post(alice, title="Coffee")
    keep_address(post.id, "tea")
    assert make.post(alice, title="Tea").slug == "tea-2"


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_title_that_is_a_page_of_the_site_is_numbered(alice, client, word):
    post = make.post(alice, title=word)
    assert post.slug == f"{word}-2"
    assert client.get(f"/posts/{word}-2").status_code == 200


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["a", "A!", "á", "a 2", "a-2", "new", "New 2", "🦉", "post"]), max_size=8))
def test_whatever_the_titles_no_two_slugs_are_alike(alice, titles):
    db.session.execute(delete(Post))
    slugs = [make.post(alice, title=title).slug for title in titles]
    assert len(set(slugs)) == len(titles)
    assert not RESERVED & set(slugs)

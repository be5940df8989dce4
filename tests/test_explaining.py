"""`flask explain`: each named query, on both engines, with its plan, its time and its indexes."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.db import db
from blog.explaining import QUERIES, explained, named_query, plan_of
from blog.interchange.demo import generate
from blog.posts.models import Post
from tests import make


def told(app: Flask, *arguments: str) -> tuple[int, str]:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["explain", *arguments])
    return result.exit_code, result.output


def test_it_works(app: Flask) -> None:
    for _ in range(3):
        make.post()
    code, output = told(app, "home")
    assert code == 0
    assert output.startswith("home: The first page of all posts: which they are.\n")
    assert " ms, the median of 5; rows: 3\n" in output
    assert "indexes: " in output


def test_every_query_can_be_explained_whether_there_is_something_or_not(app: Flask) -> None:
    for _ in range(2):
        for name in QUERIES:
            code, output = told(app, name)
            assert code == 0, (name, output)
            assert "ms, the median of" in output
        post = make.post(tags=["One"])
        make.comment(post)


def test_the_list_has_all_of_them_with_what_they_are_for(app: Flask) -> None:
    code, output = told(app, "--list")
    assert code == 0
    lines = output.splitlines()
    assert [line.split()[0] for line in lines] == sorted(QUERIES)
    assert all(query.about.endswith(".") for query in QUERIES.values())
    for feature in ("home", "post", "tag", "author", "archive", "search", "desk", "comments", "stats-days"):
        assert feature in QUERIES


def test_a_name_that_no_query_has_is_said_to_be_none(app: Flask) -> None:
    code, output = told(app, "nothing")
    assert code == 1
    assert "No query is called nothing" in output


def test_no_name_is_given_twice() -> None:
    with pytest.raises(ValueError, match="two queries are called home"):
        named_query("home")(lambda: None)


def test_a_query_without_an_index_is_told_as_one(app: Flask, engine_name: str) -> None:
    plan = "\n".join(plan_of(select(Post.id).where(Post.word_count == 7)))
    assert ("SCAN posts" if engine_name == "sqlite" else "Seq Scan on posts") in plan
    assert explained(select(Post.id)).inherit_cache is False


def test_with_many_posts_the_front_page_is_a_range_of_an_index(app: Flask) -> None:
    generate(400)
    db.session.commit()
    assert "ix_posts_status_published_at_id" in told(app, "home")[1]

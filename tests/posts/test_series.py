"""Posts in a series: before and after, which part of how many, and who puts them in order."""

from typing import Any

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now
from blog.posts.models import Post
from blog.posts.series import Series, SeriesPart
from tests import make
from tests.queries import count_queries
from tests.reading import fields_on, messages_on, numbers_on, posts_on
from tests.visitor import Visitor


@pytest.fixture
def parts(alice: User) -> list[Post]:
    made = [make.post(alice, slug=slug, title=slug.capitalize()) for slug in ("one", "two", "three")]
    return [make.in_series(post, "Of tea") for post in made]


def places() -> dict[str, int]:
    found = select(Post.slug, SeriesPart.place).join(SeriesPart, SeriesPart.post_id == Post.id)
    return dict(db.session.execute(found.order_by(*SeriesPart.in_order)).all())


def form_of(client: Visitor, post: Post) -> dict[str, str]:
    page = client.get(f"/posts/{post.id}/edit")
    return {
        name: field.value for name, field in fields_on(page).items() if name not in {"q", "wait", "preview"}
    }


def saved(client: Visitor, post: Post, **changed: Any) -> Any:
    return client.post(f"/posts/{post.id}/edit", data={**form_of(client, post), **changed})


def test_it_works(client: Visitor, alice_client: Visitor) -> None:
    for title in ("One", "Two"):
        form = {"title": title, "content": "x", "status": "published", "series": "Of tea"}
        assert alice_client.post("/posts/new", data=form).status_code == 302
    assert places() == {"one": 1, "two": 2}
    page = " ".join(client.get("/posts/two").text.split())
    assert "Part 2 of 2 in" in page
    assert '<span class="kicker">Part before</span> One' in page
    assert "Part after" not in page
    assert posts_on(client.get("/series/of-tea")) == ["one", "two"]
    assert numbers_on(client.get("/series/"), "/series/of-tea") == {"/series/of-tea": 2}


def test_it_counts_what_readers_see(client: Visitor, alice_client: Visitor, parts: list[Post]) -> None:
    parts[1].unpublish(now())
    db.session.commit()
    page = client.get("/posts/three").text
    assert "Part 2 of 2" in page
    assert "Two" not in page
    assert posts_on(client.get("/series/of-tea")) == ["one", "three"]
    own = alice_client.get("/posts/two").text
    assert "A part of" in own
    assert "Part 2" not in own


def test_a_series_that_nobody_sees_is_empty(client: Visitor, alice: User) -> None:
    make.in_series(make.post(alice, status="draft"), "Secret")
    assert "Secret" not in client.get("/series/").text
    assert "Nothing of it is published" in client.get("/series/secret").text
    assert client.get("/series/nowhere").status_code == 404


def test_the_place_is_chosen_kept_or_the_last(alice_client: Visitor, parts: list[Post]) -> None:
    assert saved(alice_client, parts[0], series_place="9").status_code == 302
    assert saved(alice_client, parts[1], content="New.").status_code == 302
    assert list(places().items()) == [("two", 2), ("three", 3), ("one", 9)]
    assert saved(alice_client, parts[1], series="Of coffee", series_place="").status_code == 302
    assert places()["two"] in {1, 2}
    assert saved(alice_client, parts[1], series="").status_code == 302
    assert list(places()) == ["three", "one"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"series_place": "0"}, "series_place"), ({"series_place": "x"}, "series_place"),
     ({"series_place": "10000"}, "series_place"), ({"series": "x" * 101}, "series"), ({"series": "!!"}, "series")],
)  # fmt: skip
def test_what_is_wrong_is_told(
    alice_client: Visitor, parts: list[Post], wrong: dict[str, str], field: str
) -> None:
    page = saved(alice_client, parts[0], **wrong)
    assert page.status_code == 422
    assert fields_on(page)[field].error


def test_a_save_is_one_version(alice_client: Visitor, parts: list[Post]) -> None:
    version = parts[0].version
    assert saved(alice_client, parts[0], series="Of coffee", content="New.").status_code == 302
    db.session.refresh(parts[0])
    assert parts[0].version == version + 1


def test_what_two_change_is_merged_or_asked(
    alice_client: Visitor, editor_client: Visitor, parts: list[Post]
) -> None:
    address = f"/posts/{parts[0].id}/edit"
    mine, theirs = form_of(alice_client, parts[0]), form_of(editor_client, parts[0])
    assert editor_client.post(address, data={**theirs, "series": "Of coffee"}).status_code == 302
    late = alice_client.post(address, data={**mine, "content": "New."}, follow_redirects=True)
    assert "changed the series" in messages_on(late)
    assert db.session.scalars(
        select(Series.name).join(SeriesPart).where(SeriesPart.post_id == parts[0].id)
    ).all() == ["Of coffee"]
    asked = alice_client.post(address, data={**mine, "nonce": "2", "series": "Of water"})
    assert asked.status_code == 409
    assert 'name="choose-series"' in asked.text


def test_editors_put_them_in_order(editor_client: Visitor, parts: list[Post]) -> None:
    one, two, three = (post.id for post in parts)
    address = "/series/of-tea/order"
    versions = {post.id: post.version for post in parts}
    assert editor_client.post(address, data={"up": str(three)}).status_code == 302
    assert list(places()) == ["one", "three", "two"]
    editor_client.post(address, data={"down": str(one)})
    assert list(places()) == ["three", "one", "two"]
    editor_client.post(address, data={f"place-{two}": "1", f"place-{three}": "2", f"place-{one}": "3"})
    assert list(places().items()) == [("two", 1), ("three", 2), ("one", 3)]
    editor_client.post(address, data={"up": str(two), "down": "x", f"place-{one}": "-1", "place-99": "1"})
    assert list(places()) == ["two", "three", "one"]
    page = editor_client.get(address)
    assert fields_on(page)[f"place-{two}"].value == "1"
    for post in parts:
        db.session.refresh(post)
        assert post.version > versions[post.id]


def test_others_do_not(alice_client: Visitor, client: Visitor, parts: list[Post]) -> None:
    assert alice_client.get("/series/of-tea/order").status_code == 403
    assert alice_client.post("/series/of-tea/order", data={"up": str(parts[2].id)}).status_code == 403
    assert client.get("/series/of-tea/order").location.startswith("/login")
    assert list(places()) == ["one", "two", "three"]


def test_feeds_and_lists_are_as_before(client: Visitor, parts: list[Post]) -> None:
    assert posts_on(client.get("/")) == ["three", "two", "one"]


def test_it_costs_one_query_more_however_long_the_series(
    client: Visitor, alice: User, parts: list[Post]
) -> None:
    make.post(alice, slug="alone")
    client.get("/posts/alone")  # the settings are read once, until something changes
    with count_queries() as alone:
        client.get("/posts/alone")
    with count_queries() as three:
        client.get("/posts/two")
    for _ in range(3):
        make.in_series(make.post(alice), "Of tea")
    client.get("/posts/alone")
    with count_queries() as six:
        client.get("/posts/two")
    assert len(three) == len(six) == len(alone) + 1


def test_the_parts_outlive_their_series(parts: list[Post]) -> None:
    db.session.delete(db.session.scalars(select(Series)).one())
    db.session.commit()
    assert places() == {}
    assert len(db.session.scalars(select(Post.id)).all()) == 3

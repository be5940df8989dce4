"""When a post is published: what is typed and shown is on the site's clock, what is stored is UTC."""

from datetime import UTC, datetime, timedelta

import pytest

from blog import settings
from blog.db import db
from blog.errors import Invalid
from blog.posts.models import Post
from tests import make
from tests.reading import fields_on


def use_clock_of(time_zone: str) -> None:
    settings.save(time_zone=time_zone)
    db.session.commit()


def send(client, post: Post, published_at: str, status: str = "published") -> None:
    form = {"title": post.title, "slug": post.slug, "published_at": published_at, "status": status}
    answer = client.post(f"/posts/{post.id}/edit", data={**form, "version": str(post.version)})
    assert answer.status_code == 302, answer.text


@pytest.mark.parametrize(
    ("zone", "typed", "stored", "shown"),
    [
        ("UTC", "2026-07-01T08:30", "2026-07-01 08:30", "2026-07-01T08:30"),
        ("Europe/Berlin", "2026-01-10T08:30", "2026-01-10 07:30", "2026-01-10T08:30"),
        ("Europe/Berlin", "2026-07-10T08:30", "2026-07-10 06:30", "2026-07-10T08:30"),
        ("Pacific/Auckland", "2026-01-01T00:30", "2025-12-31 11:30", "2026-01-01T00:30"),
        ("America/St_Johns", "2026-01-01T00:30", "2026-01-01 04:00", "2026-01-01T00:30"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25 00:30", "2026-10-25T02:30"),  # the first of two
        ("UTC", "2026-07-01T08:30:15", "2026-07-01 08:30:15", "2026-07-01T08:30"),
        ("Europe/Berlin", "2026-07-01", "2026-06-30 22:00", "2026-07-01T00:00"),
    ],
)
def test_it_is_typed_and_shown_on_the_clock_of_the_site(alice, alice_client, zone, typed, stored, shown):
    use_clock_of(zone)
    post = make.post(alice)
    send(alice_client, post, typed)
    assert post.published_at == datetime.fromisoformat(stored).replace(tzinfo=UTC)
    assert fields_on(alice_client.get(f"/posts/{post.id}/edit"))["published_at"].value == shown
    assert f'datetime="{post.published_at.isoformat(timespec="seconds")}"' in alice_client.get("/posts/").text


# An hour that a zone's clocks leave out, and the nearest that they show.
GAPS = [
    ("Europe/Berlin", "2026-03-29T02:30", "01:59 and 03:00"),
    ("America/New_York", "2026-03-08T02:00", "01:59 and 03:00"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "01:59 and 02:30"),  # half an hour
    ("Africa/Cairo", "2026-04-24", "23:59 and 01:00"),  # at midnight
    ("Pacific/Apia", "2011-12-30T12:00", "23:59 and 00:00"),  # a whole day
]


@pytest.mark.parametrize(("zone", "typed", "nearest"), GAPS)
def test_an_hour_that_does_not_exist_is_refused_with_the_nearest_two(
    alice, alice_client, zone, typed, nearest
):
    use_clock_of(zone)
    post = make.post(alice)
    form = {"title": post.title, "published_at": typed, "version": "1", "status": "published"}
    answer = alice_client.post(f"/posts/{post.id}/edit", data=form)
    assert answer.status_code == 422
    assert nearest in fields_on(answer)["published_at"].error
    assert fields_on(answer)["published_at"].value.startswith(typed)


@pytest.mark.parametrize(
    ("zone", "typed", "stored"),
    [
        ("Europe/Berlin", "2026-03-28T08:00", "2026-03-28 07:00"),
        ("Europe/Berlin", "2026-03-30T08:00", "2026-03-30 06:00"),
        ("Europe/Berlin", "2026-10-26T08:00", "2026-10-26 07:00"),
        ("America/New_York", "2026-03-09T08:00", "2026-03-09 12:00"),
        ("America/New_York", "2026-11-02T08:00", "2026-11-02 13:00"),
        ("Pacific/Auckland", "2026-04-06T08:00", "2026-04-05 20:00"),
        ("Pacific/Auckland", "2026-09-28T08:00", "2026-09-27 19:00"),
    ],
)
def test_a_change_of_the_clocks_moves_no_time_that_was_set_before_it(
    clock, alice, alice_client, client, zone, typed, stored
):
    """Set in January or months before, at eight on the writer's clock: it appears at eight on that clock."""
    use_clock_of(zone)
    post = make.post(alice, status="draft", slug="later")
    send(alice_client, post, typed)
    at = datetime.fromisoformat(stored).replace(tzinfo=UTC)
    assert (post.published_at, post.published_zone) == (at, zone)
    clock.move_to(at - timedelta(seconds=1))
    assert client.get("/posts/later").status_code == 404
    clock.shift(timedelta(seconds=1))
    assert client.get("/posts/later").status_code == 200


def test_the_zone_of_the_writer_is_kept_with_the_time(alice, editor, alice_client, editor_client):
    alice.time_zone, editor.time_zone = "Asia/Tokyo", "America/New_York"
    db.session.commit()
    post = make.post(alice, status="draft")
    send(alice_client, post, "2036-07-01T09:00")
    assert post.published_at == datetime(2036, 7, 1, tzinfo=UTC)
    shown = fields_on(editor_client.get(f"/posts/{post.id}/edit"))["published_at"].value
    send(editor_client, post, shown)
    assert (shown, post.published_zone) == ("2036-06-30T20:00", "Asia/Tokyo")
    send(editor_client, post, "2036-07-01T09:00")
    assert (post.published_at, post.published_zone) == (
        datetime(2036, 7, 1, 13, tzinfo=UTC),
        "America/New_York",
    )


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 1, 2, 3, 4, 56, 789_000, tzinfo=UTC),
        datetime(2025, 10, 26, 0, 30, 1, tzinfo=UTC),  # half past two, the first time
        datetime(2025, 10, 26, 1, 30, 1, tzinfo=UTC),  # and the second
    ],
)
def test_a_form_sent_back_as_it_was_shown_does_not_move_the_time(alice, alice_client, at):
    use_clock_of("Europe/Berlin")
    post = make.post(alice, at=at)
    send(alice_client, post, fields_on(alice_client.get(f"/posts/{post.id}/edit"))["published_at"].value)
    assert (post.published_at, post.version) == (at, 2)


def test_readers_are_shown_the_day_of_the_site(alice, client):
    use_clock_of("Pacific/Auckland")
    make.post(alice, slug="party", at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    assert "January 1, 2026" in client.get("/posts/party").text


def test_left_empty_it_is_the_moment_of_publishing(clock, alice, alice_client):
    post = make.post(alice, status="draft")
    send(alice_client, post, "", status="draft")
    assert post.published_at is None
    send(alice_client, post, "")
    assert post.published_at == datetime(2026, 1, 15, 12, tzinfo=UTC)
    clock.shift(timedelta(days=1))
    send(alice_client, post, "")
    assert post.published_at == datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_time_to_come_that_is_taken_out_no_longer_counts(clock, alice, alice_client, status):
    post = make.post(alice, status=status, published_at=datetime(2026, 2, 1, tzinfo=UTC))
    send(alice_client, post, "")
    assert post.published_at == datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "typed"), [("Pacific/Auckland", "1900-01-01T00:00"), ("America/New_York", "2199-12-31T23:59")]
)
def test_a_year_that_is_another_in_utc_is_told_at_the_field(alice_client, zone, typed):
    use_clock_of(zone)
    answer = alice_client.post("/posts/new", data={"title": "Edge", "published_at": typed})
    assert answer.status_code == 422
    assert "1900 to 2199" in fields_on(answer)["published_at"].error


@pytest.mark.parametrize("year", [1899, 2200])
def test_the_model_keeps_to_years_that_an_archive_can_list(alice, year):
    with pytest.raises(Invalid, match="1900 to 2199"):
        make.post(alice, published_at=datetime(year, 6, 1, tzinfo=UTC))


def test_a_time_without_a_zone_is_refused(alice):
    with pytest.raises(Exception, match=r"without a zone|offset-naive"):
        make.post(alice, published_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point of it
    db.session.rollback()

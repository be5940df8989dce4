"""The picture that is shown where somebody links to a post."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from blog import settings
from blog.db import db
from blog.posts import drawing
from blog.posts.heads import version_of
from tests import make
from tests.hostile import ODD, strings

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def path_of(post, version=None):
    return f"/p/{post.id}/picture-{version or version_of(post.title, 'Alice')}.png"


def pixels(data):
    with Image.open(BytesIO(data), formats=["PNG"]) as image:
        return image.size, image.convert("RGB").tobytes()


def test_it_works(alice, client):
    post = make.post(alice, title="On tea")
    answer = client.get(path_of(post))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    size, drawn = pixels(answer.data)
    assert size == (1200, 630)
    assert len(answer.data) < 40_000
    assert drawn != pixels(drawing.drawn("On rain", "Alice", "Masthead", "#9a1c2e"))[1]


def test_another_title_has_another_address_and_the_old_one_leads_there(alice, client):
    post = make.post(alice, title="On tea")
    before = path_of(post)
    post.title = "On rain"
    db.session.commit()
    assert path_of(post) != before
    answer = client.get(before)
    assert (answer.status_code, answer.location) == (302, path_of(post))
    assert client.get(path_of(post, "x")).location == path_of(post)
    settings.save(title="The Marginal")
    db.session.commit()
    assert client.get("/p/1/picture-x.png").status_code in {302, 404}


@pytest.mark.parametrize("state", ["draft", "archived", "deleted", "scheduled"])
def test_what_readers_do_not_find_is_not_drawn(monkeypatch, clock, alice, alice_client, client, state):
    about = {"published_at": NOON + timedelta(hours=1)} if state == "scheduled" else {"status": state}
    post = make.post(alice, **(about if state != "deleted" else {}))
    if state == "deleted":
        post.trash(by=alice, at=NOON)
        db.session.commit()
    monkeypatch.setattr("blog.posts.social.drawn", lambda *words: pytest.fail("drawn"))
    for somebody in (client, alice_client):
        assert somebody.get(path_of(post)).status_code == 404
    assert client.get("/p/0/picture-x.png").status_code == 404


def test_whatever_is_written_is_drawn():
    texts = [
        *ODD,
        *strings()[::25],
        "x" * 200,
        "猫" * 200,
        "🦉" * 200,
        "a " * 100,
        "é\u0301" * 60,
        "W" * 199 + " b",
        "",
    ]
    for text in texts:
        size, _ = pixels(drawing.drawn.__wrapped__(text[:200], text[:80], text[:100], "#9a1c2e"))
        assert size == (1200, 630)


def test_a_title_that_the_font_has_no_signs_for_gives_way_to_the_site():
    def drawn(title):
        return pixels(drawing.drawn(title, "Alice", "The Marginal", "#9a1c2e"))

    assert drawn("東京の猫が好きです owl") == drawn("The Marginal")
    assert drawn("Łódź Ωμέγα Привет") != drawn("The Marginal")


def test_lines_stay_within_the_picture():
    for title in ("x" * 200, "A quiet morning " * 12, "Wide " * 40):
        size, lines = drawing.fitted(title)
        assert 1 <= len(lines) <= drawing.MOST_LINES
        assert all(drawing.font(size).getlength(line) <= drawing.room() for line in lines)

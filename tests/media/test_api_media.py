"""/api/media: sending, describing and deleting by a program."""

from io import BytesIO

import pytest
from sqlalchemy import select

from blog.audit import Entry
from blog.db import db
from tests.pictures import opened, painted
from tests.pictures import send as posted
from tests.program import program_of


@pytest.fixture
def site(app_with, tmp_path):
    return app_with(MEDIA_ROOT=str(tmp_path))


@pytest.fixture
def hers(site, alice):
    return program_of(site, alice)


def send(program, data=b"", name="Quay at dawn.png", headers=None, **texts):
    file = {"file": (BytesIO(data or painted((1200, 600))), name)}
    return program.post("/api/media", data={**file, **texts}, headers=headers)


def path_of(answer) -> str:
    return str(answer.headers["Location"].removeprefix("http://localhost"))


def test_it_works(hers, site) -> None:
    made = send(hers, alt="A quay.")
    assert made.status_code == 201, made.text
    told = made.get_json()
    picture = hers.client.get(told["url"].removeprefix("http://localhost"))
    assert told == {
        "id": told["id"],
        "name": "Quay at dawn.png",
        "alt": "A quay.",
        "type": "png",
        "url": told["url"],
        "markdown": f"![A quay.]({told['url'].removeprefix('http://localhost')})",
        "size": len(picture.data),
        "width": 1200,
        "height": 600,
        "author": "alice",
        "created_at": told["created_at"],
        "updated_at": told["updated_at"],
    }
    assert opened(picture.data).size == (1200, 600)
    assert hers.get(path_of(made)).get_json() == told
    changed = hers.patch(path_of(made), json={"alt": "A quay at dawn."}).get_json()
    assert (changed["alt"], changed["name"]) == ("A quay at dawn.", told["name"])
    assert hers.put(path_of(made), json={"name": "quay.png"}).get_json()["alt"] == ""
    assert hers.delete(path_of(made)).status_code == 204
    assert hers.get(path_of(made)).status_code == 404
    assert hers.get("/api/media").get_json() == []
    assert hers.post(f"{path_of(made)}/restore").get_json()["name"] == "quay.png"
    actions = db.session.scalars(select(Entry.action).where(Entry.thing == "medium").order_by(Entry.id))
    assert list(actions) == ["sent", "described", "described", "deleted", "restored"]


def test_a_list_is_narrowed(hers, site, bob) -> None:
    send(hers, name="Quay.png")
    send(program_of(site, bob), b"%PDF-1.7", "Tides.pdf")
    found = {
        "q=quay": ["Quay.png"],
        "kind=file": ["Tides.pdf"],
        "kind=picture": ["Quay.png"],
        "author=BOB": ["Tides.pdf"],
        "used=true": [],
        "used=false&sort=name": ["Quay.png", "Tides.pdf"],
        "": ["Tides.pdf", "Quay.png"],
    }
    for asked, names in found.items():
        assert [one["name"] for one in hers.get(f"/api/media?{asked}").get_json()] == names, asked
    page = hers.get("/api/media?limit=1")
    assert (len(page.get_json()), page.headers["X-Total-Count"]) == (1, "2")
    assert 'rel="next"' in page.headers["Link"]


def test_the_same_file_is_kept_once_and_a_key_holds_for_it(hers) -> None:
    data, key = painted(), {"Idempotency-Key": "one"}
    first, again = (send(hers, data, headers=key) for _ in range(2))  # each with a limit of its own
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.get_json() == again.get_json() == send(hers, data, "other.png").get_json()
    other = send(hers, painted(colour="red"), headers=key)
    assert other.get_json()["type"].endswith("#key-reused")
    assert len(hers.get("/api/media").get_json()) == 1


def test_what_is_refused_is_told(hers, tmp_path) -> None:
    def refused(answer) -> str:
        assert answer.status_code == 422, answer.text
        return str(answer.get_json()["errors"]["file"][0])

    assert "cannot be read" in refused(send(hers, b"no picture", "a.jpg"))
    assert "not taken" in refused(send(hers, b"<script>", "a.html"))
    assert "empty" in refused(hers.post("/api/media", data={"file": (BytesIO(), "a.png")}))
    assert "with its name" in refused(
        hers.post("/api/media", data={"file": "text", "alt": ""}, content_type="multipart/form-data")
    )
    twice = {"file": [(BytesIO(b"1"), "a.txt"), (BytesIO(b"2"), "b.txt")]}
    assert "once" in refused(hers.post("/api/media", data=twice))
    unknown = send(hers, author="bob")
    assert (unknown.status_code, list(unknown.get_json()["errors"])) == (422, ["author"])
    told = hers.post("/api/media", json={"alt": "A quay."})
    assert (told.status_code, "multipart/form-data" in told.get_json()["detail"]) == (415, True)
    assert posted(hers, bytes(33 * 2**20), "a.zip", "/api/media").status_code == 413
    assert not (tmp_path / "media").exists()


def test_whose_it_is_decides_who_changes_it(hers, site, bob, charlie, editor) -> None:
    path = path_of(send(hers))
    others = program_of(site, bob)
    assert others.get(path).status_code == 200
    for answer in (others.patch(path, json={"alt": "x"}), others.delete(path)):
        assert answer.status_code == 404
    assert program_of(site, charlie).get(path).status_code == 403
    assert program_of(site, editor).delete(path).status_code == 204
    assert others.post(f"{path}/restore").status_code == 404


def test_what_a_post_shows_is_not_deleted(hers, alice) -> None:
    made = send(hers)
    hers.post("/api/posts", json={"title": "Quay", "content": made.get_json()["markdown"]})
    assert hers.delete(path_of(made)).status_code == 409
    assert [one["id"] for one in hers.get("/api/media?used=true").get_json()] == [made.get_json()["id"]]

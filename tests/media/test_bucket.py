"""The same in a bucket: obstore's own stores stand in for S3, behind the same class."""

import pytest
from obstore.store import LocalStore, MemoryStore
from sqlalchemy import func, select

from blog import files as kept_files
from blog.db import db, transaction
from blog.errors import NotFound, Unavailable
from blog.files import Bucket, Opened
from blog.media import purging
from blog.media.models import Medium
from tests.conftest import visitor
from tests.pictures import opened, painted, send
from tests.visitor import sign_in
from tests.working import do_jobs


@pytest.fixture(params=[MemoryStore, LocalStore])
def store(request, tmp_path):
    return request.param() if request.param is MemoryStore else LocalStore(tmp_path)


@pytest.fixture
def site(app_with, store):
    site = app_with(PROPAGATE_EXCEPTIONS=False)
    site.extensions["files"] = Bucket(store)
    return site


@pytest.fixture
def her(site, alice):
    client = visitor(site)
    sign_in(client, alice)
    return client


class Away:
    """A store that does not answer: whatever it is asked."""

    def __getattr__(self, name):
        def fail(*_, **__):
            raise OSError("Generic S3 error: connection refused")

        return fail


def only() -> Medium:
    db.session.expire_all()
    return db.session.scalars(select(Medium)).one()


def test_it_works(her, site, store) -> None:
    send(her, painted((1200, 600)))
    reader, medium = visitor(site), only()
    answer = reader.get(medium.path)
    assert opened(answer.data).size == (1200, 600)
    assert answer.headers["Content-Length"] == str(medium.size)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reader.get(medium.path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    with site.app_context():
        do_jobs()
    assert opened(reader.get(f"/media/{medium.key}-480.avif").data).size == (480, 240)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 0), ("4-7", 4, 7), ("500000-", 500_000, 599_999), ("-3", 599_997, 599_999)],
)
def test_parts_of_a_file_are_fetched_and_no_more(her, site, monkeypatch, asked, first, last) -> None:
    data = bytes(number % 251 for number in range(600_000))
    send(her, data, "a.zip")
    read: list[int] = []
    fetch = kept_files.Fetched.readinto

    def noted(self, buffer):
        read.append(len(buffer))
        return fetch(self, buffer)

    monkeypatch.setattr(kept_files.Fetched, "readinto", noted)
    reader, path = visitor(site), only().path
    part = reader.get(path, headers={"Range": f"bytes={asked}"})
    assert (part.status_code, part.data) == (206, data[first : last + 1])
    assert part.headers["Content-Range"] == f"bytes {first}-{last}/600000"
    assert max(read) <= kept_files.CHUNK
    assert sum(read) <= last - first + 1 + 2 * kept_files.CHUNK
    assert reader.get(path, headers={"Range": "bytes=600000-"}).status_code == 416
    whole = reader.get(path)
    assert (whole.data, whole.headers["Content-Disposition"]) == (data, "attachment; filename=a.zip")


def test_what_is_gone_is_not_there_and_what_is_out_of_reach_is_told(her, site, store) -> None:
    send(her, painted((1200, 600)))
    reader, medium = visitor(site), only()
    site.extensions["files"] = Bucket(Away())
    for path in (medium.path, f"/media/{medium.key}-480.avif"):
        answer = reader.get(path)
        assert (answer.status_code, "out of reach" in answer.text) == (503, True)
        assert "immutable" not in answer.headers["Cache-Control"]
    site.extensions["files"] = Bucket(store)
    assert reader.get(medium.path).status_code == 200
    store.delete(medium.file)
    assert reader.get(medium.path).status_code == 404


def test_what_cannot_be_kept_is_not_entered(her, site) -> None:
    site.extensions["files"] = Bucket(Away())
    answer = send(her, painted())
    assert (answer.status_code, "There is no room" in answer.text) == (503, True)
    assert db.session.scalar(select(func.count(Medium.id))) == 0


def test_what_cannot_be_tidied_is_left_and_tidied_later(her, site, store) -> None:
    send(her, painted())
    store.put("media/" + "0" * 32 + ".png", b"nobody's")
    with site.app_context():
        site.extensions["files"] = Bucket(Away())
        with pytest.raises(Unavailable), transaction():
            purging.tidy()
        site.extensions["files"] = Bucket(store)
        with transaction():
            purging.tidy()
        assert list(kept_files.files().names("media")) == [only().file]


def test_each_question_is_answered_or_unavailable(site, store) -> None:
    with site.test_request_context():
        bucket = Bucket(store)
        assert (bucket.read("media/no"), bucket.source("media/no"), bucket.holds("media/no")) == (
            None,
            None,
            False,
        )
        assert list(bucket.names("media")) == []
        bucket.delete("media/no")
        with pytest.raises(NotFound):
            kept_files.answer_with("media/no", "image/png")
        bucket.write("media/a", b"a")
        source = bucket.source("media/a")
        assert isinstance(source, Opened)
        assert (source.size, source.file.read(), bucket.read("media/a")) == (1, b"a", b"a")
        away = Bucket(Away())
        for ask in (away.read, away.source, away.holds, away.delete, lambda name: list(away.names(name))):
            with pytest.raises(Unavailable):
                ask("media/a")

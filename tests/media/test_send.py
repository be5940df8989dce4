"""Sending pictures and files to the library: what is kept of them, and what is refused."""

import pytest
from sqlalchemy import func, select

from blog.audit import Entry
from blog.db import db
from blog.media.models import Medium
from tests.conftest import visitor
from tests.pictures import opened, painted, send
from tests.reading import fields_on, messages_on
from tests.visitor import sign_in
from tests.working import do_jobs


@pytest.fixture
def site(app_with, tmp_path):
    return app_with(MEDIA_ROOT=str(tmp_path), PROPAGATE_EXCEPTIONS=False)


@pytest.fixture
def her(site, alice):
    client = visitor(site)
    sign_in(client, alice)
    return client


def kept() -> Medium:
    db.session.expire_all()
    return db.session.scalars(select(Medium).order_by(Medium.id.desc()).limit(1)).one()


def test_it_works(her, site, alice, tmp_path) -> None:
    done = send(her, painted((1000, 500), kind="JPEG"), "Quay at dawn.jpeg", alt="A quay.")
    page = her.get(done.location)
    medium = kept()
    assert "“Quay at dawn.jpg” is here." in messages_on(page)
    assert f"![A quay.](/media/{medium.key}.jpg)" in page.text
    assert (medium.author_id, medium.alt, medium.width, medium.height) == (alice.id, "A quay.", 1000, 500)
    answer = visitor(site).get(medium.path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert opened(answer.data).size == (1000, 500)
    assert (tmp_path / "media" / f"{medium.key}.jpg").is_file()
    assert db.session.scalar(select(func.count()).where(Entry.action == "sent")) == 1


def test_it_may_be_kept_for_ever_and_asked_for_in_ranges(her, site) -> None:
    send(her, painted())
    reader, path = visitor(site), kept().path
    answer = reader.get(path)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    part = reader.get(path, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.data) == (206, answer.data[4:8])
    assert reader.get(path, headers={"Range": "bytes=9999999-"}).status_code == 416
    assert reader.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_narrower_ones_are_drawn_by_a_job_and_until_then_the_whole_stands_there(her, site) -> None:
    send(her, painted((1200, 600), kind="JPEG"), "quay.jpg")
    reader, medium = visitor(site), kept()
    addresses = [f"/media/{medium.key}-{end}" for end in ("480.jpg", "960.jpg", "480.avif", "1200.avif")]
    for address in addresses:
        answer = reader.get(address)
        assert (answer.data, answer.headers["Cache-Control"]) == (reader.get(medium.path).data, "no-store")
    with site.app_context():
        do_jobs()
    found = [opened(reader.get(address).data) for address in addresses]
    assert [(one.format, one.size) for one in found] == [
        ("JPEG", (480, 240)), ("JPEG", (960, 480)), ("AVIF", (480, 240)), ("AVIF", (1200, 600)),
    ]  # fmt: skip
    assert "immutable" in reader.get(addresses[0]).headers["Cache-Control"]
    for other in ("1440.jpg", "480.webp", "1200.jpg", "1.jpg", "480.png"):
        assert reader.get(f"/media/{medium.key}-{other}").status_code == 404


def test_the_same_file_twice_is_kept_once(her, site, bob, tmp_path) -> None:
    his = visitor(site)
    sign_in(his, bob)
    data = painted()
    first, second = send(her, data), send(his, data, "other.png", alt="The harbour.")
    assert first.location == second.location
    assert "kept once" in messages_on(his.get(second.location))
    assert db.session.scalar(select(func.count(Medium.id))) == 1
    assert kept().alt == "The harbour."  # it had none
    again = send(her, painted(pnginfo=None, compress_level=1))  # other bytes, the same picture
    assert again.location == first.location
    assert len(list((tmp_path / "media").iterdir())) == 1


@pytest.mark.parametrize("end", ["pdf", "zip", "csv", "mp3", "txt"])
def test_other_files_are_handed_out_and_run_nothing(her, site, end) -> None:
    data = b"%PDF-1.7 <script>alert(1)</script>"
    send(her, data, f'a "b" \N{SNOWMAN}.{end}'.replace('"', "'"))
    answer = visitor(site).get(kept().path)
    assert (answer.data, answer.headers["Content-Type"]) == (data, "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert f"[a 'b' \N{SNOWMAN}.{end}]({kept().path})" in kept().markdown


def refused(answer) -> str:
    assert answer.status_code == 422
    return fields_on(answer)["file"].error


def test_what_is_refused_is_told(her, tmp_path) -> None:
    assert refused(her.post("/media/")) == "Choose a file first."
    assert "empty" in refused(send(her, b""))
    assert "cannot be read" in refused(send(her, b"not really", "a.jpg"))
    assert "not taken" in refused(send(her, b"<script>", "a.html"))
    assert "not taken" in refused(send(her, b"MZ", "setup.exe"))
    assert "25 million pixels" in refused(send(her, painted((5001, 5000), mode="1", colour=1)))
    assert "too long" in refused(send(her, painted((1, 20_000), mode="1", colour=1)))
    assert not (tmp_path / "media").exists()
    assert db.session.scalar(select(func.count(Medium.id))) == 0


def test_where_it_cannot_be_written_nothing_is_entered(her, tmp_path) -> None:
    (tmp_path / "media").write_text("in the way")
    answer = send(her, painted())
    assert answer.status_code == 503
    assert "There is no room for files at the moment." in answer.text
    assert db.session.scalar(select(func.count(Medium.id))) == 0


@pytest.mark.parametrize(
    "file", ["x", "{}.jpg", "{}-96.png", "../{}.png", "..%2f{}.png", "{}.png%00", "{}.PNG"]
)
def test_no_other_address_leads_to_a_file(her, site, tmp_path, file) -> None:
    send(her, painted())
    (tmp_path / "media" / "x").write_text("secret")
    answer = visitor(site).get(f"/media/{file.format(kept().key)}")
    assert answer.status_code in {302, 308, 404}
    assert "secret" not in answer.text


def test_the_editors_script_is_told_what_it_needs(her) -> None:
    answer = send(her, painted(), address="/media/send")
    medium = kept()
    assert answer.json == {
        "path": medium.path, "name": "harbour.png", "alt": "", "picture": True, "describe": f"/media/{medium.id}",
    }  # fmt: skip
    assert "not taken" in send(her, b"x", "a.html", address="/media/send").text

"""One's picture: drawn anew, square and small; nothing of what was sent is kept but what one sees."""

import subprocess
import sys
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from blog.accounts.pictures import LARGE, LARGEST_FILE, SMALL, tidy
from blog.audit import Entry
from blog.db import db, transaction
from blog.limits import HOUR, Limit, Rate
from config import ROOT
from tests import make
from tests.at_once import at_once
from tests.conftest import visitor
from tests.corpora import corpus
from tests.limited import from_
from tests.reading import fields_on, messages_on
from tests.visitor import sign_in
from tests.working import do_jobs


@pytest.fixture
def site(app_with, tmp_path):
    return app_with(MEDIA_ROOT=str(tmp_path), PROPAGATE_EXCEPTIONS=False)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


@pytest.fixture
def her(site, alice):
    client = visitor(site)
    sign_in(client, alice)
    return client


def painted(size=(640, 480), colour="navy", kind="PNG", mode="RGB", **options) -> bytes:
    written = BytesIO()
    Image.new(mode, size, colour).save(written, kind, **options)
    return written.getvalue()


def send(client, data: bytes, name: str = "me.png", token: str = "", **options):
    """As browsers do; put together here, for the test client leaves a file open where it is much."""
    head = 'Content-Disposition: form-data; name="picture"; filename="{}"\r\nContent-Type: image/png\r\n\r\n'
    texts = f'--limit\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
    body = f"{texts}--limit\r\n{head.format(name)}".encode() + data + b"\r\n--limit--\r\n"
    kind = "multipart/form-data; boundary=limit"
    return client.post("/account/picture", data=body, content_type=kind, **options)


def seen(client, name: str, size: int = LARGE) -> Image.Image:
    answer = client.get(f"/pictures/{size}/{name}.webp")
    assert answer.status_code == 200
    return Image.open(BytesIO(answer.data))


def test_it_works(her, alice, client, site, files) -> None:
    done = send(her, painted(), follow_redirects=True)
    assert "This is your picture now." in messages_on(done)
    assert f"/pictures/320/{alice.picture}.webp" in done.text
    for size in (LARGE, SMALL):
        picture = seen(visitor(site), alice.picture, size)
        assert (picture.format, picture.size) == ("WEBP", (size, size))
    assert sorted(file.name for file in files.iterdir()) == [
        f"{alice.picture}-{size}.webp" for size in (320, 96)
    ]
    assert db.session.scalar(select(func.count()).where(Entry.action == "changed picture")) == 1


def test_readers_see_it_beside_her_name(her, alice, site) -> None:
    post = make.post(alice)
    make.comment(post, alice)
    send(her, painted())
    reader = visitor(site)
    for path in ("/authors/alice", f"/posts/{post.slug}"):
        assert f"/pictures/96/{alice.picture}.webp" in reader.get(path).text
    assert 'class="portrait"' not in reader.get("/").text


def test_its_address_may_be_kept_for_ever_and_runs_nothing(her, alice, site) -> None:
    send(her, painted())
    answer = visitor(site).get(f"/pictures/96/{alice.picture}.webp")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" not in her.get(f"/pictures/96/{alice.picture}.webp").headers


@pytest.mark.parametrize(
    "path",
    [
        "96/" + "a" * 40,
        "97/{}",
        "0/{}",
        "96/../{}",
        "96/..%2f{}",
        "96/{}-96",
        "96/%00",
        "96/config",
        "320/%2e%2e%2f{}",
    ],
)
def test_no_other_address_leads_to_a_file(her, alice, site, files, path) -> None:
    send(her, painted())
    (files / "config.webp").write_text("secret")
    (files.parent / f"{alice.picture}.webp").write_text("secret")
    answer = visitor(site).get(f"/pictures/{path.format(alice.picture)}.webp")
    assert answer.status_code in {404, 308}
    assert "secret" not in answer.text


# What is drawn


@pytest.mark.parametrize(
    ("kind", "mode", "colour"),
    [
        ("PNG", "RGB", "navy"),
        ("PNG", "P", 3),
        ("PNG", "1", 1),
        ("PNG", "LA", (90, 128)),
        ("PNG", "RGBA", (9, 9, 9, 128)),
        ("PNG", "I;16", 40_000),
        ("JPEG", "L", 90),
        ("JPEG", "CMYK", (9, 9, 9, 9)),
        ("JPEG", "RGB", "navy"),
        ("GIF", "P", 3),
        ("WEBP", "RGBA", (9, 9, 9, 128)),
    ],
)
def test_every_kind_of_picture_is_taken(her, alice, site, kind, mode, colour) -> None:
    assert send(her, painted(kind=kind, mode=mode, colour=colour)).status_code == 302
    assert seen(visitor(site), alice.picture).size == (LARGE, LARGE)


def colour_at(picture: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    red, green, blue = picture.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
    return red, green, blue


def test_what_has_16_bits_is_as_bright_as_it_was(her, alice, site) -> None:
    send(her, painted(mode="I;16", colour=32_768))
    red, _, _ = colour_at(seen(visitor(site), alice.picture), 9, 9)
    assert abs(red - 128) < 4


def test_it_is_turned_upright_and_cut_in_the_middle(her, alice, site) -> None:
    """Lying on its side, the upper half is red: upright, the right half."""
    lying = Image.new("RGB", (600, 300), "blue")
    lying.paste("red", (0, 0, 600, 150))
    exif = lying.getexif()
    exif[0x0112] = 6  # turn it by 90 degrees to the right
    written = BytesIO()
    lying.save(written, "JPEG", exif=exif)
    send(her, written.getvalue())
    upright = seen(visitor(site), alice.picture)
    assert colour_at(upright, 40, 160)[2] > 200  # blue
    assert colour_at(upright, 280, 160)[0] > 200


def test_nothing_is_kept_but_what_one_sees(her, alice, site, files) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Tell-tale camera"
    exif[0x8825] = {1: "N", 2: (47.0, 22.0, 0.0)}
    data = painted(kind="JPEG", exif=exif, comment=b"a tell-tale comment") + b"<script>tell-tale</script>"
    send(her, data)
    for file in files.iterdir():
        assert b"ell-tale" not in file.read_bytes()
        with Image.open(file) as picture:
            assert not set(picture.info) & {"exif", "xmp", "icc_profile", "comment"}


def test_of_what_moves_the_first_picture_is_taken(her, alice, site) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    written = BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    send(her, written.getvalue())
    assert not getattr(seen(visitor(site), alice.picture), "is_animated", False)
    assert colour_at(seen(visitor(site), alice.picture), 9, 9)[0] > 200


# Which files are kept


def test_another_one_takes_its_place_and_the_old_one_goes(her, alice, site, files) -> None:
    send(her, painted())
    old = alice.picture
    send(her, painted(colour="red"))
    with site.app_context():
        do_jobs()
    assert visitor(site).get(f"/pictures/96/{old}.webp").status_code == 404
    assert {file.name.partition("-")[0] for file in files.iterdir()} == {alice.picture}


def test_it_can_be_removed(her, alice, site, files) -> None:
    send(her, painted())
    done = her.post("/account/picture/remove", follow_redirects=True)
    assert "Your picture is removed." in messages_on(done)
    assert "Remove the picture" not in done.text
    with site.app_context():
        do_jobs()
    assert (alice.picture, list(files.iterdir())) == (None, [])
    assert her.post("/account/picture/remove").status_code == 302


def test_one_that_another_has_too_stays(her, alice, bob, site, files) -> None:
    his = visitor(site)
    sign_in(his, bob)
    send(her, painted())
    send(his, painted())
    assert alice.picture == bob.picture
    her.post("/account/picture/remove")
    with site.app_context():
        do_jobs()
    assert seen(his, bob.picture).size == (LARGE, LARGE)


def test_what_was_written_for_nothing_is_tidied_away(her, alice, site, files) -> None:
    send(her, painted())
    (files / f"{'a' * 40}-96.webp").write_bytes(b"left by a change that was not committed")
    (files / "0123456789abcdef.draft").write_bytes(b"left by a process that died")
    with site.app_context(), transaction():
        tidy()
    assert {file.name for file in files.iterdir()} == {f"{alice.picture}-{size}.webp" for size in (320, 96)}


def test_changing_and_tidying_at_once_lose_no_picture(site, alice, files) -> None:
    client = visitor(site)
    sign_in(client, alice)
    db.session.commit()

    def tidy_up() -> None:
        with transaction():
            tidy()

    def change_to(client, data: bytes) -> int:
        return int(send(client, data).status_code)

    for turn in range(6):
        data = painted(colour=(turn * 40, 0, 0))
        ended = at_once(site, partial(change_to, client, data), tidy_up, tidy_up)
        assert ended == [302, None, None]
        db.session.refresh(alice)
        assert (files / f"{alice.picture}-96.webp").is_file()


def test_where_it_cannot_be_written_nothing_changes(her, alice, tmp_path) -> None:
    (tmp_path / "pictures").write_text("in the way")
    answer = send(her, painted())
    assert answer.status_code == 503
    assert "There is no room for files at the moment." in answer.text
    assert alice.picture is None


# What is refused


def refused(answer) -> str:
    assert answer.status_code == 422
    return fields_on(answer)["picture"].error


def test_nothing_is_no_picture(her, alice) -> None:
    assert refused(her.post("/account/picture")) == "Choose a picture first."
    assert refused(send(her, b"", name="")) == "Choose a picture first."
    assert refused(her.post("/account/picture", data={"picture": "a" * 40})) == "Choose a picture first."
    assert "cannot be read" in refused(send(her, b""))


def test_what_is_too_large_or_too_small_is_told(her) -> None:
    assert "more than 8 megabytes" in refused(send(her, b"\x89PNG" + b"x" * LARGEST_FILE))
    assert "25 million pixels" in refused(send(her, painted((5001, 5000), mode="1", colour=1)))
    assert "too small" in refused(send(her, painted((31, 640))))
    assert send(her, b"x" * (LARGEST_FILE + 70_000)).status_code == 413


def test_a_photograph_of_48_million_pixels_is_taken(her) -> None:
    assert send(her, painted((8064, 6048), kind="JPEG")).status_code == 302


def test_its_form_takes_no_larger_text_than_others(her) -> None:
    large = {"csrf_token": "x" * 3_000_000}
    assert her.post("/account/picture", data=large).status_code in {413, 422}
    assert her.post("/account/", data={"display_name": "x" * 3_000_000}).status_code == 413


def test_it_is_limited(her) -> None:
    answers = [send(her, b"no picture").status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


def test_nobody_sends_one_who_is_not_signed_in(site, files) -> None:
    stranger = visitor(site)
    for path in ("/account/picture", "/account/picture/remove"):
        assert stranger.post(path, **from_("192.0.2.9")).status_code == 302
    assert not files.exists()


def test_it_takes_the_token_of_its_form(app_with, alice, tmp_path) -> None:
    client = visitor(app_with(WTF_CSRF_ENABLED=True, MEDIA_ROOT=str(tmp_path)))
    sign_in(client, alice)
    assert send(client, painted()).status_code == 400
    token = fields_on(client.get("/account/"))["csrf_token"].value
    assert send(client, painted(), token=token).status_code == 302


# Hostile ones


def hostile() -> list[Path]:
    folders = [corpus("generated/img"), corpus("generated/svg"), corpus("images/pillow_bombs"), corpus("svg")]
    return sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())


def test_whatever_is_sent_is_refused_or_becomes_a_good_picture(app_with, tmp_path, alice) -> None:
    plenty = {"picture": Limit(Rate(10_000, HOUR), Rate(10_000, HOUR))}
    client = visitor(app_with(MEDIA_ROOT=str(tmp_path), LIMITS=plenty, PROPAGATE_EXCEPTIONS=False))
    sign_in(client, alice)
    taken = 0
    for file in hostile():
        answer = send(client, file.read_bytes(), name=file.name)
        assert answer.status_code in {302, 422}, file
        if answer.status_code == 302:
            taken += 1
            assert seen(client, alice.picture).convert("RGB").size == (LARGE, LARGE), file
    assert taken > 10
    assert {file.suffix for file in (tmp_path / "pictures").iterdir()} == {".webp"}


def test_they_take_little_memory_and_time() -> None:
    """In a process of its own, which may have a gigabyte of addresses and twenty seconds."""
    script = """
import resource, sys
from pathlib import Path
from blog import create_app
from blog.accounts.pictures import draw
from blog.errors import Invalid
app = create_app({"DATABASE_URL": "sqlite://", "SECRET_KEY": "for tests: nobody has to guess it"})
app.logger.disabled = True
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
with app.app_context():
    for path in sys.stdin.read().split("\\n"):
        try:
            draw(Path(path).read_bytes())
        except Invalid:
            pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    paths = "\n".join(map(str, hostile()))
    done = subprocess.run(
        [sys.executable, "-c", script], input=paths, capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) < 300, "megabytes"

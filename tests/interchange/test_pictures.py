"""Pictures and files come along: from any folder with `--media DIR`, and out and back with an export."""

from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from blog.db import db, transaction
from blog.files import Folder
from blog.media.models import Medium, MediumUse
from blog.media.taking import keep, look
from blog.posts.models import Post
from blog.posts.series import Series, SeriesPart
from tests import make
from tests.interchange.site import clear, folder, last_line, post_file, run
from tests.pictures import opened, painted


@pytest.fixture
def site(app, monkeypatch, tmp_path):
    monkeypatch.setitem(app.extensions, "files", Folder(tmp_path / "kept"))
    return app


def content(slug: str) -> str:
    db.session.expire_all()
    return db.session.scalars(select(Post.content).where(Post.slug == slug)).one()


def library() -> dict[str, str]:
    """The addresses of what is there, by name."""
    return {row.name: row.path for row in db.session.scalars(select(Medium))}


def test_it_works(site, owner, tmp_path) -> None:
    text = (
        "![Quay](/img/quay.png 'At dawn')\n\n![Quay][1]\n\n![Boat](<my boat.png>)\n\n[Tides](../files/tides.pdf?x=1#2)\n\n"
        '<img src="/img/quay.png" alt="">\n\n[1]: /img/quay.png\n'
    )
    root = folder(
        tmp_path / "in",
        {
            "posts/quay.md": post_file("Quay", text),
            "img/quay.png": painted((600, 300)),
            "posts/my boat.png": painted(colour="red"),
            "files/tides.pdf": b"%PDF-1.7",
        },
    )
    result = run(site, "import", "markdown", root, "--media", root)
    assert last_line(result) == "taken: 1, already here: 0, refused: 0"
    assert "they name: 3" in result.stderr
    quay, boat, tides = (library()[name] for name in ("quay.png", "my boat.png", "tides.pdf"))
    assert content("quay") == (
        f"![Quay]({quay} 'At dawn')\n\n![Quay][1]\n\n![Boat]({boat})\n\n[Tides]({tides})\n\n"
        f'<img src="{quay}" alt="">\n\n[1]: {quay}\n'
    )
    html = db.session.scalars(select(Post.html)).one()
    assert 'width="600"' in html
    assert "srcset" in html
    assert len(db.session.scalars(select(MediumUse.medium_id)).all()) == 3
    assert (
        last_line(run(site, "import", "markdown", root, "--media", root))
        == "taken: 0, already here: 1, refused: 0"
    )


def test_what_is_not_there_or_not_below_the_folder_or_cannot_be_taken_stays_as_it_is(
    site, owner, tmp_path
) -> None:
    (tmp_path / "secret.png").write_bytes(painted())
    text = (
        "![](../../secret.png) ![](link.png) ![](https://example.org/a.png) ![](no.png) ![](broken.png) [](a.md)"
        " ![](%00.png) ![](/etc/passwd)\n"
    )
    root = folder(
        tmp_path / "in", {"a.md": post_file("A", text), "broken.png": b"no picture", "a.png": painted()}
    )
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    result = run(site, "import", "markdown", root, "--media", root)
    assert last_line(result) == "taken: 1, already here: 0, refused: 0"
    assert "refused broken.png: This cannot be read." in result.output
    assert content("a") == text
    assert library() == {}


def test_a_trial_keeps_nothing(site, owner, tmp_path) -> None:
    root = folder(tmp_path / "in", {"a.md": post_file("A", "![](a.png)\n"), "a.png": painted()})
    assert "they name: 1" in run(site, "import", "markdown", root, "--media", root, "--dry-run").stderr
    assert library() == {}
    assert not (tmp_path / "kept").exists()


def written(by, data: bytes, name: str) -> Medium:
    with transaction():
        medium, _ = keep(look(data, name), by=by)
    return medium


def test_an_export_brings_them_along_and_an_empty_site_takes_them_back(site, owner, alice, tmp_path) -> None:
    quay, tides = written(alice, painted((600, 300)), "quay.png"), written(alice, b"# Tides", "tides.md")
    path, name = quay.path, f"media/{tides.key}.md"
    texts = [f"![Quay]({path})\n\n[Tides]({tides.path})\n", f"![Quay](/media/{quay.key}-480.png)\n"]
    first, second = (
        make.post(alice, slug=f"part-{number}", content=text) for number, text in enumerate(texts, 1)
    )
    for place, post in ((3, first), (1, second)):
        make.in_series(post, "Harbours", place)
    before = described()
    assert before["part-1"] == ("Harbours", 3)
    out = tmp_path / "out"
    assert last_line(run(site, "export", "markdown", out)) == "written: 2, removed: 0"
    assert (out / name).read_bytes() == b"# Tides"
    assert "series_place: 3" in next(out.rglob("part-1.md")).read_text()
    assert (
        last_line(run(site, "import", "markdown", out, "--media", out))
        == "taken: 0, already here: 2, refused: 0"
    )
    empty_library(tmp_path / "kept")
    assert (
        last_line(run(site, "import", "markdown", out, "--media", out))
        == "taken: 2, already here: 0, refused: 0"
    )
    assert described() == before
    back = db.session.scalars(select(Medium).where(Medium.type == "png")).one()
    assert opened((tmp_path / "kept" / back.file).read_bytes()).size == (600, 300)
    assert (back.path, content("part-2")) == (path, f"![Quay]({path})\n")
    db.session.execute(update(Post).values(content=""))
    db.session.commit()
    run(site, "export", "markdown", out)
    assert list((out / "media").iterdir()) == []


def described() -> dict[str, tuple[str, int]]:
    found = (
        select(Post.slug, Series.name, SeriesPart.place)
        .join(SeriesPart, SeriesPart.post_id == Post.id)
        .join(Series)
    )
    return {slug: (name, place) for slug, name, place in db.session.execute(found)}


def empty_library(kept: Path) -> None:
    clear()
    db.session.execute(delete(Medium))
    db.session.commit()
    for file in (kept / "media").iterdir():
        file.unlink()

"""Real blogs, taken whole, taken again, written out, and taken into an empty site: all equal."""

from pathlib import Path

import pytest
from flask import Flask

from blog.interchange.folder import posts_in
from blog.interchange.frontmatter import parse
from tests.corpora import corpus
from tests.interchange.site import clear, last_line, run, stored


@pytest.mark.parametrize("name", ["rust_blog", "18f"])
def test_a_real_blog_comes_whole_and_goes_whole(app: Flask, tmp_path: Path, name: str) -> None:
    blog = corpus("mdblogs") / name
    total = len(posts_in(blog))
    assert total >= 89
    assert last_line(run(app, "import", "markdown", blog)) == f"taken: {total}, already here: 0, refused: 0"
    taken = stored()
    assert last_line(run(app, "import", "markdown", blog)) == f"taken: 0, already here: {total}, refused: 0"
    run(app, "export", "markdown", tmp_path / "out")
    assert last_line(run(app, "import", "markdown", tmp_path / "out")).startswith("taken: 0,")
    clear()
    assert (
        last_line(run(app, "import", "markdown", tmp_path / "out"))
        == f"taken: {total}, already here: 0, refused: 0"
    )
    assert stored() == taken
    assert last_line(run(app, "import", "markdown", blog)) == f"taken: 0, already here: {total}, refused: 0"

    run(app, "export", "markdown", tmp_path / "again")
    assert files(tmp_path / "again") == files(tmp_path / "out")


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.md"))}


def test_texts_are_stored_to_the_letter_and_old_addresses_lead_to_them(app: Flask) -> None:
    blog = corpus("mdblogs") / "rust_blog"
    run(app, "import", "markdown", blog)
    found = stored()
    texts = sorted(post["content"] for post in found.values())
    assert texts == sorted(parse((blog / path).read_bytes(), path).content for path in posts_in(blog))
    assert found["enums-match-mutation-and-moves"]["former"] == [
        "/2015/04/17/Enums-match-mutation-and-moves",
        "/2015/04/17/Enums-match-mutation-and-moves.html",
    ]
    updates = [slug for slug in found if slug.startswith("leadership-council-update")]
    assert sorted(updates) == [
        "leadership-council-update",
        "leadership-council-update-2",
        "leadership-council-update-3",
    ]

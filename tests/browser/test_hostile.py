"""Everything that ever ran a script somewhere, written into everything that holds text, in Chromium: nothing runs.

With the site's content security policy, and without: then only what the site made of the texts keeps them quiet.
"""

from collections.abc import Callable, Iterator
from itertools import cycle
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from blog import markup
from blog.accounts.models import User
from blog.comments.models import LONGEST_COMMENT, Comment
from blog.db import db, now
from blog.posts.models import Post
from blog.security import POLICY
from blog.settings import save
from blog.text import one_line
from tests import make
from tests.browser.detector import Watched, watched
from tests.browser.person import Person
from tests.hostile import SHORT, documents, is_clean, scripts, strings

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # pages are the same on both

ATTACK = "\"><script>alert(1)</script>' onfocus=alert(1) autofocus "


@pytest.fixture(params=[True, False], ids=["policy", "no-policy"])
def window(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Watched]:
    with watched(browser, address, policy=request.param) as opened:
        yield opened


def vectors() -> list[str]:
    texts = [*scripts(), *strings(), *documents()]
    return [text[:SHORT] for text in texts if text.strip() and is_clean(text[:SHORT])]


def parts(texts: list[str], size: int) -> Iterator[list[str]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))


def assembled(pieces: list[str]) -> str:
    """A page of the site's making, with each piece in a place of its own, so that none hides another."""
    places = "\n".join(f'<div class="prose">{piece}</div>' for piece in pieces)
    return f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>All</title></head><body>{places}</body></html>'


def serve(window: Watched, path: str, html: str) -> None:
    policy = "; ".join(POLICY).replace("'nonce-{nonce}'", "'none'")

    def answer(route: Route) -> None:
        route.fulfill(
            body=html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy}
        )

    window.page.route(f"{window.address}{path}", answer)


@pytest.mark.parametrize("render", [markup.render, markup.render_comment], ids=["posts", "comments"])
def test_no_text_runs_a_script(window: Watched, render: Callable[[str], str]) -> None:
    for number, chunk in enumerate(parts(vectors(), 400)):
        path = f"/assembled-{number}"
        serve(window, path, assembled([render(text) for text in chunk]))
        assert window.looks_at(path) == []


def write_everything(authors: list[User]) -> list[Post]:
    """Posts that hold the vectors as titles, excerpts, tags and texts, each text with fifty, quoted one by one."""
    texts = vectors()
    short = cycle([one_line(text)[:200] for text in texts if one_line(text)])
    tags = cycle([text[:50] for text in texts if any(letter.isalpha() for letter in text[:50])])
    posts = []
    for author, chunk in zip(cycle(authors), parts(texts, 50), strict=False):
        content = "\n\n***\n\n".join(quoted(text) for text in chunk)
        words = {"title": next(short), "excerpt": next(short), "content": content}
        four = [next(tags) for _ in range(4)]
        posts.append(Post.write(by=author, at=now(), tags=four, status="published", **words))
    db.session.commit()
    return posts


def quoted(text: str) -> str:
    """In a quotation, which ends whatever was begun in it."""
    return "\n".join(f"> {line}" for line in text.splitlines())


def join_everybody() -> list[User]:
    """People with vectors for names and biographies."""
    names = [name for text in vectors()[::80] if (name := one_line(text)[:80])]
    people = [
        User.join(username=f"ann{number}", display_name=name, biography=name * 3, role="author")
        for number, name in enumerate(names)
    ]
    db.session.add_all(people)
    db.session.commit()
    return people


def comment_on(post: Post, people: list[User], texts: list[str]) -> None:
    for author, text in zip(cycle(people), texts, strict=False):
        Comment.write(post=post, by=author, content=text[:LONGEST_COMMENT])
    db.session.commit()


def test_no_page_runs_what_is_written_in_it(
    alice: User, browser: Browser, address: str, sign_in_on: Callable[[Page, User], None]
) -> None:
    people = join_everybody()
    posts = write_everything(people)
    for post, texts in zip(posts, parts(vectors(), 400), strict=False):
        comment_on(post, people, texts)
    title = one_line(scripts()[20])
    save(title=title[:100], tagline=title[:200], posts_per_page=100)
    db.session.commit()
    reading = [f"/posts/{post.slug}" for post in posts] + [
        f"/authors/{person.username}" for person in people[::10]
    ]
    reading += ["/", "/?page=2", "/tags/", "/tags/?page=2", "/authors/", "/archive/", "/nothing-here"]
    writing = [f"/posts/{post.id}/{act}" for post in posts[::10] for act in ("edit", "delete")]
    writing += ["/posts/", f"/posts/?{urlencode({'q': ATTACK, 'author': ATTACK})}", "/account/"]
    for policy in (True, False):
        with watched(browser, address, policy=policy) as window:
            assert [wrong for path in reading for wrong in window.looks_at(path)] == []
            sign_in_on(window.page, make.user(role="editor"))
            assert [wrong for path in writing for wrong in window.looks_at(path)] == []


def test_no_preview_runs_a_script(
    window: Watched, alice: User, sign_in_on: Callable[[Page, User], None]
) -> None:
    sign_in_on(window.page, alice)
    Person(window.page).goes_to("/posts/new")
    window.page.get_by_role("button", name="Preview").click()
    for chunk in parts(vectors()[::6], 300):  # all of them go through the same renderer, above
        with window.page.expect_response("**/posts/preview"):
            window.page.get_by_label("Text", exact=True).fill("\n\n***\n\n".join(map(quoted, chunk)))
        expect(window.page.locator(".preview .prose > hr")).to_have_count(len(chunk) - 1)
        assert window.sees(".preview .prose") == []


# What the detector would see


@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        ("<script>alert(1)</script>", "ran: alert(1)"),
        ("<img src=x onerror=alert(1)>", "ran: alert(1)"),
        ("<svg onload=alert(1)>", "ran: alert(1)"),
        ("<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>", "ran: alert(1)"),
        ("<p onclick=alert(1)>x</p>", "an attribute that acts"),
        ("<a href=' &#1;javascript:alert(1)'>x</a>", "an address in href"),
        ("<a href='java&#10;script:alert(1)'>x</a>", "an address in href"),
        ("<form><input name=submit></form>", "hidden: form.submit"),
        ("<form name=cookie></form>", "hidden: document.cookie"),
        ("<p id=current_user>x</p>", "an id that is not ours"),
        ("<p style='position: fixed; inset: 0'>x</p>", "an attribute style"),
        ("<iframe></iframe>", "frames: 1"),
        ("<script src=https://evil.example/x.js></script>", "request: script https://evil.example/x.js"),
        ("<link rel=stylesheet href=https://evil.example/x.css>", "request: stylesheet"),
        ("<meta http-equiv=refresh content='0; url=/elsewhere'>", "went "),
        (
            "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
            "turns into something else",
        ),
    ],
)
def test_what_is_planted_is_seen(browser: Browser, address: str, planted: str, seen: str) -> None:
    with watched(browser, address, policy=False) as window:
        serve(window, "/planted", assembled([planted]))
        assert any(seen in wrong for wrong in window.looks_at("/planted"))


def test_the_policy_alone_keeps_scripts_from_running(browser: Browser, address: str) -> None:
    with watched(browser, address, policy=True) as window:
        serve(window, "/planted", assembled(["<script>alert(1)</script><img src=x onerror=alert(1)>"]))
        wrong = window.looks_at("/planted")
        assert wrong
        assert not any("ran: " in what for what in wrong)


def test_pictures_and_words_are_no_attack(window: Watched) -> None:
    text = "![a](https://elsewhere.example/a.png) <mailto:a@b.example> $x^2$\n\n- [x] done[^1]\n\n[^1]: note"
    serve(window, "/harmless", assembled([markup.render(text)]))
    assert window.looks_at("/harmless") == []

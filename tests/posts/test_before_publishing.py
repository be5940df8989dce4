"""Links that lead nowhere: of this site at once, of others when a job has asked, politely."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from blog import fetching
from blog.db import db, now
from blog.jobs import Job
from blog.posts import asking
from blog.posts.checked_links import CheckedLink
from tests import make
from tests.queries import count_queries
from tests.stubborn import Stubborn, stubborn
from tests.working import do_jobs


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubborn]:
    """Another site, on this machine."""
    with stubborn() as running:
        monkeypatch.setattr(fetching, "PUBLIC", running.reach)
        monkeypatch.setattr(asking, "PAUSE", 0)
        monkeypatch.setattr(asking, "SECONDS", 0.5)
        yield running


def list_for(client, *addresses: str, **given: str) -> str:
    content = "\n\n".join(f"[Words]({address})" for address in addresses)
    answer = client.post(
        "/posts/new/checklist", data={"content": content, "excerpt": "So", "tags": "Tea", **given}
    )
    assert answer.status_code == 200
    return str(answer.text)


# This site


def test_it_works(alice, alice_client):
    make.post(alice, slug="tea", tags=["Cups"])
    assert "Nothing to mend" in list_for(
        alice_client, "/posts/tea", "/tags/cups", "#there", "mailto:a@b.example"
    )
    page = list_for(alice_client, "/posts/tea", "/posts/coffee")
    assert "There is no such page on this site. /posts/coffee" in page
    assert 'data-line="2"' in page
    assert db.session.scalars(select(Job).where(Job.name == "links.ask")).all() == []


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("/posts/tea", True), ("/posts/tea?x=1#y", True), ("/posts/green-tea", True), ("/p/{id}", True), ("/p/99999", False),
        ("/posts/draft", False), ("/tags/cups", True), ("/tags/nothing", False), ("/authors/alice", True),
        ("/authors/nobody", False), ("/archive/", True), ("/archive", True), ("/nowhere", False), ("/static/favicon.svg", True),
        ("/static/none.svg", False), ("/static/../config.py", False), ("tea", True), ("coffee", False), ("{site}/posts/tea", True),
        ("{site}/posts/coffee", False), ("/feed.atom", True), ("/", True),
        ("/about", True), ("/posts/about", True), ("/tea", True), ("/series/rain", True), ("/series/none", False),
        ("/media/none.webp", False),
    ],
)  # fmt: skip
def test_whether_a_page_of_this_site_is_there(alice, alice_client, app, address, there):
    post = make.post(alice, slug="green-tea", tags=["Cups"])
    make.revision(post, slug="tea")
    make.post(alice, slug="draft", status="draft")
    make.post(alice, slug="about", kind="page")
    make.in_series(post, "Rain")
    page = list_for(alice_client, address.format(id=post.id, site=app.config["SITE_URL"]))
    assert ("Nothing to mend" in page) == there


def test_a_draft_is_told_from_what_is_not_there(alice, alice_client):
    make.post(alice, slug="draft", status="draft")
    assert "Readers do not see this yet. /posts/draft" in list_for(alice_client, "/posts/draft")


def test_many_links_cost_no_more_queries(alice, alice_client):
    for number in range(6):
        make.post(alice, slug=f"tea-{number}")
    few, many = ([f"/posts/tea-{number}" for number in range(most)] for most in (2, 6))
    with count_queries() as first:
        list_for(alice_client, *few)
    with count_queries() as second:
        list_for(alice_client, *many)
    assert len(second) == len(first)


# Other sites


def test_a_job_asks_other_sites_and_the_list_tells(alice_client, server):
    there, gone = f"{server.address}/200/tea", f"{server.address}/404/cups"
    assert "2 links are being looked at." in list_for(alice_client, there, gone)
    assert do_jobs().count("done") >= 1
    page = list_for(alice_client, there, gone)
    assert f"This answers 404: {gone}" in page
    assert there not in page
    assert "being looked at" not in page
    assert server.asked == {"HEAD /200/tea": 1, "HEAD /404/cups": 1, "GET /404/cups": 1}
    assert "User-Agent: Masthead (checks links of http" in server.told


@pytest.mark.parametrize("path", ["/500/x", "/429/x", "/403/x", "/without-head/x", "/leads-to//200"])
def test_what_may_well_be_there_is_not_called_dead(alice_client, server, path):
    list_for(alice_client, server.address + path)
    do_jobs()
    assert "Nothing to mend" in list_for(alice_client, server.address + path)


@pytest.mark.parametrize("path", ["/hangs", "/drips", "/nonsense", "/leads-to/?x"])
def test_what_cannot_be_reached_is_told(alice_client, server, path):
    list_for(alice_client, server.address + path)
    do_jobs()
    assert "This cannot be reached." in list_for(alice_client, server.address + path)


def test_what_is_not_public_is_not_asked(alice_client, server):
    list_for(alice_client, "http://127.0.0.1:9/", "http://169.254.169.254/latest")
    do_jobs()
    assert "This is not on the public web." in list_for(alice_client, "http://127.0.0.1:9/")


def test_nothing_is_asked_twice_within_a_day(alice_client, server):
    for _ in range(2):
        list_for(alice_client, f"{server.address}/200/tea")
        do_jobs()
    assert server.asked["HEAD /200/tea"] == 1
    db.session.query(CheckedLink).update({"checked_at": now() - timedelta(days=1, seconds=1)})
    list_for(alice_client, f"{server.address}/200/tea")
    do_jobs()
    assert server.asked["HEAD /200/tea"] == 2


def test_one_site_is_asked_one_thing_at_a_time(alice_client, server):
    list_for(alice_client, *(f"{server.address}/200/{number}" for number in range(asking.MOST_AT_ONCE + 3)))
    do_jobs()
    assert sum(server.asked.values()) == asking.MOST_AT_ONCE + 3
    assert server.most_at_once == 1


def test_what_nobody_wants_any_more_is_forgotten(alice_client, server):
    list_for(alice_client, f"{server.address}/200/tea")
    db.session.query(CheckedLink).update({"wanted_at": now() - timedelta(days=31)})
    asking.forget()
    assert db.session.scalars(select(CheckedLink)).all() == []


# Who sees it, and how


def test_readers_get_none(charlie_client):
    assert charlie_client.post("/posts/new/checklist", data={"content": "x"}).status_code == 403


def test_what_is_found_is_shown_as_it_was_typed(alice_client):
    page = list_for(alice_client, "/x", content="# <b>a</b>&\"'\n\n![](/<script>.png)")
    assert "<b>" not in page
    assert "<script>" not in page


def test_without_a_script_it_comes_with_the_preview(alice_client):
    page = alice_client.post("/posts/new", data={"content": "# So\n\n[here](/nowhere)", "preview": "1"}).text
    assert "stands as high as the title" in page
    assert "does not say where the link leads" in page
    assert "There is no such page on this site." in page


def test_notes_of_guests_that_wait_are_told_to_whoever_edits(alice, bob, alice_client, bob_client):
    post = make.post(alice, status="draft")
    make.note(post)
    address = f"/posts/new/checklist?post={post.id}"
    assert "1 note waits for an answer." in alice_client.post(address, data={"content": "x"}).text
    assert "waits" not in bob_client.post(address, data={"content": "x"}).text

"""What there is to read of teams: the list, the page of one, and where else a team is named."""

from datetime import timedelta

import pytest

from blog.accounts.models import User
from blog.db import db, now
from blog.teams.models import Team
from tests import make
from tests.queries import count_queries
from tests.reading import links_on, numbers_on, posts_on


@pytest.fixture
def team(alice: User, bob: User) -> Team:
    """alice leads it, and bob is in it."""
    return make.team(alice, bob, name="Harbour <desk>", slug="harbour", description="*Ships* <script>.")


def test_it_works(team, alice, bob, client):
    make.post(alice, slug="hers", team=team, at=now() - timedelta(days=1))
    make.post(bob, slug="his", team=team)
    make.post(bob, slug="other")
    make.post(bob, slug="draft", team=team, status="draft")
    make.post(bob, slug="planned", team=team, published_at=now() + timedelta(days=1))
    page = client.get("/teams/harbour")
    assert posts_on(page) == ["his", "hers"]
    assert "Harbour &lt;desk&gt;</h1>" in page.text
    assert "<em>Ships</em>" in page.text
    assert "<script>" not in page.text
    members = links_on(page, "/authors/.")[:2]
    assert [(link.text, link.after.split()[:1]) for link in members] == [("Alice", ["lead"]), ("Bob", [])]
    assert not links_on(page, "/teams/harbour/")


def test_no_team_no_page(client):
    assert client.get("/teams/none").status_code == 404


def test_the_list_counts_members_and_published_posts(team, alice, bob, client):
    make.team(name="Empty")
    make.post(alice, team=team)
    make.post(bob, team=team)
    make.post(bob, team=team, status="draft")
    page = client.get("/teams/")
    assert [link.text for link in links_on(page, "/teams/.")] == ["Empty", "Harbour <desk>"]
    assert numbers_on(page, "/teams/.") == {"/teams/empty": 0, "/teams/harbour": 2}
    after = {link.address: link.after for link in links_on(page, "/teams/.")}
    assert "2 members, 2 posts" in after["/teams/harbour"]


def test_strangers_are_told_of_members_who_have_published(
    team, alice, charlie, client, charlie_client, editor_client
):
    make.post(alice)
    team.join(charlie)
    assert [link.text for link in links_on(client.get("/teams/harbour"), "/authors/.")] == ["Alice"]
    assert numbers_on(client.get("/teams/"), "/teams/.") == {"/teams/harbour": 1}
    inside = [link.text for link in links_on(charlie_client.get("/teams/harbour"), "/authors/.")]
    assert inside == ["Alice", "Charlie"]
    everybody = [link.text for link in links_on(editor_client.get("/teams/harbour"), "/authors/.")]
    assert everybody == ["Alice", "Bob", "Charlie"]


def test_whoever_is_deactivated_is_not_named(team, bob, alice_client):
    bob.deactivate(now())
    assert [link.text for link in links_on(alice_client.get("/teams/harbour"), "/authors/.")] == ["Alice"]


def test_an_empty_list_says_what_to_do_next(client, alice_client, admin_client):
    assert "There are no teams yet." in client.get("/teams/").text
    assert not links_on(alice_client.get("/teams/"), "/teams/new")
    assert links_on(admin_client.get("/teams/"), "/teams/new")


def test_a_page_shows_its_acts_to_whoever_may_do_them(team, client, alice_client, bob_client, admin_client):
    acts = {
        name: sorted(link.address for link in links_on(visitor.get("/teams/harbour"), "/teams/harbour/"))
        for name, visitor in (("bob", bob_client), ("alice", alice_client), ("admin", admin_client))
    }
    led = ["/teams/harbour/edit", "/teams/harbour/members"]
    assert acts == {"bob": [], "alice": led, "admin": ["/teams/harbour/delete", *led]}
    leaving = 'action="/teams/harbour/leave"'
    assert leaving in bob_client.get("/teams/harbour").text
    assert leaving not in admin_client.get("/teams/harbour").text
    assert leaving not in client.get("/teams/harbour").text


def test_members_find_the_drafts_that_are_shared(
    team, alice, bob_client, charlie_client, editor_client, client
):
    post = make.post(alice, title="Tides", slug="tides", team=team, status="draft")
    make.post(alice, title="Private", status="draft")
    for visitor in (bob_client, editor_client):
        page = visitor.get("/teams/harbour")
        assert [link.address for link in links_on(page, f"/posts/{post.id}/edit")]
        assert "Private" not in page.text
    for visitor in (charlie_client, client):
        assert "Tides" not in visitor.get("/teams/harbour").text


def test_a_reader_in_the_team_is_led_to_the_draft_and_not_to_the_editor(team, alice, charlie, charlie_client):
    post = make.post(alice, slug="tides", team=team, status="draft")
    team.join(charlie)
    assert posts_on(charlie_client.get("/teams/harbour")) == ["tides"]
    assert charlie_client.get("/posts/tides").status_code == 200
    assert charlie_client.get(f"/posts/{post.id}/edit").status_code == 403


def test_posts_come_in_pages(team, alice, client):
    for number in range(21):
        make.post(alice, slug=f"post-{number}", team=team, at=now() - timedelta(minutes=number + 1))
    assert len(posts_on(client.get("/teams/harbour"))) == 20
    assert posts_on(client.get("/teams/harbour?page=2")) == ["post-20"]
    assert client.get("/teams/harbour?page=3").status_code == 404


# Elsewhere


def test_a_post_names_its_team(team, alice, client):
    make.post(alice, slug="hers", team=team)
    make.post(alice, slug="other")
    assert [link.text for link in links_on(client.get("/posts/hers"), "/teams/.")] == ["Harbour <desk>"]
    assert not links_on(client.get("/posts/other"), "/teams/.")


def test_a_person_and_their_account_name_their_teams(team, alice_client, client):
    assert [link.address for link in links_on(client.get("/authors/bob"), "/teams/.")] == ["/teams/harbour"]
    assert [link.address for link in links_on(alice_client.get("/account/"), "/teams/.")] == [
        "/teams/harbour"
    ]


# Cost


def numbers_of_queries(visitor, *addresses):
    db.session.commit()

    def asked(address):
        visitor.get(address)  # what holds until something changes is read once
        with count_queries() as statements:
            assert visitor.get(address).status_code == 200
        return len(statements)

    return [asked(address) for address in addresses]


def fill(alice: User, team: Team, times: int) -> None:
    """More of everything that a page about teams or people may list."""
    for _ in range(times):
        member = make.user()
        make.team(alice, member)
        team.join(member)
        for author in (alice, member):
            make.post(author, team=team, tags=["Tea"])
            make.post(author, team=team, status="draft")


def test_each_page_asks_as_much_for_many_as_for_few(team, alice, alice_client, client):
    pages = ("/teams/", "/teams/harbour", "/authors/alice")
    own = (*pages, "/posts/", "/posts/?team=harbour", "/account/")
    fill(alice, team, 1)
    few = numbers_of_queries(client, *pages), numbers_of_queries(alice_client, *own)
    fill(alice, team, 3)
    many = numbers_of_queries(client, *pages), numbers_of_queries(alice_client, *own)
    assert few == many
    assert few[0] == [3, 5, 5]

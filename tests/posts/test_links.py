"""Links from post to post follow when one moves."""

from sqlalchemy import select

from blog.db import db
from blog.posts.links import PostLink
from tests import make
from tests.working import do_jobs


def links() -> list[tuple[int, int]]:
    found = select(PostLink.post_id, PostLink.target_id).order_by(PostLink.post_id, PostLink.target_id)
    return [(post_id, target_id) for post_id, target_id in db.session.execute(found)]


def test_it_works(alice, client):
    tea = make.post(alice, slug="tea")
    rain = make.post(alice, slug="rain", content="As [said](/posts/tea#leaves), and [again](/posts/tea?x=1).")
    assert links() == [(rain.id, tea.id)]
    version, changed = rain.version, rain.updated_at
    make.revision(tea, slug="green-tea")
    assert client.get("/posts/tea").location == "/posts/green-tea"
    assert set(do_jobs()) == {"done"}
    page = client.get("/posts/rain").text
    assert 'href="/posts/green-tea#leaves"' in page
    assert 'href="/posts/green-tea?x=1"' in page
    db.session.refresh(rain)
    assert (rain.version, rain.updated_at) == (version, changed)
    assert "/posts/tea#leaves" in rain.content


def test_a_former_or_short_address_leads_to_the_present_one_at_once(alice):
    tea = make.post(alice, slug="tea")
    make.revision(tea, slug="green-tea")
    rain = make.post(
        alice, content=f"[One](/posts/tea) [two](/p/{tea.id}) [three]: /posts/tea/\n\n[three]: /posts/tea/"
    )
    assert rain.html.count('href="/posts/green-tea"') == 3
    assert links() == [(rain.id, tea.id)]


def test_what_is_no_link_stays_as_it_was_typed(alice):
    tea = make.post(alice, slug="tea")
    make.revision(tea, slug="green-tea")
    rain = make.post(alice, content="Type `/posts/tea`, or /posts/tea.\n\n    /posts/tea")
    assert rain.html.count("/posts/tea") == 3
    assert "/posts/green-tea" not in rain.html


def test_what_leads_nowhere_or_elsewhere_is_left_alone(alice):
    rain = make.post(
        alice, content="[a](/posts/none) [b](/p/99) [c](https://example.com/posts/rain) [d](/tags/)"
    )
    assert links() == []
    for address in ("/posts/none", "/p/99", "https://example.com/posts/rain", "/tags/"):
        assert f'href="{address}"' in rain.html


def test_another_text_names_others(alice):
    tea, milk = make.post(alice, slug="tea"), make.post(alice, slug="milk")
    rain = make.post(alice, content="[a](/posts/tea)")
    make.revision(rain, content="[a](/posts/milk) and [itself](/posts/rain)")
    assert links() == [(rain.id, milk.id)]
    db.session.delete(tea)
    db.session.delete(milk)
    db.session.commit()
    assert links() == []


def test_a_moving_title_page_of_many_links_is_followed_by_all(alice, client):
    tea = make.post(alice, slug="tea")
    for number in range(3):
        make.post(alice, slug=f"rain-{number}", content="[Tea](/posts/tea)")
    make.revision(tea, slug="green-tea")
    make.revision(tea, slug="black-tea")
    do_jobs()
    for number in range(3):
        assert 'href="/posts/black-tea"' in client.get(f"/posts/rain-{number}").text

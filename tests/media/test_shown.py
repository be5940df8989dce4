"""Pictures in posts: as browsers load them, and what is known of who shows which."""

import re

import pytest
from sqlalchemy import select

from blog.db import db, now, transaction
from blog.media.models import Medium, MediumUse
from blog.posts.models import Post
from tests import make
from tests.queries import count_queries
from tests.reading import messages_on


def written(alice, medium: Medium, **fields) -> Post:
    return make.post(alice, content=f"Before.\n\n![A quay]({medium.path})\n\nAfter.", **fields)


def uses() -> list[tuple[int, int, bool]]:
    rows = db.session.execute(select(MediumUse.medium_id, MediumUse.post_id, MediumUse.is_present))
    return sorted((row.medium_id, row.post_id, row.is_present) for row in rows)


def test_it_works(alice) -> None:
    medium = make.medium(alice, type="jpg", width=1200, height=600, corners="00162163")
    html = written(alice, medium).html
    key = medium.key
    srcset = f"/media/{key}-480.jpg 480w, /media/{key}-960.jpg 960w, /media/{key}.jpg 1200w"
    (image,) = re.findall("<img[^>]*>", html)
    for part in (
        f'src="/media/{key}.jpg"', f'srcset="{srcset}"', 'width="1200"', 'height="600"', 'alt="A quay"',
        'loading="lazy"', 'decoding="async"', 'class="awaited tl-00 tr-16 bl-21 br-63"', 'sizes="',
    ):  # fmt: skip
        assert part in image
    modern = f"/media/{key}-480.avif 480w, /media/{key}-960.avif 960w, /media/{key}-1200.avif 1200w"
    assert f'srcset="{modern}"' in html
    assert html.count("<picture>") == html.count('type="image/avif"') == 1


@pytest.mark.parametrize(
    ("values", "modern"),
    [
        ({"type": "png"}, "image/avif"),
        ({"type": "gif", "frames": 3}, "image/webp"),
        ({"type": "avif"}, None),
        ({"type": "svg"}, None),
    ],
)
def test_each_kind_has_its_size_and_its_addresses(alice, values, modern) -> None:
    html = written(alice, make.medium(alice, width=2400, height=30, **values)).html
    assert re.search('<img[^>]*srcset="/media/[^"]+ 2400w"[^>]*width="2400"[^>]*height="30"', html)
    assert ("<source" in html) == bool(modern)
    assert not modern or f'type="{modern}"' in html


def test_one_that_authors_write_as_html_is_shown_alike(alice) -> None:
    medium = make.medium(alice, type="jpg", width=600)
    html = make.post(alice, content=f'<img src="{medium.path}" alt="A quay" width="3" srcset="x 2x">').html
    assert f'srcset="/media/{medium.key}-480.jpg 480w, {medium.path} 600w"' in html
    assert 'width="600"' in html
    assert 'alt="A quay"' in html


def test_one_that_nobody_knows_is_told_by_its_words(alice) -> None:
    html = make.post(alice, content=f"![A quay](/media/{'a' * 32}.png)").html
    assert html.strip() == "<p>A quay</p>"


@pytest.mark.parametrize("attack", ['srcset="/media/x"', 'class="awaited"', 'style="x"'])
def test_only_the_renderer_says_where_more_sizes_are(alice, attack) -> None:
    html = make.post(alice, content=f'<img src="/a.png" {attack}><picture><source {attack}></picture>').html
    assert attack.partition("=")[0] not in html


def test_a_text_that_names_none_costs_no_query(alice) -> None:
    with count_queries() as asked:
        Post.rendered("Words.", "")
    assert len(asked) == 0


def test_it_is_known_which_posts_show_it(as_, alice) -> None:
    medium, other = make.medium(alice), make.medium(alice)
    post = written(alice, medium, title="The ferry")
    assert uses() == [(medium.id, post.id, True)]
    make.revision(post, alice, content=f"![]({other.path})")
    assert uses() == [(medium.id, post.id, False), (other.id, post.id, True)]
    client = as_(alice)
    page = client.get(f"/media/{medium.id}")
    assert "The ferry" in page.text
    assert "only in its history" in page.text
    names = client.get("/media/?show=unused").text
    assert medium.name in names
    assert other.name not in names


def test_a_title_that_somebody_may_not_read_is_not_told(as_, alice, bob) -> None:
    medium = make.medium(alice)
    written(alice, medium, title="A secret plan", status="draft")
    page = as_(bob).get(f"/media/{medium.id}").text
    assert "A secret plan" not in page
    assert "a post that you may not read" in page


# Deleting


def test_what_is_unused_is_deleted_restored_and_gone_for_good(as_, alice) -> None:
    client, medium = as_(alice), make.medium(alice, name="Quay.png")
    done = client.post(f"/media/{medium.id}/delete", follow_redirects=True)
    assert "“Quay.png” is deleted." in messages_on(done)
    assert client.get(f"/media/{medium.id}").status_code == 404
    client.post(f"/media/{medium.id}/restore")
    assert client.get(f"/media/{medium.id}").status_code == 200
    client.post(f"/media/{medium.id}/delete")
    assert "Quay.png" in client.get("/trash?of=media").text
    client.post(f"/media/{medium.id}/purge")
    db.session.expire_all()
    assert db.session.scalar(select(Medium.id)) is None


def test_what_a_post_shows_is_not_deleted(as_, alice) -> None:
    medium = make.medium(alice)
    post = written(alice, medium)
    answer = as_(alice).post(f"/media/{medium.id}/delete")
    assert answer.status_code == 409
    assert "A post shows it" in answer.text
    make.revision(post, alice, content="Without it.")
    assert as_(alice).post(f"/media/{medium.id}/delete").status_code == 302


def test_what_waits_to_be_shown_is_not_deleted(as_, alice) -> None:
    medium, post = make.medium(alice), make.post(alice)
    make.revision(post, alice, content=f"![]({medium.path})", wait=True)
    assert as_(alice).post(f"/media/{medium.id}/delete").status_code == 409


def test_what_a_post_names_again_comes_out_of_the_trash(alice) -> None:
    medium = make.medium(alice)
    with transaction():
        medium.trash(by=alice, at=now())
    written(alice, medium)
    db.session.expire_all()
    assert medium.deleted_at is None
    assert f'src="{medium.path}"' in db.session.scalars(select(Post.html)).one()


def test_only_its_sender_and_editors_change_it(as_, alice, bob) -> None:
    medium = make.medium(alice)
    changed = {"name": "Other.png", "alt": "Other."}
    assert as_(bob).post(f"/media/{medium.id}", data=changed).status_code == 404
    assert as_(bob).post(f"/media/{medium.id}/delete").status_code == 404
    assert as_(make.user(role="editor")).post(f"/media/{medium.id}", data=changed).status_code == 302
    db.session.expire_all()
    assert (medium.name, medium.alt) == ("Other.png", "Other.")


def test_it_is_found_by_name_and_text_alternative(as_, alice) -> None:
    for name, alt in (("Quay.png", "A ferry."), ("Bridge.png", "A heron.")):
        make.medium(alice, name=name, alt=alt)
    found = as_(alice).get("/media/?q=HERON").text
    assert "Bridge.png" in found
    assert "Quay.png" not in found
    assert "Nothing is like that." in as_(alice).get("/media/?q=100%25").text

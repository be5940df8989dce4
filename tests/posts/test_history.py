"""The history of a post: what each save changed, and going back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now
from blog.posts.history import forget_bases, names_since
from blog.posts.models import Post
from blog.posts.revisions import Revision
from tests import make
from tests.queries import count_queries
from tests.reading import fields_on, links_on, messages_on

FIRST = "The cat sat on the mat.\n\nRain fell all day long."
SECOND = "The dog sat on the mat.\n\nRain fell all day long.\n\nThen it stopped."
HOUR = timedelta(hours=1)


@pytest.fixture
def post(alice: User, editor: User) -> Post:
    """Three revisions, of which readers see the second."""
    written = make.post(alice, title="Cats", content=FIRST, slug="cats", status="draft", at=now() - 3 * HOUR)
    make.revision(written, editor, content=SECOND, status="published", at=now() - 2 * HOUR, note="Proofread")
    return make.revision(written, title="Dogs", status="draft", at=now() - HOUR)


def words_of(response: object) -> str:
    return " ".join(response.text.split())  # type: ignore[attr-defined]


def test_it_works(post, alice_client):
    page = alice_client.get(f"/posts/{post.id}/revisions")
    assert [link.text for link in links_on(page, f"/posts/{post.id}/revisions/")] == [
        "Revision 3",
        "Revision 2",
        "Revision 1",
    ]
    text = words_of(page)
    assert "<bdi>Editor</bdi>" in text
    assert "<bdi>Proofread</bdi>" in text
    assert "+4 −1" in text
    assert "+11 −0" in text


def test_it_tells_which_one_readers_see(alice, alice_client):
    post = make.post(alice, content=FIRST)
    make.revision(post, content=SECOND)
    text = words_of(alice_client.get(f"/posts/{post.id}/revisions"))
    assert text.count("See it now") == 1
    assert text.index("See it now") < text.index(">Revision 1<")
    assert "Since " in text


@pytest.mark.parametrize("where", ["", "/1", "/compare?from=1&to=2"])
@pytest.mark.parametrize(
    ("who", "status"), [("client", 302), ("charlie_client", 403), ("bob_client", 404), ("editor_client", 200)]
)
def test_only_those_who_may_edit_it_look_back(request, post, where, who, status):
    answer = request.getfixturevalue(who).get(f"/posts/{post.id}/revisions{where}")
    assert answer.status_code == status


def test_a_long_history_takes_no_more_queries(post, alice_client):
    def queries() -> int:
        with count_queries() as statements:
            assert alice_client.get(f"/posts/{post.id}/revisions").status_code == 200
        return len(statements)

    few = queries()
    for number in range(5):
        make.revision(post, content=f"Number {number}.", note="So")
    assert queries() == few


# Revisions


def test_saves_within_ten_minutes_are_one_revision_with_all_their_words(alice):
    post = make.post(alice, content="One.", status="draft")
    make.revision(post, content="One two.")
    make.revision(post, content="One two three.")
    found = db.session.scalars(Revision.of_post(post.id)).all()
    assert [(one.number, one.words_added, one.words_removed) for one in found] == [(1, 3, 0)]


def test_a_later_revision_counts_from_the_one_before(alice, editor):
    post = make.post(alice, content="One two three four five.", status="draft")
    make.revision(post, editor, content="One 2 three four five.")
    make.revision(post, editor, content="One 2 three four 5 six.")
    found = db.session.scalars(Revision.of_post(post.id)).all()
    assert [(one.number, one.words_added, one.words_removed) for one in found] == [(2, 3, 2), (1, 5, 0)]


def test_a_save_can_be_named(alice, alice_client):
    post = make.post(alice, content="One.", status="draft")
    form = {
        name: shown.value for name, shown in fields_on(alice_client.get(f"/posts/{post.id}/edit")).items()
    }
    alice_client.post(
        f"/posts/{post.id}/edit", data={**form, "content": "Two.", "note": " For  the printer "}
    )
    newest = Revision.newest_of(post.id)
    assert newest
    assert newest.note == "For the printer"


def test_it_is_known_who_saved_since(post, alice, editor, bob):
    assert names_since(post.id, 1, alice.id) == ["Editor"]
    assert names_since(post.id, 2, alice.id) == ["You"]
    assert names_since(post.id, 1, bob.id) == ["Alice", "Editor"]
    assert names_since(post.id, 9, bob.id) == ["Somebody"]


# One revision


def test_a_revision_is_shown_as_it_was_and_how_it_came(post, alice_client):
    page = alice_client.get(f"/posts/{post.id}/revisions/2")
    text = words_of(page)
    assert "<del>cat</del>" in text
    assert "<ins>dog</ins>" in text
    assert "<ins>Then it stopped.</ins>" in text
    assert SECOND in page.text


@pytest.mark.parametrize(
    "where", ["4", "0", "999999999999", "compare?from=1&to=9", "compare?from=x&to=1", "compare"]
)
def test_what_is_no_revision_is_not_found(post, alice_client, where):
    assert alice_client.get(f"/posts/{post.id}/revisions/{where}").status_code == 404


def test_any_two_are_compared(post, alice_client):
    text = words_of(alice_client.get(f"/posts/{post.id}/revisions/compare?from=1&to=3"))
    assert "<del>Cats</del>" in text
    assert "<ins>Dogs</ins>" in text
    assert "<ins>Then it stopped.</ins>" in text
    back = words_of(alice_client.get(f"/posts/{post.id}/revisions/compare?from=3&to=1"))
    assert "<del>Then it stopped.</del>" in back


def test_hostile_text_stays_text(alice, alice_client):
    post = make.post(alice, content="<script>alert(1)</script> one two three")
    make.revision(post, content="<script>alert(2)</script> one two three", note="<b>")
    for where in ("", "/2", "/compare?from=1&to=2"):
        page = alice_client.get(f"/posts/{post.id}/revisions{where}")
        assert "<script>alert" not in page.text
        assert "<b>" not in page.text


def test_what_was_between_two_saves_of_a_sitting_is_forgotten_after_a_month(alice):
    month = timedelta(days=31)
    post = make.post(alice, content="One.", status="draft", at=now() - month)
    make.revision(post, content="Two.", at=now() - month)
    young = make.post(alice, content="One.", status="draft")
    make.revision(young, content="Two.")
    forget_bases()
    found = select(Revision.post_id, Revision.content)
    assert set(db.session.execute(found)) == {(post.id, "Two."), (young.id, "One."), (young.id, "Two.")}


# Restoring


def restoring(client, post, number):
    form = {
        name: shown.value
        for name, shown in fields_on(client.get(f"/posts/{post.id}/revisions/{number}")).items()
    }
    return lambda: client.post(f"/posts/{post.id}/revisions/{number}/restore", data=form)


def test_restoring_makes_a_new_revision(post, alice_client):
    answer = restoring(alice_client, post, 1)()
    assert (answer.status_code, answer.location) == (302, f"/posts/{post.id}/edit")
    assert (post.title, post.content, post.status) == ("Cats", FIRST, "draft")
    newest = Revision.newest_of(post.id)
    assert newest
    assert (newest.number, newest.note) == (4, "Revision 1 restored")


def test_restored_twice_by_a_double_click_it_is_one_revision(post, alice_client):
    restore = restoring(alice_client, post, 1)
    assert [restore().status_code, restore().status_code] == [302, 302]
    newest = Revision.newest_of(post.id)
    assert newest
    assert newest.number == 4


def test_tags_are_restored_as_well(alice, alice_client):
    post = make.post(alice, tags=["Tea", "Rain"])
    make.revision(post, tags=[])
    restoring(alice_client, post, 1)()
    assert fields_on(alice_client.get(f"/posts/{post.id}/edit"))["tags"].value == "Rain, Tea"


def test_a_save_meanwhile_is_merged(post, alice_client, editor):
    restore = restoring(alice_client, post, 2)
    make.revision(post, editor, content=f"{SECOND}\n\nAnd more.")
    answer = restore()
    assert answer.status_code == 302
    assert (post.title, post.content) == ("Cats", f"{SECOND}\n\nAnd more.")


def test_a_save_of_the_same_meanwhile_is_asked(post, alice_client, editor):
    restore = restoring(alice_client, post, 1)
    make.revision(post, editor, content=SECOND.replace("dog", "bird"))
    answer = restore()
    assert answer.status_code == 409
    assert f'action="/posts/{post.id}/edit"' in answer.text
    assert "bird" in post.content


@pytest.mark.parametrize(("who", "status"), [("client", 302), ("charlie_client", 403), ("bob_client", 404)])
def test_nobody_restores_what_is_not_theirs(request, post, who, status):
    client = request.getfixturevalue(who)
    answer = client.post(f"/posts/{post.id}/revisions/1/restore", data={"version": str(post.version)})
    assert answer.status_code == status
    assert post.title == "Dogs"


def test_a_restored_revision_says_so(post, alice_client):
    assert "Saved" in messages_on(alice_client.get(restoring(alice_client, post, 1)().location))

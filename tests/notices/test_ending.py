"""Letters about notices end by one click, in a mail program or on the page behind their link."""

from typing import Any

import pytest

from blog import mail
from blog.comments.digests import OF_PERSON
from blog.keys import key_of
from blog.notices.models import How, NoticeChoice
from tests import make
from tests.letters import letters_to
from tests.post_office import PostOffice
from tests.reading import fields_on
from tests.working import do_jobs

BOB = "bob@example.com"
CLICK = {"List-Unsubscribe": "One-Click"}


def written(alice: Any, bob: Any) -> mail.Letter:
    """The letter about a task that Bob is given."""
    make.task(alice, title="Facts", to=[bob])
    do_jobs()
    return letters_to(BOB)[-1]


def ways(user_id: int) -> set[How]:
    return set(NoticeChoice.of(user_id).values())


def test_it_works(clock, alice, bob, bob_client, opened: PostOffice, guarded_client):
    mail.send(letter_id=written(alice, bob).id)
    (received,) = opened.received
    assert received.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = received.message["List-Unsubscribe"].strip(" <>").removeprefix("http://localhost")
    assert guarded_client.get(address).status_code == 200
    assert guarded_client.post(address, data={}).status_code == 422
    assert How.AT_ONCE in ways(bob.id)
    assert guarded_client.post(address, data=CLICK).status_code == 200
    assert ways(bob.id) == {How.NEVER}
    written(alice, bob)
    assert len(letters_to(BOB)) == 1
    assert '<span class="bell-number">2<' in bob_client.get("/").text


def test_people_press_a_button_on_the_page_that_the_letter_leads_to(clock, alice, bob, guarded_client):
    letter = written(alice, bob)
    address = letter.unsubscribe.removeprefix("http://localhost")
    assert letter.unsubscribe in letter.body
    page = guarded_client.get(address)
    assert f"{BOB} gets no more of it" in page.text
    token = {"csrf_token": fields_on(page)["csrf_token"].value}
    assert guarded_client.post(address.removesuffix("/stop"), data=token).status_code == 302
    assert ways(bob.id) == {How.NEVER}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_key_to_other_mail_ends_nothing(clock, bob, guarded_client):
    for key in ("made-up", key_of(OF_PERSON, bob.id)):
        assert guarded_client.post(f"/notices/mail/{key}/stop", data=CLICK).status_code == 404
    assert How.AT_ONCE in ways(bob.id)

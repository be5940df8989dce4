"""Two people, one post: whoever saves late loses nothing and overwrites nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from blog.posts.revisions import Revision
from tests import make
from tests.conftest import visitor
from tests.reading import fields_on, messages_on
from tests.visitor import Visitor, sign_in

BASE = "The cat sat on the mat.\n\nRain fell all day long.\n\nIn the evening it was quiet again."


@pytest.fixture
def post(alice: User) -> Post:
    return make.post(alice, title="Cats", content=BASE, tags=["Tea"], slug="cats", status="draft")


def opened(client: Visitor, post: Post) -> dict[str, str]:
    """What a browser sends that has opened the editor."""
    return values_on(client.get(f"/posts/{post.id}/edit"))


BUTTONS = {"save", "preview", "wait"}


def values_on(answer: Any, without: set[str] = BUTTONS) -> dict[str, str]:
    return {name: shown.value for name, shown in fields_on(answer).items() if name not in without}


def decided(answer: Any, **choices: str) -> dict[str, str]:
    """What a browser sends from the page that asks, with these choices."""
    found = values_on(answer, without={name for name in fields_on(answer) if name.startswith("choose-")})
    return {**found, **{name.replace("_", "-"): value for name, value in choices.items()}}


def save(client: Visitor, post: Post, form: dict[str, str], **changes: str) -> Any:
    return client.post(f"/posts/{post.id}/edit", data={**form, **changes})


Late = Callable[..., Any]


@pytest.fixture
def late(post: Post, alice_client: Visitor, editor_client: Visitor) -> Late:
    """alice saves `mine` after the editor has saved `theirs`, from forms that both opened before."""

    def run(mine: dict[str, str], theirs: dict[str, str]) -> Any:
        form, other = opened(alice_client, post), opened(editor_client, post)
        assert save(editor_client, post, other, **theirs).status_code == 302
        return save(alice_client, post, form, **mine)

    return run


def test_it_works(post, late, alice_client):
    theirs = {"content": BASE.replace("Rain", "Snow"), "title": "Dogs"}
    answer = late({"content": BASE.replace("cat", "dog"), "tags": "Tea, Milk"}, theirs)
    assert answer.status_code == 302
    assert post.content == BASE.replace("cat", "dog").replace("Rain", "Snow")
    assert (post.title, post.version) == ("Dogs", 3)
    page = alice_client.get(answer.location)
    assert values_on(page)["tags"] == "Milk, Tea"
    told = "Editor changed the second paragraph and the title meanwhile; your changes are in as well."
    assert told in messages_on(page)


def test_what_both_changed_is_asked_and_nothing_is_saved(post, late):
    mine, theirs = BASE.replace("Rain", "Hail"), BASE.replace("Rain", "Snow").replace("cat", "dog")
    answer = late({"content": mine}, {"content": theirs})
    assert answer.status_code == 409
    assert "Nothing is saved yet" in messages_on(answer)
    assert (post.content, post.version) == (theirs, 2)
    assert "Hail" in answer.text
    assert "Snow" in answer.text
    assert values_on(answer)["content"] == mine


CHOICES = {
    "mine": "Hail fell all day long.",
    "theirs": "Snow fell all day long.",
    "both": "Hail fell all day long.\n\nSnow fell all day long.",
    "edit": "Sleet fell.",
}


@pytest.mark.parametrize("choice", CHOICES)
def test_one_decides_in_four_ways(post, late, alice_client, choice):
    theirs = BASE.replace("Rain", "Snow").replace("cat", "dog")
    answer = late({"content": BASE.replace("Rain", "Hail")}, {"content": theirs})
    form = decided(answer, choose_content_0=choice, edit_content_0="Sleet fell.")
    assert save(alice_client, post, form).status_code == 302
    wanted = BASE.replace("Rain fell all day long.", CHOICES[choice]).replace("cat", "dog")
    assert (post.content, post.version) == (wanted, 3)


SINGLE = {
    "title": ("Dogs", "Birds"),
    "excerpt": ("Mine.", "Theirs."),
    "slug": ("dogs", "birds"),
    "published_at": ("2031-01-02T03:04", "2032-01-02T03:04"),
}


@pytest.mark.parametrize("choice", ["mine", "theirs"])
@pytest.mark.parametrize("name", SINGLE)
def test_a_single_value_is_one_or_the_other(post, late, alice_client, name, choice):
    mine, theirs = SINGLE[name]
    answer = late({name: mine}, {name: theirs})
    assert answer.status_code == 409
    form = {**decided(answer), f"choose-{name}": choice}
    assert save(alice_client, post, form).status_code == 302
    assert opened(alice_client, post)[name] == (mine if choice == "mine" else theirs)


def test_values_that_only_one_changed_are_not_asked(post, late):
    answer = late({"status": "published"}, {"excerpt": "In short.", "tags": "Rain"})
    assert answer.status_code == 302
    assert (post.status, post.excerpt) == ("published", "In short.")


def test_a_title_can_be_written_anew(post, late, alice_client):
    answer = late({"title": "Dogs"}, {"title": "Birds"})
    form = decided(answer, choose_title="edit", edit_title="Animals")
    assert save(alice_client, post, form).status_code == 302
    assert post.title == "Animals"


def test_what_cannot_be_taken_comes_back_in_the_editor(post, late, alice_client):
    answer = late({"title": "Dogs"}, {"title": "Birds"})
    again = save(alice_client, post, decided(answer, choose_title="edit", edit_title=" "))
    assert again.status_code == 422
    assert fields_on(again)["title"].error
    assert save(alice_client, post, {**values_on(again), "title": "Animals"}).status_code == 302
    assert post.title == "Animals"


def test_an_address_that_is_left_empty_is_left_as_it_is(post, late):
    assert late({"slug": "", "shown": "", "title": "Dogs"}, {"excerpt": "In short."}).status_code == 302
    assert (post.slug, post.title, post.excerpt) == ("cats", "Dogs", "In short.")


def test_what_is_left_undecided_is_asked_again_with_what_was_written(post, late, alice_client):
    answer = late(
        {"content": BASE.replace("Rain", "Hail"), "title": "Dogs"},
        {"content": BASE.replace("Rain", "Snow"), "title": "Birds"},
    )
    form = decided(answer, choose_title="theirs", edit_content_0="Sleet <fell>.")
    again = save(alice_client, post, form)
    assert again.status_code == 422
    assert "Choose one for each" in messages_on(again)
    assert values_on(again)["edit-content-0"] == "Sleet <fell>."
    assert 'id="choose-title-theirs" value="theirs" required checked' in " ".join(again.text.split())
    assert post.version == 2


def test_yet_another_save_meanwhile_is_merged_or_asked_again(post, late, alice_client, editor_client):
    answer = late({"content": BASE.replace("Rain", "Hail")}, {"content": BASE.replace("Rain", "Snow")})
    third = opened(editor_client, post)
    newer = BASE.replace("Rain", "Snow").replace("cat", "dog")
    assert save(editor_client, post, third, content=newer).status_code == 302
    assert save(alice_client, post, decided(answer, choose_content_0="mine")).status_code == 302
    assert post.content == BASE.replace("Rain", "Hail").replace("cat", "dog")


def test_yet_another_save_of_the_same_is_asked_again(post, late, alice_client, editor_client):
    answer = late({"content": BASE.replace("Rain", "Hail")}, {"content": BASE.replace("Rain", "Snow")})
    third = opened(editor_client, post)
    save(editor_client, post, third, content=BASE.replace("Rain", "Sleet"))
    again = save(alice_client, post, decided(answer, choose_content_0="mine"))
    assert again.status_code == 409
    assert "Hail" in again.text
    assert "Sleet" in again.text
    assert save(alice_client, post, decided(again, choose_content_0="theirs")).status_code == 302
    assert post.content == BASE.replace("Rain", "Sleet")


def test_two_windows_of_one_person_are_two_people(post, alice_client):
    one, two = opened(alice_client, post), opened(alice_client, post)
    save(alice_client, post, one, content=BASE.replace("cat", "dog"))
    answer = save(alice_client, post, two, content=BASE.replace("Rain", "Snow"))
    assert post.content == BASE.replace("cat", "dog").replace("Rain", "Snow")
    assert "You changed the first paragraph meanwhile" in messages_on(alice_client.get(answer.location))


def test_whoever_was_first_by_a_button_is_merged_as_well(post, alice_client, editor_client):
    form = opened(alice_client, post)
    editor_client.post(f"/posts/{post.id}/publish")
    answer = save(alice_client, post, form, title="Dogs")
    assert answer.status_code == 302
    assert (post.title, post.status) == ("Dogs", "published")


def test_what_was_to_be_kept_for_later_is_not_published(post, late, alice_client, editor_client):
    editor_client.post(f"/posts/{post.id}/publish")
    answer = late(
        {"content": BASE.replace("Rain", "Hail"), "wait": "1"}, {"content": BASE.replace("Rain", "Snow")}
    )
    assert answer.status_code == 409
    assert save(alice_client, post, decided(answer, choose_content_0="mine")).status_code == 302
    assert "Snow" in post.content
    assert "Hail" in opened(alice_client, post)["content"]


def test_with_what_waits_one_merges_as_well(post, late, alice_client, editor_client):
    editor_client.post(f"/posts/{post.id}/publish")
    late(
        {"content": BASE.replace("cat", "dog"), "wait": "1"},
        {"content": BASE.replace("Rain", "Snow"), "wait": "1"},
    )
    assert post.content == BASE
    assert opened(alice_client, post)["content"] == BASE.replace("cat", "dog").replace("Rain", "Snow")


def test_a_base_that_is_forgotten_makes_everything_a_question(post, late, alice_client, editor_client):
    form, other = opened(alice_client, post), opened(editor_client, post)
    save(editor_client, post, other, content=BASE.replace("Rain", "Snow"))
    db.session.delete(Revision.base_of(post.id, 1))
    db.session.commit()
    answer = save(alice_client, post, form, content=BASE.replace("cat", "dog"))
    assert answer.status_code == 409
    form = decided(answer, choose_content_0="mine", choose_content_1="theirs")
    assert save(alice_client, post, form).status_code == 302
    assert post.content == BASE.replace("cat", "dog").replace("Rain", "Snow")


@pytest.mark.parametrize(
    "forged",
    [
        {"shown": "no JSON"},
        {"shown": "[1]"},
        {"shown": json.dumps({"slug": 7, "other": "x"})},
        {"their_version": "x"},
        {"their_version": "999999999"},
        {"their_shown": "{}"},
        {"version": "x"},
    ],
)
def test_a_forged_form_breaks_nothing(post, late, alice_client, forged):
    answer = late({"content": BASE.replace("Rain", "Hail")}, {"content": BASE.replace("Rain", "Snow")})
    again = save(alice_client, post, {**decided(answer, choose_content_0="mine"), **forged})
    assert again.status_code in {302, 409, 422}
    assert "Hail" in (post.content + again.text)


def test_a_session_that_ended_meanwhile_loses_nothing(post, alice, editor_client, guarded_client):
    sign_in(guarded_client, alice)
    form = opened(guarded_client, post)
    save(editor_client, post, opened(editor_client, post), content=BASE.replace("Rain", "Snow"))
    answer = save(guarded_client, post, form, content=BASE.replace("Rain", "Hail"))
    assert answer.status_code == 409
    expired = save(
        guarded_client, post, decided(answer, choose_content_0="both"), csrf_token="from another session"
    )
    assert expired.status_code == 400
    shown = values_on(expired)
    assert CHOICES["both"] in shown["content"]
    assert save(guarded_client, post, shown).status_code == 302
    assert CHOICES["both"] in post.content


def test_somebody_who_is_signed_out_meanwhile_is_shown_all_of_it(app, post, late):
    answer = late({"content": BASE.replace("Rain", "Hail")}, {"content": BASE.replace("Rain", "Snow")})
    form = decided(answer, choose_content_0="edit", edit_content_0="Sleet fell.")
    signed_out = save(visitor(app), post, form)
    assert signed_out.status_code == 403
    assert "Hail fell" in signed_out.text
    assert "Sleet fell." in signed_out.text


def test_back_and_saved_again_is_merged_with_what_was_saved(post, alice_client):
    form = opened(alice_client, post)
    save(alice_client, post, form, content=BASE.replace("cat", "dog"))
    again = save(alice_client, post, form, content=BASE.replace("cat", "dog").replace("Rain", "Snow"))
    assert again.status_code == 409
    assert save(alice_client, post, values_on(again)).status_code == 302
    assert post.content == BASE.replace("cat", "dog").replace("Rain", "Snow")


def test_nobody_decides_about_what_is_not_theirs(post, late, bob_client):
    answer = late({"content": BASE.replace("Rain", "Hail")}, {"content": BASE.replace("Rain", "Snow")})
    assert save(bob_client, post, decided(answer, choose_content_0="mine")).status_code == 404

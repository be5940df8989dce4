"""What the editor's script asks while somebody writes: a preview, names of tags, the address."""

import pytest

from tests import make


def test_it_works(alice_client):
    answer = alice_client.post("/posts/preview", data={"content": "*so*\n\n<script>x</script>\n\nand\n"})
    assert answer.json == [[0, "<p><em>so</em></p>\n"], [4, "<p>and</p>\n"]]


def test_readers_and_strangers_get_none(charlie_client, client):
    assert charlie_client.post("/posts/preview", data={"content": "*so*"}).status_code == 403
    assert charlie_client.get("/posts/new/tags?q=a").status_code == 403
    assert client.get("/posts/new/address?title=a").status_code == 302


# Tags


def names(client, query: str):
    return client.get("/posts/new/tags", query_string={"q": query}).json


def test_tags_are_found_by_how_they_or_a_word_of_them_begin(alice, alice_client):
    make.post(alice, tags=["Owls", "Old owls", "Growls", "Oaks"])
    assert names(alice_client, "ow") == ["Owls", "Old owls"]
    assert names(alice_client, "OWLS") == ["Owls", "Old owls"]
    assert names(alice_client, "") == []
    assert names(alice_client, "%") == []


def test_tags_of_what_others_have_not_published_stay_theirs(alice, bob, alice_client, bob_client):
    make.post(alice, tags=["Secret plan"], status="draft")
    assert names(bob_client, "secret") == []
    assert names(alice_client, "secret") == ["Secret plan"]


# Addresses


def asked(client, **query):
    answer = client.get("/posts/new/address", query_string=query).json
    return answer["path"], answer["problem"]


def test_an_address_is_made_from_the_title_as_saving_does(alice, alice_client):
    make.post(alice, title="A quiet morning", slug="a-quiet-morning")
    assert asked(alice_client, title="Straße & Café") == ("/posts/strasse-cafe", "")
    assert asked(alice_client, title="A quiet morning") == ("/posts/a-quiet-morning-2", "")
    assert asked(alice_client) == ("", "")


@pytest.mark.parametrize(
    ("slug", "problem"),
    [
        ("free", ""),
        ("taken", "Another post has this address."),
        ("former", "This address once belonged to another post, and still leads there."),
        ("new", "This address is used by the site itself."),
        ("Not So", "Use small letters, digits and single hyphens, such as a-quiet-morning."),
    ],
)
def test_whether_an_address_can_be_had(alice, alice_client, slug, problem):
    post = make.post(alice, slug="former")
    make.revision(post, slug="taken")
    assert asked(alice_client, slug=slug)[1] == problem


def test_a_page_is_at_an_address_of_its_own_kind(alice_client):
    assert asked(alice_client, title="About us", kind="page") == ("/about-us", "")
    assert asked(alice_client, slug="about", kind="page") == ("/about", "")
    assert asked(alice_client, slug="tags", kind="page")[1] == "This address is used by the site itself."
    assert asked(alice_client, slug="tags") == ("/posts/tags", "")


def test_its_own_address_is_not_taken(alice, alice_client):
    post = make.post(alice, slug="mine")
    assert asked(alice_client, slug="mine", post=post.id) == ("/posts/mine", "")

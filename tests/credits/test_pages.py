"""What one holds, how it came and went, and thanking an author under a post."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from blog.credits.models import Transfer
from blog.db import db, now
from tests import make
from tests.credits.ledger import balance_of, number_of_transfers
from tests.program import program_of
from tests.queries import count_queries
from tests.reading import fields_on


def typed(page, action=None, **values):
    found = {name: field.value for name, field in fields_on(page).items() if field.value}
    return found | values


def test_it_works(alice, bob, alice_client):
    make.transfer(None, alice, 1234, reason="For <b>all</b>")
    page = alice_client.get("/credits/")
    assert "You hold <strong>1,234</strong>" in page.text
    assert "For &lt;b&gt;all&lt;/b&gt;" in page.text
    assert "hold 1,234 credits, just as many as were ever granted" in " ".join(page.text.split())
    sent = typed(page, receiver="Bob", amount="34", reason="Proofs")
    for _ in range(2):  # sent twice, it happens once
        answer = alice_client.post("/credits/", data=sent)
        assert answer.location == "/credits/"
    assert (balance_of(alice), balance_of(bob)) == (1200, 34)


WRONG = [
    ({"amount": "11"}, 409, "This takes 11, and there are 10 credits."),
    ({"amount": "0"}, 422, "Give a whole number from 1 to 100,000,000."),
    ({"amount": "-1"}, 422, "Give a whole number"),
    ({"amount": "1.5"}, 422, "Not a valid integer value."),
    ({"amount": "9" * 30}, 422, "This number is too long."),
    ({"amount": "NaN"}, 422, "Not a valid integer value."),
    ({"receiver": "nobody"}, 409, "Nobody here has this username."),
    ({"receiver": "alice"}, 422, "These are your own already."),
    ({"reason": "x" * 201}, 422, "Field cannot be longer than 200 characters."),
]


@pytest.mark.parametrize(("values", "status", "sentence"), WRONG, ids=str)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_cannot_be_given_is_told_at_its_field(alice, bob, alice_client, values, status, sentence):
    make.transfer(None, alice, 10)
    sent = {"receiver": "bob", "amount": "1", "reason": "For the proofs", **values}
    answer = alice_client.post("/credits/", data=sent)
    assert answer.status_code == status
    assert sentence in answer.text
    field = next(iter(values))
    assert f'id="{field}-error"' in answer.text
    assert fields_on(answer)["receiver"].value == sent["receiver"]
    assert (balance_of(alice), number_of_transfers()) == (10, 1)


def test_nobody_hears_of_whom_they_may_not_know(alice, charlie, charlie_client):
    """A reader knows of whoever has published."""
    make.transfer(None, charlie, 10)
    answer = charlie_client.post("/credits/", data={"receiver": "alice", "amount": "1"})
    assert answer.status_code == 409
    make.post(alice)
    answer = charlie_client.post("/credits/", data={"receiver": "alice", "amount": "1"})
    assert answer.status_code == 302


def test_a_page_asks_as_much_however_much_there_is(alice, bob, alice_client):
    make.transfer(None, alice, 1000)
    numbers = []
    for more in (5, 25):
        for _ in range(more):
            make.transfer(alice, bob, 1, post_id=make.post(bob).id)
        with count_queries() as asked:
            alice_client.get("/credits/")
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] <= 10
    assert alice_client.get("/credits/?page=2").status_code == 200
    assert alice_client.get("/credits/?page=3").status_code == 404


def test_granting_is_for_admins(alice, bob, alice_client, admin_client):
    assert alice_client.get("/credits/grant").status_code == 403
    answer = admin_client.post("/credits/grant", data={"receiver": "bob", "amount": "7"})
    assert answer.status_code == 302
    assert balance_of(bob) == 7
    assert "7 more" in admin_client.get("/credits/grant").text


def test_thanks_are_given_under_a_post(alice, bob, charlie, client, charlie_client, alice_client):
    post = make.post(alice, title="Ink")
    address = f"/posts/{post.slug}"
    make.transfer(None, charlie, 5)
    assert "thank" not in client.get(address).text.lower()
    assert "Thank the author" not in alice_client.get(address).text
    page = charlie_client.get(address)
    assert "Thank the author" in page.text
    answer = charlie_client.post(f"/posts/{post.id}/thanks", data={"amount": "2", "reason": "Lovely"})
    assert answer.location == address
    assert (balance_of(charlie), balance_of(alice)) == (3, 2)
    made = db.session.scalars(select(Transfer).order_by(Transfer.id.desc()).limit(1)).one()
    assert (made.post_id, made.reason) == (post.id, "Lovely")
    assert "Ink" in alice_client.get("/credits/").text
    much = charlie_client.post(f"/posts/{post.id}/thanks", data={"amount": "4"})
    assert much.status_code == 409
    assert "This takes 4, and there are 3 credits." in much.text
    assert client.post(f"/posts/{post.id}/thanks", data={"amount": "1"}).status_code == 403


def test_a_draft_is_not_thanked_for_by_those_who_do_not_see_it(alice, charlie, charlie_client):
    make.transfer(None, charlie, 5)
    post = make.post(alice, status="draft")
    assert charlie_client.post(f"/posts/{post.id}/thanks", data={"amount": "1"}).status_code == 404


def test_a_month_has_its_entries_and_its_table(alice, bob, alice_client, bob_client):
    for month, amount in ((1, 100), (2, 10), (3, 1)):
        at = datetime(2026, month, 15, tzinfo=UTC)
        make.transfer(None, alice, amount, at=at, reason="=1+1")
        make.transfer(alice, bob, amount // 2 or 1, at=at)
    page = alice_client.get("/credits/2026/2/")
    sums = [cell for cell in ("50", "10", "5", "55") if f'<td class="number">{cell}</td>' in page.text]
    assert sums == ["50", "10", "5", "55"]
    answer = alice_client.get("/credits/2026/2.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=credits-2026-02.csv"
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["date", "with", "reason", "post", "received", "given", "balance"]
    assert rows[1] == ["2026-02-15T00:00:00+00:00", "the site", "'=1+1", "", "10", "", "60"]
    assert rows[2] == ["2026-02-15T00:00:00+00:00", "bob", "", "", "", "5", "55"]
    assert len(rows) == 3
    assert len(bob_client.get("/credits/2026/2.csv").text.splitlines()) == 2
    for nothing in ("2026/13", "0/1", "99999/1"):
        assert alice_client.get(f"/credits/{nothing}/").status_code == 404
        assert alice_client.get(f"/credits/{nothing}.csv").status_code == 404


def test_a_month_is_one_on_the_clock_of_whoever_looks(alice, alice_client):
    make.transfer(None, alice, 5, at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    alice.time_zone = "Europe/Berlin"
    db.session.commit()
    assert len(alice_client.get("/credits/2026/1.csv").text.splitlines()) == 1
    assert len(alice_client.get("/credits/2026/2.csv").text.splitlines()) == 2


def test_programs(app, alice, bob, charlie):
    program: Any = program_of(app, alice)
    assert program.get("/api/credits").json == {"balance": 0, "entries": []}
    make.transfer(None, alice, 10, reason="Welcome")
    sent = {"receiver": "bob", "amount": 4, "reason": "Proofs"}
    made = program.post("/api/credits/transfers", json=sent, headers={"Idempotency-Key": "k"})
    again = program.post("/api/credits/transfers", json=sent, headers={"Idempotency-Key": "k"})
    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json == again.json
    assert {name: made.json[name] for name in sent} == sent
    assert (made.json["sender"], made.json["post_id"]) == ("alice", None)
    told = program.get("/api/credits").json
    assert told["balance"] == 6
    assert [(entry["amount"], entry["balance"], entry["other"]) for entry in told["entries"]] == [
        (-4, 6, "bob"),
        (10, 10, None),
    ]
    assert program.get("/api/credits/entries").json == told["entries"]
    assert program.get(f"/api/credits/transfers/{made.json['id']}").json == made.json
    assert len(program.get("/api/credits/transfers?sort=-amount").json) == 2
    other: Any = program_of(app, charlie)
    assert other.get(f"/api/credits/transfers/{made.json['id']}").status_code == 404
    assert other.get("/api/credits/transfers").json == []


def test_admins_grant_by_program(app, alice, editor, admin):
    program: Any = program_of(app, admin)
    sent = {"receiver": "alice", "amount": 40, "reason": "For the index"}
    made = [
        program.post("/api/credits/grants", json=sent, headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    told = made[0].json
    assert {**told, **sent, "sender": None, "post_id": None} == told
    assert balance_of(alice) == 40
    given = program_of(app, alice).post(
        "/api/credits/transfers", json={**sent, "receiver": "admin", "amount": 1}
    )
    assert program.get("/api/credits/grants").json == [told]
    assert program.get(f"/api/credits/grants/{told['id']}").json == told
    assert program.get(f"/api/credits/grants/{given.json['id']}").status_code == 404  # type: ignore[index]
    for address in ("/api/credits/grants", f"/api/credits/grants/{told['id']}"):
        assert program_of(app, editor).get(address).status_code == 403
    assert program_of(app, editor).post("/api/credits/grants", json=sent).status_code == 403
    alice.deactivate(now())
    db.session.commit()
    refused = program.post("/api/credits/grants", json=sent)
    assert (refused.status_code, number_of_transfers()) == (409, 2)


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, "1", None, 10**9, 10**40, 1e300], ids=repr)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_programs_give_whole_numbers(app, alice, bob, amount):
    make.transfer(None, alice, 10)
    program: Any = program_of(app, alice)
    answer = program.post("/api/credits/transfers", json={"receiver": "bob", "amount": amount})
    assert answer.status_code in {400, 422}
    assert number_of_transfers() == 1


def test_programs_are_told_why_not(app, alice, bob):
    make.transfer(None, alice, 10)
    program: Any = program_of(app, alice)

    def refused(**given):
        answer = program.post("/api/credits/transfers", json={"receiver": "bob", "amount": 1, **given})
        return answer.status_code, answer.json["type"].partition("#")[2], list(answer.json.get("errors", {}))

    assert refused(amount=11) == (409, "insufficient-credits", ["amount"])
    assert refused(receiver="alice")[::2] == (422, ["receiver"])
    assert refused(receiver="nobody")[::2] == (409, ["receiver"])
    assert refused(sender="bob")[::2] == (422, ["sender"])
    assert number_of_transfers() == 1
    reader: Any = program_of(app, alice, "read")
    assert reader.get("/api/credits").status_code == 200
    assert reader.post("/api/credits/transfers", json={"receiver": "bob", "amount": 1}).status_code == 403


def test_a_key_lasts_longer_than_its_answer(app, alice, bob, clock):
    make.transfer(None, alice, 10)
    sent = {"json": {"receiver": "bob", "amount": 4}, "headers": {"Idempotency-Key": "k"}}
    program: Any = program_of(app, alice)
    first = program.post("/api/credits/transfers", **sent)
    clock.shift(3 * 86_400)
    assert program.post("/api/credits/transfers", **sent).json["id"] == first.json["id"]
    assert balance_of(bob) == 4
    assert now().day == 18

"""`flask credits …`: granting and giving from the shell, and finding what was altered behind the ledger's back."""

import pytest
from sqlalchemy import text

from blog.credits.reconciling import wrong
from blog.db import db, now
from tests import make
from tests.credits.ledger import balance_of, number_of_transfers

ALTERED = {
    "UPDATE credit_accounts SET balance = balance + 1 WHERE name IS NULL AND balance = 8": "account ",
    "UPDATE credit_accounts SET balance = balance + 1 WHERE name = 'site'": "account ",
    "UPDATE credit_accounts SET last_entry_id = last_entry_id - 1 WHERE balance = 8": "account ",
    "UPDATE credit_entries SET amount = 3 WHERE amount = 2": "entry ",
    "UPDATE credit_entries SET balance = 9 WHERE balance = 8": "entry ",
    "UPDATE credit_transfers SET amount = 3 WHERE amount = 2": "transfer ",
    "DELETE FROM credit_entries WHERE amount = 2": "transfer ",
    "DELETE FROM credit_entries WHERE amount = -2": "transfer ",
    "UPDATE credit_entries SET account_id = (SELECT id FROM credit_accounts WHERE name = 'site') "
    "WHERE amount = 2": "transfer ",
}


@pytest.fixture
def used(app, alice, bob):
    """A ledger with a few transfers in it."""
    make.transfer(None, alice, 10)
    make.transfer(alice, bob, 2)
    make.transfer(None, alice, 7)


@pytest.fixture
def run(app):
    """Runs a command, as in a process of its own."""

    def run_command(*words):
        db.session.commit()
        result = app.test_cli_runner().invoke(args=["credits", *map(str, words)])
        db.session.expire_all()
        return result

    return run_command


def test_it_works(used, run):
    result = run("reconcile")
    assert result.exit_code == 0, result.output
    assert "3 accounts, 3 transfers, 6 entries; people hold 17 together" in result.output
    assert result.output.endswith("all agree\n")


@pytest.mark.parametrize("statement", ALTERED)
def test_what_sql_altered_is_named(app, alice, bob, run, statement):
    make.transfer(None, alice, 10)
    make.transfer(alice, bob, 2)
    db.session.execute(text(statement))
    result = run("reconcile")
    assert result.exit_code == 1
    assert f"wrong: {ALTERED[statement]}" in result.output
    assert len(list(wrong())) >= 1


def test_granting_and_giving(app, alice, bob, charlie, run):
    assert (
        run("grant", "alice", 10, "--reason", "For the index", "--key", "k").output == "10 granted to alice\n"
    )
    run("grant", "alice", 10, "--reason", "For the index", "--key", "k")
    assert balance_of(alice) == 10
    result = run("give", "alice", 3, "bob", "charlie")
    assert result.output == "given: 6 to 2, left out: 0\n"
    assert [balance_of(person) for person in (alice, bob, charlie)] == [4, 3, 3]


def test_giving_to_all_or_to_none_and_to_as_many_as_can_be(app, alice, bob, charlie, run):
    charlie.deactivate(now())
    run("grant", "alice", 10)
    result = run("give", "alice", 3, "bob", "charlie")
    assert (result.exit_code, balance_of(bob)) == (1, 0)
    assert "charlie: Whoever is deactivated gives and receives nothing." in result.output
    result = run("give", "alice", 3, "bob", "charlie", "nobody", "--best-effort")
    assert result.exit_code == 0
    assert "left out: charlie: " in result.output
    assert "left out: nobody: " in result.output
    assert result.output.endswith("given: 3 to 1, left out: 2\n")


@pytest.mark.parametrize(
    "words", [("grant", "alice", 0), ("grant", "nobody", 5), ("give", "nobody", 1, "alice")]
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_cannot_be_done_is_told_on_a_line(app, alice, run, words):
    result = run(*words)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert number_of_transfers() == 0

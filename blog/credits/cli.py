"""`flask credits …`: granting, giving to many, and proving that the ledger agrees."""

import click
from flask.cli import AppGroup

from blog.accounts.cli import plain_errors
from blog.accounts.models import User
from blog.credits import reconciling
from blog.credits.many import Gift, Outcome, give_to_many, receivers
from blog.credits.models import totals
from blog.credits.recording import log, log_many
from blog.credits.transferring import Terms, transfer
from blog.db import db, now, retried

commands = AppGroup("credits", help="Credits: grant them, give them, and prove that they add up.")

reason = click.option("--reason", default="", help="What for, as both read it.")
key = click.option("--key", metavar="TEXT", help="Given again with the same key, it happens once.")


@commands.command("grant")
@click.argument("username", metavar="USER")
@click.argument("amount", type=int)
@reason
@key
def grant(username: str, amount: int, reason: str, key: str | None) -> None:
    """Give somebody credits that come from the site."""

    def act() -> None:
        receiver = somebody(username)
        made = transfer(None, receiver, amount, Terms(at=now(), reason=reason, key=key))
        log("granted credits", made, receiver)

    with plain_errors():
        retried(act)
    click.echo(f"{amount} granted to {username}")


@commands.command("give")
@click.argument("sender")
@click.argument("amount", type=int)
@click.argument("usernames", metavar="USER...", nargs=-1, required=True)
@reason
@key
@click.option("--best-effort", is_flag=True, help="Leave out those who cannot be given anything.")
def give(
    sender: str, amount: int, usernames: tuple[str, ...], reason: str, key: str | None, best_effort: bool
) -> None:
    """Give so many of SENDER's credits to each of these people: to all of them, or to none."""

    def act() -> Outcome:
        gifts = [Gift(username, amount) for username in usernames]
        terms = Terms(at=now(), reason=reason, key=key)
        outcome = give_to_many(somebody(sender), gifts, receivers(usernames), terms, best_effort=best_effort)
        log_many(outcome)
        return outcome

    with plain_errors():
        outcome = retried(act)
    for left in outcome.left_out:
        click.echo(f"left out: {left.username}: {left.reason}", err=True)
    click.echo(f"given: {outcome.given} to {outcome.number}, left out: {len(outcome.left_out)}")


@commands.command("reconcile")
@click.pass_context
def reconcile(context: click.Context) -> None:
    """Prove that entries, transfers and balances agree; name each row that is wrong, and then end with code 1."""
    db.session.rollback()
    number = 0
    for line in reconciling.wrong():
        number += 1
        click.echo(f"wrong: {line}")
    accounts, transfers, entries = reconciling.counted()
    held = totals().held
    click.echo(f"{accounts} accounts, {transfers} transfers, {entries} entries; people hold {held} together")
    if number:
        click.echo(f"{number} rows are wrong", err=True)
        context.exit(1)
    click.echo("all agree")


def somebody(username: str) -> User:
    """Not held: accounts are locked in an order of their own."""
    user: User | None = db.session.scalar(User.named(username))
    if user is None:
        raise click.ClickException(f"there is nobody called {username}")
    return user

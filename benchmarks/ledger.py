"""Ledger: 32 threads transfer at random in four processes, one of which is killed; the sum stays, and all agree."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from benchmarks.ground import ENGINES, databases, show
from blog import create_app
from blog.accounts.models import User
from blog.credits.models import CreditAccount, Transfer, totals
from blog.credits.reconciling import wrong
from blog.credits.transferring import Terms, transfer
from blog.db import db, now, retried
from blog.errors import Problem, Unavailable
from tests import make

SECONDS = int(os.environ.get("SECONDS", "30"))
PROCESSES, THREADS, PEOPLE, EACH = 4, 8, 20, 1000
SAME = 20  # threads that send one key


def site(address: str) -> Flask:
    given = {"DATABASE_URL": address, "LOG_LEVEL": "CRITICAL", "SECRET_KEY": "for benchmarks only, no secret"}
    return create_app(given)


def run() -> None:
    with databases() as database:
        rows = [(engine, *measured(database(engine, "ledger"))) for engine in ENGINES]
    columns = (
        "transfers",
        "a second",
        "refused",
        "busy",
        "unhandled",
        "killed",
        "below zero",
        "wrong",
        "one key",
    )
    show(("engine", *columns), rows)


def measured(address: str) -> tuple[object, ...]:
    app = site(address)
    with app.app_context():
        upgrade()
        for _ in range(PEOPLE):
            make.transfer(None, make.user(), EACH)
        began = time.perf_counter()
        counts, killed = let_them_transfer(address)
        taken = time.perf_counter() - began
        db.session.rollback()
        found = list(wrong())
        print("\n".join(found[:20]))
        held, granted = totals()
        assert held == granted == PEOPLE * EACH
        below = db.session.scalar(
            select(func.count()).where(CreditAccount.balance < 0, CreditAccount.name.is_(None))
        )
        made = (db.session.scalar(select(func.count()).select_from(Transfer)) or 0) - PEOPLE
        db.session.rollback()
        one = same_key(app)
        assert (below, len(found), counts["unhandled"], one) == (0, 0, 0, 1)
        db.engine.dispose()
    return (
        made,
        f"{made / taken:.0f}",
        counts["refused"],
        counts["busy"],
        counts["unhandled"],
        killed,
        below,
        len(found),
        one,
    )


def let_them_transfer(address: str) -> tuple[Counter[str], int]:
    """Half of the time in, one process is killed, and another takes its place."""
    command = [sys.executable, "-m", "benchmarks.ledger", address]

    def start(number: int, seconds: float) -> subprocess.Popen[str]:
        words = [*command, str(number), str(seconds)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)

    running = [start(number, SECONDS) for number in range(PROCESSES)]
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
    time.sleep(SECONDS / 2)
    victim = running.pop()
    victim.send_signal(signal.SIGKILL)
    running.append(start(PROCESSES, SECONDS / 2))
    counts: Counter[str] = Counter()
    for process in running:
        told, _ = process.communicate(timeout=SECONDS * 3 + 60)
        counts.update(
            {name: int(number) for name, number in map(str.split, told.replace("begun\n", "").splitlines())}
        )
    victim.communicate()
    return counts, int(victim.returncode == -signal.SIGKILL)


def same_key(app: Flask) -> int:
    """How many transfers come of one key that is sent by so many at once."""
    ids = db.session.scalars(select(User.id).order_by(User.id).limit(2)).all()
    db.session.rollback()

    def send() -> None:
        with app.app_context():
            one_transfer(ids[0], ids[1], 1, "the same")

    in_threads(send, SAME)
    return db.session.scalar(select(func.count()).where(Transfer.key == "the same")) or 0


def in_threads(act: Callable[[], object], number: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def one_transfer(sender_id: int, receiver_id: int, amount: int, key: str | None = None) -> None:
    def act() -> None:
        people = {
            user.id: user
            for user in db.session.scalars(select(User).where(User.id.in_([sender_id, receiver_id])))
        }
        transfer(people[sender_id], people[receiver_id], amount, Terms(at=now(), key=key))

    retried(act)


def transfers(address: str, seed: int, seconds: float) -> None:
    """What one of the processes does; it tells what came of it."""
    app, counts = site(address), Counter[str]()
    with app.app_context():
        ids = db.session.scalars(select(User.id)).all()
    until = time.monotonic() + seconds

    def work() -> None:
        chance = random.Random(f"{seed} {threading.get_ident()}")
        with app.app_context():
            while time.monotonic() < until:
                sender, receiver = chance.sample(ids, 2)
                counts[outcome(sender, receiver, chance.choice([1, 10, 100, 2000]))] += 1

    print("begun", flush=True)
    in_threads(work, THREADS)
    print("\n".join(f"{name} {number}" for name, number in counts.items()))


def outcome(sender: int, receiver: int, amount: int) -> str:
    try:
        one_transfer(sender, receiver, amount)
    except Unavailable:
        return "busy"
    except Problem:
        return "refused"
    except Exception as error:  # noqa: BLE001 - that is what is counted
        print(repr(error), file=sys.stderr)
        return "unhandled"
    return "made"


if __name__ == "__main__":
    transfers(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))

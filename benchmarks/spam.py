"""Spam: 500 comments within a minute, 450 of them spam of ten kinds; the filter learned from other texts than these.

All come from browsers that did the work and took their time, each from an address of its own: only words and links tell
them apart. Of the spam at most 5 are shown, of the honest ones at most 1 is held.
"""

import random
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select, update

from benchmarks.ground import databases, show
from benchmarks.spam_texts import HONEST, HONEST_LEARNED, SPAM, SPAM_LEARNED
from blog import settings
from blog.comments import proofs, words
from blog.comments.models import Comment
from blog.db import db, now, transaction
from blog.limits import LIMITS, MINUTE, Limit, Rate
from blog.posts.models import Post
from tests import make
from tests.conftest import make_app, visitor
from tests.reading import fields_on

EACH = 45  # of each of ten kinds
HONEST_ONES = 50
NAMES = (
    "Anna",
    "Ben",
    "Carla",
    "David",
    "Eva",
    "Finn",
    "Greta",
    "Hugo",
    "Ida",
    "Jonas",
    "Kim",
    "Lea",
    "Max",
    "Nora",
)
WORK = 12  # bits, so that it is the site that is measured


def run() -> None:
    rows: list[tuple[object, ...]] = []
    proofs.is_done.__defaults__ = proofs.work.__defaults__ = (WORK,)
    with databases() as database:
        for engine in ("sqlite", "postgresql"):
            rows += measured(engine, database(engine, "spam"))
    show(("engine", "what", "sent", "shown", "held", "spam"), rows)
    for row in rows:
        shown, held, spam = row[3:]
        assert (shown <= 5) if row[1] == "all spam" else row[1] != "honest" or held + spam <= 1, row


def measured(engine: str, address: str) -> list[tuple[object, ...]]:
    once = dict.fromkeys(LIMITS, Limit(Rate(10**9, MINUTE)))
    once["guest comment"] = LIMITS["guest comment"]
    app = make_app(address, LIMITS=once)
    with app.app_context():
        upgrade()
        settings.save(guests_comment=True)
        post = make.post(make.user("alice"), slug="post")
        learn(post)
        sent = messages(random.Random(1))
        began = time.perf_counter()
        for number, (kind, text, name) in enumerate(sent):
            comment(app, post.id, number, text, name, kind)
        seconds = time.perf_counter() - began
        print(f"{engine}: {len(sent)} comments in {seconds:.0f} s")
        found = outcome(sent)
        db.session.remove()
        db.engine.dispose()
    return [(engine, *row) for row in found]


def learn(post: Post) -> None:
    """As if somebody had decided about each."""
    lessons = [("spam", text) for texts in SPAM_LEARNED.values() for text in texts]
    lessons += [("approved", text) for text in HONEST_LEARNED]
    chance = random.Random(2)
    with transaction():
        for status, text in lessons:
            made = Comment.write(post=post, content=text, guest=(chance.choice(NAMES), None))
            made.status, made.moderated_at = status, now()
        db.session.flush()
        words.follow(list(db.session.scalars(select(Comment.id))), now())
        db.session.execute(update(Comment).values(deleted_at=now()))


def messages(chance: random.Random) -> list[tuple[str, str, str]]:
    """Kind, text and name of each, in a random order; spam varies from one to the next, as it does."""
    made = []
    for kind, texts in SPAM.items():
        made += [
            (kind, varied(chance, texts[number % len(texts)]), chance.choice(NAMES)) for number in range(EACH)
        ]
    made += [("honest", text, chance.choice(NAMES)) for text in HONEST[:HONEST_ONES]]
    chance.shuffle(made)
    return made


def varied(chance: random.Random, text: str) -> str:
    """With another number, place or site each time."""
    number, site = chance.randint(10, 999), "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=9))
    return text.replace("{n}", str(number)).replace(
        "{site}", f"{site}.{chance.choice(('xyz', 'top', 'shop', 'info'))}"
    )


def comment(app: Flask, post_id: int, number: int, text: str, name: str, kind: str) -> None:
    """As a browser sends it that has done the work, from an address of its own."""
    client = visitor(app)
    where: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": f"203.0.{number // 250}.{number % 250}"}}
    fields = fields_on(client.get(f"/posts/{post_id}/comments/new", **where))
    nonce = fields["nonce"].value
    opened = proofs.open_form(post_id, nonce, now() - timedelta(seconds=30))
    sent = {
        "nonce": nonce,
        "opened": opened,
        "proof": proofs.work(opened),
        "guest_name": name,
        "content": text,
    }
    answer = client.post(f"/posts/{post_id}/comments", data=sent, **where)
    assert answer.status_code == 302, (answer.status_code, text)


def outcome(sent: list[tuple[str, str, str]]) -> list[tuple[object, ...]]:
    kinds = [kind for kind, _, _ in sent]
    stored = (
        db.session.execute(select(Comment).where(Comment.is_there()).order_by(Comment.id)).scalars().all()
    )
    found: dict[str, Counter[str]] = {}
    for kind, row in zip(kinds, stored, strict=True):
        wrong = row.status == "approved" if kind != "honest" else row.status != "approved"
        if wrong:
            print(f"  {kind}: {row.status} with {row.spam_score}: {row.content[:90]!r}")
        for name in (kind, *([] if kind == "honest" else ["all spam"])):
            found.setdefault(name, Counter())[row.status] += 1
    rows = sorted(found.items(), key=lambda item: (item[0] == "all spam", item[0]))
    return [
        (name, counts.total(), *(counts[status] for status in ("approved", "held", "spam")))
        for name, counts in rows
    ]

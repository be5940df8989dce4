"""What tells a person from a program, without asking anybody else: the time that a form was open, work that the browser
did for it, and a field that nobody sees.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData

from blog.keys import seal

WORK = 16  # bits: 65,000 hashes on average, a fraction of a second in a browser
SHORTEST = timedelta(seconds=3)  # nobody reads and writes faster
LONGEST = timedelta(days=1)  # shorter than nonces are kept, so that no work is shown twice


@dataclass(frozen=True)
class Sent:
    """What came with a guest's form."""

    opened: str
    proof: str
    nonce: str
    trap: str


def open_form(post_id: int, nonce: str, at: datetime) -> str:
    """What a new form holds: it tells later how long it was open, and is what the browser works on."""
    return str(seal("form of a guest").dumps([post_id, nonce, int(at.timestamp())]))


def what_is_wrong(sent: Sent, post_id: int, at: datetime) -> str:
    """Why a guest's comment is not to be shown unseen; empty where nothing speaks against it."""
    if sent.trap:
        return "trap"
    opened = when_opened(sent, post_id)
    if opened is None or not is_done(sent.opened, sent.proof):
        return "no proof"
    age = at - opened
    return "" if SHORTEST <= age <= LONGEST else "too fast" if age < SHORTEST else "no proof"


def when_opened(sent: Sent, post_id: int) -> datetime | None:
    """None for what we did not sign, or signed for another form."""
    try:
        post, nonce, at = seal("form of a guest").loads(sent.opened)
    except (BadData, ValueError, TypeError):
        return None
    same = post == post_id and nonce == sent.nonce
    return datetime.fromtimestamp(at, UTC) if same else None


def is_done(task: str, proof: str, bits: int = WORK) -> bool:
    """Whether the hash of both begins with so many zeros: found only by trying, and checked at once."""
    if not (proof.isascii() and proof.isdigit() and len(proof) <= 12):
        return False
    digest = hashlib.sha256(f"{task}:{proof}".encode()).digest()
    return int.from_bytes(digest[:8]) >> (64 - bits) == 0


def work(task: str, bits: int = WORK) -> str:
    """As static/js/proof.js does it: some 0.05 s here."""
    number = 0
    while not is_done(task, str(number), bits):
        number += 1
    return str(number)

"""What a browser was asked about passkeys: each question belongs to its session, and is answered once, and soon."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, session

from blog.accounts.passkeys import NO_ANSWER, Passkey, Question, possible, proven
from blog.db import db, now
from blog.errors import Invalid
from blog.forms import Submission

LASTS = timedelta(minutes=5)
NAME = "passkey_question"


def site_url() -> str:
    return str(current_app.config["SITE_URL"])


def passkeys_possible() -> bool:
    return possible(site_url())


def ask(purpose: str, question: Question) -> dict[str, Any]:
    """What to send the browser; what has to be known until it answers is kept in its session."""
    options, state = question
    session[NAME] = {"purpose": purpose, "state": state, "at": now().timestamp()}
    return options


def asked(purpose: str) -> dict[str, Any]:
    """The question that this session was asked, used up. Invalid where there is none, or it was answered before.

    A copy of the cookie would hold the question again, so that it was answered is written down, not committed.
    """
    kept = session.pop(NAME, None) or {}
    if kept.get("purpose") != purpose or now() - datetime.fromtimestamp(kept["at"], now().tzinfo) > LASTS:
        raise Invalid(NO_ANSWER)
    state: dict[str, Any] = kept["state"]
    if db.session.get(Submission, state["challenge"]):
        raise Invalid(NO_ANSWER)
    Submission.record(state["challenge"], "")
    return state


def answering_passkey(answer: str) -> Passkey:
    """The passkey that signed this session's question, not committed. Invalid where none did."""
    return proven(site_url(), asked("sign in"), answer, now())

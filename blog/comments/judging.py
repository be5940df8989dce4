"""Whether a new comment is shown at once, held for review, or taken for spam."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from blog.comments import proofs, words
from blog.comments.models import Comment, Status
from blog.db import db, now
from blog.settings import site

SPAM, SUSPECT = 95, 60  # per cent of the filter: from there on it is spam, or somebody looks at it
MOST_LINKS = 2  # more are for somebody to look at
LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)

WORDS = {
    "": "",
    "always": "The settings hold all comments.",
    "first": "It is the first of whoever wrote it.",
    "links": "It has many links.",
    "no proof": "The browser did no work for it: perhaps without script.",
    "too fast": "It was written faster than anybody types.",
    "trap": "A field was filled in that nobody sees.",
    "words": "Its words are like those of spam.",
}


@dataclass(frozen=True)
class Judgement:
    status: Status
    because: str = ""
    score: int | None = None  # of its words, in per cent


def judge(comment: Comment, person: Any, sent: proofs.Sent | None = None) -> Judgement:
    """What becomes of it, flushed but not committed. Nothing is held that whoever moderates there wrote; of a guest, what
    came with the form counts too.
    """
    if person is not None and moderates(person, comment):
        return Judgement(Status.APPROVED)
    wrong = proofs.what_is_wrong(sent, comment.post_id, now()) if sent else ""
    score = words.score(comment.content, comment.guest_name or "")
    if wrong == "trap" or (score is not None and score >= SPAM):
        return Judgement(Status.SPAM, wrong or "words", score)
    because = wrong or by_its_words(comment, score) or by_the_settings(comment)
    return Judgement(Status.HELD if because else Status.APPROVED, because, score)


def moderates(person: Any, comment: Comment) -> bool:
    mine = select(Comment.id).where(Comment.id == comment.id, Comment.is_moderated_by(person))
    return db.session.scalar(mine) is not None


def by_its_words(comment: Comment, score: int | None) -> str:
    if score is not None and score >= SUSPECT:
        return "words"
    return "links" if links_in(comment) > MOST_LINKS else ""


def links_in(comment: Comment) -> int:
    return len(LINK.findall(comment.content))


def by_the_settings(comment: Comment) -> str:
    """Why the settings want it held, if they do."""
    held = site().comments_held
    return held if held == "always" or (held == "first" and not is_known(comment)) else ""


def is_known(comment: Comment) -> bool:
    """Whether a comment of theirs was shown before; guests are known by their name and address together."""
    theirs = (
        (Comment.author_id == comment.author_id,)
        if comment.author_id
        else (Comment.guest_email == comment.guest_email, Comment.guest_name == comment.guest_name)
    )
    if not comment.author_id and not comment.guest_email:
        return False
    shown = select(Comment.id).where(*theirs, Comment.is_shown(), Comment.id != comment.id)
    return db.session.scalar(shown.limit(1)) is not None


def apply(judgement: Judgement, comment: Comment) -> None:
    """What was held before stays so."""
    comment.spam_score = judgement.score
    if judgement.status is not Status.APPROVED and comment.status == Status.APPROVED:
        comment.hold(judgement.status, judgement.because)

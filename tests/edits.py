"""Pairs of edits of one post from forms that both writers opened before either saved, and what became of each."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.reading import fields_on
from tests.visitor import Visitor

SENTENCES = 4
PARAGRAPHS = 8


@dataclass
class Report:
    """How many pairs merged, how many were asked about with both texts at hand, and how many lost something."""

    merged: int = 0
    asked: int = 0
    lost: int = 0


@dataclass
class Drill:
    author: User
    clients: Sequence[Visitor]
    report: Report = field(default_factory=Report)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def run(self, pairs: int) -> Report:
        for number in range(pairs):
            self.one_pair(number, overlaps=number % 2 == 1)
        return self.report

    def one_pair(self, number: int, *, overlaps: bool) -> None:
        base = self.text()
        post = make.post(self.author, title=f"Pair {number}", content=base, status="draft")
        forms = [opened(client, post) for client in self.clients]
        places = self.places(overlaps=overlaps)
        marks = [f"marked{number}by{side}" for side in "ab"]
        texts = [changed(base, place, mark) for place, mark in zip(places, marks, strict=True)]
        first, second = (
            save(client, post, {**form, "content": text})
            for client, form, text in zip(self.clients, forms, texts, strict=True)
        )
        assert first.status_code == 302
        if overlaps:
            self.was_asked(post, second, marks)
        else:
            self.was_merged(post, second, changed(texts[0], places[1], marks[1]))

    def was_merged(self, post: Post, answer: Any, wanted: str) -> None:
        """All that both wrote is stored, and no more."""
        db.session.refresh(post)
        if answer.status_code == 302 and post.content == wanted:
            self.report.merged += 1
        else:
            self.report.lost += 1

    def was_asked(self, post: Post, answer: Any, marks: list[str]) -> None:
        """Nothing is overwritten; both texts are on the page, and in the post once "both" is chosen."""
        page = fields_on(answer)
        keys = [name for name in page if name.startswith("choose-")]
        db.session.refresh(post)
        kept = (
            answer.status_code == 409
            and marks[0] in post.content
            and all(mark in answer.text for mark in marks)
        )
        form = {name: shown.value for name, shown in page.items()} | dict.fromkeys(keys, "both")
        saved = save(self.clients[1], post, form)
        db.session.refresh(post)
        if kept and saved.status_code == 302 and all(mark in post.content for mark in marks):
            self.report.asked += 1
        else:
            self.report.lost += 1

    def text(self) -> str:
        """Paragraphs of sentences, of words that come again and again."""
        words = ("rain", "tea", "the", "cat", "a", "quiet", "garden", "fell", "evening", "and")
        sentences = [
            " ".join(self.chance.choices(words, k=9)).capitalize() + "."
            for _ in range(PARAGRAPHS * SENTENCES)
        ]
        rows = [sentences[start : start + SENTENCES] for start in range(0, len(sentences), SENTENCES)]
        return "\n\n".join(map(" ".join, rows))

    def places(self, *, overlaps: bool) -> tuple[int, int]:
        """Two words of the text, the same one or two that are not neighbours."""
        words = PARAGRAPHS * SENTENCES * 9
        one = self.chance.randrange(words)
        if overlaps:
            return one, one
        return one, (one + self.chance.randrange(3, words - 3)) % words


def changed(text: str, place: int, mark: str) -> str:
    """The text with another word at this place."""
    words = text.replace("\n\n", " \n\n ").split(" ")
    places = [number for number, word in enumerate(words) if word.strip()]
    words[places[place]] = mark
    return " ".join(words).replace(" \n\n ", "\n\n")


def opened(client: Visitor, post: Post) -> dict[str, str]:
    shown = fields_on(client.get(f"/posts/{post.id}/edit"))
    return {name: found.value for name, found in shown.items() if name not in {"save", "preview", "wait"}}


def save(client: Visitor, post: Post, form: dict[str, str]) -> Any:
    return client.post(f"/posts/{post.id}/edit", data=form)

"""What becomes of a journal: folded away a day after the save, and a month after the last change at the latest."""

from datetime import timedelta

import time_machine
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.posts import journal
from blog.posts.journal import End, JournalEntry, JournalMark
from blog.posts.models import Post
from tests import make


def fold() -> None:
    with transaction():
        journal.fold_all()


def tabs() -> set[str]:
    return set(db.session.scalars(select(JournalEntry.tab)))


def save(person: User, tab: str) -> None:
    entry = journal.find(person.id, tab)
    assert entry
    with transaction():
        journal.mark({tab: entry.typed_at}, End.SAVED, person_id=person.id, at=now())


def test_it_works(alice: User, clock: time_machine.Traveller) -> None:
    post = make.post(alice)
    saved, unsaved = make.journal(alice, post), make.journal(alice, post)
    save(alice, saved)
    fold()
    assert tabs() == {saved, unsaved}
    clock.shift(timedelta(days=1, seconds=1))
    fold()
    assert tabs() == {unsaved}
    clock.shift(timedelta(days=30))
    fold()
    assert tabs() == set()
    assert db.session.scalar(select(func.count()).select_from(JournalMark)) == 0


def test_what_is_typed_after_the_save_keeps_all_that_it_needs(
    alice: User, clock: time_machine.Traveller
) -> None:
    tab = make.journal(alice, None, "a")
    save(alice, tab)
    make.journal(alice, None, "ab", tab=tab, number=1, whole=False, position=1, put="b")
    clock.shift(timedelta(days=2))
    fold()
    assert [draft.fields["content"] for draft in journal.drafts(alice.id, None)] == ["ab"]


def test_a_tab_that_is_typed_in_for_a_month_stays_whole(alice: User, clock: time_machine.Traveller) -> None:
    tab = make.journal(alice, None, "a")
    clock.shift(timedelta(days=31))
    make.journal(alice, None, "ab", tab=tab, number=1, whole=False, position=1, put="b")
    fold()
    assert [draft.fields["content"] for draft in journal.drafts(alice.id, None)] == ["ab"]


def test_each_person_has_tabs_of_their_own(alice: User, bob: User, clock: time_machine.Traveller) -> None:
    for person in (alice, bob):
        make.journal(person, None, tab="the-same-for-both")
    save(alice, "the-same-for-both")
    clock.shift(timedelta(days=2))
    fold()
    assert db.session.scalars(select(JournalEntry.person_id)).all() == [bob.id]


def test_it_goes_with_the_person_and_with_the_post(alice: User) -> None:
    post: Post = make.post(make.user())
    make.journal(alice, post)
    db.session.delete(post)
    db.session.commit()
    assert tabs() == set()
    save(alice, make.journal(alice))
    db.session.delete(alice)
    db.session.commit()
    assert tabs() == set()

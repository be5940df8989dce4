"""Who did what to what: append-only, each entry carrying the hash of the one before."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

import click
from flask import g, has_request_context, request
from flask_login import current_user
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Index,
    String,
    Table,
    UniqueConstraint,
    event,
    inspect,
    select,
)
from sqlalchemy.orm import InstanceState, Mapped, Session, SessionTransaction, mapped_column
from sqlalchemy.orm.attributes import get_history

from blog.bulk import insert_many
from blog.db import Model, RoutingSession, db, now, one_at_a_time, utc_now
from blog.engines import lock_for_writing

BEGINNING = "0" * 64  # what the first entry has for the hash of the one before
SECRET = re.compile("password|secret|hash|key|token|code")
UNSEEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
LONGEST_VALUE = 500


class Entry(Model):
    """One thing that was done. No foreign keys: it outlives whom and what it speaks of, unchanged."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)  # without gaps
    at: Mapped[datetime] = mapped_column(server_default=utc_now())
    actor_id: Mapped[int | None] = mapped_column()
    actor_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    action: Mapped[str] = mapped_column(String(50))
    thing: Mapped[str] = mapped_column(String(50))
    thing_id: Mapped[int | None] = mapped_column()
    label: Mapped[str] = mapped_column(String(200), default="", server_default="")
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("previous_hash"),  # the chain cannot fork
        CheckConstraint("length(action) BETWEEN 1 AND 50", name="action"),
        Index(None, "at", id.desc()),
        Index(None, "action", id.desc()),
        Index(None, "actor_id", id.desc()),
        Index(None, "thing", "thing_id", id.desc()),
    )


ENTRIES = cast("Table", Entry.__table__)  # to write and to read without the cost of objects


@event.listens_for(Entry, "before_update")
@event.listens_for(Entry, "before_delete")
def refuse(*rest: Any) -> None:
    raise RuntimeError("the log is only ever added to")


EXACTLY = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def hash_of(values: Mapping[str, Any]) -> str:
    """Of all columns but the hash itself, as JSON in which nothing is left to chance."""
    told = {**values, "at": values["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    return hashlib.sha256(EXACTLY.encode(told).encode()).hexdigest()


# Recording


@dataclass(frozen=True)
class Gone:
    """Something that is no longer there, or that no model stands for."""

    kind: str
    id: int | None
    label: str


@dataclass
class Record:
    """What is to be written when the transaction commits."""

    action: str
    thing: Any  # a model, Gone, or a word
    by: Any
    label: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    within: SessionTransaction | None = None


@dataclass
class Was:
    """How a model was before the transaction: the values of its `__logged__` columns that were known."""

    model: Any
    what_happened: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Waiting:
    """What a session holds for the log until it commits."""

    records: list[Record] = field(default_factory=list)
    models: dict[InstanceState[Any], Was] = field(default_factory=dict)


WHOEVER_ACTS = object()


def record(
    action: str,
    thing: Any,
    *,
    by: Any = WHOEVER_ACTS,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    label: str = "",
) -> None:
    """Log that something was done, in the present transaction: an entry is written as it commits.

    `thing` is a model, Gone, or a word. What changed in the columns that its class names in `__logged__` comes by itself;
    `before` and `after` add what is no column. `by` is a person, a word, or None for nobody known.
    """
    by = who_acts() if by is WHOEVER_ACTS else by
    session = db.session()
    with session.no_autoflush:  # what is deleted still has a name
        entry = Record(action, thing, by, label or label_of(thing), before or {}, after or {})
    entry.within = session.get_nested_transaction()
    waiting(session).records.append(entry)


def record_many(action: str, gone: Iterable[tuple[Gone, Mapping[str, Any]]]) -> None:
    """Log it of each of them, with what there was `before`: as `record` does, but for thousands at once."""
    session, by = db.session(), who_acts()
    within = session.get_nested_transaction()
    waiting(session).records.extend(
        Record(action, thing, by, thing.label, before, within=within) for thing, before in gone
    )


def who_acts() -> Any:
    """Whoever is signed in; outside of requests the command line, or the site itself."""
    if has_request_context():
        return current_user._get_current_object() if current_user.is_authenticated else None
    is_command = click.get_current_context(silent=True) and not g.get("claim")  # a job's
    return "command line" if is_command else "the site"


def waiting(session: Session) -> Waiting:
    held: Waiting = session.info.setdefault("log", Waiting())
    return held


@event.listens_for(RoutingSession, "before_flush")
def remember(session: Session, *rest: Any) -> None:
    """Note how models were, before a flush makes them forget it."""
    for happened, models in (
        ("created", session.new),
        ("deleted", session.deleted),
        ("changed", session.dirty),
    ):
        for model in models:
            if names := getattr(model, "__logged__", ()):
                was = waiting(session).models.setdefault(inspect(model), Was(model, happened))
                was.what_happened = "deleted" if happened == "deleted" else was.what_happened
                was.values = {**old_values(model, names, happened == "created"), **was.values}


def old_values(model: Any, names: tuple[str, ...], is_new: bool) -> dict[str, Any]:
    """Of what is new, None."""
    if is_new:
        return dict.fromkeys(names)
    histories = {name: get_history(model, name) for name in names}
    return {name: (history.deleted or history.unchanged or (None,))[0] for name, history in histories.items()}


@event.listens_for(Model, "mapper_configured", propagate=True)
def keep_old_values(mapper: Any, model: type[Model]) -> None:
    """A listener that wants the old value makes SQLAlchemy read it, if need be, before it is written over."""
    for name in getattr(model, "__logged__", ()):
        event.listen(getattr(model, name), "set", do_nothing, active_history=True)


def do_nothing(*change: Any) -> None:
    """The old value is wanted, not the change."""


@event.listens_for(RoutingSession, "before_commit")
def write(session: Session) -> None:
    """Last of all that the transaction does, so that others wait for its place in the chain as shortly as may be."""
    if session.in_nested_transaction():
        return
    session.flush()
    held: Waiting = session.info.pop("log", Waiting())
    records = [*held.records, *(not_recorded(held) if has_request_context() else ())]
    if not records:
        return
    lock_for_writing(session.connection())
    one_at_a_time("log")
    newest = select(ENTRIES.c.id, ENTRIES.c.hash).order_by(ENTRIES.c.id.desc()).limit(1)
    last = session.execute(newest).first()
    where = {"at": now(), "address": address()}
    told = ({**where, **values_of(entry, held)} for entry in records)
    insert_many(ENTRIES, chained(told, *(last or (0, BEGINNING))))


def chained(entries: Iterable[dict[str, Any]], place: int, previous_hash: str) -> Iterator[dict[str, Any]]:
    """The entries as rows, after the one with this id and hash."""
    for values in entries:
        place += 1
        row = {"id": place, **values, "previous_hash": previous_hash}
        previous_hash = hash_of(row)
        yield {**row, "hash": previous_hash}


def not_recorded(held: Waiting) -> list[Record]:
    """What a request changed without a word, so that nothing is done that the log does not know."""
    told = [entry.thing for entry in held.records]
    silent = [was for was in held.models.values() if not any(was.model is thing for thing in told)]
    changed = [was for was in silent if any(changes(was.model, held))]
    if not changed:
        return []
    by = who_acts() or next((entry.by for entry in held.records if entry.by), None)
    return [Record(was.what_happened, was.model, by, label_of(was.model)) for was in changed]


@event.listens_for(RoutingSession, "after_soft_rollback")
def forget(session: Session, ended: SessionTransaction) -> None:
    """What was not done is not logged."""
    held = session.info.get("log")
    if held and ended.nested:
        held.records = [entry for entry in held.records if not is_within(entry.within, ended)]
    elif held:
        session.info.pop("log")


def is_within(transaction: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while transaction is not None and transaction is not ended:
        transaction = transaction.parent
    return transaction is ended


# What an entry says


def address() -> str:
    return line(request.remote_addr or "", 45) if has_request_context() else ""


def values_of(entry: Record, held: Waiting) -> dict[str, Any]:
    before, after = changes(entry.thing, held)
    return {
        "actor_id": id_of(entry.by),
        "actor_name": line(getattr(entry.by, "username", entry.by or ""), 80),
        "action": entry.action,
        "thing": kind_of(entry.thing),
        "thing_id": id_of(entry.thing),
        "label": line(entry.label, 200),
        "before": plain({**before, **entry.before}),
        "after": plain({**after, **entry.after}),
    }


def changes(thing: Any, held: Waiting) -> tuple[dict[str, Any], dict[str, Any]]:
    """The logged columns that are not what they were: before, and after; nothing for what is not there then."""
    was = held.models.get(inspect(thing)) if isinstance(thing, Model) else None
    if was is None:
        return {}, {}
    present = {} if inspect(thing).deleted else {name: getattr(thing, name) for name in was.values}
    different = [name for name in was.values if was.values[name] != present.get(name)]
    before = {name: was.values[name] for name in different if was.values[name] is not None}
    return before, {name: present[name] for name in different if present.get(name) is not None}


def kind_of(thing: Any) -> str:
    """A word for it: ApiToken is an "api token"."""
    if isinstance(thing, str | Gone):
        return line(getattr(thing, "kind", thing), 50)
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", type(thing).__name__).lower()


def id_of(thing: Any) -> int | None:
    if isinstance(thing, Gone):
        return thing.id
    key = inspect(thing).identity if isinstance(thing, Model) else None
    return key[0] if key and len(key) == 1 and isinstance(key[0], int) else None


def label_of(thing: Any) -> str:
    """What people call it; nothing where only the kind of thing is known, by its name."""
    if isinstance(thing, str):
        return ""
    names = (getattr(thing, name, None) for name in ("label", "title", "username", "name", "email"))
    return next((str(name) for name in names if name), "")


def plain(value: Any, name: str = "") -> Any:
    """As JSON knows it, without secrets, and not too long."""
    if isinstance(value, Mapping):
        return {line(key, 80): plain(one, str(key)) for key, one in value.items()}
    if value is None or isinstance(value, bool):
        return value
    if SECRET.search(name.lower()):
        return "(hidden)"
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if isinstance(value, int):
        return value
    return line(value.isoformat() if isinstance(value, date) else value, LONGEST_VALUE)


def line(value: Any, length: int) -> str:
    """One line of text that every database stores as it is."""
    text = UNSEEN.sub("\N{REPLACEMENT CHARACTER}", str(value))
    return text if len(text) <= length else f"{text[: length - 1]}…"

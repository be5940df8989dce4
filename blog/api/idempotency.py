"""One effect for each Idempotency-Key: a request that is sent again gets the first answer, for 24 hours."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import Response, request
from flask_login import current_user
from sqlalchemy import JSON, ForeignKey, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import FileStorage

from blog.api.bodies import MULTIPART
from blog.db import Model, db, now, utc_now
from blog.errors import Conflict, Invalid

HEADER = "Idempotency-Key"
KEY = re.compile("[\x21-\x7e]{1,255}")
KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


class Answer(Model):
    """What a request with a key was answered. Written with what the request did, so it is there if that is, and only
    then: a process that dies on the way leaves neither.
    """

    __tablename__ = "answers"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column()
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now(), index=True)

    @classmethod
    def forget_old(cls, at: datetime, user_id: int | None = None) -> None:
        """Forget those that are older than a day: this person's, or everybody's."""
        old = delete(cls).where(cls.created_at < at - KEPT_FOR)
        db.session.execute(old if user_id is None else old.where(cls.user_id == user_id))


def once(act: Callable[[], Response], *, secret: bool = False) -> Response:
    """What `act` answers, or what it did when this request came before. To be called inside a transaction.

    An answer that is `secret` is kept so that only the token that asked can be told it again. Only what succeeded is
    kept: what was refused did nothing, and may be tried again. Raises Invalid where the key came with another
    request, and Conflict while the first is still running; where SQLite is, that one is waited for instead.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act()
    if not KEY.fullmatch(key):
        raise Invalid(errors={HEADER: ["Give 1 to 255 characters of ASCII, without spaces."]})
    take_turn(key)
    Answer.forget_old(now(), current_user.id)
    before = db.session.get(Answer, (current_user.id, key))
    return again(before, secret) if before else keep(key, act(), secret)


def take_turn(key: str) -> None:
    """Hold this key until the transaction ends, however it does. SQLite has one writer at a time anyway."""
    if db.session.connection().dialect.name != "postgresql":
        return
    name = func.hashtextextended(f"{current_user.id} {key}", 0)
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(name))):
        message = "The first request with this key is still running. Ask again in a moment."
        raise Conflict(message, kind="still-running", headers={"Retry-After": "1"})


def keep(key: str, response: Response, secret: bool) -> Response:
    body = response.get_data()
    answer = Answer(
        user_id=current_user.id,
        key=key,
        request_hash=hash_of_request(),
        status=response.status_code,
        headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
        body=seal(key).encrypt(body) if secret else body,
        created_at=now(),
    )
    db.session.add(answer)
    db.session.flush()
    return response


def again(answer: Answer, secret: bool) -> Response:
    if answer.request_hash != hash_of_request():
        message = "This key came before, with another request. Give each request a key of its own."
        raise Invalid(kind="key-reused", errors={HEADER: [message]})
    try:
        body = seal(answer.key).decrypt(answer.body) if secret else answer.body
    except InvalidToken:
        raise Conflict("That was answered to another token, and held a secret.", kind="key-reused") from None
    return Response(body, answer.status, {**answer.headers, "Idempotency-Replayed": "true"})


def hash_of_request() -> str:
    """Tells this request from every other."""
    asked = (request.method, request.full_path, sent())
    return hashlib.sha256(repr(asked).encode()).hexdigest()


def sent() -> Any:
    """The body; of a form of several parts these, for what stands between them is new each time."""
    if request.mimetype != MULTIPART:
        return request.get_data()
    return [*request.form.items(multi=True), *map(file_sent, request.files.items(multi=True))]


def file_sent(part: tuple[str, FileStorage]) -> tuple[str, str | None, str]:
    name, file = part
    file.stream.seek(0)
    return name, file.filename, hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]


def seal(key: str) -> Fernet:
    """Opened by the token that the request came with, which the database does not know."""
    token = request.authorization.token if request.authorization else None
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"{token} {key}".encode()).digest()))

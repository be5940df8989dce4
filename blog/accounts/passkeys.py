"""Passkeys: signing in without a password (WebAuthn)."""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Model, db, utc_now
from blog.errors import Invalid

Answer = TypeVar("Answer")

ALGORITHM = 3  # where a key in COSE says of which kind it is (RFC 9052, 7.1)
LONGEST_ID = 1023  # bytes (WebAuthn, 5.8.3)
PARTS = {"clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"}
NO_ANSWER = "That was no answer to the present question. Load the page again and retry."
MALFORMED = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError, struct.error)


class Passkey(Model):
    """What a device or a key holds the other half of."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)  # in COSE
    sign_count: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    last_used_at: Mapped[datetime | None] = mapped_column()

    __table_args__ = (
        UniqueConstraint("credential_id", info={"message": "This passkey is registered already."}),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
    )

    @classmethod
    def of(cls, user_id: int) -> Select["Passkey"]:
        return select(cls).where(cls.user_id == user_id).order_by(cls.id)

    @classmethod
    def end_all(cls, user_id: int) -> None:
        db.session.execute(delete(cls).where(cls.user_id == user_id))

    def use(self, count: int, at: datetime) -> None:
        """Note that it signed. Invalid if it counts its signatures and did not count on: then there is a copy of it."""
        grown = Passkey.sign_count < count if count else Passkey.sign_count == 0
        used = update(Passkey).where(Passkey.id == self.id, grown).values(sign_count=count, last_used_at=at)
        if not db.session.execute(used.returning(Passkey.id)).first():
            raise Invalid("This passkey seems to have been copied. Sign in another way, and remove it.")


# Questions to a browser, and what is made of its answers. A question is two things: what the browser is asked, and
# what has to be kept until it answers.

Question = tuple[dict[str, Any], dict[str, Any]]


def possible(site_url: str) -> bool:
    """Whether browsers offer passkeys there: under https, and under the name localhost."""
    site = urlsplit(site_url)
    return site.scheme == "https" or site.hostname == "localhost"


def server(site_url: str) -> Fido2Server:
    """Knows the site by its own address alone, whatever a request says."""
    host = str(urlsplit(site_url).hostname)
    party = PublicKeyCredentialRpEntity(id=host, name=host)
    return Fido2Server(party, verify_origin=lambda origin: origin == site_url)


def ask_to_register(site_url: str, user: Any, known: Sequence[Passkey]) -> Question:
    """For a passkey that finds its person by itself, on a device that does not hold one of the `known`."""
    person = PublicKeyCredentialUserEntity(
        id=str(user.id).encode(), name=user.username, display_name=user.display_name
    )
    options, state = server(site_url).register_begin(
        person,
        [credential(passkey) for passkey in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options), state


def registered(site_url: str, state: dict[str, Any], answer: str, user_id: int, name: str) -> Passkey:
    """The new passkey, not yet in the session. Invalid for what is no answer."""
    here = server(site_url)
    told = read(lambda: here.register_complete(state, parts_of(answer)))
    made = told.credential_data
    if (
        made is None
        or len(made.credential_id) > LONGEST_ID
        or made.public_key.get(ALGORITHM) not in asked_of(here)
    ):
        raise Invalid(NO_ANSWER)
    kept = {"credential_id": made.credential_id, "public_key": cbor.encode(dict(made.public_key))}
    return Passkey(user_id=user_id, name=name, sign_count=told.counter, **kept)


def asked_of(here: Fido2Server) -> set[int]:
    """The kinds of keys that a device may choose among (COSE algorithms)."""
    return {int(kind.alg) for kind in here.allowed_algorithms}


def ask_to_sign_in(site_url: str) -> Question:
    """Whichever passkey the person chooses, verified by the device: that stands for the password and the code."""
    asked = server(site_url).authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    options, state = asked
    return dict(options), state


def proven(site_url: str, state: dict[str, Any], answer: str, at: datetime) -> Passkey:
    """The passkey that signed the question. Invalid for what is no answer, and for a passkey that nobody here has."""
    given = read(lambda: AuthenticationResponse.from_dict(parts_of(answer)))
    passkey = db.session.scalar(select(Passkey).where(Passkey.credential_id == given.raw_id))
    if passkey is None:
        raise Invalid("Nobody here has this passkey. Sign in another way.")
    read(lambda: server(site_url).authenticate_complete(state, [credential(passkey)], given))
    passkey.use(given.response.authenticator_data.counter, at)
    return passkey


def credential(passkey: Passkey) -> AttestedCredentialData:
    key = CoseKey.parse(cast("Mapping[int, Any]", cbor.decode(passkey.public_key)))
    return AttestedCredentialData.create(Aaguid.NONE, passkey.credential_id, key)


def parts_of(answer: str) -> dict[str, Any]:
    """What is looked at of an answer. All of it has to be text: of a number, fido2 would make that many bytes."""
    given = json.loads(answer)
    response = {name: part for name, part in given["response"].items() if name in PARTS and part is not None}
    if not all(isinstance(part, str) for part in (given["id"], given["rawId"], *response.values())):
        raise ValueError("no text")
    return {"id": given["id"], "rawId": given["rawId"], "response": response}


def read(take: Callable[[], Answer]) -> Answer:
    """What `take` makes of something from a browser, which may be anything. Invalid where it makes nothing of it."""
    try:
        return take()
    except MALFORMED as error:
        raise Invalid(NO_ANSWER) from error

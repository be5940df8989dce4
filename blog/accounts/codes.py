"""One-time codes of an authenticator (RFC 6238), and the recovery codes for when it is lost."""

import hmac
import secrets
from datetime import datetime

import pyotp
import segno
from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from blog.accounts.keys import LENGTH_OF_HASH, hash_of
from blog.db import Model, db, utc_now

STEP = (
    30  # seconds that a code is good for; one step early and one late is taken too, for clocks that are wrong
)
RECOVERY_CODES = 10
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # without those that look like another (Crockford's base 32)
ALIKE = str.maketrans("ilo", "110")


def new_secret() -> str:
    """What an authenticator is given: 160 bits in base 32."""
    return pyotp.random_base32()


def address_for(secret: str, *, username: str, site: str) -> str:
    """The otpauth: address that a telephone reads off the screen."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=username, issuer_name=site)


def picture_of(address: str) -> str:
    """It as a square of dots, in a data: address that an image may have."""
    return segno.make_qr(address).svg_data_uri(scale=4, light="white")


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step of time that this code belongs to, if it is the present one, or the one before or after."""
    totp, present = pyotp.TOTP(secret, interval=STEP), int(at.timestamp()) // STEP
    digits = code.replace(" ", "")
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    return None


class RecoveryCode(Model):
    """Lets its person in once in place of a one-time code."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(LENGTH_OF_HASH))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    used_at: Mapped[datetime | None] = mapped_column()

    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    @classmethod
    def renew(cls, user_id: int) -> list[str]:
        """New ones, which are shown once; those from before end."""
        cls.end_all(user_id)
        made = [new_code() for _ in range(RECOVERY_CODES)]
        db.session.add_all(cls(user_id=user_id, code_hash=hash_of(bare(code))) for code in made)
        return made

    @classmethod
    def end_all(cls, user_id: int) -> None:
        db.session.execute(delete(cls).where(cls.user_id == user_id))

    @classmethod
    def use(cls, user_id: int, code: str, at: datetime) -> bool:
        """Use one up: of two at the same moment one gets it. False if it is none, or was used before."""
        mine = (cls.user_id == user_id, cls.code_hash == hash_of(bare(code)), cls.used_at.is_(None))
        used = update(cls).where(*mine).values(used_at=at).returning(cls.id)
        return db.session.execute(used).first() is not None

    @classmethod
    def left(cls, user_id: int) -> Select[int]:
        """How many can still be used."""
        return select(func.count(cls.id)).where(cls.user_id == user_id, cls.used_at.is_(None))


def new_code() -> str:
    """`0a1b-2c3d-4e5f-6g7h`: 80 random bits, so that a plain hash will do."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def bare(code: str) -> str:
    """As it was made, however it was typed."""
    return "".join(code.split()).replace("-", "").lower().translate(ALIKE)

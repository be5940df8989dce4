"""Passwords: which ones may be chosen, and how they are kept (argon2id)."""

import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from blog.errors import Invalid
from blog.text import clean

SHORTEST = 10
LONGEST = 1000
TOO_SHORT = f"Use at least {SHORTEST} characters; a sentence is fine."
COMMONEST = Path(__file__).with_name("common_passwords.txt")


def check(password: str, *names: str | None) -> None:
    """Invalid, with the reason, for a password that is soon guessed; `names` are what its person is known by."""
    text = prepared(clean(password, "password"))
    if text.casefold() in common():
        raise Invalid(
            "This is one of the commonest passwords, which are tried first. Choose another.", "password"
        )
    if len(text) < SHORTEST:
        raise Invalid(TOO_SHORT, "password")
    if len(text) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters.", "password")
    if text.casefold() in known_parts(names):
        raise Invalid(
            "This is what you are called here, which everybody may know. Choose another.", "password"
        )


def known_parts(names: tuple[str | None, ...]) -> set[str]:
    """The names, and what stands before the @ of an e-mail address."""
    folded = {prepared(name).casefold() for name in names if name}
    return folded | {name.partition("@")[0] for name in folded}


@cache
def common() -> frozenset[str]:
    lines = COMMONEST.read_text(encoding="utf-8").splitlines()
    return frozenset(line.casefold() for line in lines if not line.startswith("#"))


def prepared(password: str) -> str:
    """The same for each way in which a keyboard may put it: every space a plain one, then NFC (RFC 8265, 4.2.2)."""
    plain = (" " if unicodedata.category(character) == "Zs" else character for character in password)
    return unicodedata.normalize("NFC", "".join(plain))


@cache
def hasher() -> PasswordHasher:
    """argon2id, at the library's parameters (RFC 9106, low memory)."""
    return PasswordHasher()


@cache
def nobodys_hash() -> str:
    return hasher().hash("a password that nobody has")


def hashed(password: str) -> str:
    return hasher().hash(prepared(password))


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than are in force."""
    return hasher().check_needs_rehash(password_hash)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Without a hash another is tried, so that the time tells nothing."""
    ways = dict.fromkeys((prepared(password), password))  # as it was typed: from before it was prepared
    return any(verified(password_hash or nobodys_hash(), way) for way in ways) and password_hash is not None


def verified(password_hash: str, password: str) -> bool:
    try:
        return hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False

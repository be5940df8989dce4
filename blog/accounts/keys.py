"""Secret keys that people hold: given out once, kept as a hash."""

import hashlib
import secrets

LENGTH_OF_HASH = 64


def new_key() -> str:
    """43 characters that nobody guesses (256 bits)."""
    return secrets.token_urlsafe(32)


def hash_of(key: str) -> str:
    """A plain hash is enough for what has 256 random bits; passwords, which have not, go through argon2."""
    return hashlib.sha256(key.encode()).hexdigest()

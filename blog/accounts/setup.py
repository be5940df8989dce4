"""The first start: whoever holds the printed key becomes the owner."""

import hashlib
import hmac

from flask import current_app

from blog import settings
from blog.access import Role
from blog.accounts.models import User
from blog.db import one_at_a_time
from blog.errors import Conflict


def setup_key() -> str:
    """Made from the secret of the site, so that every process knows it and none has to keep it."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, b"set up this site", hashlib.sha256).hexdigest()[:32]


def is_setup_key(key: str) -> bool:
    return hmac.compare_digest(key.encode(), setup_key().encode())


def setup_address() -> str:
    return f"{current_app.config['SITE_URL']}/setup?key={setup_key()}"


def begin(*, site_title: str, **person: str) -> User:
    """Make the owner and name the site; Conflict if somebody was faster. Not committed."""
    one_at_a_time("setup")
    if User.there_is_one():
        raise Conflict("This site has been set up already. Sign in instead.")
    settings.save(title=site_title)
    return User.join(role=Role.OWNER, **person)

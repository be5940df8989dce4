"""What people are told by e-mail of their own accounts: so that they notice what they did not do."""

from typing import Any

from blog import mail
from blog.accounts.models import User


def tell(user: User, subject: str, template: str, **about: Any) -> None:
    """Write to the address that somebody has here, if there is one. Not committed."""
    if user.email:
        mail.write(user.email, subject, template, shown_to=user.role, username=user.username, **about)


def tell_of_change(user: User, what: str) -> None:
    """`what` ends a sentence: the password of your account *was changed*."""
    tell(user, "Your account was changed", "account_changed", what=what)

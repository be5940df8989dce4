"""Ending letters of one sort: on the page behind the link in them, or by one click of a mail program, which has no session
(RFC 8058). The key in the address says whose letters they are, and ends nothing else.
"""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from blog import mail
from blog.access import public
from blog.db import transaction
from blog.errors import Invalid
from blog.security import csrf

ONE_CLICK = ("List-Unsubscribe", "One-Click")  # what mail programs send


def address_of(name: str, key: str) -> str:
    """Where those letters end of which the blueprint `name` knows."""
    return mail.link(f"{name}.stop_mail", mail_key=key)


def ends_by_one_click(
    blueprint: Blueprint, *, whose: Callable[[str], str], end_all: Callable[[str], None]
) -> None:
    """Add the pages: `whose` gives the address of a key, or NotFound for one that is not ours, and `end_all` ends its
    letters, which are about what the blueprint is named for; it does not commit.
    """
    name = blueprint.name
    path = f"/{name}/mail/<mail_key>"

    def page(mail_key: str | None, address: str = "") -> str:
        return render_template("mail/stop.html", about=name, mail_key=mail_key, whose=address)

    @blueprint.get(f"{path}/stop")
    @public
    def stop_mail(mail_key: str) -> str:
        """For people; mail programs send their one click to the same address."""
        return page(mail_key, whose(mail_key))

    @blueprint.post(f"{path}/stop")
    @csrf.exempt
    @public
    def stop_mail_at_once(mail_key: str) -> str:
        whose(mail_key)
        if request.form.get(ONE_CLICK[0]) != ONE_CLICK[1]:
            raise Invalid("This takes one click of a mail program (RFC 8058).")
        with transaction():
            end_all(mail_key)
        return page(None)

    @blueprint.post(path)
    @public
    def stop(mail_key: str) -> Response:
        whose(mail_key)
        with transaction():
            end_all(mail_key)
        flash(f"You get no more mail about {name}.", "success")
        return redirect(url_for("posts.home"))

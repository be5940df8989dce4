"""Notices: what somebody is told of, on a page and by mail, as they choose."""

from flask import Flask

from blog.accounts.sessions import beside_session
from blog.accounts.sign_ins import BESIDE
from blog.api import register
from blog.notices import mailing  # noqa: F401 - its jobs
from blog.notices.api import notices as resource
from blog.notices.models import Notice
from blog.notices.views import notices

UNREAD = "unread notices"


def init_app(app: Flask) -> None:
    app.register_blueprint(notices)
    register(app, resource)
    BESIDE[UNREAD] = Notice.unread
    app.jinja_env.globals["unread_notices"] = lambda: beside_session(UNREAD) or 0

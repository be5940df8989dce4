"""Masthead: a blog and the desk at which it is made. Below is its table of contents."""

from collections.abc import Mapping

from flask import Flask
from flask_compress import Compress

import config
from blog import (  # noqa: F401 - their tables
    access,
    accounts,
    admin,
    api,
    assets,
    audit,
    comments,
    db,
    errors,
    health,
    interchange,
    jobs,
    limits,
    logs,
    mail,
    migrating,
    posts,
    security,
    settings,
    shell,
    teams,
    worker,
)


def create_app(given: Mapping[str, object] | None = None) -> Flask:
    """The application. Settings come from `given`, then the environment, `.env`, and the defaults in config.py.

    Raises WrongSetting, which ends the program with one line, where a setting cannot be used.
    """
    app = Flask("blog", root_path=str(config.ROOT), instance_path=str(config.INSTANCE))
    app.config.from_mapping(config.load(given))
    Compress(app)
    for part in (logs, errors, security, db, migrating, settings, assets, access, api, health, shell, worker):
        part.init_app(app)
    for feature in (accounts, teams, posts, comments, interchange, admin):
        feature.init_app(app)
    return app

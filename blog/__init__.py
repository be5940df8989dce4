"""Masthead: a blog and the desk at which it is made. Below is its table of contents."""

import gc

gc.disable()  # all that is loaded stays: to look for garbage in it takes a sixth of the start

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
    caching,
    comments,
    credits,  # noqa: A004 - the builtin only tells whom Python thanks
    db,
    errors,
    explaining,
    feeds,
    files,
    health,
    interchange,
    jobs,
    limits,
    logs,
    mail,
    measuring,
    media,
    migrating,
    notices,
    planning,
    posts,
    projects,
    search,
    security,
    settings,
    shell,
    slowness,
    stats,
    tags,
    tasks,
    teams,
    templating,
    trash,
    worker,
)

gc.enable()


def create_app(given: Mapping[str, object] | None = None) -> Flask:
    """The application. Settings come from `given`, then the environment, `.env`, and the defaults in config.py.

    Raises WrongSetting, which ends the program with one line, where a setting cannot be used.
    """
    app = Flask("blog", root_path=str(config.ROOT), instance_path=str(config.INSTANCE))
    app.config.from_mapping(config.load(given))
    Compress(app)
    for part in (
        templating,
        logs,
        measuring,
        slowness,
        errors,
        caching,
        security,
        db,
        migrating,
        settings,
        assets,
        files,
        access,
        api,
        health,
        shell,
        trash,
        worker,
        explaining,
    ):
        part.init_app(app)
    for feature in (
        accounts,
        teams,
        tags,
        posts,
        comments,
        media,
        projects,
        notices,
        tasks,
        credits,
        stats,
        search,
        feeds,
        interchange,
        admin,
    ):
        feature.init_app(app)
    return app

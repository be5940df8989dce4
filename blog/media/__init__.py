"""What people send: pictures and drawings to be shown in posts, and other files to be handed out."""

from flask import Flask

from blog import trash
from blog.api import register
from blog.media import purging
from blog.media.api import media as resource
from blog.media.models import Medium
from blog.media.views import media


def init_app(app: Flask) -> None:
    app.register_blueprint(media)
    register(app, resource)
    trash.join(
        app,
        trash.Kind(
            name="media",
            one="medium",
            found=purging.in_trash_of,
            order=Medium.deleted_last,
            rows=purging.rows,
            restore="media.restore",
            purge="media.purge_one",
            argument="medium_id",
            empty=purging.empty,
            purge_deleted=purging.purge_deleted,
        ),
    )

"""Projects: what several people do together. What there is to do in them are tasks: see `blog/tasks`."""

from flask import Flask

from blog import trash
from blog.api import register
from blog.projects import purging
from blog.projects.api import projects as resource
from blog.projects.views import projects


def init_app(app: Flask) -> None:
    app.register_blueprint(projects)
    register(app, resource)
    trash.join(
        app,
        trash.Kind(
            name="projects",
            one="project",
            found=purging.in_trash_of,
            order=purging.deleted_last,
            rows=purging.rows,
            restore="projects.restore",
            purge="projects.purge_one",
            argument="project_id",
            empty=purging.empty,
            purge_deleted=purging.purge_deleted,
            restore_many=purging.restore_ticked,
        ),
    )

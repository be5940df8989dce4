"""The desk of whoever runs the site."""

from flask import Flask

from blog.admin.views import admin


def init_app(app: Flask) -> None:
    app.register_blueprint(admin)

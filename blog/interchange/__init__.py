"""Posts that come from elsewhere and go elsewhere."""

from flask import Flask

from blog.interchange.cli import exporting, importing
from blog.interchange.demo import demo


def init_app(app: Flask) -> None:
    app.cli.add_command(importing)
    app.cli.add_command(exporting)
    app.cli.add_command(demo)

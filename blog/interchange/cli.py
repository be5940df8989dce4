"""`flask import …` and `flask export …`: posts from other programs, and to them."""

from flask.cli import AppGroup

importing = AppGroup("import", help="Take posts from elsewhere.")
exporting = AppGroup("export", help="Write posts out, for elsewhere.")

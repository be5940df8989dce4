"""The application for a WSGI server (`wsgi:app`) and for the `flask` command."""

from blog import create_app

app = create_app()

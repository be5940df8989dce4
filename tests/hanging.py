"""A WSGI application that hangs: waiting, or with Python's lock held."""

import os
import re
import time
from collections.abc import Callable
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    if environ["PATH_INFO"] == "/waits":
        time.sleep(3_600)
    if environ["PATH_INFO"] == "/stuck":
        re.match("(a+)+$", "a" * 100 + "b")
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]

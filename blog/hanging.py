"""A process that hangs is ended, with a trace of where it hung, and the server starts another in its place."""

import faulthandler
import threading
import time
from collections.abc import Iterable
from typing import Any

LOOK_EVERY = 1.0  # seconds


class Watched:
    """A WSGI application in front of another, which sees how long each request takes to be answered.

    As long as none takes longer than it may, a thread puts the end of the process off. The end itself comes from a thread
    of C (`faulthandler`), so it also comes where Python is stuck with its lock held.
    """

    def __init__(self, inner: Any, seconds: float) -> None:
        self.inner, self.seconds = inner, seconds
        self.started: dict[int, float] = {}  # by thread, each of which answers one request at a time
        self.watching = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not self.watching:
            self.watch()
        thread = threading.get_ident()
        self.started[thread] = time.monotonic()
        try:
            answer: Iterable[bytes] = self.inner(environ, start_response)
        finally:
            del self.started[thread]
        return answer

    def watch(self) -> None:
        """From the first request on: a process that was forked has no threads of its parent's."""
        self.watching = True
        self.put_off()
        threading.Thread(target=self.keep_looking, name="hanging", daemon=True).start()

    def keep_looking(self) -> None:
        while self.longest() < self.seconds:
            self.put_off()
            time.sleep(LOOK_EVERY)

    def longest(self) -> float:
        """Seconds that the oldest request has taken by now."""
        return time.monotonic() - min(list(self.started.values()), default=time.monotonic())

    def put_off(self) -> None:
        faulthandler.dump_traceback_later(self.seconds, exit=True)

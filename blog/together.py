"""The server and a worker for jobs, side by side: forked from one process, so that they share its memory.

SIGHUP has both begin anew, with the settings as they are by then, and no request fails by it.
"""

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from typing import Any

START_AGAIN_AFTER = 1.0  # seconds
LOOK_EVERY = 1.0  # seconds: a server that was killed is not told of while the processes that it made live
PATIENCE = 20.0  # seconds, for the job at hand
ENDINGS = (signal.SIGTERM, signal.SIGINT)
PR_SET_PDEATHSIG = 1

log = logging.getLogger(__name__)


class Together:
    """Both run until the server ends, or somebody asks by SIGTERM or Ctrl+C; a worker that ends is replaced."""

    def __init__(self, serve: Callable[[], None], work: Callable[[], None]) -> None:
        self.work = work
        self.stopping = False
        gc.freeze()  # what is there now is left alone, so that the memory stays shared
        self.server = child(serve)
        self.worker = child(work)

    def run(self) -> int:
        """What to exit with."""
        for number in ENDINGS:
            signal.signal(number, self.stop)
        signal.signal(
            signal.SIGHUP, self.stop if sys.stdin.isatty() else self.reload
        )  # a terminal that closes
        try:
            self.keep_working()
            self.server.join()
        finally:
            self.end()
        return 1 if self.server.exitcode else 0

    def keep_working(self) -> None:
        while self.server.is_alive() and not self.stopping:
            wait([self.server.sentinel, self.worker.sentinel], LOOK_EVERY)
            if not (self.worker.is_alive() or self.stopping):
                if self.worker.exitcode:
                    log.error("the worker for jobs died (%s); starting another", self.worker.exitcode)
                    time.sleep(START_AGAIN_AFTER)
                self.worker = child(self.work)

    def reload(self, *event: Any) -> None:
        os.kill(self.server.pid or 0, signal.SIGHUP)
        self.worker.terminate()

    def stop(self, *event: Any) -> None:
        self.stopping = True
        self.server.terminate()
        self.worker.terminate()

    def end(self) -> None:
        """No more than a job is left undone: its lease ends, and it is done again."""
        for process in (self.server, self.worker):
            process.terminate()
            process.join(PATIENCE)
            process.kill()
            process.join()


def child(act: Callable[[], None]) -> ForkProcess:
    process = multiprocessing.get_context("fork").Process(target=begin, args=(act,))
    process.start()
    return process


def begin(act: Callable[[], None]) -> None:
    """Ctrl+C, which a terminal sends to a whole group, is heard by the parent alone: it stops its children in order."""
    os.setpgrp()
    for number in ENDINGS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the server listens to it once it serves
    if sys.platform == "linux":
        end_with_parent()
        os.register_at_fork(after_in_child=end_with_parent)
    act()


def end_with_parent() -> None:
    """Have Linux send SIGTERM to this process when its parent is gone, even by `kill -9`."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

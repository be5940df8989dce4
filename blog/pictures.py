"""Pictures that people send: decoded in processes of their own, and drawn anew, so that nothing is kept but what one
sees.
"""

import atexit
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

from blog import drawing
from blog.errors import Invalid, Unavailable

PROGRAM = Path(drawing.__file__)
COMMAND = [sys.executable, "-I", str(PROGRAM)]
LONGEST = 60  # seconds; the program has less of the processor
SENT = ("PNG", "JPEG", "WEBP", "GIF")  # what is taken

logger = logging.getLogger(__name__)


class Drawn(NamedTuple):
    """What the program tells of a picture, and the files that it drew, by the ends of their names: ".jpg", "-480.avif"."""

    facts: dict[str, Any]
    files: dict[str, bytes]


def draw(
    what: str, data: bytes, *, field: str, formats: tuple[str, ...] = SENT, least: int = 1, **plan: Any
) -> Drawn:
    """`what` is one of drawing.PLANS. Invalid, at `field`, if this is no picture, or one that nobody needs to send.

    A decoder that is led astray, eats memory or never ends, does so in a process of its own, away from the site.
    """
    asked = json.dumps({"draw": what, "formats": formats, "least": least, **plan})
    try:
        told = PROCESSES.ask(asked.encode() + b"\n" + data)
    except OSError as error:
        logger.warning("no process to draw in", exc_info=error)
        raise Unavailable("Pictures cannot be drawn at the moment. Try again in a few minutes.") from error
    return taken(told, formats, field)


def taken(told: bytes, formats: tuple[str, ...], field: str) -> Drawn:
    """What was drawn; a process that ended without an answer ran into its limits."""
    head, _, rest = told.partition(b"\n")
    facts = json.loads(head)["facts"] if head else {"unreadable": "no answer"}
    if "unfit" in facts:
        raise Invalid(facts["unfit"], field)
    if "unreadable" in facts:
        logger.info("no picture: %s", facts["unreadable"])
        names = [{"WEBP": "WebP"}.get(name, name) for name in formats]
        raise Invalid(f"This cannot be read. Choose a {', '.join(names[:-1])} or {names[-1]}.", field)
    files = {}
    for name, length in json.loads(head)["files"]:
        files[name], rest = rest[:length], rest[length:]
    return Drawn(facts, files)


class Processes:
    """The program, started when it is first needed, which forks for each picture: Python is started once, not each time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.program: subprocess.Popen[bytes] | None = None
        self.line: socket.socket | None = None
        self.owner = 0

    def ask(self, question: bytes) -> bytes:
        """What a process of its own answers; nothing, if it dies before it has. OSError where there is none."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self.hand_over(theirs)
            ours.settimeout(LONGEST)
            try:
                ours.sendall(question)
                ours.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: ours.recv(1 << 20), b""))
            except (BrokenPipeError, ConnectionResetError, TimeoutError):
                return b""

    def hand_over(self, connection: socket.socket) -> None:
        with self.lock:
            try:
                socket.send_fds(self.running(), [b"1"], [connection.fileno()])
            except (BrokenPipeError, ConnectionResetError):
                self.end()  # somebody killed it
                socket.send_fds(self.running(), [b"1"], [connection.fileno()])

    def running(self) -> socket.socket:
        """The line to the program. A process that was forked off this one starts its own."""
        if self.line is None or self.owner != os.getpid():
            self.line, theirs = socket.socketpair()
            with theirs:
                self.program = subprocess.Popen(COMMAND, stdin=theirs.fileno(), env={})  # noqa: S603 - our own program; what was sent goes in by a socket
            self.owner = os.getpid()
        return self.line

    def end(self) -> None:
        if self.line and self.program and self.owner == os.getpid():
            self.line.close()
            self.program.wait()
        self.line = self.program = None


PROCESSES = Processes()
atexit.register(PROCESSES.end)

"""A server on this machine that does whatever a hostile or a broken one does."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from blog.fetching import Reach

PAUSE = 0.05  # seconds between two drips
MEANWHILE = 0.005  # seconds in which another question would be seen to come at the same time


@dataclass
class Stubborn:
    """`asked` counts the requests by their first line; `told` holds the last one whole."""

    port: int
    over: threading.Event = field(default_factory=threading.Event)
    asked: Counter[str] = field(default_factory=Counter)
    told: str = ""
    at_once: int = 0
    most_at_once: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def reach(self) -> Reach:
        return Reach(opened=frozenset({("127.0.0.1", self.port)}))

    def serve(self, listening: socket.socket) -> None:
        while not self.over.is_set():
            with suppress(OSError):
                line, _ = listening.accept()
                threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            method, path = self.hear(line)
            self.say(line, method, path)

    def hear(self, line: socket.socket) -> tuple[str, str]:
        """What is asked; counted among what is at once until it has its answer, with which the next may be asked."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.told = line.recv(65_536).decode("latin-1")
            method, path, _ = self.told.split(" ", 2)
            self.asked[f"{method} {path}"] += 1
            self.over.wait(MEANWHILE)
            return method, path
        finally:
            self.at_once -= 1

    def say(self, line: socket.socket, method: str, path: str) -> None:
        kind, _, rest = path.removeprefix("/").partition("/")
        if kind == "hangs":
            self.over.wait(30)
        elif kind == "drips":
            self.drip(line, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 2_000)
        elif kind == "drips-words":
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            self.drip(line, b"x" * 2_000)
        elif kind == "leads-to":
            line.sendall(f"HTTP/1.1 302 Found\r\nLocation: {rest}\r\n\r\n".encode())
        elif kind == "without-head":
            line.sendall(f"HTTP/1.1 {405 if method == 'HEAD' else 200} X\r\n\r\n".encode())
        elif kind == "lies":
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\nshort")
        elif kind == "endless":
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not self.over.is_set():
                line.sendall(b"x" * 65_536)
        elif kind == "nonsense":
            line.sendall(b"\x00\xff nothing that anybody knows\r\n\r\n")
        else:
            line.sendall(
                f"HTTP/1.1 {kind or 200} X\r\nContent-Length: 5\r\n\r\n".encode()
                + b"words" * (method != "HEAD")
            )

    def drip(self, line: socket.socket, content: bytes) -> None:
        for byte in content:
            if self.over.wait(PAUSE):
                return
            line.sendall(bytes([byte]))


@contextmanager
def stubborn() -> Iterator[Stubborn]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.02)
        server = Stubborn(listening.getsockname()[1])
        thread = threading.Thread(target=server.serve, args=(listening,), daemon=True)
        thread.start()
        yield server
        server.over.set()
        thread.join()

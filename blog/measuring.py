"""What a process counts of its own work for `/metrics`: answers, how long they took, and what they asked of the database."""

import threading
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from flask import Flask, Response, current_app, g

from blog.slowness import present_route

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
QUERIES = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55)


@dataclass
class Histogram:
    """How many values were at most each of `bounds`, and how many were beyond."""

    bounds: tuple[float, ...]
    counts: list[int] = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass
class Measures:
    """Of one process, since it began."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)  # route as it is stated, status
    seconds: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    queries: Histogram = field(default_factory=lambda: Histogram(QUERIES))
    lock: threading.Lock = field(default_factory=threading.Lock)


def init_app(app: Flask) -> None:
    app.extensions["measures"] = Measures()
    app.before_request(begin)
    app.after_request(measure)


def begin() -> None:
    g.began_at = time.perf_counter()


def measure(response: Response) -> Response:
    measures: Measures = current_app.extensions["measures"]
    with measures.lock:
        measures.answers[present_route(), response.status_code] += 1
        measures.seconds.add(time.perf_counter() - g.get("began_at", time.perf_counter()))
        measures.queries.add(len(g.get("asked", ())))
    return response

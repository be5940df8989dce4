"""How far a long task is: to whoever watches, and to a log."""

import io
import sys

import pytest

from blog.interchange import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_with_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, output = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", output)
    with progress.shown(3, "post") as step:
        for number in range(3):
            step()
            progress.say(f"refused {number}")
    assert "3/3" in screen.getvalue()
    assert "post/s" in screen.getvalue()
    assert output.getvalue() == "refused 0\nrefused 1\nrefused 2\n"


def test_a_log_gets_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter(range(0, 1000, 4))
    monkeypatch.setattr(progress, "monotonic", lambda: float(next(seconds)))
    with progress.shown(1_200, "post") as step:
        for _ in range(6):
            step()
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        "3 of 1,200 posts, 0 a second, 4,788 s left",
        "6 of 1,200 posts, 0 a second, 4,776 s left",
    ]
    assert told.out == ""

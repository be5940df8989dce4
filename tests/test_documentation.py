"""Every setting and every command is documented, in words that stand in the code.

The tables are made from it: `WRITE_DOCUMENTATION=1 bin/test tests/test_documentation.py` writes them.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from config import ROOT, SETTINGS
from tests.code import sources

MADE = re.compile(r"(<!-- made by [^\n]*begin -->\n).*?(<!-- end -->)", re.DOTALL)


def check(path: Path, made: str) -> None:
    """That the document holds `made` between its two marks."""
    text = path.read_text()
    expected = MADE.sub(lambda found: f"{found[1]}\n{made}\n{found[2]}", text)
    assert made in expected
    if os.environ.get("WRITE_DOCUMENTATION"):
        path.write_text(expected)
        text = expected
    assert text == expected, "WRITE_DOCUMENTATION=1 bin/test tests/test_documentation.py mends it"


def test_every_setting_is_documented() -> None:
    rows = ["| setting | what it is | default |", "|---|---|---|"]
    for setting in SETTINGS:
        default = setting.default.replace(f"sqlite:///{ROOT}/instance/", "sqlite:///").replace(f"{ROOT}/", "")
        rows.append(f"| `{setting.name}` | {setting.meaning} | {f'`{default}`' if default else ''} |")
    check(ROOT / "docs/settings.md", "\n".join(rows) + "\n")


def test_every_setting_says_what_it_is_in_one_line() -> None:
    for setting in SETTINGS:
        assert setting.name.isupper()
        assert 10 < len(setting.meaning) < 100
        assert "\n" not in setting.meaning


def test_settings_are_read_nowhere_else() -> None:
    """So that the table is all that there is."""
    found = [str(path) for path in sources() if re.search(r"os\.environ|getenv", path.read_text())]
    assert found == []


@pytest.fixture
def commands(applications: Callable[[str], Flask]) -> list[tuple[str, click.Command]]:
    """Those of the site itself, without Flask's and its extensions'."""
    found = walk(applications("sqlite").cli, "flask")
    return [(name, command) for name, command in found if module_of(command).startswith("blog.")]


def walk(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    for part, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from walk(command, f"{name} {part}")
        else:
            yield f"{name} {part}", command


def module_of(command: click.Command) -> str:
    return getattr(command.callback, "__module__", "")


def test_every_command_is_documented(commands: list[tuple[str, click.Command]]) -> None:
    check(ROOT / "docs/commands.md", "\n".join(described(name, command) for name, command in commands))


def described(name: str, command: click.Command) -> str:
    words = [
        part.make_metavar(click.Context(command))
        for part in command.params
        if isinstance(part, click.Argument)
    ]
    options = [option_line(part) for part in command.params if isinstance(part, click.Option)]
    told = " ".join((command.help or "").split())
    return "\n".join(
        [f"## `{' '.join([name, *words])}`\n", f"{told}\n", *options, *([""] if options else [])]
    )


def option_line(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(click.Context(click.Command('x')))}"
    notes = [option.help or "", "Required." if option.required else "", default_of(option)]
    return f"- `{'`, `'.join(option.opts)}{value}` {' '.join(note for note in notes if note)}".rstrip()


def default_of(option: click.Option) -> str:
    known = isinstance(option.default, str | int) and not isinstance(option.default, bool)
    return f"By default {option.default}." if known and option.default != "" else ""


def test_every_command_says_what_it_does(commands: list[tuple[str, click.Command]]) -> None:
    assert len(commands) > 5
    for name, command in commands:
        assert (command.help or "").strip().endswith("."), name

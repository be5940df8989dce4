"""What ends without a warning: a server, and a browser, which come back where they were; and writing until then."""

import itertools
import os
import re
import shutil
import signal
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect
from sqlalchemy import event, select

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.browser import conftest as ground

HERE = re.compile("^(waiting|kept|trouble|signed out)$")

TEXT = "Nobody stirs: not even the 🐈‍⬛, nor 猫.\n\n  Two spaces, a tab\t, and an end."
MORE = " One more line, typed at the last moment: 👩🏽‍🚀."


class MortalServer:
    """The site on a database, at an address that stays the same however often the server is killed."""

    def __init__(self, database: str) -> None:
        self.database, self.port = database, ground.free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.running = ExitStack()

    def start(self) -> None:
        self.server = self.running.enter_context(ground.serving(self.database, port=self.port))

    def kill(self) -> None:
        os.killpg(self.server.group, signal.SIGKILL)
        self.running.close()
        shutil.rmtree(self.server.log.parent, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.running.close()


class Profile:
    """A browser with a folder of its own, where what pages keep is kept when it is killed."""

    def __init__(self, playwright: Playwright, address: str) -> None:
        self.playwright, self.address = playwright, address
        self.folder = Path(tempfile.mkdtemp(prefix="masthead-profile-"))
        self.context: BrowserContext | None = None

    def opened(self) -> Page:
        program = next(filter(None, map(shutil.which, ground.BROWSERS)), None)
        chromium = self.playwright.chromium
        self.context = chromium.launch_persistent_context(
            self.folder, executable_path=program, base_url=self.address
        )
        self.context.set_default_timeout(10_000)
        return self.context.new_page()

    def kill(self) -> None:
        """All of its processes at once, by SIGKILL."""
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with suppress(Error):
            self.close()

    def processes(self) -> list[int]:
        mine = str(self.folder).encode()
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if mine in command_of(path)]

    def close(self) -> None:
        if self.context:
            self.context.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(Error):
            self.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def command_of(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


# What writers do


NUMBERS = itertools.count(1_000_000)


def draft_of(author: User) -> Post:
    """Under a number that no post had before: what a page of another test sends as it closes is not for this one."""

    def give_number(mapper: Any, connection: Any, post: Post) -> None:
        post.id = next(NUMBERS)

    event.listen(Post, "before_insert", give_number, once=True)
    return make.post(author, title="A quiet morning", content="Nobody.", status="draft")


def opens(page: Page, address: str) -> None:
    page.goto(address)
    ready(page)


def ready(page: Page) -> None:
    expect(page.locator("form[data-kept=ready]")).to_be_visible()


def text(page: Page) -> str:
    return page.get_by_label("Text", exact=True).input_value()


def types(page: Page, typed: str) -> None:
    """At the end of the text, and as soon as the browser says that it has it, goes on."""
    field = page.get_by_label("Text", exact=True)
    field.press("Control+End")
    page.keyboard.insert_text(typed)
    is_kept(page, HERE)


def is_kept(page: Page, state: str | re.Pattern[str] = "kept") -> None:
    expect(page.locator("[data-kept-state]")).to_have_attribute("data-kept-state", state)


def shows(page: Page, typed: str) -> None:
    ready(page)
    expect(page.get_by_label("Text", exact=True)).to_have_value(typed)


def edit(post: Post) -> str:
    return f"/posts/{post.id}/edit"


def stored(post: Post) -> str:
    db.session.commit()
    return db.session.scalars(select(Post.content).where(Post.id == post.id)).one()

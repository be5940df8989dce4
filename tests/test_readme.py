"""What the README shows must run."""

import re

from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from blog.shell import at_hand
from config import ROOT
from tests import make


def test_the_ten_things_that_an_owner_does_in_the_shell_work(app: Flask, owner: User) -> None:
    make.post(owner, title="Old thoughts", status="draft")
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block
    things = re.split(r"^# \d+\. ", block[1], flags=re.MULTILINE)[1:]
    assert len(things) == 10

    names = at_hand()
    for number, thing in enumerate(things, 1):
        exec("# " + thing, names)  # noqa: S102 - that it runs is the question
        if number == 6:
            html = db.session.scalar(select(Post.html).where(Post.slug == "from-the-shell"))
            assert "<em>really works</em>" in (html or "")

    assert db.session.scalar(User.named("nora")) is None
    assert db.session.scalars(select(Post.title)).all() == ["Old thoughts"]

"""What a resource can be declared to be, beyond what people and tokens are."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask
from marshmallow import fields
from sqlalchemy import Select, select

from blog.accounts.models import User
from blog.api import Resource, register
from blog.api.fields import Given, Shown, Text
from blog.comments.models import Comment
from blog.db import db
from blog.errors import NotFound
from blog.posts.models import Post
from tests import make
from tests.program import program_of


class Saying(Shown):
    id = fields.Integer(required=True)
    content = fields.String(required=True)


class Phrase(Given):
    content = Text(100, least=1, required=True)


def find(post_id: int, remark_id: int, *, to_change: bool = False) -> Comment:
    found = db.session.scalar(select(Comment).where(Comment.post_id == post_id, Comment.id == remark_id))
    if found is None:
        raise NotFound
    return found


@pytest.fixture
def site(app_with: Callable[..., Flask]) -> Flask:
    """A site with remarks on posts, which can be shouted and reworded."""
    remarks = Resource(
        "posts/<int:post_id>/remarks", "Remarks", "On a post.", shows=Saying, find=find, one="remark_id"
    )

    @remarks.lists(sorts={"id": Comment.id}, by="id", key=Comment.id)
    def list_remarks(asked: Mapping[str, Any], post_id: int) -> Select[Any]:
        """All of a post"""
        return select(Comment).where(Comment.post_id == post_id)

    @remarks.creates(Phrase)
    def create_remark(given: Mapping[str, Any], post_id: int) -> Comment:
        """Another one"""
        post = db.session.get_one(Post, post_id)
        return Comment.write(post=post, by=db.session.get_one(User, post.author_id), content=given["content"])

    @remarks.reads()
    def read_remark(remark: Comment) -> Comment:
        """One of them"""
        return remark

    @remarks.acts("shout")
    def shout(remark: Comment) -> None:
        """In capitals"""
        remark.content = remark.content.upper() + "!"

    @remarks.acts("reword", Phrase, access="manage people")
    def reword(remark: Comment, given: Mapping[str, Any]) -> None:
        """In other words"""
        remark.content = given["content"]

    application = app_with()
    register(application, remarks)
    return application


def test_things_may_belong_to_others(site: Flask, alice: User) -> None:
    post, other = make.post(alice), make.post(alice)
    program = program_of(site, alice)
    made = program.post(f"/api/posts/{post.id}/remarks", json={"content": "Well said."})
    address = made.headers["Location"].removeprefix("http://localhost")
    assert address == f"/api/posts/{post.id}/remarks/{made.get_json()['id']}"
    assert program.get(address).get_json()["content"] == "Well said."
    assert len(program.get(f"/api/posts/{post.id}/remarks").get_json()) == 1
    assert program.get(f"/api/posts/{other.id}/remarks").get_json() == []
    assert program.get(address.replace(f"posts/{post.id}", f"posts/{other.id}")).status_code == 404


def test_something_can_be_done_to_a_thing_once(site: Flask, alice: User) -> None:
    remark = make.comment(make.post(alice), alice, "Well said.")
    program, address = program_of(site, alice), f"/api/posts/{remark.post_id}/remarks/{remark.id}"
    tag = program.get(address).headers["ETag"]
    headers = {"Idempotency-Key": "one", "If-Match": tag}
    for _ in range(3):
        answer = program.post(f"{address}/shout", headers=headers)
        assert (answer.status_code, answer.get_json()["content"]) == (200, "WELL SAID.!")
    assert program.post(f"{address}/shout", headers={"If-Match": tag}).status_code == 412
    assert program.post(f"{address}/shout").get_json()["content"] == "WELL SAID.!!"


def test_what_is_done_may_take_something_and_need_a_permission(site: Flask, alice: User, admin: User) -> None:
    remark = make.comment(make.post(alice), alice, "Well said.")
    address = f"/api/posts/{remark.post_id}/remarks/{remark.id}/reword"
    assert program_of(site, alice).post(address, json={"content": "Other"}).status_code == 403
    program = program_of(site, admin)
    assert program.post(address, json={"content": ""}).status_code == 422
    assert program.post(address, json={"content": "Other"}).get_json()["content"] == "Other"


def test_all_of_it_is_described(site: Flask) -> None:
    paths = site.extensions["api"].document["paths"]
    reword = paths["/api/posts/{post_id}/remarks/{remark_id}/reword"]["post"]
    assert reword["x-access"] == "manage people"
    assert reword["security"] == [{"token": ["admin"]}]
    assert "requestBody" in reword
    assert "requestBody" not in paths["/api/posts/{post_id}/remarks/{remark_id}/shout"]["post"]

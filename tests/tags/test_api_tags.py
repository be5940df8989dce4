"""/api/tags: names, one by one and many at once."""

from tests import make
from tests.program import program_of


def names(program):
    return [tag["name"] for tag in program.get("/api/tags").get_json()]


def test_it_works(app, alice, editor):
    program, post = program_of(app, alice), make.post(alice, tags=["Sea"])
    made = program.post("/api/tags", json={"name": "Harbour life"})
    told = made.get_json()
    assert (made.status_code, told["slug"]) == (201, "harbour-life")
    taken = program.post("/api/tags", json={"name": "harbour LIFE"})
    assert (taken.status_code, list(taken.get_json()["errors"])) == (409, ["name"])
    address = f"/api/tags/{told['id']}"
    assert program.patch(address, json={"name": "Ports"}).status_code == 403
    tag = made.headers["ETag"]
    renamed = program_of(app, editor).patch(address, json={"name": "Ports"}, headers={"If-Match": tag})
    assert renamed.get_json()["slug"] == "ports"
    assert program_of(app, editor).put(address, json={"name": "sea"}).status_code == 409
    assert program_of(app, editor).delete(address).status_code == 204
    assert names(program) == ["Sea"]
    assert program.get(f"/api/posts/{post.id}").get_json()["tags"] == ["Sea"]


def test_many_are_made_at_once_and_those_that_exist_are_left(app, alice):
    program = program_of(app, alice)
    make.tag("SQL Alchemy")
    answer = program.post("/api/tags/bulk", json={"tags": ["sql-alchemy", "One", "one", "Two"]})
    assert answer.get_json() == {"created": 2, "existing": 1}
    assert names(program) == ["One", "SQL Alchemy", "Two"]
    assert program.post("/api/tags/bulk", json={"tags": ["!!!"]}).status_code == 422
    many = program.post("/api/tags/bulk", json={"tags": [f"Tag {number}" for number in range(1000)]})
    assert many.get_json() == {"created": 1000, "existing": 0}

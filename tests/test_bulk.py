"""Many rows at once."""

import pytest
from sqlalchemy import select

from blog.bulk import batches, insert_missing
from blog.db import db
from blog.tags.models import Tag
from tests import make
from tests.queries import count_queries


def test_what_is_missing_is_inserted_and_what_is_there_stays(app):
    make.tag("Tea")
    rows = [{"slug": slug, "name": slug.upper()} for slug in ("rain", "tea", "snow", "rain")]
    with count_queries() as asked:
        insert_missing(Tag, rows, by=["slug"])
    assert len(asked) == 1
    names = dict(db.session.execute(select(Tag.slug, Tag.name)).all())
    assert names == {"tea": "Tea", "rain": "RAIN", "snow": "SNOW"}


@pytest.mark.parametrize(
    ("number", "size", "lengths"), [(0, 3, []), (1, 3, [1]), (3, 3, [3]), (7, 3, [3, 3, 1])]
)
def test_batches_are_all_items_in_order(number, size, lengths):
    made = list(batches(iter(range(number)), size))
    assert [len(batch) for batch in made] == lengths
    assert [item for batch in made for item in batch] == list(range(number))

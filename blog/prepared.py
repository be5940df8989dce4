"""Selects that are made once: to build one and to compare it with those that are known takes ten times what the database
takes for it. What differs from one question to the next is a parameter.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Integer, bindparam

from blog.db import Rows, UtcDateTime, db

AT: Any = bindparam("at", type_=UtcDateTime())  # the moment that is asked for
ID: Any = bindparam("id", type_=Integer())


def asked(statement: Rows, **values: Any) -> CursorResult[Any]:
    """Its rows, as the session sees them, for these parameters. The statement has to be one that is kept."""
    session = db.session()
    session.flush()
    return session.connection(bind_arguments={"clause": statement}).execute(statement, values)


def prepared(build: Callable[..., Rows]) -> Callable[..., CursorResult[Any]]:
    """What asks the select that `build` makes: once for each of its arguments, which choose its shape."""
    made = cache(build)

    def ask(*shape: Any, **values: Any) -> CursorResult[Any]:
        return asked(made(*shape), **values)

    return ask

"""Bodies as they come in: read strictly, so that what two programs would understand differently is refused."""

import json
import math
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from blog.errors import BadRequest, Invalid
from blog.text import HALF

MULTIPART = "multipart/form-data"
MOST_LEVELS = 32
LARGEST = 2**53 - 1  # what every program reads exactly (RFC 7493, 2.2)


def read_json(body: bytes) -> Any:
    """The value in `body`, if that is I-JSON (RFC 7493): UTF-8, no name twice in an object, no NaN, no half
    characters, no number that others would round. Raises BadRequest otherwise.
    """
    if not body:
        raise BadRequest("The body is empty; send JSON.")
    try:
        value = json.loads(
            body.decode(), object_pairs_hook=object_of, parse_constant=refuse, parse_float=finite
        )
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8.") from None
    except ValueError as error:
        raise BadRequest(f"The body is not JSON as it should be: {error}.") from None
    look_through(value)
    return value


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return number


def look_through(value: Any) -> None:
    """Refuse what no field could take, whatever it is called, without going into it by recursion."""
    level, below = 0, [value]
    while below:
        if level > MOST_LEVELS:
            raise BadRequest("The body is nested too deeply.")
        for found in below:
            refuse_unreadable(found)
        below = [inner for outer in below for inner in parts_of(outer)]
        level += 1


def parts_of(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def refuse_unreadable(value: Any) -> None:
    if isinstance(value, int) and abs(value) > LARGEST:
        raise BadRequest("The body holds a number that is too large.")
    if isinstance(value, str) and HALF.search(value):
        raise BadRequest("The body holds half a character (a lone surrogate).")


def read_parts(texts: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> dict[str, Any]:
    """What a form of several parts brings, texts and files. Raises Invalid for a name that stands twice."""
    parts = [*texts.items(multi=True), *files.items(multi=True)]
    found = dict(parts)
    if len(found) != len(parts):
        names = [name for name, _ in parts]
        raise Invalid(
            kind="invalid", errors={name: ["Give this once."] for name in found if names.count(name) > 1}
        )
    return found

"""Files that people sent, as they are kept: in a folder, or in a bucket of S3. Their names tell what they hold."""

import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol, cast

from flask import Flask, Response, current_app, request, send_file
from werkzeug.wsgi import FileWrapper

from blog.errors import NotFound, Unavailable
from config import WrongSetting

YEAR = 365 * 24 * 3600
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
CHUNK = 256 * 1024  # of a file that is handed on as it comes
PATIENCE = timedelta(seconds=10)  # with a bucket that does not answer
OUT_OF_REACH = "This file is out of reach at the moment. Try again in a few minutes."
NO_ROOM = "There is no room for files at the moment. The owner of this site has to look."


class Opened(NamedTuple):
    """A file that is elsewhere: read as it is handed on, from wherever in it."""

    file: IO[bytes]
    size: int


class Files(Protocol):
    """Names are paths such as "pictures/<what it holds>-96.webp". What is out of reach is Unavailable, in all of these;
    only what is known to be gone is not there.
    """

    def write(self, name: str, data: bytes) -> None:
        """On the disk, whole, or not at all; what is there already stays. Unavailable if there is no room."""

    def read(self, name: str) -> bytes | None: ...

    def source(self, name: str) -> Path | Opened | None:
        """Where it is to be had: on a disk of this machine, or elsewhere."""

    def holds(self, name: str) -> bool: ...

    def names(self, folder: str) -> Iterator[str]: ...

    def delete(self, name: str) -> None:
        """Also where it is gone already."""


def files() -> Files:
    kept: Files = current_app.extensions["files"]
    return kept


def init_app(app: Flask) -> None:
    address = app.config["MEDIA_URL"]
    app.extensions["files"] = bucket(address) if address else Folder(Path(app.config["MEDIA_ROOT"]))


def answer_with(name: str, kind: str, *, save_as: str | None = None) -> Response:
    """The file, or the ranges of it that are asked for: to be kept for ever, as its name tells what it holds, and
    running nothing. With `save_as` browsers do not show it but save it, under that name. NotFound if it is gone.
    """
    source = files().source(name)
    if source is None:
        raise NotFound
    told: dict[str, Any] = {
        "mimetype": kind, "as_attachment": bool(save_as), "download_name": save_as or None, "max_age": YEAR, "etag": name
    }  # fmt: skip
    answer = streamed(source, told) if isinstance(source, Opened) else send_file(source, **told)
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def streamed(source: Opened, told: dict[str, Any]) -> Response:
    """Piece by piece, so that memory does not grow with the file; only what is asked for is fetched."""
    answer = send_file(source.file, **told, conditional=False)
    answer.response = FileWrapper(source.file, CHUNK)
    answer.content_length = source.size
    answer.make_conditional(request, accept_ranges=True, complete_length=source.size)
    return answer


class Folder:
    """Files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, data: bytes) -> None:
        path = self.root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, data)
            sync(path.parent)
        except OSError as error:
            current_app.logger.warning("a file cannot be written", exc_info=error)
            raise Unavailable(NO_ROOM) from error

    def read(self, name: str) -> bytes | None:
        path = self.source(name)
        return path.read_bytes() if path else None

    def source(self, name: str) -> Path | None:
        path = self.root / name
        return path if path.is_file() else None

    def holds(self, name: str) -> bool:
        return self.source(name) is not None

    def names(self, folder: str) -> Iterator[str]:
        for path in (self.root / folder).glob("*"):
            yield f"{folder}/{path.name}"

    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)


def write_durably(path: Path, data: bytes) -> None:
    """On the disk, whole, or not at all."""
    if path.exists():
        return
    draft = path.with_name(f"{secrets.token_hex(8)}.draft")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def sync(directory: Path) -> None:
    """What was renamed in it stays renamed."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Fetched(io.RawIOBase):
    """What obstore reads of a file, as Python's own files are read."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def readinto(self, buffer: Any) -> int:
        data = memoryview(self.file.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        return int(self.file.seek(place, whence))

    def tell(self) -> int:
        return int(self.file.tell())

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


class Bucket:
    """Files in what `obstore` knows by an address: s3://, and for tests memory:// and file://."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def write(self, name: str, data: bytes) -> None:
        with reaching(NO_ROOM):
            self.store.put(name, data)

    def read(self, name: str) -> bytes | None:
        try:
            with reaching():
                return bytes(self.store.get(name).bytes())
        except FileNotFoundError:
            return None

    def source(self, name: str) -> Opened | None:
        import obstore

        try:
            with reaching():
                file = obstore.open_reader(self.store, name, buffer_size=CHUNK)
        except FileNotFoundError:
            return None
        return Opened(cast("IO[bytes]", Fetched(file)), file.size)

    def holds(self, name: str) -> bool:
        try:
            with reaching():
                self.store.head(name)
        except FileNotFoundError:
            return False
        return True

    def names(self, folder: str) -> Iterator[str]:
        with reaching():
            batches = list(self.store.list(prefix=folder))
        yield from (str(about["path"]) for batch in batches for about in batch)

    def delete(self, name: str) -> None:
        with suppress(FileNotFoundError), reaching():
            self.store.delete(name)


@contextmanager
def reaching(told: str = OUT_OF_REACH) -> Iterator[None]:
    """Whatever a service on the network raises is Unavailable, but that it has no such file."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:
        current_app.logger.warning("the bucket is out of reach", exc_info=error)
        raise Unavailable(told) from error


def bucket(address: str) -> Bucket:
    """Raises WrongSetting where `obstore` is missing, or knows no such address."""
    try:
        from obstore.store import from_url
    except ImportError:
        raise WrongSetting("MEDIA_URL", "needs the package obstore: pip install 'masthead[s3]'") from None
    try:
        retries: Any = {"max_retries": 2, "retry_timeout": PATIENCE}
        return Bucket(from_url(address, client_options={"timeout": PATIENCE}, retry_config=retries))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the program ends with one line
        raise WrongSetting("MEDIA_URL", str(error).splitlines()[0]) from None

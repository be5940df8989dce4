"""Pictures to send, and sending them as browsers do."""

from io import BytesIO
from typing import Any

from PIL import Image
from werkzeug.test import TestResponse


def painted(
    size: tuple[int, int] = (640, 480),
    colour: Any = "navy",
    kind: str = "PNG",
    mode: str = "RGB",
    **options: Any,
) -> bytes:
    written = BytesIO()
    Image.new(mode, size, colour).save(written, kind, **options)
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def send(
    client: Any, data: bytes, name: str = "harbour.png", address: str = "/media/", **texts: str
) -> TestResponse:
    """Put together here, for the test client leaves a file open where it is much."""
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in texts.items()
    ]
    head = (
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    )
    body = ("".join(parts) + f"--limit\r\n{head}").encode() + data + b"\r\n--limit--\r\n"
    answer: TestResponse = client.post(address, data=body, content_type="multipart/form-data; boundary=limit")
    return answer

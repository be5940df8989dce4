"""Drawing pictures anew, in processes of their own: the program that blog.pictures starts, and that forks for each.

It imports nothing of the site, so that it is small, and has nothing that a decoder under attack could take: no
database, no settings, no file that it could write. The picture comes in, and what was drawn goes out, by a socket.
"""

import json
import os
import resource
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence

MOST_MEMORY = 1024 * 1024 * 1024  # bytes of addresses
MOST_SECONDS = 20  # of the processor
MOST_PIXELS = 25_000_000
MOST_PIXELS_OF_JPEG = 50_000_000  # of which no more is decoded than is drawn
LONGEST_SIDE = 16_383  # what all formats can hold
MOST_FRAMES = 300
MOST_PIXELS_OF_FRAMES = 30_000_000
WIDEST, WIDEST_MOVING = 1920, 960
TALLEST = 8192
LEVELS = 4  # of each colour, in what stands in for a picture that is not there yet

FORMATS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}
MOVING = {"GIF", "PNG", "WEBP", "AVIF"}  # an MPO has several views of one thing
NAMES = {"jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "avif": "AVIF"}
OPTIONS: dict[str, dict[str, Any]] = {
    "jpg": {"quality": 88, "progressive": True},
    "png": {"compress_level": 6},
    "gif": {},
    "webp": {"quality": 82, "method": 3},
    "avif": {"quality": 65, "speed": 8, "max_threads": 1},
}
NOTHING_ELSE = {"exif": b"", "xmp": b"", "icc_profile": b"", "comment": b""}

Plan = dict[str, Any]
Drawn = tuple[
    dict[str, Any], dict[str, bytes]
]  # what is to be told of it, and files by the ends of their names


class Unfit(Exception):
    """A picture that nobody needs to send, with the sentence for whoever sent it."""


def main() -> None:
    """Fork for each connection that the site hands over, until the site is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    Image.init()  # once, not in each process
    with socket.socket(fileno=sys.stdin.fileno()) as site:
        while True:
            message, handles, _, _ = socket.recv_fds(site, 1, 1)
            if not message:
                return
            if os.fork() == 0:
                site.close()
                answer(handles[0])
                os._exit(0)
            os.close(handles[0])


def answer(handle: int) -> None:
    """One line of JSON and a picture come; one line of JSON and files go."""
    limit()
    with socket.socket(fileno=handle) as connection, connection.makefile("rb") as sent:
        plan, data = json.loads(sent.readline()), sent.read()
        try:
            facts, files = drawn(data, plan)
        except Unfit as unfit:
            facts, files = {"unfit": str(unfit)}, {}
        except Exception as error:  # noqa: BLE001 - decoders raise whatever they stumble over
            facts, files = {"unreadable": type(error).__name__}, {}
        head = {
            "facts": facts,
            "files": [[name, len(data)] for name, data in files.items()],
            "cost": cost(),
        }
        connection.sendall(json.dumps(head).encode() + b"\n" + b"".join(files.values()))


def cost() -> dict[str, float]:
    """Of this process: its memory includes what it shares with the others, some 40 megabytes."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"seconds": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss // 1024}


def limit() -> None:
    """Before anything is read: so much memory and time, and no file to be written."""
    wanted = {
        resource.RLIMIT_AS: MOST_MEMORY,
        resource.RLIMIT_CPU: MOST_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in wanted.items():
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))
    signal.alarm(MOST_SECONDS + 5)  # also where it does nothing
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS_OF_JPEG
    warnings.simplefilter("ignore")
    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def drawn(data: bytes, plan: Plan) -> Drawn:
    with Image.open(BytesIO(data), formats=plan["formats"]) as image:
        refuse_unfit(image, plan["least"])
        return PLANS[plan["draw"]](image, plan)


def refuse_unfit(image: Image.Image, least: int) -> None:
    """Before it is decoded: its head tells how large it will be."""
    most = MOST_PIXELS_OF_JPEG if image.format in {"JPEG", "MPO"} else MOST_PIXELS
    if image.width * image.height > most:
        raise Unfit(f"This has more than {most // 1_000_000} million pixels. Choose a smaller one.")
    if min(image.size) < least:
        raise Unfit(f"This is too small: {least} pixels are the least, on each side.")
    if max(image.size) > LONGEST_SIDE:
        raise Unfit(f"This is too long: {LONGEST_SIDE:,} pixels are the most, on each side.")


# What is drawn


def squares(image: Image.Image, plan: Plan) -> Drawn:
    """Cut out of the middle, in each of `sizes`, the largest first; as WebP."""
    largest = plan["sizes"][0]
    image.draft("RGB", (2 * largest, 2 * largest))
    large = ImageOps.fit(plain(image), (largest, largest), Image.Resampling.LANCZOS)
    sizes = {size: resized(large, (size, size)) for size in plan["sizes"]}
    return {}, {f"-{size}.webp": written([square], "webp") for size, square in sizes.items()}


def whole(image: Image.Image, plan: Plan) -> Drawn:
    """As it is, in the format that it came in, no wider than pages show it."""
    kind = FORMATS[str(image.format)]
    if image.format in MOVING and getattr(image, "is_animated", False):
        frames, timing = moving(image), times(image)
    else:
        frames, timing = [still(image)], {}
    first = frames[0]
    facts = {
        "type": kind,
        "width": first.width,
        "height": first.height,
        "frames": len(frames),
        "corners": "" if first.mode == "RGBA" else corners(first),
    }
    return facts, {f".{kind}": written(frames, kind, **timing)}


def widths(image: Image.Image, plan: Plan) -> Drawn:
    """Narrower ones of a picture of ours: `ends` are those of the names, such as "-480.avif", with their widths."""
    timing = times(image) if getattr(image, "is_animated", False) else {}
    frames = [plain(frame) for frame in ImageSequence.Iterator(image)] if timing else [plain(image)]
    files = {}
    for end, width in plan["ends"]:
        size = (width, max(1, round(image.height * width / image.width)))
        files[end] = written([resized(frame, size) for frame in frames], end.rpartition(".")[2], **timing)
    return {}, files


PLANS: dict[str, Callable[[Image.Image, Plan], Drawn]] = {
    "squares": squares,
    "whole": whole,
    "widths": widths,
}


# How


def still(image: Image.Image) -> Image.Image:
    """Turned upright, in our colours, and no larger than it is shown."""
    share = min(1, WIDEST / min(image.size), TALLEST / max(image.size))
    image.draft("RGB", (round(image.width * share), round(image.height * share)))
    upright = plain(image)
    return resized(upright, fitting(upright.size, WIDEST))


def moving(image: Image.Image) -> list[Image.Image]:
    """Each of its pictures. Unfit where they are too many, which is known before most of them are decoded."""
    size = fitting(image.size, WIDEST_MOVING)
    most = min(MOST_FRAMES, MOST_PIXELS_OF_FRAMES // (image.width * image.height))
    frames: list[Image.Image] = []
    for frame in ImageSequence.Iterator(image):
        if len(frames) >= most:
            raise Unfit("This moves for too long. Choose a shorter one, or a smaller one, or send a film.")
        frames.append(resized(plain(frame, is_one_of_many=True), size))
    return alike(frames)


def alike(frames: list[Image.Image]) -> list[Image.Image]:
    """All with transparency, or none."""
    if all(opaque(frame) for frame in frames):
        return [frame.convert("RGB") for frame in frames]
    return [frame.convert("RGBA") for frame in frames]


def times(image: Image.Image) -> dict[str, Any]:
    """How long each picture is seen, in milliseconds, and how often all of them."""
    found = [frame.info.get("duration") for frame in ImageSequence.Iterator(image)]
    shown = [min(60_000, max(20, int(one or 100))) for one in found]
    image.seek(0)
    return {"duration": shown, "loop": int(image.info.get("loop") or 0) % 65_536}


def fitting(size: tuple[int, int], widest: int) -> tuple[int, int]:
    share = min(1, widest / size[0], TALLEST / size[1])
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)


def plain(image: Image.Image, *, is_one_of_many: bool = False) -> Image.Image:
    """Upright; in red, green, blue as screens mean it (sRGB), and transparency if it has any; nothing else."""
    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile:
        image = in_srgb(image, profile, mode)
    image = image.convert(mode)
    if not is_one_of_many and mode == "RGBA" and opaque(image):
        image = image.convert("RGB")
    image.info = {}
    return image


def in_srgb(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    """As its colours were meant. A profile that cannot be read, or is one for other colours, is left out."""
    if image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        image = image.convert(mode)
    try:
        return converted(image, profile, "RGBA" if image.mode == "RGBA" else "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def converted(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    meant = ImageCms.ImageCmsProfile(BytesIO(profile))
    found = ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"), outputMode=mode)
    return found or image


def opaque(image: Image.Image) -> bool:
    if image.mode != "RGBA":
        return True
    least, _ = image.getchannel("A").getextrema()
    return least == 255


def corners(image: Image.Image) -> str:
    """The colours of its four quarters, from the upper left on, as four pairs of digits: see static/css/corners.css."""
    small = image.resize((2, 2), Image.Resampling.BOX).tobytes()
    quarters = [small[place : place + 3] for place in range(0, 12, 3)]
    return "".join(f"{colour_number(quarter):02d}" for quarter in quarters)


def colour_number(colour: Iterable[int]) -> int:
    number = 0
    for part in colour:
        number = number * LEVELS + part * LEVELS // 256
    return number


def written(frames: Sequence[Image.Image], kind: str, **timing: Any) -> bytes:
    """As a file of this kind, with nothing in it but what one sees."""
    first, rest = frames[0], list(frames[1:])
    options = {**OPTIONS[kind], **NOTHING_ELSE}
    if timing and kind != "jpg":
        options |= {"save_all": True, "append_images": rest, **timing}
        options |= {"gif": {"disposal": 2}, "webp": {"method": 1}}.get(kind, {})
    file = BytesIO()
    first.save(file, NAMES[kind], **options)
    return file.getvalue()


if __name__ == "__main__":
    main()

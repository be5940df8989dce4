"""What was done to many posts, in words: for whoever did it, and for the log."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from blog import audit
from blog.posts.bulk import Done, Order, Undone
from blog.posts.undoing import Act

LONGEST_LINE = 480  # a value in the log has at most 500 characters

# What is said of them, what of those that were so already, and what the log calls it.
WORDS = {
    Act.PUBLISH: ("published", "published", "published"),
    Act.UNPUBLISH: ("drafts again", "drafts", "unpublished"),
    Act.ARCHIVE: ("archived", "archived", "archived"),
    Act.DELETE: ("deleted", "deleted", "deleted"),
    Act.RESTORE: ("back, as they were", "there", "restored"),
    Act.TAG: ("tagged", "tagged", "tagged"),
    Act.UNTAG: ("no longer tagged", "without this tag", "untagged"),
    Act.AUTHOR: ("given to somebody else", "theirs", "given to somebody else"),
}


def counted(number: int, rest: str) -> str:
    return (
        f"1 post {'is' if number == 1 else 'are'} {rest}" if number == 1 else f"{number:,} posts are {rest}"
    )


def told(done: Done) -> str:
    now_so, already, _ = WORDS[done.act]
    sentences = [f"{counted(done.changed, now_so)}." if done.changed else "No post was changed."]
    if done.already:
        sentences.append(f"{done.already:,} {'was' if done.already == 1 else 'were'} {already} before.")
    if done.refused:
        sentences.append(f"{done.refused:,} {'is' if done.refused == 1 else 'are'} not yours to change so.")
    return " ".join(sentences)


def told_undone(undone: Undone) -> str:
    if not undone.changed and not undone.left:
        return "That is undone already."
    first = f"{counted(undone.changed, 'as before')}." if undone.changed else "Nothing was undone."
    if not undone.left:
        return first
    left = "1 was left: it was" if undone.left == 1 else f"{undone.left:,} were left: they were"
    return (
        f"{first} {left} changed since, or {'is' if undone.left == 1 else 'are'} no longer yours to change."
    )


def log(done: Done, order: Order) -> None:
    """One entry, whatever their number."""
    if not done.changed:
        return
    with_ = (
        {"tag": order.tag.name} if order.tag else {"author": order.author.username} if order.author else {}
    )
    audit.record(
        WORDS[done.act][2], "posts", after={"number": done.changed, "ids": ranges(done.ids), **with_}
    )


def log_undone(undone: Undone) -> None:
    if undone.changed:
        undo = {"what": WORDS[undone.act][2], "number": undone.changed, "ids": ranges(undone.ids)}
        audit.record("undone", "posts", after=undo)


def ranges(ids: Sequence[int]) -> list[str]:
    """[1, 2, 3, 7] as ["1-3, 7"]: as few lines as the log can hold."""
    return list(lines(spans(ids)))


def spans(ids: Sequence[int]) -> Iterable[str]:
    """`ids` are sorted."""
    if not ids:
        return
    start = ids[0]
    for one, following in pairwise([*ids, None]):
        if following is None or (one is not None and following != one + 1):
            yield str(one) if one == start else f"{start}-{one}"
            start = following or 0


def lines(parts: Iterable[str]) -> Iterable[str]:
    line = ""
    for part in parts:
        if line and len(line) + len(part) + 2 > LONGEST_LINE:
            yield line
            line = ""
        line = f"{line}, {part}" if line else part
    if line:
        yield line

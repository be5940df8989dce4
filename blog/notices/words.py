"""What a notice says."""

from collections.abc import Callable
from typing import Any

from blog.notices.models import How, Kind

# Before and after what it is about.
SAID = {
    Kind.ASSIGNED: ("{by} gave you", ""),
    Kind.MENTIONED: ("{by} mentions you in", ""),
    Kind.COMMENTED: ("{by} wrote about", ""),
    Kind.TOMORROW: ("Due tomorrow:", ""),
    Kind.OVERDUE: ("Overdue:", ""),
    Kind.FREE: ("Nothing holds up", "any more"),
    Kind.UNDER_POST: ("{by} wrote a comment on", ""),
}
OF = {
    Kind.ASSIGNED: "Tasks that somebody gives me",
    Kind.MENTIONED: "Where somebody writes @ and my username",
    Kind.COMMENTED: "What is written about my tasks",
    Kind.TOMORROW: "My tasks that are due tomorrow",
    Kind.OVERDUE: "My tasks that are overdue",
    Kind.FREE: "My tasks that need not wait any longer",
}
WHEN = {How.AT_ONCE: "By mail at once", How.DAILY: "By mail once a day", How.NEVER: "Not by mail"}


def said(row: Any) -> tuple[str, str]:
    """What stands before and after the title."""
    before, after = SAID[Kind(row.kind)]
    nobody = "A guest" if row.kind == Kind.UNDER_POST else "Masthead"
    return before.format(by=row.by_name or nobody), after


def link_to(row: Any, link: Callable[..., str]) -> str:
    """The address of what it is about, made by `link`."""
    if row.comment_id:
        return link("comments.show", comment_id=row.comment_id)
    return link("tasks.show", task_id=row.task_id)


def sentence(row: Any) -> str:
    before, after = said(row)
    return f"{before} “{row.title}”{' ' if after else ''}{after}"

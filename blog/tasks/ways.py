"""What the list of tasks offers to do to many of them, in words."""

from dataclasses import dataclass

from blog.tasks.states import Status
from blog.tasks.undoing import Act


@dataclass(frozen=True)
class Way:
    """An entry of the list of what can be done: its act, its label, and what becomes of the tasks, in words."""

    act: Act
    label: str
    becomes: str
    status: str = ""


WAYS = {
    "complete": Way(Act.STATUS, "Complete", "completed", Status.COMPLETED),
    "start": Way(Act.STATUS, "Begin", "in progress", Status.IN_PROGRESS),
    "pending": Way(Act.STATUS, "Back to pending", "pending", Status.PENDING),
    "archive": Way(Act.STATUS, "Archive", "archived", Status.ARCHIVED),
    "prioritise": Way(Act.PRIORITISE, "Give a priority", "of another priority"),
    "postpone": Way(Act.POSTPONE, "Postpone", "due later"),
    "assign": Way(Act.ASSIGN, "Give to somebody", "given to somebody else"),
    "move": Way(Act.MOVE, "Move to a project", "in another project"),
    "delete": Way(Act.DELETE, "Delete", "deleted"),
}
BACK = {
    Act.STATUS: "have their status back",
    Act.PRIORITISE: "have their priority back",
    Act.POSTPONE: "have their date back",
    Act.ASSIGN: "are whose they were",
    Act.MOVE: "are where they were",
    Act.DELETE: "are back",
    Act.RESTORE: "are in the trash again",
}

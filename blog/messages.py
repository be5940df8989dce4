"""What is told at the head of the next page, with a way to take it back."""

from flask import flash


def tell(text: str, *, undo: str | None = None) -> None:
    """Say that something is done; a button beside it sends a form to the address `undo`."""
    told = {"text": text, "undo": undo} if undo else text
    flash(told, "success")  # type: ignore[arg-type]  # whatever JSON can hold

"""A question over the log, answered by one key; and how it is laid out."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ircish.client.wrapping import cut, text_width

MOST_PREVIEW = 60
"""Columns of a preview."""


Row = list[tuple[str, str]]


class Choice(NamedTuple):
    """One answer."""

    key: str
    does: str
    call: Callable[[], None]


class Dialog(NamedTuple):
    """What is asked, and what each key does; Escape is the last choice."""

    question: str
    choices: Sequence[Choice]
    preview: str = ""
    """what it is about, shown where there is room"""

    def knows(self, key: str) -> bool:
        """Whether a key stands for something."""
        return any(choice.key == key.lower() for choice in self.choices)

    def press(self, key: str) -> None:
        """Do what a key stands for."""
        for choice in self.choices:
            if key.lower() == choice.key:
                choice.call()

    def cancel(self) -> None:
        """The last choice."""
        self.choices[-1].call()


def pieces(dialog: Dialog, columns: int, rows: int) -> Row:
    """A dialog as (style, text), in as much room as there is; all keys are there in any room in
    which they fit. The preview is left out first, then words of the choices, then the question."""
    room = max(1, columns - 2)
    question = textwrap.wrap(dialog.question, room)
    preview = [_cut(dialog.preview, min(room, MOST_PREVIEW))] if dialog.preview else []
    short = [_cut(dialog.question, room)]
    full = [(choice.key, f"{choice.does} ") for choice in dialog.choices]
    words = [(choice.key, choice.does.partition(" ")[0].rstrip(",")) for choice in dialog.choices]
    keys = [(choice.key, "") for choice in dialog.choices]
    ways: tuple[tuple[list[str], list[tuple[str, str]]], ...] = (
        ([*question, *preview], full),
        (question, full),
        (question, words),
        (short, words),
        (short, keys),
        ([], words),
        ([], keys),
    )
    for lines, choices in ways:
        answers = list(_answers(choices, columns))
        fits = all(_width(row) <= columns for row in answers)
        if fits and len(lines) + len(answers) <= rows:
            break
    shown = [("", f" {line} \n") for line in lines]
    for index, row in enumerate(answers):
        shown += [("", "\n")] * bool(index) + row
    return shown


def _answers(choices: Sequence[tuple[str, str]], columns: int) -> Iterator[Row]:
    """Rows of keys and what they do, a choice never in two of them."""
    row: Row = []
    for key, does in choices:
        answer = [("class:dialog.key", f" [{key}]"), ("", f" {does}" if does else "")]
        if row and _width([*row, *answer]) > columns:
            yield row
            row = []
        row = [*row, *answer]
    yield row


def _width(row: Row) -> int:
    return sum(text_width(text) for _, text in row)


def _cut(text: str, columns: int) -> str:
    return text if text_width(text) <= columns else cut(text, columns - 1) + "…"


def pasted(
    lines: Sequence[str],
    send: Callable[[], None],
    edit: Callable[[], None],
    join: Callable[[], None],
    cancel: Callable[[], None],
    messages: int,
) -> Dialog:
    """What to do with pasted lines, which will become so many ``messages``."""
    return Dialog(
        f"Paste {len(lines)} lines, sent as {messages} messages?",
        (
            Choice("s", "send", send),
            Choice("e", "edit", edit),
            Choice("j", "join into one line", join),
            Choice("c", "cancel", cancel),
        ),
        preview=f"{lines[0]} …",
    )

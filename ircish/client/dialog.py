"""A question over the log, answered by one key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Choice(NamedTuple):
    """One answer."""

    key: str
    does: str
    call: Callable[[], None]


class Dialog(NamedTuple):
    """What is asked, and what each key does; Escape is the last choice."""

    question: str
    choices: Sequence[Choice]

    def press(self, key: str) -> bool:
        """Do what a key stands for; whether it stands for something."""
        for choice in self.choices:
            if key.lower() == choice.key:
                choice.call()
                return True
        return False

    def cancel(self) -> None:
        """The last choice."""
        self.choices[-1].call()


def pasted(
    lines: Sequence[str],
    send: Callable[[], None],
    edit: Callable[[], None],
    join: Callable[[], None],
    cancel: Callable[[], None],
    messages: int,
) -> Dialog:
    """What to do with pasted lines, which will become so many ``messages``."""
    first = lines[0] if len(lines[0]) <= 60 else lines[0][:59] + "…"
    question = f"Paste {len(lines)} lines, sent as {messages} messages?\n{first}\n…"
    return Dialog(
        question,
        (
            Choice("s", "send", send),
            Choice("e", "edit", edit),
            Choice("j", "join into one line", join),
            Choice("c", "cancel", cancel),
        ),
    )

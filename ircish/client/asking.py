"""What was asked of the server, and where: its answer is shown there, or goes to who gathers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ircish.client.events import Told
from ircish.client.windows import Window, Windows

MOST_ASKED = 1_000
"""Labels that are remembered, of servers that do not answer."""

MOST_GATHERED = 100_000
"""Lines of one answer that are kept."""


@dataclass(slots=True, eq=False)
class Gathering:
    """Lines of one answer that are shown as a whole."""

    rows: tuple[str, ...]
    ends: tuple[str, ...]
    done: Callable[[Sequence[Told]], None]
    label: str | None = None
    """of the command; None until it is sent"""
    told: list[Told] = field(default_factory=list)


class Asking:
    """The commands that were sent and are not answered yet."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._asked: dict[str, Window] = {}
        self._last: Window | None = None
        self._gatherings: list[Gathering] = []

    def sent(self, label: str) -> None:
        """A command was sent from the window that is shown."""
        self.here(self._windows.current)
        if label:
            self._asked[label] = self._windows.current
            if len(self._asked) > MOST_ASKED:
                del self._asked[next(iter(self._asked))]
        for gathering in self._gatherings:
            if gathering.label is None:
                gathering.label = label

    def here(self, window: Window) -> None:
        """Something was typed in a window."""
        self._last = window

    def knows(self, label: str) -> bool:
        """Whether a command with this label was typed."""
        return label in self._asked

    def window(self, label: str = "") -> Window:
        """Where was typed what this answers; without its label, where something was typed last."""
        window = self._asked.get(label) or self._last
        return window if window and window in self._windows else self._windows.server

    def gather(
        self,
        rows: tuple[str, ...],
        ends: tuple[str, ...],
        done: Callable[[Sequence[Told]], None],
    ) -> None:
        """Take these numerics of the answer to the command that is sent next, up to one of the
        ``ends``, and give them to ``done``; they are not shown."""
        self._gatherings = [each for each in self._gatherings if each.ends != ends]
        self._gatherings.append(Gathering(rows, ends, done))

    def take(self, told: Told) -> bool:
        """Whether somebody gathers this."""
        for gathering in self._gatherings:
            if gathering.label and told.label and gathering.label != told.label:
                continue
            if told.verb in gathering.rows:
                if len(gathering.told) < MOST_GATHERED:
                    gathering.told.append(told)
                return True
            if told.verb in gathering.ends:
                self._gatherings.remove(gathering)
                gathering.done(gathering.told)
                return True
        return False

    def answered(self, label: str) -> None:
        """All of the answer to a command has come; what was gathered of it and had no end was
        refused, and that was shown."""
        self._asked.pop(label, None)
        self._gatherings = [each for each in self._gatherings if each.label != label]

    def lost(self) -> None:
        """The connection is gone, and all answers with it."""
        self._asked.clear()
        self._gatherings.clear()

"""What a window has to show: Entries, raw as they were heard, and the Log that numbers and bounds
them. How they look is view's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from ircish.text import cleaned

Kind = Literal[
    "message", "action", "notice", "crowd", "nick", "mode", "kick", "topic", "info", "error"
]
"""``crowd`` is who came and left, folded; ``info`` and ``error`` are the server's or ours."""

TALK: Final = ("message", "action", "notice")
"""What people say."""

NOISE: Final = ("crowd", "nick", "mode")
"""What only tells who is there, as what: it can be hidden."""

UNSENT: Final = " (not sent)"
"""What follows a line that failed."""

OWN, MENTION, PENDING, FAILED, PAST, PRIVATE = (1 << bit for bit in range(6))
"""Flags of an Entry: our own words; our nick or a highlight in it; not confirmed by the server;
never sent; from the server's history; said to us alone."""


def shown(text: str) -> str:
    """A text fit to be an Entry's: cleaned, in one line, without CTCP's frame."""
    if text.isprintable() and text.isascii():
        return text
    return cleaned(text.replace("\n", " ").replace("\1", ""))


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One line of a window. Never changed: another one takes its place (``Log.replace``)."""

    time: int
    """ms since the epoch"""
    kind: Kind
    text: str
    """as ``shown`` makes it; IRC's formatting codes are still in it"""
    nick: str = ""
    """whose it is, "" where it is nobody's"""
    mark: str = ""
    """``@`` or ``+``: their rank when they said it"""
    flags: int = 0
    msgid: str = ""
    where: str = ""
    """the channel or person it was said to, where the window does not tell"""
    line: int = 0
    """which line of a message of several it is"""


class Log:
    """Entries under numbers that stay: later ones go up, earlier ones down from 0."""

    __slots__ = ("_entries", "_first", "most")

    def __init__(self, most: int = 100_000) -> None:
        """``most`` entries are kept, the newest; a twentieth more for a while."""
        self._entries: list[Entry] = []
        self._first = 0
        self.most = most

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, number: int) -> Entry:
        """Raises IndexError for a number that is not here (any more)."""
        if number < self._first:
            raise IndexError(number)
        return self._entries[number - self._first]

    def __iter__(self) -> Iterator[Entry]:
        """The oldest first."""
        return iter(self._entries)

    def __reversed__(self) -> Iterator[Entry]:
        return reversed(self._entries)

    @property
    def first(self) -> int:
        """The number of the oldest entry."""
        return self._first

    @property
    def end(self) -> int:
        """The number that the next entry will have."""
        return self._first + len(self._entries)

    @property
    def last(self) -> Entry | None:
        """The newest entry."""
        return self._entries[-1] if self._entries else None

    def append(self, entry: Entry) -> int:
        """Add what came last; its number."""
        self._entries.append(entry)
        if len(self._entries) > self.most + self.most // 20:
            self._trim()
        return self.end - 1

    def _trim(self) -> None:
        """Forget the oldest, many at once: it moves all that stay."""
        many = len(self._entries) - self.most
        del self._entries[:many]
        self._first += many

    def insert(self, number: int, entries: Iterable[Entry]) -> None:
        """Add what belongs right before ``number``, oldest first: what is older gets lower
        numbers, that one and all later keep theirs. Raises IndexError for a number not between
        ``first`` and ``end``."""
        if not self._first <= number <= self.end:
            raise IndexError(number)
        new, at = list(entries), number - self._first
        self._entries[at:at] = new
        self._first -= len(new)
        if len(self._entries) > self.most + self.most // 20:
            self._trim()

    def replace(self, number: int, entry: Entry) -> None:
        """Put another entry in the place of one. Raises IndexError where there is none."""
        if number < self._first:
            raise IndexError(number)
        self._entries[number - self._first] = entry

    def put(self, old: Entry, new: Entry) -> bool:
        """Put another entry in the place of ``old``; False where that is not here (any more). It
        is looked for from the end, where what changes mostly is."""
        for index in range(len(self._entries) - 1, -1, -1):
            if self._entries[index] is old:
                self._entries[index] = new
                return True
        return False

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._first = self.end
        self._entries.clear()

"""Windows: what a person switches between. Which there are, which is shown, what is new in them."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ircish.client.log import MENTION, OWN, PAST, PRIVATE, TALK, Entry, Log
from ircish.text import printable

WindowKind = Literal["server", "channel", "query", "mentions"]


class Activity(enum.IntEnum):
    """What is new in a window that is not shown."""

    NONE = 0
    NOISE = 1
    """who came and left, modes"""
    TALK = 2
    MENTION = 3
    """words with our nick in them, or to us alone"""


@dataclass(slots=True, eq=False)
class Window:
    """A place to read, and mostly to write."""

    kind: WindowKind
    name: str
    """the channel or the nick; a title elsewhere"""
    log: Log
    activity: Activity = Activity.NONE
    news: int = 0
    """Words since it was shown last."""
    mentions: int = 0
    """Of these, those that name us."""
    unread: int | None = None
    """The number of the first entry that was not seen: the unread line is above it."""
    anchor: int | None = None
    """The entry at the bottom of the view while scrolled up; None follows what comes."""
    hidden: int = 0
    """Rows of the anchor below the bottom of the view."""
    topic: str = ""
    """The channel's, as it was known last; with formatting codes."""
    all_read: bool = False
    """The server has nothing older (history)."""
    below: int = 0
    """Words that came while scrolled up."""
    mentions_below: int = 0
    """Of these, those that name us."""

    def follow(self) -> None:
        """Show the newest again, and what comes."""
        self.anchor, self.hidden, self.below, self.mentions_below = None, 0, 0, 0


def activity_of(entry: Entry) -> Activity:
    """What an entry means for a window that is not shown."""
    if entry.flags & (OWN | PAST):
        return Activity.NONE
    if entry.flags & (MENTION | PRIVATE):
        return Activity.MENTION
    return Activity.TALK if entry.kind in (*TALK, "error") else Activity.NOISE


@dataclass(slots=True, eq=False)
class Windows:
    """All windows in their order; window 1 is the server's, and never closes."""

    fold: Callable[[str], str]
    """how the server compares names"""
    most: int = 100_000
    """entries that each window keeps"""
    looking: bool = True
    """Whether somebody looks: the terminal has the focus, as far as it tells."""
    inserted: Callable[[Window, Sequence[Entry]], None] = lambda window, entries: None
    """Told of what was put in between, where it was not there before (a filled gap)."""
    left: Callable[[Window], None] = lambda window: None
    """Told when a window that somebody has read is not looked at any more."""
    current: Window = field(init=False)
    before: Window = field(init=False)
    """The window that was shown before."""
    _all: list[Window] = field(init=False)
    _found: dict[tuple[str, WindowKind | None], Window] = field(init=False, default_factory=dict)
    """What was found last, by folded name; it is looked at before it is believed."""

    def __post_init__(self) -> None:
        server = Window("server", "server", Log(self.most))
        self._all = [server]
        self.current = self.before = server

    def __iter__(self) -> Iterator[Window]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, number: int) -> Window:
        """By number, from 1. Raises IndexError."""
        if not 1 <= number <= len(self._all):
            raise IndexError(number)
        return self._all[number - 1]

    @property
    def server(self) -> Window:
        """The server's window, number 1."""
        return self._all[0]

    def number(self, window: Window) -> int:
        """The number under which a window is reached."""
        return self._all.index(window) + 1

    def find(self, name: str, kind: WindowKind | None = None) -> Window | None:
        """The window of a channel or a person."""
        folded = self.fold(name)
        found = self._found.get((folded, kind))
        if found and self.fold(found.name) == folded:
            return found
        for window in self._all[1:]:
            if self.fold(window.name) == folded and kind in (None, window.kind):
                self._found[folded, kind] = window
                return window
        return None

    def open(self, kind: WindowKind, name: str) -> Window:
        """The window of that kind and name, made where there is none; what could steer a terminal
        is taken out of the name."""
        name = printable(name) or "?"
        window = self.find(name, kind)
        if window is None:
            window = Window(kind, name, Log(self.most))
            self._all.append(window)
        return window

    def show(self, window: Window) -> None:
        """Switch to a window: its unread line stays until it is left again."""
        if window is self.current:
            return
        before = self.current
        before.unread = None
        self.before, self.current = before, window
        self.left(before)
        self._seen(window)

    def _seen(self, window: Window) -> None:
        window.activity, window.news, window.mentions = Activity.NONE, 0, 0

    def close(self, window: Window) -> None:
        """Take a window away; the server's stays."""
        if window is self.server:
            return
        if window is self.current:
            self.show(self.before if self.before is not window else self.server)
        self._all.remove(window)
        self._found.clear()
        if self.before is window:
            self.before = self.server

    def move(self, window: Window, number: int) -> None:
        """Give a window another number, from 2 on; the server's stays number 1."""
        if window is self.server:
            return
        self._all.remove(window)
        self._all.insert(max(1, number - 1), window)

    def look(self, looking: bool) -> None:
        """Somebody looks at the terminal again, or no more."""
        if looking:
            self._seen(self.current)
        elif self.looking:
            self.current.unread = None
            self.left(self.current)
        self.looking = looking

    def add(self, window: Window, entry: Entry) -> int:
        """Append an entry, and note it where nobody sees it; its number."""
        number = window.log.append(entry)
        self._note(window, entry, number)
        return number

    def insert(self, window: Window, number: int, entries: Sequence[Entry]) -> None:
        """Put entries in right before a number, as ``Log.insert``; the view does not move."""
        log, many = window.log, len(entries)
        log.insert(number, entries)
        if window.anchor is not None and window.anchor < number:
            window.anchor -= many
        if window.unread is not None and window.unread < number:
            window.unread -= many
        for place, entry in enumerate(entries, number - many):
            self._note(window, entry, place)
        if new := [entry for entry in entries if not entry.flags & PAST]:
            self.inserted(window, new)

    def _note(self, window: Window, entry: Entry, number: int) -> None:
        activity = activity_of(entry)
        if activity >= Activity.TALK and window.anchor is not None and number > window.anchor:
            window.below += 1
            window.mentions_below += activity is Activity.MENTION
        if window is self.current and self.looking:
            return
        if activity >= Activity.TALK:
            window.news += 1
            window.mentions += activity is Activity.MENTION
            if window.unread is None or number < window.unread:
                window.unread = number
        window.activity = max(window.activity, activity)

    def keep(self, most: int) -> None:
        """Let each window keep so many entries from now on."""
        self.most = most
        for window in self._all:
            window.log.most = most

    def active(self) -> list[tuple[int, Window]]:
        """Windows with something new, the most important first, then by number."""
        busy = [(n, w) for n, w in enumerate(self._all, 1) if w.activity and w is not self.current]
        return sorted(busy, key=lambda each: (-each[1].activity, each[0]))

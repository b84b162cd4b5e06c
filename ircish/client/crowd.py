"""Who came and left, folded into one line, as long as nothing else is said in between."""

from __future__ import annotations

from itertools import islice

from ircish.client.log import Entry, Log

SHOWN = 12
"""Names in one list; the others are counted."""

_WORDS = {
    (False, True): "joined",
    (True, False): "left",
    (False, False): "came and went",
    (True, True): "left and came back",
}
"""In words: whether they were there before, whether they are now."""


class Crowd:
    """The folded line at the end of one log. Another name costs the same however many it has."""

    __slots__ = ("_change_of", "_entry", "_groups")

    def __init__(self) -> None:
        self._entry: Entry | None = None
        self._change_of: dict[str, tuple[bool, bool]] = {}
        self._groups: dict[tuple[bool, bool], dict[str, None]] = {}

    def add(self, log: Log, time: int, nick: str, *, here: bool, alone: str) -> Entry | None:
        """Somebody came (``here``) or left. The entry to append, which says ``alone`` while they
        are the only one; None where the line that ends the log already tells it."""
        if self._entry is None or log.last is not self._entry:
            self._change_of, self._groups = {}, {change: {} for change in _WORDS}
            self._note(nick, here)
            self._entry = Entry(time, "crowd", alone)
            return self._entry
        self._note(nick, here)
        self._entry = Entry(time, "crowd", self.text)
        log.replace(log.end - 1, self._entry)
        return None

    def _note(self, nick: str, here: bool) -> None:
        before = self._change_of.get(nick)
        if before:
            del self._groups[before][nick]
        change = (before[0] if before else not here, here)
        self._change_of[nick] = change
        self._groups[change][nick] = None

    @property
    def text(self) -> str:
        """``ben and cas joined · dan left``"""
        return " · ".join(
            f"{_listed(self._groups[change])} {words}"
            for change, words in _WORDS.items()
            if self._groups[change]
        )


def _listed(nicks: dict[str, None]) -> str:
    """``a``, ``a and b``, ``a, b and 7 others``"""
    shown = list(islice(nicks, SHOWN))
    if len(nicks) > SHOWN:
        more = len(nicks) - SHOWN
        return f"{', '.join(shown)} and {more} other{'s' * (more > 1)}"
    *most, last = shown
    return f"{', '.join(most)} and {last}" if most else last

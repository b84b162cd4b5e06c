"""Every kind of IRC client there is: one object for all that asked for the same, any thread."""

from __future__ import annotations

import threading

from ircish.dialects.irc import HEARD_IN_CHANNELS, HEARD_TOGETHER, Irc


class Kinds:
    """The kinds of one server, which appear as clients ask for them."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._lock = threading.Lock()  # guards the two below
        self._kinds: dict[frozenset[str], Irc] = {}
        self._members: dict[frozenset[str], Irc] = {}

    def of(self, caps: frozenset[str]) -> Irc:
        """The kind that asked for ``caps``."""
        with self._lock:
            if caps not in self._kinds:
                heard = caps & HEARD_IN_CHANNELS
                if not heard >= HEARD_TOGETHER:
                    heard -= HEARD_TOGETHER
                if heard not in self._members:
                    self._members[heard] = Irc(self._server, heard)
                self._kinds[caps] = Irc(self._server, caps, self._members[heard])
            return self._kinds[caps]

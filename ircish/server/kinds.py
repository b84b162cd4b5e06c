"""Every kind of IRC client there is: one object for all that asked for the same, any thread."""

from __future__ import annotations

import threading
from weakref import WeakValueDictionary

from ircish.dialects.irc import HEARD_IN_CHANNELS, HEARD_TOGETHER, Irc


class Kinds:
    """The kinds of one server, which appear as clients ask for them."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._lock = threading.Lock()  # guards the two below
        # of those who are here only: there are millions, and one client can ask for all of them
        self._kinds = WeakValueDictionary[frozenset[str], Irc]()
        self._members = WeakValueDictionary[frozenset[str], Irc]()

    def of(self, caps: frozenset[str]) -> Irc:
        """The kind that asked for ``caps``."""
        with self._lock:
            kind = self._kinds.get(caps)
            if kind is None:
                heard = caps & HEARD_IN_CHANNELS
                if not heard >= HEARD_TOGETHER:
                    heard -= HEARD_TOGETHER
                member = self._members.get(heard)
                if member is None:
                    member = self._members[heard] = Irc(self._server, heard)
                kind = self._kinds[caps] = Irc(self._server, caps, member)
            return kind

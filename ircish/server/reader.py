"""Reader: one connection as the hub and the writer see it, the end that reads."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ircish.dialects import Kind
from ircish.events import Stamped


class Item(NamedTuple):
    """One thing that waits for one reader: an event to be rendered, or lines that are ready."""

    seq: int
    what: Stamped | bytes
    kind: Kind
    answer: bool = False
    """Whether it answers the reader's own command."""


class Reader:
    """What one connection is to read and has not been sent.

    Under the hub's lock: ``user``, ``kind``, ``current``, ``rooms``, ``outbox``, ``held``.
    The writer's own: ``backlog``, its sizes, ``taken``. ``dead`` and ``broken_since`` only ever
    get set.
    """

    __slots__ = (
        "answers",
        "backlog",
        "backlog_size",
        "broken_since",
        "current",
        "dead",
        "drained",
        "drop",
        "fd",
        "finished",
        "held",
        "kind",
        "last_seq",
        "outbox",
        "past",
        "rooms",
        "socket",
        "taken",
        "user",
    )

    def __init__(self, sock: socket.socket, kind: Kind, drop: Callable[[str], None]) -> None:
        self.socket = sock
        self.fd = sock.fileno()
        self.kind = kind
        self.drop = drop
        """Takes the user out of the chat and ends the connection; any thread, without the lock."""
        self.user = 0
        self.current = ""
        """The casefolded channel in which a person at plain speaks."""
        self.rooms: dict[str, Room] = {}
        self.outbox: list[Item] = []
        self.held = False
        """Nothing is sent while their own command, which has published, is not through."""
        self.past: list[Stamped] = []
        """What had been said in the channel that they entered last, when they entered."""
        self.last_seq = 0
        """The last event of their own."""
        self.backlog: deque[bytes] = deque()
        self.backlog_size = 0
        """bytes"""
        self.answers = 0
        """At most so many bytes of the backlog answer their own commands."""
        self.taken = 0
        """Bytes of a backlog that could be sent in the end: it grows while somebody reads."""
        self.drained: threading.Event | None = None
        """Set by the writer when all has been sent, for the thread that waits to answer more."""
        self.finished = 0.0
        """The monotonic time at which its thread was through; the writer closes the socket."""
        self.dead = False
        """Nothing can be sent any more."""
        self.broken_since = 0.0
        """The monotonic time at which the connection was found closed."""


class Room:
    """A channel on its way out: who reads it, and the batch that has not gone out yet.

    All under the hub's lock, but for what ``taken`` returned.
    """

    __slots__ = ("_members", "batch", "folded", "readers", "recent", "since")

    def __init__(self, folded: str, recent: deque[Stamped]) -> None:
        self.folded = folded
        self.recent = recent
        """The last events, for those who come in."""
        self.readers: dict[Reader, Kind] = {}
        self.batch: list[Stamped] = []
        self.since: dict[Reader, int] = {}
        """For those who came within the batch: how much of it is not theirs."""
        self._members: Members | None = None

    def enter(self, reader: Reader, since: int) -> None:
        """``reader`` hears the batch from its index ``since`` on."""
        self.readers[reader] = reader.kind.inside(reader.current == self.folded)
        reader.rooms[self.folded] = self
        reader.past = list(self.recent)
        self.since[reader] = since
        self._members = None

    def cut(self, reader: Reader, *, but: int = 0) -> None:
        """Move what the batch has for ``reader``, but the last ``but``, to their outbox, as they
        hear it now."""
        start = self.since.get(reader, 0)
        if start < len(self.batch):
            kind = self.readers[reader]
            reader.outbox += [
                Item(stamped.seq, stamped, kind)
                for stamped in self.batch[start : len(self.batch) - but]
                if stamped.origin != reader.user
            ]
            self.since[reader] = len(self.batch)

    def forget(self, msgid: str) -> None:
        """Those who come in from now on are not shown that message."""
        kept = [stamped for stamped in self.recent if stamped.msgid != msgid]
        if len(kept) < len(self.recent):
            self.recent = deque(kept, self.recent.maxlen)

    def leave(self, reader: Reader, *, hearing: bool) -> None:
        """``reader`` hears the batch so far and no more; its last event too, where ``hearing``."""
        if not reader.dead:
            self.cut(reader, but=0 if hearing else 1)
        del self.readers[reader], reader.rooms[self.folded]
        self.since.pop(reader, None)
        self._members = None

    def changed(self, reader: Reader) -> None:
        """``reader`` hears it differently from now on; what it had was ``cut`` before."""
        self.readers[reader] = reader.kind.inside(reader.current == self.folded)
        self._members = None

    def take(self) -> Batch:
        """The batch, and who hears it; a new one begins."""
        if self._members is None:
            kinds: dict[Kind, dict[int, Reader]] = {}
            for reader, kind in self.readers.items():
                kinds.setdefault(kind, {})[reader.fd] = reader
            users = {reader.user: reader for reader in self.readers}
            self._members = Members(dict(self.readers), kinds, users)
        taken = Batch(self.batch, self.since, self._members)
        self.batch, self.since = [], {}
        return taken


class Members(NamedTuple):
    """Who hears a channel: never changed, made anew when somebody comes or goes."""

    readers: dict[Reader, Kind]
    kinds: dict[Kind, dict[int, Reader]]
    """those of a kind, by their sockets' descriptors"""
    users: dict[int, Reader]
    """by the numbers of their users"""


class Batch(NamedTuple):
    """What has happened in a channel since its last batch went out."""

    events: list[Stamped]
    since: dict[Reader, int]
    members: Members

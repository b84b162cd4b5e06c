"""The hub, where everything meets: one lock, one order of events.

Under the lock nothing blocks: no disk, no plugin, no socket that could make it wait. What has
happened waits in batches and outboxes for the writer. Only while the writer sleeps, when nothing
waits that could be overtaken, are lines for one reader alone sent at once, without blocking:
waking the writer costs several times the send.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ircish.chat.chat import Chat
from ircish.chat.names import fold
from ircish.chat.outcome import Outcome
from ircish.chat.state import Bounds, Channel
from ircish.errors import Gone
from ircish.events import SERVER, SHOWN, Event, HostSet, Joined, Quit, Registered, Said, Stamped
from ircish.rows import RUN_DIGITS, ChannelRecord, Row
from ircish.server.reader import Batch, Item, Reader, Room

MAX_AHEAD = 1000
"""ms that times may run ahead of the clock so that no two events share one."""


MOST_HELD = 2000
"""Events of others that are held back for a command that is not through; then they are sent."""


MOST_TAKEN_BACK = 1000
"""Messages of which it is remembered that they were taken back, until that is surely saved."""


class Work(NamedTuple):
    """What the writer takes out at once."""

    seq: int
    """The last event in it."""
    unsaved: list[tuple[Stamped, str]]
    """Events for the history, each with the casefolded channel."""
    records: dict[str, ChannelRecord]
    batches: list[Batch]
    outboxes: dict[Reader, list[Item]]
    finished: list[Reader]


class Hub:
    """The one place where events are ordered, applied and queued for those who hear of them."""

    def __init__(
        self,
        chat: Chat,
        *,
        last: tuple[int, int] = (0, 0),
        memory: int = 200,
        clock: Callable[[], float] = time.time,
        wake: Callable[[], None] = lambda: None,
        send: Callable[[int, bytes], int] = lambda fd, data: 0,
    ) -> None:
        self.lock = threading.Lock()
        self.chat = chat
        self.seq, self._time = last
        self._memory = memory
        self._clock = clock
        self._wake = wake
        """Wakes the writer; called under the lock, so it must not block."""
        self._send = send
        """Sends what a socket takes now, and returns how much; must not block either."""
        self._run = secrets.token_hex(RUN_DIGITS // 2)
        self._ids = itertools.count(1)
        self._readers: dict[int, Reader] = {}
        self._rooms: dict[str, Room] = {}
        self._dirty: list[Room] = []
        self._waiting: set[Reader] = set()
        self._holding: set[Reader] = set()
        self._finished: list[Reader] = []
        self._unsaved: list[tuple[Stamped, str]] = []
        self._taken_back: dict[str, None] = {}
        self._records: dict[str, ChannelRecord] = {}
        self._sleeping = False
        self.quiet = 0
        """The last event when the writer asked last for work and there was none."""
        self._stopped = False
        self.observers: Mapping[type[Event], tuple[Callable[[Stamped], None], ...]] = {}
        """Who is told of each kind of event, under the lock, in order: they only queue it."""

    def restore(self, channel: Channel, recent: Iterable[Stamped]) -> None:
        """Give a channel its last events back, at the start."""
        self._rooms[channel.folded] = Room(channel.folded, deque(recent, self._memory))

    # Publishing ---------------------------------------------------------------------------------

    def publish(
        self, event: Event, origin: Reader | None = None, *, shown: bool = False
    ) -> Stamped:
        """Let an event happen and queue it for everyone who hears of it.

        ``origin`` hears of it in the reply to their own command. Where there is something to hear
        (always, but for words that are not ``shown`` to their speaker), what others do is held
        back until ``answer``, so that all read it in one order.

        Raises Refused or Gone, with nothing changed.
        """
        with self.lock:
            if self._stopped:
                raise Gone
            now = self._now()
            outcome = self.chat.apply(event, now)
            self.seq = seq = self.seq + 1
            stamped = Stamped(
                seq,
                now,
                f"{self._run}{seq:x}",
                outcome.event,
                outcome.source,
                origin.user if origin else SERVER,
            )
            if type(event) is Registered:
                self._register(event, origin)
            if outcome.channels:
                self._queue_in_channels(stamped, outcome)
            if outcome.users or outcome.told:
                self._queue_alone(stamped, outcome)
            if outcome.left:
                self._leave(outcome)
            if outcome.changed:
                self._records[outcome.changed.folded] = outcome.changed.record()
            if origin is not None:
                origin.last_seq = seq
                if shown or type(event) is not Said or origin.kind.echo:
                    origin.held = True
                    self._holding.add(origin)
            for observe in self.observers.get(type(outcome.event), ()):
                observe(stamped)
            if self._unsaved or self._waiting or self._records or self._dirty:
                self._rouse()
        return stamped

    def _now(self) -> int:
        """ms since the epoch: never decreasing, and unique as long as there are few events."""
        now = int(self._clock() * 1000)
        if now <= self._time:
            now = self._time + (self._time < now + MAX_AHEAD)
        self._time = now
        return now

    def _register(self, event: Registered, origin: Reader | None) -> None:
        if origin is not None:
            origin.user = event.user
            self._readers[event.user] = origin

    def _queue_in_channels(self, stamped: Stamped, outcome: Outcome) -> None:
        joined = type(stamped.event) is Joined
        for channel in outcome.channels:
            folded = channel.folded
            room = self._rooms.get(folded)
            if room is None:
                room = self._rooms[folded] = Room(folded, deque(maxlen=self._memory))
            if not room.batch:
                self._dirty.append(room)
            if joined and (reader := self._readers.get(stamped.event.user)):  # type: ignore[attr-defined]
                room.enter(reader, since=len(room.batch))
            room.batch.append(stamped)
            kind = stamped.event.kind
            if kind in SHOWN:
                room.recent.append(stamped)
            elif kind == "redact":
                self._take_back(room, stamped.event.msgid)  # type: ignore[attr-defined]
            if kind in SHOWN or stamped.event.kept:
                self._unsaved.append((stamped, folded))

    def _queue_alone(self, stamped: Stamped, outcome: Outcome) -> None:
        """What some hear for themselves, and not as members of a channel."""
        if len(outcome.users) + len(outcome.told) > 1:
            self._rouse()  # what several hear is rendered and sent by the writer
        for user in outcome.users:
            if reader := self._readers.get(user.id):
                kind = reader.kind
                if type(stamped.event) is HostSet and user.id == stamped.event.user:
                    kind = kind.inside(False)  # not as of somebody whom they monitor
                self._queue(reader, [Item(stamped.seq, stamped, kind)])
        for user, reply, fields in outcome.told:
            if reader := self._readers.get(user.id):
                line = reader.kind.reply(user.nick, reply, fields)
                self._queue(reader, [Item(stamped.seq, line, reader.kind, True)])

    def _take_back(self, room: Room, msgid: str) -> None:
        room.forget(msgid)
        self._taken_back[msgid] = None
        if len(self._taken_back) > MOST_TAKEN_BACK:
            del self._taken_back[next(iter(self._taken_back))]

    def _leave(self, outcome: Outcome) -> None:
        assert outcome.left
        user, channels = outcome.left
        reader = self._readers.get(user.id)
        for channel in channels:
            if reader is not None:
                hearing = type(outcome.event) is not Quit
                self._rooms[channel.folded].leave(reader, hearing=hearing)
                if reader.outbox:
                    self._waiting.add(reader)
            if channel.folded not in self.chat.channels:
                # its batch may still have to go out: only the name is free again
                del self._rooms[channel.folded]
        if type(outcome.event) is Quit and reader is not None:
            del self._readers[user.id]

    # Readers ------------------------------------------------------------------------------------

    def next_id(self) -> int:
        """A number for a connection that becomes a user."""
        return next(self._ids)

    def answer(self, reader: Reader, items: Iterable[tuple[int, bytes]]) -> None:
        """Queue the lines that answer a reader's command, and end the hold on what others say."""
        with self.lock:
            kind = reader.kind
            if reader.held:
                self._release(reader)
            self._queue(reader, [Item(seq, line, kind, True) for seq, line in items])

    def tell(self, reader: Reader, lines: bytes) -> None:
        """Queue lines that answer no command."""
        if lines:
            with self.lock:
                self._queue(reader, [Item(self.seq, lines, reader.kind, True)])

    def _queue(self, reader: Reader, items: list[Item]) -> None:
        """Put items behind what waits for one reader, or send them where nothing does."""
        if self._sleeping and not (reader.outbox or reader.held or reader.backlog or reader.dead):
            items = self._send_at_once(reader, items)
        if items or reader.outbox:
            reader.outbox += items
            self._waiting.add(reader)
            self._rouse()

    def _send_at_once(self, reader: Reader, items: list[Item]) -> list[Item]:
        """What is left for the writer."""
        try:
            data = b"".join(
                [
                    what if isinstance(what, bytes) else kind.render(what)
                    for _, what, kind, _ in items
                ]
            )
            sent = self._send(reader.fd, data) if data else 0
        except Exception:
            return items  # a socket's fault or a renderer's: the writer meets it again
        if sent < len(data):
            return [Item(items[0].seq, data[sent:], reader.kind, True)]
        if reader.drained:
            reader.drained.set()
        return []

    def retire(self, reader: Reader) -> None:
        """The writer is about to close this reader's socket: nobody sends to it any more."""
        with self.lock:
            reader.dead = True

    def awake(self) -> None:
        """The writer touches sockets: until it sleeps again only it does."""
        with self.lock:
            self._sleeping = False

    def change(self, reader: Reader, change: Callable[[], None]) -> None:
        """Change how a reader hears things (their kind, their current channel) from now on."""
        with self.lock:
            for room in reader.rooms.values():
                room.cut(reader)
            change()
            for room in reader.rooms.values():
                room.changed(reader)
            if reader.outbox:
                self._waiting.add(reader)

    def finish(self, reader: Reader) -> None:
        """A reader's thread is through: the writer sends what waits and closes the socket."""
        with self.lock:
            reader.finished = time.monotonic()
            self._release(reader)
            self._finished.append(reader)
            self._rouse()

    def readers(self) -> list[Reader]:
        """Everyone registered."""
        with self.lock:
            return list(self._readers.values())

    def reader(self, user: int) -> Reader | None:
        """The reading side of a user."""
        with self.lock:
            return self._readers.get(user)

    def recent(self, channel: str, before: int | None = None) -> list[Stamped]:
        """The last messages and topics of a channel, in memory: those with numbers below
        ``before``, oldest first."""
        with self.lock:
            room = self._rooms.get(fold(channel))
            past = list(room.recent) if room else []
        return past if before is None else [stamped for stamped in past if stamped.seq < before]

    def readable(self, rows: Iterable[Row]) -> list[Row]:
        """Those of the history's rows whose message was not taken back, which is known here before
        it is saved."""
        with self.lock:
            return [row for row in rows if row.msgid not in self._taken_back]

    def forget(self, before: int) -> None:
        """Let go of what is in memory from before a time, in ms since the epoch."""
        with self.lock:
            for room in self._rooms.values():
                while room.recent and room.recent[0].time < before:
                    room.recent.popleft()

    def limit(self, bounds: Bounds, memory: int) -> None:
        """Other sizes from now on; what there is too many of already stays."""
        with self.lock:
            self.chat.bounds = bounds
            self._memory = memory
            for room in self._rooms.values():
                room.recent = deque(room.recent, memory)

    # The writer's side --------------------------------------------------------------------------

    def take(self, *, sleep: bool = False) -> Work | None:
        """Everything that waits to go out; None, and the next ``publish`` wakes, where there is
        nothing and ``sleep`` is wanted."""
        with self.lock:
            for reader in [each for each in self._holding if len(each.outbox) > MOST_HELD]:
                self._release(reader)
            waits = self._unsaved or self._records or self._dirty or self._waiting
            if not (waits or self._finished):
                self._sleeping = sleep
                self.quiet = self.seq
                return None
            for reader in self._holding:
                for room in reader.rooms.values():
                    room.cut(reader)
            batches = [room.take() for room in self._dirty]
            outboxes = {}
            for reader in self._waiting:
                if not reader.held:
                    outboxes[reader] = reader.outbox
                    reader.outbox = []
            work = Work(self.seq, self._unsaved, self._records, batches, outboxes, self._finished)
            self._unsaved, self._records, self._dirty = [], {}, []
            self._waiting, self._finished = set(), []
            return work

    def _release(self, reader: Reader) -> None:
        reader.held = False
        self._holding.discard(reader)
        if reader.outbox:
            self._waiting.add(reader)

    def _rouse(self) -> None:
        if self._sleeping:
            self._sleeping = False
            self._wake()

    def rouse(self) -> None:
        """Wake the writer though nothing waits."""
        with self.lock:
            self._rouse()

    def stop(self) -> None:
        """From now on nothing happens any more: every ``publish`` raises Gone."""
        with self.lock:
            self._stopped = True
            for reader in list(self._holding):  # or they were not told that it ends
                self._release(reader)

"""What stands in for sockets, the poll and the connection, so that hub and writer can be driven
one step at a time. No thread, no socket, no clock."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any
from weakref import WeakValueDictionary

import pytest

from ircish import replies
from ircish.chat.chat import Chat
from ircish.chat.names import fold
from ircish.chat.state import Bounds
from ircish.context import Context
from ircish.dialects import Kind
from ircish.dialects.plain import HERE
from ircish.errors import Refused
from ircish.events import Event, Quit, Registered, Source, Stamped
from ircish.rows import ChannelRecord, HistoryError, Row
from ircish.server.hub import Hub
from ircish.server.reader import Reader
from ircish.server.readiness import Ready
from ircish.server.snapshots import Snapshots
from ircish.server.writer import Writer
from ircish.wire import Message

SERVER = "chat.example"
descriptors = itertools.count(1_000_000)  # no real one is as high
sockets: WeakValueDictionary[int, FakeSocket] = WeakValueDictionary()


def send(fd: int, data: bytes) -> int:
    """In the place of ``ircish.server.sending.send``."""
    return sockets[fd].send(data)


def send_each(fds: Iterable[int], data: bytes) -> list[tuple[int, int]]:
    """In the place of ``ircish.server.sending.send_each``."""
    return [(fd, sent) for fd in fds if (sent := _sent(fd, data)) != len(data)]


def _sent(fd: int, data: bytes) -> int:
    try:
        return send(fd, data)
    except OSError:
        return -1


@pytest.fixture(autouse=True, scope="module")
def fake_sends() -> Iterator[None]:
    """In the modules that import it, writers send to fakes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ircish.server.writer.send", send)
        patch.setattr("ircish.server.writer.send_each", send_each)
        yield


class FakeSocket:
    """Takes as many bytes as it has ``room`` for (None: any number)."""

    def __init__(self) -> None:
        self.fd = next(descriptors)
        sockets[self.fd] = self
        self.room: int | None = None
        self.received = b""
        self.fails: OSError | None = None
        self.closed = False
        self.sends = 0

    def fileno(self) -> int:
        return self.fd

    def send(self, data: bytes) -> int:
        assert not self.closed, "sent to a closed socket"
        self.sends += 1
        if self.fails:
            raise self.fails
        taken = data if self.room is None else data[: self.room]
        if self.room is not None:
            self.room -= len(taken)
        self.received += taken
        return len(taken)

    def shutdown(self, how: int) -> None:
        pass

    def recv(self, size: int, flags: int) -> bytes:
        raise BlockingIOError

    def close(self) -> None:
        self.closed = True


class FakeReadiness:
    """Says that sockets are writable (or closed) which the test gave news of."""

    def __init__(self) -> None:
        self.wanted: set[int] = set()
        self.watched: set[int] = set()
        self.news: list[Ready] = []
        self.woken = 0
        self.waited: list[float] = []
        self.closed = False

    def wake(self) -> None:
        self.woken += 1

    def watch(self, fd: int) -> None:
        self.watched.add(fd)

    def forget(self, fd: int) -> None:
        self.watched.discard(fd)
        self.wanted.discard(fd)

    def want_room(self, fd: int, wanted: bool) -> None:
        (self.wanted.add if wanted else self.wanted.discard)(fd)

    def wait(self, seconds: float) -> list[Ready]:
        self.waited.append(seconds)
        news, self.news = self.news, []
        return news

    def close(self) -> None:
        self.closed = True


class FakeStore:
    """The history in a list; fails while ``fault`` is set."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.records: dict[str, ChannelRecord] = {}
        self.fault: Exception | None = None
        self.tries = 0

    def commit(self, rows: Sequence[Row], channels: Sequence[ChannelRecord]) -> None:
        self.tries += 1
        if self.fault:
            raise self.fault
        self.rows += rows
        self.records.update((record.folded, record) for record in channels)

    @property
    def texts(self) -> list[str]:
        return [row.text for row in self.rows if row.kind == "message"]


DISK_FULL = HistoryError("the disk is full")


class World:
    """A hub and a writer, driven by hand."""

    def __init__(self, readiness: Any = None, **options: Any) -> None:
        self.now = 1_800_000_000.0
        self.chat = Chat(Source(SERVER), Bounds())
        self.readiness = readiness or FakeReadiness()
        self.hub = Hub(self.chat, clock=lambda: self.now, wake=self.readiness.wake, send=send)
        self.store = FakeStore()
        self.told: list[tuple[Stamped, replies.Reply]] = []
        self.alarms: list[str] = []
        self.writer = Writer(
            self.hub,
            self.store,
            self.readiness,
            tell=lambda stamped, reply: self.told.append((stamped, reply)),
            alarm=self.alarms.append,
            **options,
        )
        self.server = SimpleNamespace(
            hub=self.hub, snapshots=Snapshots(self.hub), clock=lambda: self.now
        )
        self.people: dict[str, Person] = {}

    def connect(self, nick: str, kind: Kind = HERE, *channels: str) -> Person:
        """Somebody new, already registered and in ``channels``."""
        from ircish.events import Joined

        person = Person(self, kind)
        person.register(nick)
        self.people[nick] = person
        for channel in channels:
            person.does(Joined(person.user_id, channel))
        return person

    def turn(self) -> bool:
        """One round of the writer; whether it was the last."""
        return self.writer._turn()

    def flush(self) -> None:
        """Rounds of the writer until nothing waits in the hub."""
        for _ in range(5):
            self.turn()

    def writable(self, *people: Person, closed: bool = False) -> None:
        """Let the writer hear that those sockets have room again."""
        self.readiness.news += [Ready(p.socket.fd, not closed, closed) for p in people]
        self.turn()


class Person:
    """A connection without its thread: what ``Context`` needs of one, and a socket."""

    def __init__(self, world: World, kind: Kind) -> None:
        self.world = world
        self.server = world.server
        self.socket = FakeSocket()
        self.dropped: list[str] = []
        self.reader = Reader(self.socket, kind, self.drop)  # type: ignore[arg-type]
        self.user_id = world.hub.next_id()
        self.nick = "*"
        self.current_channel = ""
        self.context: Context | None = None
        world.writer.watch(self.reader)

    def publish(self, event: Event, ctx: Context, *, shown: bool = False) -> Stamped:
        return self.world.hub.publish(event, None if ctx.over else self.reader, shown=shown)

    def is_current(self, channel: str) -> bool:
        return fold(channel) == self.reader.current

    def set_current(self, channel: str) -> None:
        self.current_channel = channel
        self.world.hub.change(self.reader, lambda: setattr(self.reader, "current", fold(channel)))

    def drop(self, reason: str) -> None:
        self.dropped.append(reason)
        if self.user_id in self.world.chat.users:
            self.world.hub.publish(Quit(self.user_id, reason))

    # What a test does with it -------------------------------------------------------------------

    def register(self, nick: str) -> None:
        self.does(Registered(self.user_id, nick, nick, "host.example", nick))
        self.nick = nick

    def open(self) -> Context:
        """Begin a command."""
        assert self.context is None
        self.context = Context(self, None, Message("TEST"))  # type: ignore[arg-type]
        return self.context

    def close(self) -> None:
        """The command is through: its answer is queued."""
        assert self.context is not None
        lines = self.context.answered()
        self.context = None
        if lines or self.reader.held:
            self.world.hub.answer(self.reader, lines)

    def does(self, event: Event) -> Stamped:
        """A command that does one thing."""
        context = self.open()
        try:
            return context.publish(event)
        finally:
            self.close()

    def refused(self, event: Event) -> replies.Reply:
        """The reason for which it is not done."""
        try:
            self.does(event)
        except Refused as refused:
            return refused.reply
        raise AssertionError(f"{event} was done")

    def reads(self) -> list[str]:
        """The lines that have arrived since the last time."""
        received, self.socket.received = self.socket.received, b""
        return received.decode().split("\r\n")[:-1]

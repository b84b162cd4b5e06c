"""Many IRC clients in one process: they come in, then they count what they read.

Nothing here decides who says what; that is ``load``.
"""

from __future__ import annotations

import itertools
import select
import socket
import time
from collections.abc import Callable, Iterable

STRIDE = 7  # of what a watched client reads, each 7th line is looked at: a prime, in step with none
QUIET = 0.2  # seconds without a byte: what was on its way has come
SETUP_LIMIT = 60.0  # seconds for all to come in, at each step
BUFFER = 1 << 18  # bytes: one recv takes what there is


class Failed(Exception):
    """The server did not do the work; the text says what it did instead."""


class Watch:
    """Takes the latency of what one sampled recipient reads."""

    def __init__(self, speaks: bool) -> None:
        self.speaks = speaks
        self.rest = b""
        self.next = 0  # lines until the next one that is looked at
        self.waits: list[float] = []

    def read(self, data: bytes) -> None:
        now = time.perf_counter()
        *lines, self.rest = (self.rest + data).split(b"\n")
        looked_at = lines[self.next :: STRIDE]
        self.next = (self.next - len(lines)) % STRIDE
        for line in looked_at:
            words = line.split(b" ", 4)
            if len(words) == 5 and words[1] == b"PRIVMSG":
                self.waits.append(now - float(words[3][1:]))


class Group:
    """Those who read the same messages: a channel's members, or the one recipient of a pair."""

    def __init__(self, readers: int) -> None:
        self.have = [0] * readers  # messages, each reader
        self.done = 0  # messages that all have: min(have)
        self.behind = readers  # readers who have no more than those

    def advance(self, place: int, messages: int) -> int:
        """A reader has that many more (at least 1). How many messages this makes complete."""
        had = self.have[place]
        self.have[place] = had + messages
        if had > self.done:
            return 0
        self.behind -= 1
        if self.behind:
            return 0
        before = self.done
        self.done = min(self.have)
        self.behind = self.have.count(self.done)
        return self.done - before


class Client:
    """One connection. ``group`` and ``place`` are where its deliveries are counted."""

    def __init__(self, nick: str) -> None:
        self.nick = nick
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.recv_into = self.sock.recv_into
        self.last = b""  # the end of what it read while coming in
        self.lines = 0  # read while coming in
        self.group = Group(1)
        self.place = 0
        self.watch: Watch | None = None

    def send(self, data: bytes) -> None:
        """Raises Failed when the server has long stopped reading: a line finds no room."""
        try:
            sent = self.sock.send(data + b"\r\n")
        except OSError as error:
            raise Failed(f"{self.nick} cannot send: {error.strerror}") from None
        if sent != len(data) + 2:
            raise Failed(f"the server does not read from {self.nick}")

    def answer_pings(self, data: bytes) -> int:
        """How many there were."""
        asked = data.split(b"PING ")[1:]
        for after in asked:
            self.send(b"PONG " + after.partition(b"\r")[0])
        return len(asked)


class Swarm:
    """All clients of one run."""

    def __init__(self, port: int, at_once: int) -> None:
        self.address = ("127.0.0.1", port)
        self.at_once = at_once
        self.poll = select.epoll()
        self.clients: dict[int, Client] = {}  # by descriptor
        self.buffer = bytearray(BUFFER)
        self.delivered = 0
        self.reads = 0

    # Coming in: every line is looked at.

    def connect(self, count: int, prefix: str) -> list[Client]:
        """Connect and register that many clients, and read to the end of their greeting."""
        clients = [Client(f"{prefix}{number}") for number in range(count)]
        self.each(clients, self.open, (b" 376 ", b" 422 "), self.at_once)
        return clients

    def open(self, client: Client) -> None:
        client.sock.connect_ex(self.address)
        self.clients[client.sock.fileno()] = client
        self.poll.register(client.sock, select.EPOLLIN | select.EPOLLOUT)

    def join(self, clients: list[Client], channel: Callable[[int], str]) -> None:
        """Each joins the channel named for its place in the list."""
        channels = {client: channel(place) for place, client in enumerate(clients)}
        self.each(
            clients,
            lambda client: client.send(b"JOIN " + channels[client].encode()),
            (b" 366 ",),
            self.at_once,
        )

    def settle(self) -> None:
        """Wait until nothing is left on its way to anyone: answers come after what was queued."""
        clients = list(self.clients.values())
        self.each(clients, lambda client: client.send(b"PING bench"), (b" PONG ",), len(clients))
        self.quiet()

    def each(
        self,
        clients: Iterable[Client],
        begin: Callable[[Client], None],
        answers: tuple[bytes, ...],
        at_once: int,
    ) -> None:
        """Begin with each client, at most ``at_once`` at a time, until it has read an answer."""
        deadline = time.monotonic() + SETUP_LIMIT
        todo = iter(clients)
        waiting: set[Client] = set()
        while True:
            for client in itertools.islice(todo, at_once - len(waiting)):
                client.last = b""
                waiting.add(client)
                begin(client)
            if not waiting:
                return
            if time.monotonic() > deadline:
                one = next(iter(waiting))
                raise Failed(
                    f"{len(self.clients)} connected, but {answers[0].decode().strip()} did not come"
                    f" within {SETUP_LIMIT:.0f} s; {one.nick} last read {one.last[-80:]!r}"
                )
            for client in self.listen(1.0):
                if client in waiting and any(answer in client.last for answer in answers):
                    waiting.discard(client)

    def listen(self, timeout: float) -> list[Client]:
        """Read what comes within ``timeout`` seconds, once per readable socket; who has read."""
        heard = []
        for descriptor, event in self.poll.poll(timeout):
            client = self.clients[descriptor]
            if event == select.EPOLLOUT:
                client.send(f"NICK {client.nick}\r\nUSER bench 0 * :bench".encode())
                self.poll.modify(descriptor, select.EPOLLIN)
                continue
            try:
                data = client.sock.recv(BUFFER)
            except OSError as error:
                raise Failed(f"{client.nick} lost: {error.strerror}") from None
            if not data:
                raise Failed(f"the server closed {client.nick}, which last read {client.last!r}")
            client.lines += data.count(b"\n")
            client.last = client.last[-160:] + data[-BUFFER:]
            client.answer_pings(data)
            heard.append(client)
        return heard

    def wait_for_lines(self, clients: list[Client], lines: int) -> None:
        """Until each of the clients has read that many."""
        deadline = time.monotonic() + SETUP_LIMIT
        while not all(client.lines >= lines for client in clients):
            self.listen(QUIET)
            if time.monotonic() > deadline:
                least = min(client.lines for client in clients)
                raise Failed(f"only {least} of {lines} joins were told to all")

    def quiet(self) -> None:
        """Read until nothing has come for a moment."""
        deadline = time.monotonic() + SETUP_LIMIT
        while self.listen(QUIET):
            if time.monotonic() > deadline:
                raise Failed("the server never fell silent")

    # Counting: the hot path.

    def count(self, timeout: float, complete: Callable[[int], None]) -> None:
        """Read and count what comes, once per readable socket; tell of each completion at once.

        ``timeout`` is in seconds, with the 1 ms that epoll knows.
        """
        buffer, clients = self.buffer, self.clients
        for descriptor, _ in self.poll.poll(timeout):
            client = clients[descriptor]
            try:
                size = client.recv_into(buffer)
            except OSError as error:
                raise Failed(f"{client.nick} lost: {error.strerror}") from None
            if not size:
                raise Failed(f"the server closed {client.nick}")
            lines = buffer.count(10, 0, size)
            if buffer.find(78, 0, size) >= 0:  # an N: no PRIVMSG of ours has one, PING does
                lines -= client.answer_pings(bytes(buffer[:size]))
            if client.watch is not None:
                client.watch.read(bytes(buffer[:size]))
            self.delivered += lines
            self.reads += 1
            if lines and (completed := client.group.advance(client.place, lines)):
                complete(completed)

"""Many clients of a server in one thread: plain sockets, read in one loop. It decides nothing."""

from __future__ import annotations

import contextlib
import itertools
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator

BUFFER = 1 << 18
"""Bytes read at once."""

PATIENCE = 60.0
"""Seconds after which what a test waits for counts as not coming."""


class Member:
    """One connection. ``received`` is all that came, ``sent`` how many bytes went."""

    def __init__(self, nick: str, address: tuple[str, int], receive_buffer: int = 0) -> None:
        self.nick = nick
        self.received = bytearray()
        self.closed = False
        self.reads = True
        """Whether the crowd reads what comes."""
        self.unsent = bytearray()
        self.looked = 0
        """How much of ``received`` has been looked through for a PONG."""
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect_ex(address)
        self.fd = self.socket.fileno()

    def lines(self, since: int = 0) -> list[str]:
        """The lines that came, from an index into ``received`` on."""
        return self.received[since:].decode().split("\r\n")[:-1]

    def has(self, text: str, since: int = 0) -> bool:
        """Whether that came."""
        return self.received.find(text.encode(), since) >= 0


class Crowd:
    """Those who are connected to one server. Used as a context, which closes them."""

    _tokens = itertools.count(1)

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self._poll = select.epoll()
        self._members: dict[int, Member] = {}

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        for member in list(self._members.values()):
            self.close(member)
        self._poll.close()

    def connect(self, nick: str = "", *, receive_buffer: int = 0) -> Member:
        """Begin to connect; what is sent before that is done waits."""
        member = Member(nick, self.address, receive_buffer)
        self._members[member.fd] = member
        self._poll.register(member.fd, select.EPOLLIN)
        return member

    def irc(self, nick: str, channel: str = "", *, caps: str = "", buffer: int = 0) -> Member:
        """An IRC client who begins to come in, and into the channel."""
        member = self.connect(nick, receive_buffer=buffer)
        if caps:
            self.send(member, f"CAP REQ :{caps}")
        self.send(member, f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        if caps:
            self.send(member, "CAP END")
        if channel:
            self.send(member, f"JOIN {channel}")
        return member

    def plain(self, nick: str) -> Member:
        """A person at a raw TCP tool who begins to come into the default channel."""
        member = self.connect(nick)
        self.send(member, f"NICK {nick}", "VERSION")
        return member

    def close(self, member: Member, *, reset: bool = False) -> None:
        """Close a connection; with ``reset`` as a program that is killed with unread lines."""
        if self._members.pop(member.fd, None):
            if reset:
                linger = struct.pack("ii", 1, 0)
                member.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            member.socket.close()
            member.closed = True

    # Sending ------------------------------------------------------------------------------------

    def send(self, member: Member, *lines: str) -> None:
        """Send lines, now or when there is room."""
        self.send_bytes(member, "".join(f"{line}\r\n" for line in lines).encode())

    def send_bytes(self, member: Member, data: bytes) -> None:
        """Send bytes, now or when there is room."""
        waited = bool(member.unsent)
        member.unsent += data
        if not waited and member.fd in self._members:
            self._flush(member)
            self._watch(member)

    def _flush(self, member: Member) -> None:
        with contextlib.suppress(BlockingIOError):
            try:
                del member.unsent[: member.socket.send(member.unsent)]
            except OSError as error:
                if isinstance(error, BlockingIOError):
                    raise
                member.unsent.clear()  # closed: reading will tell

    def _watch(self, member: Member) -> None:
        mask = (select.EPOLLIN if member.reads else 0) | (select.EPOLLOUT if member.unsent else 0)
        self._poll.modify(member.fd, mask)

    def pause(self, member: Member) -> None:
        """No longer read what comes for one."""
        member.reads = False
        self._watch(member)

    def resume(self, member: Member) -> None:
        """Read it again."""
        member.reads = True
        self._watch(member)

    # Reading ------------------------------------------------------------------------------------

    def turn(self, seconds: float) -> Iterator[Member]:
        """Read and send once where something is ready, waiting at most that long; who had news."""
        for fd, mask in self._poll.poll(max(0.0, seconds)):
            member = self._members.get(fd)
            if member is None:
                continue
            if mask & select.EPOLLOUT:
                self._flush(member)
                self._watch(member)
            if mask & ~select.EPOLLOUT:
                self._read(member)
                yield member

    def _read(self, member: Member) -> None:
        try:
            data = member.socket.recv(BUFFER)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        member.received += data
        if not data:
            self.close(member)

    def pump(self, seconds: float, until: Callable[[], object] = lambda: False) -> bool:
        """Go on for that long, or until something is so; whether it is."""
        end = time.monotonic() + seconds
        while not until():
            left = end - time.monotonic()
            if left <= 0:
                return False
            for _ in self.turn(min(left, 0.02)):
                pass
        return True

    def settle(self, members: Iterable[Member], seconds: float = PATIENCE) -> None:
        """Ask each for a PONG, and go on until each has it: what came before has been done."""
        token = f"token{next(self._tokens)}."
        waiting = set()
        for member in members:
            member.looked = len(member.received)
            self.send(member, f"PING {token}")
            waiting.add(member)
        end = time.monotonic() + seconds
        while waiting:
            assert time.monotonic() < end, f"{len(waiting)} are not answered, as {_last(waiting)}"
            for member in self.turn(0.1):
                if member in waiting:
                    if member.has(token, member.looked):
                        waiting.discard(member)
                    member.looked = max(0, len(member.received) - len(token))
            lost = [member for member in waiting if member.closed]
            assert not lost, f"{len(lost)} were closed, as {_last(lost)}"


def _last(members: Iterable[Member]) -> str:
    member = next(iter(members))
    return f"{member.nick or 'someone'}, who last read {bytes(member.received[-200:])!r}"

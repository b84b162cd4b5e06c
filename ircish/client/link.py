"""A Session on a socket, for one thread that waits: what `ircish send` and `tail` run on."""

from __future__ import annotations

import itertools
import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

from ircish.client.events import Answered, ClientEvent, Closed, Failed, Pong, Welcomed
from ircish.client.session import Session

CONNECTING = 10.0
"""Seconds in which a connection must be there."""

PATIENCE = 60.0
"""Seconds in which an answer must be there."""

LEAVING = 3.0
"""Seconds that a server may take to say goodbye."""

RECEIVE = 65536
"""Bytes asked for at once."""


class LinkError(Exception):
    """Why it cannot go on: one sentence for a person."""


def ended(closed: Closed) -> LinkError:
    """The connection's end as a sentence."""
    return LinkError(f"the server ended the connection: {closed.reason.rstrip('.')}.")


class Link:
    """A connection to a server, by which its session talks."""

    def __init__(self, session: Session, host: str, port: int) -> None:
        """Connect and come in. Raises LinkError."""
        self.session = session
        self._tokens: Iterator[int] = itertools.count(1)
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            self._socket = socket.create_connection((host, port), CONNECTING)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise LinkError(f"there is no server at {where} ({reason}).") from error
        try:
            self._come_in(where)
        except BaseException:
            self._socket.close()
            raise

    def _come_in(self, where: str) -> None:
        self.session.start()
        while True:
            for event in self._next():
                match event:
                    case Welcomed():
                        return
                    case Failed(numeric="464"):
                        raise LinkError(f"{where} wants the right password (--password).")
                    case Failed():
                        raise LinkError(f"{where} refuses: {' '.join(event.about)} {event.text}.")
                    case Closed():
                        raise ended(event)

    def receive(
        self, timeout: float | None = None, *, beside: int | None = None
    ) -> list[ClientEvent]:
        """Send what waits and return what is told next: nothing after ``timeout`` seconds (None:
        never), or as soon as the file descriptor ``beside`` can be read. Raises LinkError when
        Closed has been returned before."""
        if self.session.closed:
            raise LinkError("the server ended the connection.")
        deadline = None if timeout is None else time.monotonic() + timeout
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        if beside is not None:
            poll.register(beside, select.POLLIN)
        while True:
            with suppress(OSError):  # reading tells why
                self._socket.sendall(self.session.outgoing())
            left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
            ready = [descriptor for descriptor, _ in poll.poll(left)]
            if self._socket.fileno() not in ready:
                return []
            if events := self.session.receive(self._read()):
                with suppress(OSError):
                    self._socket.sendall(self.session.outgoing())
                return events

    def _read(self) -> bytes:
        try:
            return self._socket.recv(RECEIVE)
        except OSError:
            return b""

    def _next(self) -> list[ClientEvent]:
        if events := self.receive(PATIENCE):
            return events
        raise LinkError(f"the server has not answered for {PATIENCE:.0f} s.")

    def finish(self, label: str) -> list[ClientEvent]:
        """Wait until a command has been done, given its label, or "" where the server has no
        labels; what came meanwhile. Raises LinkError where it was refused."""
        token = str(next(self._tokens))
        if not label:
            self.session.ping(token)
        last = Answered(label) if label else Pong(token)
        came: list[ClientEvent] = []
        while last not in came:
            events = self._next()
            for event in events:
                # a line that the server could not even read is refused without its label
                if isinstance(event, Failed) and event.label in (label, ""):
                    about = f"{event.about[-1]}: " if event.about else ""
                    raise LinkError(f"{about}{event.text} ({event.numeric}).")
                if isinstance(event, Closed):
                    raise ended(event)
            came += events
        return came

    def leave(self) -> None:
        """Quit, wait a little for the server's goodbye, close."""
        self.session.quit()
        deadline = time.monotonic() + LEAVING
        while not self.session.closed and self.receive(deadline - time.monotonic()):
            pass
        self._socket.close()

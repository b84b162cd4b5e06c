"""What the writer waits for: a wake-up, room in a socket that was full, a connection closed.

Two ways, the same to the writer: epoll where there is one, poll elsewhere (which cannot watch
thousands of idle sockets cheaply, so there a closed connection is noticed when written to).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from typing import NamedTuple, Protocol


class Ready(NamedTuple):
    """A descriptor with news."""

    fd: int
    writable: bool
    closed: bool
    """by the other side, in both directions"""


class Readiness(Protocol):
    """Any thread may call ``wake``, ``watch`` and ``forget``; the others are the writer's."""

    def wake(self) -> None: ...
    def watch(self, fd: int) -> None: ...
    def forget(self, fd: int) -> None: ...
    def want_room(self, fd: int, wanted: bool) -> None: ...
    def wait(self, seconds: float) -> list[Ready]: ...
    def close(self) -> None: ...


class Epoll:
    """Edge-triggered, so that a wake-up costs one system call and needs no reading back."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN | select.EPOLLET)

    def wake(self) -> None:
        """Let ``wait`` return."""
        os.eventfd_write(self._wake, 1)

    def watch(self, fd: int) -> None:
        """Tell when the connection is closed by the other side."""
        self._epoll.register(fd, select.EPOLLET)  # EPOLLHUP and EPOLLERR always come

    def forget(self, fd: int) -> None:
        """The descriptor is about to be closed."""
        with contextlib.suppress(OSError):
            self._epoll.unregister(fd)

    def want_room(self, fd: int, wanted: bool) -> None:
        """Tell when the socket has room again, or no more."""
        with contextlib.suppress(OSError):
            self._epoll.modify(fd, select.EPOLLET | (select.EPOLLOUT if wanted else 0))

    def wait(self, seconds: float) -> list[Ready]:
        """What has happened; after ``seconds`` without anything, []."""
        gone = select.EPOLLHUP | select.EPOLLERR
        return [
            Ready(fd, bool(mask & select.EPOLLOUT), bool(mask & gone))
            for fd, mask in self._epoll.poll(seconds)
            if fd != self._wake
        ]

    def close(self) -> None:
        self._epoll.close()
        os.close(self._wake)


class Poll:
    """poll(2) on a pipe and on the sockets that are full."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_in, False)
        os.set_blocking(self._wake_out, False)
        self._poll.register(self._wake_in, select.POLLIN)

    def wake(self) -> None:
        """Let ``wait`` return."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_out, b"!")

    def watch(self, fd: int) -> None:
        """Not told of: poll would look at every idle socket each time."""

    def forget(self, fd: int) -> None:
        """The descriptor is about to be closed."""
        with contextlib.suppress(KeyError):
            self._poll.unregister(fd)

    def want_room(self, fd: int, wanted: bool) -> None:
        """Tell when the socket has room again, or no more."""
        if wanted:
            self._poll.register(fd, select.POLLOUT)
        else:
            self.forget(fd)

    def wait(self, seconds: float) -> list[Ready]:
        """What has happened; after ``seconds`` without anything, []."""
        gone = select.POLLHUP | select.POLLERR
        ready = []
        for fd, mask in self._poll.poll(seconds * 1000):
            if fd == self._wake_in:
                with contextlib.suppress(BlockingIOError):
                    os.read(fd, 4096)
            else:
                ready.append(Ready(fd, bool(mask & select.POLLOUT), bool(mask & gone)))
        return ready

    def close(self) -> None:
        os.close(self._wake_in)
        os.close(self._wake_out)


def readiness() -> Readiness:
    """The better one that this system has."""
    return Epoll() if hasattr(select, "epoll") and hasattr(os, "eventfd") else Poll()


def hung_up(sock: socket.socket) -> bool:
    """Whether the other side sends nothing more, whatever of it may still have to be read."""
    poll = select.poll()
    try:
        poll.register(sock, getattr(select, "POLLRDHUP", 0))
    except ValueError:  # closed on this side too
        return True
    return bool(poll.poll(0))

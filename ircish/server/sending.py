"""send(2) without letting go of the interpreter's lock.

``socket.send`` releases that lock around each call. A writer that sends to 200 sockets then wakes
a waiting thread 200 times, and waits 200 times to get the lock back: measured, 3.5 futex calls a
send and more than half of the server's CPU time. A non-blocking send takes a few µs, so it keeps
the lock; between two of them the interpreter hands it on when others have waited long enough.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
from collections.abc import Iterable

_FLAGS = socket.MSG_DONTWAIT | getattr(socket, "MSG_NOSIGNAL", 0)

_send = ctypes.PyDLL(None, use_errno=True).send
_send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_send.restype = ctypes.c_ssize_t


def send_each(fds: Iterable[int], data: bytes) -> list[tuple[int, int]]:
    """Send the same to many sockets; those that did not take all of it, and how much they took:
    where that is negative, ``send`` says why."""
    size = len(data)
    return [(fd, sent) for fd in fds if (sent := _send(fd, data, size, _FLAGS)) != size]


def send(fd: int, data: bytes) -> int:
    """How many bytes the socket took now; 0 where it has no room. Raises OSError.

    The number must be this socket's: only the writer closes descriptors, after ``Hub.retire``, and
    others than the writer send only under the hub's lock.
    """
    sent: int = _send(fd, data, len(data), _FLAGS)
    if sent >= 0:
        return sent
    error = ctypes.get_errno()
    if error in (errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR):
        return 0
    raise OSError(error, os.strerror(error))

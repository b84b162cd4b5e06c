"""The listener: a ThreadingTCPServer with a thread for each connection."""

from __future__ import annotations

import contextlib
import errno
import logging
import resource
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from ircish.config import Limits
from ircish.server.connection import Connection

if TYPE_CHECKING:
    from ircish.server.server import Server

SPARE_DESCRIPTORS = 64
"""Descriptors kept for the history, the log and plugins."""

STACK = 4 << 20
"""Bytes of a thread's stack, virtual: endless recursion through C needs room to be caught in."""

SWITCH_INTERVAL = 0.001
"""Seconds after which a computing thread lets others run, where there are few."""

SWITCH_INTERVAL_EACH = 0.000_01
"""What each connection adds: every waiting thread wakes once in an interval to ask for Python's
lock, and ten thousand that do so every millisecond leave no time for anything else."""

SWITCH_INTERVAL_MOST = 0.1

UPKEEP = 1.0
"""Seconds between looks at who is late, where there are few."""

UPKEEP_EACH = 0.000_5
"""What each connection adds, so that thousands of silent ones cost next to nothing."""

log = logging.getLogger("ircish")


class Listener(socketserver.ThreadingTCPServer):
    """Accepts, and gives each connection a thread."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], server: Server, upkeep: Callable[[], None]):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.chat_server = server
        self._upkeep = upkeep
        self._upkept = 0.0
        self._lock = threading.Lock()  # guards connections and _addresses
        self.connections: set[Connection] = set()
        self._admitted = 0
        self._addresses: dict[str, int] = {}
        self.limit(server.config.limits)
        super().__init__(address, Connection)  # type: ignore[arg-type]

    def limit(self, limits: Limits) -> None:
        """How many connections there may be from now on; those there are stay."""
        self.most = most_connections(limits.connections)
        self.most_per_address = limits.connections_per_address

    def get_request(self) -> tuple[socket.socket, Any]:
        try:
            return super().get_request()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                # the waiting connection would be tried again at once, for ever
                log.error("no connection can be accepted: %s", error.strerror)
                time.sleep(0.2)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request(request, client_address)
        except RuntimeError as error:  # no more threads
            log.error("a connection was not served: %s", error)
            request.close()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """One connection, in its own thread."""
        host = client_address[0].removeprefix("::ffff:")
        if host[0] == ":":  # ::1 could not stand alone in a reply
            host = f"0{host}"
        refusal = self._admit(host)
        if refusal:
            with contextlib.suppress(OSError):
                request.send(f"ERROR :{refusal}\r\n".encode(), socket.MSG_DONTWAIT)
            request.close()
            return
        with contextlib.suppress(OSError):
            request.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for option, seconds in _KEEPALIVE.items():
                request.setsockopt(socket.IPPROTO_TCP, option, seconds)
        log.info("%s connected", host)
        connection = None

        def over() -> None:
            with self._lock:
                if connection:
                    self.connections.discard(connection)
                self._count(-1)
                self._addresses[host] -= 1
                if not self._addresses[host]:
                    del self._addresses[host]

        try:
            connection = Connection(self.chat_server, request, host, over)
            with self._lock:
                self.connections.add(connection)
            self.chat_server.writer.watch(connection.reader)
        except BaseException:
            over()
            raise
        connection.run()

    def _admit(self, host: str) -> str:
        """Why this connection cannot stay, or ""."""
        with self._lock:
            here = self._addresses.get(host, 0)
            if self._admitted >= self.most:
                reason = "This server is full; try again later"
            elif (
                here >= self.most_per_address
                and not ip_address(host.split("%", maxsplit=1)[0]).is_loopback
            ):
                reason = "Too many connections from your address"
            else:
                self._count(+1)
                self._addresses[host] = here + 1
                return ""
        log.info("%s refused: %s", host, reason)
        return reason

    def _count(self, more: int) -> None:
        """One connection more or less; the lock is held."""
        self._admitted += more
        interval = min(SWITCH_INTERVAL_EACH * self._admitted, SWITCH_INTERVAL_MOST)
        sys.setswitchinterval(max(SWITCH_INTERVAL, interval))

    def shutdown(self) -> None:
        """End ``serve_forever``: at once where this wakes it, else at its next half second."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        super().shutdown()

    def shutdown_request(self, request: Any) -> None:
        """Nothing: the writer closes a socket when what waits for it has been sent."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.exception("a fault in the connection from %s", client_address[0])

    def service_actions(self) -> None:
        now = time.monotonic()
        if now - self._upkept >= max(UPKEEP, UPKEEP_EACH * self._admitted):
            self._upkept = now
            self._upkeep()

    def snapshot(self) -> list[Connection]:
        """All connections."""
        with self._lock:
            return list(self.connections)


_KEEPALIVE = {
    getattr(socket, name): seconds
    for name, seconds in {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}.items()
    if hasattr(socket, name)
}


def most_connections(wanted: int) -> int:
    """How many connections there can be: the descriptor limit, raised as far as allowed, less
    those that the server itself needs; at most ``wanted`` where that is not 0."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    possible = 1 << 20 if soft == resource.RLIM_INFINITY else max(1, soft - SPARE_DESCRIPTORS)
    return min(possible, wanted) if wanted else possible

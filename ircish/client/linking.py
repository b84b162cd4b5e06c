"""A Client on a socket, for one asyncio loop: connects, tries again, notices a dead server. What
comes and goes is the Client's; sentences for what fails are troubles'."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from ircish.client import troubles
from ircish.client.place import Place
from ircish.client.troubles import Trouble

if TYPE_CHECKING:
    import ssl

CONNECTING = 10.0
"""Seconds in which a connection must be there, TLS included."""

HANDSHAKE = 8.0
"""Seconds of these for TLS."""

NEXT_ADDRESS = 0.25
"""Seconds after which the next address of a host is tried beside the first (RFC 8305)."""

FIRST_WORD = 30.0
"""Seconds in which a server must have said anything at all."""

QUIET, PATIENCE = 120.0, 60.0
"""Seconds of silence after which the server is asked for a PONG; those it then has."""

LEAVING = 2.0
"""Seconds that a server may take to close after our QUIT."""

LONGEST_PAUSE, JITTER = 48.0, 0.25
"""Seconds between two tries at most, and what chance adds to them, so that not all come at once
when a server is back: 60 s in all."""

STEADY = 10.0
"""Seconds that a connection must have been of use for the pauses to be short again."""

READ = 16 * 1024
"""Bytes taken at once: keys are handled before the next."""

MOST_WAITING = 1024 * 1024
"""Bytes that may wait for a server that does not read."""

KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""Seconds, seconds, probes: the kernel's own look at a dead connection, where it has these."""

ALIVE = "ircish-alive"
"""What a server that has been silent is asked to say again."""


class Pinging(Protocol):
    """Of a Session what is needed here."""

    def ping(self, token: str) -> None:
        """Queue a PING."""


class Talker(Protocol):
    """Of a Client what is needed here."""

    @property
    def session(self) -> Pinging | None:
        """That of the connection."""

    def connecting(self, place: Place) -> None:
        """It is tried now."""

    def connected(self) -> None:
        """Bytes can go; a new session starts."""

    def received(self, data: bytes) -> None:
        """What came."""

    def outgoing(self) -> bytes:
        """What is to go; given once."""

    def lost(self, reason: str, retry_at: float | None) -> None:
        """There is no connection; the loop's time at which it is tried again by itself."""


class Linking:
    """Keeps a Client connected to the place it was told.

    All of it runs in the thread of the running loop. The Client calls ``flush`` after it has
    queued something, ``settled`` when it is registered, ``give_up`` when trying again would be
    senseless (a wrong password, a ban).
    """

    def __init__(self, client: Talker, *, jitter: Callable[[], float] = random.random) -> None:
        """``jitter`` gives a number from 0 to 1."""
        self._client = client
        self._jitter = jitter
        self._place: Place | None = None
        self._tries = 0  # since a connection was last of use
        self._again = True
        self._link: _Link | None = None  # the one that is tried or there
        self._retry: asyncio.TimerHandle | None = None
        self._leaving: set[_Link] = set()

    # For the client -----------------------------------------------------------------------------

    def connect(self, place: Place) -> None:
        """Connect to a place, and again when that is lost; what was there before is left."""
        self._drop()
        self._place = place
        self._tries = 0
        self._open()

    def disconnect(self, reason: str = "Disconnected.") -> None:
        """Send what waits (the QUIT), close, and stay so; ``lost`` gets the reason."""
        if self._drop():
            self._client.lost(reason, None)

    def retry_now(self) -> None:
        """Try again at once where there is no connection, and none is being made."""
        if self._link is None and self._place is not None:
            self._drop()
            self._open()

    def settled(self) -> None:
        """We are registered: the connection is of use."""
        if self._link:
            self._link.settled_at = self._link.loop.time()

    def give_up(self) -> None:
        """Do not try again by itself."""
        self._again = False
        if self._retry:
            self._retry.cancel()
            self._retry = None

    def flush(self) -> None:
        """Send what the client has queued; without a connection it stays there."""
        link = self._link
        if link is None or link.transport is None:
            return
        if data := self._client.outgoing():
            link.transport.write(data)
            waiting = link.transport.get_write_buffer_size()
            if waiting > MOST_WAITING:
                self.end(link, troubles.takes_nothing(link.place, waiting))

    async def closed(self) -> None:
        """Wait until what was left is closed: at most LEAVING seconds."""
        await asyncio.gather(*(link.over.wait() for link in self._leaving))

    # One connection -----------------------------------------------------------------------------

    def _open(self) -> None:
        assert self._place is not None
        self._retry = None
        self._again = True
        link = self._link = _Link(self, self._place, asyncio.get_running_loop())
        link.dialing = link.loop.create_task(link.dial())
        self._client.connecting(self._place)

    def _drop(self) -> bool:
        """Leave what is there or planned; whether there was anything."""
        was_planned = self._retry is not None
        if self._retry:
            self._retry.cancel()
            self._retry = None
        self.flush()
        link, self._link = self._link, None
        if link is None:
            return was_planned
        if link.transport:
            self._leaving.add(link)
            link.leave()
        else:
            link.abort()
        return True

    def made(self, link: _Link) -> None:
        """A link is there."""
        if link is not self._link:
            link.abort()  # left while it was being made
            return
        self._client.connected()
        self.flush()

    def came(self, link: _Link, data: bytes) -> None:
        """Something came by a link."""
        if link is self._link:
            self._client.received(data)
            self.flush()

    def ask(self) -> None:
        """Have a silent server say something."""
        if session := self._client.session:
            session.ping(ALIVE)
            self.flush()

    def end(self, link: _Link, trouble: Trouble) -> None:
        """A link is over, or has to be: tell the client, and plan the next."""
        self._leaving.discard(link)
        link.abort()
        if link is not self._link:
            return
        self._link = None
        now = link.loop.time()
        if link.settled_at is not None and now - link.settled_at >= STEADY:
            self._tries = 0
        if not (self._again and trouble.again):
            self._client.lost(trouble.sentence, None)
            return
        pause = min(LONGEST_PAUSE, 2.0**self._tries) * (1 + JITTER * self._jitter())
        self._tries = min(self._tries + 1, 10)
        self._retry = link.loop.call_at(now + pause, self._open)
        self._client.lost(trouble.sentence, now + pause)


class _Link(asyncio.BufferedProtocol):
    """One try to have a connection, and the connection."""

    def __init__(self, linking: Linking, place: Place, loop: asyncio.AbstractEventLoop) -> None:
        self.linking = linking
        self.place = place
        self.loop = loop
        self.dialing: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.settled_at: float | None = None
        self.is_left = False
        self.over = asyncio.Event()
        self._view = memoryview(bytearray(READ))
        self._opening: bytes | None = b""  # what came until it was known to be IRC
        self._heard: float | None = None  # the loop's time

    async def dial(self) -> None:
        """Make the connection, or tell why it cannot be."""
        place = self.place
        try:
            tls: dict[str, Any] = {}
            if place.tls:
                tls = {
                    "ssl": tls_context(place),
                    "server_hostname": place.host,
                    "ssl_handshake_timeout": HANDSHAKE,
                    "ssl_shutdown_timeout": LEAVING,
                }
            async with asyncio.timeout(CONNECTING):
                await self.loop.create_connection(
                    lambda: self,
                    place.host,
                    place.port,
                    happy_eyeballs_delay=NEXT_ADDRESS,
                    **tls,
                )
        except (OSError, ValueError) as error:
            self.linking.end(self, troubles.why_not(error, place))

    def leave(self) -> None:
        """Let the server close; what it still says is read, or our QUIT might be lost with it."""
        self.is_left = True
        self._set_timer(LEAVING, self.abort)

    def abort(self) -> None:
        """End at once."""
        if self.dialing and self.dialing is not asyncio.current_task(self.loop):
            self.dialing.cancel()
        if self.timer:
            self.timer.cancel()
        if self.transport:
            self.transport.abort()

    # What the loop calls ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing waits in the kernel (asyncio itself sets TCP_NODELAY)."""
        self.transport = cast(asyncio.Transport, transport)
        keep_alive(self.transport.get_extra_info("socket"))
        self._set_timer(FIRST_WORD, self._no_word)
        self.linking.made(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go."""
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came: the first line must be IRC before the client sees any."""
        if self.is_left:
            return
        if self.place.tls and self.transport:  # asyncio's TLS would come several times in a round
            self.transport.pause_reading()
            self.loop.call_soon(self.transport.resume_reading)
        data = bytes(self._view[:nbytes])
        if self._heard is None:
            self._set_timer(QUIET, self._look)
        self._heard = self.loop.time()
        if self._opening is None:
            self.linking.came(self, data)
            return
        self._opening += data
        if troubles.is_decided(self._opening):
            self._decide()

    def _decide(self) -> None:
        opening, self._opening = self._opening, None
        if opening and (trouble := troubles.wrong_answer(opening, self.place)):
            self.linking.end(self, trouble)
        elif opening:
            self.linking.came(self, opening)

    def connection_lost(self, exc: Exception | None) -> None:
        """It ended, on whoever's wish."""
        self.over.set()
        self._decide()
        self.linking.end(self, troubles.ended(self.place, exc, answered=self._heard is not None))

    # A server that is silent --------------------------------------------------------------------

    def _set_timer(self, seconds: float, call: Callable[[], None]) -> None:
        if self.timer:
            self.timer.cancel()
        self.timer = self.loop.call_later(seconds, call)

    def _no_word(self) -> None:
        self.linking.end(self, troubles.silent(self.place, FIRST_WORD))

    def _look(self) -> None:
        """Ask, if it has been silent for QUIET seconds."""
        heard = cast(float, self._heard)
        left = heard + QUIET - self.loop.time()
        if left > 0:
            self._set_timer(left, self._look)
        else:
            self._set_timer(PATIENCE, partial(self._look_again, heard))
            self.linking.ask()

    def _look_again(self, heard: float) -> None:
        """Whether anything came since."""
        if self._heard == heard:
            self.linking.end(self, troubles.dead(self.place, QUIET + PATIENCE))
        else:
            self._look()


def tls_context(place: Place) -> ssl.SSLContext:
    """Certificates and names are verified, unless the place says otherwise."""
    import ssl

    context = ssl.create_default_context()
    if place.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def keep_alive(sock: socket.socket) -> None:
    """Have the kernel look after an idle connection."""
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEP_ALIVE.items():
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

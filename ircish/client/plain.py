"""The client line by line, for a screen reader, a pipe or a poor terminal: what is new is printed
once, what is read is typed. No cursor is moved, no colour used, nothing drawn twice."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from heapq import merge
from typing import TYPE_CHECKING, Any, TextIO

from ircish.client import formatting
from ircish.client.events import ClientEvent, Pong
from ircish.client.lines import Lines
from ircish.client.log import FAILED, NOISE, PENDING, TALK, UNSENT, Entry
from ircish.client.speech import SLOW
from ircish.client.windows import Window
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.session import Session

ANSWER = 20.0
"""Seconds that the server may take to confirm what came from a pipe."""

RETURN = 90.0
"""Seconds that what comes from a pipe waits for a lost connection to be there again."""

CLOSED = -1
"""No file descriptor: the shell closed it (``<&-``)."""

"""Kinds that are not printed where the settings say so."""

LOST = "It is tried again by itself; /quit leaves."


async def run(
    client: Client,
    begin: Callable[[], Awaitable[None]],
    before_leaving: Callable[[], Awaitable[None]] | None = None,
    *,
    stdin: int | None = None,
    stdout: TextIO | None = None,
) -> int:
    """Chat until somebody quits or the input ends; the exit code: 1 where something from a pipe
    was not delivered. ``begin`` connects, and comes back when all is loaded; ``before_leaving``
    does what is to be done while we are still there. Raises OSError where ``stdout`` takes nothing
    any more."""
    if stdin is None:
        stdin = sys.stdin.fileno() if sys.stdin else CLOSED
    person = os.isatty(stdin)
    face = PlainFace(client, stdout or sys.stdout, person=person)
    client.face = face
    client.settings.fold = False  # what is printed cannot be folded any more
    client.plugins.listen(face.hear)
    beginning = asyncio.ensure_future(begin())
    typing = asyncio.ensure_future(
        _type(client, face, stdin) if person else _deliver(client, face, beginning, stdin)
    )
    leaving = asyncio.ensure_future(face.until(lambda: face.left))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, face.leave)
    try:
        await _first((beginning, typing, leaving), needed=(typing, leaving))
        return typing.result() if typing.done() else 0
    finally:
        await face.said()
        if before_leaving:
            await before_leaving()
        client.goodbye()
        for task in (beginning, typing, leaving):
            task.cancel()
        await asyncio.gather(beginning, typing, leaving, return_exceptions=True)
        face.close()
        if face.trouble:
            raise face.trouble


async def _first(
    tasks: Iterable[asyncio.Future[Any]], needed: tuple[asyncio.Future[Any], ...]
) -> None:
    """Wait until one of the ``needed`` is done. Raises what any of the tasks raised."""
    left = set(tasks)
    while left.issuperset(needed):
        done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


# Typing -------------------------------------------------------------------------------------------


async def _type(client: Client, face: PlainFace, stdin: int) -> int:
    """Type what a person types, until they end it (Ctrl-D); the exit code."""
    lines = Lines(stdin)
    while not face.left and (line := await lines.next()) is not None:
        face.typed()
        client.type(line)
    return 0


async def _deliver(
    client: Client, face: PlainFace, beginning: asyncio.Future[None], stdin: int
) -> int:
    """Type what comes from a pipe, each line when the one before is confirmed, and none before we
    are where we want to be; the exit code."""
    lines = Lines(stdin)
    await asyncio.shield(beginning)  # the plugins' commands are there
    failures = 0
    while (is_ready := await face.ready()) and (line := await lines.next()) is not None:
        if not (is_ready := await face.ready()):
            break
        face.typed()
        failures += not client.type(line)
        if face.left:
            break
        failures += not await face.settled(ask=line.startswith("/"))
    return 1 if failures or face.failed or not is_ready else 0


# The face -----------------------------------------------------------------------------------------


class PlainFace:
    """What shows a Client line by line."""

    def __init__(self, client: Client, stdout: TextIO | None, *, person: bool) -> None:
        """``stdout`` is None where the shell closed it; ``person``: somebody types, and can be told
        what to do."""
        self.client = client
        self._person = person
        self.left = False
        """Whether somebody wants to leave."""
        self.was_inside = False
        """Whether a server ever let us in."""
        self.failed = 0
        """How many lines of ours were not sent."""
        self.trouble: OSError | None = None
        """Why nothing can be printed any more."""
        self._closed = False
        self._stdout = stdout
        self._news = asyncio.Event()
        self._planned = False
        self._current = client.windows.current
        self._next: dict[Window, int] = {}
        """The number of the first entry of each window that was not looked at."""
        self._pending: dict[Window, list[int]] = {}
        """The numbers of our lines that nobody has confirmed."""
        self._told: set[str] = set()
        """What the server's window said since the connection was lost."""
        self._rang: float | None = None
        self._pongs: set[str] = set()
        self._tokens = itertools.count(1)
        self._ready_for: Session | None = None
        self._inserted: dict[Window, list[Entry]] = {}
        """What was missed and came late, to be printed before what is new."""
        client.windows.inserted = self._insert

    # What a Client asks of it -------------------------------------------------------------------

    def changed(self) -> None:
        """Print what is new, soon: what comes at once is looked at once."""
        self.was_inside = self.was_inside or self.client.inside
        self._news.set()
        if not self._planned:
            self._planned = True
            asyncio.get_running_loop().call_soon(self.print_new)

    def notify(self, title: str, text: str) -> None:
        """Ring the bell of a terminal, where the settings want that; the text is printed anyway."""
        settings, now = self.client.settings, self.client.monotonic()
        rang_lately = self._rang is not None and now - self._rang < settings.notify_seconds
        if settings.bell and not rang_lately and self._stdout and self._stdout.isatty():
            self._rang = now
            self._write("\a")

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back after a while."""
        asyncio.get_running_loop().call_later(seconds, call)

    def leave(self) -> None:
        """End the program."""
        self.left = True
        self._news.set()

    def copy(self, text: str) -> None:
        """There is no clipboard: print it."""
        self._write(f"{printable(text)}\n")

    def redraw(self) -> None:
        """Nothing is drawn."""

    def search(self, text: str = "") -> None:
        """There is nothing to scroll: the lines that have it are shown again."""
        self.client.commands.run(self.client, f"lastlog {text}")

    def _insert(self, window: Window, entries: Sequence[Entry]) -> None:
        """What was missed is put above what came since."""
        self._inserted.setdefault(window, []).extend(entries)

    # Waiting ------------------------------------------------------------------------------------

    async def until(self, is_so: Callable[[], object], seconds: float | None = None) -> bool:
        """Wait for what a change may bring; False where it does not within some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not is_so():
                    self._news.clear()
                    await self._news.wait()
            return True
        return False

    def hear(self, event: ClientEvent) -> None:
        """The server has told something."""
        if isinstance(event, Pong):
            self._pongs.add(event.token)

    def _is_hopeless(self) -> bool:
        """Whether there will be no connection: nobody is asked to wait for a wrong address."""
        state = self.client.state
        return self.left or state == "off" or (state == "waiting" and not self.was_inside)

    async def ready(self) -> bool:
        """Wait until we are in, and in our channels; False where that cannot be."""
        client = self.client
        await self.until(lambda: (client.inside and client.arrived) or self._is_hopeless(), RETURN)
        if not (client.inside and client.arrived):
            return False
        if client.session is not self._ready_for:
            self._ready_for = client.session
            await self.settled(ask=True)
        return client.inside

    async def settled(self, *, ask: bool) -> bool:
        """Wait until all that we said is confirmed, and where we ``ask``, all else is done; False
        where the server does not say so."""
        client, token = self.client, f"plain{next(self._tokens)}"
        if ask and client.session and client.inside:
            client.session.ping(token)
            client.link.flush()

        def is_so() -> bool:
            self.print_new()
            is_done = not self._pending and (not ask or token in self._pongs)
            return is_done or self.left or not client.inside

        self.print_new()
        await self.until(is_so, ANSWER + self._unconfirmed() / SLOW)
        is_answered = not ask or token in self._pongs or not client.inside
        self._pongs.clear()
        return is_answered and not self._pending

    async def said(self) -> None:
        """Wait until all that was typed is said, as long as it goes on."""
        while self.client.inside and (waiting := self.client.speech.waiting):
            await self.until(lambda: self.client.speech.waiting < waiting, ANSWER)
            if self.client.speech.waiting == waiting:
                return

    def _unconfirmed(self) -> int:
        return sum(map(len, self._pending.values()))

    # Printing -----------------------------------------------------------------------------------

    def typed(self) -> None:
        """Somebody wants an answer, even if it is the one that they had."""
        self._told.clear()

    def print_new(self) -> None:
        """Print every entry that was not there before, in the order in which they came."""
        self._planned = False
        windows = self.client.windows
        out: list[str] = []
        for window in self._next.keys() - set(windows):
            del self._next[window]
            self._pending.pop(window, None)
        if self.client.inside:
            self._told.clear()
        if windows.current is not self._current:
            self._current = windows.current
            number = windows.number(windows.current)
            name = printable(windows.current.name)
            out.append(f"{self._clock(self.client.now())}-!- Window {number}: {name}")
        told: dict[tuple[str, str], Window] = {}
        new = [[(entry, window) for entry in self._new(window)] for window in windows]
        for entry, window in merge(*new, key=lambda each: each[0].time):
            # what is said in several windows at once is printed for one
            if told.setdefault((entry.kind, entry.text), window) is window or entry.kind in TALK:
                out += self._lines(entry, window)
        if self._person and self.client.state == "waiting" and LOST not in self._told:
            self._told.add(LOST)
            out.append(f"{self._clock(self.client.now())}-!- {LOST}")
        if out:
            self._write("".join(f"{line}\n" for line in out))

    def _new(self, window: Window) -> Iterator[Entry]:
        """The entries of a window that can be printed now, and were not before."""
        yield from self._inserted.pop(window, ())
        log = window.log
        begin = max(self._next.get(window, 0), log.first)
        self._next[window] = log.end
        waiting = self._pending.pop(window, ())
        still = []
        for number in (
            *(number for number in waiting if number >= log.first),
            *range(begin, log.end),
        ):
            if log[number].flags & PENDING:
                still.append(number)
            else:
                yield log[number]
        if still:
            self._pending[window] = still

    def _lines(self, entry: Entry, window: Window) -> list[str]:
        """An entry as it is printed; nothing where it is not."""
        if window.kind == "mentions":
            return []  # it is in its channel's window too
        if not self.client.settings.noise and entry.kind in NOISE:
            return []
        self.failed += bool(entry.flags & FAILED)
        if window.kind == "server" and not self.client.inside:
            if entry.text in self._told:
                return []  # at every try anew
            self._told.add(entry.text)
        place = "" if window is self.client.windows.current else f"[{printable(window.name)}] "
        return [f"{self._clock(entry.time)}{place}{words(entry)}"]

    def _clock(self, ms: int) -> str:
        moment = time.strftime(self.client.settings.time_format, time.localtime(ms / 1000))
        return f"{moment} " if moment else ""

    def close(self) -> None:
        """Print the last; that the connection then ends is no news."""
        self.print_new()
        self._closed = True

    def _write(self, text: str) -> None:
        if self.trouble or self._closed or self._stdout is None:
            return
        try:
            self._stdout.write(text)
            self._stdout.flush()
        except OSError as error:  # nobody reads any more, or the disk is full
            self.trouble = error
            self.leave()


def words(entry: Entry) -> str:
    """An entry without its time, as one line that no terminal obeys."""
    text = printable(formatting.plain(entry.text))
    nick = printable(f"{entry.mark}{entry.nick}")
    where = f"[{printable(entry.where)}] " if entry.where else ""
    ending = UNSENT if entry.flags & FAILED else ""
    match entry.kind:
        case "message":
            start = f"<{nick}> "
        case "action":
            start = f" * {nick} "
        case "notice":
            start = f"-{nick}- " if nick else "-!- "
        case _:
            start = "-!- "
    return f"{where}{start}{text}{ending}"

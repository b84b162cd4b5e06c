"""The writer: one thread that saves what has happened and then sends it to everyone.

Bytes are on disk before they are on the wire. It never waits to make its batches larger: while
it is busy they grow by themselves. Before it takes one it lets those run who have a line to do.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from ircish import replies
from ircish.dialects import Kind
from ircish.events import Said, Stamped
from ircish.replies import Reply
from ircish.rows import ChannelRecord, HistoryError, Row
from ircish.server.hub import Hub, Work
from ircish.server.reader import Batch, Item, Reader
from ircish.server.readiness import Readiness
from ircish.server.sending import send, send_each

MAX_UNSAVED = 100_000
"""Rows kept for another try while the history cannot be written."""

RETRY = 0.5
"""Seconds between tries to save."""

UPKEEP = 10.0
"""Seconds after which a writer that never rests sees to the history's retention too."""

FAULT = 0.1
"""Seconds to rest after one."""

LINGER = 5.0
"""Seconds in which a closing connection may take what it has still to be sent."""

log = logging.getLogger("ircish.writer")


class Store(Protocol):
    """What the writer needs of the history."""

    def commit(self, rows: Sequence[Row], channels: Sequence[ChannelRecord]) -> None: ...


class Writer:
    """Takes work out of the hub, commits its rows, renders its batches, sends."""

    def __init__(
        self,
        hub: Hub,
        store: Store,
        readiness: Readiness,
        *,
        sendq: int = 1 << 20,
        tell: Callable[[Stamped, Reply], None] = lambda stamped, reply: None,
        alarm: Callable[[str], None] = lambda text: None,
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        self._hub = hub
        self._store = store
        self._readiness = readiness
        self.sendq = sendq
        self._tell = tell
        """Tells the one who published an event that it could not be saved."""
        self._alarm = alarm
        """Tells the operators and the log that saving fails, or goes on."""
        self._idle = idle
        """Called about once a second when there is nothing to do, else every UPKEEP seconds."""
        self._upkept = time.monotonic()
        self._watched: dict[int, Reader] = {}
        self._lock = threading.Lock()  # guards _watched; never held with the hub's
        self._lingering: set[Reader] = set()
        self._last: tuple[Stamped | None, Kind | None, bytes] = None, None, b""
        """What was rendered last for one reader, and how."""
        self._full: set[Reader] = set()
        """Readers with a backlog."""
        self._dead: set[Reader] = set()
        """Readers to whom nothing can be sent, until they are closed."""
        self._unsaved: deque[tuple[Stamped, str]] = deque()
        self._records: dict[str, ChannelRecord] = {}
        self._retry_at = 0.0
        self._failing = False
        self._saved = threading.Condition()
        self._waiting = 0
        """How many wait for that."""
        self._saved_seq = 0
        self._taken_seq = 0
        self._stopping = 0.0
        self.thread = threading.Thread(target=self._run, name="writer", daemon=True)

    # Called by other threads --------------------------------------------------------------------

    def watch(self, reader: Reader) -> None:
        """From now on a close by the other side is noticed."""
        with self._lock:
            self._watched[reader.fd] = reader
        self._readiness.watch(reader.fd)

    def wait_saved(self, seq: int, seconds: float = 2.0) -> bool:
        """Wait until every event up to ``seq`` is in the history, or cannot be for now."""
        with self._saved:
            self._waiting += 1
        if self._saved_seq < seq:
            self._hub.rouse()  # it sleeps on where an event leaves nothing to save
        with self._saved:
            self._saved.wait_for(lambda: self._saved_seq >= seq or self._failing, seconds)
            self._waiting -= 1
            return self._saved_seq >= seq

    def stop(self, seconds: float) -> None:
        """Send what can be sent within ``seconds``, save everything, end the thread."""
        self._stopping = time.monotonic() + seconds
        self._hub.rouse()
        self.thread.join(seconds + 2)

    # The thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                if self._turn():
                    break
            except Exception:
                log.exception("the writer met a fault and goes on")
                time.sleep(FAULT)  # where it comes again and again, the log is not all there is
        self._readiness.close()

    def _turn(self) -> bool:
        """One round; whether it was the last."""
        _let_others_run()  # input before output: whoever has a line to do does it first
        work = self._hub.take(sleep=not self._stopping)
        if work is not None:
            self._flush(work)
        elif self._stopping and (not self._full or time.monotonic() > self._stopping):
            self._save([], {})
            if self._unsaved:
                log.error("%d rows are lost to the history: the server ends", len(self._unsaved))
            for each in list(self._watched.values()):
                self._close(each)
            return True
        else:
            self._taken_seq = self._hub.quiet
            self._tell_saved()
        busy = work is not None
        waits = 0.0 if busy else 0.05 if self._stopping else self._patience()
        # While there is work the sockets that were full are still looked at, at no cost.
        if not busy or self._full:
            for ready in self._readiness.wait(waits):
                self._hub.awake()
                reader = self._watched.get(ready.fd)
                if reader:
                    if ready.closed and not reader.broken_since:
                        reader.broken_since = time.monotonic()
                    if ready.writable and reader.backlog:
                        self._drain(reader)
        if (self._unsaved or self._records) and time.monotonic() >= self._retry_at:
            self._save([], {})
        if self._lingering:
            self._see_off()
        if not busy or time.monotonic() > self._upkept + UPKEEP:
            self._upkept = time.monotonic()
            self._idle()
        return False

    def _patience(self) -> float:
        """Seconds to wait for something to happen."""
        return RETRY / 2 if self._unsaved or self._lingering else 1.0

    def _flush(self, work: Work) -> None:
        self._taken_seq = work.seq
        self._lingering.update(work.finished)
        self._save(work.unsaved, work.records)
        merged = set(work.outboxes)  # who hears from several sources
        if len(work.batches) > 1:
            heard: set[Reader] = set()
            for batch in work.batches:
                readers = batch.members.readers
                merged.update(readers.keys() & heard)
                heard.update(readers)
        items = {reader: list(waiting) for reader, waiting in work.outboxes.items()}
        for batch in work.batches:
            self._broadcast(batch, merged, items)
        for reader, waiting in items.items():
            self._send_merged(reader, waiting)

    def _broadcast(
        self, batch: Batch, merged: set[Reader], items: dict[Reader, list[Item]]
    ) -> None:
        """Send a batch to all who hear only it, the same bytes to all of a kind; for those who
        are ``merged`` put it with the rest of what they hear."""
        special = merged.union(batch.since)
        users = batch.members.users
        special.update(users[e.origin] for e in batch.events if e.origin in users)
        apart = {reader.fd for reader in special.union(self._full, self._dead)}
        for kind, readers in batch.members.kinds.items():
            lines = [_rendered(stamped, kind) for stamped in batch.events]
            data = b"".join(lines)
            if not data:
                continue
            for fd, sent in send_each(readers.keys() - apart, data):
                self._send(readers[fd], data[max(0, sent) :], 0)
            for reader in [readers[fd] for fd in readers.keys() & apart]:
                if reader not in special:
                    self._send(reader, data, 0)
                    continue
                since = batch.since.get(reader, 0)
                own = [
                    (stamped, line)
                    for stamped, line in zip(batch.events[since:], lines[since:], strict=True)
                    if stamped.origin != reader.user
                ]
                if reader in merged:
                    waiting = items.setdefault(reader, [])
                    waiting += [Item(stamped.seq, line, kind) for stamped, line in own]
                elif part := b"".join([line for _, line in own]):
                    self._send(reader, part, 0)

    def _send_merged(self, reader: Reader, items: list[Item]) -> None:
        """Send what comes from several sources in the order in which it happened, and what
        came through two channels once."""
        items.sort(key=_place)
        parts, answers, last = [], 0, 0
        for seq, what, kind, answer in items:
            if isinstance(what, bytes):
                line = what
            elif what is self._last[0] and kind is self._last[1]:
                line = self._last[2]  # what several hear, one after the other
            else:
                line = _rendered(what, kind)
                self._last = what, kind, line
            if answer:
                parts.append(line)
                answers += len(line)
            elif seq != last:
                parts.append(line)
                last = seq
        if data := b"".join(parts):
            self._send(reader, data, answers)
        if reader.drained and not reader.backlog:
            reader.drained.set()

    # Sockets ------------------------------------------------------------------------------------

    def _send(self, reader: Reader, data: bytes, answers: int) -> None:
        """One non-blocking send; what is left over waits until the socket has room."""
        if reader.dead:
            return
        if not reader.backlog:
            try:
                sent = send(reader.fd, data)
            except OSError:
                self._broken(reader)
                return
            if sent == len(data):
                return
            data = data[sent:]
            self._full.add(reader)
            self._readiness.want_room(reader.fd, True)
        reader.backlog.append(data)
        reader.backlog_size += len(data)
        reader.answers += min(answers, len(data))
        if reader.backlog_size - reader.answers > self.sendq:
            self._discard(reader)
            reader.drop("SendQ exceeded: did not read")

    def _drain(self, reader: Reader) -> None:
        while reader.backlog:
            data = reader.backlog[0]
            try:
                sent = send(reader.fd, data)
            except OSError:
                self._broken(reader)
                return
            if not sent:
                return
            reader.backlog_size -= sent
            reader.answers = min(reader.answers, reader.backlog_size)
            reader.taken += sent
            if sent < len(data):
                reader.backlog[0] = data[sent:]
            else:
                reader.backlog.popleft()
        self._empty(reader)
        self._readiness.want_room(reader.fd, False)

    def _discard(self, reader: Reader) -> None:
        """Nothing is sent to this reader any more."""
        reader.dead = True
        self._dead.add(reader)
        self._empty(reader)

    def _empty(self, reader: Reader) -> None:
        reader.backlog.clear()
        reader.backlog_size = reader.answers = 0
        self._full.discard(reader)
        if reader.drained:
            reader.drained.set()

    def _broken(self, reader: Reader) -> None:
        """Nothing more can be sent; what they sent before is still read and done."""
        if not reader.broken_since:
            reader.broken_since = time.monotonic()
        self._discard(reader)

    def _see_off(self) -> None:
        late = time.monotonic() - LINGER
        for reader in [r for r in self._lingering if not r.backlog or r.finished < late]:
            self._lingering.discard(reader)
            self._close(reader)

    def _close(self, reader: Reader) -> None:
        """Close a socket. Only the writer does, so that it never sends to a number used anew."""
        self._hub.retire(reader)
        self._discard(reader)
        self._dead.discard(reader)
        with self._lock:
            self._watched.pop(reader.fd, None)
        self._readiness.forget(reader.fd)
        try:
            reader.socket.shutdown(socket.SHUT_WR)
            reader.socket.recv(65536, socket.MSG_DONTWAIT)  # unread, it would cut off the last line
        except OSError:
            pass
        reader.socket.close()

    # Saving -------------------------------------------------------------------------------------

    def _save(self, events: list[tuple[Stamped, str]], records: dict[str, ChannelRecord]) -> None:
        """Commit what has happened. What cannot be saved waits for another try, and whoever
        said it is told."""
        self._unsaved.extend(events)
        self._records.update(records)
        if self._unsaved or self._records:
            if self._failing and time.monotonic() < self._retry_at and not self._stopping:
                self._not_saved(events)
                return
            try:
                self._store.commit(
                    [stamped.row(folded) for stamped, folded in self._unsaved],
                    list(self._records.values()),
                )
            except HistoryError as error:
                self._retry_at = time.monotonic() + RETRY
                if not self._failing:
                    self._alarm(f"The history cannot be saved: {error}")
                self._failing = True
                self._not_saved(events)
            except Exception:
                # a fault of ours: trying again would only hold up what is still to be sent
                log.exception("%d rows are lost to the history", len(self._unsaved))
                self._not_saved(events)
                self._unsaved.clear()
                self._records.clear()
            else:
                if self._failing:
                    self._alarm(f"The history is saved again, with {len(self._unsaved)} rows late.")
                self._failing = False
                self._unsaved.clear()
                self._records.clear()
        self._tell_saved()

    def _tell_saved(self) -> None:
        """Let those go on who wait until what has been taken is saved."""
        if not self._failing:
            self._saved_seq = self._taken_seq
        if self._waiting:  # who comes later sees that number
            with self._saved:
                self._saved.notify_all()

    def _not_saved(self, events: list[tuple[Stamped, str]]) -> None:
        for stamped, _ in events:
            if isinstance(stamped.event, Said):
                self._tell(stamped, replies.NOT_SAVED)
        lost = len(self._unsaved) - MAX_UNSAVED
        for _ in range(lost):
            self._unsaved.popleft()
        if lost > 0:
            log.error("%d rows are lost to the history: too many wait to be saved", lost)


_let_others_run: Callable[[], object] = getattr(os, "sched_yield", lambda: None)


def _place(item: Item) -> tuple[int, bool]:
    """Where it stands in the order: an answer behind the event that it followed."""
    return item.seq, item.answer


def _rendered(stamped: Stamped, kind: Kind) -> bytes:
    try:
        return kind.render(stamped)
    except Exception:
        log.exception("no %s reader can be shown %r", kind.name, stamped.event)
        return b""

"""Reading the history of channels, SQLite's; saving.py writes it, search.py searches its words."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from ircish.rows import ChannelRecord, HistoryError, Row

FILE = "history.db"

APPLICATION = 0x69726373
"""SQLite's application_id, "ircs": says whose file it is."""

VERSION = 2
"""Of the schema, SQLite's user_version."""

PATIENCE = 1
"""Seconds a reader waits for another program's lock."""

READERS = 8
"""Connections that read at the same time; more threads wait for their turn."""

PAGE_ROWS = 500
"""Rows read at a time by ``page``."""

LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
UNOPENED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""SQLite's result codes that ask for the same way out."""

COLUMNS = "seq, time, msgid, kind, channel, source, account, tags, text"
"""Those of a Row, in its order."""

FIRST = "SELECT seq, time FROM history WHERE channel = ? AND seq >= ? ORDER BY seq LIMIT 1"
"""A channel's first event from a seq on."""


def result_code(error: BaseException | None) -> int:
    """SQLite's primary result code, 0 if it is none of its errors."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def explain(error: sqlite3.Error, path: Path) -> HistoryError:
    """SQLite's error as a sentence for the person who runs the server."""
    code = result_code(error)
    if code == sqlite3.SQLITE_FULL:
        reason = "the disk is full; free some space"
    elif code in LOCKED:
        reason = "another program has locked it; close that program"
    elif code in UNOPENED:
        reason = f"it cannot be opened ({error}); check the permissions of its directory"
    elif code in DAMAGED:
        reason = "it is damaged; restore a copy, or move it away to begin anew"
    else:
        reason = str(error)
    return HistoryError(f"{path}: {reason}.")


class Connections:
    """A few reading connections, opened when needed, the last used one first; from any thread."""

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._connect = connect
        self._turn = threading.Semaphore(READERS)
        self._lock = threading.Lock()  # held for _idle and _closed, briefly
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def borrow(self) -> Iterator[sqlite3.Connection]:
        """A connection for this block only; its errors come out as HistoryError."""
        with self._turn:
            with self._lock:
                if self._closed:
                    raise HistoryError(f"{self._path}: the history has been closed.")
                connection = self._idle.pop() if self._idle else None
            keep = False
            try:
                connection = connection or self._connect()
                yield connection
                keep = True
            except sqlite3.Error as error:
                raise explain(error, self._path) from error
            finally:
                if connection:
                    self._give_back(connection, keep)

    def _give_back(self, connection: sqlite3.Connection, keep: bool) -> None:
        with self._lock:
            if keep and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close what is idle now, and what is borrowed when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


class Archive:
    """The history of a data directory, for reading, from any thread, while a server writes or not.

    Channels are casefolded names. Rows come oldest first. Every method may raise HistoryError.
    """

    _checked = 0
    """Bytes up to which one not closed properly is checked page by page."""

    def __init__(self, directory: Path) -> None:
        """Raise HistoryError where there is no history that this version can read."""
        self.path = directory / FILE
        if not self.path.exists():
            raise HistoryError(f"There is no history in {directory}; choose another --data-dir.")
        self.uri = f"{self.path.absolute().as_uri()}?mode=ro"
        # Without a WAL, a look at the file alone leaves no trace beside it, even if it is refused.
        at_rest = f"{self.path.absolute().as_uri()}?immutable=1"
        self.identity = self._check(self.uri if size(self.path, "-wal") else at_rest)
        self._connections = Connections(self.path, self._connect)
        if not size(self.path, "-wal"):
            try:
                self.last()
            except HistoryError as error:
                if result_code(error.__cause__) not in UNOPENED:
                    raise
                self.uri = at_rest  # a directory in which nothing can be written, and nobody does

    def _connect(self) -> sqlite3.Connection:
        return connect(self.uri, timeout=PATIENCE)

    def _check(self, uri: str) -> str:
        """The identity of a history that is whole, as far as a quick look tells, and ours."""
        away = f"Restore a copy, or move it away to begin a new history: {self.path}"
        if not size(self.path):
            raise HistoryError(f"{self.path} is empty, so it is damaged. {away}")
        try:
            connection = connect(uri, timeout=PATIENCE)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        try:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if application != APPLICATION:
                raise HistoryError(f"{self.path} is not a history of ircish. {away}")
            if version > VERSION:
                raise HistoryError(
                    f"{self.path} was written by a newer ircish (its format is {version}, this one "
                    f"knows {VERSION}); run that version, or choose another --data-dir."
                )
            for table in ("history", "channels"):
                connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchall()
            connection.execute("SELECT max(channel) FROM history").fetchall()
            connection.execute("SELECT * FROM history ORDER BY id DESC LIMIT 1").fetchall()
            if size(self.path, "-wal") and size(self.path) <= self._checked:
                (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                if verdict != "ok":
                    found = verdict.splitlines()[-1]
                    raise HistoryError(f"{self.path} is damaged ({found}). {away}")
            (identity,) = connection.execute("SELECT uuid FROM identity").fetchone()
        except (sqlite3.Error, TypeError) as error:
            if isinstance(error, sqlite3.Error) and result_code(error) in (*UNOPENED, *LOCKED):
                raise explain(error, self.path) from error
            raise HistoryError(f"{self.path} is damaged ({error}). {away}") from error
        finally:
            connection.close()
        return str(identity)

    def last(self) -> tuple[int, int]:
        """(seq, time) of the newest event, also when it has expired; (0, 0) before the first."""
        with self._connections.borrow() as connection:
            query = "SELECT seq, time FROM history ORDER BY id DESC LIMIT 1"
            seq, time = connection.execute(query).fetchone() or (0, 0)
        return seq, time

    def channels(self) -> list[ChannelRecord]:
        """Every channel remembered, in the order of their folded names."""
        with self._connections.borrow() as connection:
            query = "SELECT * FROM channels ORDER BY folded"
            return [ChannelRecord(*row) for row in connection.execute(query).fetchall()]

    def latest(
        self,
        channel: str,
        limit: int,
        *,
        before_seq: int | None = None,
        after_seq: int | None = None,
        kinds: Collection[str] | None = None,
    ) -> list[Row]:
        """The newest `limit` events with after_seq < seq < before_seq, of these kinds."""
        return self._between(channel, limit, before_seq, after_seq, kinds, order="DESC")[::-1]

    def earliest(
        self,
        channel: str,
        limit: int,
        *,
        before_seq: int | None = None,
        after_seq: int | None = None,
        kinds: Collection[str] | None = None,
    ) -> list[Row]:
        """The oldest `limit` events with after_seq < seq < before_seq, of these kinds."""
        return self._between(channel, limit, before_seq, after_seq, kinds, order="ASC")

    def _between(
        self,
        channel: str,
        limit: int,
        before_seq: int | None,
        after_seq: int | None,
        kinds: Collection[str] | None,
        *,
        order: Literal["ASC", "DESC"],
    ) -> list[Row]:
        query = f"SELECT {COLUMNS} FROM history WHERE channel = ?"
        values: list[str | int] = [channel]
        if before_seq is not None:
            query += " AND seq < ?"
            values.append(before_seq)
        if after_seq is not None:
            query += " AND seq > ?"
            values.append(after_seq)
        if kinds is not None:
            query += f" AND kind IN ({','.join('?' * len(kinds))})"
            values += kinds
        query += f" ORDER BY seq {order} LIMIT ?"
        with self._connections.borrow() as connection:
            # fetchall: a half-read cursor would keep the WAL from starting anew
            rows = connection.execute(query, (*values, max(limit, 0))).fetchall()
        return list(map(Row._make, rows))

    def at(self, channel: str, seq: int) -> Row | None:
        """The channel's event `seq`, None where it has no such event."""
        with self._connections.borrow() as connection:
            query = f"SELECT {COLUMNS} FROM history WHERE channel = ? AND seq = ?"
            row = connection.execute(query, (channel, seq)).fetchone()
        return Row._make(row) if row else None

    def seq_at(self, channel: str, time_ms: int) -> int:
        """The smallest seq of the channel's events at or after that time; else the last seq + 1."""
        low, end = 0, self.last()[0] + 1
        high = end
        with self._connections.borrow() as connection:
            while low < high:
                middle = (low + high) // 2
                row = connection.execute(FIRST, (channel, middle)).fetchone()
                if row is None or row[1] >= time_ms:
                    high = middle
                else:
                    low = row[0] + 1
            row = connection.execute(FIRST, (channel, low)).fetchone()
        return row[0] if row else end

    def page(self, channel: str, since_ms: int, until_ms: int) -> Iterator[Row]:
        """All events with since_ms <= time < until_ms, however many: read a few at a time."""
        after = self.seq_at(channel, since_ms) - 1
        while rows := self.earliest(channel, PAGE_ROWS, after_seq=after):
            for row in rows:
                if row.time >= until_ms:
                    return
                yield row
            after = rows[-1].seq

    def close(self) -> None:
        """Close the connections; may be called twice."""
        self._connections.close()


def connect(uri: str, *, timeout: float) -> sqlite3.Connection:
    """One for any thread; `timeout` in seconds, for another program's lock."""
    return sqlite3.connect(
        uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False
    )


def size(path: Path, suffix: str = "") -> int:
    """Bytes; 0 if it does not exist. (Opening and closing the file would drop SQLite's locks.)"""
    try:
        return os.stat(f"{path}{suffix}").st_size
    except OSError:
        return 0

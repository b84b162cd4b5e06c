"""The history of channels in SQLite: saved, read, expired; searching words is search.py's."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

FILE = "history.db"
LOCK = "ircish.lock"
APPLICATION = 0x69726373  # "ircs", SQLite's application_id: says whose file it is
VERSION = 1  # of the schema, SQLite's user_version
BUSY = 0.005  # seconds a commit waits for another program's lock: the chat must not freeze
PATIENCE = 1  # seconds a reader waits for such a lock
READERS = 8  # connections that read at the same time; more threads wait for their turn
WAL_PAGES = 16_384  # 64 MiB: beyond it the writer waits for one checkpoint, so that it starts anew
CHECKED = 16 << 20  # bytes up to which a database not closed properly is checked page by page
EXPIRE_ROWS = 250  # rows deleted in one call of expire
COUNT_ROWS = 2_000  # rows counted in one call of expire
PAGE_ROWS = 500  # rows read at a time by page
DAY = 86_400_000  # ms
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
UNOPENED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

SCHEMA = f"""
CREATE TABLE history(
    id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, time INTEGER NOT NULL, msgid TEXT NOT NULL,
    kind TEXT NOT NULL, channel TEXT NOT NULL, source TEXT NOT NULL, account TEXT,
    tags TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX history_channel ON history(channel, seq);
CREATE TABLE channels(
    name TEXT NOT NULL, folded TEXT PRIMARY KEY, created INTEGER NOT NULL, topic TEXT NOT NULL,
    topic_by TEXT NOT NULL, topic_time INTEGER NOT NULL, modes TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE identity(uuid TEXT NOT NULL);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""
COLUMNS = "seq, time, msgid, kind, channel, source, account, tags, text"
PLACES = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
# One statement for up to this many rows: Python lets go of the GIL at each statement and row, and
# waits to have it again. (30 rows beside three busy threads: 5 ms; with executemany 35 ms.)
MOST = 64
INSERTS = [f"INSERT INTO history({COLUMNS}) VALUES" + ", ".join([PLACES] * n) for n in range(65)]
REMEMBER = "INSERT OR REPLACE INTO channels VALUES(?, ?, ?, ?, ?, ?, ?)"
FIRST = "SELECT seq, time FROM history WHERE channel = ? AND seq >= ? ORDER BY seq LIMIT 1"


class Row(NamedTuple):
    """One channel event as stored; one heard in several channels has a row in each, same seq."""

    seq: int
    time: int  # ms since the epoch, UTC; never decreasing in seq
    msgid: str
    kind: str  # message notice tagmsg join part quit nick kick topic mode invite
    channel: str  # casefolded by the caller
    source: str  # nick!user@host, or the server's name
    account: str | None
    tags: str  # client-only tags in wire form, or ""
    text: str


class ChannelRecord(NamedTuple):
    """What of a channel outlives its members."""

    name: str  # as displayed
    folded: str
    created: int  # ms
    topic: str
    topic_by: str
    topic_time: int  # ms
    modes: str  # opaque here, e.g. "+nt"


class HistoryError(Exception):
    """What went wrong with the stored history: one sentence for a person, with the way out."""


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


class Reader:
    """The history of a data directory, for reading, from any thread, while a server writes or not.

    Channels are casefolded names. Rows come oldest first. Every method may raise HistoryError.
    """

    _checked = 0  # bytes: a mere reader does not check pages

    def __init__(self, directory: Path) -> None:
        """Raise HistoryError where there is no history that this version can read."""
        self.path = directory / FILE
        if not self.path.exists():
            raise HistoryError(f"There is no history in {directory}; choose another --data-dir.")
        self.uri = f"{self.path.absolute().as_uri()}?mode=ro"
        # Without a WAL, a look at the file alone leaves no trace beside it, even if it is refused.
        at_rest = f"{self.path.absolute().as_uri()}?immutable=1"
        self.identity = self._check(self.uri if _size(self.path, "-wal") else at_rest)
        self._connections = Connections(self.path, self._connect)
        if not _size(self.path, "-wal"):
            try:
                self.last()
            except HistoryError as error:
                if result_code(error.__cause__) not in UNOPENED:
                    raise
                self.uri = at_rest  # a directory in which nothing can be written, and nobody does

    def _connect(self) -> sqlite3.Connection:
        return _connect(self.uri, timeout=PATIENCE)

    def _check(self, uri: str) -> str:
        """The identity of a history that is whole, as far as a quick look tells, and ours."""
        away = f"Restore a copy, or move it away to begin a new history: {self.path}"
        if not _size(self.path):
            raise HistoryError(f"{self.path} is empty, so it is damaged. {away}")
        try:
            connection = _connect(uri, timeout=PATIENCE)
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
            if _size(self.path, "-wal") and _size(self.path) <= self._checked:
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

    def recent(self, channel: str, count: int) -> list[Row]:
        """The channel's newest `count` events."""
        return self.latest(channel, count)

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

    def msgid_at(self, channel: str, seq: int) -> str | None:
        """The msgid of the channel's event `seq`, or None where the channel has no such event."""
        with self._connections.borrow() as connection:
            query = "SELECT msgid FROM history WHERE channel = ? AND seq = ?"
            row = connection.execute(query, (channel, seq)).fetchone()
        return row[0] if row else None

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


class History(Reader):
    """The history of a running server, which alone may write it.

    commit, expire and max_page_count belong to one thread, checkpoint to another one.
    """

    _checked = CHECKED

    def __init__(
        self,
        directory: Path,
        *,
        synchronous: Literal["normal", "full"] = "normal",
        max_page_count: int | None = None,
    ) -> None:
        """Open or create it. `full` also survives a power cut, and waits for the disk.

        HistoryError: another server uses it, a newer one wrote it, it is damaged or not writable;
        nothing has been changed then. Records of channels without any history left are forgotten.
        """
        self.removed = 0  # rows expired since opening
        self._writing = threading.Lock()  # held by commit and expire, and by an overdue checkpoint
        self._counts: dict[str, int] = {}  # rows of each channel among those up to _counted
        self._counted = 0  # an id
        self._closing = ExitStack()
        self._closing.callback(os.close, _lock(directory))
        try:
            _create(directory / FILE)
            super().__init__(directory)
            self._closing.callback(super().close)
            self._open(synchronous, max_page_count)
        except BaseException:
            self._closing.close()
            raise

    def _open(self, synchronous: str, max_page_count: int | None) -> None:
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        try:
            self._connection = _connect(uri, timeout=BUSY)
            self._closing.callback(self._connection.close)
            self._file = _number(self.path)
            self._checkpointer = _connect(uri, timeout=BUSY)
            self._closing.callback(self._checkpointer.close)
            for connection in (self._connection, self._checkpointer):
                connection.execute(f"PRAGMA synchronous = {synchronous}")
                connection.execute("PRAGMA wal_autocheckpoint = 0")
            self._connection.execute("PRAGMA journal_mode = wal").fetchall()
            self._connection.execute(f"PRAGMA journal_size_limit = {WAL_PAGES * 4096}").fetchall()
            self._connection.execute("PRAGMA secure_delete = on").fetchall()  # expired is gone
            if max_page_count is not None:
                self.max_page_count(max_page_count)
            # Only now, while nobody is in a channel, is it certain that nobody needs its record.
            self._connection.execute(
                "DELETE FROM channels WHERE NOT EXISTS"
                " (SELECT 1 FROM history WHERE history.channel = channels.folded)"
            )
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def max_page_count(self, pages: int) -> None:
        """Let the file grow to that many pages of 4 KiB and no further."""
        self._connection.execute(f"PRAGMA max_page_count = {pages:d}").fetchall()

    def commit(self, rows: Sequence[Row], channels: Iterable[ChannelRecord] = ()) -> None:
        """Save all of it in one transaction, or nothing and raise HistoryError; then try again.

        Rows come in the order of their seq, over all calls.
        """
        connection = self._connection
        if _number(self.path) != self._file:
            raise HistoryError(
                f"{self.path} has been moved or deleted; put it back, "
                "or start the server again to begin a new history."
            )
        with self._transaction(bool(channels) or len(rows) > MOST):
            for start in range(0, len(rows), MOST):
                part = rows[start : start + MOST]
                connection.execute(INSERTS[len(part)], list(chain.from_iterable(part)))
            if channels:
                connection.executemany(REMEMBER, channels)

    @contextmanager
    def _transaction(self, several: bool = True) -> Iterator[None]:
        """All of this block's statements are done, or none and HistoryError; one needs no more."""
        connection = self._connection
        with self._writing:
            try:
                if several:
                    connection.execute("BEGIN IMMEDIATE")
                yield
                if several:
                    connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise explain(error, self.path) from error
            finally:
                if connection.in_transaction:
                    connection.rollback()

    def checkpoint(self) -> None:
        """Move what is in the WAL into the database, so that the WAL can start anew.

        Waits for the disk, but lets the writer go on meanwhile. Only a WAL beyond WAL_PAGES, which
        a writer that never rests makes, is finished with the writer waiting: a few pages then.
        """
        try:
            if self._checkpoint() > WAL_PAGES:
                self._checkpoint()  # most of what came meanwhile
                with self._writing:
                    self._checkpoint()
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def _checkpoint(self) -> int:
        """The pages in the WAL."""
        query = "PRAGMA wal_checkpoint(PASSIVE)"
        _, pages, _ = self._checkpointer.execute(query).fetchone()
        return int(pages)

    def expire(self, now_ms: int, keep_days: int, keep_messages: int) -> bool:
        """Delete some of what is older than `keep_days`, or beyond a channel's `keep_messages`.

        0 means no limit; a channel's events of all kinds count. At most EXPIRE_ROWS in one
        transaction, a few ms; cheap when there is nothing to do. Whether there may be more to do.
        """
        gone = self._expire_old(now_ms - keep_days * DAY) if keep_days else 0
        behind = bool(keep_messages) and self._count()
        if keep_messages and not gone:
            gone = self._expire_surplus(keep_messages)
        self.removed += gone
        return behind or gone > 0

    def _expire_old(self, before_ms: int) -> int:
        """Delete the oldest rows that are from before then; how many."""
        connection = self._connection
        some = "SELECT id, time FROM history ORDER BY id LIMIT ?"
        query = f"SELECT max(id) FROM ({some}) WHERE time < ?"
        with self._transaction(several=False):
            (upto,) = connection.execute(query, (EXPIRE_ROWS, before_ms)).fetchone()
        if upto is None:
            return 0
        with self._transaction():
            query = (
                "SELECT channel, count(*) FROM history"
                " WHERE id <= ? AND channel <> '' GROUP BY channel"
            )
            counted = connection.execute(query, (min(upto, self._counted),)).fetchall()
            (newest,) = connection.execute("SELECT max(id) FROM history").fetchone()
            query = "DELETE FROM history WHERE id <= ? AND id < ?"
            gone = connection.execute(query, (upto, newest)).rowcount
            if upto == newest:  # its numbers must not be given out again: only what it says goes
                blank = "msgid = '', kind = '', channel = '', source = '', account = NULL"
                query = f"UPDATE history SET {blank}, tags = '', text = '' WHERE id = ?"
                gone += connection.execute(f"{query} AND channel <> ''", (newest,)).rowcount
        for channel, count in counted:
            self._counts[channel] -= count
            if not self._counts[channel]:
                del self._counts[channel]
        return gone

    def _count(self) -> bool:
        """Count some more rows of each channel; whether not all are counted."""
        some = "SELECT id, channel FROM history WHERE id > ? ORDER BY id LIMIT ?"
        query = f"SELECT channel, count(*), max(id) FROM ({some}) GROUP BY channel"
        with self._transaction(several=False):
            groups = self._connection.execute(query, (self._counted, COUNT_ROWS)).fetchall()
        for channel, count, newest in groups:
            self._counted = max(self._counted, newest)
            if channel:
                self._counts[channel] = self._counts.get(channel, 0) + count
        counted: int = sum(count for _, count, _ in groups)
        return counted == COUNT_ROWS

    def _expire_surplus(self, keep: int) -> int:
        """Delete the oldest rows of channels which have more than `keep`; how many."""
        query = "SELECT id FROM history WHERE channel = ? ORDER BY seq LIMIT ?"
        surplus: dict[str, int] = {}
        room = EXPIRE_ROWS
        for channel, count in self._counts.items():
            if count > keep and room:
                surplus[channel] = min(count - keep, room)
                room -= surplus[channel]
        if surplus:
            with self._transaction():
                for values in surplus.items():
                    self._connection.execute(f"DELETE FROM history WHERE id IN ({query})", values)
        for channel, count in surplus.items():
            self._counts[channel] -= count
        return sum(surplus.values())

    def close(self) -> None:
        """Close the database and let another server have it; may be called twice."""
        super().close()  # first: the last one to go empties the WAL, which a reader could not
        self._closing.close()


def _connect(uri: str, *, timeout: float) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False
    )


def _number(path: Path) -> int:
    """The number of the file of that name; 0 if there is none."""
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0


def _size(path: Path, suffix: str = "") -> int:
    """Bytes; 0 if it does not exist. (Opening and closing the file would drop SQLite's locks.)"""
    try:
        return os.stat(f"{path}{suffix}").st_size
    except OSError:
        return 0


def _lock(directory: Path) -> int:
    """The descriptor that keeps other servers out of the directory until it is closed."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise HistoryError(
            f"The data directory {directory} cannot be used ({error.strerror}); "
            "correct its permissions or choose another --data-dir."
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        process = os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(file)
        raise HistoryError(
            f"Another ircish server (process {process}) uses {directory}; "
            "stop it or choose another --data-dir."
        ) from error
    os.ftruncate(file, 0)
    os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
    return file


def _create(path: Path) -> None:
    """Make an empty history where there is none; it appears under its name when complete."""
    if path.exists():
        return
    if _size(path, "-wal"):
        raise HistoryError(
            f"{path} is missing, but {path.name}-wal is there; put {path.name} back, "
            f"or move {path.name}-wal away to begin a new history."
        )
    unfinished = Path(f"{path}.new")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(unfinished)
        try:
            connection.executescript(SCHEMA)
            connection.execute("INSERT INTO identity VALUES(?)", (uuid.uuid4().hex,))
            connection.commit()
            connection.execute("PRAGMA journal_mode = wal").fetchall()
        finally:
            connection.close()
        unfinished.rename(path)
    except OSError as error:
        raise HistoryError(f"{path} cannot be created ({error.strerror}).") from error
    except sqlite3.Error as error:
        raise explain(error, path) from error

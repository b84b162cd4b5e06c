"""Saving the history of channels, and expiring it: the one server's side of history.py."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import Literal

from ircish.history import APPLICATION, COLUMNS, FILE, VERSION, Archive, connect, explain, size
from ircish.rows import TAKEN_BACK, ChannelRecord, HistoryError, Row, seq_of

LOCK = "ircish.lock"

BUSY = 0.005
"""Seconds a commit waits for another program's lock: the chat must not freeze."""

WAL_PAGES = 16_384
"""64 MiB: beyond it the writer waits for one checkpoint, so that the WAL starts anew."""

CHECKED = 16 << 20
"""Bytes up to which a database not closed properly is checked page by page."""

EXPIRE_ROWS = 250
"""Rows deleted in one call of ``expire``."""

COUNT_ROWS = 2_000
"""Rows counted in one call of ``expire``."""

DAY = 86_400_000
"""ms"""

SCHEMA = f"""
CREATE TABLE history(
    id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, time INTEGER NOT NULL, msgid TEXT NOT NULL,
    kind TEXT NOT NULL, channel TEXT NOT NULL, source TEXT NOT NULL, account TEXT,
    tags TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX history_channel ON history(channel, seq);
CREATE TABLE channels(
    name TEXT NOT NULL, folded TEXT PRIMARY KEY, created INTEGER NOT NULL, topic TEXT NOT NULL,
    topic_by TEXT NOT NULL, topic_time INTEGER NOT NULL, modes TEXT NOT NULL,
    lists TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE identity(uuid TEXT NOT NULL);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""

MOST = 64
"""Rows that one statement inserts at most.

Python lets go of the GIL at each statement and row, and waits to have it again: 30 rows beside
three busy threads take 5 ms in one statement, 35 ms with executemany.
"""

_PLACES = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERTS = [
    f"INSERT INTO history({COLUMNS}) VALUES" + ", ".join([_PLACES] * n) for n in range(MOST + 1)
]
"""The statement for each number of rows."""

REMEMBER = "INSERT OR REPLACE INTO channels VALUES(?, ?, ?, ?, ?, ?, ?, ?)"

FIND_SAID = (
    "SELECT id FROM history WHERE channel = ? AND seq = ? AND msgid = ?"
    " AND kind IN ('message', 'notice', 'tagmsg')"
)
TAKE_BACK = f"UPDATE history SET kind = '{TAKEN_BACK}', tags = '', text = '' WHERE id = ?"
"""What a row of kind redact does to the one it names."""

UPGRADES = ["ALTER TABLE channels ADD COLUMN lists TEXT NOT NULL DEFAULT ''"]
"""What makes the schema of version 1 that of 2, and so on."""


class History(Archive):
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
        self.taken_back: deque[int] = deque()
        """Ids of rows that were taken back since opening: the index forgets them."""
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
            self._connection = connect(uri, timeout=BUSY)
            self._closing.callback(self._connection.close)
            self._file = _number(self.path)
            self._checkpointer = connect(uri, timeout=BUSY)
            self._closing.callback(self._checkpointer.close)
            for connection in (self._connection, self._checkpointer):
                connection.execute(f"PRAGMA synchronous = {synchronous}")
                connection.execute("PRAGMA wal_autocheckpoint = 0")
            self._connection.execute("PRAGMA journal_mode = wal").fetchall()
            self._connection.execute(f"PRAGMA journal_size_limit = {WAL_PAGES * 4096}").fetchall()
            self._connection.execute("PRAGMA secure_delete = on").fetchall()  # expired is gone
            if max_page_count is not None:
                self.max_page_count(max_page_count)
            self._upgrade()
            # Only now, while nobody is in a channel, is it certain that nobody needs its record.
            self._connection.execute(
                "DELETE FROM channels WHERE NOT EXISTS"
                " (SELECT 1 FROM history WHERE history.channel = channels.folded)"
            )
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def _upgrade(self) -> None:
        """Bring an older history to this version's schema, in one transaction."""
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version < VERSION:
            with self._transaction():
                for statement in UPGRADES[version - 1 :]:
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def max_page_count(self, pages: int) -> None:
        """Let the file grow to that many pages of 4 KiB and no further."""
        self._connection.execute(f"PRAGMA max_page_count = {pages:d}").fetchall()

    def commit(self, rows: Sequence[Row], channels: Iterable[ChannelRecord] = ()) -> None:
        """Save all of it in one transaction, or nothing and raise HistoryError; then try again.

        Rows come in the order of their seq, over all calls. What one of kind redact names is taken
        back in the same transaction.
        """
        connection = self._connection
        if _number(self.path) != self._file:
            raise HistoryError(
                f"{self.path} has been moved or deleted; put it back, "
                "or start the server again to begin a new history."
            )
        redactions = [row for row in rows if row.kind == "redact"]
        with self._transaction(bool(channels or redactions) or len(rows) > MOST):
            for start in range(0, len(rows), MOST):
                part = rows[start : start + MOST]
                connection.execute(INSERTS[len(part)], list(chain.from_iterable(part)))
            if channels:
                connection.executemany(REMEMBER, channels)
            taken_back = [id for row in redactions for id in self._take_back(row)]
        self.taken_back.extend(taken_back)

    def _take_back(self, redaction: Row) -> list[int]:
        """The id of the row that a redaction names, where there is one, now without its words."""
        msgid = redaction.text.partition(" ")[0]
        said = (redaction.channel, seq_of(msgid), msgid)
        ids = [id for (id,) in self._connection.execute(FIND_SAID, said).fetchall()]
        for id in ids:
            self._connection.execute(TAKE_BACK, (id,))
        return ids

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


def _number(path: Path) -> int:
    """The number of the file of that name; 0 if there is none."""
    try:
        return os.stat(path).st_ino
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
    if size(path, "-wal"):
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

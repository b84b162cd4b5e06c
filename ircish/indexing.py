"""Keeping the full-text index up with the history: derived data, behind it by a moment, built anew
at need. What is asked of it is ``search``'s."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from ircish.history import DAMAGED, Connections, explain, result_code
from ircish.rows import HistoryError, Row
from ircish.saving import History
from ircish.search import FTS, KINDS, MODULE, STATE, VERSION, Search

BATCH = 1_000
"""Rows indexed in one transaction."""

IDLE = 0.3
"""Seconds without a commit after which fewer are indexed too."""

CHECKPOINT = 1.0
"""Seconds between checkpoints of the history."""

SWEEP = 2_000
"""Rows compared with the history at a time."""

MERGE = 200
"""Pages of the index written anew at a time, some 20 ms."""

MERGES = 20
"""How often that is done at the end."""

log = logging.getLogger(__name__)


class SearchIndex(Search):
    """The index of a running server: a thread keeps it up with the history, and checkpoints both.

    committed is called by the writer's thread, start and close by the server's, search by any.
    """

    def __init__(self, directory: Path, history: History) -> None:
        """Open it, or begin a new one in place of a missing, damaged or foreign one."""
        super().__init__(directory, history)
        self._store = history
        self._committed = 0  # rows; changed by the writer's thread only
        self._taken = 0  # of these, looked at; changed by the index's thread only
        self._wake = threading.Event()
        self._stopping = False
        self._damaged = False
        self._rebuilt = False
        self._told: dict[str, str] = {}  # what was last logged of each
        self._merge = 0  # pages, while there are words to be removed
        self._swept = 0  # an id
        self._removed = -1  # the history's count of removed rows when all had been swept
        self._sweeping = 0  # that count when the present sweep began
        self._thread: threading.Thread | None = None
        query = "SELECT count(*) FROM pragma_module_list WHERE name = ?"
        memory = sqlite3.connect(":memory:")
        (known,) = memory.execute(query, (MODULE,)).fetchone()
        memory.close()
        if not known:
            raise HistoryError(
                "This Python's SQLite has no full-text search (FTS5), which ircish needs; "
                "use a Python whose SQLite has it, such as python.org's or your distribution's."
            )
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        with suppress(sqlite3.Error, TypeError):
            connection = self._attach()
            try:
                newest = "SELECT ifnull(max(id), 0) FROM store.history"
                query = f"SELECT version, history, last <= ({newest}) FROM main.state"
                state = connection.execute(query).fetchone()
                connection.execute("SELECT rowid FROM words WHERE words MATCH 'a' LIMIT 1")
            except sqlite3.Error:
                connection.close()
                raise
            if state == (VERSION, self._history.identity, 1):
                return connection
            connection.close()
        return self._begin()

    def _begin(self) -> sqlite3.Connection:
        """A new, empty index in place of whatever is there."""
        try:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            self.path.touch(0o600)
            connection = self._attach()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"CREATE VIRTUAL TABLE words USING {MODULE}({FTS})")
            connection.execute(STATE)
            values = (VERSION, self._history.identity)
            connection.execute("INSERT INTO state VALUES(?, ?, 0)", values)
            connection.execute("COMMIT")
        except OSError as error:
            raise HistoryError(f"{self.path} cannot be created ({error.strerror}).") from error
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        return connection

    def _attach(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rwc",
            uri=True,
            timeout=1,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA journal_mode = wal").fetchall()
        connection.execute("PRAGMA synchronous = normal")
        connection.execute("PRAGMA secure_delete = on").fetchall()
        connection.execute("PRAGMA cache_size = -8000")
        connection.execute("ATTACH ? AS store", (self._history.uri,))
        return connection

    def search(
        self, channels: Collection[str], words: str, limit: int, *, before_seq: int | None = None
    ) -> list[Row]:
        """As in Search; if it finds the index damaged, the thread begins it anew."""
        try:
            return super().search(channels, words, limit, before_seq=before_seq)
        except HistoryError as error:
            self._suspect(error.__cause__)
            raise

    def committed(self, rows: int = 1) -> None:
        """That many rows have just been committed to the history; wakes the thread seldom."""
        self._committed += rows
        if self._committed - self._taken >= BATCH:
            self._wake.set()

    def follow(self) -> bool:
        """Index the next BATCH rows of the history; whether there may be more.

        As one statement: not a row of it passes through Python, so the chat is not held up.
        """
        connection = self._connection
        query = "SELECT last FROM main.state"
        (last,) = connection.execute(query).fetchone()
        query = (
            "SELECT max(id), count(*) FROM"
            " (SELECT id FROM store.history WHERE id > ? ORDER BY id LIMIT ?)"
        )
        upto, rows = connection.execute(query, (last, BATCH)).fetchone()
        if not rows:
            return False
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT INTO words(rowid, channel, text) SELECT id, hex(channel), text"
                f" FROM store.history NOT INDEXED WHERE id > ? AND id <= ? AND {KINDS}",
                (last, upto),
            )
            connection.execute("UPDATE main.state SET last = ?", (upto,))
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.rollback()
        return bool(rows == BATCH)

    def sweep(self) -> bool:
        """Remove some rows which have expired from the history, or were taken back before this
        was opened; whether there may be more."""
        if self._removed == self._store.removed:
            return False
        if not self._swept:
            self._sweeping = self._store.removed
        some = "SELECT rowid FROM words WHERE rowid > ? ORDER BY rowid LIMIT ?"
        query = f"SELECT max(rowid) FROM ({some})"
        (upto,) = self._connection.execute(query, (self._swept, SWEEP)).fetchone()
        if upto is None:
            self._swept, self._removed = 0, self._sweeping
            return False
        self._connection.execute(
            "DELETE FROM words WHERE rowid IN"
            " (SELECT rowid FROM words WHERE rowid > ? AND rowid <= ? AND NOT EXISTS"
            f" (SELECT 1 FROM store.history WHERE id = words.rowid AND {KINDS}))",
            (self._swept, upto),
        )
        self._swept = upto
        return True

    def forget(self) -> None:
        """Remove the rows that have been taken back."""
        while ids := self._store.taken_back:
            self._connection.execute("DELETE FROM words WHERE rowid = ?", (ids[0],))
            ids.popleft()
            self._merge = -MERGE  # SQLite's way to say: all that there is

    def tidy(self) -> bool:
        """Write some of the index anew, so that single words of what was taken back leave the file;
        whether there may be more."""
        if not self._merge:
            return False
        before = self._connection.total_changes
        query = "INSERT INTO words(words, rank) VALUES('merge', ?)"
        self._connection.execute(query, (self._merge,))
        more = self._connection.total_changes - before >= 2
        self._merge = MERGE if more else 0
        return more

    def start(self) -> None:
        """Start the thread that follows."""
        self._thread = threading.Thread(target=self._run, name="search index", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        seen, more, checkpointed = -1, True, time.monotonic()
        while not self._stopping:
            self._wake.wait(0 if more else IDLE)
            self._wake.clear()
            committed = self._committed
            if more or committed == seen or committed - self._taken >= BATCH:
                self._taken = committed
                more = self._attempt()
            seen = committed
            if time.monotonic() - checkpointed >= CHECKPOINT:
                checkpointed = time.monotonic()
                self._checkpoint()

    def _checkpoint(self) -> None:
        try:
            self._store.checkpoint()
        except HistoryError as error:
            self._complain("checkpoint", error)
        else:
            self._complain("checkpoint", None)

    def _attempt(self) -> bool:
        """Follow and sweep; whether there is more to do. What fails is tried again at the next."""
        try:
            if self._damaged:
                self._rebuild()
            more = self.follow()
            self.forget()  # behind follow, which may have read what was there before
            self.sweep()
            self.tidy()
        except HistoryError as error:
            self._complain("index", error)
            return False
        except sqlite3.Error as error:
            self._complain("index", explain(error, self.path))
            self._suspect(error)
            return self._damaged
        self._complain("index", None)
        return more

    def _suspect(self, error: BaseException | None) -> None:
        """Have the index begun anew if this says that it is damaged, but once only."""
        if result_code(error) in DAMAGED and not self._rebuilt:
            self._damaged = True

    def _rebuild(self) -> None:
        """Begin anew; a search meanwhile still reads the old file, or fails as that does."""
        log.warning("%s: indexing the history anew", self.path)
        self._connection.close()
        self._connection = self._begin()
        self._damaged, self._rebuilt = False, True
        old, self._connections = self._connections, Connections(self.path, self._connect)
        old.close()

    def _complain(self, what: str, error: HistoryError | None) -> None:
        """Log this, unless it is what was last logged of the same; None: it is well again."""
        if error and str(error) != self._told.get(what):
            log.warning("%s", error)
        self._told[what] = str(error)

    def close(self) -> None:
        """End the thread, index what is left of a batch, close the files; may be called twice."""
        self._stopping = True
        self._wake.set()
        if self._thread:
            self._thread.join()
            self._thread = None
            self._attempt()
            with suppress(sqlite3.Error):
                for _ in range(MERGES):
                    self.tidy()
        super().close()
        self._connection.close()

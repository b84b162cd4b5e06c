"""What plugins keep: for each a mapping of its own, all in one SQLite file beside the history.

Reads cost no SQLite: a plugin's entries are in memory from their first use on, as JSON.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import ItemsView, Iterator, MutableMapping, ValuesView
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from ircish.entries import LIMIT, Entries, StorageError, StorageFull, check_key, encoded
from ircish.history import connect, explain, size

__all__ = ["Storage", "StorageError", "StorageFull", "Store"]

FILE = "plugins.db"

APPLICATION = 0x69726370
"""SQLite's application_id, "ircp": says whose file it is."""

VERSION = 1
"""Of the schema, SQLite's user_version."""

BUSY = 0.5
"""Seconds that another program's lock is waited for."""

CHECKED = 16 << 20
"""Bytes up to which the file is checked page by page when it is opened."""

PAGE = 500
"""Entries read in one statement."""

SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE entries(
    position INTEGER PRIMARY KEY, plugin TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    UNIQUE(plugin, key));
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
COMMIT;
"""

# By key, from the last on, for which there is an index; any text is less than a blob. One row,
# however many entries: each row would wait for the GIL.
READ = """
SELECT min(key), json_group_array(json_array(position, key, value)) FROM (
    SELECT * FROM entries WHERE plugin = ? AND key < ? ORDER BY key DESC LIMIT ?)
"""


class Store:
    """The file of all plugins; the server's lock on its data directory keeps others from it."""

    def __init__(
        self, data_dir: Path | None, *, synchronous: Literal["normal", "full"] = "normal"
    ) -> None:
        """Open it, if it is there: it is made when something is kept. None keeps everything in
        memory only, as for trying a plugin.

        `full` also survives a power cut, and waits for the disk. StorageError: it is damaged, a
        newer version wrote it, or it cannot be written; nothing has been changed then.
        """
        self.path = data_dir and data_dir / FILE
        self._lock = threading.Lock()  # held for one read or commit of one plugin; never waits
        self._storages: dict[str, Storage] = {}
        self._closed = False
        self._synchronous = synchronous
        self._connection: sqlite3.Connection | None = None
        self._file = 0
        if self.path is None or not self._is_new(self.path):
            self._open()

    def _is_new(self, path: Path) -> bool:
        """Whether nothing was ever kept: then there is no file to be wrong."""
        there = any(path.parent.glob(f"{path.name}*"))
        return path.parent.is_dir() and not there

    def _open(self) -> sqlite3.Connection:
        if self.path:
            _create(self.path)
        uri = f"{self.path.absolute().as_uri()}?mode=rw" if self.path else "file::memory:"
        with self._explained():
            connection = connect(uri, timeout=BUSY)
            try:
                if self.path:
                    _check(connection, self.path)
                else:
                    connection.executescript(SCHEMA)
                for pragma in (
                    f"synchronous = {self._synchronous}",
                    "journal_mode = wal",
                    "journal_size_limit = 16777216",
                    "secure_delete = on",  # what a plugin forgets is gone
                ):
                    connection.execute(f"PRAGMA {pragma}").fetchall()
            except BaseException:
                connection.close()
                raise
        self._connection, self._file = connection, self._number()
        return connection

    def of(self, plugin: str, limit: int = LIMIT) -> Storage:
        """What `plugin` keeps, at most `limit` bytes; the same object each time."""
        with self._lock:
            storage = self._storages.setdefault(plugin, Storage(self, plugin, limit))
            storage.limit = limit
            return storage

    def anew(self, plugin: str, limit: int = LIMIT) -> Storage:
        """Likewise, but an object of its own, and what was given before can change nothing more.

        For a plugin that is loaded again while a thread of its former self hangs in a transaction.
        """
        with self._lock:
            self._storages[plugin] = Storage(self, plugin, limit)
            return self._storages[plugin]

    def close(self) -> None:
        """Close the file; may be called twice. Nothing can be changed after."""
        with self._lock:
            self._closed = True
            if self._connection:
                self._connection.close()

    def read(self, plugin: str) -> list[tuple[int, str, str]]:
        """A plugin's entries in the order in which they were added: a number, key, value."""
        entries: list[tuple[int, str, str]] = []
        key: str | bytes | None = b""
        while key is not None:
            with self._lock, self._explained():
                self._require_open()
                if self._connection is None:
                    return []
                cursor = self._connection.execute(READ, (plugin, key, PAGE))
                key, page = cursor.fetchone()
            entries += map(tuple, json.loads(page))
        return sorted(entries)

    def save(self, storage: Storage, entries: Entries) -> None:
        """Commit what has been changed of them: all, or nothing and StorageError."""
        statements = list(entries.statements(storage.plugin))
        with self._lock, self._explained():
            self._require_open()
            if self._storages.get(storage.plugin) is not storage:
                raise StorageError(
                    f"The plugin {storage.plugin} has been loaded again; this is its former self."
                )
            connection = self._connection or self._open()
            if self._number() != self._file:
                raise StorageError(
                    f"{self.path} has been moved or deleted; put it back, "
                    "or start the server again to begin anew."
                )
            try:
                if len(statements) > 1:
                    connection.execute("BEGIN IMMEDIATE")
                for query, values in statements:
                    connection.execute(query, values)
                if len(statements) > 1:
                    connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.rollback()

    def _require_open(self) -> None:
        if self._closed:
            raise StorageError("What plugins keep has been closed; the server is stopping.")

    def _number(self) -> int:
        """The number of the file of that name; 0 if there is none."""
        try:
            return os.stat(self.path).st_ino if self.path else 0
        except OSError:
            return 0

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(str(explain(error, self.path or Path(FILE)))) from error


class Storage(MutableMapping[str, Any]):
    """What one plugin keeps: a dict that outlives a reload, a restart and a kill.

    Keys are text of at most 200 characters, values what JSON holds: text, numbers, True, False,
    None, and lists and dicts of these (a tuple comes back as a list). Values are copied in and
    out: changing a list that was read changes nothing until it is stored again, best so:

        with storage.transaction():
            names = storage.get("names", [])
            names.append(ctx.nick)
            storage["names"] = names

    Each operation is saved when it returns, or StorageError says in a sentence why it was not; one
    that would make the plugin's entries too large raises StorageFull. From any thread.
    """

    def __init__(self, store: Store, plugin: str, limit: int) -> None:
        self.plugin = plugin
        self.limit = limit
        self._store = store
        self._lock = threading.RLock()  # held throughout a transaction; of this plugin alone
        self._depth = 0  # transactions within each other
        self._staged: Entries | None = None  # as changed in this transaction, if they were
        self._saved: Entries | None = None  # None: to be read

    @property
    def size(self) -> int:
        """Bytes that count for the limit."""
        with self._lock:
            return self._entries().size

    @contextmanager
    def transaction(self) -> Iterator[Storage]:
        """All that this block changes is saved at its end in one go, or none of it if it raises
        or cannot be saved (StorageError).

        Until then only the block sees it. Other threads of this plugin wait, other plugins do not.
        One within another is saved with the outer one; if it raises, only it is undone.
        """
        with self._lock:
            outer = self._staged
            self._staged = outer.copy() if outer else None
            self._depth += 1
            try:
                yield self
                if self._depth > 1:
                    outer = self._staged
                elif self._staged:
                    self._save(self._staged)
            finally:
                self._depth -= 1
                self._staged = outer

    def _entries(self) -> Entries:
        """As the thread that holds the lock sees them."""
        if self._staged:
            return self._staged
        if not self._saved:
            entries = Entries()
            for _, key, text in self._store.read(self.plugin):
                entries.set(key, text)
            entries.saved()
            self._saved = entries
        return self._saved

    def _changing(self) -> Entries:
        """To be changed and given to `_changed`; the lock is held."""
        entries = self._entries()
        if not self._depth:
            self._saved = None  # whatever happens until it is saved, the file is right
        elif not self._staged:
            entries = self._staged = entries.copy()
        return entries

    def _changed(self, entries: Entries) -> None:
        if not self._depth:
            self._save(entries)

    def _save(self, entries: Entries) -> None:
        self._saved = None
        self._store.save(self, entries)
        entries.saved()
        self._saved = entries

    def __getitem__(self, key: str) -> Any:
        with self._lock:
            text = self._entries().texts[key]
        return json.loads(text)

    def __contains__(self, key: object) -> bool:
        with self._lock:
            return key in self._entries().texts

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries().texts)

    def __iter__(self) -> Iterator[str]:
        """The keys there are now, in the order in which they were added."""
        with self._lock:
            return iter(list(self._entries().texts))

    def items(self) -> ItemsView[str, Any]:
        """Iterates over what there is now, whatever other threads do."""
        return _Items(self)

    def values(self) -> ValuesView[Any]:
        """Iterates over what there is now, whatever other threads do."""
        return _Values(self)

    def decoded(self) -> Iterator[tuple[str, Any]]:
        """The entries there are now."""
        with self._lock:
            texts = list(self._entries().texts.items())
        return ((key, json.loads(text)) for key, text in texts)

    def __setitem__(self, key: str, value: Any) -> None:
        """TypeError, ValueError: no such key or value can be kept."""
        check_key(self.plugin, key)
        text = encoded(f"storage[{key!r}] of the plugin {self.plugin}", value)
        with self._lock:
            entries = self._entries()
            if entries.texts.get(key) == text:
                return
            growth = entries.growth(key, text)
            if growth > 0 and entries.size + growth > self.limit:
                raise StorageFull(
                    f"The plugin {self.plugin} keeps {entries.size} of the {self.limit} bytes it "
                    f"may, and {growth} more do not fit; remove something first."
                )
            entries = self._changing()
            entries.set(key, text)
            self._changed(entries)

    def __delitem__(self, key: str) -> None:
        with self._lock:
            if key not in self:
                raise KeyError(key)
            entries = self._changing()
            entries.remove(key)
            self._changed(entries)

    def clear(self) -> None:
        """Remove all entries at once."""
        with self._lock:
            if self._entries().texts:
                entries = self._changing()
                entries.clear()
                self._changed(entries)

    def update(self, *args: Any, **more: Any) -> None:
        """All of them at once, or none."""
        with self.transaction():
            super().update(*args, **more)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value of `key`, which is `default` from now on if there was none."""
        with self._lock:
            if key not in self:
                self[key] = default
            return self[key]

    def pop(self, key: str, *default: Any) -> Any:
        """Remove an entry and return its value; KeyError if there is neither it nor a default."""
        with self._lock:
            return super().pop(key, *default)

    def popitem(self) -> tuple[str, Any]:
        """Remove the entry added last; KeyError if there is none."""
        with self._lock:
            key = next(reversed(self._entries().texts), "")
            return key, self.pop(key)

    def __repr__(self) -> str:
        return f"<storage of {self.plugin}: {len(self)} entries>"


class _Items(ItemsView[str, Any]):
    _mapping: Storage

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return self._mapping.decoded()


class _Values(ValuesView[Any]):
    _mapping: Storage

    def __iter__(self) -> Iterator[Any]:
        return (value for _, value in self._mapping.decoded())


def _create(path: Path) -> None:
    """Make an empty file where there is none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not size(path):
            if size(path, "-wal"):
                raise StorageError(
                    f"{path} is missing, but {path.name}-wal is there; put {path.name} back, "
                    f"or move {path.name}-wal away to begin anew."
                )
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageError(
            f"{path} cannot be created ({error.strerror}); "
            "correct the permissions of its directory."
        ) from error


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """That it is whole, as far as a quick look tells, and ours; make the table in an empty one."""
    if not size(path):
        connection.executescript(SCHEMA)
    away = "restore a copy, or move it away to begin anew"
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION:
        raise StorageError(f"{path} is not what plugins of ircish keep; {away}.")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StorageError(
            f"{path} was written by a newer ircish (its format is {version}, this one knows "
            f"{VERSION}); run that version, or choose another --data-dir."
        )
    if size(path) <= CHECKED:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise StorageError(f"{path} is damaged ({verdict.splitlines()[-1]}); {away}.")
    connection.execute("SELECT position, plugin, key, value FROM entries LIMIT 1").fetchall()
    connection.executescript("BEGIN IMMEDIATE; ROLLBACK;")  # that it may be written

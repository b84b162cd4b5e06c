"""Searching words in the history, by a full-text index where there is one. ``indexing`` keeps it
up with the history."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from pathlib import Path

from ircish.events import SHOWN
from ircish.history import COLUMNS, Archive, Connections
from ircish.rows import HistoryError, Row

FILE = "search.db"

VERSION = 1
"""Of what is in the file; another one is rebuilt."""

MODULE = "fts5"
"""SQLite's full-text search."""

TAIL = 5_000
"""Rows not yet indexed that are scanned at a time."""

LAST = 1 << 62
"""An id beyond all."""

FTS = "channel, text, tokenize = 'unicode61 remove_diacritics 2'"
"""A channel's name is indexed as one word, its hex digits: only its own rows are visited."""

STATE = "CREATE TABLE state(version INTEGER, history TEXT, last INTEGER)"
"""Whose index it is, and up to which id."""

KINDS = f"kind IN {SHOWN}"
"""What is found."""


def expression(channels: Collection[str], words: str) -> str:
    """What the user asks for, as an FTS5 expression; NoWords if it holds none."""
    terms = []
    for word in words.encode("utf-8", "replace").decode().replace("\0", " ").split():
        if any(map(str.isalnum, word)):
            quoted = '"' + word.rstrip("*").replace('"', '""') + '"'
            terms.append(quoted + "*" if word.endswith("*") else quoted)
    if not terms:
        raise NoWords("There is no word to search for; name one with letters or digits.")
    places = " OR ".join(f'"{channel.encode("utf-8", "replace").hex()}"' for channel in channels)
    return f"channel : ({places}) AND text : ({' AND '.join(dict.fromkeys(terms))})"


class NoWords(HistoryError):
    """Whoever searches has named no word."""


class Search:
    """Searches a data directory, from any thread, while a server writes or not.

    Where there is no usable index, the rows themselves are searched, with the same result.
    """

    def __init__(self, directory: Path, history: Archive) -> None:
        self.path = directory / FILE
        self._history = history
        self._connections = Connections(self.path, self._connect)

    def _connect(self) -> sqlite3.Connection:
        """A memory database with a place for the tail, and the two files for reading only."""
        connection = sqlite3.connect(
            ":memory:", uri=True, timeout=1, isolation_level=None, check_same_thread=False
        )
        connection.execute(f"CREATE VIRTUAL TABLE tail USING {MODULE}({FTS}, content='')")
        connection.execute("ATTACH ? AS store", (self._history.uri,))
        try:
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            connection.execute("ATTACH ? AS indexed", (uri,))
            state = connection.execute("SELECT version, history FROM state").fetchone()
            usable = state == (VERSION, self._history.identity)
        except sqlite3.Error:
            usable = False
        if not usable:  # an empty one in memory takes its place: names resolve to main first
            connection.execute(f"CREATE VIRTUAL TABLE main.words USING {MODULE}({FTS})")
            connection.execute(STATE.replace("state", "main.state"))
            connection.execute("INSERT INTO main.state VALUES(0, '', 0)")
        return connection

    def search(
        self, channels: Collection[str], words: str, limit: int, *, before_seq: int | None = None
    ) -> list[Row]:
        """The newest `limit` messages, notices and topics with all these words, oldest first.

        Case and diacritics do not matter; `word*` finds all that begin so. Channels are casefolded
        names. NoWords: `words` holds none; HistoryError: the files cannot be read.
        """
        match = expression(channels, words)
        found: list[Row] = []
        if not channels or limit <= 0:
            return found
        with self._connections.borrow() as connection:
            connection.execute("BEGIN")
            try:
                # The index is read before the history: what it does not hold yet is in the tail.
                (last,) = connection.execute("SELECT last FROM state").fetchone()
                below = _first_id(connection, channels, before_seq)
                while len(found) < limit:
                    floor = _take_tail(connection, channels, last, below)
                    if floor is None:
                        break
                    found += _matching(
                        connection, "tail", match, (floor, below), limit - len(found)
                    )
                    below = floor
                rest = (0, min(below, last + 1))
                found += _matching(connection, "words", match, rest, limit - len(found))
            finally:
                connection.rollback()
        return found[::-1]

    def close(self) -> None:
        """Close the connections; may be called twice."""
        self._connections.close()


def _first_id(connection: sqlite3.Connection, channels: Collection[str], seq: int | None) -> int:
    """An id such that exactly the rows of these channels with a smaller one are before `seq`."""
    first = LAST
    if seq is not None:
        query = "SELECT id FROM history WHERE channel = ? AND seq >= ? ORDER BY seq LIMIT 1"
        for channel in channels:
            first = min(first, *next(connection.execute(query, (channel, seq)), (LAST,)))
    return first


def _take_tail(
    connection: sqlite3.Connection, channels: Collection[str], last: int, below: int
) -> int | None:
    """Index in memory the newest TAIL rows between these ids; the smallest id, or None."""
    query = (
        "SELECT min(id) FROM"
        " (SELECT id FROM history WHERE id > ? AND id < ? ORDER BY id DESC LIMIT ?)"
    )
    (floor,) = connection.execute(query, (last, below, TAIL)).fetchone()
    if floor is not None:
        places = ",".join("?" * len(channels))
        connection.execute(
            "INSERT INTO tail(rowid, channel, text) SELECT id, hex(channel), text"
            " FROM history NOT INDEXED"
            f" WHERE id >= ? AND id < ? AND {KINDS} AND channel IN ({places})",
            (floor, below, *channels),
        )
    return None if floor is None else int(floor)


def _matching(
    connection: sqlite3.Connection, table: str, match: str, ids: tuple[int, int], limit: int
) -> list[Row]:
    """The newest `limit` rows with an id from ids[0] to below ids[1] that match, newest first."""
    columns = ", ".join(f"history.{column}" for column in COLUMNS.split(", "))
    query = (
        f"SELECT {columns} FROM {table} CROSS JOIN history ON history.id = {table}.rowid"
        f" WHERE {table} MATCH ? AND {table}.rowid >= ? AND {table}.rowid < ?"
        f" AND history.{KINDS} ORDER BY {table}.rowid DESC LIMIT ?"
    )
    rows = connection.execute(query, (match, *ids, limit)).fetchall()
    return list(map(Row._make, rows))

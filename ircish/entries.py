"""The entries of one plugin in memory, as JSON, and what cannot be one; saving is storage's."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

LIMIT = 16 << 20
"""Bytes that a plugin may keep."""

VALUE_LIMIT = 1 << 20
"""Bytes of one value, as JSON in ASCII."""

ENTRY = 100
"""Bytes that an entry counts beside its key and value: what it costs in memory and in the file."""

KEY_LENGTH = 200
"""Characters."""

DEPTH = 100
"""Lists and dicts within each other."""

MOST = 64
"""Entries in one statement: at each, Python waits to have the GIL again."""

PLAIN = (int, type(None))  # bool is int

HOLDS = "it holds text, numbers, True, False, None, and lists and dicts of these"


class StorageError(Exception):
    """What went wrong with what plugins keep: one sentence for a person, with the way out."""


class StorageFull(StorageError):
    """What was to be kept is too large; nothing has been changed."""


@dataclass(slots=True)
class Entries:
    """The entries of a plugin, and what of them has been changed but not saved."""

    texts: dict[str, str] = field(default_factory=dict)
    """Each value as JSON in ASCII, so that its length is its bytes."""

    size: int = 0
    cleared: bool = False  # all that was saved is gone
    gone: set[str] = field(default_factory=set)
    put: dict[str, None] = field(default_factory=dict)  # after what is gone, in this order

    def copy(self) -> Entries:
        """The same, to be changed by itself."""
        return Entries(
            self.texts.copy(), self.size, self.cleared, self.gone.copy(), self.put.copy()
        )

    def growth(self, key: str, text: str) -> int:
        """The bytes that `put` would add."""
        old = self.texts.get(key)
        return len(text) - len(old) if old is not None else ENTRY + len(key.encode()) + len(text)

    def set(self, key: str, text: str) -> None:
        """Add or replace one."""
        self.size += self.growth(key, text)
        self.texts[key] = text
        self.put[key] = None

    def remove(self, key: str) -> None:
        """Remove one that is there."""
        self.size -= ENTRY + len(key.encode()) + len(self.texts.pop(key))
        self.put.pop(key, None)
        self.gone.add(key)

    def clear(self) -> None:
        """Remove all."""
        self.texts, self.size, self.cleared, self.gone, self.put = {}, 0, True, set(), {}

    def statements(self, plugin: str) -> Iterator[tuple[str, list[str]]]:
        """What SQLite must do, in this order, to save what has been changed."""
        if self.cleared:
            yield "DELETE FROM entries WHERE plugin = ?", [plugin]
        for keys in _parts(self.gone):
            places = ", ".join("?" * len(keys))
            yield f"DELETE FROM entries WHERE plugin = ? AND key IN ({places})", [plugin, *keys]
        for keys in _parts(self.put):
            places = ", ".join(["(?, ?, ?)"] * len(keys))
            query = f"INSERT INTO entries(plugin, key, value) VALUES {places}"
            values = [each for key in keys for each in (plugin, key, self.texts[key])]
            yield f"{query} ON CONFLICT DO UPDATE SET value = excluded.value", values

    def saved(self) -> None:
        """Nothing of them is unsaved now."""
        self.cleared, self.gone, self.put = False, set(), {}


def _parts(keys: Collection[str]) -> Iterator[list[str]]:
    left = iter(keys)
    while part := list(islice(left, MOST)):
        yield part


def check_key(plugin: str, key: object) -> None:
    where = f"A key in the storage of the plugin {plugin}"
    if not isinstance(key, str):
        raise TypeError(f"{where} must be text, not {key!r}.")
    if len(key) > KEY_LENGTH:
        raise ValueError(f"{where} has at most {KEY_LENGTH} characters, not {len(key)}.")
    try:
        key.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{where} cannot be half a character, as in {key!r}.") from error


def encoded(where: str, value: Any) -> str:
    """As JSON in ASCII, or TypeError, ValueError, StorageFull."""
    if type(value) not in (str, int, bool, type(None)):
        _check_value(where, value)
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    except ValueError as error:  # an int of thousands of digits
        raise ValueError(f"{where} cannot be kept: {error}.") from error
    if len(text) > VALUE_LIMIT:
        raise StorageFull(
            f"{where} would have {len(text)} bytes, and may have {VALUE_LIMIT}; "
            "keep it in several entries."
        )
    return text


def _check_value(where: str, value: Any) -> None:
    """JSON would turn 1 into "1" as a key, and go on for ever with a list of lists of one list."""
    least = -2  # bytes that it will have; the tuple around it does not count
    waiting: list[tuple[Collection[Any], int]] = [((value,), 0)]
    while waiting:
        inside, depth = waiting.pop()
        least += len(inside) + 1
        if depth > DEPTH:
            raise ValueError(f"{where} is nested more than {DEPTH} deep, or holds itself.")
        for each in inside:
            if isinstance(each, str):
                least += len(each)
            elif isinstance(each, PLAIN):
                pass
            elif isinstance(each, dict):
                for key in each:
                    if not isinstance(key, str):
                        sentence = f"{where} has a dict with the key {key!r}; it must be text."
                        raise TypeError(sentence)
                    least += len(key)
                waiting.append((each.values(), depth + 1))
            elif isinstance(each, list | tuple):
                waiting.append((each, depth + 1))
            elif isinstance(each, float):
                if not math.isfinite(each):
                    raise ValueError(f"{where} cannot hold {each}; {HOLDS}.")
            else:
                raise TypeError(f"{where} cannot hold {type(each).__name__}; {HOLDS}.")
        if least > VALUE_LIMIT:
            raise StorageFull(
                f"{where} would have more than {VALUE_LIMIT} bytes; keep it in several entries."
            )

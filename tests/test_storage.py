"""What plugins keep: a dict to its author, on disk when it returns, all of it or nothing."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import ircish.history
from ircish.entries import DEPTH, ENTRY, MOST, VALUE_LIMIT, Entries
from ircish.storage import FILE, PAGE, Storage, StorageError, StorageFull, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def kept(store: Store) -> Storage:
    return store.of("karma")


def on_disk(directory: Path, plugin: str = "karma") -> dict[str, Any]:
    """What somebody else reads in the file."""
    if not (directory / FILE).exists():
        return {}  # it is made when something is kept
    with closing(sqlite3.connect(directory / FILE)) as connection:
        query = "SELECT key, value FROM entries WHERE plugin = ? ORDER BY position"
        rows = connection.execute(query, (plugin,)).fetchall()
    return {key: json.loads(value) for key, value in rows}


def pages(store: Store) -> int:
    (count,) = store._connection.execute("PRAGMA page_count").fetchone()
    return int(count)


def allow_pages(store: Store, count: int) -> None:
    """Let the file grow to so many pages: what a full disk does, at a place of our choice."""
    store._connection.execute(f"PRAGMA max_page_count = {count}").fetchall()


# Values and keys

VALUES = [
    None,
    True,
    0,
    -(10**30),
    0.1,
    -0.0,
    "",
    "text",
    "ä😀\0\ud800\u2028",
    [],
    {},
    [1, [2, {"a": None}]],
    {"": {"b": [False, 1.5e300]}},
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back_as_it_went_in(store: Store, kept: Storage, value: Any) -> None:
    kept["x"] = value
    for each in (kept["x"], store.anew("karma")["x"]):
        assert each == value
        assert repr(each) == repr(value)


@pytest.mark.parametrize("key", ["", "a b", "ä😀", "\0", "a\0b", "'\"%", "x" * 200])
def test_a_key_is_any_text(store: Store, kept: Storage, key: str) -> None:
    kept[key] = 1
    kept["other"] = 2
    assert list(store.anew("karma").items()) == [(key, 1), ("other", 2)]


def test_a_tuple_comes_back_as_a_list(kept: Storage) -> None:
    kept["x"] = (1, ("a",))
    assert kept["x"] == [1, ["a"]]


def test_changing_what_was_read_or_stored_changes_nothing(kept: Storage) -> None:
    names = ["ann"]
    kept["names"] = names
    names.append("ben")
    kept["names"].append("cat")
    kept.setdefault("names", []).append("dan")
    for _, each in kept.items():
        each.append("eve")
    assert kept["names"] == ["ann"]


itself: list[Any] = []
itself.append(itself)
deep: list[Any] = []
for _ in range(DEPTH - 1):
    deep = [deep]
shared: list[Any] = []
for _ in range(DEPTH - 2):
    shared = [shared, shared]

HOLDS = "it holds text, numbers, True, False, None, and lists and dicts of these."
REFUSED = [
    (float("nan"), ValueError, f"cannot hold nan; {HOLDS}"),
    ([float("-inf")], ValueError, f"cannot hold -inf; {HOLDS}"),
    ({1, 2}, TypeError, f"cannot hold set; {HOLDS}"),
    ({"a": [b"x"]}, TypeError, f"cannot hold bytes; {HOLDS}"),
    (object, TypeError, f"cannot hold type; {HOLDS}"),
    ({"a": {1: 2}}, TypeError, "has a dict with the key 1; it must be text."),
    (itself, ValueError, "is nested more than 100 deep, or holds itself."),
    ([deep], ValueError, "is nested more than 100 deep, or holds itself."),
    (10**5000, ValueError, "cannot be kept: Exceeds the limit (4300 digits) for integer string "),
    (shared, StorageFull, "would have more than 1048576 bytes; keep it in several entries."),
    (
        "x" * (VALUE_LIMIT - 1),
        StorageFull,
        "would have 1048577 bytes, and may have 1048576; keep it in several entries.",
    ),
    (
        ["ä" * (VALUE_LIMIT // 6) + "1234"],
        StorageFull,
        "would have 1048580 bytes, and may have 1048576; keep it in several entries.",
    ),
]


@pytest.mark.parametrize(("value", "kind", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_kept_is_refused_in_words_and_changes_nothing(
    kept: Storage, tmp_path: Path, value: Any, kind: type[Exception], sentence: str
) -> None:
    kept["x"] = "before"
    with pytest.raises(kind) as caught:
        kept["x"] = value
    assert str(caught.value).startswith(f"storage['x'] of the plugin karma {sentence}")
    assert kept == on_disk(tmp_path) == {"x": "before"}


def test_the_largest_and_the_deepest_value_are_kept(kept: Storage) -> None:
    kept["long"] = "x" * (VALUE_LIMIT - 2)
    kept["deep"] = deep
    assert len(kept["long"]) == VALUE_LIMIT - 2
    assert kept["deep"] == deep


WHERE = "A key in the storage of the plugin karma"


@pytest.mark.parametrize(
    ("key", "kind", "sentence"),
    [
        (7, TypeError, f"{WHERE} must be text, not 7."),
        (None, TypeError, f"{WHERE} must be text, not None."),
        ("x" * 201, ValueError, f"{WHERE} has at most 200 characters, not 201."),
        ("\ud800", ValueError, f"{WHERE} cannot be half a character, as in '\\ud800'."),
    ],
)
def test_what_cannot_be_a_key_is_refused_in_words(
    kept: Storage, key: Any, kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind) as caught:
        kept[key] = 1
    assert str(caught.value) == sentence
    assert key not in kept


# A mapping


def test_it_is_a_mapping_in_the_order_of_adding(store: Store, kept: Storage) -> None:
    kept.update(a=1, b=2, c=3)
    kept["a"] = 4
    del kept["b"]
    kept["b"] = 5
    expected = {"a": 4, "c": 3, "b": 5}
    for each in (kept, store.anew("karma")):
        assert list(each) == list(each.keys()) == list(expected)
        assert list(each.items()) == list(expected.items())
        assert list(each.values()) == list(expected.values())
        assert each == expected
        assert len(each) == 3
        assert ("a", 4) in each.items()
        assert 5 in each.values()
        assert "a" in each
        assert "z" not in each
    assert repr(kept) == "<storage of karma: 3 entries>"


def test_get_setdefault_pop_popitem_and_del_do_what_a_dicts_do(kept: Storage) -> None:
    assert kept.get("a") is None
    assert kept.get("a", 3) == 3
    assert kept.setdefault("a", [1]) == [1]
    assert kept.setdefault("a", [2]) == [1]
    assert kept.setdefault("b") is None
    assert kept.pop("a") == [1]
    assert kept.pop("a", "gone") == "gone"
    kept["c"] = 1
    assert kept.popitem() == ("c", 1)
    kept.clear()
    kept.clear()
    for fails in (kept.popitem, lambda: kept.pop("a"), lambda: kept["a"]):
        with pytest.raises(KeyError):
            fails()
    with pytest.raises(KeyError):
        del kept["a"]
    assert not kept


def test_what_is_iterated_over_may_be_changed(kept: Storage) -> None:
    kept.update(a=1, b=2)
    for key in kept:
        del kept[key]
    kept.update(a=1, b=2)
    for key, value in kept.items():
        kept[key + key] = value
        kept.pop("b", None)
    assert kept == {"a": 1, "aa": 1, "bb": 2}


def test_each_plugin_has_its_own(store: Store) -> None:
    store.of("karma")["x"] = 1
    store.of("poll")["x"] = 2
    store.of("poll").clear()
    assert store.of("karma") == {"x": 1}
    assert store.anew("karma") == {"x": 1}
    assert store.anew("poll") == {}


def test_a_plugin_is_given_the_same_storage_each_time(store: Store) -> None:
    assert store.of("karma") is store.of("karma")


# Limits


def test_a_plugins_entries_are_limited_together(store: Store, tmp_path: Path) -> None:
    kept = store.of("karma", limit=2 * ENTRY + 12)
    kept["a"] = "1234"  # with its quotes 6 bytes, and 1 of the key
    assert kept.size == ENTRY + 7
    with pytest.raises(StorageFull) as caught:
        kept["b"] = "1234"
    assert str(caught.value) == (
        "The plugin karma keeps 107 of the 212 bytes it may, and 107 more do not fit; "
        "remove something first."
    )
    kept["b"] = "12"
    with pytest.raises(StorageFull):
        kept["a"] = "12345"
    assert kept == on_disk(tmp_path) == {"a": "1234", "b": "12"}
    assert kept.size == 2 * ENTRY + 12
    assert store.anew("karma").size == kept.size


def test_what_is_over_a_lowered_limit_can_be_made_smaller(store: Store) -> None:
    store.of("karma")["a"] = "x" * 50
    kept = store.of("karma", limit=10)
    kept["a"] = "x" * 40
    with pytest.raises(StorageFull):
        kept["a"] = "x" * 41
    del kept["a"]
    assert kept.size == 0


def test_an_entry_counts_its_key_in_bytes(kept: Storage) -> None:
    kept["ä"] = "ä"
    assert kept.size == ENTRY + 2 + 8
    kept.clear()
    assert kept.size == 0


# Transactions


def test_a_transaction_is_saved_whole_at_its_end(kept: Storage, tmp_path: Path) -> None:
    kept.update(old=1, going=2)
    with kept.transaction() as inside:
        assert inside is kept
        kept["new"] = 3
        kept["old"] = 4
        del kept["going"]
        assert kept == {"old": 4, "new": 3}
        assert kept.size == 2 * ENTRY + 6 + 2
        assert on_disk(tmp_path) == {"old": 1, "going": 2}
    assert kept == on_disk(tmp_path) == {"old": 4, "new": 3}


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_a_transaction_that_raises_has_changed_nothing(
    kept: Storage, tmp_path: Path, error: type[BaseException]
) -> None:
    kept.update(a=1, b=2)

    def change() -> None:
        with kept.transaction():
            del kept["a"]
            kept["c"] = 3
            kept.clear()
            kept["a"] = 9
            raise error

    with pytest.raises(error):
        change()
    assert list(kept.items()) == [("a", 1), ("b", 2)] == list(on_disk(tmp_path).items())
    kept["d"] = 4
    assert kept == on_disk(tmp_path) == {"a": 1, "b": 2, "d": 4}


def test_a_transaction_within_one_is_saved_with_it(kept: Storage, tmp_path: Path) -> None:
    with kept.transaction():
        with kept.transaction():
            kept["a"] = 1
        kept.update(b=2)
        assert on_disk(tmp_path) == {}
    assert kept == on_disk(tmp_path) == {"a": 1, "b": 2}


def test_a_transaction_within_one_that_raises_undoes_only_itself(
    kept: Storage, tmp_path: Path
) -> None:
    def fail() -> None:
        with kept.transaction():
            kept["b"] = 2
            kept.pop("a", None)
            raise ValueError("no")

    with kept.transaction():
        with pytest.raises(ValueError, match="no"):
            fail()
        assert kept == {}
        kept["a"] = 1
        with pytest.raises(ValueError, match="no"):
            fail()
        assert kept == {"a": 1}
    assert kept == on_disk(tmp_path) == {"a": 1}


def test_what_is_refused_in_a_transaction_may_be_caught_there(
    kept: Storage, tmp_path: Path
) -> None:
    with kept.transaction():
        kept["a"] = 1
        with pytest.raises(TypeError):
            kept["a"] = {1, 2}
    assert kept == on_disk(tmp_path) == {"a": 1}


def test_an_update_that_is_refused_has_changed_nothing(kept: Storage, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        kept.update({"a": 1, "b": set()})
    assert kept == on_disk(tmp_path) == {}


def test_thousands_of_entries_are_saved_and_removed_at_once(
    store: Store, kept: Storage, tmp_path: Path
) -> None:
    many = {f"k{number % 7}-{number}": number for number in range(2 * PAGE + 1)}
    kept.update(many)
    assert list(on_disk(tmp_path).items()) == list(many.items())
    assert list(store.anew("karma").items()) == list(many.items())
    kept = store.of("karma")
    with kept.transaction():
        for key in list(many)[: MOST + 1]:
            del kept[key]
        kept[next(iter(many))] = "again"
    assert len(on_disk(tmp_path)) == len(many) - MOST
    assert list(on_disk(tmp_path))[-1] == next(iter(many))


def test_nothing_is_written_where_nothing_changes(store: Store, kept: Storage) -> None:
    kept["a"] = [1]
    before = store._connection.total_changes
    kept["a"] = [1]
    with kept.transaction():
        assert kept["a"] == [1]
        kept["a"] = [1]
    kept.update({})
    assert store._connection.total_changes == before


def test_only_what_changes_is_written(store: Store, kept: Storage) -> None:
    kept.update(a=1, b=2, c=3)
    before = store._connection.total_changes
    kept["a"] = 4
    kept["a"] = 5
    with kept.transaction():
        kept["b"] = 6
        kept["b"] = 7
    assert store._connection.total_changes == before + 3


@pytest.mark.parametrize("where", [(Store, "save"), (Entries, "set")])
@pytest.mark.parametrize("transaction", [False, True])
def test_a_thread_ended_in_between_leaves_what_the_file_says(
    kept: Storage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: tuple[type, str],
    transaction: bool,
) -> None:
    kept["a"] = 1
    done = getattr(*where)

    def end(*args: Any) -> None:
        done(*args)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(*where, end)
        with pytest.raises(SystemExit), kept.transaction() if transaction else nullcontext():
            kept["a"] = 2
    assert kept == on_disk(tmp_path)
    kept["b"] = 3
    assert kept == on_disk(tmp_path)


# Threads


def test_eight_threads_lose_no_count(store: Store, kept: Storage, tmp_path: Path) -> None:
    def count(number: int) -> None:
        for turn in range(40):
            with kept.transaction():
                kept["n"] = kept.get("n", 0) + 1
            kept[f"{number}-{turn}"] = turn
            kept.pop(f"{number}-{turn - 1}", None)
            assert all(isinstance(value, int) for value in kept.values())
            store.of(f"other{number}")["n"] = turn

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count, range(8)))
    assert kept == on_disk(tmp_path)
    assert kept["n"] == 320
    assert len(kept) == 9
    assert on_disk(tmp_path, "other5") == {"n": 39}


def test_of_eight_threads_one_adds_and_one_removes_an_entry(
    kept: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(8, timeout=5)
    loads = json.loads

    def handing_on(text: str) -> Any:
        os.sched_yield()  # so that all are between reading and removing, if they can
        return loads(text)

    def race(number: int) -> list[tuple[int, int | None]]:
        found = []
        for turn in range(60):
            together.wait()
            mine = kept.setdefault(str(turn), number)
            together.wait()
            found.append((mine, kept.pop(str(turn), None)))
        return found

    monkeypatch.setattr("ircish.storage.json.loads", handing_on)
    with ThreadPoolExecutor(8) as threads:
        turns = zip(*threads.map(race, range(8)), strict=True)
        for each in turns:
            (first,) = {mine for mine, _ in each}
            assert sorted(gone for _, gone in each if gone is not None) == [first]


@pytest.fixture
def hanging(kept: Storage) -> Iterator[threading.Thread]:
    """A thread that hangs in a transaction of karma, with a change of its own."""
    inside, end = threading.Event(), threading.Event()

    def hang() -> None:
        with suppress(ValueError), kept.transaction():
            kept["hung"] = True
            inside.set()
            end.wait()
            raise ValueError

    thread = threading.Thread(target=hang)
    thread.start()
    inside.wait()
    yield thread
    end.set()
    thread.join()


def test_a_thread_that_hangs_in_a_transaction_stops_only_its_plugin(
    store: Store, kept: Storage, hanging: threading.Thread
) -> None:
    store.of("poll")["x"] = 1
    assert store.of("poll")["x"] == 1
    done = threading.Event()

    def wait() -> None:
        assert "hung" not in kept
        done.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not done.wait(0.05)
    assert hanging.is_alive()


def test_a_plugin_loaded_anew_does_not_wait_for_its_former_self(
    store: Store, kept: Storage, hanging: threading.Thread, tmp_path: Path
) -> None:
    fresh = store.anew("karma")
    fresh["x"] = 1
    assert hanging.is_alive()
    assert fresh == on_disk(tmp_path) == {"x": 1}
    assert store.of("karma") is fresh


def test_the_former_self_of_a_plugin_can_change_nothing(store: Store, kept: Storage) -> None:
    kept["x"] = 1
    fresh = store.anew("karma")
    with pytest.raises(StorageError) as caught:
        kept["x"] = 2
    assert str(caught.value) == "The plugin karma has been loaded again; this is its former self."
    assert kept == fresh == {"x": 1}


# The file


def test_what_is_kept_outlives_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "directory")
    store.of("karma")["x"] = {"a": [1]}
    store.close()
    store.close()
    with closing(Store(tmp_path / "new" / "directory", synchronous="full")) as again:
        assert again.of("karma") == {"x": {"a": [1]}}


def test_it_is_for_its_owner_alone(store: Store, kept: Storage, tmp_path: Path) -> None:
    kept["x"] = 1
    files = list(tmp_path.iterdir())
    assert {FILE, f"{FILE}-wal"} <= {path.name for path in files}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_without_a_directory_it_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(Store(None)) as store, closing(Store(None)) as other:
        store.of("karma")["x"] = 1
        assert store.anew("karma") == {"x": 1}
        assert other.of("karma") == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("transaction", [False, True])
def test_what_was_saved_survives_a_kill(tmp_path: Path, transaction: bool) -> None:
    code = f"""
import sys
from pathlib import Path
from ircish.storage import Store
kept = Store(Path({str(tmp_path)!r})).of("karma")
kept["a"] = "kept"
if {transaction}:
    with kept.transaction():
        kept.update(b=2, c=3)
    with kept.transaction():
        kept.update(b=0, d=4)
        print("saved", flush=True)
        sys.stdin.read()
print("saved", flush=True)
sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "saved\n"
        process.kill()
    with closing(Store(tmp_path)) as store:
        expected = {"a": "kept", "b": 2, "c": 3} if transaction else {"a": "kept"}
        assert store.of("karma") == expected


def single(kept: Storage) -> None:
    kept["big"] = "x" * 50_000


def several(kept: Storage) -> None:
    with kept.transaction():
        del kept["a"]
        kept["b"] = 1
        kept["big"] = "x" * 50_000


@pytest.mark.parametrize("change", [single, several])
def test_a_full_disk_is_said_and_nothing_half_is_left(
    store: Store, kept: Storage, tmp_path: Path, change: Callable[[Storage], None]
) -> None:
    kept["a"] = 1
    allow_pages(store, pages(store) + 3)
    with pytest.raises(StorageError) as caught:
        change(kept)
    path = tmp_path / FILE
    assert str(caught.value) == f"{path}: the disk is full; free some space."
    assert kept == on_disk(tmp_path) == {"a": 1}
    allow_pages(store, 10_000)
    change(kept)
    assert kept == on_disk(tmp_path)
    assert len(kept["big"]) == 50_000


@pytest.mark.parametrize("change", [single, several])
def test_a_locked_file_is_said_and_nothing_half_is_left(
    store: Store, kept: Storage, tmp_path: Path, change: Callable[[Storage], None]
) -> None:
    kept["a"] = 1
    store._connection.execute("PRAGMA busy_timeout = 0").fetchall()
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError) as caught:
            change(kept)
    assert str(caught.value).endswith(": another program has locked it; close that program.")
    assert kept == {"a": 1}
    change(kept)
    assert kept == on_disk(tmp_path)


def test_a_file_moved_away_is_said(store: Store, kept: Storage, tmp_path: Path) -> None:
    kept["a"] = 1
    (tmp_path / FILE).rename(tmp_path / "elsewhere")
    with pytest.raises(StorageError) as caught:
        kept["a"] = 2
    assert str(caught.value).startswith(f"{tmp_path / FILE} has been moved or deleted; put it ")
    (tmp_path / "elsewhere").rename(tmp_path / FILE)
    kept["a"] = 3
    assert on_disk(tmp_path) == {"a": 3}


def test_after_it_is_closed_nothing_is_changed(store: Store, kept: Storage) -> None:
    unread = store.of("poll")
    kept["a"] = 1
    store.close()
    sentence = "What plugins keep has been closed; the server is stopping."
    assert kept["a"] == 1
    with pytest.raises(StorageError) as caught:
        kept["a"] = 2
    assert str(caught.value) == sentence
    with pytest.raises(StorageError) as caught:
        len(unread)
    assert str(caught.value) == sentence


def write_text(path: Path) -> None:
    path.write_text("something else " * 400)


def write_other(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE a(b)")


def kept_once(path: Path) -> None:
    """The file is there, because something was kept."""
    with closing(Store(path.parent)) as store:
        store.of("karma")["ann"] = 1


def write_newer(path: Path) -> None:
    kept_once(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2").fetchall()


def damage_page(path: Path) -> None:
    with closing(Store(path.parent)) as store:
        store.of("karma").update({str(number): "x" * 100 for number in range(400)})
    with path.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 4096)


def lose_table(path: Path) -> None:
    kept_once(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE entries")


def lose_file(path: Path) -> None:
    path.with_name(f"{FILE}-wal").write_bytes(b"x" * 5000)


def be_directory(path: Path) -> None:
    path.mkdir()


OPENING = [
    (write_text, ": it is damaged; restore a copy, or move it away to begin anew."),
    (
        write_other,
        " is not what plugins of ircish keep; restore a copy, or move it away to begin anew.",
    ),
    (write_newer, " was written by a newer ircish (its format is 2, this one knows 1); run that "),
    (damage_page, " is damaged ("),
    (lose_table, ": no such table: entries."),
    (lose_file, f" is missing, but {FILE}-wal is there; put {FILE} back, or move {FILE}-wal away"),
    (be_directory, ": it cannot be opened ("),
]


@pytest.mark.parametrize(("spoil", "sentence"), OPENING)
def test_a_file_that_cannot_be_used_is_said_and_left(
    tmp_path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    path = tmp_path / FILE
    spoil(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StorageError) as caught:
        Store(tmp_path)
    assert str(caught.value).startswith(f"{path}{sentence}")
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_file_that_another_program_writes_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path).close()
    monkeypatch.setattr("ircish.storage.BUSY", 0.0)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="another program has locked it"):
            Store(tmp_path)
    Store(tmp_path).close()


def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        Store(tmp_path / "file" / "inside")
    assert str(caught.value) == (
        f"{tmp_path}/file/inside/{FILE} cannot be created (Not a directory); "
        "correct the permissions of its directory."
    )


def test_an_empty_file_left_by_a_kill_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    with closing(Store(tmp_path)) as store:
        store.of("karma")["x"] = 1
    with closing(Store(tmp_path)) as store:
        assert store.of("karma") == {"x": 1}


def test_damage_found_later_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damage_page(tmp_path / FILE)
    monkeypatch.setattr("ircish.storage.CHECKED", 0)
    with closing(Store(tmp_path)) as store, pytest.raises(StorageError, match="it is damaged"):
        dict(store.of("karma"))


def test_what_a_plugin_forgets_is_gone_from_the_file(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        store.of("karma")["a"] = "a secret word"
        del store.of("karma")["a"]
    assert os.listdir(tmp_path) == [FILE]
    assert b"secret" not in (tmp_path / FILE).read_bytes()


def test_its_errors_are_said_as_the_historys(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("something new")
    assert str(ircish.history.explain(error, tmp_path)) == f"{tmp_path}: something new."


# Against a dict

KEYS = st.sampled_from(["a", "b", "c", "ä", ""])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=5,
)


class Model(RuleBasedStateMachine):
    """A Storage does what a dict does, also across transactions, reopening and reloading."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.store = Store(Path(self.directory.name))
        self.kept = self.store.of("karma")
        self.store.of("other")["a"] = "other"
        self.dict: dict[str, Any] = {}
        self.before: list[dict[str, Any]] = []
        self.open: list[Any] = []

    @rule(key=KEYS, value=JSON)
    def put(self, key: str, value: Any) -> None:
        self.kept[key] = value
        self.dict[key] = value

    @rule(key=KEYS, value=JSON)
    def set_default(self, key: str, value: Any) -> None:
        assert self.kept.setdefault(key, value) == self.dict.setdefault(key, value)

    @rule(key=KEYS)
    def remove(self, key: str) -> None:
        assert self.kept.pop(key, "none") == self.dict.pop(key, "none")

    @precondition(lambda self: self.dict)
    @rule()
    def remove_last(self) -> None:
        assert self.kept.popitem() == self.dict.popitem()

    @rule(values=st.dictionaries(KEYS, JSON))
    def update(self, values: dict[str, Any]) -> None:
        self.kept.update(values)
        self.dict.update(values)

    @rule()
    def clear(self) -> None:
        self.kept.clear()
        self.dict.clear()

    @precondition(lambda self: len(self.open) < 3)
    @rule()
    def begin(self) -> None:
        self.open.append(self.kept.transaction())
        self.open[-1].__enter__()
        self.before.append(dict(self.dict))

    @precondition(lambda self: self.open)
    @rule()
    def finish(self) -> None:
        self.open.pop().__exit__(None, None, None)
        self.before.pop()

    @precondition(lambda self: self.open)
    @rule()
    def fail(self) -> None:
        error = ValueError()
        assert not self.open.pop().__exit__(ValueError, error, None)
        self.dict = self.before.pop()

    @precondition(lambda self: not self.open)
    @rule(closes=st.booleans())
    def reopen(self, closes: bool) -> None:
        if closes:
            self.store.close()
            self.store = Store(Path(self.directory.name))
        self.kept = self.store.anew("karma")

    @invariant()
    def same(self) -> None:
        assert repr(list(self.kept.items())) == repr(list(self.dict.items()))
        text = {key: json.dumps(value, separators=(",", ":")) for key, value in self.dict.items()}
        assert self.kept.size == sum(
            ENTRY + len(key.encode()) + len(value) for key, value in text.items()
        )

    @invariant()
    def saved(self) -> None:
        saved = self.before[0] if self.before else self.dict
        assert list(on_disk(Path(self.directory.name)).items()) == list(saved.items())

    def teardown(self) -> None:
        while self.open:
            self.finish()
        assert self.store.anew("other") == {"a": "other"}
        self.store.close()
        self.directory.cleanup()


Model.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAgainstADict = Model.TestCase

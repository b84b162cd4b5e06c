"""Searching: the index and the rows it does not hold yet give one result, whatever is asked."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ircish.history
import ircish.indexing
import ircish.search
from ircish.history import Archive
from ircish.indexing import BATCH, SearchIndex
from ircish.rows import HistoryError, Row
from ircish.saving import History
from ircish.search import TAIL, Search

DEADLINE = 20  # seconds after which a thread that does not do what is waited for has failed


def row(seq: int, text: str, channel: str = "#room", kind: str = "message") -> Row:
    return Row(seq, seq * 10, f"id{seq}", kind, channel, "ann!a@host", None, "", text)


def seqs(found: list[Row]) -> list[int]:
    return [each.seq for each in found]


def index_all(index: SearchIndex) -> None:
    while index.follow():
        pass


def indexed(index: SearchIndex) -> list[int]:
    """The ids in the index, as another connection finds them in the file."""
    with index._connections.borrow() as connection:
        return [id for (id,) in connection.execute("SELECT rowid FROM words ORDER BY rowid")]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def index(history: History, tmp_path: Path) -> Iterator[SearchIndex]:
    opened = SearchIndex(tmp_path, history)
    yield opened
    opened.close()


# What is found


TEXTS = [
    "Hello world",
    "the quick brown fox",
    "Crème BRÛLÉE at the café",
    "don't panic: it's foo-bar, not foo",
    "naïve ΣΊΣΥΦΟΣ жизнь 日本語",
    "AND OR NOT NEAR",
    "hello hello again, quick!",
    "mail ann@example.org about v1.2",
]


@pytest.mark.parametrize("how_many_indexed", [0, 4, len(TEXTS)])
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("hello", [1, 7]),
        ("HELLO", [1, 7]),
        ("hello again", [7]),
        ("again hello again", [7]),
        ("quick", [2, 7]),
        ("qui", []),
        ("qui*", [2, 7]),
        ("qui* hel*", [7]),
        ("creme cafe", [3]),
        ("crème brulée", [3]),
        ("foo-bar", [4]),
        ("bar-foo", []),
        ("foo-b*", [4]),
        ("it's", [4]),
        ("σίσυφος", [5]),
        ("日本語", [5]),
        ("日*", [5]),
        ("AND", [6]),
        ("NOT", [4, 6]),
        ("and OR near", [6]),
        ('"hello', [1, 7]),
        ("hello (again) !!! -", [7]),
        ("ann@example.org", [8]),
        ("channel:hello", []),
        ("#room", []),
        ("hello\0again", [7]),
        ("nowhere", []),
    ],
)
def test_words_are_found_whether_indexed_or_not(
    index: SearchIndex, history: History, how_many_indexed: int, words: str, expected: list[int]
) -> None:
    stored = [row(seq, text) for seq, text in enumerate(TEXTS, 1)]
    history.commit(stored[:how_many_indexed])
    index_all(index)
    history.commit(stored[how_many_indexed:])
    assert len(indexed(index)) == how_many_indexed
    assert seqs(index.search(["#room"], words, 99)) == expected


def test_a_row_found_is_the_row_saved(index: SearchIndex, history: History) -> None:
    saved = [
        Row(1, 10, "a", "notice", "#room", "ann!a@host", "ann", "+x=1", "hello"),
        Row(2, 20, "b", "topic", "#room", "irc.example", None, "", "Hello all"),
    ]
    history.commit(saved[:1])
    index_all(index)
    history.commit(saved[1:])
    assert index.search(["#room"], "hello", 9) == saved


@pytest.mark.parametrize("is_indexed", [False, True])
def test_only_what_people_said_is_searched(
    index: SearchIndex, history: History, is_indexed: bool
) -> None:
    kinds = ["message", "notice", "topic", "join", "part", "quit", "nick", "kick", "mode", "tagmsg"]
    history.commit([row(seq, "bye", kind=kind) for seq, kind in enumerate(kinds, 1)])
    if is_indexed:
        index_all(index)
    assert [each.kind for each in index.search(["#room"], "bye", 99)] == kinds[:3]


@pytest.mark.parametrize("is_indexed", [False, True])
def test_only_the_channels_asked_for_are_searched(
    index: SearchIndex, history: History, is_indexed: bool
) -> None:
    names = ["#a", "#ab", "#a b", "#A", "#ä", "&a", "#a-b", "#\U0001f600", '#"x', "##"]
    history.commit([row(seq, "word", channel) for seq, channel in enumerate(names, 1)])
    if is_indexed:
        index_all(index)
    for seq, channel in enumerate(names, 1):
        assert seqs(index.search([channel], "word", 99)) == [seq]
    assert seqs(index.search(["#a", "##", "#none"], "word", 99)) == [1, 10]
    assert index.search([], "word", 99) == []
    assert index.search(["#none"], "word", 99) == []


@pytest.mark.parametrize("how_many_indexed", [0, 10, 25, 40])
def test_the_newest_are_given_oldest_first(
    index: SearchIndex, history: History, how_many_indexed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ircish.search, "TAIL", 4)
    stored = [row(seq, f"word {seq}", "#a" if seq % 2 else "#b") for seq in range(1, 41)]
    history.commit(stored[:how_many_indexed])
    index_all(index)
    history.commit(stored[how_many_indexed:])
    for channels, mine in ((["#a"], stored[::2]), (["#a", "#b"], stored)):
        for limit in (0, 1, 3, 17, 100):
            for before in (None, 0, 1, 2, 20, 26, 40, 41, 99):
                wanted = [each for each in mine if before is None or each.seq < before]
                found = index.search(channels, "word", limit, before_seq=before)
                assert found == wanted[len(wanted) - min(limit, len(wanted)) :]


@pytest.mark.parametrize("words", ["", " ", "***", "!? -", '"', "\0", "😀"])
def test_a_search_without_a_word_is_refused(index: SearchIndex, words: str) -> None:
    with pytest.raises(HistoryError, match="no word to search for; name one with letters"):
        index.search(["#room"], words, 9)


def test_hundreds_of_words_and_channels_are_not_too_many(
    index: SearchIndex, history: History
) -> None:
    channels = [f"#room{number}" for number in range(300)]
    words = " ".join(f"word{number}" for number in range(300))
    history.commit([row(1, words, "#room7")])
    assert seqs(index.search(channels, words, 9)) == [1]
    index_all(index)
    assert seqs(index.search(channels, words, 9)) == [1]
    assert index.search(channels, words + " more", 9) == []


PIECES = st.sampled_from(
    [
        *"\"*()^:-+{}\\;\0\n'",
        "AND",
        "OR",
        "NOT",
        "NEAR(",
        "a",
        "text:",
        "é",
        "\ud800",
        "\u0301",
        "ⅷ",
    ]
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_nothing_a_user_types_is_syntax(index: SearchIndex, history: History, words: str) -> None:
    if not history.last()[0]:
        history.commit([row(1, "a needle AND a é")])
        index_all(index)
        history.commit([row(2, "a needle AND a é")])
    if any(map(str.isalnum, words)):
        assert seqs(index.search(["#room"], words, 9)) in ([], [1, 2])
    else:
        with pytest.raises(HistoryError, match="no word to search for"):
            index.search(["#room"], words, 9)


def test_indexed_and_unindexed_agree_on_random_text(index: SearchIndex, history: History) -> None:
    chance = random.Random(4)
    parts = [
        "Foo",
        "bar",
        "BÄR",
        "bar-foo",
        "it's",
        "x1",
        "é",
        "e\u0301",
        "ﬁ",
        "ß",
        "İ",
        "١",
        "a_b",
    ]
    texts = [" ".join(chance.choices(parts, k=chance.randrange(1, 5))) for _ in range(60)]
    history.commit([row(seq, text) for seq, text in enumerate(texts, 1)])
    queries = [" ".join(chance.choices(parts, k=chance.randrange(1, 3))) for _ in range(60)]
    queries += [query[:-1] + "*" for query in queries if len(query) > 2]
    before = [seqs(index.search(["#room"], query, 99)) for query in queries]
    index_all(index)
    assert [seqs(index.search(["#room"], query, 99)) for query in queries] == before
    assert any(before)


# Following


def test_following_goes_on_in_batches(index: SearchIndex, history: History) -> None:
    history.commit([row(seq, "word") for seq in range(1, BATCH + 11)])
    assert index.follow()
    assert indexed(index) == list(range(1, BATCH + 1))
    assert not index.follow()
    assert not index.follow()
    assert indexed(index) == list(range(1, BATCH + 11))


def test_following_goes_on_after_a_restart(tmp_path: Path, history: History) -> None:
    history.commit([row(1, "word")])
    index = SearchIndex(tmp_path, history)
    index_all(index)
    index.close()
    index.close()
    history.commit([row(2, "word")])
    index = SearchIndex(tmp_path, history)
    assert indexed(index) == [1]
    assert seqs(index.search(["#room"], "word", 9)) == [1, 2]
    index_all(index)
    assert indexed(index) == [1, 2]
    index.close()


def test_a_batch_that_fails_is_indexed_later_and_never_twice(
    index: SearchIndex, history: History, tmp_path: Path
) -> None:
    history.commit([row(seq, "word") for seq in range(1, 10)])
    index._connection.execute("PRAGMA busy_timeout = 1").fetchall()
    other = sqlite3.connect(tmp_path / "search.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        index.follow()
    other.close()
    index._connection.execute(
        "CREATE TRIGGER no AFTER UPDATE ON state BEGIN SELECT raise(FAIL,'no'); END"
    )
    with pytest.raises(sqlite3.IntegrityError, match="no"):
        index.follow()
    index._connection.execute("DROP TRIGGER no")
    index_all(index)
    assert seqs(index.search(["#room"], "word", 99)) == list(range(1, 10))


def test_what_has_expired_is_not_found_and_leaves_the_index(
    index: SearchIndex, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ircish.indexing, "SWEEP", 3)
    history.commit([row(seq, "word", "#a" if seq % 3 else "#b") for seq in range(1, 31)])
    index_all(index)
    while index.sweep():
        pass
    assert len(indexed(index)) == 30
    while history.expire(0, 0, 5):
        pass
    assert seqs(index.search(["#a"], "word", 99)) == [23, 25, 26, 28, 29]
    assert seqs(index.search(["#b"], "word", 99)) == [18, 21, 24, 27, 30]
    while index.sweep():
        pass
    assert indexed(index) == [18, 21, 23, 24, 25, 26, 27, 28, 29, 30]
    assert not index.sweep()
    while history.expire(10**15, 1, 0):
        pass
    assert index.search(["#a", "#b"], "word", 99) == []
    while index.sweep():
        pass
    assert indexed(index) == []


def test_what_expires_during_a_sweep_is_swept_by_the_next(
    index: SearchIndex, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ircish.indexing, "SWEEP", 3)
    history.commit([row(seq, "word") for seq in range(1, 11)])
    index_all(index)
    assert index.sweep()
    assert index.sweep()
    while history.expire(0, 0, 4):
        pass
    while index.sweep():
        pass
    while index.sweep():
        pass
    assert indexed(index) == [7, 8, 9, 10]


# What is taken back


def said(seq: int, text: str) -> Row:
    """With a msgid as a server gives them."""
    return row(seq, text)._replace(msgid=f"abcdef{seq:x}")


def redaction(seq: int, of: int) -> Row:
    return row(seq, f"abcdef{of:x} word", kind="redact")


@pytest.mark.parametrize("how_many_indexed", [0, 2, 4])
def test_what_was_taken_back_is_found_no_more(
    index: SearchIndex, history: History, tmp_path: Path, how_many_indexed: int
) -> None:
    stored = [said(1, "word"), said(2, "word two"), said(3, "word"), redaction(4, 2)]
    history.commit(stored[:how_many_indexed])
    index_all(index)
    history.commit(stored[how_many_indexed:])
    archive = Archive(tmp_path)
    other = Search(tmp_path, archive)
    for _ in range(2):
        for words, expected in (("word", [1, 3]), ("two", [])):
            assert seqs(index.search(["#room"], words, 9)) == expected
            assert seqs(other.search(["#room"], words, 9)) == expected
            assert seqs(index.search(["#room"], words, 1)) == expected[-1:]
        index.forget()
    index_all(index)
    assert indexed(index) == [1, 3]
    other.close()
    archive.close()


def test_the_index_forgets_what_was_taken_back_while_a_batch_was_read(
    index: SearchIndex, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not index.sweep()  # which would find it at the start
    history.commit([said(1, "word"), said(2, "word")])
    follow = index.follow

    def slow() -> bool:
        more = follow()
        history.commit([redaction(3, 1)])
        return more

    monkeypatch.setattr(index, "follow", slow)
    index._attempt()
    assert indexed(index) == [2]


def test_not_a_word_of_what_was_taken_back_stays_in_the_file(
    index: SearchIndex, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ircish.indexing, "MERGE", 1)
    texts = [f"word{number:x} " * 20 for number in range(2, 2000)]
    history.commit([said(1, "password"), *map(said, range(2, 2000), texts)])
    index_all(index)
    history.commit([redaction(3000, 1)])
    index.forget()
    steps = 0
    while index.tidy():
        steps += 1
    assert steps > 1
    assert not index.tidy()
    index._connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").fetchall()
    data = (tmp_path / "search.db").read_bytes()
    assert b"password" not in data
    assert b"word7c" in data
    assert seqs(index.search(["#room"], "word7c", 9)) == [0x7C]


def test_an_index_that_could_not_forget_does_so_later(
    index: SearchIndex, history: History, tmp_path: Path
) -> None:
    history.commit([said(1, "word"), said(2, "word")])
    index_all(index)
    history.commit([redaction(3, 1)])
    index._connection.execute("PRAGMA busy_timeout = 1").fetchall()
    other = sqlite3.connect(tmp_path / "search.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        index.forget()
    assert seqs(index.search(["#room"], "word", 9)) == [2]
    other.close()
    index.forget()
    assert indexed(index) == [2]


def test_an_index_that_ended_too_early_forgets_when_it_is_opened_again(tmp_path: Path) -> None:
    history = History(tmp_path)
    index = SearchIndex(tmp_path, history)
    history.commit([said(1, "word"), said(2, "word")])
    index_all(index)
    index.close()
    history.commit([redaction(3, 1)])
    history.close()
    history = History(tmp_path)
    index = SearchIndex(tmp_path, history)
    assert seqs(index.search(["#room"], "word", 9)) == [2]
    index._attempt()
    assert indexed(index) == [2]
    index.close()
    history.close()


@pytest.mark.parametrize("is_indexed", [False, True])
def test_every_line_of_a_message_is_searched(
    index: SearchIndex, history: History, is_indexed: bool
) -> None:
    history.commit([row(1, "first line\nsecond\n\nlast"), row(2, "firstline")])
    if is_indexed:
        index_all(index)
    for words in ("line", "second", "first last", "second line"):
        assert seqs(index.search(["#room"], words, 9)) == [1]
    assert index.search(["#room"], "linesecond", 9) == []


# The thread


def until(done: Callable[[], bool], tick: threading.Event) -> None:
    """Wait for it, looking again at every tick."""
    while not done():
        assert tick.wait(DEADLINE)
        tick.clear()


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set whenever the thread has attempted to index, or has made a checkpoint."""
    event = threading.Event()
    attempt, checkpoint = SearchIndex._attempt, History.checkpoint

    def attempted(index: SearchIndex) -> bool:
        more = attempt(index)
        event.set()
        return more

    def checkpointed(history: History) -> None:
        try:
            checkpoint(history)
        finally:
            event.set()

    monkeypatch.setattr(SearchIndex, "_attempt", attempted)
    monkeypatch.setattr(History, "checkpoint", checkpointed)
    monkeypatch.setattr(ircish.indexing, "IDLE", 0.005)
    return event


def test_the_thread_indexes_what_was_there_and_what_comes(
    index: SearchIndex, history: History, ticks: threading.Event
) -> None:
    history.commit([row(seq, "word") for seq in range(1, 2 * BATCH + 2)])
    index.start()
    until(lambda: len(indexed(index)) == 2 * BATCH + 1, ticks)
    history.commit([row(2 * BATCH + 2, "word")])
    index.committed()
    until(lambda: len(indexed(index)) == 2 * BATCH + 2, ticks)


def test_a_full_batch_wakes_the_thread_and_less_does_not(
    index: SearchIndex, history: History, ticks: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ircish.indexing, "IDLE", DEADLINE * 10)
    index.start()
    assert ticks.wait(DEADLINE)
    ticks.clear()
    history.commit([row(seq, "word") for seq in range(1, BATCH + 1)])
    for _ in range(BATCH - 1):
        index.committed()
    assert not index._wake.is_set()
    assert indexed(index) == []
    index.committed(1)
    until(lambda: len(indexed(index)) == BATCH, ticks)


def test_while_rows_keep_coming_the_thread_waits_for_a_batch(
    index: SearchIndex, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[int] = []
    waits = iter([0, 1, 1, 1, 0, BATCH, 0])

    def wait(timeout: float) -> None:
        index.committed(next(waits))
        index._stopping = waits.__length_hint__() == 0

    def attempt() -> bool:
        attempts.append(index._committed)
        return False

    monkeypatch.setattr(index._wake, "wait", wait)
    monkeypatch.setattr(index, "_attempt", attempt)
    index._run()
    assert attempts == [0, 3, BATCH + 3, BATCH + 3]


def test_the_thread_makes_checkpoints(
    index: SearchIndex, history: History, ticks: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ircish.indexing, "CHECKPOINT", 0.001)
    size = history.path.stat().st_size
    history.commit([row(seq, "x" * 400) for seq in range(1, 100)])
    assert history.path.stat().st_size == size
    index.start()
    until(lambda: history.path.stat().st_size > size, ticks)


def test_what_fails_in_the_thread_is_logged_and_tried_again(
    index: SearchIndex,
    history: History,
    ticks: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(self: History) -> int:
        raise sqlite3.OperationalError("no checkpoint today")

    monkeypatch.setattr(ircish.indexing, "CHECKPOINT", 0.001)
    monkeypatch.setattr(History, "_checkpoint", fail)
    history.commit([row(1, "word")])
    index._connection.execute("PRAGMA busy_timeout = 1").fetchall()
    other = sqlite3.connect(index.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with caplog.at_level(logging.WARNING):
        index.start()
        until(lambda: "another program has locked it" in caplog.text, ticks)
        until(lambda: "no checkpoint today" in caplog.text, ticks)
    assert indexed(index) == []
    other.close()
    until(lambda: indexed(index) == [1], ticks)


def test_closing_indexes_what_is_left(tmp_path: Path, history: History) -> None:
    index = SearchIndex(tmp_path, history)
    index.start()
    history.commit([row(seq, "word") for seq in range(1, 50)])
    index.committed(49)
    index.close()
    index = SearchIndex(tmp_path, history)
    assert len(indexed(index)) == 49
    index.close()
    with pytest.raises(HistoryError, match="has been closed"):
        index.search(["#room"], "word", 9)


# Derived data


def overwritten(path: Path) -> None:
    path.write_bytes(b"this is not a database" * 500)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def changed(statement: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute(statement)
        other.close()

    return change


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        overwritten,
        emptied,
        cut,
        changed("UPDATE state SET version = 99"),
        changed("UPDATE state SET history = 'of another'"),
        changed("UPDATE state SET last = last + 1"),
        changed("DELETE FROM state"),
        changed("DROP TABLE state"),
        changed("DROP TABLE words"),
    ],
)
def test_an_index_that_does_not_fit_is_built_anew(
    damage: Callable[[Path], None], tmp_path: Path, history: History
) -> None:
    history.commit([row(seq, f"word {seq}") for seq in range(1, 30)])
    index = SearchIndex(tmp_path, history)
    index_all(index)
    index.close()
    damage(tmp_path / "search.db")
    index = SearchIndex(tmp_path, history)
    assert indexed(index) == []
    assert len(index.search(["#room"], "word", 99)) == 29
    index_all(index)
    assert indexed(index) == list(range(1, 30))
    assert len(index.search(["#room"], "word", 99)) == 29
    assert (tmp_path / "search.db").stat().st_mode & 0o077 == 0
    index.close()


def test_an_index_damaged_while_it_runs_is_built_anew_once(
    index: SearchIndex,
    history: History,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    history.commit([row(seq, f"word{seq}") for seq in range(1, 30)])
    index_all(index)
    index._connection.execute("UPDATE words_data SET block = x'00ff00ff00ff'")
    history.commit([row(30, "word30")])
    with caplog.at_level(logging.WARNING):
        assert index._attempt()
        assert "it is damaged;" in caplog.text
        with monkeypatch.context() as patch:
            patch.setattr(ircish.indexing, "STATE", "CREATE nonsense")
            assert not index._attempt()
            assert not index._attempt()
        assert caplog.text.count("syntax error") == 1
        assert not index._attempt()
    assert "indexing the history anew" in caplog.text
    assert indexed(index) == list(range(1, 31))
    assert seqs(index.search(["#room"], "word7", 9)) == [7]
    caplog.clear()
    index._connection.execute("UPDATE words_data SET block = x'00ff00ff00ff'")
    history.commit([row(31, "word31")])
    with caplog.at_level(logging.WARNING):
        assert not index._attempt()
        assert not index._attempt()
    assert caplog.text.count("it is damaged;") == 1
    assert "indexing the history anew" not in caplog.text


def test_an_index_damaged_for_a_search_is_told_and_built_anew(
    index: SearchIndex, history: History
) -> None:
    history.commit([row(seq, f"word{seq}") for seq in range(1, 30)])
    index_all(index)
    index._connection.execute("UPDATE words_data SET block = x'00ff00ff00ff'")
    with pytest.raises(HistoryError, match="damaged"):
        index.search(["#room"], "word7", 9)
    index._attempt()
    assert seqs(index.search(["#room"], "word7", 9)) == [7]


def test_an_index_that_cannot_be_created_is_refused_in_words(
    tmp_path: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "search.db").mkdir()
    with pytest.raises(HistoryError, match=r"search.db cannot be created \("):
        SearchIndex(tmp_path, history)
    (tmp_path / "search.db").rmdir()
    monkeypatch.setattr(ircish.indexing, "STATE", "CREATE nonsense")
    with pytest.raises(HistoryError, match=r"search.db: near .nonsense.: syntax error"):
        SearchIndex(tmp_path, history)


def test_an_sqlite_without_full_text_search_is_told(
    tmp_path: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ircish.indexing, "MODULE", "fts99")
    with pytest.raises(HistoryError, match=r"no full-text search \(FTS5\).*use a Python"):
        SearchIndex(tmp_path, history)


# Without a server


@pytest.mark.parametrize("kept", ["all", "no index", "another's index", "a damaged index"])
def test_a_search_without_a_server_finds_the_same(kept: str, tmp_path: Path) -> None:
    history = History(tmp_path)
    index = SearchIndex(tmp_path, history)
    history.commit([row(seq, f"word {seq}") for seq in range(1, TAIL + 100)])
    index.follow()
    index.close()
    history.close()
    if kept == "no index":
        (tmp_path / "search.db").unlink()
    elif kept == "another's index":
        changed("UPDATE state SET history = 'of another'")(tmp_path / "search.db")
    elif kept == "a damaged index":
        overwritten(tmp_path / "search.db")
    archive = Archive(tmp_path)
    search = Search(tmp_path, archive)
    assert len(search.search(["#room"], "word", 10**6)) == TAIL + 99
    assert seqs(search.search(["#room"], "7", 9)) == [7]
    search.close()
    archive.close()

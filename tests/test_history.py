"""The store: what is committed is there, what is expired is gone, what it cannot read it leaves."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import ircish.history
import ircish.saving
from ircish.history import VERSION, Archive, explain
from ircish.rows import TAKEN_BACK, ChannelRecord, HistoryError, Row
from ircish.saving import COUNT_ROWS, DAY, EXPIRE_ROWS, MOST, History

ROOM = ChannelRecord("#Room", "#room", 1, "all about rooms", "ann", 2, "+nt")


def row(
    seq: int, channel: str = "#room", text: str = "", kind: str = "message", time: int | None = None
) -> Row:
    at = seq * 10 if time is None else time
    return Row(seq, at, f"id{seq}", kind, channel, "ann!a@host", None, "", text or f"line {seq}")


def rows(first: int, last: int, channel: str = "#room") -> list[Row]:
    return [row(seq, channel) for seq in range(first, last + 1)]


def seqs(found: list[Row]) -> list[int]:
    return [each.seq for each in found]


def contents(directory: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in directory.iterdir() if path.name != "ircish.lock"
    }


def expire_all(history: History, now: int, days: int, count: int) -> None:
    while history.expire(now, days, count):
        pass


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(tmp_path)
    yield opened
    opened.close()


def in_another_process(code: str, directory: Path) -> subprocess.Popen[str]:
    root = Path(__file__).parent.parent
    lines = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(root)!r})
from ircish.rows import Row
from ircish.saving import History
directory = Path({str(directory)!r})
{code}
"""
    return subprocess.Popen(
        [sys.executable, "-c", lines], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


# Saving and reading


def test_what_is_committed_is_read_back_whole(history: History) -> None:
    saved = Row(7, 70, "id7", "notice", "#room", "ann!a@host", "ann", "+x=1;+y", "a 😀 line")
    history.commit([saved], [ROOM])
    assert history.latest("#room", 5) == [saved]
    assert history.last() == (7, 70)
    assert history.channels() == [ROOM]


def test_an_empty_history_has_nothing(history: History) -> None:
    assert history.last() == (0, 0)
    assert history.channels() == []
    assert history.latest("#room", 5) == []
    assert history.seq_at("#room", 0) == 1
    assert history.at("#room", 1) is None
    assert list(history.page("#room", 0, 10**9)) == []


@pytest.mark.parametrize("count", [0, 1, MOST - 1, MOST, MOST + 1, 3 * MOST])
def test_a_commit_of_any_size_is_saved_in_order(history: History, count: int) -> None:
    history.commit(rows(1, count))
    assert seqs(history.latest("#room", 1000)) == list(range(1, count + 1))


def test_a_channel_is_remembered_as_last_committed(history: History) -> None:
    changed = ROOM._replace(topic="other", modes="+k key")
    history.commit([row(1)], [ROOM, ChannelRecord("#a", "#a", 3, "", "", 0, "")])
    history.commit([], [changed])
    assert history.channels() == [ChannelRecord("#a", "#a", 3, "", "", 0, ""), changed]


def test_an_event_in_several_channels_is_in_each(history: History) -> None:
    history.commit([row(1, "#a"), row(1, "#b"), row(2, "#a")])
    assert seqs(history.latest("#a", 9)) == [1, 2]
    assert seqs(history.latest("#b", 9)) == [1]


def test_latest_and_earliest_agree_with_a_plain_filter(history: History) -> None:
    chance = random.Random(1)
    kinds = ["message", "join", "tagmsg"]
    stored = [row(seq, chance.choice("ab"), kind=chance.choice(kinds)) for seq in range(1, 80)]
    history.commit(stored)
    for _ in range(200):
        channel, limit = chance.choice("abc"), chance.randrange(-1, 20)
        before, after = (chance.choice([None, chance.randrange(90)]) for _ in range(2))
        wanted = chance.choice([None, [], ["message"], ["join", "tagmsg"]])
        matching = [
            each
            for each in stored
            if each.channel == channel
            and (before is None or each.seq < before)
            and (after is None or each.seq > after)
            and (wanted is None or each.kind in wanted)
        ]
        limit_ = max(limit, 0)
        asked = {"before_seq": before, "after_seq": after}
        newest = history.latest(channel, limit, kinds=wanted, **asked)
        assert newest == matching[len(matching) - min(limit_, len(matching)) :]
        assert history.earliest(channel, limit, kinds=wanted, **asked) == matching[:limit_]


def test_an_event_is_found_by_its_channel_and_seq(history: History) -> None:
    history.commit([row(1), row(2, "#other")])
    assert history.at("#room", 1) == row(1)
    assert history.at("#room", 2) is None
    assert history.at("#other", 2) == row(2, "#other")


def test_seq_at_agrees_with_a_plain_search(history: History) -> None:
    chance = random.Random(2)
    time, stored = 0, []
    for seq in sorted(chance.sample(range(1, 1000), 100)):
        time += chance.choice([0, 0, 1, 50])
        stored.append(row(seq, chance.choice("ab"), time=time))
    history.commit(stored)
    for at in range(-1, time + 3):
        later = [each.seq for each in stored if each.channel == "a" and each.time >= at]
        assert history.seq_at("a", at) == (later[0] if later else stored[-1].seq + 1)


def test_a_page_holds_exactly_the_time_asked_for_however_many(history: History) -> None:
    history.commit(rows(1, 1200))
    history.commit(rows(1201, 1300, "#other"))
    assert seqs(list(history.page("#room", 20, 11_010))) == list(range(2, 1101))
    assert seqs(list(history.page("#room", 11_010, 10**9))) == list(range(1101, 1201))
    assert seqs(list(history.page("#room", 0, 10**9))) == list(range(1, 1201))


def test_many_threads_read_while_one_writes(history: History) -> None:
    history.commit(rows(1, 10))
    wrong: list[list[int]] = []

    def read() -> None:
        for _ in range(20):
            found = seqs(history.latest("#room", 10))
            if found != list(range(found[0], found[0] + 10)):
                wrong.append(found)

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for seq in range(11, 60):
        history.commit([row(seq)])
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_files_are_the_owners_only(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "data"
    history = History(directory)
    history.commit([row(1)])
    assert directory.stat().st_mode & 0o777 == 0o700
    for path in directory.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    history.close()


# Failing to save


def test_a_locked_database_refuses_quickly_and_the_same_rows_are_saved_later(
    history: History,
) -> None:
    other = sqlite3.connect(history.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for several in (rows(1, 3), rows(1, MOST + 9)):
        with pytest.raises(HistoryError, match="another program has locked it"):
            history.commit(several, [ROOM])
    with pytest.raises(HistoryError, match="another program has locked it"):
        history.commit(rows(1, 3))
    other.execute("ROLLBACK")
    other.close()
    history.commit(rows(1, 3), [ROOM])
    assert seqs(history.latest("#room", 10)) == [1, 2, 3]


def test_a_file_that_was_moved_away_refuses_until_it_is_back(
    history: History, tmp_path: Path
) -> None:
    away = history.path.rename(tmp_path / "away")
    with pytest.raises(HistoryError, match="moved or deleted; put it back"):
        history.commit(rows(1, 2))
    history.path.touch()  # another one of that name is not it
    with pytest.raises(HistoryError, match="moved or deleted"):
        history.commit(rows(1, 2))
    away.rename(history.path)
    history.commit(rows(1, 2))
    assert seqs(history.latest("#room", 9)) == [1, 2]


def test_a_full_disk_refuses_and_saving_resumes_when_there_is_room(tmp_path: Path) -> None:
    history = History(tmp_path, max_page_count=12)
    saved = 0

    def fill() -> None:
        nonlocal saved
        while True:
            history.commit([row(saved + 1, text="x" * 1000)])
            saved += 1

    with pytest.raises(HistoryError, match="the disk is full; free some space"):
        fill()
    assert saved > 5
    with pytest.raises(HistoryError, match="the disk is full"):
        history.commit([row(seq, text="x" * 1000) for seq in range(saved + 1, saved + 100)], [ROOM])
    assert seqs(history.latest("#room", 1000)) == list(range(1, saved + 1))
    assert history.channels() == []
    history.max_page_count(10_000)
    history.commit([row(saved + 1)])
    assert history.last()[0] == saved + 1
    history.close()


def test_a_row_that_cannot_be_stored_leaves_no_transaction_behind(history: History) -> None:
    with pytest.raises(HistoryError, match="NOT NULL"):
        history.commit([row(1), row(2)._replace(text=None)])  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        history.commit([row(1, text="\ud800")], [ROOM])
    history.commit([row(1)])
    assert seqs(history.latest("#room", 9)) == [1]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full; free"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "another program has locked it; close"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "check the permissions"),
        (sqlite3.SQLITE_CANTOPEN, "check the permissions"),
        (sqlite3.SQLITE_CORRUPT_VTAB, "it is damaged; restore"),
        (sqlite3.SQLITE_IOERR_FSYNC, "told by SQLite"),
        (None, "told by SQLite"),
    ],
)
def test_every_error_is_a_sentence_that_names_the_file(code: int | None, words: str) -> None:
    error = sqlite3.OperationalError("told by SQLite")
    if code is not None:
        error.sqlite_errorcode = code
    assert words in str(explain(error, Path("/data/history.db")))
    assert str(explain(error, Path("/data/history.db"))).startswith("/data/history.db: ")


def test_a_process_that_dies_keeps_what_it_committed_and_nothing_else(tmp_path: Path) -> None:
    code = """
history = History(directory)
for seq in range(1, 51):
    history.commit([Row(seq, seq, f"id{seq}", "message", "#room", "ann", None, "", "text")] * 1)
    print(seq, flush=True)
history._connection.execute("BEGIN IMMEDIATE")
history._connection.execute("DELETE FROM history")
os._exit(9)
"""
    with in_another_process(code, tmp_path) as dying:
        told, _ = dying.communicate()
    assert dying.returncode == 9
    assert (tmp_path / "history.db-wal").exists()
    history = History(tmp_path)
    assert seqs(history.latest("#room", 100)) == [int(line) for line in told.split()]
    assert history.last() == (50, 50)
    history.close()


# The write-ahead log


def wal_size(history: History) -> int:
    return os.stat(f"{history.path}-wal").st_size


def test_the_log_starts_anew_after_a_checkpoint(history: History) -> None:
    history.commit(rows(1, 300))
    first = wal_size(history)
    for seq in range(301, 340):
        history.checkpoint()
        history.commit([row(seq)])
    assert wal_size(history) == first
    assert history.path.stat().st_size > 300 * 30


def test_a_log_that_is_too_long_is_finished_while_the_writer_waits(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []
    checkpoint = history._checkpoint
    monkeypatch.setattr(
        history, "_checkpoint", lambda: (held.append(history._writing.locked()), checkpoint())[1]
    )
    history.commit(rows(1, 300))
    history.checkpoint()
    assert held == [False]
    monkeypatch.setattr(ircish.saving, "WAL_PAGES", 5)
    history.checkpoint()
    assert held == [False, False, False, True]


def test_a_checkpoint_that_fails_says_so(history: History) -> None:
    history._checkpointer.close()
    with pytest.raises(HistoryError, match=r"history.db: "):
        history.checkpoint()


# Retention


def test_what_is_too_old_is_deleted_a_little_at_a_time(history: History) -> None:
    count = 2 * EXPIRE_ROWS + 7
    history.commit([row(seq, time=seq) for seq in range(1, count + 1)])
    history.commit([row(count + 1, time=DAY)])
    left = [count + 1 - EXPIRE_ROWS, count + 1 - 2 * EXPIRE_ROWS, 1]
    for remaining in left:
        more = history.expire(2 * DAY, 1, 0)
        assert len(history.latest("#room", 10_000)) == remaining
        assert more
    assert history.removed == count
    assert not history.expire(2 * DAY, 1, 0)
    assert history.removed == count


def test_without_limits_nothing_expires(history: History) -> None:
    history.commit(rows(1, 10))
    assert not history.expire(10**15, 0, 0)
    assert len(history.latest("#room", 99)) == 10


def test_numbers_are_not_given_out_again_when_everything_has_expired(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit([*rows(1, 4), row(5, text="secret words")])
    expire_all(history, 10**15, 1, 0)
    assert history.removed == 5
    assert not history.expire(10**15, 1, 0)
    assert history.removed == 5
    assert history.latest("#room", 99) == []
    history.close()
    assert b"secret words" not in (tmp_path / "history.db").read_bytes()
    history = History(tmp_path)
    assert history.last() == (5, 50)
    history.commit([row(6, time=10**15)])
    expire_all(history, 10**15, 1, 1)
    assert seqs(history.latest("#room", 99)) == [6]
    (ids,) = zip(*history._connection.execute("SELECT id FROM history"), strict=True)
    assert ids == (6,)
    history.close()


def test_each_channel_keeps_its_newest_events(history: History) -> None:
    channels = {"#big": 3 * COUNT_ROWS, "#mid": 30, "#small": 5}
    seq = 0
    for channel, count in channels.items():
        history.commit(rows(seq + 1, seq + count, channel))
        seq += count
    expire_all(history, 0, 0, 20)
    for channel, count in channels.items():
        kept = history.latest(channel, 10_000)
        assert len(kept) == min(count, 20)
        assert history.latest(channel, 1)[0].seq == kept[-1].seq
    history.commit(rows(seq + 1, seq + 17, "#small"))
    expire_all(history, 0, 0, 20)
    assert seqs(history.latest("#small", 99)) == [seq - 2, seq - 1, seq, *range(seq + 1, seq + 18)]
    assert history.last()[0] == seq + 17


def test_age_and_count_together_keep_what_a_plain_filter_keeps(tmp_path: Path) -> None:
    chance = random.Random(3)
    history = History(tmp_path)
    stored: list[Row] = []
    seq = now = 0
    for _ in range(40):
        fresh = []
        for _ in range(chance.randrange(30)):
            seq, now = seq + 1, now + chance.randrange(DAY // 20)
            fresh.append(row(seq, chance.choice("abc"), time=now))
        stored += fresh
        history.commit(fresh)
        now += chance.choice([0, 0, 0, 3 * DAY])
        keep = chance.randrange(5, 40)
        expire_all(history, now, 2, keep)
        stored = [each for each in stored if each.time >= now - 2 * DAY]
        for channel in "abc":
            mine = [each for each in stored if each.channel == channel][-keep:]
            stored = [each for each in stored if each.channel != channel or each in mine]
            assert history.latest(channel, 1000) == mine
    history.close()


def test_expiring_while_locked_is_refused_and_done_later(history: History) -> None:
    history.commit(rows(1, 30))
    other = sqlite3.connect(history.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for limits in ((1, 0), (0, 10)):
        with pytest.raises(HistoryError, match="locked"):
            history.expire(10**15, *limits)
    other.close()
    expire_all(history, 0, 0, 10)
    assert seqs(history.latest("#room", 99)) == list(range(21, 31))
    assert history.removed == 20


def test_a_channel_is_forgotten_only_at_a_start_and_only_without_history(tmp_path: Path) -> None:
    history = History(tmp_path)
    other = ROOM._replace(name="#other", folded="#other")
    history.commit([row(1), row(2, "#other", time=10**15)], [ROOM, other])
    expire_all(history, 10**15, 1, 0)
    assert history.channels() == [other, ROOM]
    history.close()
    history = History(tmp_path)
    assert history.channels() == [other]
    history.close()


# Opening


def test_a_second_server_is_refused_by_the_number_of_the_first(tmp_path: Path) -> None:
    code = "history = History(directory); print('ready', flush=True); input(); history.close()"
    with in_another_process(code, tmp_path) as first:
        assert first.stdout
        assert first.stdout.readline() == "ready\n"
        with pytest.raises(HistoryError, match=rf"process {first.pid}\) uses .*--data-dir"):
            History(tmp_path)
        first.communicate("\n")
    History(tmp_path).close()


def test_closing_twice_does_no_harm_and_a_closed_history_says_so(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit([row(1)])
    assert seqs(history.latest("#room", 1)) == [1]
    history.close()
    assert sorted(contents(tmp_path)) == ["history.db"]
    again = History(tmp_path)
    history.close()
    with pytest.raises(HistoryError, match="has been closed"):
        history.latest("#room", 1)
    with pytest.raises(HistoryError, match="Another ircish server"):
        History(tmp_path)
    again.close()


def test_a_connection_in_use_while_closing_is_closed_when_it_comes_back(tmp_path: Path) -> None:
    history = History(tmp_path)
    with history._connections.borrow() as connection:
        history.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def closed_history(directory: Path) -> Path:
    history = History(directory)
    history.commit(rows(1, 500))
    history.close()
    return directory / "history.db"


def crashed_history(directory: Path, change: str = "") -> Path:
    """A directory as it is left by a kill: the log has not been moved into the database."""
    running = directory / "running"
    history = History(running)
    history.commit(rows(1, 500))
    history.checkpoint()
    history.commit(rows(501, 510))
    if change:
        history._connection.execute(change)
    crashed = directory / "crashed"
    crashed.mkdir()
    for name in ("history.db", "history.db-wal"):
        shutil.copy(running / name, crashed)
    history.close()
    return crashed / "history.db"


@pytest.mark.parametrize("make", [closed_history, crashed_history])
def test_a_newer_history_is_refused_and_left_as_it_is(make: object, tmp_path: Path) -> None:
    if make is crashed_history:
        path = crashed_history(tmp_path, f"PRAGMA user_version = {VERSION + 1}")
    else:
        path = closed_history(tmp_path)
        newer = sqlite3.connect(path)
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
        newer.close()
    before = contents(path.parent)
    for opening in (History, Archive):
        with pytest.raises(HistoryError, match=r"written by a newer ircish .*run that version"):
            opening(path.parent)
    after = contents(path.parent)
    after.pop("history.db-shm", None)  # SQLite's notes on the log, made anew at any time
    assert after == before


def test_a_crashed_history_is_whole(tmp_path: Path) -> None:
    path = crashed_history(tmp_path)
    archive = Archive(path.parent)
    assert archive.last()[0] == 510
    archive.close()
    history = History(path.parent)
    assert seqs(history.latest("#room", 9999)) == list(range(1, 511))
    history.close()


def zeroes(whole: bytes) -> bytes:
    return bytes(len(whole))


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def no_tables(whole: bytes) -> bytes:
    return whole[:100] + bytes(3996) + whole[4096:]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda whole: b"", "is empty"),
        (lambda whole: b"dear diary,\n" * 900, "is damaged"),
        (lambda whole: b"\n", "is damaged|is not a history"),
        (zeroes, "is damaged"),
        (cut, "is damaged"),
        (no_tables, "is damaged"),
    ],
)
def test_a_damaged_history_is_refused_and_left_as_it_is(
    damage: object, words: str, tmp_path: Path
) -> None:
    path = closed_history(tmp_path)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    before = contents(tmp_path)
    for opening in (History, Archive):
        with pytest.raises(HistoryError, match=words) as refusal:
            opening(tmp_path)
        assert "move it away to begin a new history" in str(refusal.value)
        assert str(path) in str(refusal.value)
    assert contents(tmp_path) == before


def test_a_small_history_that_crashed_is_checked_page_by_page(tmp_path: Path) -> None:
    path = crashed_history(tmp_path)
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2 // 4096 * 4096
    whole[middle : middle + 4096] = bytes(4096)
    path.write_bytes(whole)
    with pytest.raises(HistoryError, match=r"is damaged .*move it away"):
        History(path.parent)
    assert path.read_bytes() == whole
    Archive(path.parent).close()


def test_somebody_elses_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "history.db")
    other.execute("CREATE TABLE history(id INTEGER)")
    other.close()
    before = contents(tmp_path)
    with pytest.raises(HistoryError, match="is not a history of ircish"):
        History(tmp_path)
    assert contents(tmp_path) == before


def test_a_log_without_its_database_is_refused(tmp_path: Path) -> None:
    path = crashed_history(tmp_path)
    path.unlink()
    with pytest.raises(HistoryError, match=r"history.db-wal is there; put history.db back"):
        History(path.parent)
    assert (path.parent / "history.db-wal").stat().st_size > 0


def test_a_database_without_an_identity_is_damaged(tmp_path: Path) -> None:
    path = closed_history(tmp_path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("DELETE FROM identity")
    other.close()
    with pytest.raises(HistoryError, match="is damaged"):
        History(tmp_path)


def test_a_first_start_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "history.db.new").write_bytes(b"half of it")
    history = History(tmp_path)
    history.commit([row(1)])
    history.close()
    assert not (tmp_path / "history.db.new").exists()


def test_a_directory_that_cannot_be_used_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(HistoryError, match=r"cannot be used .*choose another --data-dir"):
        History(tmp_path / "file")
    (tmp_path / "a" / "history.db.new").mkdir(parents=True)
    with pytest.raises(HistoryError, match=r"history.db cannot be created \("):
        History(tmp_path / "a")
    (tmp_path / "b" / "history.db").mkdir(parents=True)
    with pytest.raises(HistoryError, match=r"unable to open|damaged"):
        History(tmp_path / "b")


def failing(only: str, code: int = sqlite3.SQLITE_CANTOPEN) -> object:
    real = ircish.history.connect

    def connect(uri: str, *, timeout: float) -> sqlite3.Connection:
        if only in uri:
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = code
            raise error
        return real(uri, timeout=timeout)

    return connect


@pytest.mark.parametrize("only", ["immutable=1", "mode=rw"])
def test_a_file_that_sqlite_cannot_open_is_refused_and_the_lock_let_go(
    only: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed_history(tmp_path)
    with monkeypatch.context() as patch:
        opening = ircish.saving if only == "mode=rw" else ircish.history
        patch.setattr(opening, "connect", failing(only))
        with pytest.raises(HistoryError, match="check the permissions"):
            History(tmp_path)
    History(tmp_path).close()


def test_a_disk_full_at_the_first_start_is_told_and_leaves_no_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ircish.saving, "SCHEMA", "PRAGMA max_page_count=2;" + ircish.saving.SCHEMA)
        with pytest.raises(HistoryError, match="the disk is full"):
            History(tmp_path)
    assert not (tmp_path / "history.db").exists()
    History(tmp_path).close()


def test_a_database_locked_at_the_start_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ircish.history, "PATIENCE", 0.01)
    path = crashed_history(tmp_path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = exclusive")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("PRAGMA user_version = 1")
    other.execute("COMMIT")
    with pytest.raises(HistoryError, match="another program has locked it"):
        History(path.parent)
    other.close()


def test_full_synchronous_is_passed_on(tmp_path: Path) -> None:
    for name, number in (("normal", 1), ("full", 2)):
        history = History(tmp_path, synchronous=name)  # type: ignore[arg-type]
        assert history._connection.execute("PRAGMA synchronous").fetchone() == (number,)
        history.close()


# Reading beside a server, or without one


def test_a_reader_beside_a_server_sees_what_is_committed(history: History, tmp_path: Path) -> None:
    history.commit(rows(1, 3), [ROOM])
    archive = Archive(tmp_path)
    assert archive.identity == history.identity
    history.commit(rows(4, 5))
    assert seqs(archive.latest("#room", 9)) == [1, 2, 3, 4, 5]
    with (
        pytest.raises(HistoryError, match="readonly"),
        archive._connections.borrow() as connection,
    ):
        connection.execute("DELETE FROM history")
    archive.close()
    archive.close()


def test_a_reader_without_a_server_leaves_the_history_as_it_is(tmp_path: Path) -> None:
    closed_history(tmp_path)
    before = contents(tmp_path)
    archive = Archive(tmp_path)
    assert archive.last() == (500, 5000)
    archive.close()
    assert contents(tmp_path)["history.db"] == before["history.db"]


def test_a_directory_without_a_history_is_told(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"There is no history in .*choose another --data-dir"):
        Archive(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_needs_no_right_to_write_in_the_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed_history(tmp_path)
    monkeypatch.setattr(ircish.history, "connect", failing("mode=ro"))
    archive = Archive(tmp_path)
    assert seqs(archive.latest("#room", 2)) == [499, 500]
    archive.close()


def test_a_locked_history_is_not_read_past_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed_history(tmp_path)
    monkeypatch.setattr(ircish.history, "connect", failing("mode=ro", sqlite3.SQLITE_BUSY))
    with pytest.raises(HistoryError, match="another program has locked it"):
        Archive(tmp_path)


# Taking back


def redaction(seq: int, msgid: str, channel: str = "#room") -> Row:
    return row(seq, channel, f"{msgid} ", "redact")


def said(seq: int, channel: str = "#room", kind: str = "message") -> Row:
    """With a msgid as a server gives them."""
    return row(seq, channel, f"words {seq}", kind)._replace(msgid=f"abcdef{seq:x}", tags="+x=words")


def without_words(whole: Row) -> Row:
    return whole._replace(kind=TAKEN_BACK, tags="", text="")


@pytest.mark.parametrize("kind", ["message", "notice", "tagmsg"])
@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_taken_back_has_lost_its_words_and_keeps_its_place(
    tmp_path: Path, kind: str, at_once: bool
) -> None:
    history = History(tmp_path)
    whole, back = said(0xAB, kind=kind), redaction(0xAC, "abcdefab")
    if at_once:
        history.commit([whole, back])
    else:
        history.commit([whole])
        history.commit([back])
    assert history.latest("#room", 9) == [without_words(whole), back]
    assert history.latest("#room", 9, kinds=[kind]) == []
    history.close()
    for opened in (Archive(tmp_path), History(tmp_path)):
        assert opened.latest("#room", 9) == [without_words(whole), back]
        opened.close()
    assert not any(b"words" in data for data in contents(tmp_path).values())


def test_what_was_taken_back_is_gone_though_the_server_was_killed(tmp_path: Path) -> None:
    code = """
history = History(directory)
row = Row(1, 10, "abcdef1", "message", "#room", "ann!a@host", None, "", "a secret")
history.commit([row, row._replace(seq=2, msgid="abcdef2", text="no secret")])
history.commit([row._replace(seq=3, msgid="abcdef3", kind="redact", text="abcdef1 oops")])
os.kill(os.getpid(), 9)
"""
    with in_another_process(code, tmp_path) as process:
        assert process.wait() == -9
    for opened in (Archive(tmp_path), History(tmp_path)):
        assert [each.text for each in opened.latest("#room", 9)] == [
            "",
            "no secret",
            "abcdef1 oops",
        ]
        opened.close()


@pytest.mark.parametrize(
    "back",
    [
        redaction(9, "abcdef1"),  # another channel's
        redaction(9, "ffffff2"),  # another run's
        redaction(9, "abcdef3"),  # a topic
        redaction(9, "abcdef4"),  # not there
        redaction(9, "abcdef2", "#other"),
        redaction(9, "abcdefffffffffffffffffff"),
        redaction(9, "abcdef-2"),
        redaction(9, "nonsense"),
        redaction(9, ""),
    ],
)
def test_only_the_message_that_is_named_is_taken_back(history: History, back: Row) -> None:
    stored = [said(1, "#other"), said(2), said(3, kind="topic")]
    history.commit(stored)
    history.commit([back])
    rows_ = history.latest("#room", 9) + history.latest("#other", 9)
    assert sorted(each for each in rows_ if each.kind != "redact") == stored
    assert not history.taken_back


def test_a_redaction_that_cannot_be_saved_takes_nothing_back(history: History) -> None:
    history.commit([said(1)])
    with pytest.raises(HistoryError, match="NOT NULL"):
        history.commit([redaction(2, "abcdef1"), row(3)._replace(text=None)])  # type: ignore[arg-type]
    assert history.latest("#room", 9) == [said(1)]
    assert not history.taken_back
    history.commit([redaction(2, "abcdef1"), row(3)])
    assert history.latest("#room", 1, before_seq=2) == [without_words(said(1))]


def test_what_was_taken_back_expires_like_the_rest(history: History) -> None:
    history.commit([said(seq) for seq in range(1, 11)])
    expire_all(history, 0, 0, 20)  # all are counted
    history.commit([redaction(11, "abcdef1"), redaction(12, "abcdef9")])
    expire_all(history, 0, 0, 4)
    assert seqs(history.latest("#room", 99)) == [9, 10, 11, 12]


# An older version's

VERSION_1 = """
CREATE TABLE history(
    id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, time INTEGER NOT NULL, msgid TEXT NOT NULL,
    kind TEXT NOT NULL, channel TEXT NOT NULL, source TEXT NOT NULL, account TEXT,
    tags TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX history_channel ON history(channel, seq);
CREATE TABLE channels(
    name TEXT NOT NULL, folded TEXT PRIMARY KEY, created INTEGER NOT NULL, topic TEXT NOT NULL,
    topic_by TEXT NOT NULL, topic_time INTEGER NOT NULL, modes TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE identity(uuid TEXT NOT NULL);
INSERT INTO identity VALUES('0123456789abcdef0123456789abcdef');
INSERT INTO channels VALUES('#Room', '#room', 1, 'all about rooms', 'ann', 2, '+nt');
INSERT INTO history VALUES(
    1, 1, 10, 'id1', 'message', '#room', 'ann!a@host', NULL, '', 'line 1');
PRAGMA application_id = 0x69726373;
PRAGMA user_version = 1;
PRAGMA journal_mode = wal;
"""
"""What ircish 0.1 made of one message."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A directory with a history of version 1."""
    connection = sqlite3.connect(tmp_path / "history.db")
    connection.executescript(VERSION_1)
    connection.close()
    return tmp_path


def version(directory: Path) -> int:
    connection = sqlite3.connect(directory / "history.db")
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(number)


def test_an_older_history_is_read_as_it_is(old: Path) -> None:
    before = contents(old)
    archive = Archive(old)
    assert (archive.channels(), archive.latest("#room", 9)) == ([ROOM], [row(1)])
    archive.close()
    assert (version(old), contents(old)) == (1, before)


def test_an_older_history_is_brought_to_this_version_and_goes_on(old: Path) -> None:
    banned = ROOM._replace(lists="b *!*@bad ann 5")
    for _ in range(2):
        history = History(old)
        assert history.latest("#room", 9, before_seq=2) == [row(1)]
        assert history.channels()[0]._replace(lists="") == ROOM
        if history.last() == (1, 10):
            assert history.channels() == [ROOM]
            history.commit([row(2)], [banned])
        history.close()
        assert version(old) == VERSION
    archive = Archive(old)
    assert (archive.channels(), seqs(archive.latest("#room", 9))) == ([banned], [1, 2])
    archive.close()


def test_an_older_history_is_brought_to_this_version_whole_or_not_at_all(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ircish.saving, "UPGRADES", [*ircish.saving.UPGRADES, "nonsense"])
    with pytest.raises(HistoryError, match="syntax error"):
        History(old)
    monkeypatch.undo()
    assert version(old) == 1
    archive = Archive(old)
    assert archive.channels() == [ROOM]
    archive.close()
    History(old).close()
    assert version(old) == VERSION

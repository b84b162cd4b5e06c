"""A history that cannot be written: a full disk, a locked database. The chat goes on."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from crowd import Crowd, Member
from process import ServerProcess

from ircish.config import load
from ircish.history import Archive
from ircish.rows import ChannelRecord, Row
from ircish.server import Server

pytestmark = pytest.mark.timeout(120)

COMPLAINT = "could not be saved"
AGAIN = "The history is saved again"
PADDING = "x" * 300
"""So that the disk is soon full."""

LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


class Talk:
    """Ann at netcat and Bob at a program speak, Carl and Dora read, Olga is an operator."""

    def __init__(self, crowd: Crowd, operator_password: str) -> None:
        self.crowd = crowd
        self.ann, self.carl = crowd.plain("ann"), crowd.plain("carl")
        self.bob, self.dora, self.olga = (
            crowd.irc(nick, "#lobby") for nick in ("bob", "dora", "olga")
        )
        self.everyone = [self.ann, self.bob, self.carl, self.dora, self.olga]
        crowd.settle(self.everyone)
        crowd.send(self.olga, f"OPER admin {operator_password}")
        crowd.settle(self.everyone)
        self.said: list[str] = []
        self._numbers = itertools.count()

    def say(self, count: int) -> None:
        """Ann and Bob say so many lines, one after the other, and Carl and Dora read each."""
        for number in itertools.islice(self._numbers, count):
            word = f"word{number}."
            if number % 2:
                self.crowd.send(self.ann, f"MSG {word} {PADDING}")
            else:
                self.crowd.send(self.bob, f"PRIVMSG #lobby :{word} {PADDING}")
            self.said.append(word)
            marks = [(each, max(0, len(each.received) - 1000)) for each in (self.carl, self.dora)]
            heard = lambda word=word, marks=marks: all(e.has(word, at) for e, at in marks)  # noqa: E731
            assert self.crowd.pump(5, heard), f"{word} did not come"

    def complaints(self, member: Member) -> int:
        """How many of their messages one was told of."""
        return member.received.count(COMPLAINT.encode())

    def settle(self) -> None:
        """Until each has been answered, and has heard what the writer had to tell them."""
        for _ in range(2):
            self.crowd.settle(self.everyone)
        self.crowd.pump(0.2)

    def say_until_told(self, most: int) -> int:
        """Speak until both speakers know that it is not saved; the number said."""
        for count in range(0, most, 10):
            if self.complaints(self.ann) and self.complaints(self.bob):
                return count
            self.say(10)
            self.settle()
        raise AssertionError(f"nobody was told of {most} messages")


def withstands(
    talk: Talk, take: Callable[[], object], give_back: Callable[[], object]
) -> dict[str, object]:
    """The history can be written, then it cannot, then it can."""
    talk.say(100)
    talk.settle()
    assert not any(map(talk.complaints, talk.everyone))
    take()
    before = talk.say_until_told(2_000)
    told = talk.complaints(talk.ann) + talk.complaints(talk.bob)
    talk.say(100)  # the chat goes on, and each is told of each message
    talk.settle()
    complaints = talk.complaints(talk.ann) + talk.complaints(talk.bob)
    assert complaints == told + 100
    assert not talk.complaints(talk.carl) + talk.complaints(talk.dora)
    assert talk.olga.has("The history cannot be saved")
    give_back()
    assert talk.crowd.pump(5, lambda: talk.olga.has(AGAIN)), "saving did not resume"
    talk.say(100)
    talk.settle()
    assert talk.complaints(talk.ann) + talk.complaints(talk.bob) == complaints
    return {
        "said until the speakers were told": before,
        "told of": complaints,
        "said in all": len(talk.said),
    }


def stored(data_dir: Path) -> list[str]:
    """The words of the messages in the history, in order."""
    archive = Archive(data_dir)
    try:
        rows = archive.earliest("#lobby", 1_000_000, kinds=("message",))
        return [row.text.partition(" ")[0] for row in rows]
    finally:
        archive.close()


def fill(ballast: Path, *, spare: int = 0) -> None:
    """Fill the disk, and leave that many bytes."""
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
        while file.write(bytes(4096)) == 4096:
            pass
    if spare:
        with ballast.open("r+b") as file:
            file.truncate(max(0, ballast.stat().st_size - spare))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory on a file system of 8 MiB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("only root can mount a small file system; max_page_count is tried instead")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_on_a_full_disk_the_speaker_is_told_and_saving_resumes(
    small_disk: Path, serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve(data_dir=small_disk / "data")
    ballast = small_disk / "ballast"
    with Crowd(server.address) as crowd:
        talk = Talk(crowd, server.operator_password)
        figures = withstands(talk, lambda: fill(ballast, spare=256 << 10), ballast.unlink)
        assert server.terminate() == 0
        assert stored(server.data_dir) == talk.said
    for what, value in figures.items():
        figure(what, value)
    figure("missing in the history", 0)


def test_what_is_said_on_a_full_disk_without_complaint_survives_a_kill(
    small_disk: Path, serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve(data_dir=small_disk / "data")
    ballast = small_disk / "ballast"
    with Crowd(server.address) as crowd:
        talk = Talk(crowd, server.operator_password)
        talk.say(50)
        fill(ballast, spare=256 << 10)
        talk.say_until_told(2_000)
        talk.say(50)
        talk.settle()
        complaints = talk.complaints(talk.ann) + talk.complaints(talk.bob)
    server.kill()
    ballast.unlink()
    kept = stored(server.data_dir)
    assert kept == talk.said[: len(kept)]
    missing = len(talk.said) - len(kept)
    assert missing <= complaints
    serve(data_dir=server.data_dir)
    figure("said", len(talk.said))
    figure("missing after the kill", f"{missing}, told of {complaints}")


def test_where_the_database_may_not_grow_the_speaker_is_told_and_saving_resumes(
    tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    settings = {
        "server.port": 0, "server.data_dir": str(tmp_path), "limits.flood_rate": 0,
        "server.name": "chat.example",
    }  # fmt: skip
    server = _Bounded(load(None, settings))
    server.start()
    try:
        with Crowd(server.address) as crowd:
            talk = Talk(crowd, server.one_time_password)
            figures = withstands(talk, lambda: server.bound(1), lambda: server.bound(1 << 30))
    finally:
        server.stop()
    assert stored(tmp_path) == talk.said
    for what, value in figures.items():
        figure(what, value)
    figure("missing in the history", 0)


class _Bounded(Server):
    """A server in this process whose history's size can be limited, by its own writer."""

    pages = 0

    def bound(self, pages: int) -> None:
        self.pages = pages

    def commit(self, rows: Sequence[Row], channels: Sequence[ChannelRecord]) -> None:  # type: ignore[override]
        if self.pages:
            self.history.max_page_count(self.pages)
            self.pages = 0
        super().commit(rows, channels)


def test_while_the_database_is_locked_the_speaker_is_told_and_saving_resumes(
    serve: Callable[..., ServerProcess], figure: Callable[[str, object], None]
) -> None:
    server = serve()
    lockers: list[subprocess.Popen[bytes]] = []

    def lock() -> None:
        command = [sys.executable, "-c", LOCKER, str(server.data_dir / "history.db")]
        lockers.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert lockers[0].stdout
        assert lockers[0].stdout.readline() == b"locked\n"

    def unlock() -> None:
        talk.crowd.pump(3)
        lockers[0].communicate(timeout=10)

    with Crowd(server.address) as crowd:
        talk = Talk(crowd, server.operator_password)
        figures = withstands(talk, lock, unlock)
        assert server.terminate() == 0
    assert stored(server.data_dir) == talk.said
    for what, value in figures.items():
        figure(what, value)
    figure("missing in the history", 0)

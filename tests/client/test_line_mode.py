"""The client line by line: what is printed once, what is typed, and how it ends."""

from __future__ import annotations

import asyncio
import io
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

import ircish
from ircish.client import plain
from ircish.client.client import Client
from ircish.client.command import Commands
from ircish.client.lines import LONGEST, Lines
from ircish.client.linking import Linking
from ircish.client.log import FAILED, PENDING, Entry, Kind
from ircish.client.place import Place
from ircish.client.plain import PlainFace, words
from ircish.client.plugins import Plugins
from ircish.client.settings import Settings
from ircish.testing import PATIENCE, Chat

NOON = 1_800_000_000.0


class Link:
    """What a Client sends, and nothing else."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.sent = ""

    def flush(self) -> None:
        self.sent += self.client.outgoing().decode()

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: None


class World:
    """A client on a server that the test speaks for, its face, and what was printed."""

    def __init__(self, *, person: bool = False) -> None:
        self.out = io.StringIO()
        self.time = 0.0
        settings = Settings(fold=False, time_format="%M")
        self.client = Client(
            settings, Commands(), Plugins(), clock=lambda: NOON, monotonic=lambda: self.time
        )
        self.link = self.client.link = Link(self.client)
        self.face = self.client.face = PlainFace(self.client, self.out, person=person)
        self.client.plugins.listen(self.face.hear)

    def printed(self) -> list[str]:
        """The lines since the last time, without their minutes."""
        self.face.print_new()
        lines = self.out.getvalue().splitlines()
        self.out.seek(0)
        self.out.truncate()
        return [line.removeprefix(time.strftime("%M ", time.localtime(NOON))) for line in lines]

    def hears(self, *lines: str) -> None:
        """The server says lines."""
        self.client.received("".join(f"{line}\r\n" for line in lines).encode())

    def connects(self, *channels: str) -> None:
        """We come in, and into channels; all of that is printed already."""
        self.client.connecting(Place("irc.example", 6667, nick="ann", join=channels))
        self.client.connected()
        self.hears(":s 001 ann :Hello", ":s 005 ann CHANTYPES=# :are", ":s 422 ann :No MOTD")
        for channel in channels:
            self.hears(
                f":ann!a@h JOIN {channel}",
                f":s 353 ann = {channel} :ann ben",
                f":s 366 ann {channel} :End",
            )
        self.printed()


Scenario = Callable[..., Coroutine[Any, Any, None]]


def lived(scenario: Scenario) -> Callable[[], None]:
    """A test that runs on a loop."""

    def test() -> None:
        async def main() -> None:
            async with asyncio.timeout(PATIENCE):
                await scenario()

        asyncio.run(main())

    return test


# One line -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "fields", "line"),
    [
        ("message", "hello", {"nick": "ann"}, "<ann> hello"),
        ("message", "hello", {"nick": "ann", "mark": "@"}, "<@ann> hello"),
        ("message", "hi", {"nick": "ann", "where": "@#dev"}, "[@#dev] <ann> hi"),
        ("message", "hi", {"nick": "ann", "flags": FAILED}, "<ann> hi (not sent)"),
        ("action", "waves", {"nick": "ann"}, " * ann waves"),
        ("notice", "psst", {"nick": "ann"}, "-ann- psst"),
        ("notice", "psst", {}, "-!- psst"),
        ("crowd", "ben has joined", {}, "-!- ben has joined"),
        ("error", "no", {}, "-!- no"),
        ("message", "\2bold\2 \00304,05red\3", {"nick": "ann"}, "<ann> bold red"),
        ("message", "\x1b[2J\n\u202e\x07\x9b", {"nick": "\x1bann"}, "<ann> [2J"),
    ],
)
def test_an_entry_is_one_line_that_no_terminal_obeys(
    kind: Kind, text: str, fields: dict[str, Any], line: str
) -> None:
    assert words(Entry(0, kind, text, **fields)) == line


# What is printed ----------------------------------------------------------------------------------


@lived
async def test_other_windows_are_named_and_a_switch_is_told() -> None:
    world = World()
    world.connects("#a", "#b")
    world.hears(":ben!b@h PRIVMSG #a :one", ":ben!b@h PRIVMSG #b :two", ":ben!b@h PRIVMSG ann :x")
    assert world.printed() == ["[#a] <ben> one", "<ben> two", "[ben] <ben> x"]
    world.client.type("/win 2")
    world.hears(":ben!b@h PRIVMSG #a :three")
    assert world.printed() == ["-!- Window 2: #a", "<ben> three"]
    assert world.printed() == []


@lived
async def test_what_is_said_in_several_windows_at_once_is_printed_for_one() -> None:
    world = World()
    world.connects("#a", "#b")
    world.hears(":ben!b@h QUIT :bye")
    (line,) = world.printed()
    assert line.endswith("-!- ben has quit (bye)")
    world.hears(":cas!c@h PRIVMSG #a :hi", ":cas!c@h PRIVMSG #b :hi")
    assert world.printed() == ["[#a] <cas> hi", "<cas> hi"]


@lived
async def test_our_words_are_printed_once_when_they_are_confirmed() -> None:
    world = World()
    world.connects("#a")
    session = world.client.session
    assert session
    session.caps = frozenset({"echo-message"})
    world.client.type("hello")
    last = world.client.windows.current.log.last
    assert last
    assert last.flags & PENDING
    assert world.printed() == []
    world.hears(":ann!a@h PRIVMSG #a :hello")
    assert world.printed() == ["<ann> hello"]
    assert world.printed() == []


@lived
async def test_what_was_not_sent_says_so() -> None:
    world = World()
    world.connects("#a")
    session = world.client.session
    assert session
    session.caps = frozenset({"echo-message"})
    world.client.type("hello")
    world.client.lost("The cable is cut.", 10.0)
    printed = world.printed()
    assert "<ann> hello (not sent)" in printed
    assert sum("The cable is cut." in line for line in printed) == 1
    assert world.face.failed == 1


@lived
async def test_a_lost_connection_is_told_once_and_not_at_every_try() -> None:
    world = World(person=True)
    world.connects("#a")
    world.client.lost("The cable is cut.", 10.0)
    first = world.printed()
    assert first[-1] == f"-!- {plain.LOST}"
    place = world.client.place
    assert place
    for _ in range(3):
        world.client.connecting(place)
        world.client.lost("Nothing listens there.", 20.0)
        first += world.printed()
    assert sum("Connecting to irc.example" in line for line in first) == 1
    assert sum("Nothing listens there." in line for line in first) == 1
    assert sum(plain.LOST in line for line in first) == 1
    for _ in range(2):  # who asks is answered
        world.face.typed()
        world.client.type("hello")
        assert any("Not connected" in line for line in world.printed())
    world.connects()
    world.client.lost("The cable is cut.", 10.0)
    assert any("The cable is cut." in line for line in world.printed())


@lived
async def test_who_comes_and_goes_is_printed_line_by_line_or_not_at_all() -> None:
    world = World()
    world.connects("#a")
    world.hears(":cas!c@h JOIN #a", ":cas!c@h PART #a", ":dee!d@h JOIN #a")
    assert [line.split()[1] for line in world.printed()] == ["cas", "cas", "dee"]
    world.client.settings.noise = False
    world.hears(":eve!e@h JOIN #a", ":eve!e@h NICK fay", ":fay!e@h PRIVMSG #a :hi")
    assert world.printed() == ["<fay> hi"]


@lived
async def test_a_mention_is_printed_once_and_rings_only_a_terminal() -> None:
    world = World()
    world.connects("#a")
    world.client.windows.looking = False
    world.hears(":ben!b@h PRIVMSG #a :ann, look")
    assert world.printed() == ["<ben> ann, look"]
    world.out.isatty = lambda: True  # type: ignore[method-assign]
    world.hears(":ben!b@h PRIVMSG #a :ann, look", ":ben!b@h PRIVMSG #a :ann, look")
    world.face.print_new()
    assert world.out.getvalue().count("\a") == 1
    world.time = 60.0
    world.client.settings.bell = False
    world.hears(":ben!b@h PRIVMSG #a :ann, look")
    assert world.out.getvalue().count("\a") == 1


@lived
async def test_entries_that_the_log_dropped_or_a_window_that_closed_break_nothing() -> None:
    world = World()
    world.connects("#a")
    session = world.client.session
    assert session
    session.caps = frozenset({"echo-message"})
    world.client.type("hello")
    world.printed()
    window = world.client.windows.current
    window.log.clear()
    world.hears(":ben!b@h PRIVMSG #a :hi")
    assert world.printed() == ["<ben> hi"]
    world.client.type("hello")
    world.printed()
    world.client.windows.close(window)
    assert world.printed() == ["-!- Window 1: server"]
    assert await world.face.settled(ask=False)


# Lines --------------------------------------------------------------------------------------------


def read(descriptor: int) -> list[str]:
    """All lines of a descriptor."""

    async def main() -> list[str]:
        lines, found = Lines(descriptor), []
        async with asyncio.timeout(PATIENCE):
            while (line := await lines.next()) is not None:
                found.append(line)
        return found

    return asyncio.run(main())


class Pipe:
    """A pipe to read from, and who writes."""

    def __init__(self) -> None:
        read_end, write_end = os.pipe()
        self.reader = open(read_end, "rb", 0)  # noqa: SIM115
        self.writer = open(write_end, "wb", 0)  # noqa: SIM115

    @property
    def stdin(self) -> int:
        return self.reader.fileno()

    def gets(self, data: bytes) -> None:
        """All that will ever come."""
        self.writer.write(data)
        self.writer.close()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.reader.close()
    pipe.writer.close()


LINES = (b"one\ntwo\r\n\n\xff\xc3\xa9 \nend", ["one", "two", "", "\ufffdé ", "end"])


def test_lines_come_from_a_pipe_and_from_a_file(pipe: Pipe, tmp_path: Path) -> None:
    data, expected = LINES
    pipe.gets(data)
    assert read(pipe.stdin) == expected
    (tmp_path / "file").write_bytes(data)
    with open(tmp_path / "file", "rb") as file:
        assert read(file.fileno()) == expected
    with open(os.devnull, "rb") as nothing:
        assert read(nothing.fileno()) == []


def test_what_has_no_lines_is_cut(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * (3 * LONGEST + 1))
    with open(tmp_path / "file", "rb") as file:
        lines = read(file.fileno())
    assert "".join(lines) == "x" * (3 * LONGEST + 1)
    assert max(map(len, lines)) <= 2 * LONGEST


def test_reading_leaves_the_descriptor_as_it_was(pipe: Pipe) -> None:
    pipe.gets(b"")
    read(pipe.stdin)
    assert os.get_blocking(pipe.stdin)


# All of it, on a real server ----------------------------------------------------------------------


class Out(io.StringIO):
    """What was printed, and a way to do something when it is."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited: list[tuple[str, Callable[[], object]]] = []

    def write(self, text: str) -> int:
        count = super().write(text)
        for each in self.awaited[:]:
            if each[0] in self.getvalue():
                self.awaited.remove(each)
                each[1]()
        return count


def chats(
    address: tuple[str, int], stdin: int, out: io.StringIO, join: tuple[str, ...] = ("#dev",)
) -> int:
    """Chat line by line until it ends; the exit code."""

    async def main() -> int:
        client = Client(
            Settings(), Commands(), Plugins(), clock=time.time, monotonic=time.monotonic
        )
        link = client.link = Linking(client)

        async def begin() -> None:
            link.connect(Place(*address, nick="bot", join=join))

        try:
            async with asyncio.timeout(PATIENCE):
                return await plain.run(client, begin, stdin=stdin, stdout=out)
        finally:
            link.disconnect()
            await link.closed()

    return asyncio.run(main())


def test_all_from_a_pipe_is_delivered_before_we_leave(chat: Chat, pipe: Pipe) -> None:
    ben = chat.irc("ben", join="#dev")
    pipe.gets(b"hello\n/me waves\n/join #other\nthere\n//slash")
    out = Out()
    assert chats(chat.address, pipe.stdin, out) == 0
    heard = [line.partition(" ")[2] for line in ben.until(lambda line: "QUIT" in line)]
    assert heard[0] == "JOIN #dev"
    assert heard[1:-1] == ["PRIVMSG #dev :hello", "PRIVMSG #dev :\1ACTION waves\1"]
    lines = [line[6:] for line in out.getvalue().splitlines()]
    assert lines.index("<bot> hello") < lines.index(" * bot waves")
    assert lines[-2:] == ["<@bot> there", "<@bot> /slash"]
    assert lines.count("<bot> hello") == 1


def test_a_line_that_is_many_messages_is_delivered_whole(chat: Chat, pipe: Pipe) -> None:
    ben = chat.irc("ben", join="#dev")
    text = " ".join(f"word{number}" for number in range(400))
    pipe.gets(text.encode())
    assert chats(chat.address, pipe.stdin, Out()) == 0
    heard = [line for line in ben.until(lambda line: "QUIT" in line) if "PRIVMSG" in line]
    assert len(heard) > 5
    said = "".join(line.partition(" :")[2] for line in heard)
    assert said.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("wrong", ["/nosuchcommand", "/msg nobody hello"])
def test_what_could_not_be_delivered_makes_the_exit_code_1(
    chat: Chat, pipe: Pipe, wrong: str
) -> None:
    ben = chat.irc("ben", join="#dev")
    pipe.gets(f"{wrong}\nhello\n".encode())
    assert chats(chat.address, pipe.stdin, Out()) == 1
    assert any(line.endswith(":hello") for line in ben.until(lambda line: "QUIT" in line))


def test_where_nothing_listens_a_pipe_is_told_at_once(pipe: Pipe) -> None:
    pipe.writer.write(b"hello\n")
    out = Out()
    assert chats(("127.0.0.1", 1), pipe.stdin, out) == 1
    assert "Nothing listens" in out.getvalue()
    assert "(not sent)" not in out.getvalue()


@lived
async def test_a_pipe_waits_for_a_connection_that_was_lost() -> None:
    world = World()
    world.connects("#a")
    assert world.client.session
    world.face.hear(plain.Pong("plain1"))
    assert await world.face.ready()
    world.client.lost("The cable is cut.", 10.0)
    waiting = asyncio.ensure_future(world.face.ready())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    world.connects("#a")
    while "PING plain2" not in world.link.sent:
        await asyncio.sleep(0)
    world.hears(":s PONG s plain2")
    assert await waiting
    world.client.lost("You are banned.", None)
    assert not await world.face.ready()


def test_at_a_terminal_what_is_typed_is_said_and_its_end_is_ours(chat: Chat) -> None:
    ben = chat.irc("ben", join="#dev")
    person, terminal = os.openpty()
    out = Out()
    out.awaited = [
        ("You are in #dev.", lambda: os.write(person, b"hello\n")),
        ("<bot> hello", lambda: os.write(person, b"\4")),
    ]
    assert chats(chat.address, terminal, out) == 0
    heard = ben.until(lambda line: "QUIT" in line)
    assert any(line.endswith("PRIVMSG #dev :hello") for line in heard)
    os.close(person)
    os.close(terminal)


def test_who_reads_no_more_ends_it(chat: Chat, pipe: Pipe) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            if "You are in" in text:
                raise BrokenPipeError
            return len(text)

    ben = chat.irc("ben", join="#dev")
    with pytest.raises(BrokenPipeError):
        chats(chat.address, pipe.stdin, Gone())
    ben.until(lambda line: "QUIT" in line)


PROGRAM = """
import sys
from ircish import cli
from ircish.client import face
from ircish.client.place import Place

def chat(words):
    place = Place("127.0.0.1", int(words[0]), nick="bot", join=("#dev",))
    return face.run(place, plain=True, embedded=False)

cli.run = chat
sys.exit(cli.main(sys.argv[1:]))
"""


def program(chat: Chat, tmp_path: Path, **streams: Any) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(ircish.__file__).parent.parent),
        "PYTHONIOENCODING": "utf-8",
        **{f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "STATE", "DATA", "CACHE")},
    }
    command = [sys.executable, "-W", "error", "-c", PROGRAM, str(chat.address[1])]
    return subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, encoding="utf-8", **streams
    )


def test_the_program_delivers_from_a_pipe_and_quits(chat: Chat, tmp_path: Path) -> None:
    ben = chat.irc("ben", join="#dev")
    process = program(chat, tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, errors = process.communicate("hello\n/quit\n", PATIENCE)
    assert (process.returncode, errors) == (0, "")
    assert "<bot> hello" in out
    assert "\x1b" not in out
    assert any(line.endswith(":hello") for line in ben.until(lambda line: "QUIT" in line))


def test_without_input_and_output_the_program_comes_and_goes(chat: Chat, tmp_path: Path) -> None:
    ben = chat.irc("ben", join="#dev")
    process = program(chat, tmp_path, preexec_fn=lambda: (os.close(0), os.close(1)))
    _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    assert "JOIN" in ben.until(lambda line: "QUIT" in line)[0]


def test_ctrl_c_at_a_terminal_ends_the_program(chat: Chat, tmp_path: Path) -> None:
    ben = chat.irc("ben", join="#dev")
    person, terminal = os.openpty()
    process = program(chat, tmp_path, stdin=terminal, stdout=terminal)
    try:
        shown = b""
        while b"You are in #dev." not in shown:
            assert select.select([person], [], [], PATIENCE)[0]
            shown += os.read(person, 4096)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
        assert (process.returncode, errors) == (130, "")
        ben.until(lambda line: "QUIT" in line)
    finally:
        process.kill()
        process.wait()
        os.close(person)
        os.close(terminal)

"""The real command in a real terminal, against a real server, with others who talk."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_server import FakeServer
from started import command, environment, started
from terminal import Terminal

from ircish.testing import Chat

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """``start(port, "--join", "#dev", nick="ben")``: somebody at a terminal."""
    with contextlib.ExitStack() as terminals:

        def begin(*arguments: str | int, nick: str = "ann", **size: int) -> Terminal:
            terminal = started(tmp_path / nick, *arguments, nick=nick, **size)
            return terminals.enter_context(terminal)

        yield begin


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    with FakeServer() as server:
        yield server


def nicks(terminal: Terminal) -> list[str]:
    """The nick list."""
    found = (row.partition("│")[2].strip() for row in terminal.screen()[1:-2])
    return [nick for nick in found if nick]


def on_same_port(chat: Chat) -> None:
    """From now on, the chat comes back where it was."""
    server = dataclasses.replace(chat.config.server, port=chat.address[1])
    chat.config = dataclasses.replace(chat.config, server=server)


def test_two_clients_and_an_nc_talk(chat: Chat, start: Start) -> None:
    port = chat.address[1]
    ann = start(port)
    ann.wait_for("[#lobby]")
    ben = start(port, nick="ben")
    ben.wait_for("[#lobby]")
    cas = chat.nc("cas")
    ann.wait_for(lambda rows: nicks(ann) == ["ann", "ben", "cas"])
    ben.wait_for(lambda rows: nicks(ben) == ["ann", "ben", "cas"])

    ann.type("hello all\n")
    ben.wait_for("<ann> hello all")
    ann.wait_for(lambda rows: any(row.rstrip("│ ").endswith("<ann> hello all") for row in rows))
    cas.expect("hello all")
    cas.send("MSG ann: hello from nc")
    ann.wait_for("<cas> ann: hello from nc")
    ben.wait_for("<cas> ann: hello from nc")
    row, column = ann.find("hello from nc")
    assert ann.attributes(row, column).fg != ben.attributes(*ben.find("hello from nc")).fg

    ben.type("/me waves\n")
    ann.wait_for(" * ben waves")
    ben.type("/topic all is well\n")
    ann.wait_for(lambda rows: rows[0].startswith(" #lobby all is well"))

    ben.type("/msg ann psst\n")
    ann.wait_for("Act: 3,4")
    ann.keys("a-a", "a-a")
    ann.wait_for("[ben] ")
    ann.wait_for("<ben> psst")
    ann.type("what?\n")
    ann.wait_for("<ann> what?")
    ann.keys("a-2")
    ann.wait_for("[#lobby] ")

    for terminal in (ann, ben):
        terminal.type("/join #dev\n")
        terminal.wait_for("[#dev] ")
    cas.ask("JOIN #dev")
    ann.wait_for(lambda rows: nicks(ann) == ["@ann", "ben", "cas"])
    ann.type("/kick cas too loud\n")
    ben.wait_for("too loud")
    ben.wait_for(lambda rows: nicks(ben) == ["@ann", "ben"])
    cas.expect("too loud")

    ben.type("/quit good night\n")
    assert ben.wait() == 0
    ann.wait_for("ben has quit")
    assert "Traceback" not in ben.output.decode()


def test_a_server_that_comes_back_is_found_and_what_was_missed_is_fetched(
    chat: Chat, start: Start
) -> None:
    on_same_port(chat)
    ann = start(chat.address[1])
    ann.wait_for("[#lobby]")
    ben = chat.nc("ben")
    ben.ask("MSG before it went")
    ann.wait_for("<ben> before it went")
    ann.type("a draft")
    ann.wait_for("[#lobby] a draft")
    chat.stop()
    ann.wait_for("disconnected, trying again in")
    ann.keys("enter")
    ann.wait_for("Nothing was sent.")
    ann.keys("up")
    ann.wait_for("[#lobby] a draft")

    chat.restart()
    cas = chat.nc("cas")
    cas.ask("MSG said while ann was away")
    chat.settled()
    ann.wait_for("<cas> said while ann was away")
    ann.wait_for(lambda rows: "disconnected" not in rows[-2] and "not conn" not in rows[-2])
    assert str(ann).count("before it went") == 1
    ann.wait_for(lambda rows: nicks(ann) in (["ann", "cas"], ["@ann", "cas"], ["ann", "@cas"]))
    ann.keys("enter")
    cas.expect("a draft")


def test_a_line_that_the_server_never_had_is_marked(fake: FakeServer, start: Start) -> None:
    ann = start(fake.port, "--join", "#dev")
    fake.accept()
    fake.expect("USER")
    fake.say(
        ":f CAP * LS :echo-message labeled-response batch message-tags",
    )
    fake.expect("CAP REQ")
    fake.say(
        ":f CAP * ACK :echo-message labeled-response batch message-tags",
        ":f 001 ann :Welcome",
        ":f 422 ann :No message",
        ":ann!a@host JOIN #dev",
        ":f 353 ann = #dev :ann",
        ":f 366 ann #dev :End",
    )
    ann.wait_for("[#dev]")
    ann.type("is anybody there?\n")
    ann.wait_for("is anybody there? …")
    fake.expect("PRIVMSG #dev")
    fake.drop()
    ann.wait_for("is anybody there? (not sent)")
    ann.wait_for("/resend says them again")


def test_a_closed_terminal_ends_the_program_and_the_server_is_told(
    fake: FakeServer, start: Start
) -> None:
    for number in (signal.SIGHUP, signal.SIGTERM):
        ann = start(fake.port, "--join", "#dev", nick="ann")
        fake.welcome()
        ann.wait_for("[#dev]")
        os.kill(ann.process.pid, number)
        fake.expect("QUIT")
        fake.say("ERROR :Closing link")
        fake.drop()
        assert ann.wait() == 0
        assert "Traceback" not in ann.output.decode()
        assert ann.output.decode().endswith("\x1b[?1004l")
    ann = start(fake.port, "--join", "#dev", nick="ann")
    fake.welcome()
    ann.wait_for("[#dev]")
    os.close(ann._fd)  # the window is closed, by whoever
    ann._fd = -1
    fake.expect("QUIT")
    fake.drop()
    ann.process.wait(20)


def test_suspended_and_resumed_it_goes_on(fake: FakeServer, tmp_path: Path) -> None:
    line = " ".join(command("chat", "127.0.0.1", fake.port, "--nick", "ann", "--join", "'#dev'"))
    environ = environment(tmp_path)
    with Terminal(["/bin/bash", "--norc", "--noediting", "-i"], 100, 30, environ, tmp_path) as ann:
        ann.wait_for("$ ")
        ann.type(f"{line}\n")
        fake.welcome()
        ann.wait_for("[#dev]")
        ann.type("a draft")
        ann.wait_for("[#dev] a draft")
        ann.keys("c-z")
        ann.wait_for("Stopped")
        fake.say(":ben!b@host PRIVMSG #dev :said meanwhile")
        ann.type("fg\n")
        ann.wait_for("<ben> said meanwhile")
        ann.wait_for("[#dev] a draft")
        ann.type("!")
        ann.wait_for("[#dev] a draft!")
        ann.type("\n")
        assert fake.expect("PRIVMSG") == "PRIVMSG #dev :a draft!"
        ann.type("/quit\n")
        fake.expect("QUIT")
        fake.drop()
        ann.wait_for(lambda rows: [row.strip() for row in rows if row.strip()][-1:] == ["$"])
        ann.type("exit\n")
        ann.wait()


def test_keys_are_echoed_while_a_server_says_nothing(fake: FakeServer, start: Start) -> None:
    ann = start(fake.port)
    fake.accept()
    ann.wait_for("coming in…")
    ann.type("echo")
    ann.wait_for("[server] echo")
    fake.say_bytes(b":half a line without an e")
    ann.type("ed")
    ann.wait_for("[server] echoed")


def test_where_nobody_listens_one_can_look_elsewhere(fake: FakeServer, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ann = start(port)
    ann.wait_for(f"Nothing listens on 127.0.0.1:{port}")
    ann.wait_for("trying again in")
    ann.type(f"/connect 127.0.0.1 {fake.port}\n")
    fake.welcome()
    ann.wait_for("You are in as ann")


def test_line_mode_is_the_same_chat(chat: Chat, tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "ann").mkdir()
    with subprocess.Popen(
        command("chat", *chat.address, "--nick", "ann", "--plain"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment(tmp_path / "ann")},
        text=True,
    ) as plain:
        assert plain.stdin
        assert plain.stdout
        read = iter(plain.stdout.readline, "")
        assert next(line for line in read if "You are in #lobby" in line)
        ben = chat.nc("ben")
        ben.ask("MSG hello from nc")
        assert next(line for line in read if "<ben> hello from nc" in line)
        plain.stdin.write("hello from a pipe\n/quit\n")
        plain.stdin.flush()
        ben.expect("hello from a pipe")
        rest = "".join(read)
        assert plain.wait(20) == 0
        assert "\x1b" not in rest
        assert "Traceback" not in rest


# A server of our own ----------------------------------------------------------------------------

BARE = """\
import sys
import ircish.arguments
ircish.arguments.PORT = int(sys.argv.pop(1))
from ircish.cli import main
sys.exit(main())
"""
"""Bare `ircish`, whose default port is another: others' tests may run beside."""


def bare(home: Path, port: int) -> Terminal:
    home.mkdir()
    argv = [sys.executable, "-P", "-c", BARE, str(port), "--nick", home.name]
    return Terminal(argv, env=environment(home), cwd=home)


@pytest.fixture
def port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found: int = taken.getsockname()[1]
    return found


def ended(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_bare_ircish_brings_a_server_and_asks_what_becomes_of_it(tmp_path: Path, port: int) -> None:
    pid = 0
    try:
        with bare(tmp_path / "ann", port) as ann:
            ann.wait_for("[#lobby]")
            ann.keys("a-1")
            ann.wait_for(f"started one on 127.0.0.1:{port}")
            pid = int(re.findall(r"process (\d+)", str(ann))[0])
            with bare(tmp_path / "ben", port) as ben:
                ben.wait_for("[#lobby]")
                ben.type("hello\n")
                ann.type("/quit\n")
                ann.wait_for("1 other person is on your server. Should it go on without you?")
                ann.keys("c")
                ann.wait_for(lambda rows: not any("Should it go on" in row for row in rows))
                ann.type("/quit\n")
                ann.wait_for("Should it go on")
                ann.keys("y")
                assert ann.wait() == 0
                assert not ended(pid)
                ben.wait_for("ann has quit")
                ben.type("/quit\n")  # it is not ben's
                assert ben.wait() == 0
                assert not ended(pid)
            with bare(tmp_path / "cas", port) as cas:
                cas.wait_for("[#lobby]")
                cas.wait_for("<ben> hello")
    finally:
        if pid:
            os.kill(pid, signal.SIGTERM)


def test_a_server_of_ones_own_ends_with_n_and_when_nobody_else_is_there(
    tmp_path: Path, port: int
) -> None:
    with bare(tmp_path / "ann", port) as ann:
        ann.wait_for("[#lobby]")
        ann.keys("a-1")
        ann.wait_for("process ")
        pid = int(re.findall(r"process (\d+)", str(ann))[0])
        with socket.create_connection(("127.0.0.1", port)) as nc:
            nc.sendall(b"NICK ben\r\n")
            ann.keys("a-2")
            ann.wait_for(lambda rows: "ben" in nicks(ann))
            ann.type("/quit\n")
            ann.wait_for("Should it go on")
            ann.keys("n")
            assert ann.wait() == 0
            assert ended(pid)
    with bare(tmp_path / "dan", port) as dan:
        dan.wait_for("[#lobby]")
        dan.keys("a-1")
        dan.wait_for("process ")
        pid = int(re.findall(r"process (\d+)", str(dan))[0])
        dan.type("/quit\n")
        assert dan.wait() == 0
        assert ended(pid)

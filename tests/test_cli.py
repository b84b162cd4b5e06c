"""The command line: what each subcommand prints, where, and its exit code."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

import ircish.client.link
from ircish import __version__
from ircish.cli import COMMANDS, main
from ircish.client.place import own_nick
from ircish.config import check_password, load
from ircish.offline import moment
from ircish.rows import ChannelRecord, Row
from ircish.saving import History
from ircish.serving import welcome, why_not
from ircish.testing import PATIENCE, Chat, Person

Run = Callable[..., tuple[int, str, str]]
NOON = 1_732_276_800_000  # 2024-11-22 12:00 UTC, in ms


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No ircish.toml, data or password of whoever runs the tests; the log as it was."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv("IRCISH_PASSWORD", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    log = logging.getLogger("ircish")
    before = log.handlers[:], log.propagate, log.level
    yield
    log.handlers[:], log.propagate, log.level = before
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("send", "#lobby", "hi")``: the exit code, what was printed, what was complained."""

    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return run


def is_sentence(err: str) -> bool:
    """One clear line."""
    return err.startswith("ircish: ") and err.count("\n") == 1 and err.endswith("\n")


Visit = Callable[[IO[str]], None]


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """``visited(visit, "tail", "#lobby")``: the exit code of a command that runs on while
    ``visit(its output)`` runs in a thread. A visit that fails ends it."""

    def visited(visit: Visit, *words: object) -> int:
        reading, writing = os.pipe()
        faults: list[BaseException] = []

        def go() -> None:
            try:
                with open(reading) as output:
                    visit(output)
            except BaseException as fault:
                faults.append(fault)
                interrupt()

        visitor = threading.Thread(target=go)
        with open(writing, "w") as stdout, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stdout)
            visitor.start()
            code = main([str(word) for word in words])
        visitor.join(PATIENCE)
        if faults:
            raise faults[0]
        return code

    return visited


def interrupt(number: int = signal.SIGINT) -> None:
    """What Ctrl-C does."""
    os.kill(os.getpid(), number)


# The words --------------------------------------------------------------------------------------


def test_help_names_every_command_and_each_has_its_own(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name} +\w", out, re.MULTILINE)
        code, help_, _ = run(name, "--help")
        assert code == 0
        assert f"usage: ircish {name}" in help_


def test_the_help_of_serve_has_every_flag_of_the_settings_with_its_default(run: Run) -> None:
    out = " ".join(run("serve", "--help")[1].split())
    for text in ("--port PORT The TCP port; 0 takes a free one. Default: 5555.", "--plugins DIR"):
        assert text in out
    assert "Default: localhost.ircish" not in out  # the same on every machine


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"ircish {__version__}\n", "")


WRONG = {
    "serv": "did you mean serve?",
    "--hlp": "did you mean --help?",
    "xyzzy": "`ircish --help` shows",
    "serve --prot 7": "did you mean --port?",
    "serve --zzzz": "`ircish serve --help` shows",
    "serve --port": "--port",
    "serve --port=many": "whole number from 0 to 65535",
    "serve --log-level loud": '"debug" or "info"',
    "serve --config /nowhere.toml": "--print-config",
    "serve --plugins /nowhere": "no directory /nowhere",
    "plugins --plugins /nowhere": "no directory /nowhere",
    "history": "'#lobby'",
    "history #lobby --limit few": "'few' is not a number of lines",
    "history #lobby --since tomorrow": "try 2026-11-22",
    "history #lobby --until 99999999999999d": "--until",
    "send": "'#lobby'",
    "send #lobby": "standard input",
    "send #a,#b hi": "'#a,#b' is not the name",
    "send @ hi": "'@' is not the name",
    "send #lobby hi --port 0": "'0' is not a port",
    "send #lobby hi --port x": "'x' is not a port",
    "tail": "'#lobby'",
    "tail :x": "':x' is not the name",
}


@pytest.mark.parametrize(("words", "hint"), WRONG.items(), ids=WRONG)
def test_a_mistake_on_the_command_line_is_told_in_a_sentence(
    run: Run, words: str, hint: str
) -> None:
    code, out, err = run(*words.split())
    assert (code, out) == (2, "")
    assert is_sentence(err)
    assert hint in err


def test_help_loads_nothing_that_takes_long() -> None:
    slow = ("rich", "prompt_toolkit", "argon2", "ircish.server", "ircish.search", "ircish.indexing")
    code = "import sys; from ircish.cli import main; main(['--help']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert not set(slow) & set(loaded.stdout.decode().split())


# serve ------------------------------------------------------------------------------------------

LISTENS = re.compile(r"listens on 127\.0\.0\.1:(\d+) as chat\.example")


def banner(output: IO[str]) -> tuple[tuple[str, int], str]:
    """Where a server listens, and all that it printed."""
    text = ""
    while "Ctrl-C" not in text:
        line = output.readline()
        assert line, text
        text += line
    match = LISTENS.search(text)
    assert match
    return ("127.0.0.1", int(match[1])), text


def test_serve_says_how_to_reach_it_and_at_sigterm_tells_saves_and_returns_0(
    visited: Callable[..., int], run: Run, tmp_path: Path
) -> None:
    read: list[str] = []

    def visit(output: IO[str]) -> None:
        address, text = banner(output)
        assert f"nc 127.0.0.1 {address[1]}" in text
        assert f"irssi -c 127.0.0.1 -p {address[1]}" in text
        oper = re.search("OPER admin .*?(?= )", text)
        assert oper
        ann = Person(address, "ann")
        assert ann.ask(oper[0]) == ["*** You are an operator of this server now."]
        ann.ask("MSG saved at the end")
        interrupt(signal.SIGTERM)
        read.extend(ann.rest())
        ann.close()

    before = signal.getsignal(signal.SIGTERM)
    words = ["--port", 0, "--name", "chat.example", "--data-dir", tmp_path / "d"]
    assert visited(visit, "serve", *words) == 0
    assert read == ["*** The server stops. Goodbye."]
    assert signal.getsignal(signal.SIGTERM) is before
    code, out, _ = run("history", "#lobby", "--data-dir", tmp_path / "d")
    assert (code, out.partition("] ")[2]) == (0, "<ann> saved at the end\n")


def test_serve_does_not_mind_that_nobody_reads_what_it_prints(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            threading.Timer(0, interrupt).start()
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    assert main(["serve", "--port", "0", "--data-dir", str(tmp_path / "d")]) == 0


def said_by(**config: Any) -> str:
    settings = {"password": "", "default_channel": "#tea", "data_dir": Path("/d"), **config}
    host = settings.pop("host", "127.0.0.1")
    fake = SimpleNamespace(
        address=(host, 5555),
        name="chat.example",
        config=SimpleNamespace(server=SimpleNamespace(**settings)),
        one_time_password="",
    )
    return welcome(fake)  # type: ignore[arg-type]


def test_the_lines_to_paste_are_right_for_passwords_and_wildcard_addresses() -> None:
    assert "OPER" not in said_by()  # operators are configured
    assert "/join #tea" in said_by()
    assert "PASS <password>" in said_by(password="x")
    assert "irssi -c 127.0.0.1 -p 5555 -w <password>" in said_by(password="x")
    assert f"nc {socket.gethostname()} 5555" in said_by(host="0.0.0.0")
    assert "listens on [::1]:5555" in said_by(host="::1")
    assert "nc ::1 5555" in said_by(host="::1")


BINDING: list[tuple[Exception, str]] = [
    (OSError(errno.EADDRINUSE, "in use"), "port 80 on h is in use already; choose another one"),
    (OSError(errno.EACCES, "denied"), "only root may listen on port 80"),
    (OSError(errno.EADDRNOTAVAIL, "none"), "h is not an address of this machine"),
    (OSError(errno.ENOBUFS, "No buffers"), "cannot listen on h port 80: [Errno"),
    (socket.gaierror(-2, "unknown"), "h is not an address or a host name"),
    (UnicodeError("label empty"), "h is not an address or a host name"),
]


@pytest.mark.parametrize(("error", "text"), BINDING)
def test_why_it_cannot_listen_is_told_with_the_way_out(error: Exception, text: str) -> None:
    assert text in why_not(error, "h", 80)


def test_a_port_in_use_is_named(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run("serve", "--port", port, "--data-dir", tmp_path / "d")
    assert code == 2
    assert is_sentence(err)
    assert f"port {port} on 127.0.0.1" in err
    assert f"--port {port + 1}" in err


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b"])
def test_a_bad_address_is_named(run: Run, tmp_path: Path, host: str) -> None:
    code, _, err = run("serve", "--host", host, "--port", 0, "--data-dir", tmp_path / "d")
    assert code == 2
    assert is_sentence(err)
    assert host in err


def test_a_data_directory_that_cannot_be_used_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "history.db").write_text("not a database" * 1000)
    for name in ("file", "damaged"):
        code, _, err = run("serve", "--port", 0, "--data-dir", tmp_path / name)
        assert code == 2
        assert is_sentence(err)
        assert str(tmp_path / name) in err


def test_a_data_directory_that_another_server_uses_is_named(run: Run, chat: Chat) -> None:
    code, _, err = run("serve", "--port", 0, "--data-dir", chat.config.server.data_dir)
    assert code == 2
    assert is_sentence(err)
    assert "Another ircish server" in err


def test_print_config_prints_flags_over_the_file_over_the_defaults(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "ircish.toml"
    file.write_text('[server]\nport = 7000\nmotd = "tea"\n')
    plugins = [tmp_path / "a", tmp_path / "b"]
    words = ["serve", "--config", file, "--port", 7001, "--print-config"]
    for each in plugins:
        each.mkdir()
        words += ["--plugins", each]
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    server = tomllib.loads(out)["server"]
    assert (server["port"], server["motd"], server["host"]) == (7001, "tea", "127.0.0.1")
    assert server["plugins"] == [str(each) for each in plugins]
    file.write_text(out)
    assert load(file, {}).server.plugins == tuple(plugins)


SLOW = """
import threading
from ircish import hookimpl
@hookimpl
def server_stopping(server):
    print("stopping", flush=True)
    threading.Event().wait()
"""


def serving(tmp_path: Path, *words: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """A server as a process of its own, from a shell."""
    command = [sys.executable, "-m", "ircish", "serve", "--port", "0", "--name", "chat.example"]
    command += ["--data-dir", str(tmp_path / "d"), *words]
    where = Path(__file__).parent.parent
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=stderr, text=True, cwd=where)


def test_ctrl_c_ends_a_server_process_with_0(tmp_path: Path) -> None:
    with serving(tmp_path) as process:
        assert process.stdout
        address, _ = banner(process.stdout)
        ann = Person(address, "ann")
        process.send_signal(signal.SIGINT)
        assert ann.rest() == ["*** The server stops. Goodbye."]
        ann.close()
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert "ann (127.0.0.1) left" in err  # the log is not on stdout


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    with serving(tmp_path, "--plugins", str(tmp_path)) as process:
        assert process.stdout
        banner(process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 130


def test_a_log_that_nobody_reads_keeps_no_server_from_ending(tmp_path: Path) -> None:
    unread, log = os.pipe()
    os.set_blocking(log, False)
    with suppress(BlockingIOError):
        while True:
            os.write(log, b"x" * 4096)
    os.set_blocking(log, True)
    with serving(tmp_path, stderr=log) as process:
        assert process.stdout
        address, _ = banner(process.stdout)
        Person(address, "ann").close()  # there is something to log
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    os.close(log)
    os.close(unread)
    assert process.returncode == 0


# passwd -----------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def answer(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    """A terminal at which these are typed, without echo."""
    monkeypatch.setattr(sys, "stdin", Terminal())
    typed = iter(passwords)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))


def test_passwd_hashes_a_line_from_a_pipe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("open sesame\nanother\n"))
    code, out, err = run("passwd")
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert check_password(out.strip(), "open sesame")


def test_passwd_asks_twice_and_shows_the_line_for_the_configuration(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer(monkeypatch, "open sesame", "open sesame")
    code, out, err = run("passwd")
    assert code == 0
    file = tmp_path / "ircish.toml"
    file.write_text(err.partition(":")[2])
    assert load(file, {}).operators == {"admin": out.strip()}


@pytest.mark.parametrize(("first", "again", "why"), [("a", "b", "differ"), ("", "", "empty")])
def test_passwd_hashes_nothing_that_was_not_meant(
    run: Run, monkeypatch: pytest.MonkeyPatch, first: str, again: str, why: str
) -> None:
    answer(monkeypatch, first, again)
    code, out, err = run("passwd")
    assert (code, out) == (1, "")
    assert is_sentence(err)
    assert why in err


# history ----------------------------------------------------------------------------------------

ROWS = [
    ("join", "", NOON - 86_400_000),
    ("message", "good tea", NOON - 86_400_000),
    ("topic", "tea at five", NOON),
    ("message", "\x01ACTION waves\x01", NOON + 1000),
    ("notice", "tea\x1b[31m is \u202eready", NOON + 60_000),
    ("tagmsg", "", NOON + 60_000),
    ("quit", "bye", NOON + 120_000),
]
LINES = [
    "[2024-11-21 12:00] *** ann joined #Lobby",
    "[2024-11-21 12:00] <ann> good tea",
    "[2024-11-22 12:00] *** ann set the topic of #Lobby: tea at five",
    "[2024-11-22 12:00] * ann waves",
    "[2024-11-22 12:01] -ann- tea[31m is ready",
    "[2024-11-22 12:02] *** ann left the chat (bye)",
]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A data directory with ROWS in #Lobby, and nothing in #dev."""
    history = History(tmp_path / "saved")
    rows = [
        Row(seq, time, f"id{seq}", kind, "#lobby", "ann!a@host", None, "", text)
        for seq, (kind, text, time) in enumerate(ROWS, 1)
    ]
    history.commit(rows, [ChannelRecord("#Lobby", "#lobby", NOON, "", "", 0, "")])
    history.close()
    return tmp_path / "saved"


SELECTED: dict[str, list[str]] = {
    "": LINES[1:5],
    "--all": LINES,
    "--limit 2": LINES[3:5],
    "--limit 3 --all": LINES[4:],
    "--limit 0": [],
    "--since 2024-11-22": LINES[2:5],
    "--since 2024-11-22T12:00:01Z": LINES[3:5],
    "--since 20241122T130001+0100 --limit 1": LINES[4:5],
    "--until 2024-11-21": LINES[1:2],
    "--until 2024-11-22T12:00": LINES[1:2],
    "--until 2024-11-22T12:01 --limit 1": LINES[3:4],
    "--search tea": [LINES[1], LINES[2], LINES[4]],
    "--search TEA --limit 1": [LINES[4]],
    "--search te* --since 2024-11-22 --until 2024-11-22T12:01": [LINES[2]],
    "--search coffee": [],
    "--since 1s": [],
    "--since 5000w": LINES[1:5],
}


@pytest.mark.parametrize(("words", "lines"), SELECTED.items(), ids=SELECTED)
@pytest.mark.parametrize("channel", ["#lobby", "LOBBY"])
def test_history_prints_what_is_asked_for(
    run: Run, saved: Path, words: str, lines: list[str], channel: str
) -> None:
    code, out, err = run("history", channel, "--data-dir", saved, *words.split())
    assert (code, err) == (0, "")
    assert out.splitlines() == lines


def test_history_as_json_has_every_column_and_nothing_that_a_terminal_obeys(
    run: Run, saved: Path
) -> None:
    code, out, _ = run("history", "#lobby", "--json", "--all", "--data-dir", saved)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(row["kind"], row["text"], row["time"]) for row in rows] == ROWS
    assert list(rows[0]) == list(Row._fields)
    assert all(char == "\n" or char.isprintable() for char in out)


def test_history_is_read_while_the_server_writes_it(run: Run, chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask("MSG first", "MSG second")
    chat.settled()
    words = ["history", "#lobby", "--data-dir", chat.config.server.data_dir]
    assert [line[19:] for line in run(*words)[1].splitlines()] == ["<ann> first", "<ann> second"]
    assert run(*words, "--search", "second")[1].endswith("<ann> second\n")
    ann.ask("MSG third")
    chat.settled()
    assert run(*words)[1].endswith("<ann> third\n")


def test_an_unknown_channel_is_told_with_those_there_are(run: Run, saved: Path) -> None:
    code, out, err = run("history", "#dev", "--data-dir", saved)
    assert (code, out) == (2, "")
    assert is_sentence(err)
    assert "there are #Lobby" in err


def test_a_history_without_channels_says_so(run: Run, tmp_path: Path) -> None:
    History(tmp_path / "new").close()
    code, _, err = run("history", "#dev", "--data-dir", tmp_path / "new")
    assert code == 2
    assert "there is none yet" in err


@pytest.mark.parametrize("words", [["--search", "!"], ["--data-dir", "/nowhere"]])
def test_what_the_history_cannot_do_is_told_in_a_sentence(
    run: Run, saved: Path, words: list[str]
) -> None:
    code, out, err = run("history", "#lobby", "--data-dir", saved, *words)
    assert (code, out) == (2, "")
    assert is_sentence(err)


@pytest.mark.parametrize("words", [["--help"], ["history", "#lobby", "--data-dir"]])
def test_a_reader_that_had_enough_is_no_failure(
    saved: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert main([*words, str(saved)] if words[1:] else words) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no /dev/full")
def test_a_full_disk_is_a_sentence_and_1(
    saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open("/dev/full", "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert main(["history", "#lobby", "--data-dir", str(saved)]) == 1
    err = capsys.readouterr().err
    assert is_sentence(err)
    assert "disk is full" in err


def test_without_a_standard_output_nothing_is_printed(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["history", "#lobby", "--data-dir", str(saved)]) == 0


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*words: object) -> None:
        raise OSError(errno.EBADF, "our fault")

    monkeypatch.setattr("ircish.offline.print_history", fail)
    with pytest.raises(OSError, match="our fault"):
        main(["history", "#lobby"])


def test_times_may_be_durations_before_now() -> None:
    now = time.time() * 1000
    for text, seconds in {"90s": 90, "5m": 300, "2h": 7200, "3d": 259_200, "1w": 604_800}.items():
        assert abs(now - seconds * 1000 - moment(text, "--since")) < 5000


# send -------------------------------------------------------------------------------------------


def at(chat: Chat, *words: str) -> list[str]:
    """Flags by which ``ci`` reaches a chat."""
    return ["--port", str(chat.address[1]), "--nick", "ci", *words]


def heard(person: Person, mark: str) -> list[str]:
    """The lines that a person has read, only those with ``mark``."""
    return [line for line in person.lines() if mark in line]


def test_send_tells_a_channel(run: Run, chat: Chat) -> None:
    ben = chat.nc("ben")
    assert run("send", "#lobby", "build", "green", *at(chat)) == (0, "", "")
    assert ben.lines() == [
        "*** ci joined #lobby",
        "<ci> build green",
        "*** ci left the chat (Quit)",
    ]


@pytest.mark.parametrize("target", ["ben", "@ben"])
def test_send_tells_a_person_alone(run: Run, chat: Chat, target: str) -> None:
    ben, cleo = chat.nc("ben"), chat.nc("cleo")
    ben.lines()
    assert run("send", *at(chat), target, "psst") == (0, "", "")
    assert ben.lines() == ["*ci* psst"]
    assert cleo.lines() == []


def test_send_takes_a_free_nick_where_one_is_taken(run: Run, chat: Chat) -> None:
    chat.nc("ci")
    ben = chat.nc("ben")
    assert run("send", "#lobby", "hi", *at(chat))[0] == 0
    assert heard(ben, "hi") == ["<ci_> hi"]


def test_send_says_every_line_of_its_input_and_splits_long_ones(
    run: Run, chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = chat.nc("ben")
    long = "grün " * 300 + "ü" * 700 + "!"
    (tmp_path / "in").write_bytes(f"one\r\n\n  two\rhalf\0\n{long}\nlast \xfc".encode() + b"\xff")
    with open(tmp_path / "in") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert run("send", "#lobby", "-", *at(chat)) == (0, "", "")
    texts = [line.removeprefix("<ci> ") for line in heard(ben, "<ci>")]
    assert texts[:2] == ["one", "  two half"]
    assert "".join(texts[2:-1]) == long
    assert texts[-1] == "last \xfc\ufffd"


def test_send_says_each_line_as_soon_as_it_is_there_until_ctrl_c(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, visited: Callable[..., int]
) -> None:
    ben = chat.nc("ben")
    reading, writing = os.pipe()

    def visit(output: IO[str]) -> None:
        for text in ("one", "two"):
            os.write(writing, f"{text}\n".encode())
            ben.expect(f"<ci> {text}")
        interrupt()
        ben.expect("*** ci left the chat (Quit)")

    with open(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert visited(visit, "send", "#lobby", "-", *at(chat)) == 130
    os.close(writing)


def test_send_without_an_input_says_so(
    run: Run, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run("send", "#lobby", "-", *at(chat)) == (2, "", "ircish: standard input is closed.\n")


def test_words_that_look_like_flags_are_said_after_two_dashes(run: Run, chat: Chat) -> None:
    ben = chat.nc("ben")
    assert run("send", "#lobby", *at(chat), "--", "--verbose", "is", "-v")[0] == 0
    assert heard(ben, "<ci>") == ["<ci> --verbose is -v"]


def test_what_the_server_refuses_is_a_sentence_and_1(run: Run, chat: Chat) -> None:
    for target, numeric in {"@nobody": "401", "#" + "x" * 60: "403"}.items():
        code, out, err = run("send", target, "hi", *at(chat))
        assert (code, out) == (1, "")
        assert is_sentence(err)
        assert f"({numeric})" in err


def test_the_servers_password_comes_from_the_flag_or_the_environment(
    run: Run, open_chat: Callable[..., Chat], monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = open_chat({"server.password": "open sesame"})
    code, _, err = run("send", "#lobby", "hi", *at(chat))
    assert code == 1
    assert is_sentence(err)
    assert "--password" in err
    assert run("send", "#lobby", "hi", *at(chat, "--password", "open sesame"))[0] == 0
    monkeypatch.setenv("IRCISH_PASSWORD", "open sesame")
    assert run("send", "#lobby", "hi", *at(chat))[0] == 0


def test_a_nick_or_password_that_cannot_be_sent_is_refused(run: Run, chat: Chat) -> None:
    for flags in (["--nick", "a b"], ["--password", "a\nQUIT"]):
        code, _, err = run("send", "#lobby", "hi", *at(chat), *flags)
        assert code == 2
        assert is_sentence(err)
    code, _, err = run("send", "#lobby", "hi", *at(chat), "--nick", "1st")
    assert code == 1
    assert "1st Erroneous nickname" in err


@pytest.mark.parametrize("words", [["send", "#lobby", "hi"], ["tail", "#lobby"]])
@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1:"), ("::1", "[::1]:")])
def test_without_a_server_it_is_a_sentence_and_1(
    run: Run, words: list[str], host: str, shown: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code, out, err = run(*words, "--host", host, "--port", port)
    assert (code, out) == (1, "")
    assert is_sentence(err)
    assert f"no server at {shown}{port}" in err


LOGINS = {"ann": "ann", "ann.smith": "ann_smith", "7of9": "_7of9", "-x": "_-x", "": "guest"}
LOGINS |= {"é": "guest", "x" * 40: "x" * 20}


@pytest.mark.parametrize(("login", "nick"), LOGINS.items())
def test_the_nick_is_made_of_the_login_name(
    monkeypatch: pytest.MonkeyPatch, login: str, nick: str
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: login)
    assert own_nick() == nick


def test_without_a_login_name_one_is_a_guest(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert own_nick() == "guest"


# Other servers ----------------------------------------------------------------------------------


class Other:
    """A server that does what a test says: ``script(other)`` runs in a thread for one client."""

    def __init__(self, script: Callable[[Other], None]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = str(self._listening.getsockname()[1])
        self.fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(script,))
        self._thread.start()

    def _run(self, script: Callable[[Other], None]) -> None:
        self._socket, _ = self._listening.accept()
        self._socket.settimeout(PATIENCE)
        with self._listening, self._socket, self._socket.makefile("rwb") as self._file:
            try:
                script(self)
            except BaseException as fault:
                self.fault = fault

    def say(self, *lines: str) -> None:
        self._file.write("".join(f"{line}\r\n" for line in lines).encode())
        self._file.flush()

    def reset(self) -> None:
        """End without sending what was not sent, as a crash does."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def expect(self, text: str) -> str:
        """The next line with ``text`` in it."""
        while line := self._file.readline().decode():
            if text in line:
                return line.strip()
        raise AssertionError(f"no {text}")

    def welcome(self, caps: str = "") -> None:
        """Let the client in."""
        self.expect("CAP LS")
        self.say(":s NOTICE * :*** Looking up your hostname")
        self.say(f":s CAP * LS :{caps}" if caps else ":s 421 * CAP :Unknown command")
        if caps:
            self.expect("CAP REQ")
            self.say(f":s CAP * ACK :{caps}")
        self.expect("CAP END" if caps else "USER")
        self.say(":s 001 ci :Welcome")

    def pong(self) -> None:
        self.say(f":s PONG s {self.expect('PING').split()[1]}")

    def done(self) -> None:
        """Wait for the script, and raise its fault."""
        self._thread.join(PATIENCE)
        if self.fault:
            raise self.fault


def test_send_waits_for_a_pong_where_the_server_has_no_labels(run: Run) -> None:
    said: list[str] = []

    def script(other: Other) -> None:
        other.welcome()
        other.expect("JOIN #old")
        other.say(":ci!~ci@host JOIN #old")
        other.pong()
        said.append(other.expect("PRIVMSG"))
        other.say(":s NOTICE ci :*** Hello")
        other.pong()
        other.expect("QUIT")

    other = Other(script)
    assert run("send", "#old", "hi there", "--nick", "ci", "--port", other.port) == (0, "", "")
    other.done()
    assert said == ["PRIVMSG #old :hi there"]


def test_send_answers_pings_while_its_input_is_silent(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()

    def script(other: Other) -> None:
        other.welcome()
        for token in ("one", "two"):
            other.say(":ben!b@h PRIVMSG ci :hello", f"PING {token}")
            assert other.expect("PONG") == f"PONG {token}"
        os.write(writing, b"yes")
        os.close(writing)
        assert other.expect("PRIVMSG") == "PRIVMSG ben yes"
        other.pong()

    other = Other(script)
    with open(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert run("send", "ben", "-", "--nick", "ci", "--port", other.port)[0] == 0
    other.done()


@pytest.mark.parametrize("label", ["", "@label=1 "])
def test_send_hears_a_refusal_with_and_without_its_label(run: Run, label: str) -> None:
    def script(other: Other) -> None:
        other.welcome("labeled-response")
        other.expect("@label=1 PRIVMSG")
        other.say("@label=other :s 404 ci #y :Another's", f"{label}:s 417 ci :Too \x1b[1mlong")
        other.expect("QUIT")

    other = Other(script)
    code, _, err = run("send", "ben", "hi", "--nick", "ci", "--port", other.port)
    other.done()
    assert (code, err) == (1, "ircish: Too [1mlong (417).\n")


def late_end(other: Other) -> None:
    other.welcome()
    other.say("ERROR :Closing link: no reason.")


def early_end(other: Other) -> None:
    other.expect("USER")
    other.say("ERROR :Closing link: no reason")


def silent_end(other: Other) -> None:
    other.welcome()


def reset(other: Other) -> None:
    other.expect("USER")
    other.reset()


def end_with_the_welcome(other: Other) -> None:
    other.expect("USER")
    other.say(":s 001 ci :Welcome\r\nERROR :Closing link")


@pytest.mark.parametrize("script", [late_end, early_end, silent_end, reset, end_with_the_welcome])
@pytest.mark.parametrize("words", [["send", "#x", "-"], ["send", "ben", "-"], ["tail", "#x"]])
def test_the_servers_end_is_a_sentence_and_1(
    run: Run, monkeypatch: pytest.MonkeyPatch, script: Callable[[Other], None], words: list[str]
) -> None:
    other = Other(script)
    reading, writing = os.pipe()
    with open(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, out, err = run(*words, "--nick", "ci", "--port", other.port)
    os.close(writing)
    other.done()
    assert (code, out) == (1, "")
    assert is_sentence(err)
    assert "the server ended the connection" in err


def test_a_server_that_does_not_answer_is_given_up(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()
    monkeypatch.setattr(ircish.client.link, "PATIENCE", 0.05)
    other = Other(lambda other: gone.wait(PATIENCE) and None)
    code, _, err = run("send", "#x", "hi", "--port", other.port)
    gone.set()
    other.done()
    assert code == 1
    assert is_sentence(err)
    assert "not answered" in err


# tail -------------------------------------------------------------------------------------------


def clockless(line: str) -> str:
    assert re.match(r"\[\d{4}-\d\d-\d\d \d\d:\d\d\] ", line)
    return line[19:].rstrip("\n")


def test_tail_prints_the_last_lines_and_what_comes_until_ctrl_c(
    chat: Chat, visited: Callable[..., int]
) -> None:
    ben = chat.nc("ben")
    ben.ask("MSG one", "MSG two", "ME waves")
    read: list[str] = []

    def visit(output: IO[str]) -> None:
        read.extend(output.readline() for _ in range(2))
        ben.ask("JOIN #dev", "MSG elsewhere", "MSG @ci psst", "MSG #lobby \x1b[31mlive")
        read.append(output.readline())
        interrupt()
        assert ben.expect("left the chat") == "*** ci left the chat (Quit)"

    assert visited(visit, "tail", "lobby", "--lines", "2", *at(chat)) == 0
    assert [clockless(line) for line in read] == ["<ben> two", "* ben waves", "<ben> [31mlive"]


def test_tail_as_json(chat: Chat, visited: Callable[..., int]) -> None:
    ben = chat.irc("ben", join="#dev")
    read: list[dict[str, object]] = []

    def visit(output: IO[str]) -> None:
        ben.expect("JOIN")
        ben.ask("NOTICE #dev :t\u00e9a \u202e")
        read.append(json.loads(output.readline()))
        interrupt()

    started = time.time() * 1000
    assert visited(visit, "tail", "#dev", "--json", "--lines", "0", *at(chat)) == 0
    (line,) = read
    assert started - 1 <= int(str(line.pop("time"))) <= time.time() * 1000 + 1
    assert line.pop("msgid")
    assert line == {
        "kind": "notice",
        "channel": "#dev",
        "source": "ben!~ben@127.0.0.1",
        "text": "t\u00e9a \u202e",
    }


def test_tail_asks_again_where_the_server_gives_few_lines_at_once(
    open_chat: Callable[..., Chat], visited: Callable[..., int]
) -> None:
    chat = open_chat({"history.chathistory_limit": 2})
    ben = chat.nc("ben")
    ben.ask(*[f"MSG {number}" for number in range(7)])
    read: list[str] = []

    def visit(output: IO[str]) -> None:
        read.extend(output.readline() for _ in range(5))
        interrupt()

    assert visited(visit, "tail", "#lobby", "--lines", "5", *at(chat)) == 0
    assert [clockless(line) for line in read] == [f"<ben> {number}" for number in range(2, 7)]


def test_tail_of_fewer_lines_than_asked_for_ends_asking(
    chat: Chat, visited: Callable[..., int]
) -> None:
    ben = chat.nc("ben")
    ben.ask("MSG only")
    read: list[str] = []

    def visit(output: IO[str]) -> None:
        read.append(output.readline())
        interrupt()

    assert visited(visit, "tail", "#lobby", "--lines", "50", *at(chat)) == 0
    assert [clockless(line) for line in read] == ["<ben> only"]


def test_tail_shows_a_line_once_that_came_live_and_with_the_history(
    visited: Callable[..., int],
) -> None:
    def script(other: Other) -> None:
        other.welcome("batch draft/chathistory message-tags")
        other.expect("JOIN")
        other.say(":ci!c@h JOIN #x", "@msgid=2 :ben!b@h PRIVMSG #x :two")
        other.pong()
        other.expect("CHATHISTORY LATEST #x * 10")
        other.say(":s BATCH +1 chathistory #x")
        other.say("@batch=1;msgid=1 :ben!b@h PRIVMSG #x :one")
        other.say("@batch=1;msgid=2 :ben!b@h PRIVMSG #x :two")
        other.say(":s BATCH -1", "@msgid=3 :ben!b@h PRIVMSG #x :three")
        other.pong()
        other.expect("CHATHISTORY BEFORE #x msgid=1 8")
        other.say(":s BATCH +2 chathistory #x", ":s BATCH -2")
        other.pong()
        other.say(":ben!b@h TAGMSG #x", ":ben!b@h PRIVMSG #x :\x01PING 1\x01")
        other.say(":ben!b@h KICK #x ci :enough")

    other = Other(script)
    read: list[str] = []
    code = visited(read.extend, "tail", "#x", "--nick", "ci", "--port", other.port)
    other.done()
    assert code == 1
    assert [clockless(line) for line in read] == ["<ben> one", "<ben> two", "<ben> three"]


def test_tail_of_a_server_without_history_or_ids_shows_what_comes(
    visited: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    def script(other: Other) -> None:
        other.welcome()
        other.expect("JOIN")
        other.say(":ci!c@h JOIN #x", ":ben!b@h PRIVMSG #X :same", ":ben!b@h PRIVMSG #x :same")
        other.pong()
        other.say(":ben!b@h JOIN #x", ":ben!b@h KICK #x cleo", ":ben!b@h KICK #x ci :enough")

    other = Other(script)
    read: list[str] = []
    code = visited(read.extend, "tail", "#x", "--nick", "ci", "--port", other.port)
    other.done()
    assert code == 1
    assert [clockless(line) for line in read] == ["<ben> same", "<ben> same"]
    assert capsys.readouterr().err == "ircish: ben put you out of #x: enough.\n"


def test_tail_ends_with_the_server_in_a_sentence_and_1(
    chat: Chat, visited: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    ben = chat.nc("ben")
    ben.ask("MSG one")

    def visit(output: IO[str]) -> None:
        assert clockless(output.readline()) == "<ben> one"
        chat.stop("Tea")

    assert visited(visit, "tail", "#lobby", *at(chat)) == 1
    err = capsys.readouterr().err
    assert is_sentence(err)
    assert "Tea. Goodbye." in err


def test_tail_ends_well_when_nobody_reads_it(
    chat: Chat, visited: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    ben = chat.nc("ben")
    ben.ask("MSG one")

    def visit(output: IO[str]) -> None:
        output.readline()
        output.close()
        ben.ask("MSG two")

    assert visited(visit, "tail", "#lobby", *at(chat)) == 0
    assert capsys.readouterr().err == ""

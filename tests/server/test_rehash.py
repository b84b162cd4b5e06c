"""Rehash: what another configuration changes while the server runs, and what waits."""

from __future__ import annotations

import dataclasses
import logging
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pytest

from ircish.config import Config, ConfigError, hash_password, load, running, value_of
from ircish.testing import PATIENCE, Chat, IrcClient, Person

OpenChat = Callable[..., Chat]


def rehashed(chat: Chat, settings: Mapping[str, Any], **more: Any) -> list[str]:
    """The notes of a rehash that finds other settings, by their full names."""
    wanted = dataclasses.replace(chat.server.config, **more)
    for name, value in settings.items():
        section, _, key = name.partition(".")
        changed = dataclasses.replace(getattr(wanted, section), **{key: value})
        wanted = dataclasses.replace(wanted, **{section: changed})
    chat.server._reread = lambda: wanted
    return chat.server.rehash("a test")


# What waits -------------------------------------------------------------------------------------


def test_what_needs_a_start_stays_as_it_is_and_is_named_each_time(chat: Chat) -> None:
    before = chat.server.config
    settings = {"server.port": 7000, "server.one_core": False, "history.synchronous": "full"}
    for _ in range(2):
        assert rehashed(chat, {**settings, "server.motd": "New."}) == [
            "server.port takes effect at the next start.",
            "server.one_core takes effect at the next start.",
            "history.synchronous takes effect at the next start.",
        ]
        assert value_of(chat.server.config, "server.port") == before.server.port
        assert chat.server.config.server.motd == "New."


def test_the_same_configuration_changes_nothing() -> None:
    assert running(Config(), Config()) == (Config(), [])


def test_a_plugins_own_settings_wait_for_its_reload(open_chat: OpenChat, tmp_path: Path) -> None:
    plugin = tmp_path / "tea.py"
    plugin.write_text(
        "from dataclasses import dataclass\n"
        "from ircish import command, hookimpl\n"
        "@dataclass\n"
        "class Config:\n"
        "    sugar: int = 1\n"
        "@command('TEA')\n"
        "def tea(ctx):\n"
        '    """Have tea."""\n'
        "    ctx.reply(f'sugar: {ctx.config.sugar}')\n"
        "@hookimpl\n"
        "def server_commands():\n"
        "    return [tea]\n"
    )
    chat = open_chat({"server.plugins": [str(tmp_path)]}, operators={"admin": "sesame"})
    ann = chat.nc("ann")
    ann.ask("OPER admin sesame")
    assert rehashed(chat, {}, plugins={"tea": {"sugar": 2}}) == [
        "[plugins.tea] takes effect with PLUGIN reload tea."
    ]
    assert ann.ask("TEA") == ["*** sugar: 1"]
    ann.ask("PLUGIN reload tea")
    assert ann.ask("TEA") == ["*** sugar: 2"]
    assert rehashed(chat, {}, plugins={"nobody": {"has": "it"}, "tea": {"sugar": 2}}) == []


# What takes effect at once ----------------------------------------------------------------------


def test_the_chats_own_limits_hold_from_now_on(chat: Chat) -> None:
    ben = chat.irc("ben", join="#dev")
    rehashed(
        chat,
        {
            "limits.nick_length": 5,
            "limits.channels_per_user": 1,
            "limits.topic_length": 3,
            "server.default_channel": "#hall",
        },
    )
    ben.lines()
    assert ben.ask("NICK benjamin", "JOIN #tea", "TOPIC #dev :four") == [
        ":chat.example 432 ben benjamin :Erroneous nickname",
        ":chat.example 405 ben #tea :You have joined too many channels",
        ":chat.example 417 ben :Input line was too long to pass on, by 1 bytes",
    ]
    assert chat.server.hub.chat.bounds.default_channel == "#hall"


def test_history_in_memory_grows_and_shrinks(open_chat: OpenChat) -> None:
    chat = open_chat({"history.memory": 3})
    ben = chat.irc("ben", join="#dev")
    ben.ask(*(f"PRIVMSG #dev :{number}" for number in range(5)))
    assert len(chat.server.hub.recent("#dev")) == 3
    rehashed(chat, {"history.memory": 4})
    ben.ask("PRIVMSG #dev :5", "PRIVMSG #dev :6")
    assert [stamped.event.text for stamped in chat.server.hub.recent("#dev")] == [  # type: ignore[attr-defined]
        "3", "4", "5", "6",
    ]  # fmt: skip
    rehashed(chat, {"history.keep_messages": 2})
    assert len(chat.server.hub.recent("#dev")) == 2


def test_who_is_here_is_slowed_as_newcomers_are(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = chat.irc("ann")
    connection = chat.server.connections()[0]
    waited: list[float] = []
    monkeypatch.setattr(chat.server.stopping, "wait", waited.append)
    ann.ask(*["AWAY"] * 20)
    assert waited == []
    rehashed(chat, {"limits.flood_rate": 1000.0, "limits.flood_burst": 1})
    ann.ask(*["AWAY"] * 20)
    assert waited
    assert connection.registered


def test_a_server_may_be_closed_to_more_connections(chat: Chat) -> None:
    chat.nc("ann")
    rehashed(chat, {"limits.connections": 1})
    assert chat.connect().rest() == ["ERROR :This server is full; try again later"]
    rehashed(chat, {"limits.sendq": 12345, "limits.connections": 0})
    chat.nc("ben")
    assert chat.server.writer.sendq == 12345


def test_the_description_the_password_and_the_level_of_the_log(chat: Chat) -> None:
    log = logging.getLogger("ircish")
    level = log.level
    try:
        changed = {"description": "tea", "password": "sesame", "log_level": "warning"}
        rehashed(chat, {f"server.{name}": value for name, value in changed.items()})
        assert log.level == logging.WARNING
        client = chat.connect()
        assert "wants a password" in client.ask("NICK ben")[0]
        client.ask("PASS sesame", "NICK ben")
        assert "*** chat.example: tea" in client.ask("INFO")
    finally:
        log.setLevel(level)


def test_operators_come_and_go_with_the_configuration(open_chat: OpenChat) -> None:
    chat = open_chat(operators={"admin": "sesame", "root": "tea"})
    ann, ben = chat.irc("ann"), chat.irc("ben")
    ann.ask("OPER admin sesame")
    ben.ask("OPER root tea")
    rehashed(chat, {}, operators={"root": "tea", "new": hash_password("milk")})
    assert ann.lines() == [":ann!~ann@127.0.0.1 MODE ann -o"]
    assert ben.lines() == []
    assert " 481 " in ann.ask("REHASH")[0]
    assert " 464 " in ann.ask("OPER admin sesame")[0]
    assert " 381 " in ann.ask("OPER new milk")[-1]


def test_an_operator_who_changes_their_nick_meanwhile_ceases_to_be_one_too(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = open_chat(operators={"admin": "sesame"})
    ann = chat.irc("ann")
    ann.ask("OPER admin sesame")
    people = chat.server.snapshots.people()
    ann.ask("NICK annie")
    monkeypatch.setattr(chat.server.snapshots, "people", lambda: people)
    rehashed(chat, {}, operators={"root": "tea"})
    assert ann.lines() == [":annie!~ann@127.0.0.1 MODE annie -o"]


def test_the_one_time_password_is_good_as_long_as_no_operator_is_configured(chat: Chat) -> None:
    password = chat.server.one_time_password
    rehashed(chat, {}, operators={"root": "tea"})
    assert not chat.server.is_operator("admin", password)
    rehashed(chat, {}, operators={})
    assert chat.server.is_operator("admin", password)


# Errors -----------------------------------------------------------------------------------------


def test_an_error_is_named_and_changes_nothing(
    chat: Chat, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "ircish.toml"
    file.write_text("[limits]\nsendq = 5000\nnick_length = 0")
    chat.server._reread = lambda: load(file, {})
    before = chat.server.config
    with pytest.raises(ConfigError, match=r"limits\.nick_length is 0"):
        chat.server.rehash("a test")
    assert chat.server.config is before
    assert chat.server.writer.sendq == before.limits.sendq
    assert "a test: the configuration stays as it was" in caplog.text
    assert "limits.nick_length is 0" in caplog.text


# A process and its signals ----------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The ircish.toml of a server."""
    file = tmp_path / "ircish.toml"
    file.write_text('[server]\nname = "chat.example"\nport = 0\nmotd = "Old."\n')
    return file


def command(file: Path) -> list[str]:
    data = str(file.parent / "data")
    words = ["serve", "--config", str(file), "--data-dir", data, "--description", "from a flag"]
    return [sys.executable, "-m", "ircish", *words]


def port(output: IO[str]) -> int:
    """Where it listens; it has printed all that it prints."""
    text = ""
    while "Ctrl-C" not in text:
        line = output.readline()
        assert line, text
        text += line
    match = re.search(r"listens on 127\.0\.0\.1:([0-9]+)", text)
    assert match
    return int(match[1])


Begin = Callable[..., tuple["subprocess.Popen[str]", int]]


@pytest.fixture
def begin(file: Path) -> Iterator[Begin]:
    """Begins a server without a terminal, as systemd does."""
    begun = []

    def start() -> tuple[subprocess.Popen[str], int]:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command(file), stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )
        begun.append(process)
        assert process.stdout
        return process, port(process.stdout)

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def reads(errors: IO[str], text: str) -> str:
    """The first line of the log with ``text``."""
    while text not in (line := errors.readline()):
        assert line
    return line


def test_sighup_has_a_service_read_its_file_again(begin: Begin, file: Path) -> None:
    process, number = begin()
    ann = Person(("127.0.0.1", number), "ann")
    ben = IrcClient(("127.0.0.1", number), "ben")
    assert ann.ask("MOTD") == ["*** Old."]
    assert process.stderr
    file.write_text(
        '[server]\nname = "new.example"\nport = 7\nmotd = "New."\ndescription = "from the file"\n'
        "[limits]\nnick_length = 20\n"
    )
    process.send_signal(signal.SIGHUP)
    line = reads(process.stderr, "has been read again")
    assert "server.port takes effect at the next start." in line
    assert "server.name takes effect at the next start." in line
    assert ann.ask("MOTD") == ["*** New."]
    assert "*** chat.example: from a flag" in ann.ask("INFO")  # which wins, as at the start
    assert ben.lines() == [":chat.example 005 ben NICKLEN=20 :are supported by this server"]
    file.write_text("[server]\nmotd = 7")
    process.send_signal(signal.SIGHUP)
    assert "server.motd is 7" in reads(process.stderr, "stays as it was")
    file.write_text("")  # as while something writes it: not that there is no password any more
    process.send_signal(signal.SIGHUP)
    assert "is empty or gone" in reads(process.stderr, "stays as it was")
    assert ann.ask("MOTD") == ["*** New."]
    process.send_signal(signal.SIGTERM)
    assert ann.rest() == ["*** The server stops. Goodbye."]
    assert process.wait(PATIENCE) == 0
    ann.close()
    ben.close()


def at_a_terminal(file: Path, *, nohup: bool) -> tuple[int, int]:
    """A server whose terminal is the other end of the descriptor; and its process."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            if nohup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.execv(sys.executable, command(file))
        finally:
            os._exit(1)
    return pid, terminal


def test_a_server_whose_terminal_is_closed_ends_in_peace(file: Path) -> None:
    pid, terminal = at_a_terminal(file, nohup=False)
    with os.fdopen(terminal, "r", errors="replace") as output:
        ann = Person(("127.0.0.1", port(output)), "ann")
    assert ann.rest() == ["*** The server stops. Goodbye."]
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    ann.close()


def test_nohup_keeps_a_server_whose_terminal_is_closed(file: Path) -> None:
    pid, terminal = at_a_terminal(file, nohup=True)
    with os.fdopen(terminal, "r", errors="replace") as output:
        number = port(output)
        ann = Person(("127.0.0.1", number), "ann")
        file.write_text('[server]\nname = "chat.example"\nport = 0\nmotd = "New."\n')
    try:
        ben = Person(("127.0.0.1", number), "ben")
        while ben.ask("MOTD") != ["*** New."]:
            pass  # a hangup is one as well: it is read again in a moment
    finally:
        os.kill(pid, signal.SIGTERM)
    assert ann.rest()[-1] == "*** The server stops. Goodbye."
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    ann.close()
    ben.close()

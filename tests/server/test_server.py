"""The server as a whole: its start and stop, plugins' hooks, a history that cannot be written."""

from __future__ import annotations

import dataclasses
import functools
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ircish.dialects import Kind
from ircish.rows import HistoryError
from ircish.saving import History
from ircish.server import Server
from ircish.server.readiness import hung_up
from ircish.server.server import CHECKED_AT_ONCE
from ircish.testing import PATIENCE, Chat, Person

OpenChat = Callable[..., Chat]
NOT_SAVED = "*** Your message to #lobby was delivered, but could not be saved in the history yet."


# Starting and stopping --------------------------------------------------------------------------


def test_a_stopping_server_tells_everyone_in_their_dialect_and_ends(chat: Chat) -> None:
    ann, ben, silent = chat.nc("ann"), chat.irc("ben", join="#lobby"), chat.connect()
    silent.ask("HELP")
    ann.lines()
    chat.stop("The server goes to sleep")
    assert ann.rest() == ["*** The server goes to sleep. Goodbye."]
    assert ben.rest() == ["ERROR :The server goes to sleep. Goodbye."]
    assert silent.rest() == ["*** The server goes to sleep. Goodbye."]
    with pytest.raises(ConnectionError):
        chat.connect()


def test_what_was_said_before_the_stop_is_saved(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask(*(f"MSG m{number}" for number in range(500)))
    chat.stop()
    with closing(History(chat.config.server.data_dir)) as history:
        texts = [row.text for row in history.latest("#lobby", 999) if row.kind == "message"]
    assert texts == [f"m{number}" for number in range(500)]


def test_a_stop_leaves_no_thread_behind(chat: Chat) -> None:
    ann = chat.nc("ann")
    server = chat.server
    chat.stop()
    ann.rest()
    assert server._serving
    server._serving.join(20)
    assert not server._serving.is_alive()
    assert not server.writer.thread.is_alive()


def test_two_servers_do_not_share_a_data_directory(chat: Chat) -> None:
    with pytest.raises(HistoryError, match="Another ircish server"):
        Server(chat.config)


def test_an_address_in_use_is_an_error_that_leaves_nothing_open(chat: Chat, tmp_path: Path) -> None:
    settings = dataclasses.replace(
        chat.config.server, port=chat.address[1], data_dir=tmp_path / "other"
    )
    with pytest.raises(OSError, match="in use"):
        Server(dataclasses.replace(chat.config, server=settings)).start()
    with closing(History(tmp_path / "other")):
        pass


def test_clients_that_read_alike_are_of_one_kind(chat: Chat) -> None:
    def heard(*caps: str) -> Kind:
        return chat.server.irc_kind(frozenset(caps)).inside(False)

    assert heard("server-time") is heard("server-time", "echo-message", "batch")
    assert heard() is heard("cap-notify")
    assert heard("server-time") is not heard()


def test_who_has_hung_up_is_leaving_and_who_has_not_is_not() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not hung_up(ours)
        theirs.shutdown(socket.SHUT_WR)
        assert hung_up(ours)
    assert hung_up(ours)


def test_few_passwords_are_checked_at_one_time(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, goes_on = threading.Semaphore(0), threading.Event()

    def check(stored: str, given: str) -> bool:
        begun.release()
        return goes_on.wait(PATIENCE)

    monkeypatch.setattr("ircish.server.server.check_password", check)
    attempts = [
        threading.Thread(target=chat.server.is_operator, args=("admin", "guess"))
        for _ in range(CHECKED_AT_ONCE + 1)
    ]
    for each in attempts:
        each.start()
    for _ in range(CHECKED_AT_ONCE):
        assert begun.acquire(timeout=PATIENCE)
    assert not begun.acquire(timeout=0.1)
    goes_on.set()
    assert begun.acquire(timeout=PATIENCE)
    for each in attempts:
        each.join(PATIENCE)


def test_an_operator_is_one_by_name_and_password(chat: Chat) -> None:
    password = chat.server.one_time_password
    assert chat.server.is_operator("admin", password)
    assert not chat.server.is_operator("admin", password + "x")
    assert not chat.server.is_operator("root", password)


def test_what_is_beyond_the_retention_is_deleted_while_the_server_runs(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ircish.server.server.EXPIRE_EVERY", 0.0)
    chat = open_chat({"history.keep_messages": 3})
    ann = chat.nc("ann")
    for number in range(2000):
        ann.ask(f"MSG m{number}")
        chat.settled()
        rows = chat.server.history.latest("#lobby", 9999)
        if number > 20 and len(rows) < 10:
            break
    assert [row.text for row in rows][-2:] == [f"m{number - 1}", f"m{number}"]
    assert len(rows) < 10


# Hooks ------------------------------------------------------------------------------------------

HOOKS = '''
"""Every hook of the server; a word that is not to be said."""
from ircish import hookimpl

told = []

@hookimpl
def server_started(server):
    told.append(f"started {server.name}")

@hookimpl
def server_stopping(server):
    told.append("stopping")

@hookimpl
def server_refuse(user, event):
    if "heron" in getattr(event, "text", ""):
        return f"{user.nick}, we do not speak of birds"

@hookimpl
def server_event(event):
    told.append(type(event.event).__name__)
    if len(told) == 4:
        server_event.reached.set()
import threading
server_event.reached = threading.Event()
'''

FAULTY = '''
"""Every hook, failing."""
from ircish import hookimpl

@hookimpl
def server_started(server):
    raise SystemExit

@hookimpl
def server_stopping(server):
    raise ValueError

@hookimpl
def server_refuse(event):
    raise ValueError

@hookimpl
def server_event(event):
    raise ValueError
'''


def test_plugins_are_told_asked_and_their_faults_are_their_own(
    open_chat: OpenChat, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "hooks.py").write_text(HOOKS)
    (tmp_path / "faulty.py").write_text(FAULTY)
    chat = open_chat({"server.plugins": [str(tmp_path)]})
    import ircish_plugin_hooks as hooks

    ben, ann = chat.nc("ben"), chat.nc("ann")
    assert hooks.told[0] == "started chat.example"
    assert ann.ask("MSG see the heron") == ["!!! ann, we do not speak of birds"]
    assert ann.ask("TOPIC herons") == ["!!! ann, we do not speak of birds"]
    assert chat.irc("irc", join="#lobby").ask("PRIVMSG #lobby :heron") == [
        ":chat.example NOTICE irc :irc, we do not speak of birds"
    ]
    assert ben.lines() == ["*** ann joined #lobby", "*** irc joined #lobby"]
    assert hooks.server_event.reached.wait(20)
    assert hooks.told[1:4] == ["Registered", "Joined", "Registered"]
    chat.stop()
    assert "stopping" in hooks.told
    for hook in ("server_started", "server_stopping", "server_refuse", "server_event"):
        assert f"plugin faulty: {hook} failed" in caplog.text


# A history that cannot be written ---------------------------------------------------------------


@contextmanager
def locked(chat: Chat) -> Iterator[None]:
    """Another program holds the database's lock."""
    path = chat.config.server.data_dir / "history.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def operator(chat: Chat) -> Person:
    admin = chat.nc("admin")
    admin.ask(f"OPER admin {chat.server.one_time_password}", "PART")
    return admin


def saved(chat: Chat) -> list[str]:
    rows = chat.server.history.latest("#lobby", 9999)
    return [row.text for row in rows if row.kind == "message"]


def test_while_the_history_is_locked_senders_are_told_the_chat_goes_on_and_all_is_saved_later(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    admin, ben, ann = operator(chat), chat.nc("ben"), chat.nc("ann")
    irc = chat.irc("irc", join="#lobby")
    ann.ask("MSG before")
    for each in (ben, irc):
        each.lines()
    chat.settled()
    with locked(chat):
        ann.send("MSG one")
        assert ann.expect("saved") == NOT_SAVED
        assert ben.ask("MSG two", "TOPIC tea")[0] == "<ann> one"
        irc.send("PRIVMSG #lobby :three")
        assert irc.expect("saved") == (
            ":chat.example NOTICE irc :"
            "Your message to #lobby was delivered, but could not be saved yet"
        )
        cyd = chat.nc("cyd")
        assert "<irc> three" in "\n".join(cyd.welcome)
        assert not any("saved" in line for line in cyd.lines())
        assert "<ann> one" in "\n".join(cyd.ask("HISTORY"))
        assert cyd.ask("SEARCH before")[0].endswith("<ann> before")
        assert saved(chat) == ["before"]
        assert "cannot be saved" in admin.line()
    assert "is saved again" in admin.line()
    ann.ask("MSG after")
    chat.settled()
    assert saved(chat) == ["before", "one", "two", "three", "after"]
    assert "another program has locked it" in caplog.text


def test_when_the_disk_is_full_nothing_that_was_not_complained_of_is_missing(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        "ircish.server.server.History", functools.partial(History, max_page_count=20)
    )
    chat = open_chat()
    admin, ben, ann = operator(chat), chat.nc("ben"), chat.nc("ann")
    ben.lines()
    heard: list[str] = []
    complaint = False
    number = 0
    while not complaint and number < 1000:
        complaint = NOT_SAVED in ann.ask(f"MSG m{number} {'x' * 400}") + ann.lines()
        number += 1
        heard += ben.lines()
    assert complaint
    assert "the disk is full" in admin.line()
    assert "*** PONG x" in ann.ask("MSG on we go", "PING x")
    heard += ben.lines()
    assert len(heard) == number + 1
    connection = chat.server.history._connection
    connection.execute("PRAGMA max_page_count = 100000")
    assert "is saved again" in admin.line()
    ann.ask("MSG saved at once")
    chat.settled()
    assert [f"<ann> {text}" for text in saved(chat)] == heard + ben.lines()


def test_what_could_not_be_saved_is_saved_at_the_stop(chat: Chat) -> None:
    ann = chat.nc("ann")
    with locked(chat):
        ann.send("MSG late")
        ann.expect("could not be saved")
    chat.stop()
    with closing(History(chat.config.server.data_dir)) as history:
        assert "late" in [row.text for row in history.latest("#lobby", 9)]

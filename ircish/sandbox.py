"""A chat to try a plugin's examples in: a server that does not listen, with nothing of the real
one's; ann types each example's line, and what she then reads is compared."""

from __future__ import annotations

import re
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ircish.command import Command
from ircish.config import Config
from ircish.log import ASIDE
from ircish.pluginfiles import Source, of_file
from ircish.stuck import TooLong, within

if TYPE_CHECKING:
    from ircish.server.server import Server

PATIENCE = 2.0
"""Seconds in which all examples of a plugin must have been done."""

LOADING = 10.0
"""Seconds for its import, for each of its hooks."""

ENDING = 0.1
"""Seconds for threads that hang to end when they are asked to."""

NOON = 1_900_000_000.0
"""What time it is there, in seconds since the epoch; it stands still."""

CHANNEL = "#lobby"

ANYTHING = "..."
"""In what an example says that ann reads: any text."""


def check(path: Path) -> list[str]:
    """What is wrong with the plugin in a file, a sentence each: it cannot be loaded, an example
    does not come out as it says."""
    return problems(of_file(path))


def problems(
    source: Source | str, tables: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
) -> list[str]:
    """Likewise, by a sandbox for it alone."""
    with Sandbox(tables) as sandbox:
        return sandbox.problems(source)


class Sandbox:
    """Tries plugins, one after the other, in one chat. Use it in a ``with``."""

    def __init__(self, tables: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> None:
        """``tables`` are the plugins' own settings, as the real server has them."""
        self._tables = tables
        self._server: Server | None = None
        self._directory = ""

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        within(LOADING, self._abandon, _nobodys, ASIDE)

    def problems(self, source: Source | str) -> list[str]:
        """What is wrong with a plugin, or with one that is built in, by its name; a sentence
        each."""
        try:
            # in a thread whose name says that all this is not real: it logs nothing
            return within(5 * LOADING, lambda: self._problems(source), _nobodys, ASIDE)
        except TooLong as problem:
            return [f"{problem}."]

    def _problems(self, source: Source | str) -> list[str]:
        from ircish.pluginmanager import NotLoaded

        server = self._server = self._server or self._begun()
        plugins = server.plugins
        if isinstance(source, str):
            return list(_tried(server, plugins.plugins[source].commands))
        try:
            plugin = plugins.load(source)
            found = list(_tried(server, plugin.commands))
            plugins.unload(plugin.name)
        except NotLoaded as problem:
            found = [str(problem)]
        if found:
            self._abandon()  # something of it may still be at work
        return found

    def _begun(self) -> Server:
        from ircish.pluginmanager import PluginManager
        from ircish.server.server import Server

        self._directory = tempfile.mkdtemp(prefix="ircish-")
        settings = replace(
            Config().server,
            data_dir=Path(self._directory),
            default_channel=CHANNEL,
            one_core=False,
        )
        limits = replace(Config().limits, flood_rate=0)
        config = replace(Config(), server=settings, limits=limits, plugins=self._tables)
        plugins = PluginManager(
            tables=self._tables, clock=lambda: NOON, patience=LOADING, threads=ASIDE, linger=0
        )
        plugins.load_builtin()
        server = Server(config, clock=lambda: NOON, plugins=plugins)
        server.begin()
        plugins.started()
        return server

    def _abandon(self) -> None:
        if server := self._server:
            self._server = None
            server.abandon()
            _end_threads(server)
            shutil.rmtree(self._directory, ignore_errors=True)


def _nobodys(file: str) -> bool:
    return False


def _tried(server: Server, commands: Iterable[Command]) -> Iterator[str]:
    deadline = time.monotonic() + PATIENCE
    for command in commands:
        if "plain" not in command.dialects:
            continue
        for line, expected in command.examples.items():
            ann = Ann(server, deadline)
            try:
                read = ann.types(line, operator=command.allow in ("op", "oper"))
            except TimeoutError:
                ann.leave_behind()
                yield f"{command.verb}: the example {line!r} takes longer than {PATIENCE:g} s."
                return
            if not any(_is(expected, each) for each in ("\n".join(read), *read)):
                got = " / ".join(read) or "nothing"
                yield f"{command.verb}: after {line!r} ann reads {got!r}, not {expected!r}."


def _is(expected: str, read: str) -> bool:
    """Whether that is what an example says; ``""`` is nothing at all."""
    pattern = ".*".join(re.escape(part) for part in expected.split(ANYTHING))
    return re.fullmatch(pattern, read, re.DOTALL) is not None


def _end_threads(server: Server) -> None:
    deadline = time.monotonic() + ENDING
    while server.plugins.watch(0.0) and time.monotonic() < deadline:
        time.sleep(0.005)


class Ann:
    """Somebody at netcat, once; an operator of the server where the command wants one."""

    def __init__(self, server: Server, deadline: float) -> None:
        from ircish.server.connection import Connection

        self._server = server
        self._deadline = deadline
        self._socket, theirs = socket.socketpair()
        self._received = b""
        self._connection = Connection(server, theirs, "127.0.0.1")
        server.writer.watch(self._connection.reader)
        self._thread = threading.Thread(
            target=self._connection.run, name=f"{ASIDE} ann", daemon=True
        )
        self._thread.start()

    def types(self, line: str, *, operator: bool) -> list[str]:
        """What she reads after a line, without the server's marks. Raises TimeoutError."""
        with self._socket:
            self._ask("NICK ann\nPONG")  # a PING alone would not wait for the NICK
            if operator:
                self._ask(f"OPER admin {self._server.one_time_password}")
            read = self._ask(line)
        self._thread.join(max(0.0, self._deadline - time.monotonic()))  # the next is ann too
        return read

    def leave_behind(self) -> None:
        """Her command does not come back."""
        self._connection.ended = True
        self._connection.give_up(0.0)

    def _ask(self, line: str) -> list[str]:
        self._socket.sendall(f"{line}\nPING done\n".encode())
        while not self._received.endswith(b"PONG done\r\n"):
            self._socket.settimeout(max(0.001, self._deadline - time.monotonic()))
            data = self._socket.recv(65536)
            if not data:  # she has left
                break
            self._received += data
        lines, self._received = self._received.decode().split("\r\n")[:-1], b""
        return [
            each.removeprefix("*** ").removeprefix("!!! ")
            for each in lines
            if each != "*** PONG done"
        ]

"""Chats to test plugins with: a real server on a free port, people at nc, IRC clients.

The pytest fixtures ``chat`` and ``open_chat`` are in pytest_plugin. Nothing sleeps: ``lines`` asks
the server for a PONG and returns what came before it. What others cause is in it as soon as they
have had their own PONG. Every wait ends after ``PATIENCE``.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import select
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ircish.config import Config, load
from ircish.pluginfiles import of_file
from ircish.server import Server
from ircish.server.server import loaded
from ircish.wire import Message, parse

__all__ = ["DEFAULTS", "PATIENCE", "Chat", "Client", "Closed", "IrcClient", "Person"]

PATIENCE = 20.0
"""Seconds after which what a test waits for counts as not coming."""

DEFAULTS = {
    "server.name": "chat.example",
    "server.host": "127.0.0.1",
    "server.port": 0,
    "limits.flood_rate": 0,
}
"""Settings of a chat, where a test says nothing else."""


class Closed(Exception):
    """The server has closed the connection; ``lines`` came before."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(f"the server closed the connection after {lines}")
        self.lines = lines


class Client:
    """A TCP connection to a chat, that has said nothing yet."""

    _tokens = itertools.count(1)

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._begin: tuple[str, ...] = ("PONG",)
        """Sent before the first barrier: a PING behind a NICK alone does not wait for it."""

    # Sending ------------------------------------------------------------------------------------

    def send(self, *lines: str) -> None:
        """Send lines, each with its end."""
        self.send_bytes("".join(f"{line}\r\n" for line in lines).encode())

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def half_close(self) -> None:
        """Say that nothing more will come; what the server says can still be read."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close; may be called twice."""
        self.socket.close()

    def reset(self) -> None:
        """Close as a tool does that does not wait: the server sees the connection reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # Reading ------------------------------------------------------------------------------------

    def line(self) -> str:
        """The next line. Raises Closed at the end, TimeoutError where nothing comes."""
        while b"\n" not in self._received:
            try:
                data = self.socket.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                raise Closed([self._received.decode()] if self._received else [])
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return line.removesuffix(b"\r").decode()

    def until(self, is_last: Callable[[str], object]) -> list[str]:
        """Lines up to and with the first for which ``is_last``. Raises Closed, TimeoutError."""
        lines: list[str] = []
        while not lines or not is_last(lines[-1]):
            try:
                lines.append(self.line())
            except Closed as closed:
                raise Closed(lines + closed.lines) from None
            except TimeoutError:
                seconds = self.socket.gettimeout()
                raise TimeoutError(f"in {seconds:g} s there came only {lines}") from None
        return lines

    def expect(self, text: str) -> str:
        """Read up to a line with ``text`` in it, and return that line. Raises Closed, and
        TimeoutError where there is none."""
        return self.until(lambda line: text in line)[-1]

    def readable(self) -> bool:
        """Whether something has come that was not read yet."""
        return bool(self._received or select.select([self.socket], [], [], 0)[0])

    def lines(self) -> list[str]:
        """Everything up to a barrier, a PING with its PONG. Raises Closed."""
        token = f"barrier{next(self._tokens)}"
        try:
            self.send(*self._begin, f"PING {token}")
        except ConnectionError:
            raise Closed(self.rest()) from None
        self._begin = ()
        return self.until(lambda line: "PONG" in line and line.endswith(token))[:-1]

    def ask(self, *lines: str) -> list[str]:
        """Send lines and return everything up to the barrier after them. Raises Closed."""
        self.send(*lines)
        return self.lines()

    def rest(self) -> list[str]:
        """Everything until the server closes the connection, which it has to."""
        try:
            self.until(lambda line: False)
        except Closed as closed:
            return closed.lines
        raise AssertionError


Known = TypeVar("Known", bound=Client)


class Person(Client):
    """Somebody at a raw TCP tool: nc, telnet, socat."""

    def __init__(self, address: tuple[str, int], nick: str) -> None:
        super().__init__(address)
        self.nick = nick
        self.welcome = self.ask(f"NICK {nick}")
        """What was read on coming in."""

    def say(self, text: str) -> list[str]:
        """Say it in the current channel; what came up to the barrier after it. Raises Closed."""
        return self.ask(f"MSG {text}")


class IrcClient(Client):
    """An IRC client; in a channel only where it was told to ``join``."""

    def __init__(
        self, address: tuple[str, int], nick: str, caps: Iterable[str] = (), *, join: str = ""
    ) -> None:
        super().__init__(address)
        self.nick = nick
        self.send("CAP LS 302", f"NICK {nick}", f"USER {nick} 0 * :{nick.title()}")
        for cap in caps:
            self.send(f"CAP REQ {cap}")
        self.welcome = self.ask("CAP END")
        """What was read on coming in."""
        self.channel = re.split("[ ,]", join)[0]
        """Where ``say`` is heard: the first channel that was joined."""
        if join:
            self.ask(f"JOIN {join}")

    def say(self, text: str) -> list[str]:
        """Say it in the channel; what came up to the barrier after it. Raises Closed."""
        if not self.channel:
            raise ValueError(
                f'{self.nick} is in no channel: chat.irc("{self.nick}", join="#lobby")'
            )
        return self.ask(f"PRIVMSG {self.channel} :{text}")

    def messages(self, *lines: str) -> list[Message]:
        """Like ``ask``, parsed."""
        return [message for line in self.ask(*lines) if (message := parse(line))]


class Chat:
    """A server and those who talk to it. ``close`` ends them all."""

    def __init__(
        self,
        data_dir: Path,
        settings: Mapping[str, Any] | None = None,
        operators: Mapping[str, str] | None = None,
        plugins: Iterable[Path] = (),
    ) -> None:
        """Start a server with its data in ``data_dir`` and nobody's ircish.toml.

        ``settings`` are those of ircish.toml, as ``{"limits.sendq": 5000, "plugins.tea": {"sugar":
        2}}``, over DEFAULTS; ``operators`` are names and passwords; ``plugins`` are files, each in
        the place of another plugin of that name. Raises what is wrong with a plugin; its examples
        are not tried, until it is reloaded.
        """
        self._plugins = [Path(path).absolute() for path in plugins]
        chosen = {**DEFAULTS, "server.data_dir": str(data_dir), **(settings or {})}
        chosen["server.without"] = [
            *chosen.get("server.without", ()),
            *(path.stem for path in self._plugins),
        ]
        tables = {
            name.removeprefix("plugins."): chosen.pop(name)
            for name in list(chosen)
            if name.startswith("plugins.")
        }
        data_dir.mkdir(parents=True, exist_ok=True)
        empty = data_dir / "ircish.toml"  # else it would be the user's own that is read
        empty.touch()
        config = load(empty, chosen)
        self.config: Config = dataclasses.replace(config, operators=operators or {}, plugins=tables)
        self._clients: list[Client] = []
        self.server = self._started()
        self._running = True

    def _started(self) -> Server:
        server = Server(self.config, plugins=loaded(self.config, examples=False, linger=0))
        server.start()
        try:
            for path in self._plugins:
                plugin = of_file(path)
                server.plugins.register(plugin.name, plugin.load(), plugin.origin)
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.server.address

    def connect(self) -> Client:
        """A connection that has said nothing yet."""
        return self._met(Client(self.address))

    def nc(self, nick: str) -> Person:
        """Somebody at a raw TCP tool, in the default channel, ``#lobby``."""
        return self._met(Person(self.address, nick))

    def irc(self, nick: str, caps: Iterable[str] = (), *, join: str = "") -> IrcClient:
        """An IRC client with these capabilities, in the channels that ``join`` names."""
        return self._met(IrcClient(self.address, nick, caps, join=join))

    def _met(self, client: Known) -> Known:
        self._clients.append(client)
        return client

    def settled(self) -> None:
        """Return when all that has happened is saved and on its way to its readers."""
        assert self.server.writer.wait_saved(self.server.hub.seq, PATIENCE)

    def stop(self, reason: str = "The server stops") -> None:
        """Stop the server; may be called twice."""
        if self._running:
            self._running = False
            self.server.stop(reason)

    def restart(self) -> None:
        """Stop, and begin anew with the same data and another port."""
        self.stop()
        self.server = self._started()
        self._running = True

    def close(self) -> None:
        """Stop the server and close every connection to it."""
        try:
            self.stop()
        finally:
            for client in self._clients:
                client.close()

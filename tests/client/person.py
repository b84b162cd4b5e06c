"""A Client with a face and a link that only note what is asked of them, on a server that says what
the test lets it say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ircish.client import sides
from ircish.client.client import Client
from ircish.client.command import Commands
from ircish.client.place import Place
from ircish.client.plugins import Plugins
from ircish.client.settings import Settings
from ircish.client.windows import Window

NOON = 1_795_348_800.0
CAPS = "batch echo-message labeled-response message-tags draft/chathistory ircish/commands"
WELCOME = (
    f":chat.example CAP * LS :{CAPS}",
    f":chat.example CAP ann ACK :{CAPS}",
    ":chat.example 001 ann :Welcome to chat.example, ann!~ann@host",
    ":chat.example 005 ann CASEMAPPING=ascii CHANTYPES=# STATUSMSG=@+ MODES=4 :are supported",
    ":chat.example 376 ann :End",
)
CATALOGUE = (
    ":chat.example BATCH +c ircish/commands",
    *(
        f"@batch=c :chat.example COMMANDS {line}"
        for line in (
            "HELP anyone [<verb>] :See every command, or one of them: HELP MSG.",
            "KICK op [#channel]\\s<nick>\\s[<reason>] :Put somebody out of a channel.",
            "KLINE oper <nick>\\s[<reason>] :Put somebody out of the server.",
            "LIGHT anyone <on|off>\\s[<room>] :Switch a light.",
            "POLL member [#channel]\\s<question> :Ask all in a channel.",
            "ROLL anyone [<dice>] :Roll dice for everyone to see.",
            "SEARCH anyone <words> :Find lines in your channels by their words.",
            "STOP anyone * :Stop it.",
        )
    ),
    ":chat.example BATCH -c",
)


class Face:
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []

    def changed(self) -> None: ...

    def later(self, seconds: float, call: Callable[[], None]) -> None: ...

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not hasattr(sides.Face, name):
            raise AttributeError(name)
        return lambda *given: self.done.append((name, *given))


class Link:
    """Notes what it is asked; what is sent is kept, without labels."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.done: list[tuple[Any, ...]] = []
        self._out = b""

    def flush(self) -> None:
        self._out += self.client.outgoing()

    def label(self) -> str:
        """That of the command that was sent last."""
        return self._out.decode().rpartition("@label=")[2].partition(" ")[0]

    def sent(self) -> list[str]:
        """The lines since the last time, as a server reads them."""
        out, self._out = self._out, b""
        lines = out.decode().split("\r\n")[:-1]
        return [line.partition(" ")[2] if line[:1] == "@" else line for line in lines]

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not hasattr(sides.Connector, name):
            raise AttributeError(name)
        return lambda *given: self.done.append((name, *given))


class Person:
    """Somebody, called ann, at their client."""

    def __init__(self, settings: Settings | None = None) -> None:
        now = [NOON]
        self.client = client = Client(
            settings or Settings(),
            Commands(),
            Plugins(),
            clock=lambda: now[0],
            monotonic=lambda: now[0],
        )
        self.face = client.face = Face()  # type: ignore[assignment]
        self.link = client.link = Link(client)  # type: ignore[assignment]
        self.wait = lambda seconds: now.__setitem__(0, now[0] + seconds)

    def come_in(self, *channels: str, catalogue: bool = True) -> Person:
        """Be connected, and in these channels."""
        self.client.connecting(Place("chat.example", 5555, nick="ann"))
        self.client.connected()
        self.hear(*WELCOME, *(CATALOGUE if catalogue else ()))
        for channel in channels:
            self.enter(channel)
        self.link.sent()
        return self

    def enter(self, channel: str, names: str = "@ann ben +Cas dora") -> Window:
        self.hear(
            f":ann!~ann@host JOIN {channel}",
            f":chat.example 353 ann = {channel} :{names}",
            f":chat.example 366 ann {channel} :End",
        )
        batch = f"BATCH +h chathistory {channel}"
        self.hear(f"@label={self.link.label()} :chat.example {batch}", ":chat.example BATCH -h")
        window = self.client.windows.find(channel, "channel")
        assert window
        self.client.windows.show(window)
        return window

    def hear(self, *lines: str) -> None:
        self.client.received("".join(f"{line}\r\n" for line in lines).encode())

    def type(self, text: str) -> bool:
        return self.client.type(text)

    def sends(self, text: str) -> list[str]:
        """What is sent when this is typed."""
        self.link.sent()
        self.client.type(text)
        return self.link.sent()

    def reads(self, text: str, window: Window | None = None) -> list[str]:
        """The lines that appear when this is typed."""
        before = (window or self.client.windows.current).log.end
        self.client.type(text)
        return self.lines(window, before)

    def lines(self, window: Window | None = None, start: int = 0) -> list[str]:
        log = (window or self.client.windows.current).log
        return [log[number].text for number in range(max(start, log.first), log.end)]

    def window(self, name: str) -> Window:
        found = self.client.windows.find(name)
        assert found, name
        return found

    @property
    def names(self) -> Sequence[str]:
        """The windows, in their order."""
        return [window.name for window in self.client.windows]

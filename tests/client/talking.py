"""A Client to test with: no terminal, no socket; its clocks stand still until they are moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ircish.client.client import Client
from ircish.client.command import Commands
from ircish.client.log import Entry
from ircish.client.place import Place
from ircish.client.plugins import Plugins
from ircish.client.session import ALL_CAPS
from ircish.client.settings import Settings
from ircish.client.windows import Window

NOON = 1_795_348_800.0
"""2026-11-22T12:00:00Z, when the clocks begin."""

EVERY_CAP = " ".join(sorted(ALL_CAPS))
FEW_CAPS = "batch draft/chathistory echo-message message-tags server-time"
ISUPPORT = "CASEMAPPING=ascii CHANTYPES=# PREFIX=(ov)@+ STATUSMSG=@+ CHANMODES=beI,k,l,imnpst"


class Face:
    """Notes what a person would see happen."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None]]] = []
        """The fake monotonic time at which each is due, and what to call."""
        self.clock: Callable[[], float] = lambda: 0.0
        self.notified: list[tuple[str, str]] = []
        self.copied: list[str] = []
        self.searched: list[str] = []
        self.left = False

    def changed(self) -> None: ...
    def redraw(self) -> None: ...

    def notify(self, title: str, text: str) -> None:
        self.notified.append((title, text))

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self.timers.append((self.clock() + seconds, call))

    def leave(self) -> None:
        self.left = True

    def copy(self, text: str) -> None:
        self.copied.append(text)

    def search(self, text: str) -> None:
        self.searched.append(text)


class FakeLink:
    """Takes what the client sends, while it is connected."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.open = False
        self.data = b""
        self.gave_up = False
        self.settled_times = 0
        self.places: list[Place] = []

    def connect(self, place: Place) -> None:
        self.places.append(place)
        self.open = self.gave_up = False
        self.client.connecting(place)

    def disconnect(self) -> None:
        self.open = False
        self.client.lost("Disconnected.", None)

    def retry_now(self) -> None:
        self.connect(self.places[-1])

    def flush(self) -> None:
        if self.open:
            self.data += self.client.outgoing()

    def settled(self) -> None:
        self.settled_times += 1

    def give_up(self) -> None:
        self.gave_up = True


class Talk:
    """A Client, its face and its link; what the server says is ``hear``d."""

    def __init__(self, place: Place | None = None, **settings: Any) -> None:
        self.elapsed = 0.0
        self.settings = Settings()
        for name, value in settings.items():
            self.settings.put(name, value)
        self.client = Client(
            self.settings,
            Commands(),
            Plugins(),
            clock=lambda: NOON + self.elapsed,
            monotonic=lambda: self.elapsed,
        )
        self.face = self.client.face = Face()
        self.face.clock = lambda: self.elapsed
        self.link = FakeLink(self.client)
        self.client.link = self.link
        self.windows = self.client.windows
        self.place = place or Place("chat.example", 5555, nick="ann")

    # The link -----------------------------------------------------------------------------------

    def connect(self, place: Place | None = None) -> list[str]:
        """Connect; what the client says first."""
        self.link.connect(place or self.place)
        self.link.open = True
        self.client.connected()
        self.client.flush()
        return self.sent()

    def come_in(self, caps: str = EVERY_CAP, *, nick: str = "ann", isupport: str = "") -> list[str]:
        """Be let in, up to the end of the MOTD; what the client says then."""
        self.hear(f":chat.example CAP * LS :{caps}")
        self.sent()
        self.hear(
            f":chat.example CAP {nick} ACK :{caps}",
            f":chat.example 001 {nick} :Welcome to chat.example, {nick}!~{nick}@host",
            f":chat.example 005 {nick} {ISUPPORT} {isupport}".rstrip() + " :are supported",
        )
        self.sent()
        self.hear(f":chat.example 422 {nick} :No MOTD")
        return self.sent()

    def enter(self, channel: str, *others: str) -> list[str]:
        """Be in a channel with others; what the client says then."""
        nick = self.client.nick
        self.hear(
            f":{nick}!~{nick}@host JOIN {channel}",
            f":chat.example 353 {nick} = {channel} :{' '.join((nick, *others))}",
            f":chat.example 366 {nick} {channel} :End",
        )
        return self.sent()

    def hear(self, *lines: str) -> None:
        """The server says this."""
        self.client.received("".join(f"{line}\r\n" for line in lines).encode(errors="replace"))

    def sent(self) -> list[str]:
        """What the client has sent since it was asked last."""
        data, self.link.data = self.link.data, b""
        return data.decode().split("\r\n")[:-1]

    def echo(self, line: str, **tags: str) -> None:
        """The server tells us a line of ours, with the label it had."""
        label, rest = line.split(" ", 1) if line[0] == "@" else ("", line)
        words = [label[1:]] if label else []
        words += [f"{name}={value}" for name, value in tags.items()]
        start = f"@{';'.join(words)} " if words else ""
        self.hear(f"{start}:{self.client.nick}!~ann@host {rest}")

    def lose(self, reason: str = "The connection was reset.", after: float | None = 5.0) -> None:
        """The connection is lost; it is tried again after so many seconds."""
        self.link.open = False
        self.client.lost(reason, None if after is None else self.elapsed + after)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        end = self.elapsed + seconds
        while due := [each for each in self.face.timers if each[0] <= end]:
            first = min(due, key=lambda each: each[0])
            self.face.timers.remove(first)
            self.elapsed = max(self.elapsed, first[0])
            first[1]()
        self.elapsed = end

    # What is seen -------------------------------------------------------------------------------

    def window(self, name: str) -> Window:
        """The window of that name; "" is the server's."""
        found = self.windows.find(name) if name else self.windows.server
        assert found is not None, [each.name for each in self.windows]
        return found

    def show(self, name: str) -> Window:
        """Switch to a window."""
        self.windows.show(self.window(name))
        return self.windows.current

    def entries(self, name: str) -> list[Entry]:
        return list(self.window(name).log)

    def texts(self, name: str) -> list[str]:
        """What a window's lines say."""
        return [entry.text for entry in self.window(name).log]

    def last(self, name: str) -> Entry:
        """A window's last line."""
        last = self.window(name).log.last
        assert last is not None
        return last


def talk(**settings: Any) -> Talk:
    """Inside, and in #dev, which is shown, with ben."""
    here = Talk(**settings)
    here.connect()
    here.come_in()
    here.client.type("/join #dev")
    here.sent()
    here.enter("#dev", "ben")
    return here


def old(**settings: Any) -> Talk:
    """The same on a server that has no capabilities at all."""
    here = Talk(**settings)
    here.connect()
    here.come_in("")
    here.client.type("/join #dev")
    here.sent()
    here.enter("#dev", "ben")
    return here

"""An IRC client's side of a connection: bytes in, events and bytes out, and what is known of the
channels we are in. No socket, no thread, no terminal; what each line means is receiving's."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from ircish.chat.names import fold
from ircish.client.channels import Channel, Modes
from ircish.client.events import ClientEvent, Closed, Message, Noted
from ircish.client.fitting import variations
from ircish.client.receiving import Batch, Heard, ServerCommand, milliseconds, take
from ircish.dialects.irc import CATALOGUE, MULTILINE, timestamp
from ircish.events import ACTION, Source
from ircish.wire import MAX_LINE, NO_TAGS, Fault, LineBuffer, encode, format, parse
from ircish.wire import Message as Line

CAPS = (
    "batch",
    "cap-notify",
    "draft/chathistory",
    MULTILINE,
    "echo-message",
    "labeled-response",
    "message-tags",
    "server-time",
)
"""The capabilities that one who talks needs (IRCv3)."""

ALL_CAPS = (
    *CAPS,
    "account-notify",
    "account-tag",
    "away-notify",
    "chghost",
    "draft/message-redaction",
    "draft/read-marker",
    "extended-join",
    CATALOGUE,
    "invite-notify",
    "multi-prefix",
    "setname",
    "standard-replies",
    "userhost-in-names",
)
"""All that a Session understands: for one who shows everything."""

LONGEST_LINE = 8192
"""Bytes of a line without its tags that are taken from a server that keeps no limit."""

LONGEST_PLACE = 18 + 1 + 63
"""Characters of user@host to allow for while the server has not told us ours."""


class Session:
    """One connection to a server, from ``start`` to ``Closed``.

    Feed what comes to ``receive``, send what ``outgoing`` gives.
    """

    def __init__(
        self,
        nick: str,
        *,
        username: str = "",
        realname: str = "",
        password: str = "",
        caps: Iterable[str] = CAPS,
        clean: Callable[[str], str] = str,
    ) -> None:
        """``caps`` are asked for where the server offers them. ``clean`` is what every word of
        the server's goes through before it is understood: ``text.cleaned`` before a terminal."""
        self.nick = nick
        self.prefix = ""
        """Our nick!user@host, "" until it is known."""
        self.registered = False
        self.closed = False
        self.leaving = False
        """We have said that we leave."""
        self.away = False
        self.own_modes = ""
        """The letters of our user modes, such as "i"."""
        self.caps: frozenset[str] = frozenset()
        """The capabilities that are in force."""
        self.offered: dict[str, str] = {}
        """The server's capabilities and their values."""
        self.isupport: dict[str, str] = {}
        """What the server says of itself (005), such as NICKLEN; "" where it has no value."""
        self.modes = Modes.parse({})
        """How this server's channel modes are read."""
        self.channels: dict[str, Channel] = {}
        """The channels we are in, by folded name."""
        self.catalogue: dict[str, ServerCommand] = {}
        """The commands that the server has, by verb, where it tells."""
        self.batches: dict[str, Batch] = {}
        """Those that have begun, by reference."""
        self.varied = False
        """While coming in: a nick that is taken was asked for."""
        self._wanted = frozenset(caps)
        self._asked = 0  # CAP REQs that are not answered yet
        self._clean = clean
        self._username = username or nick
        self._realname = realname or nick
        self._password = password
        self._nicks = variations(nick)
        self._labels = map(str, itertools.count(1))
        self._buffer = LineBuffer(LONGEST_LINE)
        self._out: list[bytes] = []
        self._events: list[ClientEvent] = []

    # What is known ------------------------------------------------------------------------------

    @property
    def default_channel(self) -> str:
        """The channel in which people come in here, "" where the server does not say."""
        return self.isupport.get("ircish/DEFAULTCHANNEL", "")

    @property
    def echoes(self) -> bool:
        """Whether our own words come back from the server once it has them (echo-message)."""
        return "echo-message" in self.caps

    @property
    def has_history(self) -> bool:
        """Whether the server can be asked for the past (chathistory)."""
        return {"draft/chathistory", "batch"} <= self.caps

    @property
    def marks(self) -> str:
        """The marks of ranks in a channel, the highest first: ``@+``."""
        return self.modes.marks

    def channel(self, name: str) -> Channel | None:
        """A channel that we are in."""
        return self.channels.get(self.fold(name))

    def mark(self, channel: str, nick: str) -> str:
        """The highest mark of somebody in a channel, "" where there is none."""
        known = self.channels.get(self.fold(channel))
        member = known.members.get(self.fold(nick)) if known else None
        return member.marks[:1] if member else ""

    def is_channel(self, name: str) -> bool:
        """Whether a name is a channel's, not a nick (ISUPPORT CHANTYPES)."""
        return name[:1] != "" and name[:1] in self.isupport.get("CHANTYPES", "#&")

    def audience(self, target: str) -> tuple[str, str]:
        """Mark and channel of ``@#dev``, which only some of #dev hear (ISUPPORT STATUSMSG);
        "" and the target itself for any other."""
        name = target.lstrip(self.isupport.get("STATUSMSG", ""))
        return (target[: -len(name)], name) if self.is_channel(name) else ("", target)

    def is_me(self, nick: str) -> bool:
        """Whether a nick is ours."""
        return self.fold(nick) == self.fold(self.nick)

    def fold(self, name: str) -> str:
        """A name as this server compares it (ISUPPORT CASEMAPPING)."""
        return _fold(name, self.isupport.get("CASEMAPPING", "rfc1459"))

    def fits(self, target: str, verb: str = "PRIVMSG") -> int:
        """The bytes of text that one message to ``target`` can have, as others read it; of an
        ``ACTION`` what is left beside its frame."""
        prefix = self.prefix or f"{self.nick}!{'x' * LONGEST_PLACE}"
        frame = len(ACTION) + 1 if verb == "ACTION" else 0
        verb = "PRIVMSG" if frame else verb
        return MAX_LINE - frame - len(f":{prefix} {verb} {target} :\r\n".encode())

    # Out ----------------------------------------------------------------------------------------

    def outgoing(self) -> bytes:
        """What is to be sent now; it is given once."""
        out, self._out = self._out, []
        return b"".join(out)

    def start(self) -> None:
        """Begin to register: capabilities, password, nick, user."""
        self.send("CAP", "LS", "302")
        if self._password:
            self.send("PASS", self._password)
        self.send("NICK", self.nick)
        self.send("USER", self._username, "0", "*", self._realname)

    def send(
        self, verb: str, *params: str, label: bool = False, tags: Mapping[str, str] = NO_TAGS
    ) -> str:
        """Queue a line; its label where one was asked for and the server answers with them, else
        "". ``tags`` are sent where the server takes them. Raises ValueError for what cannot be one
        line."""
        tags = tags if "message-tags" in self.caps else NO_TAGS
        if label:
            tags = {**tags, **self._label()}
        self._out.append(format(Line(verb, params, tags)))
        return tags.get("label", "")

    def send_line(self, text: str) -> str:
        """Queue a line as it is written; its label, where it has no tags of its own and the
        server answers with labels. Raises ValueError for what is not one line."""
        text = text.strip(" ")
        if not text:
            raise ValueError("an empty line says nothing")
        tags = self._label() if text[0] != "@" else NO_TAGS
        self._out.append(encode(f"@label={tags['label']} {text}" if tags else text))
        return tags.get("label", "")

    def _label(self) -> dict[str, str]:
        return {"label": next(self._labels)} if "labeled-response" in self.caps else {}

    def join(self, channel: str, key: str = "") -> str:
        """Go into a channel; the label."""
        return self.send("JOIN", channel, *([key] if key else []), label=True)

    def part(self, channel: str, reason: str = "") -> str:
        """Leave a channel; the label."""
        return self.send("PART", channel, *([reason] if reason else []), label=True)

    def rename(self, nick: str) -> str:
        """Take another nick; the label. While coming in, it is the one that counts."""
        if not self.registered:
            self.nick, self.varied, self._nicks = nick, False, variations(nick)
        return self.send("NICK", nick, label=True)

    def set_away(self, text: str = "") -> str:
        """Be away, and why; or with "" be back; the label."""
        return self.send("AWAY", *([text] if text else []), label=True)

    def say(self, target: str, text: str) -> str:
        """Say something to a channel or a nick, of at most ``fits(target)`` bytes; the label."""
        return self._speak("PRIVMSG", target, text)

    def act(self, target: str, text: str) -> str:
        """Tell what we do, in at most ``fits(target, "ACTION")`` bytes; the label."""
        return self._speak("PRIVMSG", target, f"{ACTION}{text}\x01")

    def notice(self, target: str, text: str) -> str:
        """Say something that nothing answers by itself; the label."""
        return self._speak("NOTICE", target, text)

    def _speak(self, verb: str, target: str, text: str) -> str:
        label = self.send(verb, target, text, label=True)
        if not self.echoes:
            source = Source.parse(self.prefix or self.nick)
            kind: Literal["message", "notice"] = "notice" if verb == "NOTICE" else "message"
            self.tell(Message(target, source, self._clean(text), kind, own=True, label=label))
        return label

    def history(
        self,
        target: str,
        count: int,
        *,
        before: str = "",
        after: str = "",
        around: str = "",
        since: str = "",
    ) -> str:
        """Ask for the last messages of a channel or with a nick, or those before, after or around
        a ``msgid=...`` or ``timestamp=...``, or the last ones ``since`` it; the label. Raises
        ValueError where the server has no history."""
        if not self.has_history:
            raise ValueError("this server has no history to ask for")
        ways = {"BEFORE": before, "AFTER": after, "AROUND": around, "LATEST": since or "*"}
        which, selector = next(way for way in ways.items() if way[1])
        return self.send("CHATHISTORY", which, target, selector, str(count), label=True)

    def mark_read(self, target: str, ms: int) -> None:
        """Tell the server that all up to a time (ms since the epoch) has been read, where it keeps
        that."""
        if "draft/read-marker" in self.caps:
            self.send("MARKREAD", target, f"timestamp={timestamp(ms)}")

    def ping(self, token: str) -> None:
        """Ask for a Pong after all that was sent before."""
        self.send("PING", token)

    def quit(self, reason: str = "") -> None:
        """Leave; the server closes."""
        self.leaving = True
        self.send("QUIT", *([reason] if reason else []))

    # In -----------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> list[ClientEvent]:
        """What the bytes that came tell; b"" is the other side's end."""
        for raw in self._buffer.feed(data) if data else self._buffer.end():
            if self.closed:
                break
            if isinstance(raw, Fault):
                self.tell(Noted("WARN", "LINE_TOO_LONG", "A line of the server was too long"))
            elif line := parse(raw.decode(errors="replace").translate(_NO_LINE)):
                self._take(line)
        if not data and not self.closed:
            self.closed = True
            self.tell(Closed("The connection was lost"))
        return self.told()

    def told(self) -> list[ClientEvent]:
        """What there is to tell without any bytes: our own words, where nothing echoes them."""
        events, self._events = self._events, []
        return events

    def _take(self, line: Line) -> None:
        clean, tags = self._clean, line.tags
        account = clean(tags["account"]) if "account" in tags else None
        source = Source.parse(clean(line.source), account)
        if source.host and self.is_me(source.nick):
            self.prefix = source.prefix
        batch = self.batches.get(tags["batch"]) if "batch" in tags else None
        label = tags.get("label", "") or (batch.label if batch else "")
        time = milliseconds(tags.get("time", ""))
        params = tuple(map(clean, line.params))
        take(self, Heard(clean(line.verb), params, tags, source, time, batch, label))

    # For receiving ------------------------------------------------------------------------------

    def tell(self, event: ClientEvent) -> None:
        """Let an event be told."""
        self._events.append(event)

    def try_next_nick(self) -> bool:
        """Ask for another nick, one that may be free; False where all were tried."""
        self.varied = True
        if nick := next(self._nicks, None):
            self.nick = nick
            self.send("NICK", nick)
        return nick is not None

    def change_own_modes(self, changes: str) -> None:
        """Our user modes change: ``+i-w``."""
        letters = set(self.own_modes)
        for sign, letter, _ in _USER_MODES.changes((changes,)):
            (letters.add if sign == "+" else letters.discard)(letter)
        self.own_modes = "".join(sorted(letters))

    def ask_for_caps(self) -> None:
        """Ask for what we want of what is offered and not in force."""
        lines = [""]
        for name in sorted(self._wanted & set(self.offered) - self.caps):
            if len(lines[-1]) + len(name) > _REQUEST:
                lines.append("")
            lines[-1] = f"{lines[-1]} {name}".lstrip()
        for line in filter(None, lines):
            self._asked += 1
            self.send("CAP", "REQ", line)
        self._end_caps()

    def caps_given(self, on: set[str], off: set[str]) -> None:
        """A request was answered with these."""
        had_catalogue = CATALOGUE in self.caps
        self.caps = (self.caps | (on & self._wanted)) - off
        self._asked = max(0, self._asked - 1)
        if self.registered and not had_catalogue:
            self.ask_for_catalogue()
        self._end_caps()

    def _end_caps(self) -> None:
        if not self.registered and not self._asked:
            self.send("CAP", "END")

    def ask_for_catalogue(self) -> None:
        """Ask which commands there are, where the server can tell all of them as one."""
        if {CATALOGUE, "batch"} <= self.caps:
            self.send("COMMANDS")


_REQUEST = MAX_LINE - len("CAP REQ : \r\n")
"""Bytes of names in one request."""

_USER_MODES = Modes({}, "", "", "")

_NO_LINE = dict.fromkeys(map(ord, "\0\r"))
"""What cannot be in a line: it is left out."""

_STRICT = str.maketrans("[]\\", "{}|")
_RFC1459 = str.maketrans("[]\\~", "{}|^")


@functools.lru_cache(8192)
def _fold(name: str, casemapping: str) -> str:
    match casemapping:
        case "rfc1459":
            return fold(name).translate(_RFC1459)
        case "rfc1459-strict":
            return fold(name).translate(_STRICT)
        case "rfc7613" | "rfc8265":
            return name.casefold()
    return fold(name)

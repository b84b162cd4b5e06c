"""An IRC client's side of a connection: bytes in, events and bytes out. No socket, no thread, no
terminal; of the state only what is needed to talk."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ircish.chat.names import fold
from ircish.client.events import (
    Answered,
    ClientEvent,
    Closed,
    Failed,
    JoinedChannel,
    LeftChannel,
    LeftChat,
    Message,
    Past,
    Pong,
    Renamed,
    Told,
    TopicSet,
    Welcomed,
)
from ircish.client.fitting import variations
from ircish.events import Source
from ircish.wire import MAX_LINE, NO_TAGS, Fault, LineBuffer, decode, format, parse
from ircish.wire import Message as Line

CAPS = (
    "batch",
    "cap-notify",
    "draft/chathistory",
    "echo-message",
    "labeled-response",
    "message-tags",
    "server-time",
)
"""The capabilities that a Session understands (IRCv3)."""

TAKEN = ("433", "436", "437")
"""The nick cannot be had: in use, in collision, unavailable (Modern IRC)."""

NO_MOTD = "422"
"""The one 4xx that refuses nothing."""

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
    ) -> None:
        self.nick = nick
        self.prefix = ""
        """Our nick!user@host, "" until it is known."""
        self.registered = False
        self.closed = False
        self.caps: frozenset[str] = frozenset()
        """The capabilities that are in force."""
        self.offered: dict[str, str] = {}
        """The server's capabilities and their values."""
        self.isupport: dict[str, str] = {}
        """What the server says of itself (005), such as NICKLEN; "" where it has no value."""
        self.channels: dict[str, str] = {}
        """The channels we are in, folded, and as they are displayed."""
        self._wanted = frozenset(caps)
        self._username = username or nick
        self._realname = realname or nick
        self._password = password
        self._nicks = variations(nick)
        self._varied = False  # the nick: one that is taken was asked for
        self._labels = map(str, itertools.count(1))
        self._buffer = LineBuffer()
        self._out: list[bytes] = []
        self._events: list[ClientEvent] = []
        self._batches: dict[str, _Batch] = {}

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

    def send(self, verb: str, *params: str, label: bool = False) -> str:
        """Queue a line; its label where one was asked for and the server answers with them, else
        "". Raises ValueError for what cannot be one line."""
        tags = NO_TAGS
        if label and "labeled-response" in self.caps:
            tags = {"label": next(self._labels)}
        self._out.append(format(Line(verb, params, tags)))
        return tags.get("label", "")

    def join(self, channel: str, key: str = "") -> str:
        """Go into a channel; the label."""
        return self.send("JOIN", channel, *([key] if key else []), label=True)

    def say(self, target: str, text: str) -> str:
        """Say something to a channel or a nick, of at most ``fits(target)`` bytes; the label."""
        return self.send("PRIVMSG", target, text, label=True)

    def history(self, channel: str, count: int, *, before: str = "*") -> str:
        """Ask for the last messages of a channel, or those before ``msgid=...``; the label.
        Raises ValueError where the server offers no history."""
        if "draft/chathistory" not in self.caps:
            raise ValueError("this server has no history to ask for")
        which = "LATEST" if before == "*" else "BEFORE"
        return self.send("CHATHISTORY", which, channel, before, str(count), label=True)

    def ping(self, token: str) -> None:
        """Ask for a Pong after all that was sent before."""
        self.send("PING", token)

    def quit(self, reason: str = "") -> None:
        """Leave; the server closes."""
        self.send("QUIT", *([reason] if reason else []))

    def fits(self, target: str) -> int:
        """The bytes of text that one message to ``target`` can have, as others read it."""
        prefix = self.prefix or f"{self.nick}!{'x' * LONGEST_PLACE}"
        return MAX_LINE - len(f":{prefix} PRIVMSG {target} :\r\n".encode())

    # In -----------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> list[ClientEvent]:
        """What the bytes that came tell; b"" is the other side's end."""
        for raw in self._buffer.feed(data) if data else self._buffer.end():
            text = raw if isinstance(raw, Fault) else decode(raw)
            line = None if isinstance(text, Fault) else parse(text)
            if line and not self.closed:
                self._take(line)
        if not data and not self.closed:
            self._close("The connection was lost")
        events, self._events = self._events, []
        return events

    def _take(self, line: Line) -> None:
        source = Source.parse(line.source)
        if self._is_me(source.nick) and source.host:
            self.prefix = source.prefix
        label = self._label(line)
        if handle := _HANDLERS.get(line.verb):
            handle(self, line, source, label)
        elif line.verb.isdigit() and line.verb[0] in "45" and line.verb != NO_MOTD:
            self._refused(line, label)
        else:
            self._tell(Told(line.verb, line.params[1:], label))
        if line.tags.get("label") and line.verb != "BATCH":
            self._tell(Answered(line.tags["label"]))

    def _tell(self, event: ClientEvent) -> None:
        self._events.append(event)

    def _label(self, line: Line) -> str:
        """The label of the command that a line answers: its own, or that of its batch."""
        batch = self._batches.get(line.tags.get("batch", ""))
        return line.tags.get("label", "") or (batch.label if batch else "")

    @property
    def default_channel(self) -> str:
        """The channel in which people come in here, "" where the server does not say."""
        return self.isupport.get("ircish/DEFAULTCHANNEL", "")

    def _is_me(self, nick: str) -> bool:
        return self.fold(nick) == self.fold(self.nick)

    def fold(self, name: str) -> str:
        """A name as this server compares it (ISUPPORT CASEMAPPING)."""
        folded = fold(name)
        match self.isupport.get("CASEMAPPING", "rfc1459"):
            case "rfc1459":
                return folded.translate(_RFC1459)
            case "rfc1459-strict":
                return folded.translate(_STRICT)
        return folded

    def _close(self, reason: str) -> None:
        self.closed = True
        self._tell(Closed(reason))

    # Coming in ----------------------------------------------------------------------------------

    def _cap(self, line: Line, source: Source, label: str) -> None:
        more = len(line.params) > 3 and line.params[2] == "*"
        names = [word for word in line.params[-1].split(" ") if word] if line.params else []
        match "".join(line.params[1:2]).upper():
            case "LS" | "NEW":
                self.offered.update({word.partition("=")[::2] for word in names})
                if not more:
                    self._ask_for_caps()
            case "ACK":
                on = {name for name in names if name[0] != "-"}
                self.caps = (self.caps | on) - {name[1:] for name in names if name[0] == "-"}
                self._end_caps()
            case "NAK":
                self._end_caps()
            case "DEL":
                self.caps -= set(names)
                for name in names:
                    self.offered.pop(name, None)

    def _ask_for_caps(self) -> None:
        if wanted := sorted(self._wanted & set(self.offered) - self.caps):
            self.send("CAP", "REQ", " ".join(wanted))
        else:
            self._end_caps()

    def _end_caps(self) -> None:
        if not self.registered:
            self.send("CAP", "END")

    def _welcome(self, line: Line, source: Source, label: str) -> None:
        if not line.params:
            return
        self.registered = True
        self.nick = line.params[0]
        last = line.params[-1].rpartition(" ")[2]
        if last.startswith(f"{self.nick}!"):
            self.prefix = last
        self._tell(Welcomed(self.nick))

    def _support(self, line: Line, source: Source, label: str) -> None:
        for token in line.params[1:-1]:
            name, _, value = token.partition("=")
            if name[:1] == "-":
                self.isupport.pop(name[1:], None)
            else:
                self.isupport[name] = value

    def _refused(self, line: Line, label: str) -> None:
        numeric, registering = line.verb, not self.registered
        about = line.params[1:-1]
        if registering and numeric == "421" and about[:1] == ("CAP",):
            return  # an old server, which registers without
        if registering and (numeric in TAKEN or (numeric == "432" and self._varied)):
            self._varied = True
            if nick := next(self._nicks, None):
                self.nick = nick
                self.send("NICK", nick)
                return
        self._tell(Failed(numeric, line.params[-1] if line.params else "", about, label))

    def _fail(self, line: Line, source: Source, label: str) -> None:
        """FAIL command code context... :text (IRCv3 standard-replies)"""
        code, *words = (*line.params[1:], "", "")[: max(2, len(line.params) - 1)]
        self._tell(Failed(code, words[-1], tuple(words[:-1]), label))

    # What is heard ------------------------------------------------------------------------------

    def _ping(self, line: Line, source: Source, label: str) -> None:
        self.send("PONG", *line.params[-1:])

    def _pong(self, line: Line, source: Source, label: str) -> None:
        self._tell(Pong(line.params[-1] if line.params else ""))

    def _error(self, line: Line, source: Source, label: str) -> None:
        self._close(line.params[-1] if line.params else "The server ended the connection")

    def _said(self, line: Line, source: Source, label: str) -> None:
        if len(line.params) < 2:
            return
        batch = self._batches.get(line.tags.get("batch", ""))
        past = batch is not None and batch.kind == "chathistory"
        message = Message(
            target=line.params[0],
            source=source,
            text=line.params[1],
            kind="notice" if line.verb == "NOTICE" else "message",
            time=_milliseconds(line.tags.get("time", "")),
            msgid=line.tags.get("msgid", ""),
            own=self._is_me(source.nick),
            past=past,
            label=label,
        )
        if batch and past:
            batch.messages.append(message)
        else:
            self._tell(message)

    def _joined(self, line: Line, source: Source, label: str) -> None:
        for channel in line.params[:1]:
            own = self._is_me(source.nick)
            if own:
                self.channels[self.fold(channel)] = channel
            self._tell(JoinedChannel(channel, source, own))

    def _parted(self, line: Line, source: Source, label: str) -> None:
        channel, reason = (*line.params, "", "")[:2]
        self._left(LeftChannel(channel, source.nick, reason, self._is_me(source.nick)))

    def _kicked(self, line: Line, source: Source, label: str) -> None:
        channel, nick, reason = (*line.params, "", "", "")[:3]
        self._left(LeftChannel(channel, nick, reason, self._is_me(nick), source.nick))

    def _left(self, event: LeftChannel) -> None:
        if event.own:
            self.channels.pop(self.fold(event.channel), None)
        self._tell(event)

    def _quit(self, line: Line, source: Source, label: str) -> None:
        self._tell(LeftChat(source, line.params[0] if line.params else ""))

    def _renamed(self, line: Line, source: Source, label: str) -> None:
        for nick in line.params[:1]:
            own = self._is_me(source.nick)
            if own:
                self.nick = nick
                self.prefix = source._replace(nick=nick).prefix
            self._tell(Renamed(source, nick, own))

    def _topic(self, line: Line, source: Source, label: str) -> None:
        channel, text = (*line.params, "", "")[:2]
        self._tell(TopicSet(channel, source, text))

    # Batches and labels -------------------------------------------------------------------------

    def _batch(self, line: Line, source: Source, label: str) -> None:
        """IRCv3 batch: ``BATCH +reference kind params`` to ``BATCH -reference``."""
        reference, kind, about = (*line.params, "", "", "")[:3]
        if reference[:1] == "+":
            self._batches[reference[1:]] = _Batch(kind, about, label, "label" in line.tags)
        elif batch := self._batches.pop(reference[1:], None):
            if batch.kind == "chathistory":
                self._tell(Past(batch.about, tuple(batch.messages)))
            if batch.answers:
                self._tell(Answered(batch.label))


@dataclass(slots=True)
class _Batch:
    """A batch that has begun."""

    kind: str
    about: str
    label: str
    answers: bool
    """the label is its own: with its end, all of the answer has come"""
    messages: list[Message] = field(default_factory=list)


Handler = Callable[[Session, Line, Source, str], None]

_HANDLERS: Mapping[str, Handler] = {
    "001": Session._welcome,
    "005": Session._support,
    "ACK": lambda *_: None,  # a labelled command is done, and there is nothing to say
    "BATCH": Session._batch,
    "CAP": Session._cap,
    "ERROR": Session._error,
    "FAIL": Session._fail,
    "JOIN": Session._joined,
    "KICK": Session._kicked,
    "NICK": Session._renamed,
    "NOTICE": Session._said,
    "PART": Session._parted,
    "PING": Session._ping,
    "PONG": Session._pong,
    "PRIVMSG": Session._said,
    "QUIT": Session._quit,
    "TOPIC": Session._topic,
}

_STRICT = str.maketrans("[]\\", "{}|")
_RFC1459 = str.maketrans("[]\\~", "{}|^")


def _milliseconds(time: str) -> int | None:
    """``2026-11-22T09:50:00.000Z`` in ms since the epoch (IRCv3 server-time)."""
    try:
        return round(datetime.fromisoformat(time).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None

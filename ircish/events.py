"""What can happen in a chat. A handler publishes these; stamped, they are what everyone reads.

A person is named by the number their connection got (``user``), because a nick may have changed
by the time a thing happens; 0 is the server itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from ircish.chat.modes import parse
from ircish.rows import TAKEN_BACK, Row
from ircish.wire import NO_TAGS, format_tags, parse_tags

SERVER = 0
"""The number of the server where a user's would stand."""

ACTION = "\x01ACTION "
"""How a message begins that tells what its sender does (CTCP ACTION); it ends in ``\\x01``."""

TALK = ("message", "notice")
"""The kinds of event that are words: what IRC clients read of a channel's past (chathistory)."""

PASSING = {"+typing", "+draft/typing", "+channel-context", "+draft/channel-context"}
"""Client tags that say nothing once the moment is over (IRCv3 typing)."""

SHOWN = (*TALK, "topic")
"""The kinds that people are shown of a channel's past, and that are searched."""


class Source(NamedTuple):
    """Who did it, as they were called then."""

    nick: str
    user: str = ""
    host: str = ""
    account: str | None = None
    """the name they have logged in to, None for nobody's"""
    bot: bool = False
    """whether they say that they are a program (user mode +B)"""

    @property
    def prefix(self) -> str:
        """``nick!user@host`` (RFC 2812 §2.3.1), or a server's name alone."""
        return f"{self.nick}!{self.user}@{self.host}" if self.host else self.nick

    @classmethod
    def parse(cls, prefix: str, account: str | None = None) -> Source:
        """The source that a prefix names."""
        nick, _, rest = prefix.partition("!")
        user, _, host = rest.rpartition("@")
        return cls(nick, user, host, account)


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that happens; ``kind`` is its name in the history, "" for what is heard by those who
    are here and not kept."""

    kind = ""

    @property
    def kept(self) -> bool:
        """Whether the history has it, where it happens in a channel."""
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class Registered(Event):
    """A connection became a user."""

    user: int
    nick: str
    username: str
    host: str
    realname: str


@dataclass(frozen=True, slots=True)
class Quit(Event):
    """A user left the server."""

    kind = "quit"
    user: int
    reason: str


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    """A user took another nick."""

    kind = "nick"
    user: int
    nick: str


@dataclass(frozen=True, slots=True)
class Joined(Event):
    """A user came into a channel, which begins to exist with its first. ``key`` is what they gave
    for one that is locked; nobody hears of it."""

    kind = "join"
    user: int
    channel: str
    key: str = ""
    realname: str = ""
    """as it was then; the chat says"""
    away: str = ""
    """likewise why they are away, "" where they are not"""


@dataclass(frozen=True, slots=True)
class Parted(Event):
    """A user left a channel."""

    kind = "part"
    user: int
    channel: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kicked(Event):
    """A user was put out of a channel by another."""

    kind = "kick"
    user: int
    channel: str
    nick: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Said(Event):
    """Words to a channel or a nick; a ``tagmsg`` has only tags.

    A target of ``@#dev`` is the operators of #dev alone, ``+#dev`` those with a voice too (ISUPPORT
    STATUSMSG). A text of several lines (IRCv3 multiline) has a line feed between them.
    """

    user: int
    target: str
    text: str
    kind: Literal["message", "notice", "tagmsg"] = "message"
    tags: Mapping[str, str] = field(default_factory=lambda: NO_TAGS)
    breaks: tuple[int, ...] = ()
    """where a long line was cut by its sender, in characters from the text's beginning"""

    @property
    def kept(self) -> bool:
        return self.kind != "tagmsg" or not self.tags.keys() <= PASSING


@dataclass(frozen=True, slots=True)
class TopicSet(Event):
    """A channel's topic was set, or with "" removed."""

    kind = "topic"
    user: int
    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class ModeSet(Event):
    """Modes changed; ``changes`` has (sign, letter, parameter) in order, as they took effect. A
    target of "" is the user themselves, whatever they are called by then."""

    kind = "mode"
    user: int
    target: str
    changes: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        """``+ot-n ben``: letters under as few signs as possible, then the parameters."""
        letters, last = "", ""
        for sign, letter, _ in self.changes:
            letters += letter if sign == last else sign + letter
            last = sign
        return " ".join([letters, *(param for _, _, param in self.changes if param)])


@dataclass(frozen=True, slots=True)
class Invited(Event):
    """A user was asked into a channel."""

    user: int
    channel: str
    nick: str


@dataclass(frozen=True, slots=True)
class AwaySet(Event):
    """A user went away (``text`` says why) or came back ("")."""

    user: int
    text: str


@dataclass(frozen=True, slots=True)
class Redacted(Event):
    """A message was taken back (IRCv3 message-redaction). ``own`` says that whoever does it has
    also said it."""

    kind = "redact"
    user: int
    target: str
    msgid: str
    reason: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Opered(Event):
    """A user became a server operator under a configured name."""

    user: int
    name: str


@dataclass(frozen=True, slots=True)
class NameSet(Event):
    """A user's real name changed (IRCv3 setname)."""

    user: int
    realname: str


@dataclass(frozen=True, slots=True)
class HostSet(Event):
    """A user is seen under another user name and host (IRCv3 chghost)."""

    user: int
    username: str
    host: str


@dataclass(frozen=True, slots=True)
class AccountSet(Event):
    """A user logged in to an account, or (None) out of theirs (IRCv3 account-notify)."""

    user: int
    account: str | None


@dataclass(frozen=True, slots=True)
class Wallops(Event):
    """Words of an operator or of the server to everyone with user mode +w (RFC 2812 §4.7)."""

    user: int
    text: str


@dataclass(frozen=True, slots=True)
class Monitored(Event):
    """A user wants to be told when somebody of these nicks comes or goes, or, where ``wanted`` is
    False, no longer (IRCv3 monitor). No nicks, and not wanted: of nobody any longer."""

    user: int
    nicks: tuple[str, ...]
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Read(Event):
    """A user has read a channel or a private talk up to a time (IRCv3 read-marker); nobody else
    hears of it. ``time`` is in ms since the epoch, and as it took effect never earlier than
    before."""

    user: int
    target: str
    time: int


if TYPE_CHECKING:
    from typing_extensions import TypeVar as WithDefault

    E_co = WithDefault("E_co", bound=Event, default=Event, covariant=True)
else:
    E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Stamped(Generic[E_co]):
    """An event that has happened: its number, its time, and who did it. A ``Stamped[Said]`` is one
    of words.

    ``time`` is in ms since the epoch and never decreases with ``seq``; ``origin`` is the number of
    the user whose own command it was, who hears of it in that command's reply and not with the
    others.
    """

    seq: int
    time: int
    msgid: str
    event: E_co
    source: Source
    origin: int = SERVER

    def row(self, channel: str) -> Row:
        """The history row of this event in a channel (its casefolded name)."""
        event, tags = self.event, ""
        text = _TEXT.get(event.kind, _reason)(event)
        if isinstance(event, Said) and event.tags:
            tags = format_tags(event.tags)
        prefix, account = self.source.prefix, self.source.account
        return Row(
            self.seq, self.time, self.msgid, event.kind, channel, prefix, account, tags, text
        )


_TEXT: Mapping[str, Any] = {
    "join": lambda event: "",
    "nick": lambda event: event.nick,
    "kick": lambda event: f"{event.nick} {event.reason}",
    "message": lambda event: event.text,
    "notice": lambda event: event.text,
    "tagmsg": lambda event: "",
    "topic": lambda event: event.text,
    "mode": str,
    "redact": lambda event: f"{event.msgid} {event.reason}",
}


def _reason(event: Any) -> str:
    return str(event.reason)


def from_row(row: Row, channel: str) -> Stamped:
    """The event that a history row tells of, in the channel as it is displayed."""
    source = Source.parse(row.source, row.account)
    return Stamped(row.seq, row.time, row.msgid, _EVENT[row.kind](row, channel), source)


def _said(row: Row, channel: str) -> Event:
    kind: Any = row.kind
    return Said(SERVER, channel, row.text, kind, parse_tags(row.tags) if row.tags else NO_TAGS)


def _kicked(row: Row, channel: str) -> Event:
    nick, _, reason = row.text.partition(" ")
    return Kicked(SERVER, channel, nick, reason)


def _redacted(row: Row, channel: str) -> Event:
    msgid, _, reason = row.text.partition(" ")
    return Redacted(SERVER, channel, msgid, reason)


def _mode_set(row: Row, channel: str) -> Event:
    letters, *params = row.text.split(" ")
    return ModeSet(SERVER, channel, tuple(parse(letters, params)))


_EVENT: Mapping[str, Any] = {
    "join": lambda row, channel: Joined(SERVER, channel),
    "part": lambda row, channel: Parted(SERVER, channel, row.text),
    "quit": lambda row, channel: Quit(SERVER, row.text),
    "nick": lambda row, channel: Renamed(SERVER, row.text),
    "kick": _kicked,
    "topic": lambda row, channel: TopicSet(SERVER, channel, row.text),
    "mode": _mode_set,
    "redact": _redacted,
    TAKEN_BACK: lambda row, channel: Said(SERVER, channel, "", "tagmsg"),  # nothing to read
    **dict.fromkeys(("message", "notice", "tagmsg"), _said),
}

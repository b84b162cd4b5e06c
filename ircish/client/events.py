"""What a Session tells of: frozen, in the order in which it came; what to do with it is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ircish.events import Source

NOBODY = Source("")


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """Anything that a client hears. ``time`` is in ms since the epoch, None where the server does
    not tell (IRCv3 server-time)."""

    time: int | None = field(default=None, kw_only=True)


# Coming in and the end --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NickTaken(ClientEvent):
    """While coming in: ``nick`` cannot be had, and ``next`` is tried."""

    nick: str
    next: str


@dataclass(frozen=True, slots=True)
class Welcomed(ClientEvent):
    """The server has let us in, under a nick that may not be the one asked for. What it says of
    itself (ISUPPORT) comes after."""

    nick: str


@dataclass(frozen=True, slots=True)
class Closed(ClientEvent):
    """The connection has ended; nothing comes after."""

    reason: str


# Talk -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message(ClientEvent):
    """Words to a channel or a nick; ``fitting.ctcp`` knows those that are more than words.

    Our own come as well: from the server where it echoes (``Session.echoes``), otherwise from the
    Session as soon as they are said.
    """

    target: str
    """as it was sent: it may have a mark before the channel (``Session.audience``)"""
    source: Source
    text: str
    kind: Literal["message", "notice"] = "message"
    msgid: str = ""
    line: int = 0
    """which line it is of a message of several, which have one msgid"""
    own: bool = False
    past: bool = False
    """from a chathistory batch"""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Past(ClientEvent):
    """What ``history`` asked for: Messages of a channel or with a nick, oldest first."""

    channel: str
    messages: tuple[Message, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Redacted(ClientEvent):
    """What was said under that msgid has been taken back, and why."""

    target: str
    source: Source
    msgid: str
    reason: str
    own: bool


@dataclass(frozen=True, slots=True)
class Marked(ClientEvent):
    """Elsewhere we have read all up to ``until`` (ms since the epoch; None: nothing)."""

    target: str
    until: int | None


# Channels and people ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JoinedChannel(ClientEvent):
    """Somebody came into a channel. For ``own``, ``Entered`` follows."""

    channel: str
    source: Source
    own: bool
    account: str = ""
    realname: str = ""


@dataclass(frozen=True, slots=True)
class Entered(ClientEvent):
    """We are in a channel, and know its topic and who is there."""

    channel: str


@dataclass(frozen=True, slots=True)
class NamesListed(ClientEvent):
    """Who is in a channel that we are in was asked for, and is in ``Session.channels`` now."""

    channel: str


@dataclass(frozen=True, slots=True)
class LeftChannel(ClientEvent):
    """Somebody left a channel, or was put out of it ``by`` another."""

    channel: str
    nick: str
    reason: str
    own: bool
    by: str = ""


@dataclass(frozen=True, slots=True)
class LeftChat(ClientEvent):
    """Somebody left the server, and so these of our channels."""

    source: Source
    reason: str
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Renamed(ClientEvent):
    """Somebody is called ``nick`` now, in these of our channels."""

    source: Source
    nick: str
    own: bool
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicSet(ClientEvent):
    """A channel is about something else; "" is nothing."""

    channel: str
    source: Source
    text: str


@dataclass(frozen=True, slots=True)
class TopicTold(ClientEvent):
    """What a channel is about, as it was before: on coming in, or because it was asked."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class TopicBy(ClientEvent):
    """Who set a channel's topic (``nick!user@host`` or a nick), and when (ms, None: unknown)."""

    channel: str
    nick: str
    set_at: int | None


@dataclass(frozen=True, slots=True)
class ModeSet(ClientEvent):
    """Modes of a channel or a nick changed, such as ``+o ben``."""

    target: str
    source: Source
    changes: str


@dataclass(frozen=True, slots=True)
class ModesTold(ClientEvent):
    """A channel's modes, because they were asked for (``MODE #channel``), such as ``+nt``."""

    channel: str
    modes: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Invited(ClientEvent):
    """``nick`` is asked into a channel: we, or somebody else (IRCv3 invite-notify)."""

    channel: str
    source: Source
    nick: str


@dataclass(frozen=True, slots=True)
class OwnAway(ClientEvent):
    """We are away now, or back."""

    away: bool


@dataclass(frozen=True, slots=True)
class AwayChanged(ClientEvent):
    """Somebody in our channels went away, and why, or came back ("")."""

    source: Source
    text: str


# Answers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told(ClientEvent):
    """Anything else: a numeric and its parameters after our nick, or a verb, its parameters and
    whose it is."""

    verb: str
    params: tuple[str, ...]
    label: str = ""
    source: Source = NOBODY


@dataclass(frozen=True, slots=True)
class Failed(ClientEvent):
    """The server refused something: its numeric (or ``FAIL``'s code), what about, in words."""

    numeric: str
    text: str
    about: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Noted(ClientEvent):
    """A warning or a note that came beside an answer (IRCv3 standard-replies)."""

    kind: Literal["WARN", "NOTE"]
    code: str
    text: str
    about: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Answered(ClientEvent):
    """All of the answer to the command with this label has come."""

    label: str


@dataclass(frozen=True, slots=True)
class Pong(ClientEvent):
    """The server has done all that was asked before ``ping(token)``."""

    token: str


@dataclass(frozen=True, slots=True)
class CatalogueTold(ClientEvent):
    """The server has said which commands it has: ``Session.catalogue``."""

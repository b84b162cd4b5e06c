"""What a Session tells of: frozen, in the order in which it came; what to do with it is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ircish.events import Source


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """Anything that a client hears."""


@dataclass(frozen=True, slots=True)
class Welcomed(ClientEvent):
    """The server has let us in, under a nick that may not be the one asked for. What it says of
    itself (ISUPPORT) comes after."""

    nick: str


@dataclass(frozen=True, slots=True)
class Message(ClientEvent):
    """Words to a channel or a nick."""

    target: str
    source: Source
    text: str
    kind: Literal["message", "notice"] = "message"
    time: int | None = None
    """ms since the epoch, None where the server does not tell"""
    msgid: str = ""
    own: bool = False
    past: bool = False
    """from a chathistory batch"""
    label: str = ""


@dataclass(frozen=True, slots=True)
class JoinedChannel(ClientEvent):
    """Somebody came into a channel."""

    channel: str
    source: Source
    own: bool


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
    """Somebody left the server."""

    source: Source
    reason: str


@dataclass(frozen=True, slots=True)
class Renamed(ClientEvent):
    """Somebody is called ``nick`` now."""

    source: Source
    nick: str
    own: bool


@dataclass(frozen=True, slots=True)
class TopicSet(ClientEvent):
    """A channel is about something else; "" is nothing."""

    channel: str
    source: Source
    text: str


@dataclass(frozen=True, slots=True)
class Past(ClientEvent):
    """What ``history`` asked for: a channel's Messages, oldest first."""

    channel: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Told(ClientEvent):
    """Another reply: its numeric or verb, and its parameters after our nick."""

    verb: str
    params: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Failed(ClientEvent):
    """The server refused something: its numeric (or ``FAIL``'s code), what about, in words."""

    numeric: str
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
class Closed(ClientEvent):
    """The connection has ended; nothing comes after."""

    reason: str

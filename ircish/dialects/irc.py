"""The irc dialect: RFC 1459/2812 as Modern IRC describes it, with IRCv3 message tags."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ircish.events import (
    Event,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Opered,
    Parted,
    Quit,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
)
from ircish.replies import Reply
from ircish.wire import MAX_LINE, encode, format_tags

if TYPE_CHECKING:
    from ircish.command import Command

CATALOGUE = "ircish/commands"
"""The capability of those who are told COMMANDS anew when it changes."""

WHERE = "+draft/channel-context"
"""The tag by which a client tells in which channel a command was typed (IRCv3 channel-context)."""

CAPABILITIES: Mapping[str, str] = {
    "batch": "",
    "cap-notify": "",
    "draft/chathistory": "",
    "echo-message": "",
    CATALOGUE: "",
    "labeled-response": "",
    "message-tags": "",
    "server-time": "",
}
"""What a client may ask for, and the value that CAP LS 302 shows."""

_VERBS = {"message": "PRIVMSG", "notice": "NOTICE", "tagmsg": "TAGMSG"}


class Irc:
    """One kind of IRC client: the capabilities it asked for."""

    name = "irc"

    def __init__(
        self, server: str, caps: frozenset[str] = frozenset(), channel: Irc | None = None
    ) -> None:
        """``channel`` is the kind that hears a channel alike, one for all that differ only in
        what else they asked for."""
        self.server = server
        self.caps = caps
        self._channel = channel or self
        self.echo = "echo-message" in caps
        self._time = "server-time" in caps
        self._tags = "message-tags" in caps

    def inside(self, current: bool) -> Irc:
        return self._channel

    # Events ------------------------------------------------------------------------------------

    def render(self, stamped: Stamped) -> bytes:
        return self._line(stamped, "")

    def own(self, stamped: Stamped) -> bytes:
        event = stamped.event
        if isinstance(event, Invited) or (isinstance(event, Said) and not self.echo):
            return b""
        return self._line(stamped, "")

    def _line(self, stamped: Stamped, batch: str) -> bytes:
        event = stamped.event
        if type(event) is Said and event.kind == "tagmsg" and not self._tags:
            return b""
        body = _BODIES.get(type(event), _nothing)(event, stamped.source)
        if not body:
            return b""
        source = self.server if type(event) is Opered else stamped.source.prefix
        return encode(self._tag_part(stamped, batch) + _cut(f":{source} {body}"))

    def _tag_part(self, stamped: Stamped, batch: str) -> str:
        tags = []
        if batch:
            tags.append(f"batch={batch}")
        if self._time:
            tags.append(f"time={timestamp(stamped.time)}")
        if self._tags:
            tags.append(f"msgid={stamped.msgid}")
            event = stamped.event
            if type(event) is Said and event.tags:
                tags.append(format_tags(event.tags))
        return f"@{';'.join(tags)} " if tags else ""

    # Replies -----------------------------------------------------------------------------------

    def reply(self, nick: str, reply: Reply, fields: Mapping[str, object]) -> bytes:
        words = [reply.numeric]
        if reply.numeric != "ERROR":  # which never had a source
            words.insert(0, f":{self.server}")
        if reply.numeric not in _UNADDRESSED:
            words.append(nick)
        return encode(_cut(" ".join(words + reply.irc(fields))))

    def replay(self, past: Sequence[Stamped], target: str, reference: str, now: int) -> list[bytes]:
        """A ``chathistory`` batch (IRCv3 chathistory), or its lines alone without batches."""
        batch = reference if "batch" in self.caps else ""
        lines = [line for stamped in past if (line := self._line(stamped, batch))]
        return self._in_batch(lines, batch, f"chathistory {target}")

    def targets(self, found: Sequence[tuple[str, int]], reference: str) -> list[bytes]:
        """The answer to CHATHISTORY TARGETS: channels, each with the time of its last message."""
        batch = reference if "batch" in self.caps else ""
        tag = f"@batch={batch} " if batch else ""
        lines = [
            encode(f"{tag}:{self.server} CHATHISTORY TARGETS {name} {timestamp(ms)}")
            for name, ms in found
        ]
        return self._in_batch(lines, batch, "draft/chathistory-targets")

    def catalogue(self, commands: Sequence[Command], reference: str) -> list[bytes]:
        """COMMANDS: each command's verb, who may, its usage and its summary."""
        batch = reference if "batch" in self.caps else ""
        tag = f"@batch={batch} " if batch else ""
        lines = []
        for each in commands:
            usage = each.usage.removeprefix(each.verb).strip().replace(" ", "\\s") or "*"
            line = f":{self.server} COMMANDS {each.verb} {each.allow} {usage} :{each.summary}"
            lines.append(encode(tag + _cut(line)))
        return self._in_batch(lines, batch, CATALOGUE)

    def _in_batch(self, lines: list[bytes], batch: str, kind: str) -> list[bytes]:
        if not batch:
            return lines
        start = encode(f":{self.server} BATCH +{batch} {kind}")
        return [start, *lines, encode(f":{self.server} BATCH -{batch}")]

    def labelled(self, lines: list[bytes], label: str, reference: str) -> list[bytes]:
        tag = format_tags({"label": label})
        if not lines:
            return [encode(f"@{tag} :{self.server} ACK")]
        if len(lines) == 1:
            return [_tagged(lines[0], tag)]
        start = encode(f"@{tag} :{self.server} BATCH +{reference} labeled-response")
        inside = [_tagged(line, f"batch={reference}") for line in lines]
        return [start, *inside, encode(f":{self.server} BATCH -{reference}")]


_UNADDRESSED = {"PONG", "FAIL", "WARN", "NOTE", "COMMANDS", "ERROR"}
"""Replies whose first parameter is not the client's nick."""


def _cut(line: str) -> str:
    """A line without tags, its end left out where it is longer than lines may be: a long reply, or
    many modes at once. What people say was refused or cut before it happened."""
    if len(line) * 4 <= MAX_LINE - 2:
        return line
    return line.encode()[: MAX_LINE - 2].decode(errors="ignore")


def _tagged(line: bytes, tag: str) -> bytes:
    """The line with one more tag, unless it is in a batch of its own already."""
    if line[:1] != b"@":
        return b"@%b %b" % (tag.encode(), line)
    if line.startswith(b"@batch="):
        return line
    return b"@%b;%b" % (tag.encode(), line[1:])


@functools.lru_cache(64)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def timestamp(ms: int) -> str:
    """``2026-11-22T09:50:00.000Z`` for ms since the epoch (IRCv3 server-time)."""
    return f"{_second(ms // 1000)}.{ms % 1000:03d}Z"


def _nothing(event: Event, source: Source) -> str:
    return ""


def _said(event: Said, source: Source) -> str:
    if event.kind == "tagmsg":
        return f"TAGMSG {event.target}"
    return f"{_VERBS[event.kind]} {event.target} :{event.text}"


def _mode_set(event: ModeSet, source: Source) -> str:
    return f"MODE {event.target} {event}" if event.changes else ""


_BODIES: Mapping[type[Event], Callable[[Any, Source], str]] = {
    Said: _said,
    Joined: lambda event, source: f"JOIN {event.channel}",
    Parted: lambda event, source: (
        f"PART {event.channel}" + (f" :{event.reason}" if event.reason else "")
    ),
    Kicked: lambda event, source: (
        f"KICK {event.channel} {event.nick} :{event.reason or source.nick}"
    ),
    Quit: lambda event, source: f"QUIT :{event.reason}",
    Renamed: lambda event, source: f"NICK {event.nick}",
    TopicSet: lambda event, source: f"TOPIC {event.channel} :{event.text}",
    ModeSet: _mode_set,
    Invited: lambda event, source: f"INVITE {event.nick} {event.channel}",
    Opered: lambda event, source: f"MODE {source.nick} +o",
}


def relevant(caps: frozenset[str]) -> frozenset[str]:
    """The capabilities that change how an event is rendered."""
    return caps & {"message-tags", "server-time"}

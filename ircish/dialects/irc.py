"""The irc dialect: RFC 1459/2812 as Modern IRC describes it, with IRCv3 message tags."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ircish.chat.modes import signs
from ircish.chat.texts import room
from ircish.dialects.irc_events import bodies
from ircish.events import (
    TALK,
    AccountSet,
    AwaySet,
    HostSet,
    Invited,
    Joined,
    NameSet,
    Opered,
    Said,
    Source,
    Stamped,
)
from ircish.multiline import pieces
from ircish.replies import Reply
from ircish.wire import MAX_LINE, encode, format_tags

if TYPE_CHECKING:
    from ircish.command import Command

MULTILINE = "draft/multiline"
"""The batch that is a message of several lines, and the capability to read one."""

JOINED = "draft/multiline-concat"
"""The tag of a line in it that goes on with the one before (IRCv3 multiline)."""

CATALOGUE = "ircish/commands"
"""The capability of those who are told COMMANDS anew when it changes."""

WHERE = "+channel-context"
"""The tag by which a client tells in which channel a command was typed (IRCv3 channel-context)."""

WHERE_DRAFT = "+draft/channel-context"
"""As older clients call it."""

CAPABILITIES: Mapping[str, str] = {
    "account-notify": "",
    "account-tag": "",
    "away-notify": "",
    "batch": "",
    "cap-notify": "",
    "chghost": "",
    "draft/chathistory": "",
    "draft/event-playback": "",
    "draft/message-redaction": "",
    MULTILINE: "",
    "draft/no-implicit-names": "",
    "draft/pre-away": "",
    "draft/read-marker": "",
    "echo-message": "",
    "extended-join": "",
    "extended-monitor": "",
    "invite-notify": "",
    CATALOGUE: "",
    "labeled-response": "",
    "message-tags": "",
    "multi-prefix": "",
    "no-implicit-names": "",
    "server-time": "",
    "setname": "",
    "standard-replies": "",
    "userhost-in-names": "",
}
"""What a client may ask for, and the value that CAP LS 302 shows."""

HEARD_IN_CHANNELS = frozenset(
    {
        "account-notify",
        "account-tag",
        "away-notify",
        "batch",
        "chghost",
        "draft/message-redaction",
        MULTILINE,
        "extended-join",
        "invite-notify",
        "message-tags",
        "server-time",
        "setname",
    }
)
"""Those that change how members read what happens in a channel."""

HEARD_TOGETHER = frozenset({"batch", MULTILINE})
"""What changes nothing unless one has all of it: messages of several lines are read as such."""

ALL_KINDS = (*TALK, "tagmsg", "join", "part", "quit", "nick", "kick", "topic", "mode", "redact")
"""What is replayed of a channel's past to those who asked for all (draft/event-playback)."""

_FOR = {"tagmsg": "message-tags", "redact": "draft/message-redaction"}
"""Of these kinds, those that only they read who asked for more."""

_VERBS = {"message": "PRIVMSG", "notice": "NOTICE", "tagmsg": "TAGMSG"}


class Irc:
    """One kind of IRC client: the capabilities it asked for."""

    name = "irc"

    def __init__(
        self, server: str, caps: frozenset[str] = frozenset(), channel: Irc | None = None
    ) -> None:
        """``channel`` is the kind as which it hears what all members of a channel do, one for all
        that differ only in what else they asked for; None is such a one itself."""
        self.server = server
        self.caps = caps
        self._channel = channel or self
        self.member = channel is None
        """Whether it hears as one of many, and not as whom an event concerns."""
        self.echo = "echo-message" in caps
        self.implicit_names = caps.isdisjoint({"no-implicit-names", "draft/no-implicit-names"})
        self.read_markers = "draft/read-marker" in caps
        self.replayed: Collection[str] = TALK
        if "draft/event-playback" in caps:
            self.replayed = tuple(k for k in ALL_KINDS if k not in _FOR or _FOR[k] in caps)
        self._every_sign = "multi-prefix" in caps
        self._whole_names = "userhost-in-names" in caps
        self._time = "server-time" in caps
        self.tags = "message-tags" in caps
        self._accounts = "account-tag" in caps
        self._tagged = self._time or self.tags or self._accounts
        self._hears_changes = self.member or "extended-monitor" in caps
        self._several = caps >= HEARD_TOGETHER

    def inside(self, current: bool) -> Irc:
        return self._channel

    def signs(self, status: str) -> str:
        return signs(status if self._every_sign else status[:1])

    def names(self, members: Iterable[tuple[Source, str]]) -> list[str]:
        if self._whole_names:
            return [self.signs(held) + source.prefix for source, held in members]
        return [self.signs(held) + source.nick if held else source.nick for source, held in members]

    # Events ------------------------------------------------------------------------------------

    def render(self, stamped: Stamped) -> bytes:
        if not self._hears_changes and type(stamped.event) in _CHANGES:
            return b""
        return self._lines(stamped, "")

    def own(self, stamped: Stamped) -> bytes:
        event = stamped.event
        if type(event) in (Invited, AwaySet) or (type(event) is Said and not self.echo):
            return b""
        if type(event) is Joined and event.away:  # they know (IRCv3 away-notify)
            stamped = replace(stamped, event=replace(event, away=""))
        return self._lines(stamped, "")

    def _lines(self, stamped: Stamped, batch: str) -> bytes:
        event = stamped.event
        tags = self._tag_part(stamped, batch) if self._tagged or batch else ""
        if type(event) is Said:
            source = stamped.source.prefix
            if event.kind == "tagmsg":
                return encode(f"{tags}:{source} TAGMSG {event.target}") if self.tags else b""
            line = f":{source} {_VERBS[event.kind]} {event.target} :{event.text}"
            # too long is what its sender had cut: the history does not know where
            if event.breaks or "\n" in event.text or _too_long(line):
                return self._several_lines(stamped, event, tags, batch)
            return encode(tags + line)
        source = self.server if type(event) is Opered else stamped.source.prefix
        lines = [_cut(f":{source} {body}") for body in bodies(self, event, stamped.source)]
        return _encoded(tags, lines)

    def _several_lines(self, stamped: Stamped, event: Said, tags: str, batch: str) -> bytes:
        """A message of several lines: a batch, or those that are not empty (IRCv3 multiline)."""
        source, verb = stamped.source, _VERBS[event.kind]
        parts = list(pieces(event.text, event.breaks, room(source, event.target)))
        said = f":{source.prefix} {verb} {event.target} :"
        if not self._several:
            return _encoded(tags, [said + piece.text for piece in parts if piece.text])
        name = f"m{stamped.seq:x}"
        start = f":{source.prefix} BATCH +{name} {MULTILINE} {event.target}"
        lines = [tags + start]
        for piece in parts:
            joined = f";{JOINED}" if piece.joined else ""
            lines.append(f"@batch={name}{joined} {said}{piece.text}")
        within = f"@batch={batch} " if batch else ""
        lines.append(f"{within}:{self.server} BATCH -{name}")
        return b"".join(map(encode, lines))

    def _tag_part(self, stamped: Stamped, batch: str) -> str:
        tags = []
        if batch:
            tags.append(f"batch={batch}")
        if self._time:
            tags.append(f"time={timestamp(stamped.time)}")
        if self._accounts and stamped.source.account:
            tags.append(format_tags({"account": stamped.source.account}))
        if self.tags:
            tags.append(f"{_MSGID}{stamped.msgid}")
            if stamped.source.bot:
                tags.append("bot")
            event = stamped.event
            if type(event) is Said and event.tags:
                tags.append(format_tags(event.tags))
        return f"@{';'.join(tags)} " if tags else ""

    # Replies -----------------------------------------------------------------------------------

    def reply(self, nick: str, reply: Reply, fields: Mapping[str, object]) -> bytes:
        if reply.refusal and reply.numeric == "NOTICE" and "standard-replies" in self.caps:
            return encode(_cut(" ".join([f":{self.server} FAIL", *reply.fail(fields)])))
        words = [reply.numeric]
        if reply.numeric != "ERROR":  # which never had a source
            words.insert(0, f":{self.server}")
        if reply.numeric not in _UNADDRESSED:
            words.append(nick)
        return encode(_cut(" ".join(words + reply.irc(fields))))

    def replay(self, past: Sequence[Stamped], target: str, reference: str, now: int) -> list[bytes]:
        """A ``chathistory`` batch (IRCv3 chathistory), or its lines alone without batches."""
        batch = reference if "batch" in self.caps else ""
        lines = [line for stamped in past if (line := self._lines(stamped, batch))]
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
        if len(lines) == 1 or _is_batch(lines):
            return [_tagged(lines[0], tag), *lines[1:]]
        start = encode(f"@{tag} :{self.server} BATCH +{reference} labeled-response")
        inside = [_tagged(line, f"batch={reference}") for line in lines]
        return [start, *inside, encode(f":{self.server} BATCH -{reference}")]


_CHANGES = frozenset({AwaySet, NameSet, HostSet, AccountSet})
"""What those hear of somebody with whom they share no channel who monitor their nick, and have
asked for that too (IRCv3 extended-monitor)."""

_UNADDRESSED = {"PONG", "FAIL", "WARN", "NOTE", "ERROR", "MARKREAD"}
"""Replies whose first parameter is not the client's nick."""


_MSGID = "msgid="


def _without_msgid(tags: str) -> str:
    """The tags of a line that goes on with a message."""
    kept = [tag for tag in tags[1:-1].split(";") if not tag.startswith(_MSGID)]
    return f"@{';'.join(kept)} " if any(kept) else ""


def _encoded(tags: str, lines: Sequence[str]) -> bytes:
    """Lines of one event, each with its tags; the first has its msgid."""
    if len(lines) < 2:
        return encode(tags + lines[0]) if lines else b""
    later = _without_msgid(tags)
    return b"".join(map(encode, [tags + lines[0], *[later + line for line in lines[1:]]]))


def _cut(line: str) -> str:
    """A line without tags, its end left out where it is longer than lines may be: a long reply."""
    return line.encode()[: MAX_LINE - 2].decode(errors="ignore") if _too_long(line) else line


def _too_long(line: str) -> bool:
    """Whether a line without tags is longer than lines may be."""
    return len(line) * 4 > MAX_LINE - 2 and len(line.encode()) > MAX_LINE - 2


def _is_batch(lines: Sequence[bytes]) -> bool:
    """Whether the lines are one whole batch."""
    line = lines[0].partition(b" ")[2] if lines[0][:1] == b"@" else lines[0]
    words = line.split(b" ", 3)
    if words[1:2] != [b"BATCH"]:
        return False
    return lines[-1].endswith(b" BATCH -%b\r\n" % words[2][1:])


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


_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?Z"
)


def milliseconds(text: str) -> int | None:
    """What ``timestamp`` makes of ms since the epoch, read again; None for what is no time."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    try:
        then = datetime.fromisoformat(f"{match[1]}+00:00")
    except ValueError:
        return None
    return int(then.timestamp()) * 1000 + int((match[2] or "").ljust(3, "0")[:3])

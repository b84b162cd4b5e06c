"""The plain dialect: readable lines for a person at netcat, telnet or socat."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ircish.events import (
    ACTION,
    Event,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Parted,
    Quit,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
)
from ircish.replies import HISTORY_LINE, Reply
from ircish.text import printable
from ircish.wire import encode


class Plain:
    """People at a raw connection: those whose current channel this is, or the others."""

    name = "plain"
    echo = False
    caps: frozenset[str] = frozenset()

    def __init__(self, *, here: bool) -> None:
        self.here = here

    def inside(self, current: bool) -> Plain:
        return HERE if current else ELSEWHERE

    def render(self, stamped: Stamped) -> bytes:
        return _encode(self.text(stamped))

    def own(self, stamped: Stamped) -> bytes:
        match stamped.event:
            case Parted(channel=channel):
                return _encode(f"*** You left {channel}.")
            case Renamed(nick=nick):
                return _encode(f"*** You are called {nick} now.")
            case Said() | Joined() | Quit() | Invited():
                return b""  # typed by themselves, or told by the command's own reply
        return self.render(stamped)

    def text(self, stamped: Stamped) -> str:
        """The line as a person reads it, "" where there is nothing to read."""
        event = stamped.event
        told = _TEXTS.get(type(event), _nothing)(event, stamped.source)
        if told and not self.here and type(event) is Said and event.target[:1] == "#":
            return f"[{event.target}] {told}"
        return told

    def reply(self, nick: str, reply: Reply, fields: Mapping[str, object]) -> bytes:
        sentence = reply.sentence(fields)
        if sentence is None:
            return b""
        if reply is HISTORY_LINE:
            return _encode(sentence)
        return _encode((("!!! " if reply.refusal else "*** ") + sentence).rstrip(" "))

    def replay(self, past: Sequence[Stamped], target: str, reference: str, now: int) -> list[bytes]:
        return [_encode(line) for line in retold(past, now)]

    def labelled(self, lines: list[bytes], label: str, reference: str) -> list[bytes]:
        return lines


HERE = Plain(here=True)
ELSEWHERE = Plain(here=False)


def retold(past: Sequence[Stamped], now: int, *, here: bool = True) -> list[str]:
    """Lines of history with the server's local time, and the date where it is not today's;
    unless all are from the channel ``here``, with the channel too."""
    kind = HERE if here else ELSEWHERE
    today = time.localtime(now / 1000)[:3]
    lines = []
    for stamped in past:
        then = time.localtime(stamped.time / 1000)
        clock = time.strftime("%H:%M" if then[:3] == today else "%Y-%m-%d %H:%M", then)
        if told := kind.text(stamped):
            lines.append(f"[{clock}] {told}")
    return lines


def _encode(text: str) -> bytes:
    return encode(printable(text)) if text else b""


def _nothing(event: Event, source: Source) -> str:
    return ""


def _said(event: Said, source: Source) -> str:
    nick, text = source.nick, event.text
    private = event.target[:1] != "#"
    if event.kind == "tagmsg":
        return ""
    if not source.host:
        return f"*** {text}"
    if event.kind == "notice":
        return f"-{nick}- {text}"
    if text[:1] == "\x01":
        if not text.startswith(ACTION):
            request = text.strip("\x01").partition(" ")[0]
            return f"*{nick}* (asks your program for {request})" if private else ""
        told = f"* {nick} {text[len(ACTION) :].rstrip(chr(1))}"
        return f"*{nick}* {told}" if private else told
    return f"*{nick}* {text}" if private else f"<{nick}> {text}"


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _kicked(event: Kicked, source: Source) -> str:
    why = _because(event.reason)
    return f"*** {event.nick} was put out of {event.channel} by {source.nick}{why}"


def _topic_set(event: TopicSet, source: Source) -> str:
    if not event.text:
        return f"*** {source.nick} removed the topic of {event.channel}"
    return f"*** {source.nick} set the topic of {event.channel}: {event.text}"


_MODE_WORDS = {
    "+o": "*** {by} made {param} an operator of {target}",
    "-o": "*** {param} is no longer an operator of {target}, by {by}",
}


def _mode_set(event: ModeSet, source: Source) -> str:
    if len(event.changes) == 1:
        sign, letter, param = event.changes[0]
        if words := _MODE_WORDS.get(sign + letter):
            return words.format(by=source.nick, param=param, target=event.target)
    return f"*** {source.nick} set the modes of {event.target}: {event}" if event.changes else ""


_TEXTS: Mapping[type[Event], Callable[[Any, Source], str]] = {
    Said: _said,
    Joined: lambda event, source: f"*** {source.nick} joined {event.channel}",
    Parted: lambda event, source: f"*** {source.nick} left {event.channel}{_because(event.reason)}",
    Quit: lambda event, source: f"*** {source.nick} left the chat{_because(event.reason)}",
    Renamed: lambda event, source: f"*** {source.nick} is called {event.nick} now",
    Kicked: _kicked,
    TopicSet: _topic_set,
    ModeSet: _mode_set,
    Invited: lambda event, source: (
        f"*** {source.nick} asks you into {event.channel}. JOIN {event.channel} to go there."
    ),
}

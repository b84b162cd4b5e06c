"""The plain dialect: readable lines for a person at netcat, telnet or socat."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ircish.chat.modes import MUTE, signs, to_channel
from ircish.events import (
    ACTION,
    SHOWN,
    Event,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    NameSet,
    Parted,
    Quit,
    Redacted,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
    Wallops,
)
from ircish.replies import HISTORY_LINE, Reply
from ircish.text import printable
from ircish.wire import encode


class Plain:
    """People at a raw connection: whom an event concerns, and, of what the members of a channel
    hear, those whose current channel it is, or the others."""

    name = "plain"
    echo = False
    tags = False
    implicit_names = True
    read_markers = False
    replayed: Collection[str] = SHOWN
    caps: frozenset[str] = frozenset()

    def __init__(self, *, here: bool, member: bool = True) -> None:
        self.here = here
        self.member = member
        """Whether they hear as one of many."""

    def signs(self, status: str) -> str:
        return signs(status)[:1]

    def names(self, members: Iterable[tuple[Source, str]]) -> list[str]:
        return [self.signs(held) + source.nick if held else source.nick for source, held in members]

    def inside(self, current: bool) -> Plain:
        return HERE if current else ELSEWHERE

    def render(self, stamped: Stamped) -> bytes:
        lines = self.lines(stamped)
        return _encode(lines[0]) if len(lines) == 1 else b"".join(map(_encode, lines))

    def own(self, stamped: Stamped) -> bytes:
        match stamped.event:
            case Parted(channel=channel):
                return _encode(f"*** You left {channel}.")
            case Renamed(nick=nick):
                return _encode(f"*** You are called {nick} now.")
            case NameSet(realname=realname):
                return _encode(f"*** Your real name is {realname} now.")
            case Said() | Joined() | Quit() | Redacted() | Invited() | Wallops():
                return b""  # typed by themselves, or told by the command's own reply
        return self.render(stamped)

    def lines(self, stamped: Stamped) -> list[str]:
        """The lines as a person reads them, none where there is nothing to read."""
        event = stamped.event
        if type(event) is ModeSet:
            return _mode_set(event, stamped.source)
        if type(event) is not Said:
            told = _TEXTS.get(type(event), _nothing)(event, stamped.source)
            if self.member and type(event) is Invited:
                told = f"*** {stamped.source.nick} asks {event.nick} into {event.channel}"
            return [told] if told else []
        where, to_all = "", event.target[:1] == "#"
        if to_channel(event.target) and not (to_all and self.here):  # to some: that is to be seen
            where = f"[{event.target}] "
        texts = list(filter(None, event.text.split("\n"))) if "\n" in event.text else [event.text]
        return [where + line for text in texts if (line := _said(event, text, stamped.source))]

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


ALONE = Plain(here=True, member=False)
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
        lines += [f"[{clock}] {told}" for told in kind.lines(stamped)]
    return lines


def _encode(text: str) -> bytes:
    return encode(printable(text)) if text else b""


def _nothing(event: Event, source: Source) -> str:
    return ""


def _said(event: Said, text: str, source: Source) -> str:
    nick = source.nick
    private = not to_channel(event.target)
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
    "+q": "{by} made {param} a founder of {target}",
    "-q": "{param} is no longer a founder of {target}, by {by}",
    "+o": "{by} made {param} an operator of {target}",
    "-o": "{param} is no longer an operator of {target}, by {by}",
    "+v": "{by} gave {param} a voice in {target}",
    "-v": "{by} took the voice of {param} in {target}",
    "+b": "{by} banned {param} from {target}",
    "-b": "{by} lifted the ban of {param} from {target}",
    "+bm:": "{by} silenced {param} in {target}",
    "-bm:": "{by} lets {param} speak in {target} again",
    "+e": "{by} excepted {param} from the bans of {target}",
    "-e": "{by} excepts {param} from the bans of {target} no longer",
    "+I": "{by} lets {param} into {target} without an invitation",
    "-I": "{by} lets {param} into {target} without an invitation no longer",
    "+k": "{by} locked {target}: one needs the key {param} to come in",
    "-k": "{by} unlocked {target}: one needs no key to come in",
    "+l": "{by} limited {target} to {param} people",
    "-l": "{by} lifted the limit of {target}",
    "+C": "{by} closed {target} to CTCP",
    "-C": "{by} opened {target} to CTCP",
    "+i": "{by} made {target} on invitation only: INVITE lets somebody in",
    "-i": "{by} opened {target}: one needs no invitation to come in",
    "+m": "{by} made {target} moderated: only those with a voice speak",
    "-m": "{by} made {target} unmoderated: all members speak",
    "+n": "{by} closed {target} to words from outside: only members speak",
    "-n": "{by} opened {target} to words from outside: not only members speak",
    "+s": "{by} made {target} secret: only members are shown that it exists",
    "-s": "{by} made {target} public: everyone is shown that it exists",
    "+t": "{by} reserved the topic of {target} to its operators",
    "-t": "{by} opened the topic of {target} to all members",
}
"""What is read of a change to a channel, by its sign and letter."""

_OWN_MODE_WORDS = {
    "+B": "You are marked as a bot now.",
    "-B": "You are not marked as a bot any more.",
    "+i": "You are not shown any more to those who are in none of your channels.",
    "-i": "You are shown to everyone again.",
    "-o": "You are not an operator of this server any more.",
    "+s": "You are told now what the server does.",
    "-s": "You are not told any more what the server does.",
    "+w": "You are told now what operators tell all.",
    "-w": "You are not told any more what operators tell all.",
}
"""What somebody reads who has changed their own modes."""


def _mode_set(event: ModeSet, source: Source) -> list[str]:
    """A line for each change."""
    words = _MODE_WORDS if event.target[:1] == "#" else _OWN_MODE_WORDS
    lines = []
    for sign, letter, param in event.changes:
        mute = MUTE if letter == "b" and param.startswith(MUTE) else ""
        text = words.get(sign + letter + mute, _ANY_MODE)
        shown = param.removeprefix(mute)
        change = " ".join(filter(None, (sign + letter, param)))
        lines.append(
            "*** " + text.format(by=source.nick, param=shown, target=event.target, change=change)
        )
    return lines


_ANY_MODE = "{by} set the modes of {target}: {change}"


_TEXTS: Mapping[type[Event], Callable[[Any, Source], str]] = {
    Joined: lambda event, source: f"*** {source.nick} joined {event.channel}",
    Parted: lambda event, source: f"*** {source.nick} left {event.channel}{_because(event.reason)}",
    Quit: lambda event, source: f"*** {source.nick} left the chat{_because(event.reason)}",
    Renamed: lambda event, source: f"*** {source.nick} is called {event.nick} now",
    Kicked: _kicked,
    TopicSet: _topic_set,
    Redacted: lambda event, source: (
        f"*** {source.nick} took back a message"
        f"{f' in {event.target}' if event.target[:1] == '#' else ''}{_because(event.reason)}"
    ),
    Wallops: lambda event, source: f"*** {source.nick} tells all: {event.text}",
    Invited: lambda event, source: (
        f"*** {source.nick} asks you into {event.channel}. JOIN {event.channel} to go there."
    ),
}

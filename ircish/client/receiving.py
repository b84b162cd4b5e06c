"""What each line of a server means: a table from verb or numeric to what it changes in a Session
and tells.

Servers err and lie. A line that makes no sense changes nothing, and nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from ircish.client.channels import Modes
from ircish.client.events import (
    Answered,
    CatalogueTold,
    Closed,
    Failed,
    Marked,
    Message,
    NickTaken,
    Noted,
    Past,
    Pong,
    Redacted,
    Told,
    Welcomed,
)
from ircish.client.fitting import SHORT_NICK
from ircish.client.people import HANDLERS as PEOPLE
from ircish.dialects.irc import CATALOGUE, JOINED, MULTILINE
from ircish.events import Source

if TYPE_CHECKING:
    from ircish.client.session import Session

TAKEN = ("433", "436", "437")
"""The nick cannot be had: in use, in collision, unavailable (Modern IRC)."""

NO_MOTD = "422"
"""The one 4xx that refuses nothing."""

HISTORIES = ("chathistory", "znc.in/playback")
"""The kinds of batch in which what is said is said again."""

MAX_BATCHES = 100
"""Batches that may be open at once: of more, the oldest are forgotten."""

MAX_PAST = 5000
"""Messages of history told in one piece."""

MAX_LINES = 1000
"""Lines of one message; what is beyond them is told as another."""

MAX_COMMANDS = 5000
"""Commands in a catalogue."""


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """A command that the server has."""

    verb: str
    allow: str
    """who may: anyone, member, op or oper"""
    usage: str
    """its parameters as HELP shows them, "" where it has none"""
    summary: str


@dataclass(slots=True)
class Batch:
    """A batch that has begun (IRCv3 batch)."""

    kind: str
    about: str
    label: str
    answers: bool
    """the label is its own: with its end, all of the answer has come"""
    history: Batch | None
    """the history that it is in, or is"""
    messages: list[Message] = field(default_factory=list)
    commands: dict[str, ServerCommand] = field(default_factory=dict)
    opening: Heard | None = None
    """the line that began it, of a message of several lines"""
    lines: list[Heard] = field(default_factory=list)


@dataclass(slots=True)
class Heard:
    """A line that came: cleaned, and what its tags say. Tags themselves are as they came."""

    verb: str
    params: tuple[str, ...]
    tags: Mapping[str, str]
    source: Source
    time: int | None
    batch: Batch | None
    label: str
    """of the command that it answers: its own, or that of its batch"""

    def first(self, count: int) -> tuple[str, ...]:
        """As many parameters, "" for those that are missing."""
        return (self.params + ("",) * count)[:count]

    @property
    def last(self) -> str:
        """The last parameter, which is the text where there is one."""
        return self.params[-1] if self.params else ""


def take(session: Session, line: Heard) -> None:
    """Do what a line means."""
    if line.batch and line.batch.history and line.verb not in _IN_HISTORY:
        pass  # it was so once: nothing changes now
    elif handle := HANDLERS.get(line.verb):
        handle(session, line)
    elif not _numeric(line.verb):
        session.tell(Told(line.verb, line.params, line.label, line.source, time=line.time))
    elif line.verb[0] in "45" and line.verb != NO_MOTD:
        _refused(session, line)
    else:
        session.tell(Told(line.verb, line.params[1:], line.label, time=line.time))
    if line.verb != "BATCH" and (label := line.tags.get("label")):
        session.tell(Answered(label))


def milliseconds(time: str) -> int | None:
    """``2026-11-22T09:50:00.000Z`` in ms since the epoch (IRCv3 server-time); None for no time."""
    if not time:
        return None
    try:
        then = datetime.fromisoformat(time)
        return round((then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _numeric(verb: str) -> bool:
    return len(verb) == 3 and verb.isascii() and verb.isdigit()


def _nothing(session: Session, line: Heard) -> None:
    """For lines that say nothing to a person."""


# Capabilities and coming in ---------------------------------------------------------------------


def _cap(session: Session, line: Heard) -> None:
    more = len(line.params) > 3 and line.params[2] == "*"
    names = [word for word in line.last.split(" ") if word]
    match line.first(2)[1].upper():
        case "LS" | "NEW":
            session.offered.update({word.partition("=")[::2] for word in names})
            if not more:
                session.ask_for_caps()
        case "ACK":
            session.caps_given(
                {name.lstrip("~=") for name in names if name[0] != "-"},
                {name[1:] for name in names if name[0] == "-"},
            )
        case "NAK":
            session.caps_given(set(), set())
        case "DEL":
            session.caps -= set(names)
            for name in names:
                session.offered.pop(name, None)


def _welcome(session: Session, line: Heard) -> None:
    nick = line.first(1)[0]
    if not nick:
        return
    session.registered = True
    session.nick = nick
    last = line.last.rpartition(" ")[2]
    if last.startswith(f"{nick}!"):
        session.prefix = last
    session.tell(Welcomed(nick, time=line.time))
    session.ask_for_catalogue()


def _support(session: Session, line: Heard) -> None:
    for token in line.params[1:-1]:
        name, _, value = token.partition("=")
        if name[:1] == "-":
            session.isupport.pop(name[1:], None)
        else:
            session.isupport[name] = value
    session.modes = Modes.parse(session.isupport)


def _refused(session: Session, line: Heard) -> None:
    about = line.params[1:-1]
    if not session.registered:
        if line.verb == "421" and about[:1] == ("CAP",):
            return  # an old server, which registers without
        # a long one is perhaps only too long
        is_bad = line.verb == "432" and (session.varied or len(session.nick) > SHORT_NICK)
        if line.verb in TAKEN or is_bad:
            taken = session.nick
            if session.try_next_nick():
                session.tell(NickTaken(taken, session.nick, time=line.time))
                return
    session.tell(Failed(line.verb, line.last, about, line.label, time=line.time))


def _standard_reply(session: Session, line: Heard) -> None:
    """FAIL, WARN or NOTE: command code context... :text (IRCv3 standard-replies)"""
    code, *words = (*line.params[1:], "", "")[: max(2, len(line.params) - 1)]
    text, about = words[-1], tuple(words[:-1])
    if line.verb == "FAIL":
        session.tell(Failed(code, text, about, line.label, time=line.time))
    else:
        kind: Literal["WARN", "NOTE"] = "WARN" if line.verb == "WARN" else "NOTE"
        session.tell(Noted(kind, code, text, about, line.label, time=line.time))


def _commands(session: Session, line: Heard) -> None:
    """``COMMANDS verb allow usage :summary``, of which a batch is the whole catalogue."""
    verb, allow, usage, summary = line.first(4)
    usage = "" if usage == "*" else usage.replace("\\s", " ")
    whole = line.batch is not None and line.batch.kind == CATALOGUE
    catalogue = line.batch.commands if line.batch and whole else session.catalogue
    if verb and len(catalogue) < MAX_COMMANDS:
        catalogue[verb.upper()] = ServerCommand(verb.upper(), allow, usage, summary)
        if not whole:
            session.tell(CatalogueTold(time=line.time))


def _ping(session: Session, line: Heard) -> None:
    session.send("PONG", *line.params[-1:])


def _pong(session: Session, line: Heard) -> None:
    session.tell(Pong(line.last))


def _error(session: Session, line: Heard) -> None:
    session.closed = True
    session.tell(Closed(line.last or "The server ended the connection", time=line.time))


# Talk -------------------------------------------------------------------------------------------


def _said(session: Session, line: Heard) -> None:
    batch = line.batch
    if len(line.params) < 2:
        return
    if batch and batch.opening:
        batch.lines.append(line)
        if len(batch.lines) >= MAX_LINES:
            _tell_lines(session, batch.opening, batch)
    else:
        _tell_said(session, line, line.params[1])


def _tell_lines(session: Session, opening: Heard, batch: Batch) -> None:
    """A message of several lines, each as one; the blank ones are not shown."""
    texts: list[str] = []
    for line in batch.lines:
        if JOINED in line.tags and texts:
            texts[-1] += line.params[1]
        else:
            texts.append(line.params[1])
    outer, label = opening.batch, opening.label
    first = replace(batch.lines[0], tags=opening.tags, time=opening.time, batch=outer, label=label)
    for number, text in enumerate(texts):
        if text:
            _tell_said(session, first, text, number)
    batch.lines.clear()


def _tell_said(session: Session, line: Heard, text: str, number: int = 0) -> None:
    history = line.batch.history if line.batch else None
    message = Message(
        target=line.params[0],
        source=line.source,
        text=text,
        kind="notice" if line.verb == "NOTICE" else "message",
        time=line.time,
        msgid=line.tags.get("msgid", ""),
        line=number,
        own=session.is_me(line.source.nick),
        past=history is not None,
        label=line.label,
    )
    if history is None:
        session.tell(message)
        return
    history.messages.append(message)
    if len(history.messages) >= MAX_PAST:
        _tell_past(session, history)


def _tell_past(session: Session, batch: Batch) -> None:
    session.tell(Past(batch.about, tuple(batch.messages), batch.label))
    batch.messages.clear()


def _batch(session: Session, line: Heard) -> None:
    """``BATCH +reference kind params`` to ``BATCH -reference`` (IRCv3 batch)."""
    reference, kind, about = line.first(3)
    if reference[:1] == "+":
        outer = line.batch.history if line.batch else None
        batch = Batch(kind, about, line.label, "label" in line.tags, outer)
        if outer is None and kind in HISTORIES:
            batch.history = batch
        elif kind == MULTILINE and about:
            batch.opening = line
        session.batches[line.params[0][1:]] = batch
        if len(session.batches) > MAX_BATCHES:
            del session.batches[next(iter(session.batches))]
    elif ended := session.batches.pop(reference[1:], None):
        if ended.history is ended:
            _tell_past(session, ended)
        elif ended.opening:
            _tell_lines(session, ended.opening, ended)
        elif ended.kind == CATALOGUE:
            session.catalogue = ended.commands
            session.tell(CatalogueTold(time=line.time))
        if ended.answers:
            session.tell(Answered(ended.label))


def _mark_read(session: Session, line: Heard) -> None:
    target, selector = line.first(2)
    if target:
        until = milliseconds(selector.removeprefix("timestamp="))
        session.tell(Marked(target, until, time=line.time))


def _redacted(session: Session, line: Heard) -> None:
    target, msgid, reason = line.first(3)
    if msgid:
        own = session.is_me(line.source.nick)
        session.tell(Redacted(target, line.source, msgid, reason, own, time=line.time))


HANDLERS: Mapping[str, Callable[[Session, Heard], None]] = {
    **PEOPLE,
    "001": _welcome,
    "005": _support,
    "ACK": _nothing,  # a labelled command is done, and there is nothing to say
    "BATCH": _batch,
    "CAP": _cap,
    "COMMANDS": _commands,
    "ERROR": _error,
    "FAIL": _standard_reply,
    "MARKREAD": _mark_read,
    "NOTE": _standard_reply,
    "NOTICE": _said,
    "PING": _ping,
    "PONG": _pong,
    "PRIVMSG": _said,
    "REDACT": _redacted,
    "SETNAME": _nothing,
    "TAGMSG": _nothing,
    "WARN": _standard_reply,
}

_IN_HISTORY = ("PRIVMSG", "NOTICE", "BATCH")
"""What counts of a batch of history."""

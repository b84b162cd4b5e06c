"""`ircish send` and `ircish tail`: one thing done by a script, on a Link; flags are cli's."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

from ircish.client.events import ClientEvent, Closed, LeftChannel, Message, Past
from ircish.client.fitting import split
from ircish.client.link import RECEIVE, Link, LinkError, ended
from ircish.dialects.plain import HERE
from ircish.events import SERVER, Said, Stamped
from ircish.offline import json_line
from ircish.text import printable

# send -------------------------------------------------------------------------------------------


def send(link: Link, target: str, texts: Iterable[str]) -> None:
    """Say each line to a channel, coming in first, or to a nick; each is delivered before the
    next. Raises LinkError where one is refused."""
    session = link.session
    if target[:1] == "#":
        link.finish(session.join(target))
    for text in texts:
        for line in text.replace("\0", "").replace("\r\n", "\n").replace("\r", " ").split("\n"):
            for part in split(line, session.fits(target)) if line else ():
                link.finish(session.say(target, part))


def typed(link: Link, descriptor: int) -> Iterator[str]:
    """Lines from a file descriptor as they come, while the server hears from us."""
    data, unfinished = b"-", b""
    while data:
        events = link.receive(beside=descriptor)
        check_open(events)
        if not events:
            data = os.read(descriptor, RECEIVE)
            *lines, unfinished = (unfinished + data).split(b"\n")
            yield from (line.removesuffix(b"\r").decode(errors="replace") for line in lines)
    yield unfinished.decode(errors="replace")


# tail -------------------------------------------------------------------------------------------


def follow(link: Link, channel: str, lines: int, *, as_json: bool) -> NoReturn:
    """Print the last ``lines`` of a channel and what is said from now on, a line each. Raises
    LinkError when that is over, KeyboardInterrupt at Ctrl-C."""
    session = link.session
    came = link.finish(session.join(channel))
    past: list[Message] = []
    while "draft/chathistory" in session.caps and len(past) < lines:
        before = f"msgid={past[0].msgid}" if past else ""
        answer = link.finish(session.history(channel, lines - len(past), before=before))
        older = [each for event in answer if isinstance(event, Past) for each in event.messages]
        came += answer
        past = older + past
        if not older or not older[0].msgid:
            break
    known = {message.msgid for message in past if message.msgid}
    events: list[ClientEvent] = [*past]
    events += [each for each in came if not (isinstance(each, Message) and each.msgid in known)]
    while True:
        for event in events:
            match event:
                case Message() if session.fold(event.target) == session.fold(channel):
                    show(event, as_json=as_json)
                case LeftChannel(own=True):
                    raise LinkError(f"{event.by} put you out of {channel}: {event.reason}.")
        check_open(events)
        events = link.receive()


def show(message: Message, *, as_json: bool) -> None:
    """One line: as JSON, or as people read it, with the local time."""
    ms = int(time.time() * 1000) if message.time is None else message.time
    if as_json:
        fields = {
            "time": ms,
            "msgid": message.msgid,
            "kind": message.kind,
            "channel": message.target,
            "source": message.source.prefix,
            "text": message.text,
        }
        print(json_line(fields), flush=True)
        return
    said = Said(SERVER, message.target, message.text, message.kind)
    clock = time.strftime("%Y-%m-%d %H:%M", time.localtime(ms / 1000))
    for line in HERE.lines(Stamped(0, ms, message.msgid, said, message.source)):
        print(f"[{clock}] {printable(line)}", flush=True)


def check_open(events: Sequence[ClientEvent]) -> None:
    """Raises LinkError where the connection has ended."""
    if events and isinstance(events[-1], Closed):
        raise ended(events[-1])

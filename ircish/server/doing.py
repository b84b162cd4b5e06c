"""Doing one command of a connection: found, run, answered. Its thread does one after the other."""

from __future__ import annotations

import re
import threading
from functools import partial
from typing import TYPE_CHECKING

from ircish import phrases, replies
from ircish.context import Context
from ircish.errors import Gone, Refused
from ircish.log import logger
from ircish.server.watching import watched
from ircish.stuck import TakenOver
from ircish.text import shortened
from ircish.wire import Message

if TYPE_CHECKING:
    from ircish.command import Command
    from ircish.server.connection import Connection

ANSWER_AHEAD = 64 * 1024
"""Bytes of an answer queued at once; for more its own thread waits until they are sent."""

NOT_READING = 60.0
"""Seconds without progress after which one who does not read their own answers is dropped."""

HINT = 60
"""Characters of what somebody typed that are shown again to them."""

_HTTP = re.compile(r" HTTP/[0-9.]+$", re.ASCII)
"""How the first line of a request ends; where that was too long a line, ``Host:`` is next."""

log = logger("ircish")


def do(connection: Connection, message: Message) -> None:
    """Do one command and send what answers it. Raises Gone, and TakenOver where it was a plugin's
    and another thread goes on meanwhile."""
    kind = connection.reader.kind
    verb = message.verb[1:] if message.verb[:1] == "/" and kind.name == "plain" else message.verb
    found = connection.server.commands.find(kind.name, verb)
    if found is None or (kind.name == "plain" and message.typed[:1] in "@:"):
        # before a person's words these are no tags and no source
        _unknown(connection, verb, message)
        return
    ctx = Context(connection, found, message)
    try:
        if not (connection.registered or found.unregistered):
            raise Refused(replies.NOT_REGISTERED)
        if found.tally is None:
            found.run(ctx, message)
        else:
            _run_watched(ctx, found, message)
    except Refused as refused:
        _refuse(ctx, refused)
    except (Gone, TakenOver):
        raise
    except BaseException:
        # whatever a plugin does, SystemExit too, must not end its caller's connection
        _failed(ctx)
    lines = labelled(connection, ctx.label, ctx.finish())
    if lines or connection.reader.held:
        answer(connection, lines)
    if connection.goodbye:
        connection.server.hub.tell(connection.reader, connection.goodbye)


def _run_watched(ctx: Context, found: Command, message: Message) -> None:
    assert found.home
    if found.home.tally(found.verb).off:
        raise Refused(replies.SWITCHED_OFF, verb=found.verb)
    watched(ctx, found.home, found.verb, partial(found.run, ctx, message))


def _refuse(ctx: Context, refused: Refused) -> None:
    try:
        ctx.refused(refused)
    except Exception:
        # a plugin's refusal that is no line: two lines, half a surrogate pair, no reply at all
        _failed(ctx)


def _failed(ctx: Context) -> None:
    ctx.server.fault(ctx.command, ctx.connection.user_id)
    ctx.answer(replies.BROKEN, verb=ctx.command.verb)


def labelled(
    connection: Connection, label: str, lines: list[tuple[int, bytes]]
) -> list[tuple[int, bytes]]:
    """An answer with the label of its command, where there is one."""
    if not label or len(label) > 64 or "labeled-response" not in connection.caps:
        return lines
    seq = lines[0][0] if lines else connection.server.hub.seq
    each = [part for _, line in lines for part in line.splitlines(keepends=True)]
    reference = f"{connection.user_id:x}l{seq:x}"
    return [(seq, line) for line in connection.reader.kind.labelled(each, label, reference)]


def answer(connection: Connection, lines: list[tuple[int, bytes]]) -> None:
    """Queue an answer; of a long one, or where earlier ones have not been read, a part at a time,
    so that it drops nobody and fills no memory."""
    reader, hub = connection.reader, connection.server.hub
    size = reader.answers
    size += sum(len(what) for _, what, *_ in reader.outbox if isinstance(what, bytes))
    if size + sum(len(line) for _, line in lines) <= ANSWER_AHEAD:
        hub.answer(reader, lines)
        return
    part = []
    for seq, line in lines:
        part.append((seq, line))
        size += len(line)
        if size > ANSWER_AHEAD:
            _answer_and_wait(connection, part)
            size, part = 0, []
    hub.answer(reader, part)


def _answer_and_wait(connection: Connection, part: list[tuple[int, bytes]]) -> None:
    reader = connection.reader
    drained = reader.drained = threading.Event()
    connection.server.hub.answer(reader, part)
    taken = reader.taken
    while not drained.wait(NOT_READING) and not connection.server.stopping.is_set():
        if reader.taken == taken:
            connection.drop("Did not read its answers")
            break
        taken = reader.taken
    reader.drained = None
    if reader.dead:
        raise Gone


def _unknown(connection: Connection, verb: str, message: Message) -> None:
    kind, hub = connection.reader.kind, connection.server.hub
    if not connection.registered and (verb == "HOST:" or _HTTP.search(message.rest)):
        # a web page can make its visitor's browser send this, and commands behind it
        connection.end("Sent HTTP", replies.NO_WEB_SERVER)
        hub.tell(connection.reader, connection.goodbye)
        return
    hint = phrases.TO_SPEAK.format(typed=shortened(message.typed, HINT))
    if kind.name == "plain":
        verb = shortened(message.typed.partition(" ")[0], HINT)
    nearest = connection.server.commands.nearest(kind.name, verb.removeprefix("/").upper())
    if nearest:
        hint = phrases.DID_YOU_MEAN.format(verb=nearest)
    reply = replies.UNKNOWN_COMMAND
    if kind.name == "irc" and not connection.registered:
        reply = replies.NOT_REGISTERED
    log.info("%s: an unknown command refused", connection.label)  # it may be a password
    line = kind.reply(connection.nick, reply, {"verb": verb, "hint": hint})
    answer(connection, labelled(connection, message.tags.get("label", ""), [(hub.seq, line)]))

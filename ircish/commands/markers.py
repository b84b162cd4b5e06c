"""MARKREAD: how far one has read (IRCv3 read-marker). It is known for as long as one is here: there
are no accounts yet under which it could be kept."""

from __future__ import annotations

from ircish import phrases, replies
from ircish.command import Command, command
from ircish.context import Context
from ircish.dialects.irc import milliseconds, timestamp
from ircish.errors import Refused
from ircish.events import Read
from ircish.hookspecs import hookimpl

UNKNOWN = "*"
"""Stands for the time where it is not known how far one has read."""


@command("MARKREAD", dialects=["irc"], hidden=True)
def markread(ctx: Context, target: str = "", moment: str = "") -> None:
    """Ask how far you have read, or say so (IRCv3 read-marker)."""
    if not target:
        raise Refused(replies.MARKER_OF_WHAT)
    if moment:
        kind, _, value = moment.partition("=")
        ms = milliseconds(value) if kind == "timestamp" else None
        if ms is None:
            wrong = phrases.SAY_WHICH_TIME
            raise Refused(replies.BAD_MARKER, target=target, given=moment, wrong=wrong)
        ctx.publish(Read(ctx.connection.user_id, target, ms))
    _tell(ctx, target)


def send_marker(ctx: Context, channel: str) -> None:
    """Tell those who asked for it how far they had read a channel that they come into."""
    if ctx.connection.reader.kind.read_markers:
        _tell(ctx, channel)


def _tell(ctx: Context, target: str) -> None:
    ms = ctx.server.snapshots.read_until(ctx.connection.user_id, target)
    moment = f"timestamp={timestamp(ms)}" if ms else UNKNOWN
    ctx.answer(replies.MARKER, target=target, moment=moment)


@hookimpl
def server_commands() -> list[Command]:
    return [markread]

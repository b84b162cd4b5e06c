"""Taking messages back: REDACT for IRC clients (IRCv3 message-redaction), UNSAY for everyone."""

from __future__ import annotations

from ircish import replies
from ircish.chat.names import fold
from ircish.command import Channel, Command, Rest, command
from ircish.commands.history import own_channel, settle, unreadable
from ircish.context import Context
from ircish.errors import Refused
from ircish.events import ACTION, TALK, Redacted
from ircish.hookspecs import hookimpl
from ircish.rows import HistoryError, Row, seq_of
from ircish.text import shortened

SHOWN = 60
"""Characters of a message that its speaker is shown once more."""


@command("REDACT", dialects=["irc"], hidden=True)
def redact(ctx: Context, target: str, msgid: str, reason: Rest = "") -> None:
    """Take back what you said, or, as an operator, what was said (IRCv3 message-redaction)."""
    own = (msgid, fold(target)) in [(said, fold(to)) for said, to in tuple(ctx.connection.said)]
    if target[:1] == "#":
        channel = own_channel(ctx, target)
        if channel is None:
            raise Refused(replies.CANNOT_REDACT_THERE, target=target)
        known = _said(ctx, channel, msgid) is not None
    elif ctx.server.snapshots.is_here(target):
        known = own  # what others said to each other is nobody's business
    else:
        raise Refused(replies.CANNOT_REDACT_THERE, target=target)
    if not known:
        raise Refused(replies.UNKNOWN_MSGID, target=target, msgid=msgid)
    ctx.publish(Redacted(ctx.connection.user_id, target, msgid, reason, own))
    _forget(ctx, msgid)


@command(
    "UNSAY", examples={"UNSAY": "You have said nothing lately in #lobby that could be taken back."}
)
def unsay(ctx: Context, channel: Channel, reason: Rest = "") -> None:
    """Take back what you said last in your channel, or in another: UNSAY #dev.

    UNSAY wrong channel says why. It leaves the history; who has read it has read it.
    """
    name = own_channel(ctx, channel)
    if name is None:
        raise Refused(replies.NOT_IN_CHANNEL, channel=channel)
    for msgid, target in reversed(tuple(ctx.connection.said)):
        row = _said(ctx, name, msgid) if fold(target) == fold(name) else None
        if row and row.kind in TALK:
            ctx.publish(Redacted(ctx.connection.user_id, name, msgid, reason, own=True))
            _forget(ctx, msgid)
            words = row.text.removeprefix(ACTION).rstrip("\x01").replace("\n", " ")
            ctx.answer(replies.TAKEN_BACK, text=shortened(words, SHOWN))
            return
    raise Refused(replies.NOTHING_SAID, channel=name)


def _said(ctx: Context, channel: str, msgid: str) -> Row | None:
    """What was said in a channel under that msgid, unless it has been taken back."""
    settle(ctx)
    seq = seq_of(msgid)
    try:
        row = None if seq is None else ctx.server.history.at(fold(channel), seq)
    except HistoryError as error:
        raise unreadable(error) from None
    if row is None:  # what is not saved yet, where saving fails, is in memory
        recent = ctx.server.hub.recent(channel)
        row = next((each.row(channel) for each in recent if each.msgid == msgid), None)
    if row is None or row.msgid != msgid or row.kind not in (*TALK, "tagmsg"):
        return None
    return row if ctx.server.hub.readable([row]) else None


def _forget(ctx: Context, msgid: str) -> None:
    """It can be taken back once."""
    said = ctx.connection.said
    for each in tuple(said):
        if each[0] == msgid:
            said.remove(each)


@hookimpl
def server_commands() -> list[Command]:
    return [redact, unsay]

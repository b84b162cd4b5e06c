"""Channels: JOIN, PART, NAMES, LIST, TOPIC, INVITE, KICK, MODE, OP and DEOP."""

from __future__ import annotations

from ircish import replies
from ircish.chat.names import fold
from ircish.chat.rules import STATUS_MODES
from ircish.command import Channel, Command, Nick, Rest, command
from ircish.context import Context
from ircish.errors import Refused
from ircish.events import Invited, Joined, Kicked, ModeSet, Parted, TopicSet
from ircish.hookspecs import hookimpl

NAMES_BYTES = 400
"""Bytes of nicks in one 353."""

NAMED_COMPANY = 8
"""Nicks told to a person who comes in; of the others the number."""


@command("JOIN", examples={"JOIN #dev": "You are in #dev alone."})
def join(ctx: Context, channel: str) -> None:
    """Go into a channel, and speak there from now on: JOIN #dev."""
    if channel == "0":
        for name in ctx.server.snapshots.channels_of(ctx.connection.user_id):
            leave(ctx, name, "")
        return
    for name in dict.fromkeys(channel.split(",")):
        try:
            enter(ctx, name)
        except Refused as refused:
            ctx.refused(refused)


def enter(ctx: Context, name: str, *, welcome: bool = False) -> None:
    """Bring the caller into a channel, and show them what is there. Raises Refused."""
    connection, snapshots = ctx.connection, ctx.server.snapshots
    was_in = snapshots.status(connection.user_id, name) is not None
    if was_in and ctx.dialect == "irc":
        return
    before = connection.current_channel
    connection.set_current(name)  # before they are in: what others say is then heard as said here
    try:
        joined = None if was_in else ctx.publish(Joined(connection.user_id, name))
    except Refused:
        connection.set_current(before)
        raise
    place = snapshots.place(name)
    if ctx.dialect == "plain":
        connection.current_channel = place.name
        if joined:
            ctx.behind(joined)
        reply = replies.ENTERED if welcome else replies.NOW_IN
        ctx.answer(reply, nick=ctx.nick, channel=place.name, company=_company(ctx, place.name))
    if place.topic:
        _send_topic(ctx, place.name)
    if ctx.dialect == "irc":
        _send_names(ctx, place.name)
        ctx.answer(replies.NAMES_END, channel=place.name)
    elif joined and (count := ctx.server.config.history.on_join):
        ctx.replay(connection.reader.past[-count:], place.name)


def _company(ctx: Context, channel: str) -> str:
    others = [name for name in ctx.server.snapshots.names(channel) if name.lstrip("@") != ctx.nick]
    others = [name.lstrip("".join(STATUS_MODES.values())) for name in others]
    if not others:
        return replies.ALONE
    if len(others) > NAMED_COMPANY:
        more = len(others) - NAMED_COMPANY + 1
        return replies.WITH_MORE.format(names=", ".join(others[: NAMED_COMPANY - 1]), more=more)
    *most, last = others
    all_of_them = replies.AND.format(most=", ".join(most), last=last) if most else last
    return replies.WITH.format(names=all_of_them)


@command("PART", strict=True, examples={"PART": "You left #lobby..."})
def part(ctx: Context, channel: Channel, reason: Rest = "") -> None:
    """Leave a channel, and say why if you like."""
    names = channel.split(",")
    for name in names:
        try:
            leave(ctx, name, reason)
        except Refused as refused:
            ctx.refused(refused)


def leave(ctx: Context, name: str, reason: str) -> None:
    """Take the caller out of a channel. Raises Refused."""
    connection = ctx.connection
    reason = reason[: ctx.server.config.limits.kick_length]
    ctx.publish(Parted(connection.user_id, name, reason))
    if connection.is_current(name):
        rest = ctx.server.snapshots.channels_of(connection.user_id)
        connection.set_current(rest[-1] if rest else "")
        if rest and ctx.dialect == "plain":
            ctx.answer(replies.NOW_IN, channel=rest[-1], company=_company(ctx, rest[-1]))


@command("NAMES", examples={"NAMES": "In #lobby: ann"})
def names(ctx: Context, channel: str = "") -> None:
    """See who is in your channel, or in another: NAMES #dev."""
    if not channel:
        if ctx.dialect == "irc":
            ctx.answer(replies.NAMES_END, channel="*")
            return
        channel = ctx.channel
    for name in dict.fromkeys(channel.split(",")):
        try:
            _send_names(ctx, name)
        except Refused:
            if ctx.dialect == "plain":
                raise
    ctx.answer(replies.NAMES_END, channel=channel)


def _send_names(ctx: Context, channel: str) -> None:
    channel = ctx.server.snapshots.place(channel).name
    line: list[str] = []
    size = 0
    for name in ctx.server.snapshots.names(channel):
        if size > NAMES_BYTES:
            ctx.answer(replies.NAMES, channel=channel, names=" ".join(line))
            line, size = [], 0
        line.append(name)
        size += len(name) + 1
    if line or ctx.dialect == "plain":
        ctx.answer(replies.NAMES, channel=channel, names=" ".join(line) or replies.NOBODY_THERE)


@command("LIST", examples={"LIST": "#lobby (1)..."})
def list_(ctx: Context, channel: str = "") -> None:
    """See which channels there are, how many are in each, and what about."""
    ctx.answer(replies.LIST_START)
    wanted = {fold(name) for name in channel.split(",") if name}
    for place in ctx.server.snapshots.places():
        if not wanted or fold(place.name) in wanted:
            ctx.answer(replies.LIST, channel=place.name, count=place.size, topic=place.topic)
    ctx.answer(replies.LIST_END)


@command(
    "TOPIC",
    allow="member",
    strict=True,
    examples={
        "TOPIC": "#lobby has no topic.",
        "TOPIC tea at five": "ann set the topic of #lobby: tea at five",
    },
)
def topic(ctx: Context, channel: Channel, text: Rest = "") -> None:
    """See what a channel is about, or set it: TOPIC #dev release on Friday.

    TOPIC - removes it. In channels that members founded, their operators set it.
    """
    clears = ctx.dialect == "irc" and len(ctx.message.params) > 1
    if not text and not clears:
        place = ctx.server.snapshots.place(channel)
        if place.topic:
            _send_topic(ctx, place.name)
        else:
            ctx.answer(replies.NO_TOPIC, channel=place.name)
        return
    text = "" if text in ("-", ":") and ctx.dialect == "plain" else text
    ctx.publish(TopicSet(ctx.connection.user_id, channel, text))


def _send_topic(ctx: Context, channel: str) -> None:
    place = ctx.server.snapshots.place(channel)
    ctx.answer(replies.TOPIC, channel=place.name, topic=place.topic)
    ctx.answer(
        replies.TOPIC_BY, channel=place.name, by=place.topic_by or "*", at=place.topic_time // 1000
    )


@command("INVITE", allow="member", examples={"INVITE ben": "Nobody here is called ben."})
def invite(ctx: Context, nick: Nick, channel: Channel) -> None:
    """Ask somebody into your channel, or into another: INVITE ben #dev."""
    stamped = ctx.publish(Invited(ctx.connection.user_id, channel, nick))
    event = stamped.event
    ctx.answer(replies.INVITING, nick=event.nick, channel=event.channel)  # type: ignore[attr-defined]
    person = ctx.server.snapshots.person(nick)
    if person.away:
        ctx.answer(replies.IS_AWAY, nick=person.nick, text=person.away)


@command(
    "KICK",
    allow="op",
    strict=True,
    examples={"KICK ben too loud": "Nobody here is called ben."},
)
def kick(ctx: Context, channel: Channel, nick: Nick, reason: Rest = "") -> None:
    """Put somebody out of a channel."""
    reason = reason[: ctx.server.config.limits.kick_length]
    for each in dict.fromkeys(nick.split(",")):
        try:
            ctx.publish(Kicked(ctx.connection.user_id, channel, each, reason))
        except Refused as refused:
            ctx.refused(refused)


@command("OP", allow="op", dialects=["plain"], examples={"OP ben": "Nobody here is called ben."})
def op(ctx: Context, channel: Channel, nick: Nick) -> None:
    """Make somebody an operator of the channel."""
    _set_status(ctx, channel, "+", nick)


@command(
    "DEOP", allow="op", dialects=["plain"], examples={"DEOP ben": "Nobody here is called ben."}
)
def deop(ctx: Context, channel: Channel, nick: Nick) -> None:
    """Take the rights of an operator from somebody."""
    _set_status(ctx, channel, "-", nick)


def _set_status(ctx: Context, channel: str, sign: str, nick: str) -> None:
    ctx.publish(ModeSet(ctx.connection.user_id, channel, ((sign, "o", nick),)))


@command("MODE", dialects=["irc"], hidden=True)
def mode(ctx: Context, target: str, letters: str = "", params: Rest = "") -> None:
    """See or change the modes of a channel or of yourself (RFC 2812 §3.1.5, §3.2.3)."""
    if target[:1] != "#":
        _user_mode(ctx, target, letters)
        return
    place = ctx.server.snapshots.place(target)
    if not letters:
        ctx.answer(replies.CHANNEL_MODES, channel=place.name, modes=place.modes)
        ctx.answer(replies.CHANNEL_CREATED, channel=place.name, created=place.created // 1000)
        return
    if letters in ("b", "+b") and not params:
        ctx.answer(replies.BANS_END, channel=place.name)  # there are no bans yet
        return
    changes, words = [], list(ctx.message.params[2:])
    sign = "+"
    for letter in letters:
        if letter in "+-":
            sign = letter
        elif letter in STATUS_MODES:
            if words:
                changes.append((sign, letter, words.pop(0)))
        else:
            changes.append((sign, letter, ""))
    ctx.publish(ModeSet(ctx.connection.user_id, place.name, tuple(changes)))


def _user_mode(ctx: Context, nick: str, letters: str) -> None:
    person = ctx.server.snapshots.person(nick)
    if person.id != ctx.connection.user_id:
        raise Refused(replies.NOT_YOUR_MODES)
    if not letters:
        ctx.answer(replies.USER_MODES, modes="+" + person.modes)
        return
    changes, sign = [], "+"
    for letter in letters:
        if letter in "+-":
            sign = letter
        else:
            changes.append((sign, letter, ""))
    ctx.publish(ModeSet(ctx.connection.user_id, nick, tuple(changes)))


@hookimpl
def server_commands() -> list[Command]:
    return [join, part, names, list_, topic, invite, kick, op, deop, mode]

"""Channels: JOIN, PART, NAMES, TOPIC, INVITE and KICK. Who may is decided in ``chat.channels``."""

from __future__ import annotations

from itertools import zip_longest

from ircish import phrases, replies
from ircish.chat.names import fold
from ircish.command import Channel, Command, Nick, Rest, command
from ircish.commands.markers import send_marker
from ircish.context import Context
from ircish.errors import Refused
from ircish.events import Invited, Joined, Kicked, Parted, TopicSet
from ircish.hookspecs import hookimpl
from ircish.server.snapshots import Place
from ircish.wire import MAX_LINE, packed

NAMED_COMPANY = 8
"""Nicks told to a person who comes in; of the others the number."""

EACH = 0.25
"""What each further channel of a JOIN or NAMES counts, in lines, where a connection sends too
fast."""


@command("JOIN", examples={"JOIN #dev": "You are in #dev alone."})
def join(ctx: Context, channel: str, key: str = "") -> None:
    """Go into a channel, and speak there from now on: JOIN #dev.

    Some channels need a key: JOIN #dev secret.
    """
    if channel == "0":
        for name in ctx.server.snapshots.channels_of(ctx.connection.user_id):
            leave(ctx, name, "")
        return
    if "," not in channel and channel:
        enter(ctx, channel, key.partition(",")[0])
        return
    names = [name for name in channel.split(",") if name]  # irssi may send an empty one
    doors: dict[str, tuple[str, str]] = {}
    for name, each in zip_longest(names, key.split(",")[: len(names)], fillvalue=""):
        doors.setdefault(fold(name), (name, each))
    ctx.connection.count(EACH * max(0, len(doors) - 1))
    for name, each in doors.values():
        try:
            enter(ctx, name, each)
        except Refused as refused:
            ctx.refused(refused)


def enter(ctx: Context, name: str, key: str = "", *, welcome: bool = False) -> None:
    """Bring the caller into a channel, and show them what is there. Raises Refused."""
    connection, snapshots = ctx.connection, ctx.server.snapshots
    was_in = snapshots.status(connection.user_id, name) is not None
    if was_in and ctx.dialect == "irc":
        return
    before = connection.current_channel
    connection.set_current(name)  # before they are in: what others say is then heard as said here
    try:
        joined = None if was_in else ctx.publish(Joined(connection.user_id, name, key))
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
        _send_topic(ctx, place)
    if ctx.dialect == "irc":
        send_marker(ctx, place.name)
        if connection.reader.kind.implicit_names:
            _send_names(ctx, place)
            ctx.answer(replies.NAMES_END, channel=place.name)
    elif joined and (count := ctx.server.config.history.on_join):
        ctx.replay(connection.reader.past[-count:], place.name)


def _company(ctx: Context, channel: str) -> str:
    members = ctx.server.snapshots.names(channel, ctx.connection.user_id)
    others = [source.nick for source, _ in members if source.nick != ctx.nick]
    if not others:
        return phrases.ALONE
    if len(others) > NAMED_COMPANY:
        more = len(others) - NAMED_COMPANY + 1
        return phrases.WITH_MORE.format(names=", ".join(others[: NAMED_COMPANY - 1]), more=more)
    *most, last = others
    all_of_them = phrases.AND.format(most=", ".join(most), last=last) if most else last
    return phrases.WITH.format(names=all_of_them)


@command("PART", strict=True, examples={"PART": "You left #lobby..."})
def part(ctx: Context, channel: Channel, reason: Rest = "") -> None:
    """Leave a channel, and say why if you like."""
    for name in channel.split(","):
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
    asked = {fold(name): name for name in channel.split(",")}
    ctx.connection.count(EACH * (len(asked) - 1))
    for name in asked.values():
        try:
            _send_names(ctx, ctx.server.snapshots.place(name))
        except Refused:
            if ctx.dialect == "plain":
                raise
    ctx.answer(replies.NAMES_END, channel=channel)  # one for all (RFC 2812 §3.2.5)


def _send_names(ctx: Context, place: Place) -> None:
    """Who is in a channel, in as many lines as that needs. Raises Refused."""
    kind, snapshots = ctx.connection.reader.kind, ctx.server.snapshots
    words = kind.names(snapshots.names(place.name, ctx.connection.user_id))
    symbol = "@" if "s" in place.flags else "="
    room = MAX_LINE - len(f":{ctx.server.name} 353 {ctx.nick} {symbol} {place.name} :\r\n".encode())
    if not words and ctx.dialect == "plain":
        words = [phrases.NOBODY_THERE]
    for line in filter(None, packed(words, most=room)):
        ctx.answer(replies.NAMES, symbol=symbol, channel=place.name, names=line)


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
            _send_topic(ctx, place)
        else:
            ctx.answer(replies.NO_TOPIC, channel=place.name)
        return
    text = "" if text in ("-", ":") and ctx.dialect == "plain" else text
    ctx.publish(TopicSet(ctx.connection.user_id, channel, text))


def _send_topic(ctx: Context, place: Place) -> None:
    ctx.answer(replies.TOPIC, channel=place.name, topic=place.topic)
    ctx.answer(
        replies.TOPIC_BY, channel=place.name, by=place.topic_by or "*", at=place.topic_time // 1000
    )


@command("INVITE", examples={"INVITE ben": "Nobody here is called ben."})
def invite(ctx: Context, nick: Nick = "", channel: Channel | None = None) -> None:
    """Ask somebody into your channel, or into another: INVITE ben #dev.

    INVITE alone shows into which channels you were asked.
    """
    if not nick:
        invitations = ctx.server.snapshots.invitations(ctx.connection.user_id)
        for name in invitations:
            ctx.answer(replies.INVITED_TO, channel=name)
        ctx.answer(replies.INVITED_TO_END if invitations else replies.NOT_INVITED)
        return
    stamped = ctx.publish(Invited(ctx.connection.user_id, channel or ctx.channel, nick))
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
    channels, nicks = channel.split(","), nick.split(",")
    if len(channels) == 1:
        channels *= len(nicks)
    if len(channels) != len(nicks):  # RFC 2812 §3.2.8
        raise ctx.command.missing(ctx.command.parameters[1])
    for where, who in dict.fromkeys(zip(channels, nicks, strict=True)):
        try:
            ctx.publish(Kicked(ctx.connection.user_id, where, who, reason))
        except Refused as refused:
            ctx.refused(refused)


@hookimpl
def server_commands() -> list[Command]:
    return [join, part, names, topic, invite, kick]

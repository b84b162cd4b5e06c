"""People: WHO, WHOIS, AWAY, OPER."""

from __future__ import annotations

import time
from collections.abc import Callable

from ircish import replies
from ircish.chat.masks import matches
from ircish.chat.names import fold
from ircish.chat.rules import STATUS_MODES
from ircish.command import Command, Nick, Rest, command
from ircish.context import Context
from ircish.errors import Refused
from ircish.events import AwaySet, Opered
from ircish.hookspecs import hookimpl
from ircish.server.snapshots import Person


@command("WHO", examples={"WHO": "ann (ann@...) ann"})
def who(ctx: Context, mask: str = "") -> None:
    """See who is here: in your channel, in #dev, or those whose nick fits a*."""
    if not mask and ctx.dialect == "plain":
        mask = ctx.channel
    visible = _visible_to(ctx)
    if mask[:1] == "#":
        people = [p for p in _channel_people(ctx, mask) if visible(p)]
    else:
        people = [p for p in ctx.users() if _named(p, mask) or visible(p)]
        people = [p for p in people if matches(fold(mask or "*"), fold(p.nick))]
    only_operators = ctx.message.params[1:2] == ("o",)  # RFC 2812 §3.6.1
    for person in people:
        if person.operator or not only_operators:
            _answer_who(ctx, person, mask if mask[:1] == "#" else "")
    if not people and ctx.dialect == "plain":
        ctx.answer(replies.NOBODY)
    ctx.answer(replies.WHO_END, mask=mask or "*")


def _channel_people(ctx: Context, channel: str) -> list[Person]:
    try:
        return ctx.members(channel)
    except Refused:
        if ctx.dialect == "plain":
            raise
        return []


def _visible_to(ctx: Context) -> Callable[[Person], bool]:
    """Whether the caller may know of somebody: not of who is invisible and shares no channel."""
    me = ctx.connection.user_id
    mine = set(ctx.server.snapshots.channels_of(me))

    def visible(person: Person) -> bool:
        if "i" not in person.modes or person.id == me:
            return True
        return any(name in mine for name, _ in person.channels)

    return visible


def _named(person: Person, nick: str) -> bool:
    return fold(person.nick) == fold(nick)  # who knows the nick may ask for it


def _answer_who(ctx: Context, person: Person, channel: str) -> None:
    places = {fold(name): (name, held) for name, held in person.channels}
    channel, status = places.get(fold(channel), ("*", ""))
    flags = ("G" if person.away else "H") + ("*" if person.operator else "")
    flags += STATUS_MODES.get(status[:1], "")
    words = [
        replies.OPERATOR_HERE if status else "",
        replies.AWAY_NOW if person.away else "",
    ]
    ctx.answer(
        replies.WHO,
        channel=channel,
        user=person.username,
        host=person.host,
        server=ctx.server.name,
        nick=person.nick,
        flags=flags,
        realname=person.realname,
        status="".join(words),
    )


@command("WHOIS", examples={"WHOIS ann": "ann is ann@..."})
def whois(ctx: Context, nick: Nick) -> None:
    """Ask about somebody: where they are, whether they are away."""
    params = ctx.message.params  # a server may come before the nick (RFC 2812 §3.6.2)
    wanted = (params[1] if len(params) > 1 else nick).split(",")[0]
    try:
        person = ctx.server.snapshots.person(wanted)
    except Refused as refused:
        ctx.refused(refused)
        ctx.answer(replies.WHOIS_END, nick=wanted)
        return
    name = person.nick
    ctx.answer(
        replies.WHOIS_USER,
        nick=name,
        user=person.username,
        host=person.host,
        realname=person.realname,
    )
    channels = [STATUS_MODES.get(status[:1], "") + name for name, status in person.channels]
    if channels and _visible_to(ctx)(person):
        ctx.answer(replies.WHOIS_CHANNELS, nick=name, channels=" ".join(channels))
    ctx.answer(
        replies.WHOIS_SERVER, nick=name, server=ctx.server.name, description=ctx.server.description
    )
    if person.away:
        ctx.answer(replies.IS_AWAY, nick=name, text=person.away)
    if person.operator:
        ctx.answer(replies.WHOIS_OPERATOR, nick=name)
    now = ctx.server.clock()
    idle = max(0, int(now - person.spoke / 1000))
    ctx.answer(
        replies.WHOIS_IDLE,
        nick=name,
        idle=idle,
        signon=person.signon // 1000,
        signon_text=time.strftime("%Y-%m-%d %H:%M", time.localtime(person.signon / 1000)),
        idle_text=ago(idle),
    )
    ctx.answer(replies.WHOIS_END, nick=name)


def ago(seconds: int) -> str:
    """``just now``, ``5 min ago``, ``3 h ago``, ``2 days ago``."""
    if seconds < 60:
        return replies.JUST_NOW
    if seconds < 3600:
        return replies.MINUTES_AGO.format(count=seconds // 60)
    if seconds < 2 * 86400:
        return replies.HOURS_AGO.format(count=seconds // 3600)
    return replies.DAYS_AGO.format(count=seconds // 86400)


@command(
    "AWAY", examples={"AWAY lunch": "You are marked as away.", "AWAY": "You are no longer away."}
)
def away(ctx: Context, text: Rest = "") -> None:
    """Say that you are away and why; AWAY alone says that you are back."""
    text = text[: ctx.server.config.limits.away_length]
    ctx.publish(AwaySet(ctx.connection.user_id, text))
    ctx.answer(replies.NOW_AWAY if text else replies.NOT_AWAY)


@command("OPER", examples={"OPER admin sesame": "That is not the password."})
def oper(ctx: Context, name: str, password: Rest) -> None:
    """Become an operator of this server, by the name and password it was given."""
    if not ctx.server.is_operator(name, password):
        ctx.log.warning("%s (%s) tried to be operator %s", ctx.nick, ctx.connection.host, name)
        raise Refused(replies.PASSWORD_WRONG)
    ctx.publish(Opered(ctx.connection.user_id, name))
    ctx.answer(replies.NOW_OPERATOR)


@hookimpl
def server_commands() -> list[Command]:
    return [who, whois, away, oper]

"""People: WHOIS and WHOWAS, AWAY, SETNAME, and what programs ask: ISON, USERHOST."""

from __future__ import annotations

import time

from ircish import phrases, replies
from ircish.command import Command, Nick, Rest, command
from ircish.commands.about import only_here
from ircish.context import Context
from ircish.dialects.isupport import MAX_TARGETS, NAME_LENGTH
from ircish.errors import Refused
from ircish.events import AwaySet, NameSet
from ircish.hookspecs import hookimpl
from ircish.server.snapshots import Person
from ircish.wire import packed

USERHOSTS = 5
"""People that one USERHOST can ask about (RFC 2812 §4.8)."""


@command("WHOIS", examples={"WHOIS ann": "ann is ann@..."})
def whois(ctx: Context, nick: Nick) -> None:
    """Ask about somebody: where they are, whether they are away.

    WHOIS ann,ben asks about several.
    """
    if len(ctx.message.params) > 1:  # a server comes before the nick (RFC 2812 §3.6.2)
        only_here(ctx)
        nick = ctx.message.params[1]
    if not nick:
        raise Refused(replies.NO_NICK_GIVEN)
    for each in nick.split(",")[:MAX_TARGETS]:
        try:
            person = ctx.server.snapshots.person(each)
            channels = ctx.server.snapshots.shown(ctx.connection.user_id, each)
        except Refused as refused:
            ctx.refused(refused)
        else:
            _tell_of(ctx, person, channels)
    ctx.answer(replies.WHOIS_END, nick=nick)


def _tell_of(ctx: Context, person: Person, channels: list[tuple[str, str]]) -> None:
    name, server, kind = person.nick, ctx.server, ctx.connection.reader.kind
    ctx.answer(
        replies.WHOIS_USER,
        nick=name,
        user=person.username,
        host=person.host,
        realname=person.realname,
    )
    if channels:
        for line in packed(kind.signs(status) + channel for channel, status in channels):
            ctx.answer(replies.WHOIS_CHANNELS, nick=name, channels=line)
    ctx.answer(replies.WHOIS_SERVER, nick=name, server=server.name, description=server.description)
    if person.operator:
        ctx.answer(replies.WHOIS_OPERATOR, nick=name)
    if "B" in person.modes:
        ctx.answer(replies.WHOIS_BOT, nick=name)
    if person.account:
        ctx.answer(replies.WHOIS_ACCOUNT, nick=name, account=person.account)
    if person.away:
        ctx.answer(replies.IS_AWAY, nick=name, text=person.away)
    if person.id == ctx.connection.user_id or ctx.user.operator:
        if connection := server.connection(person.id):
            ctx.answer(replies.WHOIS_ACTUALLY, nick=name, host=connection.host)
        if person.modes:
            ctx.answer(replies.WHOIS_MODES, nick=name, modes=person.modes)
    idle = max(0, int(server.clock() - person.spoke / 1000))
    ctx.answer(
        replies.WHOIS_IDLE,
        nick=name,
        idle=idle,
        signon=person.signon // 1000,
        signon_text=_when(person.signon),
        idle_text=ago(idle),
    )


def _when(ms: int) -> str:
    """The server's local time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(ms / 1000))


def ago(seconds: int) -> str:
    """``just now``, ``5 min ago``, ``3 h ago``, ``2 days ago``."""
    if seconds < 60:
        return phrases.JUST_NOW
    if seconds < 3600:
        return phrases.MINUTES_AGO.format(count=seconds // 60)
    if seconds < 2 * 86400:
        return phrases.HOURS_AGO.format(count=seconds // 3600)
    return phrases.DAYS_AGO.format(count=seconds // 86400)


@command("WHOWAS", examples={"WHOWAS ben": "Nobody who is called ben has left lately."})
def whowas(ctx: Context, nick: str, count: int = 0) -> None:
    """Ask about somebody who has left, or is called otherwise now.

    Who was called so last comes first; WHOWAS ann 1 tells of that one alone.
    """
    for each in nick.split(",")[:MAX_TARGETS]:
        past = ctx.server.snapshots.past(each)
        if not past:
            ctx.refused(Refused(replies.WAS_NO_SUCH_NICK, nick=each))
        for was in past[:count] if count > 0 else past:
            source, until = was.source, _when(was.time)
            ctx.answer(
                replies.WHOWAS,
                nick=source.nick,
                user=source.user,
                host=source.host,
                realname=was.realname,
                until=phrases.UNTIL.format(time=until),
            )
            ctx.answer(
                replies.WHOIS_SERVER, nick=source.nick, server=ctx.server.name, description=until
            )
    ctx.answer(replies.WHOWAS_END, nick=nick)


@command("ISON", dialects=["irc"], hidden=True)
def ison(ctx: Context, *nicks: Nick) -> None:
    """Which of these nicks are somebody's (RFC 2812 §4.9)."""
    if not nicks:
        raise ctx.command.missing(ctx.command.parameters[0])
    here = [person.source.nick for nick in nicks if (person := ctx.server.snapshots.named(nick))]
    for line in packed(here):
        ctx.answer(replies.ISON, nicks=line)


@command("USERHOST", dialects=["irc"], hidden=True)
def userhost(ctx: Context, *nicks: Nick) -> None:
    """Users and hosts of up to five people, and whether they are away (RFC 2812 §4.8)."""
    if not nicks:
        raise ctx.command.missing(ctx.command.parameters[0])
    told = []
    for nick in nicks[:USERHOSTS]:
        if person := ctx.server.snapshots.named(nick):
            name, user, host, *_ = person.source
            operator, away = "*" if person.operator else "", "-" if person.away else "+"
            told.append(f"{name}{operator}={away}{user}@{host}")
    for line in packed(told):
        ctx.answer(replies.USERHOST, people=line)


@command(
    "AWAY",
    unregistered=True,
    examples={"AWAY lunch": "You are marked as away.", "AWAY": "You are no longer away."},
)
def away(ctx: Context, text: Rest = "") -> None:
    """Say that you are away and why; AWAY alone says that you are back."""
    text = text[: ctx.server.config.limits.away_length]
    if ctx.connection.registered:
        ctx.publish(AwaySet(ctx.connection.user_id, text))
    else:
        ctx.connection.away = text  # they come in with it (IRCv3 pre-away)
    ctx.answer(replies.NOW_AWAY if text else replies.NOT_AWAY)


@command("SETNAME", examples={"SETNAME Ann Example": "Your real name is Ann Example now."})
def setname(ctx: Context, realname: Rest = "") -> None:
    """Say what your real name is: WHOIS and WHO tell it."""
    if not 0 < len(realname) <= NAME_LENGTH:
        raise Refused(replies.BAD_REALNAME, longest=NAME_LENGTH)
    ctx.publish(NameSet(ctx.connection.user_id, realname))


@hookimpl
def server_commands() -> list[Command]:
    return [whois, whowas, ison, userhost, away, setname]

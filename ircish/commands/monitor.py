"""MONITOR: being told when somebody comes or goes (IRCv3 monitor)."""

from __future__ import annotations

import re

from ircish import phrases, replies
from ircish.chat.names import fold, valid_nick
from ircish.command import Command, Rest, command
from ircish.context import Context
from ircish.errors import Refused
from ircish.events import Monitored
from ircish.hookspecs import hookimpl
from ircish.wire import packed


@command(
    "MONITOR",
    examples={
        "MONITOR ben": "You will be told when ben comes or goes. ben is not here.",
        "MONITOR": "You are told of nobody.",
        "MONITOR -ben": "You are no longer told of ben.",
    },
)
def monitor(ctx: Context, nicks: Rest = "") -> None:
    """Be told when somebody comes or goes: MONITOR ben; MONITOR -ben ends it.

    MONITOR alone shows of whom you are told; IRC's MONITOR + - C L and S are understood too.
    """
    plain, me = ctx.dialect == "plain", ctx.connection.user_id
    sign, rest = nicks[:1], nicks[1:]
    if sign not in ("+", "-"):
        sign, _, rest = nicks.partition(" ")
    if not plain:
        sign = sign.upper()  # in plain "c" is a nick
    if nicks and sign not in ("+", "-", "C", "L", "S"):
        sign, rest = "+", nicks
    named = [nick for nick in re.split("[ ,]", rest) if nick]
    match sign:
        case "+" if named:
            _begin(ctx, named)
        case "-" if named:
            ctx.publish(Monitored(me, tuple(named), wanted=False))
            if plain:
                ctx.answer(replies.NOT_MONITORED, nicks=", ".join(named))
        case "C":
            ctx.publish(Monitored(me, (), wanted=False))
            if plain:
                ctx.answer(replies.NOT_MONITORED, nicks=phrases.ANYBODY)
        case "S" if not plain:
            _begin(ctx, [])
        case "L" | "S" | "":
            _list(ctx)
        case _:
            raise ctx.command.missing(ctx.command.parameters[0])


def _begin(ctx: Context, named: list[str]) -> None:
    """Monitor these too, and tell who of them is here; of no names, who of all."""
    longest = ctx.server.config.limits.nick_length
    valid = [nick for nick in named if valid_nick(nick, longest)]
    for nick in named:
        if nick not in valid:
            ctx.refused(Refused(replies.BAD_NICK, nick=nick, longest=longest))
    if named and not valid:
        return
    # who comes or goes from now on is told behind what we answer, though it be seen already
    ctx.behind(ctx.publish(Monitored(ctx.connection.user_id, tuple(valid))))
    asked = {fold(nick) for nick in valid}
    monitored = ctx.server.snapshots.monitored(ctx.connection.user_id)
    found = [(nick, prefix) for nick, prefix in monitored if not asked or fold(nick) in asked]
    if ctx.dialect == "plain":
        for nick, prefix in found:
            where = (phrases.IS_HERE if prefix else phrases.IS_NOT_HERE).format(nick=nick)
            ctx.answer(replies.MONITORED, nick=nick, where=where)
        return
    if here := [prefix for _, prefix in found if prefix]:
        for line in packed(here, ","):
            ctx.answer(replies.MONITOR_ALL_ONLINE, prefixes=line)
    if gone := [nick for nick, prefix in found if not prefix]:
        for line in packed(gone, ","):
            ctx.answer(replies.MONITOR_ALL_OFFLINE, nicks=line)


def _list(ctx: Context) -> None:
    monitored = ctx.server.snapshots.monitored(ctx.connection.user_id)
    if ctx.dialect == "plain":
        names = [
            phrases.HERE_NOW.format(nick=nick) if prefix else nick for nick, prefix in monitored
        ]
        ctx.answer(replies.MONITOR_LIST, nicks=", ".join(names) or phrases.NOBODY_THERE)
        return
    if monitored:
        for line in packed((nick for nick, _ in monitored), ","):
            ctx.answer(replies.MONITOR_LIST, nicks=line)
    ctx.answer(replies.MONITOR_END)


@hookimpl
def server_commands() -> list[Command]:
    return [monitor]

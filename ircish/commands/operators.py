"""Operators of the server, and what only they may: OPER, KILL, WALLOPS, CHGHOST, REHASH."""

from __future__ import annotations

from ircish import phrases, replies
from ircish.command import Command, Nick, Rest, command
from ircish.config import ConfigError
from ircish.context import Context
from ircish.errors import Refused
from ircish.events import HostSet, ModeSet, Opered, Wallops
from ircish.hookspecs import hookimpl


@command("OPER", rate="10/min", examples={"OPER admin sesame": "That is not the password."})
def oper(ctx: Context, name: str, password: Rest) -> None:
    """Become an operator of this server, by the name and password it was given."""
    if not ctx.server.is_operator(name, password):
        ctx.log.warning("%s (%s) tried to be operator %s", ctx.nick, ctx.connection.host, name)
        ctx.server.notice(f"{ctx.user.prefix} tried to be operator {name}")
        raise Refused(replies.PASSWORD_WRONG)
    me = ctx.connection.user_id
    ctx.publish(Opered(me, name))
    if name not in ctx.server.operators:  # by a rehash while the password was looked at
        ctx.publish(ModeSet(me, "", (("-", "o", ""),)))
        raise Refused(replies.PASSWORD_WRONG)
    ctx.answer(replies.NOW_OPERATOR)


@command("KILL", allow="oper", examples={"KILL ben spam": "Nobody here is called ben."})
def kill(ctx: Context, nick: Nick, reason: Rest = "") -> None:
    """End somebody's connection, for a reason that everyone reads."""
    if nick == ctx.server.name:
        raise Refused(replies.KILL_NO_SERVER)
    person = ctx.server.snapshots.person(nick)
    because = {"by": ctx.nick, "reason": reason or phrases.NO_REASON}
    why = phrases.KILLED_BY.format_map(because)
    ctx.log.warning("%s (%s): %s", person.nick, person.host, why)
    if person.id == ctx.connection.user_id:
        ctx.connection.end(why, replies.KILLED, host=person.host, **because)
    elif connection := ctx.server.connection(person.id):
        connection.drop(why, replies.KILLED, host=person.host, **because)
        ctx.reply(f"{person.nick}'s connection is ended.")


@command("WALLOPS", allow="oper", examples={"WALLOPS tea is ready": ""})
def wallops(ctx: Context, text: Rest) -> None:
    """Tell something to all who want to hear it (MODE +w)."""
    ctx.publish(Wallops(ctx.connection.user_id, text))


@command(
    "CHGHOST",
    allow="oper",
    examples={"CHGHOST ann ann tea.example": "ann is ann@tea.example now."},
)
def chghost(ctx: Context, nick: Nick, username: str, host: str) -> None:
    """Let somebody be seen under another user name and host."""
    person = ctx.server.snapshots.person(nick)
    # by nobody's command: who it is about hears of it with the others
    ctx.server.hub.publish(HostSet(person.id, username, host))
    ctx.log.warning("%s gave %s the host %s@%s", ctx.nick, person.prefix, username, host)
    ctx.reply(f"{person.nick} is {username}@{host} now.")


@command("REHASH", allow="oper", examples={"REHASH": "The configuration stays as it was. ..."})
def rehash(ctx: Context) -> None:
    """Read the configuration again, and do as it says now."""
    try:
        notes = ctx.server.rehash(ctx.nick)
    except ConfigError as error:
        raise ctx.refuse(f"The configuration stays as it was. {error}") from None
    ctx.answer(replies.REHASHING)
    ctx.reply("The configuration has been read again.")
    for note in notes:
        ctx.reply(note)


@hookimpl
def server_commands() -> list[Command]:
    return [oper, kill, wallops, chghost, rehash]

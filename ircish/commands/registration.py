"""Coming in and leaving: NICK, USER, PASS, QUIT, PING and PONG."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from ircish import __version__, phrases, replies
from ircish.chat.modes import CHANMODES, FLAGS, STATUS, USER_MODES
from ircish.command import Command, Rest, command
from ircish.commands.about import send_isupport, send_lusers, send_motd
from ircish.commands.channels import enter
from ircish.context import Context
from ircish.dialects.isupport import NAME_LENGTH, USER_LENGTH
from ircish.errors import Refused
from ircish.events import AwaySet, Registered, Renamed
from ircish.hookspecs import hookimpl


@command("NICK", unregistered=True, examples={"NICK annie": "You are called annie now."})
def nick(ctx: Context, name: str = "") -> None:
    """Come in under a name, or take another one."""
    if not name:
        raise Refused(replies.NO_NICK_GIVEN)
    connection = ctx.connection
    if connection.registered:
        if name != ctx.nick:
            stamped = ctx.publish(Renamed(connection.user_id, name))
            connection.nick = stamped.event.nick  # type: ignore[attr-defined]
        return
    if ctx.dialect == "irc":
        ctx.server.snapshots.check_nick(name)
    connection.wanted_nick = name
    register(ctx)


@command("USER", dialects=["irc", "plain"], unregistered=True, hidden=True)
def user(
    ctx: Context, username: str = "", mode: str = "", unused: str = "", realname: Rest = ""
) -> None:
    """Tell the user and real name, as an IRC client does (RFC 2812 §3.1.3)."""
    connection = ctx.connection
    if connection.registered:
        raise Refused(replies.ALREADY_REGISTERED)
    if not realname or not username:
        raise ctx.command.missing(ctx.command.parameters[-1])
    connection.username = username
    connection.realname = realname
    register(ctx)


@command("PASS", unregistered=True, rate="10/min", examples={"PASS sesame": "You are in already."})
def password(ctx: Context, password: Rest) -> None:
    """Give the server's password before coming in, where it asks for one."""
    if ctx.connection.registered:
        raise Refused(replies.ALREADY_REGISTERED)
    ctx.connection.password = password
    if ctx.dialect == "plain":
        if not _password_fits(ctx):
            ctx.connection.password = ""  # looked at once: that takes its time
            raise Refused(replies.PASSWORD_WRONG)
        ctx.answer(replies.PASSWORD_TAKEN)


@command("QUIT", unregistered=True, examples={"QUIT bye": "Goodbye."})
def quit_(ctx: Context, reason: Rest = "") -> None:
    """Leave; what you say with it is told to the others."""
    # as "Quit: ...", or anyone could seem to time out
    told = phrases.QUIT_BECAUSE.format(reason=reason) if reason else phrases.QUIT
    ctx.connection.end(told, replies.GOODBYE, reason=told)


@command("PING", unregistered=True, examples={"PING tea": "PONG tea"})
def ping(ctx: Context, token: str = "") -> None:
    """Ask whether the server is there; it says PONG."""
    if ctx.dialect == "irc" and not token:
        raise ctx.command.missing(ctx.command.parameters[0])
    if ctx.connection.dialect is None:  # a NICK waits: only a program asks now
        fields = {"server": ctx.server.name, "token": token}
        ctx.lines([ctx.server.irc_kind(frozenset()).reply(ctx.nick, replies.PONG, fields)])
        return
    ctx.answer(replies.PONG, server=ctx.server.name, token=token)


@command("PONG", unregistered=True, hidden=True)
def pong(ctx: Context, token: Rest = "") -> None:
    """The answer to a PING: that it came is enough."""


def _password_fits(ctx: Context) -> bool:
    return ctx.server.is_password(ctx.connection.password or "")


def register(ctx: Context) -> None:
    """Let the connection become a user, where it has said all that is needed."""
    connection = ctx.connection
    name = connection.wanted_nick
    irc = ctx.dialect == "irc"
    if not name or (irc and (not connection.username or connection.negotiating_caps)):
        return
    if not _password_fits(ctx):
        if irc:
            ctx.refused(Refused(replies.PASSWORD_WRONG))
            connection.end("Wrong password", replies.NO_ENTRY)
            return
        wrong = connection.password is not None
        raise Refused(replies.PASSWORD_WRONG if wrong else replies.PASSWORD_NEEDED)
    told = connection.username if irc else ""
    username = "".join(c for c in told if c.isprintable() and c not in " !@:*?").lstrip("~")
    username = username or name.lower()
    username = f"{'~' if irc else ''}{username}"[:USER_LENGTH]
    connection.wanted_nick = ""
    realname = (connection.realname or name)[:NAME_LENGTH]
    registered = Registered(connection.user_id, name, username, connection.host, realname)
    connection.nick = _take_nick(ctx, registered)
    connection.registered = True
    if connection.away:
        with contextlib.suppress(Refused):  # by a plugin, and then they are here
            ctx.publish(AwaySet(connection.user_id, connection.away))
    if irc:
        _welcome(ctx)
    else:
        if ctx.server.config.server.motd:
            send_motd(ctx)
        enter(ctx, ctx.server.config.server.default_channel, welcome=True)


def _take_nick(ctx: Context, registered: Registered) -> str:
    """Register, under a free nick where a tool wants one that is taken: it has sent its lines
    already and does not read a refusal, so they would be lost. Raises Refused."""
    while True:
        try:
            ctx.publish(registered)
        except Refused as refused:
            is_tool = ctx.dialect == "plain" and ctx.connection.is_tool()
            if refused.reply is not replies.NICK_IN_USE or not is_tool:
                raise
            registered = replace(registered, nick=str(refused.fields["free"]))
        else:
            return registered.nick


def _welcome(ctx: Context) -> None:
    server = ctx.server
    ctx.answer(replies.WELCOME, server=server.name, prefix=ctx.user.prefix)
    ctx.answer(replies.YOUR_HOST, server=server.name, version=__version__)
    ctx.answer(replies.CREATED, started=server.started_text)
    ctx.answer(
        replies.MY_INFO,
        server=server.name,
        version=__version__,
        user_modes=USER_MODES,
        channel_modes="".join(sorted({*CHANMODES, *STATUS} - {","})),
        with_params="".join(sorted({*CHANMODES, *STATUS} - {",", *FLAGS})),
    )
    send_isupport(ctx)
    send_lusers(ctx)
    send_motd(ctx)


@hookimpl
def server_commands() -> list[Command]:
    return [nick, user, password, quit_, ping, pong]

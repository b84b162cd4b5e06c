"""Coming in and leaving: NICK, USER, PASS, CAP, QUIT, PING and PONG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ircish import __version__, replies
from ircish.chat.names import CASEMAPPING
from ircish.chat.rules import CHANNEL_FLAGS, STATUS_MODES, USER_MODES
from ircish.command import Command, Rest, command
from ircish.commands.about import send_lusers, send_motd
from ircish.commands.channels import enter
from ircish.commands.talk import MAX_TARGETS
from ircish.context import Context
from ircish.dialects.irc import CAPABILITIES
from ircish.errors import Refused
from ircish.events import Registered, Renamed
from ircish.hookspecs import hookimpl

TOKENS_A_LINE = 13
"""ISUPPORT tokens in one 005 (Modern IRC)."""

CAPS_A_LINE = 400
"""Bytes of capabilities in one line of CAP LS."""


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


@command("PASS", unregistered=True, examples={"PASS sesame": "You are in already."})
def password(ctx: Context, password: Rest) -> None:
    """Give the server's password before coming in, where it asks for one."""
    if ctx.connection.registered:
        raise Refused(replies.ALREADY_REGISTERED)
    ctx.connection.password = password
    if ctx.dialect == "plain":
        if not _password_fits(ctx):
            raise Refused(replies.PASSWORD_WRONG)
        ctx.answer(replies.PASSWORD_TAKEN)


@command("QUIT", unregistered=True, examples={"QUIT bye": "Goodbye."})
def quit_(ctx: Context, reason: Rest = "") -> None:
    """Leave; what you say with it is told to the others."""
    # as "Quit: ...", or anyone could seem to time out
    told = replies.QUIT_BECAUSE.format(reason=reason) if reason else replies.QUIT
    ctx.connection.end(told, replies.GOODBYE, reason=told)


@command("PING", unregistered=True, examples={"PING tea": "PONG tea"})
def ping(ctx: Context, token: str = "") -> None:
    """Ask whether the server is there; it says PONG."""
    if ctx.dialect == "irc" and not token:
        raise ctx.command.missing(ctx.command.parameters[0])
    ctx.answer(replies.PONG, server=ctx.server.name, token=token)


@command("PONG", unregistered=True, hidden=True)
def pong(ctx: Context, token: Rest = "") -> None:
    """The answer to a PING: that it came is enough."""


@command("CAP", dialects=["irc"], unregistered=True, hidden=True)
def cap(ctx: Context, subcommand: str, argument: Rest = "") -> None:
    """Capability negotiation (IRCv3 capability-negotiation)."""
    connection = ctx.connection
    match subcommand.upper():
        case "LS":
            connection.negotiating_caps = not connection.registered
            if argument.isascii() and argument.isdigit() and int(argument) >= 302:
                connection.cap_version = 302
            _list_caps(ctx, "LS", CAPABILITIES, values=connection.cap_version >= 302)
            if connection.cap_version >= 302:
                connection.set_caps(connection.caps | {"cap-notify"})
        case "LIST":
            _list_caps(ctx, "LIST", sorted(connection.caps))
        case "REQ":
            connection.negotiating_caps = not connection.registered
            wanted = [word for word in argument.split(" ") if word]
            known = all(word.removeprefix("-") in CAPABILITIES for word in wanted)
            ctx.answer(replies.CAP, subcommand="ACK" if known else "NAK", caps=argument)
            if known:
                caps = set(connection.caps)
                for word in wanted:
                    if word[0] == "-":
                        caps.discard(word[1:])
                    else:
                        caps.add(word)
                if connection.cap_version >= 302:
                    caps.add("cap-notify")
                connection.set_caps(caps)
        case "END":
            if connection.negotiating_caps:
                connection.negotiating_caps = False
                register(ctx)
        case _:
            raise Refused(replies.BAD_CAP_COMMAND, subcommand=subcommand)


def _list_caps(ctx: Context, subcommand: str, names: object, *, values: bool = False) -> None:
    words = [
        f"{name}={CAPABILITIES[name]}" if values and CAPABILITIES[name] else name
        for name in names  # type: ignore[attr-defined]
    ]
    lines: list[list[str]] = [[]]
    for word in words:
        if sum(map(len, lines[-1])) + len(lines[-1]) + len(word) > CAPS_A_LINE and values:
            lines.append([])
        lines[-1].append(word)
    for line in lines[:-1]:
        ctx.answer(replies.CAP_MORE, subcommand=subcommand, caps=" ".join(line))
    ctx.answer(replies.CAP, subcommand=subcommand, caps=" ".join(lines[-1]))


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
    username = f"~{connection.username.lstrip('~')}" if irc else name.lower()
    username = "".join(c for c in username if c.isprintable() and c not in " !@:")[:18]
    connection.wanted_nick = ""
    realname = connection.realname or name
    registered = Registered(connection.user_id, name, username, connection.host, realname)
    connection.nick = _take_nick(ctx, registered)
    connection.registered = True
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
        channel_modes="".join(sorted(CHANNEL_FLAGS + "".join(STATUS_MODES))),
        with_params="".join(STATUS_MODES),
    )
    tokens = tuple(isupport(ctx))
    for start in range(0, len(tokens), TOKENS_A_LINE):
        ctx.answer(replies.ISUPPORT, tokens=tokens[start : start + TOKENS_A_LINE])
    send_lusers(ctx)
    send_motd(ctx)


def isupport(ctx: Context) -> Iterator[str]:
    """What this server is like, in tokens (Modern IRC, RPL_ISUPPORT)."""
    config = ctx.server.config
    limits = config.limits
    yield f"AWAYLEN={limits.away_length}"
    yield f"CASEMAPPING={CASEMAPPING}"
    yield f"CHANLIMIT=#:{limits.channels_per_user}"
    yield f"CHANMODES=,,,{CHANNEL_FLAGS}"
    yield f"CHANNELLEN={limits.channel_length}"
    yield "CHANTYPES=#"
    yield f"CHATHISTORY={config.history.chathistory_limit}"
    yield f"ircish/DEFAULTCHANNEL={config.server.default_channel}"
    yield f"KICKLEN={limits.kick_length}"
    yield "MODES"
    yield "MSGREFTYPES=msgid,timestamp"
    yield "NETWORK=ircish"
    yield f"NICKLEN={limits.nick_length}"
    yield f"PREFIX=({''.join(STATUS_MODES)}){''.join(STATUS_MODES.values())}"
    yield "SAFELIST"
    talk = ",".join(f"{verb}:{MAX_TARGETS}" for verb in ("NOTICE", "PRIVMSG", "TAGMSG"))
    yield f"TARGMAX=JOIN:,KICK:,NAMES:,PART:,{talk},WHOIS:1"
    yield f"TOPICLEN={limits.topic_length}"


@hookimpl
def server_commands() -> list[Command]:
    return [nick, user, password, quit_, ping, pong, cap]

"""About the server: MOTD, TIME, VERSION, LUSERS, INFO, ADMIN, LINKS, STATS."""

from __future__ import annotations

import time as clock

from ircish import __version__, replies
from ircish.chat.masks import matches
from ircish.chat.names import fold
from ircish.command import Command, command
from ircish.context import Context
from ircish.dialects.isupport import token_lines, tokens
from ircish.errors import Refused
from ircish.hookspecs import hookimpl


@command("MOTD", examples={"MOTD": "There is no message of the day."})
def motd(ctx: Context) -> None:
    """Read the message of the day."""
    only_here(ctx)
    send_motd(ctx)


@command("TIME", examples={"TIME": "It is ... on ..."})
def time(ctx: Context) -> None:
    """Ask for the server's local time."""
    only_here(ctx)
    now = clock.localtime(ctx.server.clock())
    ctx.answer(
        replies.TIME, server=ctx.server.name, time=clock.strftime("%A %Y-%m-%d %H:%M:%S %z", now)
    )


@command("VERSION", examples={"VERSION": "... runs ircish ..."})
def version(ctx: Context) -> None:
    """Ask which version of ircish this is."""
    only_here(ctx)
    ctx.answer(replies.VERSION, server=ctx.server.name, version=__version__)
    send_isupport(ctx)


@command("INFO", examples={"INFO": "ircish ..."})
def info(ctx: Context) -> None:
    """Ask what runs here, and since when."""
    only_here(ctx)
    server = ctx.server
    for line in (
        f"ircish {__version__}, a chat for people who live in a terminal",
        f"{server.name}: {server.description}",
        f"Started {server.started_text}",
    ):
        ctx.answer(replies.INFO, line=line)
    ctx.answer(replies.INFO_END)


@command("ADMIN", examples={"ADMIN": "Nobody has said who runs this server."})
def admin(ctx: Context) -> None:
    """Ask who runs this server."""
    only_here(ctx)
    lines = ctx.server.config.server.admin
    if not lines:
        raise Refused(replies.NO_ADMIN, server=ctx.server.name)
    ctx.answer(replies.ADMIN_START, server=ctx.server.name)
    for reply, line in zip(replies.ADMIN_LINES, lines, strict=False):
        ctx.answer(reply, line=line)


@command("LINKS", dialects=["irc"], hidden=True)
def links(ctx: Context) -> None:
    """The servers of this network: this one (RFC 2812 §3.4.5)."""
    mask = ("*", *ctx.message.params)[-1]
    if matches(fold(mask), fold(ctx.server.name)):
        ctx.answer(replies.LINKS, server=ctx.server.name, description=ctx.server.description)
    ctx.answer(replies.LINKS_END, mask=mask)


@command("LUSERS", dialects=["irc"], hidden=True)
def lusers(ctx: Context) -> None:
    """How many users and channels there are (RFC 2812 §3.4.2)."""
    only_here(ctx, 1)
    send_lusers(ctx)


@command("STATS", examples={"STATS": "Up for ... days ..."})
def stats(ctx: Context, letter: str = "u") -> None:
    """Ask how long the server has been up; STATS o tells an operator who may be one."""
    only_here(ctx, 1)
    if letter == "u":
        minutes, seconds = divmod(int(ctx.server.clock() - ctx.server.started), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        ctx.answer(replies.STATS_UPTIME, days=days, time=f"{hours}:{minutes:02}:{seconds:02}")
    elif letter in ("o", "O"):
        ctx.require("oper")
        for name in ctx.server.operators:
            ctx.answer(replies.STATS_OPERATOR, name=name)
    elif ctx.dialect == "plain":
        raise ctx.refuse("There are STATS u, how long the server is up, and STATS o, its operators")
    ctx.answer(replies.STATS_END, letter=letter)


def only_here(ctx: Context, position: int = 0) -> None:
    """Raises Refused where an IRC client asks another server, of which there are none: that
    parameter is a mask of its name, or a nick of its users (RFC 2812 §3.4)."""
    for target in ctx.message.params[position : position + 1] if ctx.dialect == "irc" else ():
        is_us = matches(fold(target), fold(ctx.server.name))
        if not is_us and not ctx.server.snapshots.is_here(target):
            raise Refused(replies.NO_SUCH_SERVER, server=target)


def send_isupport(ctx: Context) -> None:
    """All tokens, to the caller."""
    for line in token_lines(tokens(ctx.server.config)):
        ctx.answer(replies.ISUPPORT, tokens=line)


def send_motd(ctx: Context) -> None:
    """The message of the day, or that there is none."""
    text = ctx.server.config.server.motd
    if not text:
        ctx.answer(replies.NO_MOTD)
        return
    ctx.answer(replies.MOTD_START, server=ctx.server.name)
    for line in text.rstrip("\n").split("\n"):
        ctx.answer(replies.MOTD, line=line)
    ctx.answer(replies.MOTD_END)


def send_lusers(ctx: Context) -> None:
    """How many are here, as IRC clients are told when they come in."""
    counts = ctx.server.snapshots.counts()
    fields = {
        **counts._asdict(),
        "visible": counts.users - counts.invisible,
        "unknown": ctx.server.strangers(),
    }
    for reply, told in (
        (replies.LUSERS_CLIENTS, True),
        (replies.LUSERS_OPERATORS, fields["operators"]),  # these three not for none (RFC 2812 §5.1)
        (replies.LUSERS_UNKNOWN, fields["unknown"]),
        (replies.LUSERS_CHANNELS, fields["channels"]),
        (replies.LUSERS_ME, True),
        (replies.LUSERS_LOCAL, True),
        (replies.LUSERS_GLOBAL, True),
    ):
        if told:
            ctx.answer(reply, **fields)


@hookimpl
def server_commands() -> list[Command]:
    return [motd, time, version, info, admin, links, lusers, stats]

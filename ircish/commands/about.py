"""About the server: MOTD, TIME, VERSION, LUSERS."""

from __future__ import annotations

import time as clock

from ircish import __version__, replies
from ircish.command import Command, command
from ircish.context import Context
from ircish.hookspecs import hookimpl


@command("MOTD", examples={"MOTD": "There is no message of the day."})
def motd(ctx: Context) -> None:
    """Read the message of the day."""
    send_motd(ctx)


@command("TIME", examples={"TIME": "It is ... on ..."})
def time(ctx: Context) -> None:
    """Ask for the server's local time."""
    now = clock.localtime(ctx.server.clock())
    ctx.answer(
        replies.TIME, server=ctx.server.name, time=clock.strftime("%A %Y-%m-%d %H:%M:%S %z", now)
    )


@command("VERSION", examples={"VERSION": "... runs ircish ..."})
def version(ctx: Context) -> None:
    """Ask which version of ircish this is."""
    ctx.answer(replies.VERSION, server=ctx.server.name, version=__version__)


@command("LUSERS", dialects=["irc"], hidden=True)
def lusers(ctx: Context) -> None:
    """How many users and channels there are (RFC 2812 §3.4.2)."""
    send_lusers(ctx)


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
    users, operators, channels = ctx.server.snapshots.counts()
    ctx.answer(replies.LUSERS_CLIENTS, users=users)
    if operators:
        ctx.answer(replies.LUSERS_OPERATORS, operators=operators)
    ctx.answer(replies.LUSERS_CHANNELS, channels=channels)
    ctx.answer(replies.LUSERS_ME, users=users)


@hookimpl
def server_commands() -> list[Command]:
    return [motd, time, version, lusers]

"""CAP: what IRC clients may ask for beyond RFC 2812 (IRCv3 capability-negotiation)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ircish import replies
from ircish.command import Command, Rest, command
from ircish.commands.registration import register
from ircish.context import Context
from ircish.dialects.irc import CAPABILITIES, MULTILINE
from ircish.errors import Refused
from ircish.hookspecs import hookimpl

if TYPE_CHECKING:
    from ircish.config import Config
    from ircish.server.connection import Connection
    from ircish.server.server import Server

CAPS_A_LINE = 400
"""Bytes of capabilities in one line of CAP LS."""

VALUES = 302
"""The version of negotiation from which on clients are shown values, and told of changes."""

NOTIFY = "cap-notify"


def offered(config: Config) -> dict[str, str]:
    """What a client may ask for, each with the value that is shown to it, "" for none."""
    limits, capabilities = config.limits, dict(CAPABILITIES)
    if MULTILINE in capabilities:
        size, count = limits.multiline_bytes, limits.multiline_lines
        capabilities[MULTILINE] = f"max-bytes={size},max-lines={count}"
        if not count:
            del capabilities[MULTILINE]
    return capabilities


@command("CAP", dialects=["irc"], unregistered=True, hidden=True)
def cap(ctx: Context, subcommand: str, argument: Rest = "") -> None:
    """Ask what there is, and for some of it (IRCv3 capability-negotiation)."""
    connection = ctx.connection
    match subcommand.upper():
        case "LS":
            connection.negotiating_caps = not connection.registered
            if argument.isascii() and argument.isdigit() and int(argument[:9]) >= VALUES:
                connection.cap_version = VALUES
                connection.set_caps(connection.caps | {NOTIFY})
            _list(ctx, "LS", _shown(connection, offered(ctx.server.config)).values())
        case "LIST":
            _list(ctx, "LIST", sorted(connection.caps))
        case "REQ":
            connection.negotiating_caps = not connection.registered
            _request(ctx, argument)
        case "END":
            if connection.negotiating_caps:
                connection.negotiating_caps = False
                register(ctx)
        case _:
            raise Refused(replies.BAD_CAP_COMMAND, subcommand=subcommand)


def _request(ctx: Context, argument: str) -> None:
    """All that is asked for, or nothing."""
    connection = ctx.connection
    words = [word for word in argument.split(" ") if word]
    known = offered(ctx.server.config).keys() >= {word.removeprefix("-") for word in words}
    ctx.answer(replies.CAP, subcommand="ACK" if known else "NAK", caps=argument)
    if not known:
        return
    caps = set(connection.caps)
    for word in words:
        if word[0] == "-":
            caps.discard(word[1:])
        else:
            caps.add(word)
    if connection.cap_version >= VALUES:
        caps.add(NOTIFY)
    connection.set_caps(caps)
    if lost := caps - offered(ctx.server.config).keys():  # by a rehash in this very moment
        connection.set_caps(caps - lost)


def _shown(connection: Connection, capabilities: Mapping[str, str]) -> dict[str, str]:
    """Each with what a client is shown of it: ``name=value``, or the name alone."""
    values = connection.cap_version >= VALUES
    return {
        name: f"{name}={value}" if value and values else name
        for name, value in capabilities.items()
    }


def _list(ctx: Context, subcommand: str, words: Iterable[str]) -> None:
    lines: list[str] = [""]
    for word in words:
        several = ctx.connection.cap_version >= VALUES
        if several and len(lines[-1]) + len(word) > CAPS_A_LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip(" ")
    for line in lines[:-1]:
        ctx.answer(replies.CAP_MORE, subcommand=subcommand, caps=line)
    ctx.answer(replies.CAP, subcommand=subcommand, caps=lines[-1])


def tell_changes(server: Server, before: Config, after: Config) -> None:
    """Take away what is no longer offered, and tell those who want to be told what is new, has
    another value, or is gone. Takes effect after ``after`` is the server's configuration."""
    old, new = offered(before), offered(after)
    gone = old.keys() - new.keys()
    for connection in server.connections():
        # who is shown no values is not told of another one either
        shown, known = _shown(connection, new), _shown(connection, old)
        for subcommand, words in (
            ("NEW", [word for name, word in shown.items() if known.get(name) != word]),
            ("DEL", sorted(gone)),
        ):
            if words and NOTIFY in connection.caps:
                connection.tell(replies.CAP, subcommand=subcommand, caps=" ".join(words))
        if lost := connection.caps & gone:
            connection.set_caps(connection.caps - lost)


@hookimpl
def server_commands() -> list[Command]:
    return [cap]

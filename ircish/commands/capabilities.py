"""CAP: what IRC clients may ask for beyond RFC 2812 (IRCv3 capability-negotiation)."""

from __future__ import annotations

from collections.abc import Iterable

from ircish import replies
from ircish.command import Command, Rest, command
from ircish.commands.registration import register
from ircish.context import Context
from ircish.dialects.isupport import NOTIFY, VALUES, offered, shown
from ircish.errors import Refused
from ircish.hookspecs import hookimpl
from ircish.wire import MAX_LINE, packed


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
            values = connection.cap_version >= VALUES
            _list(ctx, "LS", shown(offered(ctx.server.config), values=values).values())
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


def _list(ctx: Context, subcommand: str, words: Iterable[str]) -> None:
    """In one line where they fit it, or where the client does not know of several."""
    room = MAX_LINE - len(f":{ctx.server.name} CAP {ctx.nick} {subcommand} * : \r\n")
    several = ctx.connection.cap_version >= VALUES
    *before, last = packed(words, most=room) if several else [" ".join(words)]
    for line in before:
        ctx.answer(replies.CAP_MORE, subcommand=subcommand, caps=line)
    ctx.answer(replies.CAP, subcommand=subcommand, caps=last)


@hookimpl
def server_commands() -> list[Command]:
    return [cap]

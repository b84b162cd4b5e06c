"""HELP for people, and COMMANDS, the catalogue for programs."""

from __future__ import annotations

from ircish import phrases, replies
from ircish.command import Command, command
from ircish.context import Context
from ircish.errors import Refused
from ircish.hookspecs import hookimpl

WIDEST = 32
"""Columns for the usage in the list; what stands behind one that is longer is not in line."""


@command("HELP", aliases=["HELPOP"], unregistered=True, examples={"HELP NICK": "NICK [<name>]"})
def help_(ctx: Context, verb: str = "") -> None:
    """See every command, or one of them: HELP MSG."""
    if verb:
        _one(ctx, verb.lstrip("/").upper())
        return
    commands = ctx.server.commands.listed(ctx.dialect)
    ctx.answer(replies.HELP_LIST)
    width = min(WIDEST, max(len(each.usage) for each in commands))
    for each in commands:
        usage, who = f"{each.usage:{width}}", phrases.WHO_MAY[each.allow]
        ctx.answer(replies.HELP_LISTED, usage=usage, summary=each.summary, who=who)
    ctx.answer(replies.HELP_MORE)
    ctx.answer(replies.HELP_END, verb="*")


def _one(ctx: Context, verb: str) -> None:
    table = ctx.server.commands
    found = table.find(ctx.dialect, verb)
    if found is None:
        nearest = table.nearest(ctx.dialect, verb)
        hint = phrases.DID_YOU_MEAN.format(verb=nearest) if nearest else phrases.SEE_HELP
        raise Refused(replies.NO_HELP, verb=verb, hint=hint)
    ctx.answer(replies.HELP_USAGE, verb=verb, usage=found.usage, who=phrases.WHO_MAY[found.allow])
    for line in found.help.split("\n"):
        ctx.answer(replies.HELP_TEXT, verb=verb, text=line)
    for example in list(found.examples)[:1]:
        ctx.answer(replies.HELP_EXAMPLE, verb=verb, example=example)
    ctx.answer(replies.HELP_END, verb=verb)


@command("COMMANDS", dialects=["irc"], hidden=True)
def commands(ctx: Context) -> None:
    """The catalogue of commands, as a batch where batches are understood."""
    kind = ctx.server.irc_kind(ctx.connection.reader.kind.caps)
    ctx.lines(kind.catalogue(ctx.server.commands.listed("irc"), ctx.reference()))


@hookimpl
def server_commands() -> list[Command]:
    return [help_, commands]

"""HELP for people, and COMMANDS, the catalogue for programs."""

from __future__ import annotations

from ircish import replies
from ircish.command import Command, command
from ircish.context import Context
from ircish.errors import Refused
from ircish.hookspecs import hookimpl

WHO_MAY = {"anyone": "", "member": "", "op": " (channel operators)", "oper": " (operators)"}


@command("HELP", aliases=["HELPOP"], unregistered=True, examples={"HELP NICK": "NICK [<name>]"})
def help_(ctx: Context, verb: str = "") -> None:
    """See every command, or one of them: HELP MSG."""
    if verb:
        _one(ctx, verb.lstrip("/").upper())
        return
    commands = ctx.server.commands.listed(ctx.dialect)
    ctx.answer(replies.HELP_START, subject="*", text="The commands:")
    width = max(len(each.usage) for each in commands)
    for each in commands:
        line = f"  {each.usage:{width}}  {each.summary}{WHO_MAY[each.allow]}"
        ctx.answer(replies.HELP_TEXT, subject="*", text=line)
    ctx.answer(replies.HELP_TEXT, subject="*", text="HELP <command> tells more of one.")
    ctx.answer(replies.HELP_END, subject="*", text="End of help")


def _one(ctx: Context, verb: str) -> None:
    table = ctx.server.commands
    found = table.find(ctx.dialect, verb)
    if found is None:
        nearest = table.nearest(ctx.dialect, verb)
        hint = f"Did you mean {nearest}?" if nearest else "HELP lists the commands."
        raise Refused(replies.NO_HELP, subject=verb, hint=hint)
    ctx.answer(replies.HELP_START, subject=verb, text=f"{found.usage}{WHO_MAY[found.allow]}")
    for line in found.help.split("\n"):
        ctx.answer(replies.HELP_TEXT, subject=verb, text=f"  {line}")
    if found.examples:
        example = next(iter(found.examples))
        ctx.answer(replies.HELP_TEXT, subject=verb, text=f"  For example: {example}")
    ctx.answer(replies.HELP_END, subject=verb, text="End of help")


@command("COMMANDS", dialects=["irc"], hidden=True)
def commands(ctx: Context) -> None:
    """The catalogue of commands, as a batch where batches are understood."""
    kind = ctx.server.irc_kind(ctx.connection.reader.kind.caps)
    ctx.lines(kind.catalogue(ctx.server.commands.listed("irc"), ctx.reference()))


@hookimpl
def server_commands() -> list[Command]:
    return [help_, commands]

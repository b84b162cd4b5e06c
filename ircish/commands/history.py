"""What was said before, for people: HISTORY and SEARCH. IRC clients have chathistory."""

from __future__ import annotations

from ircish import replies
from ircish.chat.names import fold
from ircish.command import Channel, Command, Rest, command
from ircish.context import Context
from ircish.dialects.plain import retold
from ircish.errors import Refused
from ircish.events import SHOWN, Stamped, from_row
from ircish.hookspecs import hookimpl
from ircish.log import logger
from ircish.rows import HistoryError
from ircish.search import NoWords

MOST_LINES = 1000
"""Messages of one HISTORY."""

MOST_FOUND = 50
"""Messages of one SEARCH."""

log = logger("ircish")


@command("HISTORY", examples={"HISTORY 5": "Nothing has been said in #lobby yet..."})
def history(ctx: Context, channel: Channel, count: int = 20) -> None:
    """Read the last lines of your channel, or of another: HISTORY #dev 50."""
    name = own_channel(ctx, channel)
    if name is None:
        raise Refused(replies.NOT_IN_CHANNEL, channel=channel)
    count = max(1, min(count, MOST_LINES))
    settle(ctx)
    try:
        rows = ctx.server.history.latest(fold(name), count, kinds=SHOWN)
    except HistoryError as error:
        raise unreadable(error) from None
    past = {row.seq: from_row(row, name) for row in ctx.server.hub.readable(rows)}
    # What is not saved yet, where saving fails, is in memory.
    past.update((stamped.seq, stamped) for stamped in ctx.server.hub.recent(name))
    if own_channel(ctx, name) is None:  # put out meanwhile: some of it may be from since then
        raise Refused(replies.NOT_IN_CHANNEL, channel=channel)
    _show(ctx, [past[seq] for seq in sorted(past)][-count:], here=True)
    if not past:
        ctx.answer(replies.NO_HISTORY, channel=name)


@command("SEARCH", examples={"SEARCH tea": "Nothing found..."})
def search(ctx: Context, words: Rest) -> None:
    """Find lines in your channels by their words.

    tea* finds teapot too. SEARCH #dev tea looks only there.
    """
    channels = ctx.server.snapshots.channels_of(ctx.connection.user_id)
    first, _, rest = words.partition(" ")
    if first[:1] == "#" and rest:
        chosen = [name for name in channels if fold(name) == fold(first)]
        if not chosen:
            raise Refused(replies.NOT_IN_CHANNEL, channel=first)
        channels, words = chosen, rest
    names = {fold(name): name for name in channels}
    settle(ctx)
    try:
        found = ctx.server.search.search(list(names), words, MOST_FOUND) if names else []
    except (NoWords, ValueError) as error:
        raise Refused(replies.SEARCH_FAILED, text=str(error)) from None
    except HistoryError as error:
        raise unreadable(error) from None
    mine = {*map(fold, ctx.server.snapshots.channels_of(ctx.connection.user_id))}
    rows = [row for row in ctx.server.hub.readable(found) if row.channel in mine]  # not put out
    _show(ctx, [from_row(row, names[row.channel]) for row in rows], here=len(names) == 1)
    if not rows:
        ctx.answer(replies.NOTHING_FOUND)


def own_channel(ctx: Context, channel: str) -> str | None:
    """A channel as it is displayed; None, wherever the caller is not in it and whether there is
    one or not: who may not read it does not hear of it either."""
    return ctx.server.snapshots.joined(ctx.connection.user_id, channel)


def settle(ctx: Context) -> None:
    """Wait until what the caller did last can be found."""
    ctx.server.writer.wait_saved(ctx.connection.reader.last_seq)


def unreadable(error: HistoryError) -> Refused:
    """The refusal for what only the server's own people can mend, which is logged."""
    log.error("%s", error)
    return Refused(replies.HISTORY_UNREADABLE)


def _show(ctx: Context, past: list[Stamped], *, here: bool) -> None:
    for line in retold(past, int(ctx.server.clock() * 1000), here=here):
        ctx.answer(replies.HISTORY_LINE, line=line)


@hookimpl
def server_commands() -> list[Command]:
    return [history, search]

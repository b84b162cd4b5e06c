"""What was said before: HISTORY and SEARCH for people, CHATHISTORY for IRC clients."""

from __future__ import annotations

from datetime import UTC, datetime

from ircish import replies
from ircish.chat.names import fold
from ircish.command import Channel, Command, Rest, command
from ircish.context import Context
from ircish.dialects.plain import retold
from ircish.errors import Refused
from ircish.events import SHOWN, TALK, Stamped, from_row
from ircish.hookspecs import hookimpl
from ircish.rows import HistoryError, Row

MOST_LINES = 1000
"""Lines of one HISTORY."""

MOST_FOUND = 50
"""Lines of one SEARCH."""


@command(
    "HISTORY", allow="member", examples={"HISTORY 5": "Nothing has been said in #lobby yet..."}
)
def history(ctx: Context, channel: Channel, count: int = 20) -> None:
    """Read the last lines of your channel, or of another: HISTORY #dev 50."""
    count = max(1, min(count, MOST_LINES))
    _settle(ctx)
    rows = ctx.server.history.latest(fold(channel), count, kinds=SHOWN)
    past = {row.seq: from_row(row, channel) for row in rows}
    # What is not saved yet, where saving fails, is in memory.
    past.update((stamped.seq, stamped) for stamped in ctx.server.hub.recent(channel))
    _show(ctx, [past[seq] for seq in sorted(past)][-count:], here=True)
    if not past:
        ctx.answer(replies.NO_HISTORY, channel=channel)


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
    _settle(ctx)
    try:
        rows = ctx.server.search.search(list(names), words, MOST_FOUND) if names else []
    except (HistoryError, ValueError) as error:
        raise Refused(replies.SEARCH_FAILED, text=str(error)) from None
    _show(ctx, [from_row(row, names[row.channel]) for row in rows], here=len(names) == 1)
    if not rows:
        ctx.answer(replies.NOTHING_FOUND)


def _settle(ctx: Context) -> None:
    """Wait until what the caller did last can be found."""
    ctx.server.writer.wait_saved(ctx.connection.reader.last_seq)


def _show(ctx: Context, past: list[Stamped], *, here: bool) -> None:
    for line in retold(past, int(ctx.server.clock() * 1000), here=here):
        ctx.answer(replies.HISTORY_LINE, line=line)


@command("CHATHISTORY", dialects=["irc"], hidden=True)
def chathistory(
    ctx: Context, subcommand: str, target: str, first: str, second: str = "", third: str = ""
) -> None:
    """Read a channel's past (IRCv3 chathistory)."""
    sub = subcommand.upper()
    if sub == "TARGETS":
        _targets(ctx, target, first, second)
        return
    if sub not in ("LATEST", "BEFORE", "AFTER", "AROUND", "BETWEEN"):
        raise Refused(
            replies.BAD_HISTORY_PARAMS, subcommand=subcommand, wrong=replies.UNKNOWN_SUBCOMMAND
        )
    if ctx.server.snapshots.status(ctx.connection.user_id, target) is None:
        raise Refused(replies.BAD_HISTORY_TARGET, subcommand=sub, target=target)
    limit = _limit(ctx, sub, third if sub == "BETWEEN" else second)
    channel = ctx.server.snapshots.place(target).name
    _settle(ctx)
    rows = _Selection(ctx, sub, fold(channel), limit).rows(first, second)
    ctx.replay([from_row(row, channel) for row in rows], channel)


def _limit(ctx: Context, sub: str, word: str) -> int:
    most = ctx.server.config.history.chathistory_limit
    if not (word.isascii() and word.isdigit()) or int(word[:9]) < 1:
        raise Refused(replies.BAD_HISTORY_PARAMS, subcommand=sub, wrong=replies.LIMIT_IS_A_NUMBER)
    return min(int(word[:9]), most)


class _Selection:
    """The rows that one CHATHISTORY asks for, oldest first."""

    def __init__(self, ctx: Context, sub: str, channel: str, limit: int) -> None:
        self.ctx, self.sub, self.channel, self.limit = ctx, sub, channel, limit
        self.history = ctx.server.history

    def rows(self, first: str, second: str) -> list[Row]:
        latest, earliest = self.history.latest, self.history.earliest
        channel, limit = self.channel, self.limit
        if self.sub == "LATEST":
            after = None if first == "*" else self._bounds(first)[1]
            return latest(channel, limit, after_seq=after, kinds=TALK)
        before, after = self._bounds(first)
        if self.sub == "BEFORE":
            return latest(channel, limit, before_seq=before, kinds=TALK)
        if self.sub == "AFTER":
            return earliest(channel, limit, after_seq=after, kinds=TALK)
        if self.sub == "AROUND":
            older = latest(channel, limit // 2, before_seq=before, kinds=TALK)
            newer = earliest(channel, limit - len(older), after_seq=before - 1, kinds=TALK)
            return older + newer
        end_before, end_after = self._bounds(second)
        if end_before >= before:
            return earliest(channel, limit, after_seq=after, before_seq=end_before, kinds=TALK)
        return latest(channel, limit, after_seq=end_after, before_seq=before, kinds=TALK)

    def _bounds(self, selector: str) -> tuple[int, int]:
        """What is before a point has numbers below the first, what is after it above the second."""
        kind, _, value = selector.partition("=")
        if kind == "timestamp" and (ms := _milliseconds(value)) is not None:
            seq_at = self.history.seq_at
            return seq_at(self.channel, ms), seq_at(self.channel, ms + 1) - 1
        if kind == "msgid" and (seq := self.ctx.server.hub.seq_of(value)) is not None:
            if self.history.msgid_at(self.channel, seq) == value:
                return seq, seq
            wrong = replies.NO_SUCH_MESSAGE
        else:
            wrong = replies.SAY_WHICH_MESSAGE
        raise Refused(replies.BAD_HISTORY_PARAMS, subcommand=self.sub, wrong=wrong)


def _milliseconds(text: str) -> int | None:
    try:
        when = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return round(when.timestamp() * 1000)


def _targets(ctx: Context, first: str, second: str, limit: str) -> None:
    """The channels in which something was said between two times."""
    count = _limit(ctx, "TARGETS", limit)
    times = []
    for selector in (first, second):
        kind, _, value = selector.partition("=")
        ms = _milliseconds(value) if kind == "timestamp" else None
        if ms is None:
            wrong = replies.SAY_WHICH_TIME
            raise Refused(replies.BAD_HISTORY_PARAMS, subcommand="TARGETS", wrong=wrong)
        times.append(ms)
    _settle(ctx)
    found = []
    for name in ctx.server.snapshots.channels_of(ctx.connection.user_id):
        rows = ctx.server.history.latest(fold(name), 1, kinds=TALK)
        if rows and min(times) < rows[0].time < max(times):
            found.append((rows[0].time, name))
    found.sort(reverse=times[0] > times[1])
    irc = ctx.server.irc_kind(ctx.connection.reader.kind.caps)
    ctx.lines(irc.targets([(name, ms) for ms, name in found[:count]], ctx.reference()))


@hookimpl
def server_commands() -> list[Command]:
    return [history, search, chathistory]

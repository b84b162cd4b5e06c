"""CHATHISTORY: a channel's past for IRC clients (IRCv3 chathistory). What people say to each other
alone is not in it: it is not stored, because there are no accounts yet to whom it could belong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ircish import phrases, replies
from ircish.chat.names import fold
from ircish.command import Command, Rest, command
from ircish.commands.history import own_channel, settle
from ircish.context import Context
from ircish.dialects.irc import milliseconds
from ircish.errors import Refused
from ircish.events import TALK, from_row
from ircish.hookspecs import hookimpl
from ircish.log import logger
from ircish.rows import HistoryError, Row, seq_of

PARAMS: Mapping[str, int] = {
    "LATEST": 3,
    "BEFORE": 3,
    "AFTER": 3,
    "AROUND": 3,
    "BETWEEN": 4,
    "TARGETS": 3,
}
"""The subcommands, each with how many parameters follow it."""

log = logger("ircish")


@command("CHATHISTORY", dialects=["irc"], hidden=True)
def chathistory(ctx: Context, subcommand: str = "", rest: Rest = "") -> None:
    """Read a channel's past (IRCv3 chathistory)."""
    sub, params = subcommand.upper(), ctx.message.params[1:]
    if sub not in PARAMS:
        raise _bad(subcommand, phrases.UNKNOWN_SUBCOMMAND)
    if len(params) != PARAMS[sub]:
        few = len(params) < PARAMS[sub]
        raise _bad(sub, phrases.TOO_FEW_PARAMS if few else phrases.TOO_MANY_PARAMS)
    *where, word = params
    most = ctx.server.config.history.chathistory_limit
    if not (word.isascii() and word.isdigit()) or int(word[:9]) < 1:
        raise _bad(sub, phrases.LIMIT_IS_A_NUMBER, word)
    limit = min(int(word[:9]), most)
    try:
        if sub == "TARGETS":
            _targets(ctx, _time(where[0]), _time(where[1]), limit)
        else:
            _replay(ctx, sub, where, limit)
    except HistoryError as error:
        log.error("%s", error)
        wrong = phrases.NOT_READABLE
        raise Refused(
            replies.NO_MESSAGES, subcommand=sub, target=where[0], given=(), wrong=wrong
        ) from None


def _bad(sub: str, wrong: str, *given: str) -> Refused:
    return Refused(replies.BAD_HISTORY_PARAMS, subcommand=sub, given=given, wrong=wrong)


def _replay(ctx: Context, sub: str, where: list[str], limit: int) -> None:
    target, *selectors = where
    channel = own_channel(ctx, target)
    if channel is None:
        raise Refused(replies.BAD_HISTORY_TARGET, subcommand=sub, target=target)
    settle(ctx)
    rows = _Past(ctx, sub, channel, limit).rows(*selectors)
    if own_channel(ctx, channel) is None:  # put out meanwhile: some of it may be from since then
        raise Refused(replies.BAD_HISTORY_TARGET, subcommand=sub, target=target)
    ctx.replay([from_row(row, channel) for row in ctx.server.hub.readable(rows)], channel)


class _Point(NamedTuple):
    """A place in a channel's past: what is before it has numbers below ``first``, what is after it
    above ``last``."""

    first: int
    last: int


class _Past:
    """A channel's past as one CHATHISTORY asks for it."""

    def __init__(self, ctx: Context, sub: str, channel: str, limit: int) -> None:
        self.sub, self.channel, self.limit = sub, channel, limit
        self.history = ctx.server.history
        self.kinds = ctx.connection.reader.kind.replayed
        self.begin = 0
        """The first number that is this channel's: of one in which nothing was said there may be
        joins from before it was founded anew, which are nobody's business."""
        if "join" in self.kinds:
            created = ctx.server.snapshots.place(channel).created
            self.begin = self.history.seq_at(fold(channel), created)

    def rows(self, first: str, second: str = "") -> list[Row]:
        """What lies at the selectors, oldest first. Raises Refused, HistoryError."""
        if self.sub == "LATEST" and first == "*":
            return self._latest(self.limit)
        point = self._point(first)
        if self.sub == "LATEST":
            return self._latest(self.limit, after=point.last)
        if self.sub == "BEFORE":
            return self._latest(self.limit, before=point.first)
        if self.sub == "AFTER":
            return self._earliest(self.limit, after=point.last)
        if self.sub == "AROUND":
            return self._around(point)
        end = self._point(second)
        if end.first >= point.first:
            return self._earliest(self.limit, after=point.last, before=end.first)
        return self._latest(self.limit, after=end.last, before=point.first)

    def _around(self, point: _Point) -> list[Row]:
        """Half of it before the point, the point itself in the other half; where one side has too
        few, more of the other."""
        older = self._latest(self.limit // 2, before=point.first)
        newer = self._earliest(self.limit - len(older), after=point.first - 1)
        if len(older) + len(newer) < self.limit:
            older = self._latest(self.limit - len(newer), before=point.first)
        return older + newer

    def _latest(
        self, limit: int, *, after: int | None = None, before: int | None = None
    ) -> list[Row]:
        after = max(self.begin - 1, after or 0)
        return self.history.latest(
            fold(self.channel), limit, after_seq=after, before_seq=before, kinds=self.kinds
        )

    def _earliest(self, limit: int, *, after: int, before: int | None = None) -> list[Row]:
        after = max(self.begin - 1, after)
        return self.history.earliest(
            fold(self.channel), limit, after_seq=after, before_seq=before, kinds=self.kinds
        )

    def _point(self, selector: str) -> _Point:
        folded = fold(self.channel)
        kind, _, value = selector.partition("=")
        if kind == "timestamp" and (ms := milliseconds(value)) is not None:
            seq_at = self.history.seq_at
            return _Point(seq_at(folded, ms), seq_at(folded, ms + 1) - 1)
        if kind != "msgid" or not value:
            raise _bad(self.sub, phrases.SAY_WHICH_MESSAGE, selector)
        seq = seq_of(value)
        row = None if seq is None else self.history.at(folded, seq)
        if row is None or row.msgid != value:  # nor is it told whether there is one elsewhere
            raise Refused(
                replies.NO_MESSAGES,
                subcommand=self.sub,
                target=self.channel,
                given=(selector,),
                wrong=phrases.NO_SUCH_MESSAGE,
            )
        return _Point(row.seq, row.seq)


def _time(selector: str) -> int:
    kind, _, value = selector.partition("=")
    ms = milliseconds(value) if kind == "timestamp" else None
    if ms is None:
        raise _bad("TARGETS", phrases.SAY_WHICH_TIME, selector)
    return ms


def _targets(ctx: Context, first: int, second: int, limit: int) -> None:
    """The channels of the caller's whose last message is from between two times (ms): as many as
    asked for, counted from the first time on."""
    settle(ctx)
    found = []
    for name in ctx.server.snapshots.channels_of(ctx.connection.user_id):
        last = ctx.server.history.latest(fold(name), 1, kinds=TALK)
        between = last and min(first, second) < last[0].time < max(first, second)
        if between and own_channel(ctx, name):  # of which they have not been put out meanwhile
            found.append((last[0].time, name))
    found.sort(reverse=first > second)
    chosen = [(name, ms) for ms, name in sorted(found[:limit])]
    irc = ctx.server.irc_kind(ctx.connection.reader.kind.caps)
    ctx.lines(irc.targets(chosen, ctx.reference()))


@hookimpl
def server_commands() -> list[Command]:
    return [chathistory]

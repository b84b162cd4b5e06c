"""LIST: which channels there are, all or those that fit what is asked (ISUPPORT ELIST)."""

from __future__ import annotations

import re
from collections.abc import Callable

from ircish import replies
from ircish.chat.masks import matches
from ircish.chat.names import fold
from ircish.command import Command, command
from ircish.context import Context
from ircish.hookspecs import hookimpl
from ircish.server.snapshots import Place

Condition = Callable[[Place], bool]

MINUTE = 60_000
"""ms"""

LINE = 500
"""Channels looked through that count as a line, where a connection sends too fast."""

BOUND = re.compile(r"([CT]?)([<>])([0-9]{1,9})", re.ASCII)
"""``>5`` more than 5 people, ``<5`` fewer; ``C<60`` founded less than 60 minutes ago; ``T>60`` the
topic set more than 60 minutes ago (Modern IRC, ELIST)."""


@command("LIST", examples={"LIST": "#lobby (1)", "LIST >5": "There is no such channel."})
def list_(ctx: Context, channel: str = "") -> None:
    """See which channels there are, how many are in each, and what about.

    LIST dev shows those with dev in their name, LIST #dev* those that begin so, LIST !*dev* the
    others; LIST >5 those with more than 5 people, LIST C<60 those founded within the last hour,
    LIST T<60 those whose topic was set within it. Several at once have a comma between them.
    """
    plain = ctx.dialect == "plain"
    typed = channel if plain else ",".join(ctx.message.params)  # IRC has masks and conditions apart
    asked = [word for word in typed.split(",") if word]
    fits = condition(asked, int(ctx.server.clock() * 1000), words=plain)
    every = ctx.server.snapshots.places(ctx.connection.user_id)
    ctx.connection.count(len(every) / LINE)
    places = [place for place in every if fits(place)]
    width = max((len(place.name) for place in places), default=0)
    ctx.answer(replies.LIST_START)
    for place in places:
        name, count = place.name, place.size
        aligned = name.ljust(width)
        ctx.answer(replies.LIST, channel=name, aligned=aligned, count=count, topic=place.topic)
    ctx.answer(replies.LIST_END if places else replies.NO_CHANNELS)


def condition(asked: list[str], now: int, *, words: bool) -> Condition:
    """Whether a channel fits one of the masks, if there are any, and everything else asked;
    ``now`` is in ms since the epoch. Of ``words``, one that is no mask is a part of a name."""
    masks: list[str] = []
    others: list[Condition] = []
    for word in asked:
        if bound := BOUND.fullmatch(word):
            others.append(_bound(bound, now))
        elif word[0] == "!":
            others.append(_unlike(_mask(word[1:], words=words)))
        else:
            masks.append(_mask(word, words=words))

    def fits(place: Place) -> bool:
        name = fold(place.name)
        named = not masks or any(matches(mask, name) for mask in masks)
        return named and all(condition(place) for condition in others)

    return fits


def _mask(word: str, *, words: bool) -> str:
    return fold(f"*{word}*" if words and set("#*?").isdisjoint(word) else word)


def _unlike(mask: str) -> Condition:
    return lambda place: not matches(mask, fold(place.name))


def _bound(bound: re.Match[str], now: int) -> Condition:
    of, above, most = bound[1], bound[2] == ">", int(bound[3])

    def fits(place: Place) -> bool:
        if not of:
            return place.size > most if above else place.size < most
        if of == "T" and not place.topic:
            return False
        age = now - (place.topic_time if of == "T" else place.created)
        return age > most * MINUTE if above else age < most * MINUTE

    return fits


@hookimpl
def server_commands() -> list[Command]:
    return [list_]

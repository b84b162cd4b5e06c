"""WHO: who is here, in sentences, for IRC clients, and in the fields that they ask for (WHOX)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ircish import phrases, replies
from ircish.chat.masks import matches
from ircish.chat.modes import is_operator
from ircish.chat.names import fold
from ircish.command import Command, command
from ircish.context import Context
from ircish.errors import Refused
from ircish.hookspecs import hookimpl
from ircish.server.snapshots import Seen

EVERYONE = ("", "*", "0")
"""Masks that fit everyone (RFC 2812 §3.6.1)."""

UNDISCLOSED = "255.255.255.255"
"""Where an address would stand that is none of the asker's business (IRCv3 whox)."""


@command("WHO", examples={"WHO": "ann (ann@...) ann"})
def who(ctx: Context, mask: str = "") -> None:
    """See who is here: in your channel, in #dev, or those whose nick fits a*.

    The mask may also be of a user name, a host or a real name.
    """
    if not mask and ctx.dialect == "plain":
        mask = ctx.channel
    people = _found(ctx, mask)
    options = ctx.message.params[1] if len(ctx.message.params) > 1 else ""
    flags, extended, asked = options.partition("%")
    if "o" in flags:  # RFC 2812 §3.6.1
        people = [person for person in people if person.operator]
    answer = _fields_of(ctx, asked) if extended else _answer
    for person in people:
        answer(ctx, person)
    if not people and ctx.dialect == "plain":
        ctx.answer(replies.NOBODY)
    ctx.answer(replies.WHO_END, mask=mask or "*")


def _found(ctx: Context, mask: str) -> list[Seen]:
    """Those in a channel, or who is called exactly so, or whom the mask fits (Modern IRC, WHO)."""
    snapshots, me = ctx.server.snapshots, ctx.connection.user_id
    if mask[:1] == "#":
        try:
            return snapshots.seen(me, mask)
        except Refused:
            if ctx.dialect == "plain":
                raise
            return []
    if mask in EVERYONE:
        return snapshots.seen(me)
    if known := snapshots.named(mask):
        return [known]
    folded = fold(mask)
    people = snapshots.seen(me)
    if "." in mask and matches(folded, fold(ctx.server.name)):
        return people
    whole = "@" in mask or "!" in mask
    return [
        person
        for person in people
        if any(matches(folded, fold(text)) for text in _texts(person, whole))
    ]


def _texts(person: Seen, whole: bool) -> tuple[str, ...]:
    """What a mask may fit; where it has a sign of a ``whole`` prefix, that too."""
    nick, user, host, *_ = person.source
    texts = (nick, user, host, person.realname)
    return (*texts, person.source.prefix) if whole else texts


def _flags(ctx: Context, person: Seen) -> str:
    """H, here, or G, gone; ``*`` a server operator; the status; B a bot."""
    return (
        ("G" if person.away else "H")
        + ("*" if person.operator else "")
        + ctx.connection.reader.kind.signs(person.status)
        + ("B" if person.source.bot else "")
    )


def _answer(ctx: Context, person: Seen) -> None:
    words = [
        phrases.OPERATOR_HERE if is_operator(person.status) else "",
        phrases.VOICE_HERE if person.status == "v" else "",
        phrases.A_BOT if person.source.bot else "",
        phrases.AWAY_NOW if person.away else "",
    ]
    ctx.answer(
        replies.WHO,
        channel=person.channel,
        user=person.source.user,
        host=person.source.host,
        server=ctx.server.name,
        nick=person.source.nick,
        flags=_flags(ctx, person),
        realname=person.realname,
        status="".join(words),
    )


class _Asked(NamedTuple):
    """What the fields depend on, beside whom they are about."""

    ctx: Context
    token: str
    now: float
    addresses: dict[int, str]
    """of those whose address the asker may know, by their numbers"""


_FIELDS: dict[str, Callable[[_Asked, Seen], str]] = {
    "t": lambda asked, person: asked.token,
    "c": lambda asked, person: person.channel,
    "u": lambda asked, person: person.source.user,
    "i": lambda asked, person: asked.addresses.get(person.id, UNDISCLOSED),
    "h": lambda asked, person: person.source.host,
    "s": lambda asked, person: asked.ctx.server.name,
    "n": lambda asked, person: person.source.nick,
    "f": lambda asked, person: _flags(asked.ctx, person),
    "d": lambda asked, person: "0",
    "l": lambda asked, person: str(max(0, int(asked.now - person.spoke / 1000))),
    "a": lambda asked, person: person.source.account or "0",
    "o": lambda asked, person: "n/a",
}
"""The fields that one can ask for, in the order in which they are told (IRCv3 whox)."""


def _fields_of(ctx: Context, asked: str) -> Callable[[Context, Seen], None]:
    """What answers with the fields asked for: ``nuh`` or ``tnuh,42``."""
    letters, _, token = asked.partition(",")
    known = token.isascii() and token.isdigit() and len(token) <= 3
    addresses = _addresses(ctx) if "i" in letters else {}
    given = _Asked(ctx, token if known else "0", ctx.server.clock(), addresses)
    fields = [field for letter, field in _FIELDS.items() if letter in letters]
    reply = replies.WHOX_NAMED if "r" in letters else replies.WHOX

    def answer(ctx: Context, person: Seen) -> None:
        values = tuple(field(given, person) for field in fields)
        ctx.answer(reply, fields=values, realname=person.realname)

    return answer


def _addresses(ctx: Context) -> dict[int, str]:
    """From where people are connected, as far as the caller may know: they themselves, and to an
    operator all."""
    me, every = ctx.connection, ctx.server.connections() if ctx.user.operator else ()
    return {each.user_id: each.host for each in (me, *every)}


@hookimpl
def server_commands() -> list[Command]:
    return [who]

"""Modes: MODE in both dialects, and for people OP, DEOP, VOICE, DEVOICE, BAN and UNBAN.

Which modes there are, and who may set them, is decided in ``chat.modes``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ircish import phrases, replies
from ircish.chat.modes import LISTS, MUTE, STATUS, USER_MODES, Change, full_mask, parse
from ircish.chat.names import fold
from ircish.chat.state import fits
from ircish.command import Channel, Command, Nick, Rest, command
from ircish.commands.people import ago
from ircish.context import Context
from ircish.errors import Refused
from ircish.events import ModeSet, Source
from ircish.hookspecs import hookimpl
from ircish.server.snapshots import Place

# MODE ---------------------------------------------------------------------------------------------


@command("MODE", dialects=["irc"], hidden=True)
def mode(ctx: Context, target: str, letters: str = "", params: Rest = "") -> None:
    """See or change the modes of a channel or of yourself (RFC 2812 §3.1.5, §3.2.3)."""
    _mode(ctx, target, letters, ctx.message.params[2:])


@command(
    "MODE",
    dialects=["plain"],
    examples={
        "MODE": "You: no modes.",
        "MODE #lobby": "#lobby: only members speak (+n).",
        "MODE +b": "Nobody is banned from #lobby.",
        "MODE ann +i": "You are not shown any more to those who are in none of your channels.",
    },
)
def mode_typed(ctx: Context, target: str = "", modes: str = "", params: Rest = "") -> None:
    """See what you are, or a channel is (MODE #dev), or change it: MODE #dev +m-t.

    Channels: C takes no CTCP, i is on invitation only, k needs a key (MODE #dev +k secret), l lets
    so many in, m lets only those with a voice speak, n only members, s is secret, t lets operators
    set the topic. Of people: q founder, o operator, v voice (MODE #dev +v ben). Lists: b banned, e
    not banned all the same, I needs no invitation (MODE #dev +b shows them, MODE #dev +b ben!*@*
    adds to them).

    You: i is not shown to strangers, B is a bot, w is told what operators tell all, s what the
    server does.
    """
    if target[:1] in ("+", "-"):
        params = f"{modes} {params}".strip(" ")
        target, modes = _whose(ctx, target, params), target
    if modes and modes[0] not in "+-" and modes not in tuple(LISTS):
        wrong = phrases.NO_SIGN.format(word=modes)
        raise Refused(replies.BAD_ARGUMENT, verb="MODE", wrong=wrong, usage=ctx.command.usage)
    _mode(ctx, target or ctx.nick, modes, [word for word in params.split(" ") if word])


def _whose(ctx: Context, letters: str, params: str) -> str:
    """The channel, or the caller, by what only one of them can have. Raises Refused."""
    asked = set(letters) - set("+-")
    if params or not asked <= set(USER_MODES):
        return ctx.channel
    if asked.isdisjoint(phrases.CHANNEL_MODES_MEAN):
        return ctx.nick
    raise Refused(replies.WHOSE_MODES, channel=ctx.channel, nick=ctx.nick, letters=letters)


def _mode(ctx: Context, target: str, letters: str, params: Sequence[str]) -> None:
    if target[:1] != "#":
        _own_modes(ctx, target, letters)
        return
    place = ctx.server.snapshots.place(target)
    if not letters:
        _show_modes(ctx, place)
        return
    changes = list(parse(letters, params))
    without = dict.fromkeys(letter for _, letter, param in changes if not param)
    for letter in without:
        if letter in LISTS:
            _show_list(ctx, place, letter)
        elif letter in STATUS:
            ctx.refused(ctx.command.missing(ctx.command.parameters[2]))
    changes = [each for each in changes if each[2] or each[1] not in (*LISTS, *STATUS)]
    if changes:
        _set_each(ctx, place.name, changes)


def _show_modes(ctx: Context, place: Place) -> None:
    shown = ctx.server.snapshots.modes(place.name).split(" ")
    if not _is_inside(ctx, place):
        shown = shown[:1]
    meaning = _meaning(parse(shown[0], shown[1:]), phrases.CHANNEL_MODES_MEAN)
    ctx.answer(
        replies.CHANNEL_MODES,
        channel=place.name,
        modes=tuple(shown),
        meaning=meaning or phrases.NO_CHANNEL_MODES,
    )
    ctx.answer(replies.CHANNEL_CREATED, channel=place.name, created=place.created // 1000)


def _is_inside(ctx: Context, place: Place) -> bool:
    """Whether the caller may know all of a channel. Raises Refused where they may know nothing."""
    joined = ctx.server.snapshots.joined(ctx.connection.user_id, place.name)
    inside = bool(joined or ctx.user.operator)
    if "s" in place.flags and not inside:
        raise Refused(replies.NOT_IN_CHANNEL, channel=place.name)
    return inside


def _meaning(changes: Iterable[Change], words: Mapping[str, str]) -> str:
    """``only members speak (+n), needs a key: secret (+k)``"""
    return ", ".join(
        f"{words[letter]}{': ' if param else ''}{param} (+{letter})" for _, letter, param in changes
    )


def _show_list(ctx: Context, place: Place, letter: str) -> None:
    """What is in a list of a channel's. Raises Refused."""
    _is_inside(ctx, place)
    entries = ctx.server.snapshots.entries(place.name, letter)
    now = int(ctx.server.clock())
    for mask, by, time in entries:
        at = time // 1000
        ctx.answer(
            replies.ENTRY[letter], channel=place.name, mask=mask, by=by, at=at, ago=ago(now - at)
        )
    ctx.answer((replies.ENTRIES_END if entries else replies.NO_ENTRIES)[letter], channel=place.name)


def _own_modes(ctx: Context, nick: str, letters: str) -> None:
    person = ctx.server.snapshots.person(nick)
    if person.id != ctx.connection.user_id:
        raise Refused(replies.NOT_YOUR_MODES)
    if letters:
        _set_each(ctx, person.nick, list(parse(letters, ())))
        return
    meaning = _meaning((("+", letter, "") for letter in person.modes), phrases.USER_MODES_MEAN)
    ctx.answer(
        replies.USER_MODES, modes="+" + person.modes, meaning=meaning or phrases.NO_USER_MODES
    )


def _set_each(ctx: Context, target: str, changes: Sequence[Change]) -> None:
    """All at once where that may be; else what may be, and for the rest each reason once."""
    try:
        _set(ctx, target, *changes)
        return
    except Refused:
        if len(changes) == 1:
            raise
    wrong: list[Refused] = []
    for change in changes:
        try:
            _set(ctx, target, change)
        except Refused as refused:
            if all(refused.args != each.args for each in wrong):
                wrong.append(refused)
    for each in wrong:  # behind what was set (Modern IRC, MODE)
        ctx.refused(each)


def _set(ctx: Context, target: str, *changes: Change) -> None:
    """All of the changes or none. Raises Refused."""
    event = ctx.publish(ModeSet(ctx.connection.user_id, target, changes)).event
    if ctx.dialect == "plain" and isinstance(event, ModeSet) and not event.changes:
        ctx.answer(replies.NO_CHANGE)


# For people ---------------------------------------------------------------------------------------


@command("OP", allow="op", dialects=["plain"], examples={"OP ben": "Nobody here is called ben."})
def op(ctx: Context, channel: Channel, nick: Nick) -> None:
    """Make somebody an operator of the channel."""
    _set(ctx, channel, ("+", "o", nick))


@command(
    "DEOP", allow="op", dialects=["plain"], examples={"DEOP ben": "Nobody here is called ben."}
)
def deop(ctx: Context, channel: Channel, nick: Nick) -> None:
    """Take the rights of an operator from somebody."""
    _set(ctx, channel, ("-", "o", nick))


@command(
    "VOICE", allow="op", dialects=["plain"], examples={"VOICE ben": "Nobody here is called ben."}
)
def voice(ctx: Context, channel: Channel, nick: Nick) -> None:
    """Let somebody speak where the channel is moderated (MODE +m)."""
    _set(ctx, channel, ("+", "v", nick))


@command(
    "DEVOICE",
    allow="op",
    dialects=["plain"],
    examples={"DEVOICE ben": "Nobody here is called ben."},
)
def devoice(ctx: Context, channel: Channel, nick: Nick) -> None:
    """Take somebody's voice again."""
    _set(ctx, channel, ("-", "v", nick))


@command(
    "BAN",
    allow="member",
    dialects=["plain"],
    examples={"BAN": "Nobody is banned from #lobby.", "BAN ben": "Nobody here is called ben."},
)
def ban(ctx: Context, channel: Channel, nick: Nick = "") -> None:
    """Keep somebody out of a channel, or see who is kept out: BAN ben, BAN.

    Who is in it may not speak there any more; KICK puts them out. Of a nick, of somebody who has
    left too, the user name and host are banned; BAN ben!*@* bans whoever is called ben, BAN
    *!*@host.example everyone from there; BAN m:ben!*@* only silences.
    """
    place = ctx.server.snapshots.place(channel)
    if not nick:
        _show_list(ctx, place, "b")
        return
    mask = nick
    if not _is_mask(nick):
        who = _known_as(ctx, nick)
        if who is None:
            raise Refused(replies.NO_SUCH_NICK, nick=nick)
        mask = f"*!{who.user}@{who.host}"
    _set(ctx, place.name, ("+", "b", mask))
    for source, _ in ctx.server.snapshots.names(place.name, ctx.connection.user_id):
        if fold(source.nick) == fold(nick):
            ctx.answer(replies.STILL_THERE, nick=source.nick, channel=place.name)


@command(
    "UNBAN",
    allow="op",
    dialects=["plain"],
    examples={"UNBAN ben": "No ban of #lobby fits ben."},
)
def unban(ctx: Context, channel: Channel, nick: Nick) -> None:
    """Lift every ban that fits somebody: UNBAN ben.

    UNBAN ben!*@* lifts the one that is written so.
    """
    place = ctx.server.snapshots.place(channel)
    who = None if _is_mask(nick) else _known_as(ctx, nick)
    exact = fold(full_mask(nick))
    changes = [
        ("-", "b", mask)
        for mask, _, _ in ctx.server.snapshots.entries(place.name, "b")
        if fold(mask) == exact or (who and fits([fold(mask.removeprefix(MUTE))], who))
    ]
    if not changes:
        raise Refused(replies.NO_SUCH_BAN, channel=place.name, mask=nick)
    _set(ctx, place.name, *changes)


def _is_mask(word: str) -> bool:
    return not set(word).isdisjoint("!@*?:")


def _known_as(ctx: Context, nick: str) -> Source | None:
    """Who is called so, or, where nobody is, who was last."""
    snapshots = ctx.server.snapshots
    try:
        person = snapshots.person(nick)
    except Refused:
        return next((past.source for past in snapshots.past(nick)), None)
    return Source(person.nick, person.username, person.host)


@hookimpl
def server_commands() -> list[Command]:
    return [mode, mode_typed, op, deop, voice, devoice, ban, unban]

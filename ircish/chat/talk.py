"""The rules of talk: who may say what to whom, and take it back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ircish import phrases, replies
from ircish.chat.modes import SIGNS, STATUS
from ircish.chat.names import fold
from ircish.chat.outcome import Outcome
from ircish.chat.state import Bounds, Channel, User
from ircish.chat.texts import check_fits, check_line, cut
from ircish.errors import Refused
from ircish.events import (
    ACTION,
    SERVER,
    TALK,
    Read,
    Redacted,
    Said,
    Wallops,
)
from ircish.wire import format_tags

if TYPE_CHECKING:
    from ircish.chat.chat import Chat

SAID = (*TALK, "tagmsg")
"""The kinds of Said."""

MARKERS = 1000
"""Channels and nicks of which it is known how far one user has read; more, and the one longest
unchanged is forgotten."""


def say(chat: Chat, event: Said, time: int) -> Outcome:
    """Words, or tags alone, to a channel, to those of a status in it, or to one person."""
    user = None if event.user == SERVER else chat.who(event.user)
    source = user.source if user else chat.server
    if event.kind not in SAID:  # could be neither saved nor shown
        raise ValueError(f"nothing can be said as {event.kind!r}")
    if event.tags:
        check_line(format_tags(event.tags))
    channels: tuple[Channel, ...] = ()
    users: tuple[User, ...] = ()
    changed = None
    place = event.target.lstrip(SIGNS)
    if place[:1] == "#":
        signs = event.target.removesuffix(place)
        channel = chat.channel(place)
        if user:
            _may_speak(user, channel, event, signs)
        if signs:
            sign = max(signs, key=SIGNS.index)  # the lowest: it has the others
            name, users = sign + channel.name, _of_status(channel, sign, user)
        else:
            name, channels = channel.name, (channel,)
            if not channel.spoken and event.kept:
                changed = channel  # from now on there is something to keep
    else:
        target = chat.user(event.target)
        name, users = target.nick, (target,)
    if "\n" in event.text or event.breaks:
        _check_lines(event.text, chat.bounds)
    else:
        check_fits(event.text, source, name)
    if user:
        user.spoke = time
    if changed:
        changed.spoken = True
    if event.target != name:
        event = replace(event, target=name)
    return Outcome(event, source, channels, users, changed=changed)


def _may_speak(user: User, channel: Channel, event: Said, signs: str) -> None:
    """Raises Refused where a user may not speak in a channel (Modern IRC, ERR_CANNOTSENDTOCHAN)."""
    status, flags = channel.members.get(user), channel.flags
    if status is None and ("n" in flags or signs):
        raise Refused(replies.CANNOT_SEND, channel=channel.name)
    if not status:
        if "m" in flags:
            raise Refused(replies.MODERATED, channel=channel.name)
        if channel.lists and channel.silences(user):
            raise Refused(replies.SILENCED, channel=channel.name)
    # not in the middle either: a long text is cut, and any line of it may be read alone
    if "C" in flags and "\x01" in event.text.removeprefix(ACTION).removesuffix("\x01"):
        raise Refused(replies.NO_CTCP, channel=channel.name)


def _of_status(channel: Channel, sign: str, speaker: User | None) -> tuple[User, ...]:
    """Those of a sign's status and of a higher one, but for who speaks."""
    high = {letter for letter in STATUS if SIGNS.index(STATUS[letter]) <= SIGNS.index(sign)}
    return tuple(
        user
        for user, held in channel.members.items()
        if user is not speaker and not high.isdisjoint(held)
    )


def _check_lines(text: str, bounds: Bounds) -> None:
    """Raises Refused where it is too long, all lines are blank, or one is none."""
    lines = text.split("\n")
    if len(lines) > bounds.lines:
        raise Refused(replies.TOO_MANY_LINES, most=bounds.lines)
    if not any(lines):
        raise Refused(replies.BAD_BATCH, wrong=phrases.ONLY_BLANK)
    for line in lines:
        check_line(line)
    if len(text) * 4 > bounds.size < len(text.encode()):
        raise Refused(replies.TOO_MANY_BYTES, most=bounds.size)


def redact(chat: Chat, event: Redacted, time: int) -> Outcome:
    """Somebody takes back what they said, or an operator what was said in the channel."""
    user = chat.who(event.user)
    channels: tuple[Channel, ...] = ()
    users: tuple[User, ...] = ()
    if event.target[:1] == "#":
        channel = chat.member(user, event.target)
        if not event.own and not chat.is_operator(user, channel):
            raise Refused(replies.MAY_NOT_REDACT, target=channel.name, msgid=event.msgid)
        if channel.mutes(user) and not user.operator:
            event = replace(event, reason="")
        name, channels = channel.name, (channel,)
    else:
        target = chat.user(event.target)
        if not event.own:
            raise Refused(replies.MAY_NOT_REDACT, target=target.nick, msgid=event.msgid)
        name, users = target.nick, (target,)
    reason = cut(event.reason, f":{user.source.prefix} REDACT {name} {event.msgid} :")
    event = replace(event, target=name, reason=reason)
    return Outcome(event, user.source, channels, users)


def wallops(chat: Chat, event: Wallops, time: int) -> Outcome:
    """An operator, or the server, speaks to all who want to hear it."""
    source = chat.server
    if event.user != SERVER:
        user = chat.who(event.user)
        if not user.operator:
            raise Refused(replies.NOT_SERVER_OPERATOR)
        source = user.source
    check_fits(event.text, source, "")
    hearers = tuple(u for u in chat.users.values() if "w" in u.modes and u.id != event.user)
    return Outcome(event, source, users=hearers)


def read(chat: Chat, event: Read, time: int) -> Outcome:
    """Somebody has read so far: never less far than before, and not into the future."""
    user = chat.who(event.user)
    folded = fold(event.target)
    known = folded in chat.channels or folded in chat.nicks  # longer ones may have been allowed
    if not known and len(folded) > max(chat.bounds.channel_length, chat.bounds.nick_length):
        raise Refused(replies.NO_SUCH_NICK, nick=event.target)  # nothing is called so
    until = max(min(event.time, time), user.read.pop(folded, 0))
    user.read[folded] = until
    if len(user.read) > MARKERS:
        del user.read[next(iter(user.read))]
    return Outcome(replace(event, time=until), user.source)

"""The rule of modes: who may set which, of a channel or of oneself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ircish import replies
from ircish.chat.modes import (
    FLAGS,
    KEY_LENGTH,
    LISTS,
    MASK_LENGTH,
    MUTE,
    OPERATORS,
    STATUS,
    USER_MODES,
    Change,
    full_mask,
    toggled,
)
from ircish.chat.names import fold
from ircish.chat.outcome import Outcome
from ircish.chat.state import Channel, Entry, User
from ircish.errors import Refused
from ircish.events import ModeSet
from ircish.wire import one_line

if TYPE_CHECKING:
    from ircish.chat.chat import Chat


def set_modes(chat: Chat, event: ModeSet, time: int) -> Outcome:
    """All of the changes, or, where one may not be made, none."""
    if event.target[:1] != "#":
        return _set_own(chat, event)
    source, channel = chat.acting(event.user, event.target)
    high = chat.is_founder(event.user, channel)
    changes = [_checked(chat, channel, change, high) for change in event.changes]
    _check_lists(channel, changes, chat.bounds.bans)
    entry = Entry("", source.nick, time)
    done = [each for change in changes if (each := _made(chat, channel, change, entry))]
    event = ModeSet(event.user, channel.name, tuple(done))
    if not done:
        return Outcome(event, source)
    channel.spoken = True
    channel.silenced.clear()
    return Outcome(event, source, (channel,), changed=channel)


def _check_lists(channel: Channel, changes: Sequence[Change], most: int) -> None:
    """Raises Refused where the changes would let the lists grow beyond ``most`` entries."""
    listed = {(letter, mask) for letter, entries in channel.lists.items() for mask in entries}
    before = len(listed)
    for sign, letter, param in changes:
        if letter in LISTS:
            (listed.add if sign == "+" else listed.discard)((letter, fold(param)))
    if len(listed) > max(most, before):
        raise Refused(replies.LIST_FULL, channel=channel.name, most=most)


def _checked(chat: Chat, channel: Channel, change: Change, high: bool) -> Change:
    """The change with its parameter as it is kept. Raises Refused."""
    sign, letter, param = change

    def bad(reply: replies.Reply) -> Refused:
        return Refused(reply, channel=channel.name, letter=letter, param=param)

    if letter in STATUS:
        member = chat.user(param)
        if member not in channel.members:
            raise Refused(replies.THEY_ARE_NOT_IN, nick=member.nick, channel=channel.name)
        takes = sign == "-" and letter in OPERATORS and "q" in channel.members[member]
        if not high and (takes or (sign, letter) == ("+", "q")):
            raise Refused(replies.NOT_FOUNDER, channel=channel.name)
    elif letter in LISTS:
        mutes = fold(param).startswith(MUTE)
        empty = len(param) == len(MUTE) or letter == "I"
        if not _is_word(param, MASK_LENGTH) or (mutes and empty):
            raise bad(replies.INVALID_MASK)
        return sign, letter, full_mask(param)
    elif letter == "k":
        if sign == "+" and not (_is_word(param, KEY_LENGTH) and "," not in param):
            raise bad(replies.INVALID_KEY)
    elif letter == "l":
        number = param.isascii() and param.isdigit() and len(param) < 10 and int(param)
        if sign == "+" and not number:
            raise bad(replies.INVALID_LIMIT)
        return sign, letter, str(number or "")
    elif letter not in FLAGS:
        raise bad(replies.UNKNOWN_MODE)
    return change


def _is_word(param: str, longest: int) -> bool:
    """Whether it can stand alone in a line."""
    alone = " " not in param and param[:1] != ":" and one_line(param) and param.isprintable()
    return 0 < len(param.encode()) <= longest and alone


def _made(chat: Chat, channel: Channel, change: Change, entry: Entry) -> Change | None:
    """Make the change; how others read it, None where it was so already."""
    sign, letter, param = change
    on = sign == "+"
    if letter in STATUS:
        member = chat.user(param)
        held = channel.members[member]
        if (letter in held) == on:
            return None
        letters = set(held) ^ {letter}
        channel.members[member] = "".join(each for each in STATUS if each in letters)
        return sign, letter, member.nick
    if letter in LISTS:
        entries = channel.lists.setdefault(letter, {})
        was = fold(param) in entries
        if on and not was:
            entries[fold(param)] = entry._replace(mask=param)
        elif was and not on:
            param = entries.pop(fold(param)).mask
        if not entries:
            del channel.lists[letter]
        return (sign, letter, param) if was != on else None
    if letter == "k":
        before, channel.key = channel.key, param if on else ""
        return (sign, letter, param if on else "*") if before != channel.key else None
    if letter == "l":
        limit, channel.limit = channel.limit, int(param) if on else 0
        return (sign, letter, param if on else "") if limit != channel.limit else None
    if (letter in channel.flags) == on:
        return None
    channel.flags = toggled(channel.flags, letter)
    return sign, letter, ""


def _set_own(chat: Chat, event: ModeSet) -> Outcome:
    user = chat.who(event.user)
    if event.target and chat.user(event.target) is not user:
        raise Refused(replies.NOT_YOUR_MODES)
    for _, letter, _ in event.changes:
        if letter not in USER_MODES:
            raise Refused(replies.UNKNOWN_USER_MODE, letter=letter)
    done = []
    for sign, letter, _ in event.changes:
        if (letter in user.modes) == (sign == "+") or not _may_be(user, sign, letter):
            continue
        done.append((sign, letter, ""))
        _set_user_mode(chat, user, letter)
        if letter == "o":
            user.operator = ""
            if "s" in user.modes:
                done.append(("-", "s", ""))
                _set_user_mode(chat, user, "s")
    return Outcome(ModeSet(user.id, user.nick, tuple(done)), user.source)


def _may_be(user: User, sign: str, letter: str) -> bool:
    """Nobody becomes an operator by saying so; anybody may cease to be one."""
    return sign == "-" or letter in "Biw" or (letter == "s" and bool(user.operator))


def _set_user_mode(chat: Chat, user: User, letter: str) -> None:
    user.modes = toggled(user.modes, letter)
    if letter == "B":
        user.source = user.source._replace(bot="B" in user.modes)
    elif letter == "s":
        chat.noticed ^= {user}

"""The rules: what is allowed now, what it changes, and who hears of it.

``Chat.apply`` is a function of the state and the event alone, so that the same events in the
same order make the same chat anywhere. Callers hold the hub's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any

from ircish import replies
from ircish.chat.names import fold, valid_channel, valid_nick
from ircish.chat.state import Bounds, Channel, User
from ircish.errors import Gone, Refused
from ircish.events import (
    SERVER,
    TALK,
    AwaySet,
    Event,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Opered,
    Parted,
    Quit,
    Registered,
    Renamed,
    Said,
    Source,
    TopicSet,
)
from ircish.rows import ChannelRecord
from ircish.wire import MAX_LINE, format_tags, one_line

STATUS_MODES = {"o": "@"}
"""The modes that a member can hold, and the sign before their nick, the highest first."""

CHANNEL_FLAGS = "nt"
"""The modes of a channel that have no parameter: n, members only; t, operators set the topic."""

USER_MODES = "io"
"""What a user can be: i, invisible to strangers; o, a server operator."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event did: the event as it took effect, and who hears of it."""

    event: Event
    source: Source
    channels: tuple[Channel, ...] = ()
    """whose members all hear of it"""
    users: tuple[User, ...] = ()
    """who hears of it alone"""
    changed: Channel | None = None
    """whose record has to be kept anew"""
    left: tuple[User, tuple[Channel, ...]] | None = None
    """who is no longer a member, and of what; they still hear this event, unless they quit"""


class Chat:
    """All users and channels. ``server`` is the source of what the server itself says."""

    def __init__(self, server: Source, bounds: Bounds, records: Iterable[ChannelRecord] = ()):
        self.server = server
        self.bounds = bounds
        self.users: dict[int, User] = {}
        self.nicks: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        for record in records:
            self.channels[record.folded] = Channel.restored(record)
        self._rules: dict[type[Event], Callable[[Any, int], Outcome]] = {
            Registered: self._registered,
            Quit: self._quit,
            Renamed: self._renamed,
            Joined: self._joined,
            Parted: self._parted,
            Kicked: self._kicked,
            Said: self._said,
            TopicSet: self._topic_set,
            ModeSet: self._mode_set,
            Invited: self._invited,
            AwaySet: self._away_set,
            Opered: self._opered,
        }

    def apply(self, event: Event, time: int) -> Outcome:
        """Let the event happen at ``time`` (ms since the epoch).

        Raises Refused, with nothing changed, when it is not allowed; Gone when its user has left.
        """
        return self._rules[type(event)](event, time)

    # Looking up ------------------------------------------------------------------------------

    def user(self, nick: str) -> User:
        """Who is called ``nick``. Raises Refused."""
        user = self.nicks.get(fold(nick))
        if user is None:
            raise Refused(replies.NO_SUCH_NICK, nick=nick)
        return user

    def channel(self, name: str) -> Channel:
        """The channel called ``name``. Raises Refused."""
        channel = self.channels.get(fold(name))
        if channel is None:
            raise Refused(replies.NO_SUCH_CHANNEL, channel=name)
        return channel

    def free_nick(self, nick: str) -> str:
        """A nick like ``nick`` that nobody has: ``ann_``, ``ann2`` and so on."""
        longest = self.bounds.nick_length
        ends = chain(["_"], map(str, count(2)))  # made one by one: the hub's lock is held
        candidates = (nick[: longest - len(end)] + end for end in ends)
        return next(nick for nick in candidates if fold(nick) not in self.nicks)

    def _who(self, user: int) -> User:
        try:
            return self.users[user]
        except KeyError:
            raise Gone from None

    def _member(self, user: User, name: str) -> Channel:
        channel = self.channel(name)
        if user not in channel.members:
            raise Refused(replies.NOT_IN_CHANNEL, channel=channel.name)
        return channel

    def _operator(self, user: User, channel: Channel) -> None:
        if "o" not in channel.members.get(user, "") and not user.operator:
            raise Refused(replies.NOT_CHANNEL_OPERATOR, channel=channel.name)

    def _check_nick(self, nick: str, owner: User | None) -> None:
        if not valid_nick(nick, self.bounds.nick_length):
            raise Refused(replies.BAD_NICK, nick=nick, longest=self.bounds.nick_length)
        if self.nicks.get(fold(nick), owner) is not owner:
            raise Refused(replies.NICK_IN_USE, nick=nick, free=self.free_nick(nick))

    def check_nick(self, nick: str) -> None:
        """Raises Refused when a newcomer could not be called ``nick`` now."""
        self._check_nick(nick, None)

    # The rules -------------------------------------------------------------------------------

    def _registered(self, event: Registered, time: int) -> Outcome:
        self._check_nick(event.nick, None)
        source = Source(event.nick, event.username, event.host)
        user = User(event.user, source, event.realname, signon=time, spoke=time)
        self.users[event.user] = self.nicks[fold(event.nick)] = user
        return Outcome(event, source)

    def _quit(self, event: Quit, time: int) -> Outcome:
        user = self._who(event.user)
        event = replace(event, reason=_cut(event.reason, f":{user.source.prefix} QUIT :"))
        channels = tuple(user.channels.values())
        del self.users[user.id], self.nicks[fold(user.nick)]
        for channel in channels:
            self._remove(user, channel)
        return Outcome(event, user.source, channels, left=(user, channels))

    def _renamed(self, event: Renamed, time: int) -> Outcome:
        user = self._who(event.user)
        self._check_nick(event.nick, user)
        before = user.source
        del self.nicks[fold(before.nick)]
        user.source = before._replace(nick=event.nick)
        self.nicks[fold(event.nick)] = user
        return Outcome(event, before, tuple(user.channels.values()))

    def _joined(self, event: Joined, time: int) -> Outcome:
        user = self._who(event.user)
        folded = fold(event.channel)
        channel = self.channels.get(folded)
        if channel is None and not valid_channel(event.channel, self.bounds.channel_length):
            rest = self.bounds.channel_length - 1
            raise Refused(replies.BAD_CHANNEL, channel=event.channel, rest=rest)
        if channel is not None and user in channel.members:
            return Outcome(event, user.source)
        most = self.bounds.channels_per_user
        if len(user.channels) >= most:
            raise Refused(replies.TOO_MANY_CHANNELS, channel=event.channel, most=most)
        if channel is None:
            channel = self.channels[folded] = Channel(event.channel, created=time)
            if folded == fold(self.bounds.default_channel):
                channel.flags = "n"
        founds = not channel.members and folded != fold(self.bounds.default_channel)
        channel.members[user] = "o" if founds else ""
        user.channels[folded] = channel
        if event.channel != channel.name:
            event = replace(event, channel=channel.name)
        return Outcome(event, user.source, (channel,))

    def _parted(self, event: Parted, time: int) -> Outcome:
        user = self._who(event.user)
        channel = self._member(user, event.channel)
        reason = _cut(event.reason, f":{user.source.prefix} PART {channel.name} :")
        self._remove(user, channel)
        event = replace(event, channel=channel.name, reason=reason)
        return Outcome(event, user.source, (channel,), left=(user, (channel,)))

    def _kicked(self, event: Kicked, time: int) -> Outcome:
        source, channel = self._acting(event.user, event.channel)
        target = self.user(event.nick)
        if target not in channel.members:
            raise Refused(replies.THEY_ARE_NOT_IN, nick=target.nick, channel=channel.name)
        reason = _cut(event.reason, f":{source.prefix} KICK {channel.name} {target.nick} :")
        self._remove(target, channel)
        event = replace(event, channel=channel.name, nick=target.nick, reason=reason)
        return Outcome(event, source, (channel,), left=(target, (channel,)))

    def _said(self, event: Said, time: int) -> Outcome:
        user = None if event.user == SERVER else self._who(event.user)
        source = user.source if user else self.server
        if event.kind not in (*TALK, "tagmsg"):  # could be neither saved nor shown
            raise ValueError(f"nothing can be said as {event.kind!r}")
        if event.tags:
            _one_line(format_tags(event.tags))
        channels: tuple[Channel, ...] = ()
        users: tuple[User, ...] = ()
        if event.target[:1] == "#":
            channel = self.channel(event.target)
            if user and "n" in channel.flags and user not in channel.members:
                raise Refused(replies.CANNOT_SEND, channel=channel.name)
            name, channels = channel.name, (channel,)
        else:
            target = self.user(event.target)
            name, users = target.nick, (target,)
        self._fits(event.text, source, name)
        if user:
            user.spoke = time
        changed = None
        if channels and not channel.spoken:
            channel.spoken, changed = True, channel  # from now on there is something to keep
        if event.target != name:
            event = replace(event, target=name)
        return Outcome(event, source, channels, users, changed)

    def _topic_set(self, event: TopicSet, time: int) -> Outcome:
        source, channel = self._acting(event.user, event.channel, freely="t")
        self._fits(event.text, source, channel.name)
        if len(event.text) > self.bounds.topic_length:
            over = len(event.text) - self.bounds.topic_length
            raise Refused(replies.RELAY_TOO_LONG, over=over, fits=self.bounds.topic_length)
        channel.topic, channel.topic_time = event.text, time
        channel.topic_by = source.nick if event.text else ""
        channel.spoken = True
        return Outcome(replace(event, channel=channel.name), source, (channel,), changed=channel)

    def _mode_set(self, event: ModeSet, time: int) -> Outcome:
        if event.target[:1] != "#":
            return self._user_mode_set(event)
        source, channel = self._acting(event.user, event.target)
        for _, letter, param in event.changes:  # all or nothing: first look, then touch
            if letter in STATUS_MODES:
                if self.user(param) not in channel.members:
                    raise Refused(replies.THEY_ARE_NOT_IN, nick=param, channel=channel.name)
            elif letter not in CHANNEL_FLAGS:
                raise Refused(replies.UNKNOWN_MODE, letter=letter)
        done = []
        for sign, letter, param in event.changes:
            if letter in STATUS_MODES:
                member = self.user(param)
                held = channel.members[member]
                if (letter in held) != (sign == "+"):
                    channel.members[member] = _toggled(held, letter)
                    done.append((sign, letter, member.nick))
            elif (letter in channel.flags) != (sign == "+"):
                channel.flags = _toggled(channel.flags, letter)
                done.append((sign, letter, ""))
        event = ModeSet(event.user, channel.name, tuple(done))
        if not done:
            return Outcome(event, source)
        channel.spoken = True
        return Outcome(event, source, (channel,), changed=channel)

    def _user_mode_set(self, event: ModeSet) -> Outcome:
        user = self._who(event.user)
        for _, letter, _ in event.changes:
            if letter not in USER_MODES:
                raise Refused(replies.UNKNOWN_USER_MODE, letter=letter)
        done = []
        for sign, letter, _ in event.changes:
            # nobody becomes an operator by saying so; anybody may cease to be one
            if (letter in user.modes) != (sign == "+") and (letter, sign) != ("o", "+"):
                user.modes = _toggled(user.modes, letter)
                done.append((sign, letter, ""))
                if letter == "o":
                    user.operator = ""
        return Outcome(ModeSet(user.id, user.nick, tuple(done)), user.source)

    def _invited(self, event: Invited, time: int) -> Outcome:
        source, channel = self._acting(event.user, event.channel, freely="i")
        target = self.user(event.nick)
        if target in channel.members:
            raise Refused(replies.ALREADY_IN, nick=target.nick, channel=channel.name)
        event = replace(event, channel=channel.name, nick=target.nick)
        return Outcome(event, source, users=(target,))

    def _away_set(self, event: AwaySet, time: int) -> Outcome:
        user = self._who(event.user)
        _one_line(event.text)
        user.away = event.text
        return Outcome(event, user.source)

    def _opered(self, event: Opered, time: int) -> Outcome:
        user = self._who(event.user)
        user.operator = event.name
        if "o" not in user.modes:
            user.modes = _toggled(user.modes, "o")
        return Outcome(event, user.source)

    # What the rules share ----------------------------------------------------------------------

    def _acting(self, actor: int, name: str, freely: str = "") -> tuple[Source, Channel]:
        """Who acts on a channel: the server, an operator, or any member where the channel
        lacks the flag ``freely``."""
        if actor == SERVER:
            return self.server, self.channel(name)
        user = self._who(actor)
        if user.operator:
            return user.source, self.channel(name)
        channel = self._member(user, name)
        if not freely or freely in channel.flags:
            self._operator(user, channel)
        return user.source, channel

    def _remove(self, user: User, channel: Channel) -> None:
        del channel.members[user], user.channels[channel.folded]
        if not channel.members and not channel.spoken:
            del self.channels[channel.folded]

    def _fits(self, text: str, source: Source, target: str) -> None:
        """Raises Refused when IRC readers could not be sent ``text`` as one line."""
        _one_line(text)
        characters = len(text) + len(target) + len(source.nick) + len(source.user)
        if characters * 4 + len(source.host) < MAX_LINE - 20:  # in UTF-8 at the most
            return
        fits = MAX_LINE - len(f":{source.prefix} PRIVMSG {target} :\r\n".encode())
        if (over := len(text.encode()) - fits) > 0:
            raise Refused(replies.RELAY_TOO_LONG, over=over, fits=fits)


def _one_line(text: str) -> None:
    """Raises Refused for what would be two lines, ValueError for half a surrogate pair, which
    only a plugin can have made."""
    if not one_line(text):
        raise Refused(replies.CONTROL_INSIDE)
    if not text.isascii():
        text.encode()


def _cut(reason: str, head: str) -> str:
    """As much of a reason as IRC readers can be sent behind ``head`` in one line."""
    _one_line(reason)
    fits = MAX_LINE - len(f"{head}\r\n".encode())
    return reason.encode()[:fits].decode(errors="ignore") if len(reason) * 4 > fits else reason


def _toggled(letters: str, letter: str) -> str:
    """``letters`` with ``letter`` put in or taken out, in alphabetical order."""
    return "".join(sorted(set(letters) ^ {letter}))

"""Chat: all users and channels, how they are found, and which rule an event has.

``Chat.apply`` is a function of the state and the event alone, so that the same events in the
same order make the same chat anywhere. Callers hold the hub's lock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count
from typing import Any

from ircish import replies
from ircish.chat import channels, people, setting, talk
from ircish.chat.modes import is_operator
from ircish.chat.names import fold, valid_nick
from ircish.chat.outcome import Outcome, Told
from ircish.chat.state import Bounds, Channel, Past, User
from ircish.errors import Gone, Refused
from ircish.events import (
    SERVER,
    AccountSet,
    AwaySet,
    Event,
    HostSet,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Monitored,
    NameSet,
    Opered,
    Parted,
    Quit,
    Read,
    Redacted,
    Registered,
    Renamed,
    Said,
    Source,
    TopicSet,
    Wallops,
)
from ircish.rows import ChannelRecord

RULES: Mapping[type[Event], Callable[[Chat, Any, int], Outcome]] = {
    Registered: people.register,
    Quit: people.leave,
    Renamed: people.rename,
    AwaySet: people.set_away,
    NameSet: people.set_name,
    HostSet: people.set_host,
    AccountSet: people.set_account,
    Opered: people.make_operator,
    Monitored: people.monitor,
    Joined: channels.join,
    Parted: channels.part,
    Kicked: channels.kick,
    TopicSet: channels.set_topic,
    Invited: channels.invite,
    ModeSet: setting.set_modes,
    Said: talk.say,
    Redacted: talk.redact,
    Wallops: talk.wallops,
    Read: talk.read,
}
"""What each kind of event does; the time is in ms since the epoch."""


class Chat:
    """All users and channels. ``server`` is the source of what the server itself says."""

    def __init__(self, server: Source, bounds: Bounds, records: Iterable[ChannelRecord] = ()):
        self.server = server
        self.bounds = bounds
        self.users: dict[int, User] = {}
        self.nicks: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.watchers: dict[str, dict[User, None]] = {}
        """by casefolded nick, who is told when somebody comes or goes who is called so"""
        self.noticed: set[User] = set()
        """the operators who are told what the server does"""
        self.gone: deque[Past] = deque()
        """nicks that somebody had, the latest last"""
        self.most_users = 0
        """that were here at the same time"""
        for record in records:
            self.channels[record.folded] = Channel.restored(record)

    def apply(self, event: Event, time: int) -> Outcome:
        """Let the event happen at ``time`` (ms since the epoch).

        Raises Refused, with nothing changed, when it is not allowed; Gone when its user has left.
        """
        return RULES[type(event)](self, event, time)

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

    def past(self, nick: str) -> list[Past]:
        """Who was called ``nick``, the latest first (WHOWAS)."""
        folded = fold(nick)
        return [past for past in reversed(self.gone) if fold(past.source.nick) == folded]

    def check_nick(self, nick: str, owner: User | None = None) -> None:
        """Raises Refused where ``owner``, or a newcomer, cannot be called ``nick`` now."""
        if not valid_nick(nick, self.bounds.nick_length):
            raise Refused(replies.BAD_NICK, nick=nick, longest=self.bounds.nick_length)
        if self.nicks.get(fold(nick), owner) is not owner:
            raise Refused(replies.NICK_IN_USE, nick=nick, free=self.free_nick(nick))

    # What the rules share --------------------------------------------------------------------

    def who(self, user: int) -> User:
        """The user with that number. Raises Gone."""
        try:
            return self.users[user]
        except KeyError:
            raise Gone from None

    def member(self, user: User, name: str) -> Channel:
        """A channel that a user is in. Raises Refused."""
        channel = self.channel(name)
        if user not in channel.members:
            raise Refused(replies.NOT_IN_CHANNEL, channel=channel.name)
        return channel

    def acting(self, actor: int, name: str, freely: str = "") -> tuple[Source, Channel]:
        """Who acts on a channel: the server, an operator, or any member where the channel
        lacks the flag ``freely``. Raises Refused."""
        if actor == SERVER:
            return self.server, self.channel(name)
        user = self.who(actor)
        channel = self.channel(name) if user.operator else self.member(user, name)
        free = freely and freely not in channel.flags
        if not free and not self.is_operator(user, channel):
            raise Refused(replies.NOT_CHANNEL_OPERATOR, channel=channel.name)
        return user.source, channel

    def is_operator(self, user: User, channel: Channel) -> bool:
        """Whether a user is an operator of a channel, or of the server."""
        return bool(user.operator) or is_operator(channel.members.get(user, ""))

    def is_founder(self, actor: int, channel: Channel) -> bool:
        """Whether somebody may act on founders: one themselves, the server, its operators."""
        if actor == SERVER:
            return True
        user = self.who(actor)
        return bool(user.operator) or "q" in channel.members.get(user, "")

    def remove(self, user: User, channel: Channel) -> None:
        """Take a member out; a channel that is empty then, and has nothing to keep, is gone."""
        del channel.members[user], user.channels[channel.folded]
        channel.silenced.pop(user, None)
        if not channel.members and not channel.spoken:
            del self.channels[channel.folded]

    def notice(self, reply: replies.Reply, **fields: object) -> tuple[Told, ...]:
        """A notice for the operators who want to be told what the server does."""
        return tuple(Told(user, reply, fields) for user in self.noticed)

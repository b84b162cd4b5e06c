"""What handlers read of the chat: copies taken under the hub's lock, never the state itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ircish import replies
from ircish.chat.names import fold
from ircish.chat.state import Channel, Entry, Past, User
from ircish.errors import Gone, Refused
from ircish.events import Source
from ircish.server.hub import Hub

AT_ONCE = 200
"""Channels of which a list is made before others have their turn: there may be thousands."""


class Person(NamedTuple):
    """A user as they were when asked for."""

    id: int
    nick: str
    username: str
    host: str
    realname: str
    away: str
    operator: str
    modes: str
    signon: int
    """ms since the epoch"""
    spoke: int
    """ms since the epoch"""
    account: str | None
    channels: tuple[tuple[str, str], ...]
    """each channel's name and the status held there (``o``)"""

    @property
    def prefix(self) -> str:
        return f"{self.nick}!{self.username}@{self.host}"


class Seen(NamedTuple):
    """Somebody as a list of who is here shows them; there may be thousands."""

    id: int
    source: Source
    realname: str
    away: str
    operator: str
    spoke: int
    """ms since the epoch"""
    channel: str = "*"
    """the one that was asked for"""
    status: str = ""
    """held there"""


class Place(NamedTuple):
    """A channel as it was when asked for."""

    name: str
    size: int
    """members"""
    topic: str
    topic_by: str
    topic_time: int
    """ms since the epoch"""
    created: int
    """ms since the epoch"""
    flags: str
    """the modes without a parameter"""


class Counts(NamedTuple):
    """How many of each there are."""

    users: int
    invisible: int
    operators: int
    channels: int
    most: int
    """users that were here at the same time in this run"""


class Snapshots:
    """Reads under the lock, briefly."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._chat = hub.chat

    def person(self, nick: str) -> Person:
        """Who is called ``nick``. Raises Refused."""
        with self._hub.lock:
            return _person(self._chat.user(nick))

    def caller(self, user: int) -> Person:
        """The user with that number, whatever they are called now. Raises Gone."""
        with self._hub.lock:
            if user not in self._chat.users:
                raise Gone
            return _person(self._chat.users[user])

    def away(self, nick: str) -> tuple[str, str]:
        """The nick as it is displayed, and why they are away, "" where they are not. Raises
        Refused."""
        with self._hub.lock:
            user = self._chat.user(nick)
            return user.source.nick, user.away

    def is_here(self, nick: str) -> bool:
        """Whether somebody is called ``nick``."""
        with self._hub.lock:
            return fold(nick) in self._chat.nicks

    def check_nick(self, nick: str) -> None:
        """Raises Refused when a newcomer could not be called ``nick`` now."""
        with self._hub.lock:
            self._chat.check_nick(nick)

    def people(self) -> list[Person]:
        """Everyone."""
        with self._hub.lock:
            return [_person(user) for user in self._chat.users.values()]

    def members(self, channel: str) -> list[Person]:
        """Who is in a channel. Raises Refused."""
        with self._hub.lock:
            return [_person(user) for user in self._chat.channel(channel).members]

    def names(self, channel: str, by: int) -> list[tuple[Source, str]]:
        """Who is in a channel as far as a user may know, each with the status they hold, in the
        order of coming. Raises Refused where they may not know of the channel."""
        with self._hub.lock:
            _, members = self._company(channel, by)
            return [(user.source, held) for user, held in members]

    def seen(self, by: int, channel: str = "") -> list[Seen]:
        """Everyone of whom a user may know, not of the invisible with whom they share no channel;
        or those in a channel, as ``names``. Server operators may know of all. Raises Refused."""
        with self._hub.lock:
            if channel:
                where, members = self._company(channel, by)
                return [_seen(user, where.name, status) for user, status in members]
            me = self._chat.who(by)
            return [
                _seen(user)
                for user in self._chat.users.values()
                if "i" not in user.modes or _knows(me, user)
            ]

    def named(self, nick: str) -> Seen | None:
        """Who is called ``nick``, for who knows that."""
        with self._hub.lock:
            user = self._chat.nicks.get(fold(nick))
            return _seen(user) if user else None

    def shown(self, by: int, nick: str) -> list[tuple[str, str]]:
        """The channels that somebody is in, each with the status held there, as far as a user may
        know: not what is secret, nor any of somebody invisible, but for those that they share."""
        with self._hub.lock:
            me, them = self._chat.who(by), self._chat.user(nick)
            return [
                (channel.name, channel.members[them])
                for channel in them.channels.values()
                if me in channel.members
                or me is them
                or me.operator
                or not ("s" in channel.flags or "i" in them.modes)
            ]

    def entries(self, channel: str, letter: str) -> list[Entry]:
        """What is in a channel's list of bans (b), of exceptions (e) or of invited (I). Raises
        Refused."""
        with self._hub.lock:
            return list(self._chat.channel(channel).lists.get(letter, {}).values())

    def past(self, nick: str) -> list[Past]:
        """Who was called ``nick``, the latest first."""
        with self._hub.lock:
            return self._chat.past(nick)

    def monitored(self, user: int) -> list[tuple[str, str]]:
        """The nicks that a user monitors, each with the prefix of who is called so now, or ""."""
        with self._hub.lock:
            who, nicks = self._chat.users.get(user), self._chat.nicks
            return [
                (nick, nicks[folded].source.prefix if folded in nicks else "")
                for folded, nick in (who.monitored.items() if who else ())
            ]

    def invitations(self, user: int) -> list[str]:
        """The channels into which a user may go because they were invited."""
        with self._hub.lock:
            who = self._chat.users.get(user)
            here = self._chat.channels
            invited = who.invited if who else ()
            return [each.name for each in invited if here.get(each.folded) is each]

    def read_until(self, user: int, target: str) -> int:
        """How far a user has read a channel or private talk: ms since the epoch, 0 unknown."""
        with self._hub.lock:
            who = self._chat.users.get(user)
            return who.read.get(fold(target), 0) if who else 0

    def place(self, channel: str) -> Place:
        """A channel. Raises Refused."""
        with self._hub.lock:
            return _place(self._chat.channel(channel))

    def modes(self, channel: str) -> str:
        """A channel's modes as members see them, the key too: ``+klnt secret 20``. Raises
        Refused."""
        with self._hub.lock:
            return self._chat.channel(channel).modes

    def places(self, by: int) -> list[Place]:
        """All channels that somebody is in and of which a user may know, by name: of many, not all
        at the same moment."""
        with self._hub.lock:
            me, channels = self._chat.who(by), list(self._chat.channels.values())
        places = []
        for start in range(0, len(channels), AT_ONCE):
            with self._hub.lock:
                part = channels[start : start + AT_ONCE]
                places += [_place(each) for each in part if each.members and _shows(each, me)]
        return sorted(places, key=lambda place: fold(place.name))

    def status(self, user: int, channel: str) -> str | None:
        """The status of a user in a channel, None where they are not in it."""
        with self._hub.lock:
            who = self._chat.users.get(user)
            where = who.channels.get(fold(channel)) if who else None
            return where.members[who] if where and who else None

    def joined(self, user: int, channel: str) -> str | None:
        """A channel as it is displayed, None where the user is not in it."""
        with self._hub.lock:
            who = self._chat.users.get(user)
            where = who.channels.get(fold(channel)) if who else None
            return where.name if where else None

    def channels_of(self, user: int) -> list[str]:
        """The channels a user is in, in the order of joining."""
        with self._hub.lock:
            who = self._chat.users.get(user)
            return [channel.name for channel in who.channels.values()] if who else []

    def counts(self) -> Counts:
        """How many there are."""
        with self._hub.lock:
            users = self._chat.users.values()
            return Counts(
                users=len(users),
                invisible=sum(1 for user in users if "i" in user.modes),
                operators=sum(1 for user in users if user.operator),
                channels=sum(1 for channel in self._chat.channels.values() if channel.members),
                most=self._chat.most_users,
            )

    def _company(self, channel: str, by: int) -> tuple[Channel, Iterable[tuple[User, str]]]:
        """A channel, and who is in it, each with the status held there: for who is not in it,
        without the invisible. Server operators may know of all. Raises Refused."""
        me, where = self._chat.who(by), self._chat.channel(channel)
        if not _shows(where, me):
            raise Refused(replies.NO_SUCH_CHANNEL, channel=channel)
        if me in where.members or me.operator:
            return where, where.members.items()
        return where, [each for each in where.members.items() if "i" not in each[0].modes]


def _person(user: User) -> Person:
    source = user.source
    return Person(
        user.id,
        source.nick,
        source.user,
        source.host,
        user.realname,
        user.away,
        user.operator,
        user.modes,
        user.signon,
        user.spoke,
        source.account,
        tuple((channel.name, channel.members[user]) for channel in user.channels.values()),
    )


def _seen(user: User, channel: str = "*", status: str = "") -> Seen:
    away, operator = user.away, user.operator
    return Seen(user.id, user.source, user.realname, away, operator, user.spoke, channel, status)


def _knows(me: User, them: User) -> bool:
    """Whether a user may know of somebody invisible."""
    shares = not me.channels.keys().isdisjoint(them.channels)
    return shares or me is them or bool(me.operator)


def _shows(channel: Channel, me: User) -> bool:
    """Whether a user may know of a channel."""
    return "s" not in channel.flags or me in channel.members or bool(me.operator)


def _place(channel: Channel) -> Place:
    return Place(
        channel.name,
        len(channel.members),
        channel.topic,
        channel.topic_by,
        channel.topic_time,
        channel.created,
        channel.flags,
    )

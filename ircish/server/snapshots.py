"""What handlers read of the chat: copies taken under the hub's lock, never the state itself."""

from __future__ import annotations

from typing import NamedTuple

from ircish.chat import Channel, User, fold
from ircish.chat.rules import STATUS_MODES
from ircish.errors import Gone
from ircish.server.hub import Hub


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
    channels: tuple[tuple[str, str], ...]
    """each channel's name and the status held there (``o``)"""

    @property
    def prefix(self) -> str:
        return f"{self.nick}!{self.username}@{self.host}"


class Place(NamedTuple):
    """A channel as it was when asked for."""

    name: str
    size: int
    """members"""
    topic: str
    topic_by: str
    topic_time: int
    """ms since the epoch"""
    modes: str
    created: int
    """ms since the epoch"""


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

    def names(self, channel: str) -> list[str]:
        """The nicks in a channel, each with the sign of its status. Raises Refused."""
        with self._hub.lock:
            members = self._chat.channel(channel).members
            return [
                STATUS_MODES.get(status[:1], "") + u.source.nick for u, status in members.items()
            ]

    def place(self, channel: str) -> Place:
        """A channel. Raises Refused."""
        with self._hub.lock:
            return _place(self._chat.channel(channel))

    def places(self) -> list[Place]:
        """All channels that somebody is in, by name."""
        with self._hub.lock:
            places = [_place(c) for c in self._chat.channels.values() if c.members]
        return sorted(places, key=lambda place: fold(place.name))

    def status(self, user: int, channel: str) -> str | None:
        """The status of a user in a channel, None where they are not in it."""
        with self._hub.lock:
            who = self._chat.users.get(user)
            where = who.channels.get(fold(channel)) if who else None
            return where.members[who] if where and who else None

    def channels_of(self, user: int) -> list[str]:
        """The channels a user is in, in the order of joining."""
        with self._hub.lock:
            who = self._chat.users.get(user)
            return [channel.name for channel in who.channels.values()] if who else []

    def counts(self) -> tuple[int, int, int]:
        """Users, operators, channels."""
        with self._hub.lock:
            operators = sum(1 for user in self._chat.users.values() if user.operator)
            channels = sum(1 for channel in self._chat.channels.values() if channel.members)
            return len(self._chat.users), operators, channels


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
        tuple((channel.name, channel.members[user]) for channel in user.channels.values()),
    )


def _place(channel: Channel) -> Place:
    return Place(
        channel.name,
        len(channel.members),
        channel.topic,
        channel.topic_by,
        channel.topic_time,
        channel.modes,
        channel.created,
    )

"""Who is here and where: users, channels, and what a channel remembers of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ircish.chat.masks import matches
from ircish.chat.modes import MUTE
from ircish.chat.names import fold
from ircish.events import Source
from ircish.rows import ChannelRecord


@dataclass(frozen=True, slots=True)
class Bounds:
    """The sizes that the rules enforce; lengths are in characters."""

    nick_length: int = 30
    channel_length: int = 50
    channels_per_user: int = 50
    topic_length: int = 390
    lines: int = 24
    """of one message"""
    size: int = 4096
    """bytes of a message of several lines"""
    default_channel: str = "#lobby"
    bans: int = 100
    """entries in all lists (b, e, I) of one channel"""
    monitored: int = 100
    """nicks that one user may monitor"""
    whowas: int = 1000
    """nicks remembered after they are gone"""


class Entry(NamedTuple):
    """One mask in a list of a channel's."""

    mask: str
    by: str
    """the nick of who put it there"""
    time: int
    """ms since the epoch"""


class Past(NamedTuple):
    """Somebody who was called so."""

    source: Source
    realname: str
    time: int
    """when they ceased to be, ms since the epoch"""


@dataclass(slots=True, eq=False)
class User:
    """One registered connection. Only ``Chat.apply`` changes it."""

    id: int
    source: Source
    realname: str
    signon: int
    """ms since the epoch"""
    spoke: int = 0
    """when last something was said, ms since the epoch"""
    away: str = ""
    operator: str = ""
    """the name of the [operators] entry, "" for everyone else"""
    modes: str = ""
    channels: dict[str, Channel] = field(default_factory=dict)
    """by casefolded name"""
    invited: dict[Channel, None] = field(default_factory=dict)
    """where they may go in, whatever keeps others out; the last invitation last"""
    monitored: dict[str, str] = field(default_factory=dict)
    """nicks of whose coming and going they are told, by casefolded nick"""
    read: dict[str, int] = field(default_factory=dict)
    """how far they have read, by casefolded channel or nick, in ms since the epoch"""

    @property
    def nick(self) -> str:
        return self.source.nick


@dataclass(slots=True, eq=False)
class Channel:
    """One channel. Only ``Chat.apply`` changes it."""

    name: str
    created: int
    flags: str = "nt"
    """the modes without a parameter, in alphabetical order"""
    key: str = ""
    limit: int = 0
    lists: dict[str, dict[str, Entry]] = field(default_factory=dict)
    """of each list mode that has any, the entries by casefolded mask"""
    topic: str = ""
    topic_by: str = ""
    topic_time: int = 0
    spoken: bool = False
    """whether it has something worth keeping when its last member leaves"""
    members: dict[User, str] = field(default_factory=dict)
    """each member's status: the letters of the modes they hold, the highest first"""
    folded: str = ""
    silenced: dict[User, bool] = field(default_factory=dict)
    """whom a ban keeps from speaking, as far as it has been asked for since the last change"""

    def __post_init__(self) -> None:
        self.folded = fold(self.name)

    @property
    def modes(self) -> str:
        """The modes as a query shows them to a member: ``+klnt secret 20``."""
        letters, params = list(self.flags), []
        if self.key:
            letters.append("k")
            params.append(self.key)
        if self.limit:
            letters.append("l")
            params.append(str(self.limit))
        return " ".join(["+" + "".join(sorted(letters)), *params])

    def bars(self, source: Source) -> bool:
        """Whether a ban keeps somebody out, and no exception lets them in."""
        return self._banned(source, muted=False)

    def silences(self, user: User) -> bool:
        """Whether a ban keeps a user from speaking: one who holds a status it does not."""
        if "b" not in self.lists or self.members.get(user):
            return False
        if (known := self.silenced.get(user)) is not None:
            return known
        banned = self._banned(user.source, muted=True)
        if user in self.members:
            self.silenced[user] = banned
        return banned

    def mutes(self, user: User) -> bool:
        """Whether a user without a status may not speak: it is moderated, or a ban silences them.
        Nor do they, then, by a topic or by why they do something."""
        return not self.members.get(user) and ("m" in self.flags or self.silences(user))

    def _banned(self, source: Source, *, muted: bool) -> bool:
        bans, exceptions = (
            [mask.removeprefix(MUTE) for mask in masks if muted or not mask.startswith(MUTE)]
            for masks in (self.lists.get("b", ()), self.lists.get("e", ()))
        )
        return fits(bans, source) and not fits(exceptions, source)

    def record(self) -> ChannelRecord:
        """What outlives the members."""
        return ChannelRecord(
            self.name,
            self.folded,
            self.created,
            self.topic,
            self.topic_by,
            self.topic_time,
            self.modes,
            "\n".join(
                f"{letter} {entry.mask} {entry.by} {entry.time}"
                for letter, entries in self.lists.items()
                for entry in entries.values()
            ),
        )

    @classmethod
    def restored(cls, record: ChannelRecord) -> Channel:
        """The channel that a record tells of, without members."""
        letters, *params = record.modes.lstrip("+").split(" ")
        channel = cls(
            name=record.name,
            created=record.created,
            flags="".join(letter for letter in letters if letter not in "kl"),
            key=params.pop(0) if "k" in letters else "",
            limit=int(params.pop(0)) if "l" in letters else 0,
            topic=record.topic,
            topic_by=record.topic_by,
            topic_time=record.topic_time,
            spoken=True,
        )
        for line in filter(None, record.lists.split("\n")):
            letter, mask, by, time = line.split(" ")
            channel.lists.setdefault(letter, {})[fold(mask)] = Entry(mask, by, int(time))
        return channel


def fits(masks: list[str] | dict[str, Entry], source: Source) -> bool:
    """Whether one of the casefolded masks is somebody's ``nick!user@host``."""
    if not masks:
        return False
    prefix = fold(source.prefix)
    return any(matches(mask, prefix) for mask in masks)

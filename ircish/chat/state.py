"""Who is here and where: users, channels, and what a channel remembers of itself."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    default_channel: str = "#lobby"


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

    @property
    def nick(self) -> str:
        return self.source.nick


@dataclass(slots=True, eq=False)
class Channel:
    """One channel. Only ``Chat.apply`` changes it."""

    name: str
    created: int
    flags: str = "nt"
    topic: str = ""
    topic_by: str = ""
    topic_time: int = 0
    spoken: bool = False
    """whether it has something worth keeping when its last member leaves"""
    members: dict[User, str] = field(default_factory=dict)
    """each member's status: the letters of the modes they hold, the highest first"""
    folded: str = ""

    def __post_init__(self) -> None:
        self.folded = fold(self.name)

    @property
    def modes(self) -> str:
        """The modes as a query shows them: ``+nt``."""
        return "+" + self.flags

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
        )

    @classmethod
    def restored(cls, record: ChannelRecord) -> Channel:
        """The channel that a record tells of, without members."""
        return cls(
            name=record.name,
            created=record.created,
            flags=record.modes.lstrip("+"),
            topic=record.topic,
            topic_by=record.topic_by,
            topic_time=record.topic_time,
            spoken=True,
        )

"""Outcome: what an event did, and who hears of it. The rules make it, the hub sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ircish.chat.state import Channel, User
from ircish.events import Event, Source
from ircish.replies import Reply


class Told(NamedTuple):
    """A reply that somebody gets because of what another did."""

    user: User
    reply: Reply
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event did: the event as it took effect, and who hears of it."""

    event: Event
    source: Source
    channels: tuple[Channel, ...] = ()
    """whose members all hear of it"""
    users: tuple[User, ...] = ()
    """who hears of it alone"""
    told: tuple[Told, ...] = ()
    """who reads a reply instead: those who monitor a nick, operators with user mode +s"""
    changed: Channel | None = None
    """whose record has to be kept anew"""
    left: tuple[User, tuple[Channel, ...]] | None = None
    """who is no longer a member, and of what; they still hear this event, unless they quit"""

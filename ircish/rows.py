"""What is stored of a chat, and that it could not be: plain values, no database."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One channel event as stored; one heard in several channels has a row in each, same seq."""

    seq: int
    time: int  # ms since the epoch, UTC; never decreasing in seq
    msgid: str
    kind: str  # message notice tagmsg join part quit nick kick topic mode invite
    channel: str  # casefolded by the caller
    source: str  # nick!user@host, or the server's name
    account: str | None
    tags: str  # client-only tags in wire form, or ""
    text: str


class ChannelRecord(NamedTuple):
    """What of a channel outlives its members."""

    name: str  # as displayed
    folded: str
    created: int  # ms
    topic: str
    topic_by: str
    topic_time: int  # ms
    modes: str  # opaque here, e.g. "+nt"


class HistoryError(Exception):
    """What went wrong with the stored history: one sentence for a person, with the way out."""

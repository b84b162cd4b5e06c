"""What is stored of a chat, and that it could not be: plain values, no database."""

from __future__ import annotations

from typing import NamedTuple

RUN_DIGITS = 6
"""Hexadecimal digits before the number in a msgid, different in each run: events that were not
saved have had numbers too, which the next run gives again."""

TAKEN_BACK = "redacted"
"""The kind of a row whose message was taken back: its words are gone, its place is known."""


class Row(NamedTuple):
    """One channel event as stored; one heard in several channels has a row in each, same seq."""

    seq: int
    time: int  # ms since the epoch, UTC; never decreasing in seq
    msgid: str
    kind: str  # message notice tagmsg join part quit nick kick topic mode redact, TAKEN_BACK
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
    lists: str = ""  # likewise: bans and exceptions, a line each


def seq_of(msgid: str) -> int | None:
    """The number of the event that has a msgid, if it is one of ours."""
    number = msgid[RUN_DIGITS:]
    try:
        return int(number, 16) if len(number) < 16 else None  # SQLite has 64 bits
    except ValueError:
        return None


class HistoryError(Exception):
    """What went wrong with the stored history: one sentence for a person, with the way out."""

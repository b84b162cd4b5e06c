"""Events: as rows of the history and back, and the sources that they name."""

from __future__ import annotations

import pytest

from ircish.dialects.irc import Irc
from ircish.dialects.plain import ELSEWHERE, HERE
from ircish.events import (
    SERVER,
    Event,
    Joined,
    Kicked,
    ModeSet,
    Parted,
    Quit,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
    from_row,
)
from ircish.rows import Row

ANN = Source("ann", "~ann", "host.example", "anna")


@pytest.mark.parametrize(
    ("prefix", "source"),
    [
        ("ann!~ann@host.example", Source("ann", "~ann", "host.example")),
        ("chat.example", Source("chat.example")),
        ("ann!a@b@c", Source("ann", "a@b", "c")),
        ("ann!a@2001:db8::1", Source("ann", "a", "2001:db8::1")),
    ],
)
def test_a_source_is_what_its_prefix_names(prefix: str, source: Source) -> None:
    assert Source.parse(prefix) == source
    assert source.prefix == prefix


@pytest.mark.parametrize(
    ("event", "kind", "tags", "text"),
    [
        (Said(1, "#Dev", "hi there"), "message", "", "hi there"),
        (Said(1, "#Dev", "", "tagmsg", {"+a": "b c"}), "tagmsg", r"+a=b\sc", ""),
        (Said(1, "#Dev", "hi", "notice", {"+a": ""}), "notice", "+a", "hi"),
        (Joined(1, "#Dev"), "join", "", ""),
        (Parted(1, "#Dev", "bye now"), "part", "", "bye now"),
        (Parted(1, "#Dev"), "part", "", ""),
        (Quit(1, "bye now"), "quit", "", "bye now"),
        (Renamed(1, "anna"), "nick", "", "anna"),
        (Kicked(1, "#Dev", "ben", "too loud"), "kick", "", "ben too loud"),
        (Kicked(1, "#Dev", "ben"), "kick", "", "ben "),
        (TopicSet(1, "#Dev", "tea"), "topic", "", "tea"),
        (TopicSet(1, "#Dev", ""), "topic", "", ""),
        (ModeSet(1, "#Dev", (("+", "o", "ben"), ("-", "n", ""))), "mode", "", "+o-n ben"),
    ],
)
def test_what_is_read_from_the_history_reads_as_it_did_then(
    event: Event, kind: str, tags: str, text: str
) -> None:
    then = Stamped(7, 1_800_000_000_123, "m7", event, ANN)
    row = then.row("#dev")
    assert row == Row(7, 1_800_000_000_123, "m7", kind, "#dev", ANN.prefix, "anna", tags, text)
    now = from_row(row, "#Dev")
    assert (now.seq, now.time, now.msgid, now.source) == (7, then.time, "m7", ANN)
    for reader in (HERE, ELSEWHERE, Irc("x"), Irc("x", frozenset({"message-tags", "server-time"}))):
        assert reader.render(now) == reader.render(then)
    assert now.row("#dev") == row


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ((), ""),
        ((("+", "n", ""),), "+n"),
        ((("+", "n", ""), ("+", "t", "")), "+nt"),
        ((("+", "o", "ben"), ("+", "t", ""), ("-", "n", ""), ("-", "o", "cat")), "+ot-no ben cat"),
        ((("-", "n", ""), ("+", "n", "")), "-n+n"),
    ],
)
def test_modes_stand_under_as_few_signs_as_possible(
    changes: tuple[tuple[str, str, str], ...], text: str
) -> None:
    assert str(ModeSet(SERVER, "#dev", changes)) == text

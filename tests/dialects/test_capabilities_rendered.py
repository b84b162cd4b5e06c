"""What each capability changes in what an IRC client reads of an event, and that nothing else
does: away-notify, account-notify, chghost, setname, extended-join, extended-monitor, invite-notify,
account-tag, bot-mode, multi-prefix, userhost-in-names."""

from __future__ import annotations

import pytest

from ircish.dialects.irc import CAPABILITIES, Irc
from ircish.events import (
    AccountSet,
    AwaySet,
    Event,
    HostSet,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    NameSet,
    Parted,
    Quit,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
)
from ircish.server.kinds import Kinds
from ircish.wire import parse

ANN = Source("ann", "~ann", "host.example")
HEAD = f":{ANN.prefix}"
TIME = 1_795_341_000_123  # 2026-11-22
KINDS = Kinds("chat.example")
EVERY = frozenset(CAPABILITIES)


def stamped(event: Event, source: Source = ANN) -> Stamped:
    return Stamped(7, TIME, "m7", event, source)


def lines(data: bytes) -> list[str]:
    assert not data or data.endswith(b"\r\n")
    return data.decode().split("\r\n")[:-1]


def member(*caps: str) -> Irc:
    """One who hears it in a channel."""
    return KINDS.of(frozenset(caps)).inside(current=False)


def alone(*caps: str) -> Irc:
    """One who hears it because it concerns them, or because they monitor the nick."""
    return KINDS.of(frozenset(caps))


CHANGES = [
    (AwaySet(1, "lunch time"), "away-notify", "AWAY :lunch time"),
    (AwaySet(1, ""), "away-notify", "AWAY"),
    (AccountSet(1, "anna"), "account-notify", "ACCOUNT anna"),
    (AccountSet(1, None), "account-notify", "ACCOUNT *"),
    (HostSet(1, "~tea", "tea.example"), "chghost", "CHGHOST ~tea tea.example"),
    (NameSet(1, "Ann of Example"), "setname", "SETNAME :Ann of Example"),
]


@pytest.mark.parametrize(("event", "capability", "line"), CHANGES)
def test_members_read_of_a_change_who_asked_for_it(
    event: Event, capability: str, line: str
) -> None:
    told = stamped(event)
    assert lines(member(capability).render(told)) == [f"{HEAD} {line}"]
    assert member().render(told) == b""
    assert member(*EVERY - {capability}).render(told) == b""


@pytest.mark.parametrize(("event", "capability", "line"), CHANGES)
def test_who_shares_no_channel_needs_extended_monitor_too(
    event: Event, capability: str, line: str
) -> None:
    told = stamped(event)
    assert lines(alone(capability, "extended-monitor").render(told)) == [f"{HEAD} {line}"]
    assert alone(*EVERY - {"extended-monitor"}).render(told) == b""
    assert alone(*EVERY - {capability}).render(told) == b""


@pytest.mark.parametrize(("event", "capability", "line"), CHANGES)
def test_of_ones_own_change_one_reads_as_others_do_but_for_away(
    event: Event, capability: str, line: str
) -> None:
    own = [] if isinstance(event, AwaySet) else [f"{HEAD} {line}"]
    assert lines(alone(capability).own(stamped(event))) == own
    assert alone(*EVERY - {capability}).own(stamped(event)) == b""


JOINED = Joined(1, "#dev", realname="Ann of Example")


@pytest.mark.parametrize(
    ("caps", "account", "line"),
    [
        ((), "anna", "JOIN #dev"),
        (EVERY - {"extended-join"}, "anna", "JOIN #dev"),
        (("extended-join",), "anna", "JOIN #dev anna :Ann of Example"),
        (("extended-join",), None, "JOIN #dev * :Ann of Example"),
    ],
)
def test_who_comes_in_is_told_with_account_and_real_name(
    caps: tuple[str, ...], account: str | None, line: str
) -> None:
    told = stamped(JOINED, ANN._replace(account=account))
    for data in (member(*caps).render(told), alone(*caps).own(told)):
        assert [each.partition(f"{HEAD} ")[2] for each in lines(data)] == [line]


def test_who_comes_in_away_is_told_to_be_but_not_to_themselves() -> None:
    told = stamped(Joined(1, "#dev", away="lunch time"))
    join, away = f"{HEAD} JOIN #dev", f"{HEAD} AWAY :lunch time"
    assert lines(member("away-notify").render(told)) == [join, away]
    assert lines(member().render(told)) == [join]
    assert lines(alone("away-notify").own(told)) == [join]
    tagged = lines(member("away-notify", "message-tags", "server-time").render(told))
    assert [("msgid=" in line, "time=" in line) for line in tagged] == [(True, True), (False, True)]


def test_members_read_of_an_invitation_who_asked_and_always_who_is_invited() -> None:
    told = stamped(Invited(1, "#dev", "ben"))
    assert lines(member("invite-notify").render(told)) == [f"{HEAD} INVITE ben #dev"]
    assert member(*EVERY - {"invite-notify"}).render(told) == b""
    assert lines(alone().render(told)) == [f"{HEAD} INVITE ben #dev"]


EVENTS = [
    Said(1, "#dev", "hi"),
    Said(1, "ben", "hi", "notice"),
    Said(1, "#dev", "two\nlines"),
    JOINED,
    Joined(1, "#dev", away="lunch"),
    Parted(1, "#dev"),
    Quit(1, "bye"),
    Renamed(1, "anna"),
    Kicked(1, "#dev", "ben"),
    TopicSet(1, "#dev", "tea"),
    ModeSet(1, "#dev", (("+", "i", ""),)),
    *(event for event, _, _ in CHANGES),
]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(
    ("tag", "capability", "source"),
    [
        ("account=anna", "account-tag", ANN._replace(account="anna")),
        ("bot", "message-tags", ANN._replace(bot=True)),
    ],
)
def test_all_that_somebody_does_has_their_account_and_that_they_are_a_bot(
    event: Event, tag: str, capability: str, source: Source
) -> None:
    notify = EVERY - {"account-tag", "message-tags", "server-time", "draft/multiline"}
    name, _, value = tag.partition("=")
    for caps, told in (
        (notify | {capability}, stamped(event, source)),
        (notify, stamped(event, source)),
        (notify | {capability}, stamped(event)),
    ):
        found = [parse(line) for line in lines(member(*caps).render(told))]
        assert found
        wanted = value if capability in caps and told.source is source else None
        assert {message and message.tags.get(name) for message in found} == {wanted}


@pytest.mark.parametrize(
    ("caps", "status", "name"),
    [
        ((), "qov", "~ann"),
        ((), "", "ann"),
        (("multi-prefix",), "qov", "~@+ann"),
        (("multi-prefix",), "v", "+ann"),
        (("userhost-in-names",), "ov", f"@{ANN.prefix}"),
        (("userhost-in-names", "multi-prefix"), "ov", f"@+{ANN.prefix}"),
    ],
)
def test_a_list_of_names_has_all_signs_and_whole_prefixes_for_those_who_asked(
    caps: tuple[str, ...], status: str, name: str
) -> None:
    assert alone(*caps).names([(ANN, status)]) == [name]

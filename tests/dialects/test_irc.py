"""The irc dialect: events and replies as IRC clients expect them."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import pytest

from ircish import replies
from ircish.dialects.irc import ALL_KINDS, CAPABILITIES, Irc, timestamp
from ircish.events import (
    TALK,
    AccountSet,
    AwaySet,
    Event,
    HostSet,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    NameSet,
    Opered,
    Parted,
    Quit,
    Redacted,
    Registered,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
    Wallops,
)
from ircish.server.kinds import Kinds
from ircish.wire import format_tags, parse

SERVER = "chat.example"
ANN = Source("ann", "~ann", "host.example")
TIME = 1_795_341_000_123  # 2026-11-22
BARE = Irc(SERVER)
ECHO = Irc(SERVER, frozenset({"echo-message"}))
TIMES = Irc(SERVER, frozenset({"server-time"}))
TAGS = Irc(SERVER, frozenset({"message-tags"}))
ALL = Irc(SERVER, frozenset(CAPABILITIES))


def stamped(event: Event, source: Source = ANN) -> Stamped:
    return Stamped(7, TIME, "m7", event, source)


EVENTS = [
    (Said(1, "#dev", "hi there"), "PRIVMSG #dev :hi there"),
    (Said(1, "#dev", ""), "PRIVMSG #dev :"),
    (Said(1, "ben", ":)", "notice"), "NOTICE ben ::)"),
    (Said(1, "#dev", "\x01ACTION waves\x01"), "PRIVMSG #dev :\x01ACTION waves\x01"),
    (Joined(1, "#dev"), "JOIN #dev"),
    (Parted(1, "#dev"), "PART #dev"),
    (Parted(1, "#dev", "bye now"), "PART #dev :bye now"),
    (Kicked(1, "#dev", "ben", "too loud"), "KICK #dev ben :too loud"),
    (Kicked(1, "#dev", "ben"), "KICK #dev ben :ann"),
    (Quit(1, "bye now"), "QUIT :bye now"),
    (Renamed(1, "anna"), "NICK anna"),
    (TopicSet(1, "#dev", "tea"), "TOPIC #dev :tea"),
    (TopicSet(1, "#dev", ""), "TOPIC #dev :"),
    (ModeSet(1, "#dev", (("+", "o", "ben"),)), "MODE #dev +o ben"),
    (ModeSet(1, "ann", (("+", "i", ""),)), "MODE ann +i"),
    (
        ModeSet(1, "#dev", (("+", "o", "ben"), ("+", "t", ""), ("-", "v", "cyd"))),
        "MODE #dev +ot-v ben cyd",
    ),
    (Wallops(1, "tea is ready"), "WALLOPS :tea is ready"),
]
UNHEARD = [
    ModeSet(1, "#dev", ()),
    AwaySet(1, "lunch"),
    NameSet(1, "Ann"),
    HostSet(1, "ann", "tea.example"),
    AccountSet(1, "ann"),
    Invited(1, "#dev", "ben"),
    Redacted(1, "#dev", "m1"),
    Registered(1, "ann", "ann", "host", "Ann"),
    Said(1, "#dev", "", "tagmsg", {"+a": "b"}),
]


@pytest.mark.parametrize(("event", "line"), EVENTS)
def test_an_event_is_the_line_that_irc_has_for_it(event: Event, line: str) -> None:
    head = ":ann!~ann@host.example"
    assert BARE.render(stamped(event)).decode() == f"{head} {line}\r\n"
    message = parse(TIMES.render(stamped(event)).decode().removesuffix("\r\n"))
    assert message
    assert message.tags == {"time": timestamp(TIME)}
    assert message.source == ANN.prefix


@pytest.mark.parametrize("event", UNHEARD)
def test_what_irc_has_no_line_for_is_not_heard(event: Event) -> None:
    assert BARE.render(stamped(event)) == BARE.own(stamped(event)) == b""


def test_tags_are_for_those_who_asked_for_them() -> None:
    said = stamped(Said(1, "#dev", "hi", tags={"+draft/reply": "a b", "+x": ""}))
    assert BARE.render(said) == b":ann!~ann@host.example PRIVMSG #dev :hi\r\n"
    assert TAGS.render(said) == (
        rb"@msgid=m7;+draft/reply=a\sb;+x :ann!~ann@host.example PRIVMSG #dev :hi" + b"\r\n"
    )
    assert ALL.render(said).startswith(f"@time={timestamp(TIME)};msgid=m7;+draft".encode())
    typing = stamped(Said(1, "#dev", "", "tagmsg", {"+typing": "active"}))
    assert TAGS.render(typing).endswith(b" TAGMSG #dev\r\n")
    assert b"\n" not in TAGS.render(typing)[:-2]


def test_only_who_asked_for_it_reads_the_own_words() -> None:
    said = stamped(Said(1, "#dev", "hi"))
    assert BARE.own(said) == b""
    assert ECHO.own(said) == BARE.render(said)
    assert not BARE.echo
    assert ECHO.echo


def test_the_own_events_come_as_the_others_read_them_but_for_invitations() -> None:
    for event in (Joined(1, "#dev"), Parted(1, "#dev"), Renamed(1, "anna"), TopicSet(1, "#d", "x")):
        assert BARE.own(stamped(event)) == BARE.render(stamped(event))
    assert BARE.own(stamped(Invited(1, "#dev", "ben"))) == b""


def test_one_who_became_operator_is_told_of_the_mode_by_the_server() -> None:
    assert BARE.own(stamped(Opered(1, "admin"))) == b":chat.example MODE ann +o\r\n"


def test_many_modes_are_several_lines_of_which_the_first_has_the_msgid() -> None:
    changes = tuple(("+", "b", f"{number}{'n' * 90}!*@*") for number in range(10))
    lines = TAGS.render(stamped(ModeSet(1, "#dev", changes))).decode().split("\r\n")[:-1]
    assert [line.startswith("@msgid=m7 :") for line in lines] == [True, False, False]
    assert all(len(line.removeprefix("@msgid=m7 ")) <= 510 for line in lines)
    shown = [message for line in lines if (message := parse(line))]
    assert [mask for message in shown for mask in message.params[2:]] == [c[2] for c in changes]
    assert [message.params[1] for message in shown] == ["+bbbb", "+bbbb", "+bb"]


# Kinds ------------------------------------------------------------------------------------------


def test_who_asked_for_the_same_is_of_one_kind() -> None:
    kinds = Kinds(SERVER)
    one, other = frozenset({"batch", "setname"}), frozenset({"setname"})
    assert kinds.of(one) is kinds.of(frozenset(one))
    assert kinds.of(one) is not kinds.of(other)
    assert (kinds.of(one).caps, kinds.of(one).server) == (one, SERVER)


def test_a_kind_of_which_nobody_is_any_more_is_forgotten() -> None:
    kinds = Kinds(SERVER)
    for number in range(100):
        kinds.of(frozenset({f"batch{number}"}))
    gc.collect()
    assert not kinds._kinds
    assert not kinds._members


@pytest.mark.parametrize(
    ("capability", "changes"),
    [
        ("setname", True),
        ("server-time", True),
        ("message-tags", True),
        ("account-tag", True),
        ("multi-prefix", False),
        ("userhost-in-names", False),
        ("echo-message", False),
        ("labeled-response", False),
        ("cap-notify", False),
        ("extended-monitor", False),
        ("draft/chathistory", False),
        ("batch", False),
        ("draft/multiline", False),
    ],
)
def test_members_are_of_one_kind_who_read_alike_what_happens_in_a_channel(
    capability: str, changes: bool
) -> None:
    kinds = Kinds(SERVER)
    common = frozenset({"away-notify"})
    some, more = kinds.of(common), kinds.of(common | {capability})
    assert some.inside(current=True) is some.inside(current=False)
    assert (some.inside(current=True) is not more.inside(current=True)) == changes
    assert (some.member, some.inside(current=True).member) == (False, True)


def test_most_capabilities_make_no_other_kind_of_member() -> None:
    kinds = Kinds(SERVER)
    both = frozenset({"batch", "draft/multiline"})
    assert kinds.of(both).inside(current=True) is not kinds.of(frozenset()).inside(current=True)
    every = frozenset(CAPABILITIES)
    few = kinds.of(every).inside(current=True).caps
    assert kinds.of(few).inside(current=True) is kinds.of(every).inside(current=True)
    assert kinds.of(few).caps < every


def test_a_kind_says_what_its_clients_want() -> None:
    for kind, wants in ((BARE, False), (ALL, True)):
        assert kind.echo == kind.read_markers == wants
        assert kind.implicit_names != wants
    assert BARE.replayed == TALK
    assert tuple(ALL.replayed) == ALL_KINDS


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (1_795_341_000_007, "2026-11-22T09:50:00.007Z"),
    ],
)
def test_times_are_utc_in_milliseconds(ms: int, text: str) -> None:
    assert timestamp(ms) == text


# Batches ------------------------------------------------------------------------------------------

PAST = [stamped(Said(1, "#dev", "one")), stamped(AwaySet(1, "")), stamped(Said(1, "#dev", "two"))]


def test_the_past_is_a_batch_for_those_who_know_batches() -> None:
    kind = Irc(SERVER, frozenset({"batch"}))
    assert [line.decode() for line in kind.replay(PAST, "#dev", "r1", TIME)] == [
        ":chat.example BATCH +r1 chathistory #dev\r\n",
        "@batch=r1 :ann!~ann@host.example PRIVMSG #dev :one\r\n",
        "@batch=r1 :ann!~ann@host.example PRIVMSG #dev :two\r\n",
        ":chat.example BATCH -r1\r\n",
    ]


def test_the_past_is_only_its_lines_for_the_others() -> None:
    assert BARE.replay(PAST, "#dev", "r1", TIME) == [
        BARE.render(PAST[0]),
        BARE.render(PAST[2]),
    ]


@pytest.mark.parametrize(("caps", "size"), [((), 1), (("batch",), 3)])
def test_the_channels_with_history_are_told_with_their_last_time(
    caps: tuple[str, ...], size: int
) -> None:
    lines = Irc(SERVER, frozenset(caps)).targets([("#dev", TIME)], "r1")
    assert len(lines) == size
    assert f"CHATHISTORY TARGETS #dev {timestamp(TIME)}".encode() in b"".join(lines)


@pytest.mark.parametrize(("caps", "size"), [((), 2), (("batch",), 4)])
def test_the_catalogue_names_each_command_with_its_usage(caps: tuple[str, ...], size: int) -> None:
    commands = [
        SimpleNamespace(verb="ROLL", usage="ROLL [<dice>] <x>", allow="anyone", summary="Roll."),
        SimpleNamespace(verb="MOTD", usage="MOTD", allow="oper", summary="Read it."),
    ]
    lines = Irc(SERVER, frozenset(caps)).catalogue(commands, "r1")  # type: ignore[arg-type]
    assert len(lines) == size
    messages = [parse(line.decode().removesuffix("\r\n")) for line in lines]
    told = [message.params for message in messages if message and message.verb == "COMMANDS"]
    assert told == [
        ("ROLL", "anyone", r"[<dice>]\s<x>", "Roll."),
        ("MOTD", "oper", "*", "Read it."),
    ]
    assert all(("batch" in m.tags) == bool(caps) for m in messages if m and m.verb == "COMMANDS")


# Labels -------------------------------------------------------------------------------------------


def test_a_command_without_an_answer_is_acknowledged() -> None:
    assert ALL.labelled([], "a b", "r1") == [b"@label=a\\sb :chat.example ACK\r\n"]


@pytest.mark.parametrize(
    ("line", "labelled"),
    [
        (b":x PONG y\r\n", b"@label=l1 :x PONG y\r\n"),
        (b"@time=t :x PONG y\r\n", b"@label=l1;time=t :x PONG y\r\n"),
    ],
)
def test_one_line_carries_the_label_itself(line: bytes, labelled: bytes) -> None:
    assert ALL.labelled([line], "l1", "r1") == [labelled]


def test_several_lines_are_a_batch_with_the_label_and_inner_batches_stay_whole() -> None:
    lines = [b":x 1\r\n", *Irc(SERVER, frozenset({"batch"})).replay(PAST[:1], "#dev", "in", TIME)]
    labelled = [line.decode() for line in ALL.labelled(lines, "l1", "out")]
    assert labelled == [
        "@label=l1 :chat.example BATCH +out labeled-response\r\n",
        "@batch=out :x 1\r\n",
        "@batch=out :chat.example BATCH +in chathistory #dev\r\n",
        "@batch=in :ann!~ann@host.example PRIVMSG #dev :one\r\n",
        "@batch=out :chat.example BATCH -in\r\n",
        ":chat.example BATCH -out\r\n",
    ]


def test_the_last_line_is_an_error() -> None:
    assert BARE.reply("ann", replies.GOODBYE, {"reason": "bye"}) == (
        b"ERROR :Closing link: bye\r\n"
    )


def test_an_event_that_would_be_two_lines_is_not_rendered() -> None:
    with pytest.raises(ValueError, match="one line"):
        BARE.render(stamped(Quit(1, "a\r\nQUIT")))


def test_replies_are_addressed() -> None:
    assert BARE.reply("ann", replies.NO_MOTD, {}) == (
        b":chat.example 422 ann :There is no message of the day\r\n"
    )
    assert BARE.reply("*", replies.PONG, {"server": SERVER, "token": "t"}) == (
        b":chat.example PONG chat.example :t\r\n"
    )
    assert format_tags({}) == ""

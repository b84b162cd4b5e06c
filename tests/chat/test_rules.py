"""The rules of the chat: what is allowed, what it changes, and exactly who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ircish import replies
from ircish.chat import Bounds, Chat, fold
from ircish.dialects.irc import Irc
from ircish.errors import Gone, Refused
from ircish.events import (
    SERVER,
    AwaySet,
    Event,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Opered,
    Parted,
    Quit,
    Registered,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
)
from ircish.replies import Reply
from ircish.rows import ChannelRecord

ANN, BEN, CAT, NOBODY = 1, 2, 3, 99
NAMES = {ANN: "ann", BEN: "ben", CAT: "cat"}
TIME = 1_800_000_000_000


def registered(user: int, nick: str) -> Registered:
    return Registered(user, nick, f"~{nick}", "host.example", nick.title())


@pytest.fixture
def chat() -> Chat:
    """ann, who founded it, and ben are in #dev; cat is in #tea alone; nobody is in #lobby."""
    chat = Chat(Source("chat.example"), Bounds(channels_per_user=3, topic_length=50))
    for user, nick in NAMES.items():
        chat.apply(registered(user, nick), TIME)
    for user, channel in ((ANN, "#Dev"), (BEN, "#dev"), (CAT, "#tea")):
        chat.apply(Joined(user, channel), TIME)
    return chat


def snapshot(chat: Chat) -> Any:
    """All of the state, as values."""
    return (
        {
            number: (
                u.source,
                u.realname,
                u.signon,
                u.spoke,
                u.away,
                u.operator,
                u.modes,
                [(key, id(channel)) for key, channel in u.channels.items()],
            )
            for number, u in chat.users.items()
        },
        {nick: user.id for nick, user in chat.nicks.items()},
        {
            folded: (c.record(), c.flags, c.spoken, {u.id: held for u, held in c.members.items()})
            for folded, c in chat.channels.items()
        },
    )


@pytest.mark.parametrize(
    ("event", "channels", "users", "left"),
    [
        (registered(4, "dan"), [], [], None),
        (Joined(CAT, "#DEV"), ["#Dev"], [], None),
        (Joined(ANN, "#new"), ["#new"], [], None),
        (Joined(ANN, "#dev"), [], [], None),
        (Parted(BEN, "#DEV", "bye"), ["#Dev"], [], ("ben", ["#Dev"])),
        (Kicked(ANN, "#dev", "BEN"), ["#Dev"], [], ("ben", ["#Dev"])),
        (Kicked(SERVER, "#dev", "ann"), ["#Dev"], [], ("ann", ["#Dev"])),
        (Quit(ANN, "Quit"), ["#Dev"], [], ("ann", ["#Dev"])),
        (Quit(CAT, "Quit"), ["#tea"], [], ("cat", ["#tea"])),
        (Renamed(ANN, "anna"), ["#Dev"], [], None),
        (Renamed(ANN, "ANN"), ["#Dev"], [], None),
        (Said(BEN, "#dev", "hi"), ["#Dev"], [], None),
        (Said(SERVER, "#dev", "hi"), ["#Dev"], [], None),
        (Said(BEN, "CAT", "hi"), [], ["cat"], None),
        (Said(BEN, "ben", "hi"), [], ["ben"], None),
        (Said(SERVER, "ben", "hi"), [], ["ben"], None),
        (TopicSet(ANN, "#dev", "tea"), ["#Dev"], [], None),
        (ModeSet(ANN, "#dev", (("+", "o", "BEN"),)), ["#Dev"], [], None),
        (ModeSet(ANN, "#dev", (("+", "o", "ann"),)), [], [], None),
        (ModeSet(ANN, "ann", (("+", "i", ""),)), [], [], None),
        (Invited(BEN, "#dev", "CAT"), [], ["cat"], None),
        (AwaySet(ANN, "lunch"), [], [], None),
        (Opered(ANN, "admin"), [], [], None),
    ],
)
def test_exactly_these_hear_of_it(
    chat: Chat,
    event: Event,
    channels: list[str],
    users: list[str],
    left: tuple[str, list[str]] | None,
) -> None:
    outcome = chat.apply(event, TIME)
    assert [channel.name for channel in outcome.channels] == channels
    assert [user.nick for user in outcome.users] == users
    if left is None:
        assert outcome.left is None
    else:
        assert outcome.left
        assert (outcome.left[0].nick, [c.name for c in outcome.left[1]]) == left
        assert all(outcome.left[0] not in channel.members for channel in outcome.left[1])


def test_a_rename_and_a_quit_are_heard_in_every_channel_of_theirs(chat: Chat) -> None:
    chat.apply(Joined(ANN, "#tea"), TIME)
    renamed = chat.apply(Renamed(ANN, "anna"), TIME)
    assert [channel.name for channel in renamed.channels] == ["#Dev", "#tea"]
    left = chat.apply(Quit(ANN, "bye"), TIME)
    assert [channel.name for channel in left.channels] == ["#Dev", "#tea"]


@pytest.mark.parametrize(
    ("event", "took_effect"),
    [
        (Joined(CAT, "#DEV"), Joined(CAT, "#Dev")),
        (Parted(BEN, "#DEV"), Parted(BEN, "#Dev")),
        (Kicked(ANN, "#DEV", "BEN", "x"), Kicked(ANN, "#Dev", "ben", "x")),
        (Said(ANN, "#DEV", "hi"), Said(ANN, "#Dev", "hi")),
        (Said(ANN, "BEN", "hi"), Said(ANN, "ben", "hi")),
        (TopicSet(ANN, "#DEV", "x"), TopicSet(ANN, "#Dev", "x")),
        (Invited(ANN, "#DEV", "CAT"), Invited(ANN, "#Dev", "cat")),
        (
            ModeSet(ANN, "#DEV", (("+", "o", "BEN"), ("+", "o", "ann"), ("-", "n", ""))),
            ModeSet(ANN, "#Dev", (("+", "o", "ben"), ("-", "n", ""))),
        ),
        (
            ModeSet(ANN, "#dev", (("+", "t", ""), ("-", "t", ""), ("+", "t", ""))),
            ModeSet(ANN, "#Dev", (("-", "t", ""), ("+", "t", ""))),
        ),
        (
            ModeSet(ANN, "Ann", (("+", "i", ""), ("+", "i", ""), ("+", "o", ""))),
            ModeSet(ANN, "ann", (("+", "i", ""),)),
        ),
    ],
)
def test_names_are_told_as_they_are_written_and_only_what_changed(
    chat: Chat, event: Event, took_effect: Event
) -> None:
    assert chat.apply(event, TIME).event == took_effect


def test_a_rename_is_told_of_under_the_old_nick(chat: Chat) -> None:
    outcome = chat.apply(Renamed(ANN, "anna"), TIME)
    assert outcome.source.prefix == "ann!~ann@host.example"
    assert chat.user("ANNA").source.prefix == "anna!~ann@host.example"


LONG = "x" * 600

refusals: list[tuple[Event, Reply]] = [
    (registered(4, "ANN"), replies.NICK_IN_USE),
    (registered(4, "1"), replies.BAD_NICK),
    (Renamed(ANN, "Ben"), replies.NICK_IN_USE),
    (Renamed(ANN, "b n"), replies.BAD_NICK),
    (Joined(ANN, "dev"), replies.BAD_CHANNEL),
    (Joined(ANN, "#" + "a" * 50), replies.BAD_CHANNEL),
    (Parted(ANN, "#nowhere"), replies.NO_SUCH_CHANNEL),
    (Parted(ANN, "#tea"), replies.NOT_IN_CHANNEL),
    (Parted(ANN, "#dev", "a\nb"), replies.CONTROL_INSIDE),
    (Quit(ANN, "a\rb"), replies.CONTROL_INSIDE),
    (Kicked(BEN, "#dev", "ann"), replies.NOT_CHANNEL_OPERATOR),
    (Kicked(CAT, "#dev", "ann"), replies.NOT_IN_CHANNEL),
    (Kicked(ANN, "#nowhere", "ann"), replies.NO_SUCH_CHANNEL),
    (Kicked(ANN, "#dev", "cat"), replies.THEY_ARE_NOT_IN),
    (Kicked(ANN, "#dev", "dan"), replies.NO_SUCH_NICK),
    (Kicked(ANN, "#dev", "ben", "a\0b"), replies.CONTROL_INSIDE),
    (Said(ANN, "#tea", "hi"), replies.CANNOT_SEND),
    (Said(ANN, "#nowhere", "hi"), replies.NO_SUCH_CHANNEL),
    (Said(ANN, "dan", "hi"), replies.NO_SUCH_NICK),
    (Said(ANN, "#dev", LONG), replies.RELAY_TOO_LONG),
    (Said(ANN, "ben", LONG), replies.RELAY_TOO_LONG),
    (Said(ANN, "#dev", "a\nb"), replies.CONTROL_INSIDE),
    (Said(ANN, "ben", "a\nb"), replies.CONTROL_INSIDE),
    (TopicSet(BEN, "#dev", "x"), replies.NOT_CHANNEL_OPERATOR),
    (TopicSet(CAT, "#dev", "x"), replies.NOT_IN_CHANNEL),
    (TopicSet(ANN, "#dev", "x" * 51), replies.RELAY_TOO_LONG),
    (TopicSet(ANN, "#dev", LONG), replies.RELAY_TOO_LONG),
    (TopicSet(ANN, "#dev", "x\n"), replies.CONTROL_INSIDE),
    (ModeSet(BEN, "#dev", (("-", "n", ""),)), replies.NOT_CHANNEL_OPERATOR),
    (ModeSet(ANN, "#dev", (("-", "n", ""), ("+", "o", "cat"))), replies.THEY_ARE_NOT_IN),
    (ModeSet(ANN, "#dev", (("-", "n", ""), ("+", "o", "dan"))), replies.NO_SUCH_NICK),
    (ModeSet(ANN, "#dev", (("-", "n", ""), ("+", "x", ""))), replies.UNKNOWN_MODE),
    (ModeSet(ANN, "ann", (("+", "i", ""), ("+", "x", ""))), replies.UNKNOWN_USER_MODE),
    (Invited(CAT, "#dev", "cat"), replies.NOT_IN_CHANNEL),
    (Invited(ANN, "#dev", "ben"), replies.ALREADY_IN),
    (Invited(ANN, "#dev", "dan"), replies.NO_SUCH_NICK),
    (AwaySet(ANN, "a\r\nb"), replies.CONTROL_INSIDE),
]


@pytest.mark.parametrize(("event", "reply"), refusals)
def test_what_is_refused_changes_nothing(chat: Chat, event: Event, reply: Reply) -> None:
    before = snapshot(chat)
    with pytest.raises(Refused) as refused:
        chat.apply(event, TIME + 1000)
    assert refused.value.reply is reply
    assert str(refused.value)
    assert snapshot(chat) == before


@pytest.mark.parametrize(
    "event",
    [
        Quit(NOBODY, "x"),
        Renamed(NOBODY, "x"),
        Joined(NOBODY, "#dev"),
        Parted(NOBODY, "#dev"),
        Kicked(NOBODY, "#dev", "ann"),
        Said(NOBODY, "#dev", "x"),
        TopicSet(NOBODY, "#dev", "x"),
        ModeSet(NOBODY, "ann", ()),
        AwaySet(NOBODY, ""),
        Opered(NOBODY, "admin"),
    ],
)
def test_one_who_has_left_does_nothing_any_more(chat: Chat, event: Event) -> None:
    before = snapshot(chat)
    with pytest.raises(Gone):
        chat.apply(event, TIME)
    assert snapshot(chat) == before


@pytest.mark.parametrize(
    "event",
    [
        Said(ANN, "#dev", "\ud800"),
        Said(ANN, "ben", "\ud800"),
        TopicSet(ANN, "#dev", "\ud800"),
        Parted(ANN, "#dev", "\ud800"),
        Kicked(ANN, "#dev", "ben", "\ud800"),
        Quit(ANN, "\ud800"),
        AwaySet(ANN, "\ud800"),
        Said(ANN, "#dev", "x", "action"),  # type: ignore[arg-type]
        Said(ANN, "#dev", "x", "message", {"a b": "c"}),
        Said(ANN, "ben", "x", "message", {"a b": "c"}),
        Said(ANN, "#dev", "", "tagmsg", {"a": "\ud800"}),
        Said(ANN, "#dev", "", "tagmsg", {"a": "\0"}),
    ],
)
def test_what_could_not_be_written_is_a_fault_of_its_maker_and_changes_nothing(
    chat: Chat, event: Event
) -> None:
    before = snapshot(chat)
    with pytest.raises((ValueError, Refused)):
        chat.apply(event, TIME)
    assert snapshot(chat) == before


# Words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["x", "é", "日", "👋"])
def test_words_fit_as_long_as_irc_readers_can_be_sent_them_as_one_line(
    chat: Chat, letter: str
) -> None:
    head = len(":ann!~ann@host.example PRIVMSG #Dev :\r\n")
    size = len(letter.encode())
    fits = (512 - head) // size
    chat.apply(Said(ANN, "#dev", letter * fits), TIME)
    with pytest.raises(Refused) as refused:
        chat.apply(Said(ANN, "#dev", letter * (fits + 1)), TIME)
    assert refused.value.fields["fits"] == 512 - head
    assert refused.value.fields["over"] == head + size * (fits + 1) - 512


@pytest.mark.parametrize("letter", ["x", "é", "👋"])
@pytest.mark.parametrize(
    "leave",
    [
        lambda reason: Quit(ANN, reason),
        lambda reason: Parted(ANN, "#dev", reason),
        lambda reason: Kicked(ANN, "#dev", "ben", reason),
    ],
)
def test_a_reason_is_cut_to_what_irc_readers_can_be_sent_as_one_line(
    chat: Chat, leave: Callable[[str], Event], letter: str
) -> None:
    outcome = chat.apply(leave(letter * 505), TIME)
    stamped = Stamped(1, TIME, "m", outcome.event, outcome.source)
    assert 508 < len(Irc("chat.example").render(stamped)) <= 512


def test_the_length_that_fits_a_person_depends_on_how_they_are_called(chat: Chat) -> None:
    head = len(":ann!~ann@host.example PRIVMSG ben :\r\n")
    chat.apply(Said(ANN, "BEN", "x" * (512 - head)), TIME)
    with pytest.raises(Refused):
        chat.apply(Said(ANN, "BEN", "x" * (513 - head)), TIME)


def test_speaking_ends_being_idle(chat: Chat) -> None:
    chat.apply(Said(ANN, "#dev", "hi"), TIME + 5)
    assert chat.user("ann").spoke == TIME + 5


def test_without_n_strangers_may_speak_in_a_channel(chat: Chat) -> None:
    chat.apply(ModeSet(CAT, "#tea", (("-", "n", ""),)), TIME)
    assert chat.apply(Said(ANN, "#tea", "hi"), TIME).channels[0].name == "#tea"


def test_tags_go_with_words(chat: Chat) -> None:
    outcome = chat.apply(Said(ANN, "#dev", "", "tagmsg", {"+typing": "active"}), TIME)
    assert isinstance(outcome.event, Said)
    assert outcome.event.tags == {"+typing": "active"}


# Channels ---------------------------------------------------------------------------------------


def test_the_founder_of_a_channel_is_its_operator_and_who_comes_later_is_not(chat: Chat) -> None:
    members = chat.channel("#dev").members
    assert {user.nick: held for user, held in members.items()} == {"ann": "o", "ben": ""}


def test_nobody_becomes_operator_of_the_default_channel_by_being_first(chat: Chat) -> None:
    outcome = chat.apply(Joined(ANN, "#LOBBY"), TIME)
    assert list(outcome.channels[0].members.values()) == [""]
    assert outcome.channels[0].modes == "+n"
    chat.apply(TopicSet(ANN, "#lobby", "tea"), TIME)


def test_a_channel_is_to_be_kept_from_its_first_words_on(chat: Chat) -> None:
    assert chat.apply(Joined(ANN, "#new"), TIME).changed is None
    outcome = chat.apply(Said(ANN, "#new", "hello"), TIME)
    assert outcome.changed is chat.channel("#new")
    assert outcome.changed.record() == ChannelRecord("#new", "#new", TIME, "", "", 0, "+nt")
    assert chat.apply(Said(ANN, "#new", "again"), TIME).changed is None


@pytest.mark.parametrize("leave", [Parted(CAT, "#tea"), Quit(CAT, ""), Kicked(CAT, "#tea", "cat")])
def test_an_empty_channel_in_which_nothing_was_said_is_forgotten(chat: Chat, leave: Event) -> None:
    chat.apply(leave, TIME)
    with pytest.raises(Refused) as refused:
        chat.channel("#tea")
    assert refused.value.reply is replies.NO_SUCH_CHANNEL


@pytest.mark.parametrize("said", [Said(CAT, "#tea", "hi"), TopicSet(CAT, "#tea", "green")])
def test_an_empty_channel_in_which_something_was_said_is_kept(chat: Chat, said: Event) -> None:
    chat.apply(ModeSet(CAT, "#tea", (("-", "t", ""),)), TIME)
    chat.apply(said, TIME)
    chat.apply(Parted(CAT, "#tea"), TIME)
    assert chat.channel("#tea").modes == "+n"
    chat.apply(Joined(BEN, "#tea"), TIME)
    assert list(chat.channel("#tea").members.values()) == ["o"]


def test_a_channel_comes_back_from_its_record(chat: Chat) -> None:
    chat.apply(TopicSet(ANN, "#dev", "tea"), TIME + 1)
    record = chat.channel("#dev").record()
    assert record == ChannelRecord("#Dev", "#dev", TIME, "tea", "ann", TIME + 1, "+nt")
    again = Chat(Source("chat.example"), Bounds(), [record]).channel("#DEV")
    assert again.record() == record
    assert again.spoken
    assert not again.members


def test_more_channels_than_allowed_are_refused(chat: Chat) -> None:
    for name in ("#1", "#2"):
        chat.apply(Joined(ANN, name), TIME)
    before = snapshot(chat)
    with pytest.raises(Refused) as refused:
        chat.apply(Joined(ANN, "#3"), TIME)
    assert refused.value.reply is replies.TOO_MANY_CHANNELS
    assert snapshot(chat) == before


def test_a_topic_names_who_set_it_and_one_removed_nobody(chat: Chat) -> None:
    chat.apply(TopicSet(ANN, "#dev", "tea"), TIME + 1)
    channel = chat.channel("#dev")
    assert (channel.topic, channel.topic_by, channel.topic_time) == ("tea", "ann", TIME + 1)
    chat.apply(TopicSet(ANN, "#dev", ""), TIME + 2)
    assert (channel.topic, channel.topic_by) == ("", "")


def test_without_t_every_member_sets_the_topic(chat: Chat) -> None:
    chat.apply(ModeSet(ANN, "#dev", (("-", "t", ""),)), TIME)
    assert chat.apply(TopicSet(BEN, "#dev", "x"), TIME).changed is chat.channel("#dev")


def test_every_member_may_invite(chat: Chat) -> None:
    chat.apply(Invited(BEN, "#dev", "cat"), TIME)


def test_an_operator_makes_operators_and_unmakes_them(chat: Chat) -> None:
    chat.apply(ModeSet(ANN, "#dev", (("+", "o", "ben"),)), TIME)
    chat.apply(ModeSet(BEN, "#dev", (("-", "o", "ann"),)), TIME)
    assert list(chat.channel("#dev").members.values()) == ["", "o"]
    with pytest.raises(Refused):
        chat.apply(Kicked(ANN, "#dev", "ben"), TIME)


@pytest.mark.parametrize(
    "event",
    [
        Kicked(CAT, "#dev", "ann"),
        TopicSet(CAT, "#dev", "x"),
        ModeSet(CAT, "#dev", (("-", "n", ""),)),
        Invited(CAT, "#dev", "cat"),
    ],
)
def test_an_operator_of_the_server_may_do_everywhere_what_operators_may(
    chat: Chat, event: Event
) -> None:
    chat.apply(Opered(CAT, "admin"), TIME)
    chat.apply(event, TIME)


@pytest.mark.parametrize(
    "event",
    [
        Kicked(SERVER, "#dev", "ann"),
        TopicSet(SERVER, "#dev", "x"),
        ModeSet(SERVER, "#dev", (("+", "o", "ben"),)),
        Invited(SERVER, "#dev", "cat"),
        Said(SERVER, "#dev", "x"),
    ],
)
def test_the_server_may_do_everywhere_what_operators_may(chat: Chat, event: Event) -> None:
    assert chat.apply(event, TIME).source.prefix == "chat.example"


# People -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes", [(), (("+", "t", ""),), (("+", "o", "ann"),), (("-", "o", "ben"),)]
)
def test_modes_that_are_so_already_change_nothing_and_nobody_hears(
    chat: Chat, changes: tuple[tuple[str, str, str], ...]
) -> None:
    before = snapshot(chat)
    outcome = chat.apply(ModeSet(ANN, "#dev", changes), TIME)
    assert (outcome.channels, outcome.changed) == ((), None)
    assert snapshot(chat) == before


def test_one_becomes_operator_of_the_server_by_name_and_ceases_by_mode(chat: Chat) -> None:
    user = chat.user("ann")
    for name in ("admin", "root"):
        chat.apply(Opered(ANN, name), TIME)
        assert (user.operator, user.modes) == (name, "o")
    outcome = chat.apply(ModeSet(ANN, "ann", (("-", "o", ""),)), TIME)
    assert str(outcome.event) == "-o"
    assert (user.operator, user.modes) == ("", "")


def test_nobody_becomes_operator_of_the_server_by_saying_so(chat: Chat) -> None:
    outcome = chat.apply(ModeSet(ANN, "ann", (("+", "o", ""),)), TIME)
    assert outcome.event == ModeSet(ANN, "ann", ())
    assert chat.user("ann").modes == ""


def test_one_is_away_until_back(chat: Chat) -> None:
    chat.apply(AwaySet(ANN, "lunch"), TIME)
    assert chat.user("ann").away == "lunch"
    chat.apply(AwaySet(ANN, ""), TIME)
    assert chat.user("ann").away == ""


def test_a_nick_is_free_again_after_its_owner_has_quit_or_renamed(chat: Chat) -> None:
    chat.apply(Quit(ANN, ""), TIME)
    chat.check_nick("ann")
    chat.apply(Renamed(BEN, "ann"), TIME)
    chat.check_nick("ben")
    with pytest.raises(Refused):
        chat.check_nick("ANN")


def test_a_free_nick_is_offered_that_is_free_and_not_too_long(chat: Chat) -> None:
    assert chat.free_nick("ann") == "ann_"
    chat.apply(registered(4, "ann_"), TIME)
    assert chat.free_nick("ann") == "ann2"
    longest = "a" * 30
    chat.apply(registered(5, longest), TIME)
    assert chat.free_nick(longest) == "a" * 29 + "_"


# Any mix ----------------------------------------------------------------------------------------

users = st.integers(1, 5)
nicks = st.sampled_from(["ann", "Ann", "ben", "cat", "dan", "eve", "1", ""])
channels = st.sampled_from(["#a", "#A", "#b", "#c", "#lobby", "bad", "#"])
texts = st.sampled_from(["", "hi", "é" * 300, "a\nb"])


class AnyMix(RuleBasedStateMachine):
    """Whatever is done in whatever order, the state stays consistent; a refusal changes nothing;
    whoever was in a channel hears what happened there, and nobody else."""

    def __init__(self) -> None:
        super().__init__()
        self.chat = Chat(Source("chat.example"), Bounds(channels_per_user=2))
        self.time = 0
        self.said_in: set[str] = set()

    def do(self, event: Event) -> None:
        before = snapshot(self.chat)
        self.time += 1
        try:
            outcome = self.chat.apply(event, self.time)
        except (Refused, Gone):
            assert snapshot(self.chat) == before
            return
        if isinstance(event, Said | TopicSet | ModeSet):
            self.said_in |= {channel.folded for channel in outcome.channels}
        self.said_in &= self.chat.channels.keys()
        if outcome.left:
            who, where = outcome.left
            assert {c.folded for c in where} <= {c.folded for c in outcome.channels}
            assert not any(who in channel.members for channel in where)
        changed = {
            folded
            for folded, channel in self.chat.channels.items()
            if folded in before[2] and before[2][folded][0] != channel.record()
        }
        assert changed <= ({outcome.changed.folded} if outcome.changed else set())

    @rule(user=users, nick=nicks)
    def register(self, user: int, nick: str) -> None:
        if user not in self.chat.users:  # the hub's numbers are given once
            self.do(registered(user, nick))

    @rule(user=users, nick=nicks)
    def rename(self, user: int, nick: str) -> None:
        self.do(Renamed(user, nick))

    @rule(user=users, channel=channels)
    def join(self, user: int, channel: str) -> None:
        self.do(Joined(user, channel))

    @rule(user=users, channel=channels, reason=texts)
    def part(self, user: int, channel: str, reason: str) -> None:
        self.do(Parted(user, channel, reason))

    @rule(user=st.integers(0, 5), channel=channels, nick=nicks, reason=texts)
    def kick(self, user: int, channel: str, nick: str, reason: str) -> None:
        self.do(Kicked(user, channel, nick, reason))

    @rule(user=st.integers(0, 5), to=st.one_of(channels, nicks), text=texts)
    def say(self, user: int, to: str, text: str) -> None:
        self.do(Said(user, to, text))

    @rule(user=st.integers(0, 5), channel=channels, text=texts)
    def topic(self, user: int, channel: str, text: str) -> None:
        self.do(TopicSet(user, channel, text))

    @rule(
        user=st.integers(0, 5),
        to=st.one_of(channels, nicks),
        changes=st.lists(
            st.tuples(st.sampled_from("+-"), st.sampled_from("ontix"), nicks), max_size=3
        ),
    )
    def mode(self, user: int, to: str, changes: list[tuple[str, str, str]]) -> None:
        self.do(ModeSet(user, to, tuple(changes)))

    @rule(user=users)
    def oper(self, user: int) -> None:
        self.do(Opered(user, "admin"))

    @rule(user=users, reason=texts)
    def quit(self, user: int, reason: str) -> None:
        self.do(Quit(user, reason))

    @precondition(lambda self: self.chat.users)
    @invariant()
    def membership_is_symmetric(self) -> None:
        for user in self.chat.users.values():
            for folded, channel in user.channels.items():
                assert self.chat.channels[folded] is channel
                assert user in channel.members
        for channel in self.chat.channels.values():
            for user in channel.members:
                assert self.chat.users[user.id] is user
                assert user.channels[channel.folded] is channel

    @invariant()
    def the_nicks_are_those_of_the_users(self) -> None:
        assert {fold(user.nick): user for user in self.chat.users.values()} == self.chat.nicks

    @invariant()
    def the_channels_are_called_as_they_are_found(self) -> None:
        for folded, channel in self.chat.channels.items():
            assert fold(channel.name) == channel.folded == folded

    @invariant()
    def an_empty_channel_stays_only_where_something_was_said(self) -> None:
        for folded, channel in self.chat.channels.items():
            assert channel.members or folded in self.said_in
            assert channel.spoken == (folded in self.said_in)

    @invariant()
    def nobody_is_in_too_many_channels(self) -> None:
        assert all(len(user.channels) <= 2 for user in self.chat.users.values())

    @invariant()
    def server_operators_are_marked_as_such(self) -> None:
        for user in self.chat.users.values():
            assert ("o" in user.modes) == bool(user.operator)


AnyMix.TestCase.settings = settings(deadline=None, max_examples=100, stateful_step_count=30)
test_any_mix_of_events_leaves_the_chat_consistent = AnyMix.TestCase

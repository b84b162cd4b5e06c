"""The rules of channels: who may come in, who is put out, the topic, invitations, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cast import (
    ANN,
    BEN,
    CAT,
    TIME,
    do,
    founder,
    heard,
    held,
    modes,
    new_chat,
    oper,
    refuses,
    registered,
    snapshot,
)
from hypothesis import given
from hypothesis import strategies as st

from ircish import replies
from ircish.chat.channels import INVITATIONS
from ircish.chat.chat import Chat
from ircish.chat.modes import FLAGS, KEY_LENGTH, LISTS, MASK_LENGTH
from ircish.chat.modes import parse as parse_modes
from ircish.chat.state import Bounds, Channel
from ircish.dialects.irc import Irc
from ircish.errors import Refused
from ircish.events import (
    SERVER,
    AwaySet,
    Event,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    NameSet,
    Parted,
    Quit,
    Redacted,
    Renamed,
    Said,
    Source,
    Stamped,
    TopicSet,
)
from ircish.rows import ChannelRecord


@pytest.mark.parametrize(
    ("event", "channels", "users", "left"),
    [
        (Joined(CAT, "#DEV"), ["#Dev"], [], None),
        (Joined(ANN, "#new"), ["#new"], [], None),
        (Joined(ANN, "#dev"), [], [], None),
        (Parted(BEN, "#DEV", "bye"), ["#Dev"], [], ("ben", ["#Dev"])),
        (Kicked(ANN, "#dev", "BEN"), ["#Dev"], [], ("ben", ["#Dev"])),
        (Kicked(ANN, "#dev", "ann"), ["#Dev"], [], ("ann", ["#Dev"])),
        (Kicked(SERVER, "#dev", "ann"), ["#Dev"], [], ("ann", ["#Dev"])),
        (TopicSet(ANN, "#dev", "tea"), ["#Dev"], [], None),
        (Invited(BEN, "#dev", "CAT"), ["#Dev"], ["cat"], None),
    ],
)
def test_exactly_these_hear_of_what_happens_in_a_channel(
    chat: Chat,
    event: Event,
    channels: list[str],
    users: list[str],
    left: tuple[str, list[str]] | None,
) -> None:
    outcome = chat.apply(event, TIME)
    assert heard(outcome) == (channels, users)
    assert outcome.told == ()
    assert (outcome.left and (outcome.left[0].nick, [c.name for c in outcome.left[1]])) == left
    assert not outcome.left or all(outcome.left[0] not in c.members for c in outcome.left[1])


@pytest.mark.parametrize(
    ("event", "took_effect"),
    [
        (Joined(CAT, "#DEV", "guess"), Joined(CAT, "#Dev", realname="Cat")),
        (Parted(BEN, "#DEV"), Parted(BEN, "#Dev")),
        (Kicked(ANN, "#DEV", "BEN", "x"), Kicked(ANN, "#Dev", "ben", "x")),
        (TopicSet(ANN, "#DEV", "x"), TopicSet(ANN, "#Dev", "x")),
        (Invited(ANN, "#DEV", "CAT"), Invited(ANN, "#Dev", "cat")),
    ],
)
def test_names_are_told_as_they_are_written_and_a_key_is_not(
    chat: Chat, event: Event, took_effect: Event
) -> None:
    assert chat.apply(event, TIME).event == took_effect


def test_who_comes_in_is_shown_with_their_name_and_why_they_are_away(chat: Chat) -> None:
    do(chat, NameSet(CAT, "Cat C."), AwaySet(CAT, "lunch"))
    event = do(chat, Joined(CAT, "#dev", realname="forged", away="forged")).event
    assert event == Joined(CAT, "#Dev", realname="Cat C.", away="lunch")


LONG = "x" * 600


@pytest.mark.parametrize(
    ("event", "reply"),
    [
        (Joined(ANN, "dev"), replies.BAD_CHANNEL),
        (Joined(ANN, ""), replies.BAD_CHANNEL),
        (Joined(ANN, "#"), replies.BAD_CHANNEL),
        (Joined(ANN, "#a b"), replies.BAD_CHANNEL),
        (Joined(ANN, "#" + "a" * 50), replies.BAD_CHANNEL),
        (Parted(ANN, "#nowhere"), replies.NO_SUCH_CHANNEL),
        (Parted(ANN, "#tea"), replies.NOT_IN_CHANNEL),
        (Parted(ANN, "#dev", "a\nb"), replies.CONTROL_INSIDE),
        (Kicked(BEN, "#dev", "ann"), replies.NOT_CHANNEL_OPERATOR),
        (Kicked(BEN, "#dev", "ben"), replies.NOT_CHANNEL_OPERATOR),
        (Kicked(CAT, "#dev", "ann"), replies.NOT_IN_CHANNEL),
        (Kicked(ANN, "#nowhere", "ann"), replies.NO_SUCH_CHANNEL),
        (Kicked(ANN, "#dev", "cat"), replies.THEY_ARE_NOT_IN),
        (Kicked(ANN, "#dev", "dan"), replies.NO_SUCH_NICK),
        (Kicked(ANN, "#dev", "ben", "a\0b"), replies.CONTROL_INSIDE),
        (TopicSet(BEN, "#dev", "x"), replies.NOT_CHANNEL_OPERATOR),
        (TopicSet(CAT, "#dev", "x"), replies.NOT_IN_CHANNEL),
        (TopicSet(ANN, "#nowhere", "x"), replies.NO_SUCH_CHANNEL),
        (TopicSet(ANN, "#dev", "x" * 51), replies.RELAY_TOO_LONG),
        (TopicSet(ANN, "#dev", LONG), replies.RELAY_TOO_LONG),
        (TopicSet(ANN, "#dev", "x\n"), replies.CONTROL_INSIDE),
        (Invited(CAT, "#dev", "cat"), replies.NOT_IN_CHANNEL),
        (Invited(ANN, "#nowhere", "cat"), replies.NO_SUCH_CHANNEL),
        (Invited(ANN, "#dev", "ben"), replies.ALREADY_IN),
        (Invited(ANN, "#dev", "dan"), replies.NO_SUCH_NICK),
    ],
)
def test_what_is_refused_in_a_channel_changes_nothing(
    chat: Chat, event: Event, reply: replies.Reply
) -> None:
    refuses(chat, event, reply)


@pytest.mark.parametrize(
    "event",
    [
        TopicSet(ANN, "#dev", "\ud800"),
        Parted(ANN, "#dev", "\ud800"),
        Kicked(ANN, "#dev", "ben", "\ud800"),
        Quit(ANN, "\ud800"),
        AwaySet(ANN, "\ud800"),
        NameSet(ANN, "\ud800"),
        modes(ANN, "#dev", "+b \ud800"),
        modes(ANN, "#dev", "-n, +k \ud800"),
    ],
)
def test_what_could_not_be_written_is_a_fault_of_its_maker_and_changes_nothing(
    chat: Chat, event: Event
) -> None:
    before = snapshot(chat)
    with pytest.raises((ValueError, Refused)):
        chat.apply(event, TIME)
    assert snapshot(chat) == before


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


# Founding and keeping ---------------------------------------------------------------------------


def test_the_founder_of_a_channel_is_its_operator_and_who_comes_later_is_not(chat: Chat) -> None:
    assert held(chat) == {"ann": "o", "ben": ""}
    assert chat.channel("#dev").modes == "+nt"


def test_nobody_becomes_operator_of_the_default_channel_by_being_first(chat: Chat) -> None:
    outcome = do(chat, Joined(ANN, "#LOBBY"))
    assert list(outcome.channels[0].members.values()) == [""]
    assert outcome.channels[0].modes == "+n"
    do(chat, TopicSet(ANN, "#lobby", "tea"), Parted(ANN, "#lobby"), Joined(BEN, "#lobby"))
    assert held(chat, "#lobby") == {"ben": ""}


def test_a_channel_is_to_be_kept_from_its_first_words_on(chat: Chat) -> None:
    assert do(chat, Joined(ANN, "#new")).changed is None
    outcome = do(chat, Said(ANN, "#new", "hello"))
    assert outcome.changed is chat.channel("#new")
    assert outcome.changed.record() == ChannelRecord("#new", "#new", TIME, "", "", 0, "+nt")
    assert do(chat, Said(ANN, "#new", "again")).changed is None


@pytest.mark.parametrize("leave", [Parted(CAT, "#tea"), Quit(CAT, ""), Kicked(CAT, "#tea", "cat")])
def test_an_empty_channel_in_which_nothing_was_said_is_forgotten(chat: Chat, leave: Event) -> None:
    chat.apply(leave, TIME)
    refuses(chat, Parted(ANN, "#tea"), replies.NO_SUCH_CHANNEL)


@pytest.mark.parametrize(
    "said", [Said(CAT, "#tea", "hi"), TopicSet(CAT, "#tea", "green"), modes(CAT, "#tea", "+m")]
)
def test_an_empty_channel_in_which_something_was_said_is_kept(chat: Chat, said: Event) -> None:
    do(chat, said, Parted(CAT, "#tea"))
    do(chat, Joined(BEN, "#tea"))
    assert held(chat, "#tea") == {"ben": "o"}
    assert ("m" in chat.channel("#tea").flags) == isinstance(said, ModeSet)


@pytest.mark.parametrize(
    ("change", "reply"),
    [
        ("+i", replies.INVITE_ONLY),
        ("+k sesame", replies.WRONG_KEY),
        ("+b *", replies.BANNED),
    ],
)
def test_an_emptied_channel_that_kept_people_out_still_does(
    chat: Chat, change: str, reply: replies.Reply
) -> None:
    do(chat, modes(CAT, "#tea", change), Parted(CAT, "#tea"))
    refuses(chat, Joined(BEN, "#tea"), reply)
    refuses(chat, Joined(CAT, "#tea"), reply)
    restarted = Chat(chat.server, chat.bounds, [chat.channel("#tea").record()])
    do(restarted, registered(BEN, "ben"))
    refuses(restarted, Joined(BEN, "#tea"), reply)


def test_an_operator_of_the_server_opens_an_emptied_channel_from_outside(chat: Chat) -> None:
    do(chat, modes(CAT, "#tea", "+i"), Parted(CAT, "#tea"))
    oper(chat, ANN)
    do(chat, Invited(ANN, "#tea", "ben"), Joined(BEN, "#tea"), modes(ANN, "#tea", "-i"))
    assert held(chat, "#tea") == {"ben": "o"}


def test_more_channels_than_allowed_are_refused(chat: Chat) -> None:
    do(chat, Joined(ANN, "#1"), Joined(ANN, "#2"))
    refuses(chat, Joined(ANN, "#3"), replies.TOO_MANY_CHANNELS)
    refuses(chat, Joined(ANN, "#tea"), replies.TOO_MANY_CHANNELS)
    do(chat, Joined(ANN, "#1"), Parted(ANN, "#1"), Joined(ANN, "#3"))


# Who may come in --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask", "fits"),
    [
        ("cat", True),
        ("CAT", True),
        ("c?t!*@*", True),
        ("*!~cat@*", True),
        ("*!*@HOST.*", True),
        ("~cat@host.example", True),
        ("*", True),
        ("cat!*", True),
        ("ca", False),
        ("cat!cat@*", False),
        ("*!*@host", False),
        ("[a-z]at", False),
        ("cat@*", False),
    ],
)
def test_who_is_banned_may_not_come_in(chat: Chat, mask: str, fits: bool) -> None:
    do(chat, modes(ANN, "#dev", f"+b {mask}"))
    if fits:
        refuses(chat, Joined(CAT, "#dev"), replies.BANNED)
    else:
        do(chat, Joined(CAT, "#dev"))


def test_who_is_banned_under_one_name_may_come_in_under_another(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "+b cat"), Renamed(CAT, "kitty"), Joined(CAT, "#dev"))


def test_an_exception_lets_the_banned_in_but_not_past_other_modes(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "+b *, +e *!~CAT@*"))
    do(chat, Joined(CAT, "#dev"), Parted(CAT, "#dev"), modes(ANN, "#dev", "+k sesame"))
    refuses(chat, Joined(CAT, "#dev", "Sesame"), replies.WRONG_KEY)
    do(chat, Joined(CAT, "#dev", "sesame"))


def test_who_is_only_muted_may_come_in(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "+b m:cat"), Joined(CAT, "#dev"))


def test_an_exception_from_being_muted_does_not_let_the_banned_in(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "+b cat, +e m:cat"))
    refuses(chat, Joined(CAT, "#dev"), replies.BANNED)


def test_who_fits_the_list_of_invited_needs_no_invitation_but_is_kept_out_by_a_ban(
    chat: Chat,
) -> None:
    do(chat, modes(ANN, "#dev", "+i, +I CAT"), Joined(CAT, "#dev"), Parted(CAT, "#dev"))
    do(chat, modes(ANN, "#dev", "+b cat"))
    refuses(chat, Joined(CAT, "#dev"), replies.BANNED)
    do(chat, modes(ANN, "#dev", "-b cat, -I cat"))
    refuses(chat, Joined(CAT, "#dev"), replies.INVITE_ONLY)


@pytest.mark.parametrize("guess", ["", "sesam", "sesame ", "SESAME", "é", "x" * 500])
def test_a_key_must_be_given_exactly(chat: Chat, guess: str) -> None:
    do(chat, modes(ANN, "#dev", "+k sesame"))
    refuses(chat, Joined(CAT, "#dev", guess), replies.WRONG_KEY)
    do(chat, Joined(CAT, "#dev", "sesame"))


def test_a_key_that_nobody_asks_for_does_no_harm(chat: Chat) -> None:
    do(chat, Joined(CAT, "#dev", "sesame"))


def test_no_more_than_the_limit_may_be_in(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "+l 2"))
    assert refuses(chat, Joined(CAT, "#dev"), replies.FULL).fields["most"] == 2
    do(chat, modes(ANN, "#dev", "+l 1"))
    assert set(held(chat)) == {"ann", "ben"}
    do(chat, Parted(BEN, "#dev"))
    refuses(chat, Joined(BEN, "#dev"), replies.FULL)
    do(chat, modes(ANN, "#dev", "+l 2"), Joined(CAT, "#dev"))


# Invitations ------------------------------------------------------------------------------------


def test_an_operators_invitation_lets_in_once_whatever_keeps_others_out(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "+i, +k sesame, +l 1, +b cat"))
    do(chat, Invited(ANN, "#dev", "cat"), Joined(CAT, "#dev"))
    do(chat, Kicked(ANN, "#dev", "cat"))
    refuses(chat, Joined(CAT, "#dev"), replies.BANNED)


@pytest.mark.parametrize(
    ("change", "reply"),
    [
        ("+k sesame", replies.WRONG_KEY),
        ("+l 1", replies.FULL),
        ("+b cat", replies.BANNED),
    ],
)
def test_every_member_may_ask_somebody_in_but_that_lets_nobody_in(
    chat: Chat, change: str, reply: replies.Reply
) -> None:
    do(chat, modes(ANN, "#dev", change))
    assert heard(do(chat, Invited(BEN, "#dev", "cat"))) == (["#Dev"], ["cat"])
    refuses(chat, Joined(CAT, "#dev"), reply)
    assert chat.user("cat").invited == {}


def test_where_one_must_be_invited_only_operators_invite(chat: Chat) -> None:
    do(chat, Invited(BEN, "#dev", "cat"), modes(ANN, "#dev", "+i"))
    refuses(chat, Joined(CAT, "#dev"), replies.INVITE_ONLY)
    refuses(chat, Invited(BEN, "#dev", "cat"), replies.NOT_CHANNEL_OPERATOR)
    do(chat, modes(ANN, "#dev", "+v ben"))
    refuses(chat, Invited(BEN, "#dev", "cat"), replies.NOT_CHANNEL_OPERATOR)
    do(chat, Invited(ANN, "#dev", "cat"), Joined(CAT, "#dev"))


def test_an_invitation_is_to_that_channel_and_not_to_another_of_its_name(chat: Chat) -> None:
    do(chat, Invited(CAT, "#tea", "ben"), Parted(CAT, "#tea"))
    do(chat, Joined(ANN, "#tea"), modes(ANN, "#tea", "+i"))
    refuses(chat, Joined(BEN, "#tea"), replies.INVITE_ONLY)


def test_an_invitation_stays_with_who_takes_another_nick_and_not_with_the_nick(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "+i"), Invited(ANN, "#dev", "cat"))
    do(chat, Renamed(CAT, "kitty"), registered(4, "cat"))
    refuses(chat, Joined(4, "#dev"), replies.INVITE_ONLY)
    do(chat, Joined(CAT, "#dev"))


def test_an_invitation_to_the_same_channel_again_is_one(chat: Chat) -> None:
    do(chat, *[Invited(ANN, "#dev", "cat")] * 2)
    assert list(chat.user("cat").invited) == [chat.channel("#dev")]


def test_of_too_many_invitations_the_oldest_no_longer_counts() -> None:
    chat = new_chat(channels_per_user=INVITATIONS + 2)
    names = [f"#{n}" for n in range(INVITATIONS + 1)]
    for name in names:
        do(chat, Joined(ANN, name), modes(ANN, name, "+i"))
    do(chat, *[Invited(ANN, name, "cat") for name in names[:-1]])
    do(chat, Invited(ANN, "#0", "cat"), Invited(ANN, names[-1], "cat"))
    assert len(chat.user("cat").invited) == INVITATIONS
    refuses(chat, Joined(CAT, "#1"), replies.INVITE_ONLY)
    do(chat, Joined(CAT, "#0"), Joined(CAT, "#2"))


# Out, and the topic -----------------------------------------------------------------------------


def test_nobody_puts_a_founder_out_but_a_founder_and_who_operates_the_server(chat: Chat) -> None:
    founder(chat, "ann")
    do(chat, modes(ANN, "#dev", "+o ben"))
    refuses(chat, Kicked(BEN, "#dev", "ann"), replies.NOT_FOUNDER)
    founder(chat, "ben")
    do(chat, Kicked(BEN, "#dev", "ann"), Joined(ANN, "#dev"))
    oper(chat, ANN)
    do(chat, Kicked(ANN, "#dev", "ben"))
    assert held(chat) == {"ann": ""}


def test_who_was_put_out_comes_back_without_a_status(chat: Chat) -> None:
    do(chat, Kicked(ANN, "#dev", "ann"), Joined(ANN, "#dev"))
    assert held(chat) == {"ben": "", "ann": ""}


def test_a_topic_names_who_set_it_and_one_removed_nobody(chat: Chat) -> None:
    do(chat, TopicSet(ANN, "#dev", "tea"), time=TIME + 1)
    channel = chat.channel("#dev")
    assert (channel.topic, channel.topic_by, channel.topic_time) == (
        "tea",
        "ann!~ann@host.example",
        TIME + 1,
    )
    do(chat, TopicSet(ANN, "#dev", ""), time=TIME + 2)
    assert (channel.topic, channel.topic_by) == ("", "")


def test_without_t_every_member_sets_the_topic(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "-t"))
    assert do(chat, TopicSet(BEN, "#dev", "x")).changed is chat.channel("#dev")
    refuses(chat, TopicSet(CAT, "#dev", "x"), replies.NOT_IN_CHANNEL)


def test_who_may_not_speak_does_not_by_a_topic_either(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "-t, +b m:*"))
    refuses(chat, TopicSet(BEN, "#dev", "x"), replies.SILENCED)
    do(chat, TopicSet(ANN, "#dev", "x"), TopicSet(SERVER, "#dev", "x"))
    do(chat, modes(ANN, "#dev", "+v ben"), TopicSet(BEN, "#dev", "x"))
    oper(chat, CAT)
    do(chat, TopicSet(CAT, "#dev", "x"))


@pytest.mark.parametrize("change", ["+m", "+b m:*"])
def test_nor_by_why_they_leave_or_take_something_back(chat: Chat, change: str) -> None:
    do(chat, modes(ANN, "#dev", f"-t, {change}"))
    with pytest.raises(Refused):
        do(chat, TopicSet(BEN, "#dev", "x"))
    assert do(chat, Redacted(BEN, "#dev", "m1", "x", own=True)).event.reason == ""  # type: ignore[attr-defined]
    assert do(chat, Parted(BEN, "#dev", "x")).event.reason == ""  # type: ignore[attr-defined]
    assert do(chat, Parted(ANN, "#dev", "x")).event.reason == "x"  # type: ignore[attr-defined]


# What outlives the members ----------------------------------------------------------------------


def test_a_channel_comes_back_from_its_record(chat: Chat) -> None:
    do(chat, TopicSet(ANN, "#dev", "tea"), time=TIME + 1)
    do(chat, modes(ANN, "#dev", "+k sesame, +l 20, +b Ben, +e m:x!y@z"), time=TIME + 2)
    do(chat, modes(SERVER, "#dev", "+I é*"), time=TIME + 3)
    record = chat.channel("#dev").record()
    lists = f"b Ben!*@* ann {TIME + 2}\ne m:x!y@z ann {TIME + 2}\nI é*!*@* chat.example {TIME + 3}"
    assert record == ChannelRecord(
        "#Dev", "#dev", TIME, "tea", "ann!~ann@host.example", TIME + 1, "+klnt sesame 20", lists
    )
    again = Chat(Source("chat.example"), Bounds(), [record]).channel("#DEV")
    assert state(again) == state(chat.channel("#dev"))


@pytest.mark.parametrize("modes", ["+", "+n", "+nt"])
def test_a_record_from_before_there_were_lists_gives_a_channel_without_any(modes: str) -> None:
    channel = Channel.restored(ChannelRecord("#Dev", "#dev", TIME, "tea", "ann", TIME + 1, modes))
    assert (channel.modes, channel.lists, channel.key, channel.limit) == (modes, {}, "", 0)
    assert channel.spoken


def state(channel: Channel) -> Any:
    return (
        {letter: list(entries.items()) for letter, entries in channel.lists.items()},
        channel.name,
        channel.folded,
        channel.created,
        channel.flags,
        channel.key,
        channel.limit,
        channel.topic,
        channel.topic_by,
        channel.topic_time,
        channel.spoken,
    )


words = st.text(min_size=1, max_size=30)
params = {
    **dict.fromkeys(LISTS, words.filter(lambda w: len(w.encode(errors="replace")) <= MASK_LENGTH)),
    "k": words.map(lambda word: word[:KEY_LENGTH]),
    "l": st.integers(0, 10**12).map(str),
    **dict.fromkeys(FLAGS, st.just("")),
}
change = st.tuples(st.sampled_from("+++-"), st.sampled_from(list(params))).flatmap(
    lambda each: st.tuples(st.just(each[0]), st.just(each[1]), params[each[1]])
)


@given(st.lists(change, max_size=12), words)
def test_whatever_modes_a_channel_has_it_comes_back_with_them(
    changes: list[tuple[str, str, str]], topic: str
) -> None:
    chat = new_chat(bans=100)
    channel = chat.channel("#dev")
    for event in (TopicSet(ANN, "#dev", topic), *(ModeSet(ANN, "#dev", (c,)) for c in changes)):
        before = state(channel)
        try:
            outcome = chat.apply(event, TIME)
        except (Refused, UnicodeEncodeError):
            assert state(channel) == before
            continue
        if isinstance(outcome.event, ModeSet):
            letters, *rest = str(outcome.event).split(" ")
            assert tuple(parse_modes(letters, rest)) == outcome.event.changes
        channel.record()
    do(chat, Said(ANN, "#dev", "hi"))
    assert state(Channel.restored(channel.record())) == state(channel)

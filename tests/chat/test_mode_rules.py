"""The rules of modes: who may set which, what they read like, and what a list of masks holds."""

from __future__ import annotations

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
    oper,
    refuses,
    snapshot,
)

from ircish import replies
from ircish.chat.chat import Chat
from ircish.chat.modes import MASK_LENGTH, full_mask, is_operator, parse, signs
from ircish.chat.state import Entry
from ircish.errors import Refused
from ircish.events import SERVER, HostSet, Joined, ModeSet, Parted, Renamed, Said


def effect(chat: Chat, changes: str, by: int = ANN) -> str:
    """What a channel's members read of the changes, "" where they read nothing."""
    outcome = do(chat, modes(by, "#DEV", changes))
    assert isinstance(outcome.event, ModeSet)
    assert (outcome.event.user, outcome.event.target) == (by, "#Dev")
    if outcome.event.changes:
        assert heard(outcome) == (["#Dev"], [])
        assert outcome.changed is chat.channel("#dev")
    else:
        assert (heard(outcome), outcome.changed) == (([], []), None)
    return str(outcome.event)


# Reading ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "params", "changes"),
    [
        ("", (), []),
        ("+", (), []),
        ("n", (), [("+", "n", "")]),
        ("+n-t", ("x",), [("+", "n", ""), ("-", "t", "")]),
        ("+-n", (), [("-", "n", "")]),
        ("o-v", ("ann", "ben"), [("+", "o", "ann"), ("-", "v", "ben")]),
        ("+kl", ("sesame", "5"), [("+", "k", "sesame"), ("+", "l", "5")]),
        ("-lk", ("sesame",), [("-", "l", ""), ("-", "k", "sesame")]),
        ("-k", (), [("-", "k", "")]),
        ("+b-eI", ("a", "b", "c"), [("+", "b", "a"), ("-", "e", "b"), ("-", "I", "c")]),
        ("+oo", ("ann",), [("+", "o", "ann"), ("+", "o", "")]),
        ("+Zé", ("a",), [("+", "Z", ""), ("+", "é", "")]),
    ],
)
def test_letters_take_their_parameters_in_order(
    letters: str, params: tuple[str, ...], changes: list[tuple[str, str, str]]
) -> None:
    assert list(parse(letters, params)) == changes


@pytest.mark.parametrize(
    ("mask", "full"),
    [
        ("ben", "ben!*@*"),
        ("b?n*", "b?n*!*@*"),
        ("ben!", "ben!*@*"),
        ("ben!~b", "ben!~b@*"),
        ("ben!~b@", "ben!~b@*"),
        ("!~b", "*!~b@*"),
        ("@host", "*!*@host"),
        ("~b@host", "*!~b@host"),
        ("a!b@c", "a!b@c"),
        ("a!b!c@d@e", "a!b!c@d@e"),
        ("*", "*!*@*"),
        ("*!*@*", "*!*@*"),
        ("!", "*!*@*"),
        ("@", "*!*@*"),
        ("m:ben", "m:ben!*@*"),
        ("M:Ben", "m:Ben!*@*"),
        ("m:*@host", "m:*!*@host"),
        ("m:m:ben", "m:m:ben!*@*"),
        ("host:1::2", "host:1::2!*@*"),
    ],
)
def test_what_a_mask_leaves_out_is_anything(mask: str, full: str) -> None:
    assert full_mask(mask) == full
    assert full_mask(full) == full


def test_the_signs_of_a_status_are_the_highest_first() -> None:
    assert [signs(status) for status in ("", "v", "ov", "qov")] == ["", "+", "@+", "~@+"]
    assert [is_operator(status) for status in ("", "v", "ov", "q")] == [False, False, True, True]


# Setting ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ("+o BEN, +o ann, -n", "+o-n ben"),
        ("+t, -t, +t", "-t+t"),
        ("-v ben, +n", ""),
        ("+v ben, +o ben, -v BEN", "+vo-v ben ben ben"),
        ("+m, +i, +s, +C", "+misC"),
        ("+n ignored, -t ignored", "-t"),
        ("+k sesame", "+k sesame"),
        ("+k sesame, +k other", "+kk sesame other"),
        ("+k sesame, +k sesame", "+k sesame"),
        ("-k", ""),
        ("+k sesame, -k wrong", "+k-k sesame *"),
        ("+l 20, +l 20", "+l 20"),
        ("+l 020", "+l 20"),
        ("+l 20, +l 5, -l ignored, -l", "+ll-l 20 5"),
        ("+b Ben, +b ben!*@*, -b BEN", "+b-b Ben!*@* Ben!*@*"),
        ("-b nobody", ""),
        ("+e a, +I a, +b a", "+eIb a!*@* a!*@* a!*@*"),
    ],
)
def test_changes_are_told_as_they_took_effect(chat: Chat, changes: str, read: str) -> None:
    assert effect(chat, changes) == read


@pytest.mark.parametrize("changes", [(), (("+", "t", ""),), (("+", "o", "ann"),)])
def test_modes_that_are_so_already_change_nothing_and_nobody_hears(
    chat: Chat, changes: tuple[tuple[str, str, str], ...]
) -> None:
    before = snapshot(chat)
    outcome = do(chat, ModeSet(ANN, "#dev", changes))
    assert (outcome.channels, outcome.changed) == ((), None)
    assert snapshot(chat) == before


def test_the_modes_of_a_channel_read_in_alphabetical_order(chat: Chat) -> None:
    effect(chat, "+s, +k sesame, +m, +l 20, +C, +i")
    assert chat.channel("#dev").modes == "+Ciklmnst sesame 20"
    effect(chat, "-k x, -s, -l, -C, -i, -m, -n, -t")
    assert chat.channel("#dev").modes == "+"


@pytest.mark.parametrize(
    ("changes", "reply"),
    [
        ("-n, +o cat", replies.THEY_ARE_NOT_IN),
        ("-n, +o dan", replies.NO_SUCH_NICK),
        ("-n, +o", replies.NO_SUCH_NICK),
        ("-n, +x", replies.UNKNOWN_MODE),
        ("-n, +h ben", replies.UNKNOWN_MODE),
        ("-n, +k", replies.INVALID_KEY),
        ("-n, +k :x", replies.INVALID_KEY),
        ("-n, +k a,b", replies.INVALID_KEY),
        ("-n, +k a\tb", replies.INVALID_KEY),
        ("-n, +k " + "x" * 24, replies.INVALID_KEY),
        ("-n, +k " + "é" * 12, replies.INVALID_KEY),
        ("-n, +l", replies.INVALID_LIMIT),
        ("-n, +l 0", replies.INVALID_LIMIT),
        ("-n, +l 00", replies.INVALID_LIMIT),
        ("-n, +l -1", replies.INVALID_LIMIT),
        ("-n, +l 1_0", replies.INVALID_LIMIT),
        ("-n, +l １２", replies.INVALID_LIMIT),
        ("-n, +l ²", replies.INVALID_LIMIT),
        ("-n, +l 1234567890", replies.INVALID_LIMIT),
        ("-n, +b", replies.INVALID_MASK),
        ("-n, -b", replies.INVALID_MASK),
        ("-n, +b :x", replies.INVALID_MASK),
        ("-n, +b a\nb", replies.INVALID_MASK),
        ("-n, +b a\u200bb", replies.INVALID_MASK),
        ("-n, +b " + "x" * (MASK_LENGTH + 1), replies.INVALID_MASK),
        ("-n, +b " + "é" * (MASK_LENGTH // 2 + 1), replies.INVALID_MASK),
        ("-n, +b m:", replies.INVALID_MASK),
        ("-n, +e M:", replies.INVALID_MASK),
        ("-n, +I m:ben", replies.INVALID_MASK),
        ("-n, +b a, +b b, +e c, +e d, +I e, +b f", replies.LIST_FULL),
        ("-n, +q ben", replies.NOT_FOUNDER),
        ("-n, +q ann", replies.NOT_FOUNDER),
    ],
)
def test_where_one_change_may_not_be_made_none_is(
    chat: Chat, changes: str, reply: replies.Reply
) -> None:
    refuses(chat, modes(ANN, "#dev", changes), reply)


@pytest.mark.parametrize("param", ["a b", " ", "a "])
@pytest.mark.parametrize("letter", "bk")
def test_a_space_in_a_mask_or_key_would_be_another_parameter(
    chat: Chat, letter: str, param: str
) -> None:
    refuses(chat, ModeSet(ANN, "#dev", (("+", letter, param),)))


@pytest.mark.parametrize(
    "changes", ["-n", "+n", "+b cat", "-v ben", "+o ben", "-o ann", "+k x", "-l"]
)
def test_only_operators_set_modes(chat: Chat, changes: str) -> None:
    refuses(chat, modes(BEN, "#dev", changes), replies.NOT_CHANNEL_OPERATOR)
    refuses(chat, modes(CAT, "#dev", changes), replies.NOT_IN_CHANNEL)
    do(chat, modes(ANN, "#dev", "+v ben"))
    refuses(chat, modes(BEN, "#dev", changes), replies.NOT_CHANNEL_OPERATOR)
    do(chat, Parted(ANN, "#dev"))
    refuses(chat, modes(ANN, "#dev", changes), replies.NOT_IN_CHANNEL)


def test_the_longest_mask_is_taken(chat: Chat) -> None:
    mask = "x" * MASK_LENGTH
    assert effect(chat, f"+b {mask}") == f"+b {mask}!*@*"
    assert effect(chat, f"-b {mask.upper()}") == f"-b {mask}!*@*"


# Statuses ---------------------------------------------------------------------------------------


def test_an_operator_makes_operators_and_unmakes_them(chat: Chat) -> None:
    assert effect(chat, "+o ben") == "+o ben"
    assert effect(chat, "-o ann", by=BEN) == "-o ann"
    assert held(chat) == {"ann": "", "ben": "o"}


def test_who_unmakes_themselves_still_makes_the_rest_of_that_change(chat: Chat) -> None:
    assert effect(chat, "-o ann, +v ann, +o ben, +m") == "-o+vom ann ann ben"
    assert held(chat) == {"ann": "v", "ben": "o"}
    refuses(chat, modes(ANN, "#dev", "+o ann"), replies.NOT_CHANNEL_OPERATOR)


def test_a_member_holds_several_statuses_and_keeps_one_when_another_is_taken(chat: Chat) -> None:
    effect(chat, "+v ben, +o ben")
    founder(chat, "ben")
    assert held(chat)["ben"] == "qov"
    assert effect(chat, "-o ben", by=BEN) == "-o ben"
    assert held(chat)["ben"] == "qv"
    assert effect(chat, "+o ben, -v ben", by=BEN) == "+o-v ben ben"
    assert held(chat)["ben"] == "qo"


@pytest.mark.parametrize("changes", ["-q ann", "-o ann", "-v ann, -o ann", "+q ben", "+q ann"])
def test_no_operator_acts_on_a_founder_or_makes_one(chat: Chat, changes: str) -> None:
    do(chat, modes(ANN, "#dev", "+o ben, +v ann"))
    founder(chat, "ann")
    refuses(chat, modes(BEN, "#dev", changes), replies.NOT_FOUNDER)
    do(chat, modes(BEN, "#dev", "-v ann"))
    do(chat, modes(ANN, "#dev", changes))


def test_founders_make_and_unmake_founders_themselves_too(chat: Chat) -> None:
    founder(chat, "ann")
    assert effect(chat, "+q ben, -q ann, -o ann") == "+q-qo ben ann ann"
    assert held(chat) == {"ann": "", "ben": "q"}
    refuses(chat, modes(ANN, "#dev", "+m"), replies.NOT_CHANNEL_OPERATOR)
    assert effect(chat, "+m", by=BEN) == "+m"


def test_an_operator_of_the_server_makes_and_unmakes_founders_from_outside(chat: Chat) -> None:
    oper(chat, CAT)
    assert effect(chat, "+q ann", by=CAT) == "+q ann"
    assert effect(chat, "-q ann, -o ann", by=CAT) == "-qo ann ann"
    assert effect(chat, "+o ben", by=SERVER) == "+o ben"


def test_a_status_goes_with_a_new_nick_and_not_with_the_channel_left(chat: Chat) -> None:
    do(chat, Renamed(ANN, "anna"))
    assert held(chat) == {"anna": "o", "ben": ""}
    do(chat, Parted(ANN, "#dev"), Joined(ANN, "#dev"))
    assert held(chat) == {"ben": "", "anna": ""}


# Lists ------------------------------------------------------------------------------------------


def test_an_entry_names_who_made_it_and_when(chat: Chat) -> None:
    do(chat, modes(ANN, "#dev", "+b Ben"), time=TIME + 1)
    do(chat, modes(SERVER, "#dev", "+b BEN, +b x"), time=TIME + 2)
    assert chat.channel("#dev").lists == {
        "b": {
            "ben!*@*": Entry("Ben!*@*", "ann", TIME + 1),
            "x!*@*": Entry("x!*@*", "chat.example", TIME + 2),
        }
    }
    effect(chat, "-b ben, -b x")
    assert chat.channel("#dev").lists == {}


def test_masks_are_the_same_whatever_their_case_in_ascii(chat: Chat) -> None:
    assert effect(chat, "+b ÉVE[A], +b évE[a]") == "+bb ÉVE[A]!*@* évE[a]!*@*"
    assert effect(chat, "+b Éve[a], -b Éve{a}") == ""


def test_full_lists_take_what_is_in_them_or_for_which_another_goes(chat: Chat) -> None:
    effect(chat, "+b a, +b b, +e c, +e d, +I e")
    refuses(chat, modes(ANN, "#dev", "+e a"), replies.LIST_FULL)
    refuses(chat, modes(ANN, "#dev", "-b nobody, +e a"), replies.LIST_FULL)
    refuses(chat, modes(ANN, "#dev", "+b f, -b f, +b g"), replies.LIST_FULL)
    assert effect(chat, "+b A") == ""
    assert effect(chat, "+b f, -e c") == "+b-e f!*@* c!*@*"
    assert effect(chat, "+b g, -b g") == "+b-b g!*@* g!*@*"
    assert sum(map(len, chat.channel("#dev").lists.values())) == 5


def test_lists_longer_than_a_new_bound_may_shrink_and_change_but_not_grow(chat: Chat) -> None:
    effect(chat, "+b a, +b b, +b c")
    chat.bounds = type(chat.bounds)(bans=1)
    refuses(chat, modes(ANN, "#dev", "+b d"), replies.LIST_FULL)
    assert effect(chat, "+m") == "+m"
    assert effect(chat, "-b a, +b d") == "-b+b a!*@* d!*@*"
    assert effect(chat, "-b b") == "-b b!*@*"
    refuses(chat, modes(ANN, "#dev", "+b e"), replies.LIST_FULL)


# Silenced ---------------------------------------------------------------------------------------


def speaks(chat: Chat, user: int = BEN) -> bool:
    """Whether they may; asked twice, as the answer is remembered."""
    answers = []
    for _ in range(2):
        try:
            do(chat, Said(user, "#dev", "hi"))
            answers.append(None)
        except Refused as refused:
            answers.append(refused.reply)
    assert answers in ([None] * 2, [replies.SILENCED] * 2)
    return answers[0] is None


@pytest.mark.parametrize("mask", ["ben", "m:ben", "M:*!~BEN@*", "m:*!*@host.*", "*"])
def test_a_ban_set_while_somebody_is_in_silences_them_until_it_is_gone(
    chat: Chat, mask: str
) -> None:
    assert speaks(chat)
    effect(chat, f"+b {mask}")
    assert not speaks(chat)
    effect(chat, f"-b {mask}")
    assert speaks(chat)


@pytest.mark.parametrize("mask", ["m:m:ben", "m:be", "m:*!ben@*", "m::ben", "b", "cat"])
def test_a_ban_of_others_does_not_silence(chat: Chat, mask: str) -> None:
    effect(chat, f"+b {mask}")
    assert speaks(chat)


def test_an_exception_lets_the_silenced_speak(chat: Chat) -> None:
    effect(chat, "+b *")
    assert not speaks(chat)
    effect(chat, "+e m:ben")
    assert speaks(chat)
    effect(chat, "-e m:ben, +e *!~ben@*")
    assert speaks(chat)


def test_who_holds_a_status_is_not_silenced(chat: Chat) -> None:
    effect(chat, "+b *, +m")
    assert speaks(chat, ANN)
    effect(chat, "+v ben")
    assert speaks(chat)
    effect(chat, "-v ben, -m")
    assert not speaks(chat)


def test_who_takes_another_nick_or_host_is_silenced_by_what_fits_them_now(chat: Chat) -> None:
    effect(chat, "+b m:ben, +b m:*!*@tea.example")
    assert not speaks(chat)
    do(chat, Renamed(BEN, "benny"))
    assert speaks(chat)
    do(chat, HostSet(BEN, "x", "tea.example"))
    assert not speaks(chat)
    do(chat, HostSet(BEN, "x", "host.example"))
    assert speaks(chat)
    do(chat, Renamed(BEN, "Ben"))
    assert not speaks(chat)


def test_who_left_and_came_back_under_another_name_is_not_taken_for_who_they_were(
    chat: Chat,
) -> None:
    effect(chat, "+b m:ben")
    assert not speaks(chat)
    do(chat, Parted(BEN, "#dev"), Renamed(BEN, "benny"), Joined(BEN, "#dev"))
    assert speaks(chat)


def test_outsiders_are_silenced_by_what_fits_them_now_too(chat: Chat) -> None:
    effect(chat, "-n, +b cat")
    assert not speaks(chat, CAT)
    do(chat, Renamed(CAT, "kitty"))
    assert speaks(chat, CAT)
    assert chat.channel("#dev").silenced == {}

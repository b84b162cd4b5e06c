"""The rules of people: who comes and goes, is renamed, away or watched, and who hears of it."""

from __future__ import annotations

import pytest
from cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    NOBODY,
    TIME,
    do,
    heard,
    modes,
    new_chat,
    oper,
    refuses,
    registered,
    snapshot,
    told,
)

from ircish import replies
from ircish.chat.chat import Chat
from ircish.chat.outcome import Outcome
from ircish.chat.state import Bounds
from ircish.errors import Gone, Refused
from ircish.events import (
    SERVER,
    AccountSet,
    AwaySet,
    Event,
    HostSet,
    Invited,
    Joined,
    Kicked,
    ModeSet,
    Monitored,
    NameSet,
    Opered,
    Parted,
    Quit,
    Read,
    Redacted,
    Renamed,
    Said,
    TopicSet,
    Wallops,
)

ONLINE, OFFLINE = replies.MONITOR_ONLINE, replies.MONITOR_OFFLINE


@pytest.mark.parametrize(
    ("event", "channels", "left"),
    [
        (registered(DAN, "dan"), [], None),
        (Quit(ANN, "bye"), ["#Dev"], ("ann", ["#Dev"])),
        (Quit(CAT, "bye"), ["#tea"], ("cat", ["#tea"])),
        (Renamed(ANN, "anna"), ["#Dev"], None),
        (Renamed(ANN, "ANN"), ["#Dev"], None),
        (AwaySet(ANN, "lunch"), ["#Dev"], None),
        (NameSet(ANN, "Ann B."), ["#Dev"], None),
        (HostSet(ANN, "ann", "tea.example"), ["#Dev"], None),
        (AccountSet(ANN, "ann"), ["#Dev"], None),
        (Opered(ANN, "admin"), [], None),
        (modes(ANN, "ann", "+i"), [], None),
        (Monitored(ANN, ("ben",)), [], None),
    ],
)
def test_exactly_these_hear_of_people(
    chat: Chat, event: Event, channels: list[str], left: tuple[str, list[str]] | None
) -> None:
    outcome = chat.apply(event, TIME)
    assert heard(outcome) == (channels, [])
    assert outcome.told == ()
    assert outcome.changed is None
    gone = outcome.left and (outcome.left[0].nick, [c.name for c in outcome.left[1]])
    assert gone == left
    assert not outcome.left or all(outcome.left[0] not in c.members for c in outcome.left[1])


def test_a_rename_and_a_quit_are_heard_in_every_channel_of_theirs(chat: Chat) -> None:
    do(chat, Joined(ANN, "#tea"))
    assert heard(do(chat, Renamed(ANN, "anna"))) == (["#Dev", "#tea"], [])
    assert heard(do(chat, Quit(ANN, "bye"))) == (["#Dev", "#tea"], [])


@pytest.mark.parametrize(
    ("event", "reply"),
    [
        (registered(DAN, "ANN"), replies.NICK_IN_USE),
        (registered(DAN, "1"), replies.BAD_NICK),
        (registered(DAN, "a" * 31), replies.BAD_NICK),
        (Renamed(ANN, "Ben"), replies.NICK_IN_USE),
        (Renamed(ANN, "b n"), replies.BAD_NICK),
        (Renamed(ANN, ""), replies.BAD_NICK),
        (Quit(ANN, "a\rb"), replies.CONTROL_INSIDE),
        (AwaySet(ANN, "a\r\nb"), replies.CONTROL_INSIDE),
        (NameSet(ANN, "a\0b"), replies.CONTROL_INSIDE),
        (HostSet(ANN, "ann", "a\nb"), replies.CONTROL_INSIDE),
        (HostSet(ANN, "", "x"), replies.BAD_HOST),
        (HostSet(ANN, "ann", ""), replies.BAD_HOST),
        (HostSet(ANN, "a n", "x"), replies.BAD_HOST),
        (HostSet(ANN, "ann", "x y"), replies.BAD_HOST),
        (HostSet(ANN, "a@b", "x"), replies.BAD_HOST),
        (HostSet(ANN, "ann", "x!y"), replies.BAD_HOST),
        (HostSet(ANN, "a?n", "x"), replies.BAD_HOST),  # to ban it would ban others too
        (HostSet(ANN, "ann", "*"), replies.BAD_HOST),
        (HostSet(ANN, ":ann", "x"), replies.BAD_HOST),
        (HostSet(ANN, "ann", "x\x1b[2J"), replies.BAD_HOST),
        (HostSet(ANN, "ann", "x" * 64), replies.BAD_HOST),
        (HostSet(ANN, "é" * 32, "x"), replies.BAD_HOST),
        (ModeSet(ANN, "ann", (("+", "i", ""), ("+", "x", ""))), replies.UNKNOWN_USER_MODE),
        (ModeSet(ANN, "ben", (("+", "i", ""),)), replies.NOT_YOUR_MODES),
        (ModeSet(ANN, "nobody", (("+", "i", ""),)), replies.NO_SUCH_NICK),
        (Monitored(ANN, ("a", "b", "c", "d")), replies.MONITOR_FULL),
    ],
)
def test_what_people_are_refused_changes_nothing(
    chat: Chat, event: Event, reply: replies.Reply
) -> None:
    refuses(chat, event, reply)


@pytest.mark.parametrize(
    "event",
    [
        Quit(NOBODY, "x"),
        Renamed(NOBODY, "x"),
        AwaySet(NOBODY, ""),
        NameSet(NOBODY, "x"),
        HostSet(NOBODY, "x", "y"),
        AccountSet(NOBODY, "x"),
        Opered(NOBODY, "admin"),
        Monitored(NOBODY, ("ann",)),
        Joined(NOBODY, "#dev"),
        Parted(NOBODY, "#dev"),
        Kicked(NOBODY, "#dev", "ann"),
        TopicSet(NOBODY, "#dev", "x"),
        Invited(NOBODY, "#dev", "cat"),
        ModeSet(NOBODY, "ann", ()),
        ModeSet(NOBODY, "#dev", ()),
        Said(NOBODY, "#dev", "x"),
        Said(NOBODY, "@#dev", "x"),
        Redacted(NOBODY, "#dev", "m1", own=True),
        Wallops(NOBODY, "x"),
        Read(NOBODY, "#dev", 1),
    ],
)
def test_one_who_has_left_does_nothing_any_more(chat: Chat, event: Event) -> None:
    before = snapshot(chat)
    with pytest.raises(Gone):
        chat.apply(event, TIME)
    assert snapshot(chat) == before


# Names ------------------------------------------------------------------------------------------


def test_a_rename_is_told_of_under_the_old_nick(chat: Chat) -> None:
    assert do(chat, Renamed(ANN, "anna")).source.prefix == "ann!~ann@host.example"
    assert chat.user("ANNA").source.prefix == "anna!~ann@host.example"


def test_a_rename_may_change_the_case_alone(chat: Chat) -> None:
    do(chat, Monitored(BEN, ("ann",)))
    outcome = do(chat, Renamed(ANN, "ANN"))
    assert (outcome.told, chat.past("ann"), chat.user("ann").nick) == ((), [], "ANN")


def test_a_nick_is_free_again_after_its_owner_has_quit_or_renamed(chat: Chat) -> None:
    do(chat, Quit(ANN, ""))
    chat.check_nick("ann")
    do(chat, Renamed(BEN, "ann"))
    chat.check_nick("ben")
    with pytest.raises(Refused):
        chat.check_nick("ANN")


def test_a_free_nick_is_offered_that_is_free_and_not_too_long(chat: Chat) -> None:
    assert chat.free_nick("ann") == "ann_"
    do(chat, registered(DAN, "ann_"))
    assert chat.free_nick("ann") == "ann2"
    longest = "a" * 30
    do(chat, registered(5, longest))
    assert chat.free_nick(longest) == "a" * 29 + "_"


def test_it_is_known_how_many_were_here_at_once(chat: Chat) -> None:
    assert chat.most_users == 3
    do(chat, Quit(ANN, ""), registered(DAN, "dan"))
    assert chat.most_users == 3
    do(chat, registered(5, "eve"))
    assert chat.most_users == 4


def test_whowas_tells_who_was_called_so_the_latest_first(chat: Chat) -> None:
    do(chat, Renamed(ANN, "anna"), time=TIME + 1)
    do(chat, Renamed(BEN, "Ann"), time=TIME + 2)
    do(chat, Quit(BEN, ""), time=TIME + 3)
    past = [(who.source.prefix, who.realname, who.time) for who in chat.past("ANN")]
    assert past == [
        ("Ann!~ben@host.example", "Ben", TIME + 3),
        ("ann!~ann@host.example", "Ann", TIME + 1),
    ]
    assert chat.past("anna") == []


def test_whowas_remembers_so_many_and_forgets_the_earliest(chat: Chat) -> None:
    for nick in "bcdefg":
        do(chat, Renamed(ANN, nick))
    assert [who.source.nick for who in chat.gone] == ["c", "d", "e", "f"]
    assert chat.past("ann") == []


def test_whowas_can_be_switched_off() -> None:
    chat = new_chat(whowas=0)
    do(chat, Renamed(ANN, "anna"), Quit(BEN, ""))
    assert not chat.gone


# What others may know of them -------------------------------------------------------------------


def test_one_is_away_until_back(chat: Chat) -> None:
    do(chat, AwaySet(ANN, "lunch"))
    assert chat.user("ann").away == "lunch"
    do(chat, AwaySet(ANN, ""))
    assert chat.user("ann").away == ""


def test_who_is_away_or_back_already_is_not_heard_of(chat: Chat) -> None:
    assert heard(do(chat, AwaySet(ANN, ""))) == ([], [])
    assert heard(do(chat, AwaySet(ANN, "lunch"))) == (["#Dev"], [])
    assert heard(do(chat, AwaySet(ANN, "lunch"))) == ([], [])
    assert heard(do(chat, AwaySet(ANN, "tea"))) == (["#Dev"], [])
    assert heard(do(chat, AwaySet(ANN, ""))) == (["#Dev"], [])


def test_a_name_a_host_and_an_account_are_kept(chat: Chat) -> None:
    do(chat, NameSet(ANN, "Ann B."), AccountSet(ANN, "anna"))
    outcome = do(chat, HostSet(ANN, "tea", "tea.example"))
    assert outcome.source.prefix == "ann!~ann@host.example"
    user = chat.user("ann")
    assert (user.realname, user.source.account) == ("Ann B.", "anna")
    assert user.source.prefix == "ann!tea@tea.example"
    assert do(chat, AccountSet(ANN, None)).source.account == "anna"
    assert user.source.account is None


changes_of_ann = [
    AwaySet(ANN, "lunch"),
    NameSet(ANN, "Ann B."),
    HostSet(ANN, "ann", "tea.example"),
    AccountSet(ANN, "ann"),
]


@pytest.mark.parametrize("event", changes_of_ann)
def test_who_monitors_somebody_and_shares_no_channel_hears_too_and_who_shares_one_only_there(
    chat: Chat, event: Event
) -> None:
    for watcher in (ANN, BEN, CAT):
        do(chat, Monitored(watcher, ("ANN",)))
    assert heard(chat.apply(event, TIME)) == (["#Dev"], ["cat"])
    do(chat, Joined(CAT, "#dev"), AwaySet(ANN, ""))
    assert heard(chat.apply(event, TIME)) == (["#Dev"], [])


def test_who_is_in_no_channel_hears_of_their_new_host_all_the_same(chat: Chat) -> None:
    do(chat, Parted(ANN, "#dev"), Monitored(CAT, ("ann",)))
    assert heard(do(chat, HostSet(ANN, "ann", "tea.example"))) == ([], ["ann", "cat"])


def test_who_monitors_their_own_nick_is_not_told_what_they_do_themselves(chat: Chat) -> None:
    do(chat, Monitored(ANN, ("ann",)), Parted(ANN, "#dev"))
    assert heard(do(chat, AwaySet(ANN, "lunch"))) == ([], [])


# MONITOR ----------------------------------------------------------------------------------------


def here(nick: str, of: str) -> tuple[str, replies.Reply, dict[str, object]]:
    return nick, ONLINE, {"nick": of, "prefix": f"{of}!~dan@host.example"}


def gone(nick: str, of: str) -> tuple[str, replies.Reply, dict[str, object]]:
    return nick, OFFLINE, {"nick": of}


def test_who_monitors_a_nick_is_told_once_when_somebody_comes_and_goes_who_is_called_so(
    chat: Chat,
) -> None:
    do(chat, Monitored(ANN, ("Dan", "DAN", "dan")), Monitored(CAT, ("dan", "eve")))
    assert told(do(chat, registered(DAN, "dan"))) == [here("ann", "dan"), here("cat", "dan")]
    assert told(do(chat, Renamed(DAN, "Eve"))) == [
        gone("ann", "dan"),
        gone("cat", "dan"),
        here("cat", "Eve"),
    ]
    do(chat, Joined(DAN, "#dev"), Joined(CAT, "#dev"))
    assert told(do(chat, Quit(DAN, "bye"))) == [gone("cat", "Eve")]


def test_what_one_monitors_is_kept_as_it_was_written_last(chat: Chat) -> None:
    do(chat, Monitored(ANN, ("dan",)), Monitored(ANN, ("DAN", "eve")))
    assert chat.user("ann").monitored == {"dan": "DAN", "eve": "eve"}
    do(chat, Monitored(ANN, ("Dan", "nobody"), wanted=False))
    assert chat.user("ann").monitored == {"eve": "eve"}
    assert list(chat.watchers) == ["eve"]
    assert told(do(chat, registered(DAN, "dan"))) == []


def test_no_nicks_and_not_wanted_is_of_nobody_any_longer(chat: Chat) -> None:
    do(chat, Monitored(ANN, ("dan", "eve")), Monitored(BEN, ("dan",)))
    do(chat, Monitored(ANN, (), wanted=False))
    assert chat.user("ann").monitored == {}
    assert {nick: [u.nick for u in who] for nick, who in chat.watchers.items()} == {"dan": ["ben"]}


def test_more_nicks_than_one_may_monitor_are_refused_and_none_is_added(chat: Chat) -> None:
    do(chat, Monitored(ANN, ("a", "b")))
    refused = refuses(chat, Monitored(ANN, ("B", "c", "d")), replies.MONITOR_FULL)
    assert refused.fields == {"most": 3, "nicks": "B,c,d"}
    do(chat, Monitored(ANN, ("A", "B", "c")))
    assert list(chat.user("ann").monitored) == ["a", "b", "c"]


def test_who_monitors_more_than_one_may_since_then_may_still_ask_who_is_here(chat: Chat) -> None:
    do(chat, Monitored(ANN, ("a", "b", "c")))
    chat.bounds = Bounds(monitored=2)
    do(chat, Monitored(ANN, ()), Monitored(ANN, ("A",)))
    refuses(chat, Monitored(ANN, ("d",)), replies.MONITOR_FULL)


def test_one_who_monitors_their_own_nick_is_told_when_they_take_or_leave_it(chat: Chat) -> None:
    do(chat, Monitored(ANN, ("ann",)))
    assert [(nick, reply) for nick, reply, _ in told(do(chat, Renamed(ANN, "a")))] == [
        ("a", OFFLINE)
    ]
    assert [(nick, reply) for nick, reply, _ in told(do(chat, Renamed(ANN, "ann")))] == [
        ("ann", ONLINE)
    ]
    assert told(do(chat, Quit(ANN, ""))) == []
    assert chat.watchers == {}


def test_who_has_quit_monitors_nobody(chat: Chat) -> None:
    do(chat, Monitored(ANN, ("dan",)), Quit(ANN, ""))
    assert told(do(chat, registered(DAN, "dan"))) == []


# Operators of the server ------------------------------------------------------------------------


def test_one_becomes_operator_of_the_server_by_name_and_ceases_by_mode(chat: Chat) -> None:
    user = chat.user("ann")
    for name in ("admin", "root"):
        do(chat, Opered(ANN, name))
        assert (user.operator, user.modes) == (name, "o")
    assert str(do(chat, modes(ANN, "ann", "-o")).event) == "-o"
    assert (user.operator, user.modes) == ("", "")


@pytest.mark.parametrize("letter", "os")
def test_nobody_becomes_operator_or_is_told_what_the_server_does_by_saying_so(
    chat: Chat, letter: str
) -> None:
    assert do(chat, modes(ANN, "ann", f"+{letter}")).event == ModeSet(ANN, "ann", ())
    assert chat.user("ann").modes == ""
    assert not chat.noticed


def test_user_modes_are_told_as_they_change_and_in_order_kept(chat: Chat) -> None:
    outcome = do(chat, modes(ANN, "ANN", "+w, +w, +i, -B, +B, -w, +w"))
    assert (str(outcome.event), heard(outcome)) == ("+wiB-w+w", ([], []))
    assert chat.user("ann").modes == "Biw"
    assert chat.user("ann").source.bot
    do(chat, modes(ANN, "ann", "-B"))
    assert not chat.user("ann").source.bot


def server_notices(outcome: Outcome) -> list[tuple[str, str]]:
    return [(user.nick, reply.sentence(what)) for user, reply, what in outcome.told]


def test_operators_with_s_are_told_who_comes_goes_and_operates(chat: Chat) -> None:
    oper(chat, ANN)
    do(chat, modes(ANN, "ann", "+s"))
    assert server_notices(do(chat, registered(DAN, "dan"))) == [
        ("ann", "dan!~dan@host.example has come in.")
    ]
    assert server_notices(do(chat, Opered(BEN, "root"))) == [("ann", "ben is operator root now.")]
    assert server_notices(do(chat, Quit(DAN, "bye"))) == [
        ("ann", "dan!~dan@host.example has left: bye")
    ]
    assert do(chat, Quit(ANN, "bye")).told == ()


def test_who_is_no_longer_operator_is_told_nothing_any_more(chat: Chat) -> None:
    oper(chat, ANN)
    do(chat, modes(ANN, "ann", "+s"))
    assert str(do(chat, modes(ANN, "ann", "-o, +s")).event) == "-os"
    assert (chat.user("ann").modes, chat.noticed) == ("", set())


@pytest.mark.parametrize(
    "event",
    [
        Kicked(CAT, "#dev", "ann"),
        TopicSet(CAT, "#dev", "x"),
        modes(CAT, "#dev", "-n"),
        modes(CAT, "#dev", "+q ben"),
        Invited(CAT, "#dev", "cat"),
    ],
)
def test_an_operator_of_the_server_may_do_everywhere_what_operators_may(
    chat: Chat, event: Event
) -> None:
    do(chat, modes(SERVER, "#dev", "+q ann"))
    refuses(chat, event, replies.NOT_IN_CHANNEL)
    oper(chat, CAT)
    assert heard(chat.apply(event, TIME))[0] == ["#Dev"]


@pytest.mark.parametrize(
    "event",
    [
        Kicked(SERVER, "#dev", "ann"),
        TopicSet(SERVER, "#dev", "x"),
        modes(SERVER, "#dev", "+o ben"),
        Invited(SERVER, "#dev", "cat"),
        Said(SERVER, "#dev", "x"),
    ],
)
def test_the_server_may_do_everywhere_what_operators_may(chat: Chat, event: Event) -> None:
    do(chat, modes(SERVER, "#dev", "+q ann, +m, +b *"))
    assert chat.apply(event, TIME).source.prefix == "chat.example"

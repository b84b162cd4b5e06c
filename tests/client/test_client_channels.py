"""What a session knows of the channels we are in: people, ranks, topic, modes."""

from __future__ import annotations

import pytest
from sessions import NOON_MS, feed, inside, knowing

from ircish.client.channels import Channel, Member, Modes


def marks(session: object, channel: str = "#dev") -> dict[str, str]:
    members = session.channels[channel].members  # type: ignore[attr-defined]
    return {member.nick: member.marks for member in members.values()}


RANKS = ("CASEMAPPING=ascii", "PREFIX=(qaohv)~&@%+", "CHANMODES=beI,k,l,imnst")

PEOPLE: dict[str, tuple[list[str], dict[str, str]]] = {
    "names tell who is there": ([], {"ann": "@", "ben": ""}),
    "people come and go": (
        [":cleo!c@h JOIN #dev", ":dan!d@h JOIN #dev", ":ben!b@h PART #dev", ":dan!d@h QUIT"],
        {"ann": "@", "cleo": ""},
    ),
    "somebody is put out": ([":ann!~ann@host KICK #dev BEN :loud"], {"ann": "@"}),
    "somebody is renamed, and keeps the rank": (
        [":ann!~ann@host NICK annie", ":ben!b@h NICK BEN"],
        {"annie": "@", "BEN": ""},
    ),
    "ranks are given, the highest first": (
        [":s MODE #dev +v-o+o ann ann ben", ":s MODE #dev +ov ann ben"],
        {"ann": "@+", "ben": "@+"},
    ),
    "a rank that is given twice is one, and one that is not there is not taken": (
        [":s MODE #dev +o-v ann ann"],
        {"ann": "@", "ben": ""},
    ),
    "ranks of a server with more of them": (
        [":s MODE #dev +qhb-o ben ben *!*@h ann"],
        {"ann": "", "ben": "~%"},
    ),
    "names tell all ranks, and places": (
        [":s 353 ann = #dev :~@ben!b@h +cleo!c@h  @", ":s 366 ann #dev :End"],
        {"ann": "@", "ben": "~@", "cleo": "+"},
    ),
}


@pytest.mark.parametrize(("lines", "there"), PEOPLE.values(), ids=PEOPLE)
def test_people_and_their_ranks(lines: list[str], there: dict[str, str]) -> None:
    session = knowing(*RANKS)
    feed(session, *lines)
    assert marks(session) == there


def test_where_names_tell_the_highest_rank_only_what_is_known_of_lower_ones_stays() -> None:
    session = inside()
    feed(session, ":s MODE #dev +v ann", ":s 353 ann = #dev :@ann ben")
    assert marks(session) == {"ann": "@+", "ben": ""}
    feed(session, ":s 353 ann = #dev :+ann ben")
    assert marks(session)["ann"] == "+"
    feed(session, ":s 353 ann = #dev :ann ben")
    assert marks(session)["ann"] == ""


def test_the_mark_of_somebody_is_the_highest() -> None:
    session = inside()
    feed(session, ":s MODE #dev +v ann")
    assert session.mark("#DEV", "Ann") == "@"
    assert session.mark("#dev", "ben") == session.mark("#dev", "dan") == ""
    assert session.mark("#tea", "ann") == ""
    assert session.marks == "@+"


def test_coming_in_again_begins_anew_and_leaving_forgets() -> None:
    session = inside()
    feed(session, ":ann!~ann@host JOIN #Dev")
    assert session.channels == {"#dev": Channel("#Dev", members={"ann": Member("ann")})}
    feed(session, ":ann!~ann@host PART #dev")
    assert session.channels == {}
    feed(session, ":ann!~ann@host JOIN #Tea", ":ben!b@example KICK #TEA ann")
    assert session.channels == {}


def test_accounts_and_absence_are_known() -> None:
    session = knowing()
    feed(
        session,
        ":cleo!c@h JOIN #dev cleo_ :Cleo C",
        ":dan!d@h JOIN #dev * :Dan",
        "@account=eve :eve!e@h JOIN #dev",
        ":ben!b@h ACCOUNT ben_",
        ":cleo!c@h AWAY :tea",
        ":s 306 ann :away",
    )
    members = session.channels["#dev"].members
    accounts = {nick: member.account for nick, member in members.items()}
    assert accounts == {"ann": "", "ben": "ben_", "cleo": "cleo_", "dan": "", "eve": "eve"}
    assert [nick for nick, member in members.items() if member.away] == ["ann", "cleo"]
    assert session.away
    feed(session, ":ben!b@h ACCOUNT *", ":cleo!c@h AWAY", ":s 305 ann :back")
    assert not any(member.account == "ben_" or member.away for member in members.values())
    assert not session.away


def test_a_channels_topic_is_known() -> None:
    session = inside()
    channel = session.channels["#dev"]
    feed(session, ":s 332 ann #dev :tea", ":s 333 ann #dev ben 1795348800")
    assert (channel.topic, channel.topic_by, channel.topic_time) == ("tea", "ben", NOON_MS)
    feed(session, "@time=1970-01-01T00:00:01Z :cleo!c@h TOPIC #dev :cake")
    assert (channel.topic, channel.topic_by, channel.topic_time) == ("cake", "cleo!c@h", 1000)
    feed(session, ":s 331 ann #dev :No topic")
    assert channel.topic == ""


MODES: dict[str, tuple[list[str], str]] = {
    "none is known": ([], ""),
    "they are told": ([":s 324 ann #dev +ntlk 50 sesame"], "+klnt sesame 50"),
    "they change": (
        [":s 324 ann #dev +ntlk 50 sesame", ":s MODE #dev -lk+i *", ":s MODE #dev -b x!*@*"],
        "+int",
    ),
    "told anew, the old ones are gone": ([":s 324 ann #dev +i", ":s 324 ann #dev +n"], "+n"),
    "lists and ranks are none of them": ([":s MODE #dev +bov x!*@* ann ben"], ""),
    "what is no letter is none": ([":s MODE #dev +n\u0301\x02²"], "+n"),
}


@pytest.mark.parametrize(("lines", "modes"), MODES.values(), ids=MODES)
def test_a_channels_modes_are_known(lines: list[str], modes: str) -> None:
    session = inside()
    feed(session, *lines)
    assert session.channels["#dev"].modes == modes


def test_our_own_modes_are_known() -> None:
    session = inside()
    feed(session, ":ann MODE ann :+wi-x+o", ":s MODE ben +z")
    assert session.own_modes == "iow"
    feed(session, ":ann MODE ANN -w")
    assert session.own_modes == "io"
    feed(session, ":s 221 ann +x")
    assert session.own_modes == "x"


@pytest.mark.parametrize(
    ("prefix", "ranks"),
    [
        ("(qaohv)~&@%+", {"q": "~", "a": "&", "o": "@", "h": "%", "v": "+"}),
        ("(o)@", {"o": "@"}),
        ("", {}),
        ("garbage", {"o": "@", "v": "+"}),
        ("(ov)@", {"o": "@", "v": "+"}),
        ("(o", {"o": "@", "v": "+"}),
    ],
)
def test_ranks_are_as_the_server_says_where_that_makes_sense(
    prefix: str, ranks: dict[str, str]
) -> None:
    assert Modes.parse({"PREFIX": prefix}).ranks == ranks


def test_where_a_server_does_not_say_which_modes_have_parameters_it_is_as_it_always_was() -> None:
    words = ["+bklo-lk", "*!*@*", "sesame", "50", "ann", "sesame"]
    changes = list(Modes.parse({}).changes(words))
    assert changes == [
        ("+", "b", "*!*@*"),
        ("+", "k", "sesame"),
        ("+", "l", "50"),
        ("+", "o", "ann"),
        ("-", "l", ""),
        ("-", "k", "sesame"),
    ]
    changes = list(Modes.parse({"CHANMODES": "b"}).changes(words))
    assert [letter for _, letter, param in changes if param] == ["b", "o"]

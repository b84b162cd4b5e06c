"""LIST: which channels there are."""

from __future__ import annotations

import pytest

from ircish.commands.listing import MINUTE, condition
from ircish.server.snapshots import Place
from ircish.testing import Chat

NOW = 1_000 * MINUTE
PLACES = [
    Place("#Bar", 1, "", "", NOW - MINUTE, NOW - 5 * MINUTE, "nt"),
    Place("#foo", 3, "tea", "ann", NOW - MINUTE, NOW - 500 * MINUTE, "nt"),
    Place("#foobar", 12, "tea", "ann", NOW - 60 * MINUTE, NOW - 60 * MINUTE, "nt"),
]


def listed(asked: str, *, words: bool = False) -> str:
    fits = condition([word for word in asked.split(",") if word], NOW, words=words)
    return " ".join(place.name for place in PLACES if fits(place))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "#Bar #foo #foobar"),
        ("#FOO", "#foo"),
        ("#foo,#bar,#no", "#Bar #foo"),
        ("#foo*", "#foo #foobar"),
        ("*bar", "#Bar #foobar"),
        ("bar", ""),
        ("!*bar", "#foo"),
        ("!*bar,!#foo", ""),
        ("#foo*,!*bar", "#foo"),
        ("#bar,>1", ""),
        ("#bar,#foo,>1", "#foo"),
        (">3", "#foobar"),
        ("<3", "#Bar"),
        (">1,<12", "#foo"),
        ("C>60", "#foo"),
        ("C<60", "#Bar"),
        ("C<61,C>5", "#foobar"),
        ("T<60", "#foo"),
        ("T>0", "#foo #foobar"),
        (">", ""),
        ("C>x", ""),
        ("X>1", ""),
    ],
)
def test_a_channel_is_listed_that_fits_a_mask_and_all_else(asked: str, found: str) -> None:
    assert listed(asked) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [("bar", "#Bar #foobar"), ("bar,#foo", "#Bar #foo #foobar"), ("ba?", ""), ("!bar", "#foo")],
)
def test_people_ask_for_a_part_of_a_name(asked: str, found: str) -> None:
    assert listed(asked, words=True) == found


def test_list_shows_the_channels_that_somebody_is_in_but_no_secret_ones(chat: Chat) -> None:
    ben, ann, irc = chat.nc("ben"), chat.nc("ann"), chat.irc("irc")
    ben.ask("JOIN #dev", "TOPIC tea", "JOIN #empty", "PART", "JOIN #hidden", "MODE #hidden +s")
    assert ann.ask("LIST") == ["*** #dev   (1) tea", "*** #lobby (2)"]
    assert ann.ask("LIST DEV", "LIST hid", "LIST >5") == [
        "*** #dev (1) tea",
        *["*** There is no such channel."] * 2,
    ]
    assert ben.ask("LIST #HIDDEN") == ["*** #hidden (1)"]
    assert irc.ask("LIST", "LIST #hidden") == [
        ":chat.example 321 irc Channel :Users  Name",
        ":chat.example 322 irc #dev 1 :tea",
        ":chat.example 322 irc #lobby 2 :",
        ":chat.example 323 irc :End of LIST",
        ":chat.example 321 irc Channel :Users  Name",
        ":chat.example 323 irc :End of LIST",
    ]


def test_irc_clients_ask_for_masks_and_conditions_apart(chat: Chat) -> None:
    ben = chat.irc("ben", join="#dev")
    ben.ask("JOIN #tea")
    shown = ":chat.example 322 ben #tea 1 :"
    assert ben.ask("LIST #tea >0")[1:-1] == [shown]
    assert ben.ask("LIST #tea,#dev !*e*,<2,C<5", "LIST #tea >1")[1:-1] == [
        ":chat.example 323 ben :End of LIST",
        ":chat.example 321 ben Channel :Users  Name",
    ]

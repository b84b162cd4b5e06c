"""People: WHO, WHOIS, AWAY, OPER."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ircish.commands.people import ago
from ircish.config import hash_password
from ircish.testing import Chat

OpenChat = Callable[..., Chat]


def test_who_shows_the_people_of_a_channel_and_those_a_mask_fits(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev", "AWAY")
    ben.ask("AWAY lunch")
    assert ann.ask("WHO") == [
        "*** ben (ben@127.0.0.1) ben, away",
        "*** ann (ann@127.0.0.1) ann",
    ]
    assert ann.ask("WHO #dev") == ["*** ben (ben@127.0.0.1) ben, operator here, away"]
    assert ann.ask("WHO A*") == ["*** ann (ann@127.0.0.1) ann"]
    assert ann.ask("WHO ?e[n]", "WHO nobody") == ["*** Nobody.", "*** Nobody."]
    assert ann.ask("WHO #nowhere") == ["!!! There is no channel #nowhere."]


def test_who_gives_irc_clients_flags(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben", join="#dev")
    ann.ask("JOIN #dev", "AWAY lunch")
    ben.lines()
    assert ben.ask("WHO #dev") == [
        ":chat.example 352 ben #dev ~ben 127.0.0.1 chat.example ben H@ :0 Ben",
        ":chat.example 352 ben #dev ann 127.0.0.1 chat.example ann G :0 ann",
        ":chat.example 315 ben #dev :End of WHO",
    ]
    assert ben.ask("WHO #nowhere", "WHO * o") == [
        ":chat.example 315 ben #nowhere :End of WHO",
        ":chat.example 315 ben * :End of WHO",
    ]
    assert len(ben.ask("WHO")) == 3


def test_somebody_invisible_is_seen_only_by_those_who_share_a_channel(chat: Chat) -> None:
    ben, cyd, ann = chat.irc("ben", join="#dev"), chat.irc("cyd", join="#dev"), chat.nc("ann")
    ben.ask("MODE ben +i")
    assert ann.ask("WHO b*", "WHO #dev") == ["*** Nobody.", "*** cyd (~cyd@127.0.0.1) Cyd"]
    assert ann.ask("WHO BEN")[0].startswith("*** ben (~ben@127.0.0.1) Ben")  # who knows the nick
    assert len(cyd.ask("WHO #dev")) == 3
    assert len(ben.ask("WHO ben")) == 2
    assert not any("#dev" in line for line in ann.ask("WHOIS ben"))
    assert any("#dev" in line for line in cyd.ask("WHOIS ben"))


def test_whois_tells_about_somebody(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev", "AWAY lunch")
    is_, channels, away, came = ann.ask("WHOIS BEN")
    assert is_ == "*** ben is ben@127.0.0.1 (ben)"
    assert channels == "*** ben is in #lobby @#dev"
    assert away == "*** ben is away: lunch"
    assert re.fullmatch(
        r"\*\*\* ben came in [0-9-]{10} [0-9]{2}:[0-9]{2}, last spoke just now", came
    )
    assert ann.ask("WHOIS nobody") == ["!!! Nobody here is called nobody."]
    irc = chat.irc("irc")
    lines = irc.ask("WHOIS chat.example ben")
    assert [line.split(" ")[1] for line in lines] == ["311", "319", "312", "301", "317", "318"]
    assert lines[0] == ":chat.example 311 irc ben ben 127.0.0.1 * :ben"
    assert irc.ask("WHOIS nobody") == [
        ":chat.example 401 irc nobody :No such nick or channel",
        ":chat.example 318 irc nobody :End of WHOIS",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"), (59, "just now"), (60, "1 min ago"), (3599, "59 min ago"),
        (3600, "1 h ago"), (172_799, "47 h ago"), (172_800, "2 days ago"),
    ],
)  # fmt: skip
def test_how_long_ago_in_words(seconds: int, words: str) -> None:
    assert ago(seconds) == words


def test_who_asks_once_where_its_caller_is(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    for nick in ("ben", "cat", "dan"):
        chat.irc(nick).ask(f"MODE {nick} +i")
    ann = chat.nc("ann")
    asked: list[int] = []
    channels_of = chat.server.snapshots.channels_of
    monkeypatch.setattr(
        chat.server.snapshots, "channels_of", lambda user: asked.append(user) or channels_of(user)
    )
    assert len(ann.ask("WHO *")) == 1
    assert len(asked) == 1


def test_away_is_said_and_taken_back(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben")
    assert ann.ask("AWAY lunch") == ["*** You are marked as away."]
    assert ann.ask("AWAY") == ["*** You are no longer away."]
    assert ben.ask("AWAY :lunch", "AWAY") == [
        ":chat.example 306 ben :You have been marked as being away",
        ":chat.example 305 ben :You are no longer marked as being away",
    ]


def test_the_one_time_password_makes_an_operator_where_none_is_configured(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev", "JOIN #lobby")
    ann.ask("JOIN #dev")
    assert ann.ask("OPER admin wrong") == ["!!! That is not the password."]
    assert ann.ask("OPER nobody wrong") == ["!!! That is not the password."]
    assert ann.ask("TOPIC mine") == ["!!! Only an operator of #dev may."]
    assert ann.ask(f"OPER admin {chat.server.one_time_password}") == [
        "*** You are an operator of this server now."
    ]
    assert ann.ask("TOPIC mine") == ["*** ann set the topic of #dev: mine"]
    assert "*** ann is an operator of this server" in ann.ask("WHOIS ann")
    assert ann.ask("KICK #lobby ben") == ["*** ben was put out of #lobby by ann"]


def test_each_run_has_another_one_time_password(chat: Chat) -> None:
    first = chat.server.one_time_password
    chat.restart()
    assert first
    assert first != chat.server.one_time_password


def test_a_configured_operator_has_a_hash_and_there_is_no_one_time_password(
    open_chat: OpenChat,
) -> None:
    chat = open_chat(operators={"root": hash_password("s3cret tea")})
    assert chat.server.one_time_password == ""
    ben = chat.irc("ben")
    assert ben.ask("OPER root wrong", "OPER root", "OPER admin :") == [
        ":chat.example 464 ben :Password incorrect",
        ":chat.example 461 ben OPER :Not enough parameters",
        ":chat.example 461 ben OPER :Not enough parameters",
    ]
    assert ben.ask("OPER root :s3cret tea") == [
        ":chat.example MODE ben +o",
        ":chat.example 381 ben :You are now a server operator",
    ]
    assert ben.ask("MODE ben") == [":chat.example 221 ben +o"]
    assert ":chat.example 252 ben 1 :operators online" in ben.ask("LUSERS")
    assert len(ben.ask("WHO * o")) == 2
    assert ":chat.example 313 ben ben :is a server operator" in ben.ask("WHOIS ben")
    assert ben.ask("MODE ben -o", "MODE ben") == [
        ":ben!~ben@127.0.0.1 MODE ben -o",
        ":chat.example 221 ben +",
    ]

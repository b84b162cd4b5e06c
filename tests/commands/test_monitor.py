"""MONITOR: being told when somebody comes or goes (IRCv3 monitor)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ircish.testing import Chat

HEAD = ":chat.example"
ANN = "ann!ann@127.0.0.1"


def test_a_client_is_told_who_is_here_and_who_comes_and_goes(chat: Chat) -> None:
    ben = chat.irc("ben")
    chat.nc("ann")
    assert ben.ask("MONITOR + ANN,cyd,dan", "MONITOR + ann", "MONITOR S") == [
        f"{HEAD} 730 ben :{ANN}",
        f"{HEAD} 731 ben :cyd,dan",
        f"{HEAD} 730 ben :{ANN}",
        f"{HEAD} 730 ben :{ANN}",
        f"{HEAD} 731 ben :cyd,dan",
    ]
    cyd = chat.irc("Cyd")
    assert ben.lines() == [f"{HEAD} 730 ben :Cyd!~Cyd@127.0.0.1"]
    cyd.ask("NICK CYD")
    assert ben.lines() == []
    cyd.ask("NICK dan")
    assert ben.lines() == [f"{HEAD} 731 ben :CYD", f"{HEAD} 730 ben :dan!~Cyd@127.0.0.1"]
    cyd.send("QUIT")
    cyd.rest()
    assert ben.lines() == [f"{HEAD} 731 ben :dan"]


def test_the_list_is_what_was_put_in_and_not_taken_out(chat: Chat) -> None:
    eve = chat.irc("eve")
    end = f"{HEAD} 733 eve :End of MONITOR list"
    for typed, listed in (
        (["+ ann,ben"], "ann,ben"),
        (["+ ann,,ben,"], "ann,ben"),
        (["+ ann", "+ ANN,ben"], "ANN,ben"),
        (["+ann"], "ann"),
        (["+ ann,ben", "- BEN,cyd"], "ann"),
        (["+ ann,ben", "-ben"], "ann"),
        (["+ ann,ben", "- ,", "-", "+", ""], "ann,ben"),
        (["+ ann", "X", "Clara"], "ann,X,Clara"),
        (["+ ann,ben", "C"], ""),
        (["+ ann,ben", "c", "+ cyd"], "cyd"),
        (["+ *!*@host,a!b@c,1x,ann"], "ann"),
    ):
        eve.ask("MONITOR C", *[f"MONITOR {each}" for each in typed])
        told = [f"{HEAD} 732 eve :{listed}"] if listed else []
        assert eve.ask("MONITOR L", "MONITOR l") == [*told, end] * 2, typed


def test_nothing_is_answered_where_somebody_is_taken_out(chat: Chat) -> None:
    ben, ann = chat.irc("ben"), chat.nc("ann")
    ben.ask("MONITOR + ann,cyd")
    assert ben.ask("MONITOR - ann", "MONITOR C") == []
    ann.ask("NICK anna")
    chat.irc("cyd")
    assert ben.lines() == []


def test_what_cannot_be_a_nick_is_refused_and_the_rest_is_taken(chat: Chat) -> None:
    assert chat.irc("ben").ask("MONITOR + *!*@host,ann,1x", "MONITOR +") == [
        f"{HEAD} 432 ben *!*@host :Erroneous nickname",
        f"{HEAD} 432 ben 1x :Erroneous nickname",
        f"{HEAD} 731 ben :ann",
        f"{HEAD} 461 ben MONITOR :Not enough parameters",
    ]


def test_irc_clients_may_leave_the_plus_out(chat: Chat) -> None:
    assert chat.irc("ben").ask("MONITOR ann") == [f"{HEAD} 731 ben :ann"]


def test_a_long_list_is_told_in_several_lines(chat: Chat) -> None:
    ben = chat.irc("ben")
    nicks = [f"{'n' * 25}{number}" for number in range(10, 40)]
    ben.ask(*[f"MONITOR + {','.join(nicks[start : start + 10])}" for start in (0, 10, 20)])
    for typed, numeric in (("L", "732"), ("S", "731")):
        lines = [line for line in ben.messages(f"MONITOR {typed}") if line.verb == numeric]
        assert len(lines) == 3
        assert ",".join(line.params[1] for line in lines) == ",".join(nicks)
        assert all(len(line.params[1]) <= 400 for line in lines)


@pytest.mark.parametrize("typed", ["MONITOR + cyd", "MONITOR S"])
def test_who_comes_while_it_is_answered_is_told_behind_the_answer(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    ben = chat.irc("ben")
    ben.ask("MONITOR + cyd")
    monitored = chat.server.snapshots.monitored

    def then_cyd_comes(user: int) -> list[tuple[str, str]]:
        before = monitored(user)
        chat.irc("cyd")
        return before

    monkeypatch.setattr(chat.server.snapshots, "monitored", then_cyd_comes)
    assert ben.ask(typed) == [f"{HEAD} 731 ben :cyd", f"{HEAD} 730 ben :cyd!~cyd@127.0.0.1"]


def test_a_full_list_takes_none_of_too_many(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat({"limits.monitor": 3})
    ben = chat.irc("ben")
    assert "MONITOR=3" in " ".join(ben.welcome)
    ben.ask("MONITOR + a,b")
    assert ben.ask("MONITOR + b,C,d") == [f"{HEAD} 734 ben 3 b,C,d :Monitor list is full"]
    assert ben.ask("MONITOR + B,c") == [f"{HEAD} 731 ben :B,c"]
    ann = chat.nc("ann")
    assert ann.ask("MONITOR a,b,c,d") == ["!!! You can monitor 3 nicks at the most."]


def test_people_are_told_in_sentences(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben")
    assert ann.ask("MONITOR") == ["*** You are told of nobody."]
    assert ann.ask("MONITOR BEN cyd", "MONITOR") == [
        "*** You will be told when BEN comes or goes. BEN is here.",
        "*** You will be told when cyd comes or goes. cyd is not here.",
        "*** You are told of BEN (here), cyd.",
    ]
    cyd = chat.irc("cyd")
    ben.ask("NICK benny")
    cyd.send("QUIT")
    cyd.rest()
    assert ann.lines() == ["*** cyd has come in.", "*** ben is gone.", "*** cyd is gone."]
    assert ann.ask("MONITOR + c, dan", "MONITOR -ben", "MONITOR - cyd dan", "MONITOR L") == [
        "*** You will be told when c comes or goes. c is not here.",
        "*** You will be told when dan comes or goes. dan is not here.",
        "*** You are no longer told of ben.",
        "*** You are no longer told of cyd, dan.",
        "*** You are told of c.",
    ]
    assert ann.ask("MONITOR C", "MONITOR S", "MONITOR a!b") == [
        "*** You are no longer told of anybody.",
        "*** You are told of nobody.",
        "!!! a!b cannot be a nickname: letters, digits and []\\`_^{|}- only, no digit or - first, "
        "at most 30.",
    ]

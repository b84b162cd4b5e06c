"""The bundled filter."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from ircish.testing import Chat

Open = Callable[..., Chat]


@pytest.mark.parametrize(
    ("rule", "text", "refused"),
    [
        ("spam", "spam", True),
        ("spam", "no SPAM here", True),
        ("spam", "sp\x02am", True),
        ("spam", "sp am", False),
        ("buy*now", "you should buy it now!", True),
        ("buy*now", "now buy", False),
        ("t?a", "tea", True),
        ("t?a", "ta", False),
        ("a.c", "abc", False),
    ],
)
def test_what_fits_a_rule_is_not_said(open_with: Open, rule: str, text: str, refused: bool) -> None:
    chat = open_with({"rules": [rule]})
    ann, irc = chat.nc("ann"), chat.irc("irc", join="#lobby")
    ann.lines()
    answer = irc.say(text)
    assert answer == ([f":chat.example NOTICE irc :Not said: the rule {rule!r}."] * refused)
    assert ann.lines() == [f"<irc> {text.replace(chr(2), '')}"] * (not refused)


def test_every_line_of_a_message_is_looked_at_for_itself(open_with: Open) -> None:
    chat = open_with({"rules": ["spam", "tea"]})
    irc = chat.irc("irc", ["standard-replies"], join="#lobby")
    line = "@batch=1 PRIVMSG #lobby :{}"
    first, last = "BATCH +1 draft/multiline #lobby", "BATCH -1"
    refused = [":chat.example FAIL BATCH REFUSED :Not said: the rule 'spam'."]
    assert irc.ask(first, line.format("hello"), line.format("no SPAM"), last) == refused
    assert irc.ask(first, line.format("great"), line.format("art"), last) == []


def test_topics_and_private_words_are_looked_at_too(open_with: Open) -> None:
    chat = open_with({"rules": ["spam"]})
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ann.ask("JOIN #dev")
    ben.lines()
    refused = "!!! Not said: the rule 'spam'."
    assert ann.ask("TOPIC #dev spam", "MSG @ben spam", "ME spams", "AWAY spam") == [refused] * 4
    assert ben.lines() == []


def test_an_operator_may_say_all(open_with: Open) -> None:
    chat = open_with({"rules": ["spam"], "per_minute": 1})
    ann = chat.nc("ann")
    ann.ask("OPER admin secret")
    assert ann.ask("MSG spam", "MSG spam") == []


def test_a_rule_that_somebody_made_up_takes_linear_time(open_with: Open) -> None:
    chat = open_with({"rules": ["*a" * 100 + "b"]})
    began = time.process_time()
    assert chat.nc("ann").say("a" * 400) == []
    assert time.process_time() - began < 1


def test_who_says_too_much_in_a_minute_waits(
    open_with: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = open_with({"per_minute": 2})
    now = [1000.0]
    module = chat.server.plugins.plugins["filter"].module
    monkeypatch.setattr(module, "clock", lambda: now[0])
    ben, ann = chat.nc("ben"), chat.nc("ann")
    refused = "!!! Not said: more than 2 messages in a minute."
    assert ann.ask("MSG one", "MSG two", "MSG three") == [refused]
    assert ben.say("one")[-1] == "<ann> two"
    now[0] += 59
    assert ann.say("three")[-1] == refused
    now[0] += 1
    assert ann.say("three") == []


def test_operators_change_the_rules_while_it_runs(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    assert ben.ask("FILTER add x")[-1] == "!!! Only an operator of this server may."
    ann.ask("OPER admin secret")
    typed = ["", " add buy now", " add spam", "", " test a Spam", " test a"]
    assert ann.ask(*(f"FILTER{words}" for words in typed)) == [
        "*** There are no rules.",
        "*** Refused from now on: buy now",
        "*** Refused from now on: spam",
        "*** buy now, spam",
        "*** It is refused by the rule 'spam'.",
        "*** It may be said.",
    ]
    assert ben.ask("MSG spam")[-1] == "!!! Not said: the rule 'spam'."
    chat.restart()
    ben, ann = chat.nc("ben"), chat.nc("ann")
    assert ben.ask("MSG spam")[-1] == "!!! Not said: the rule 'spam'."
    ann.ask("OPER admin secret")
    assert ann.ask("FILTER remove spam", "FILTER remove spam", "FILTER add") == [
        "*** Refused no more: spam",
        "!!! spam is no rule that can be removed; FILTER lists them.",
        "!!! Say what: FILTER add spam",
    ]
    assert ben.say("spam") == []


def test_a_dry_run_refuses_nothing_and_tells_operators(
    open_with: Open, caplog: pytest.LogCaptureFixture
) -> None:
    chat = open_with({"rules": ["spam"], "dry_run": True})
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ann.ask("OPER admin secret")
    ben.lines()
    assert ben.say("spam") == []
    assert ann.lines() == ["*** filter would refuse ben: the rule 'spam'", "<ben> spam"]
    assert ("ircish.plugin.filter", 30, "would refuse ben: the rule 'spam'") in caplog.record_tuples


def test_without_rules_all_may_be_said(chat: Chat) -> None:
    assert chat.nc("ann").ask(*["MSG spam"] * 20) == []

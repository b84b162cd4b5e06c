"""The bundled polls, and their look in the client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ircish.client.log import Entry
from ircish.pluginfiles import bundled, import_file
from ircish.testing import Chat

CLOSED = "Poll closed: lunch? | pizza 2 | sushi 1 | soup 0"
NO_POLL = "!!! There is no poll here; POLL lunch? pizza | sushi opens one."


def test_a_poll_from_its_question_to_its_result(chat: Chat) -> None:
    ben, irc, ann = chat.nc("ben"), chat.irc("irc", join="#lobby"), chat.nc("ann")
    ben.lines()
    asked = "ann asks: lunch? 1 pizza | 2 sushi | 3 soup. Say VOTE 1 to VOTE 3."
    assert ann.ask("POLL lunch? pizza | sushi|soup") == [f"*** {asked}"]
    assert ben.lines() == [f"*** {asked}"]
    assert ben.ask("VOTE 1") == ["*** You vote for pizza."]
    assert irc.ask("VOTE 2")[-1] == ":chat.example NOTICE irc :You vote for sushi."
    ann.ask("VOTE 3", "VOTE 1")
    assert ben.ask("POLL") == ["*** Poll: lunch? | pizza 2 | sushi 1 | soup 0"]
    assert ann.ask("POLL close") == [f"*** {CLOSED}"]
    assert ben.lines() == [f"*** {CLOSED}"]
    assert irc.lines() == [f":chat.example NOTICE #lobby :{CLOSED}"]
    assert ann.ask("VOTE 1", "POLL") == [NO_POLL, NO_POLL]


def test_each_channel_has_a_poll_of_its_own(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev", "POLL release? yes | no")
    ann.ask("POLL lunch? pizza | sushi")
    assert ann.ask("POLL") == ["*** Poll: lunch? | pizza 0 | sushi 0"]
    assert ben.ask("POLL #DEV")[-1] == "*** Poll: release? | yes 0 | no 0"
    assert ben.ask("POLL again? yes | no") == [
        "!!! There is a poll already; POLL shows it, POLL close ends it."
    ]


def test_only_members_ask_vote_and_look(chat: Chat) -> None:
    chat.nc("ben").ask("JOIN #dev", "POLL release? yes | no")
    ann = chat.nc("ann")
    refused = "!!! You are not in #dev. JOIN #dev first."
    assert ann.ask("VOTE #dev 1", "POLL #dev", "POLL #dev close") == [refused] * 3


def test_a_poll_is_closed_by_who_asked_or_an_operator_only(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ann.ask("POLL lunch? pizza | sushi")
    ben.lines()
    assert ben.ask("POLL close") == ["!!! Only an operator of #lobby may."]
    ben.ask("OPER admin secret")
    assert ben.ask("POLL close") == ["*** Poll closed: lunch? | pizza 0 | sushi 0"]


def test_polls_and_votes_survive_a_restart(chat: Chat) -> None:
    chat.nc("ann").ask("POLL lunch? pizza | sushi", "VOTE 2")
    chat.restart()
    ann = chat.nc("ann")
    assert ann.ask("POLL") == ["*** Poll: lunch? | pizza 0 | sushi 1"]
    ann.ask("VOTE 1")
    assert ann.ask("POLL close") == ["*** Poll closed: lunch? | pizza 1 | sushi 0"]


@pytest.mark.parametrize(
    "text", ["lunch", "lunch?", "lunch? pizza", "lunch? pizza |", "a | b? c | d", f"n?{'|x' * 10}"]
)
def test_what_is_no_question_with_answers_is_refused(chat: Chat, text: str) -> None:
    ann = chat.nc("ann")
    assert ann.ask(f"POLL {text}") == [
        "!!! Ask so: POLL lunch? pizza | sushi, with 2 to 9 answers."
    ]
    assert ann.ask("POLL") == [NO_POLL]


@pytest.mark.parametrize("number", ["0", "3", "-1"])
def test_an_answer_that_is_not_there_is_refused(chat: Chat, number: str) -> None:
    ann = chat.nc("ann")
    ann.ask("POLL lunch? pizza | sushi")
    assert ann.ask(f"VOTE {number}") == [
        f"!!! There is no answer {number}: lunch? | pizza 0 | sushi 0"
    ]


def test_a_poll_too_long_to_be_told_is_refused(chat: Chat) -> None:
    ann = chat.nc("ann")
    (line,) = ann.ask(f"POLL lunch? {'pizza' * 50} | sushi")
    assert line == "!!! That is too long to be told in one line."
    assert ann.ask("POLL") == [NO_POLL]


# In the client ------------------------------------------------------------------------------------

ENTRY = Entry(0, "notice", CLOSED, "chat.example")


@pytest.fixture
def render() -> Callable[[Entry], Any]:
    return import_file(bundled() / "poll.py").client_render


def test_the_client_shows_bars(render: Callable[[Entry], Any]) -> None:
    console = Console(width=60, color_system=None)
    with console.capture() as capture:
        console.print(render(ENTRY))
    assert [line.rstrip() for line in capture.get().splitlines()] == [
        "Poll closed: lunch?",
        "pizza ████████████████████ 2",
        "sushi ██████████           1",
        "soup                       0",
    ]


def test_votes_of_nobody_yet_have_no_bars(render: Callable[[Entry], Any]) -> None:
    assert render(replace(ENTRY, text="Poll: lunch? | pizza 0 | soup 0")) is not None


@pytest.mark.parametrize(
    "entry",
    [
        replace(ENTRY, nick="ben"),
        replace(ENTRY, kind="message"),
        replace(ENTRY, text="Poll closed: lunch? | pizza 2"),
        replace(ENTRY, text="Poll closed: lunch? | pizza 2 | soup x"),
        replace(ENTRY, text="Poll closed: lunch? | pizza 2 | soup ²"),
        replace(ENTRY, text="Poll closed: lunch? | pizza 2 | soup 123456"),
        replace(ENTRY, text="Pollution: bad? | pizza 2 | soup 0"),
        replace(ENTRY, text="ann rolled 2d6: 1 + 1"),
        replace(ENTRY, text=""),
    ],
)
def test_other_lines_look_as_usual(render: Callable[[Entry], Any], entry: Entry) -> None:
    assert render(entry) is None


def test_what_looks_like_markup_is_text(render: Callable[[Entry], Any]) -> None:
    console = Console(width=60, color_system=None)
    with console.capture() as capture:
        console.print(render(replace(ENTRY, text="Poll: [b]? | [red]a 1 | [/]b 0")))
    assert "Poll: [b]?" in capture.get()
    assert "[red]a" in capture.get()

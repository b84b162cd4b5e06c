"""What a connection speaks, found out from its lines and silences. No clock: times are given."""

from __future__ import annotations

import pytest

from ircish.server.negotiation import GREETING_AFTER, MOST_HELD, NICK_WAITS, Negotiation
from ircish.wire import Message, parse

SILENCE = None
BAD_LINE = "USER\x00"  # a line that cannot be done: only its verb counts
NONSENSE = "\x00"


def run(*steps: str | None) -> tuple[str | None, list[list[str]], bool]:
    """What is released at each step: a line, a line that is no message, or silence."""
    negotiation = Negotiation(0.0)
    released = []
    for step in steps:
        messages = once(negotiation, step)
        released.append([message.verb for message in messages])
    return negotiation.dialect, released, negotiation.greet


def once(negotiation: Negotiation, step: str | None) -> list[Message]:
    if step is SILENCE:
        return negotiation.silence()
    if "\x00" in step:
        return negotiation.refused(step.partition("\x00")[0])
    message = parse(step)
    assert message
    return negotiation.feed(message, 0.1)


@pytest.mark.parametrize(
    ("steps", "dialect", "released"),
    [
        (("CAP LS 302",), "irc", [["CAP"]]),
        (("USER ann 0 * :Ann",), "irc", [["USER"]]),
        (("NICK ann", "USER ann 0 * :Ann"), "irc", [[], ["NICK", "USER"]]),
        (("PASS x", "NICK ann", "USER a 0 * a"), "irc", [[], [], ["PASS", "NICK", "USER"]]),
        (("PASS x", "NICK ann", "CAP LS"), "irc", [[], [], ["PASS", "NICK", "CAP"]]),
        (("CAP LS", "NICK ann", "HELP"), "irc", [["CAP"], ["NICK"], ["HELP"]]),
        (("NICK ann", SILENCE), "plain", [[], ["NICK"]]),
        (("PASS x", SILENCE, "NICK ann"), "plain", [[], ["PASS"], ["NICK"]]),
        (("NICK ann", "MSG hi"), "plain", [[], ["NICK", "MSG"]]),
        (("NICK ann", NONSENSE), "plain", [[], ["NICK"]]),
        (("NICK ann", BAD_LINE), "irc", [[], ["NICK"]]),
        (("NICK ann", SILENCE, BAD_LINE), "plain", [[], ["NICK"], []]),
        (("HELP", "NICK ann"), "plain", [["HELP"], ["NICK"]]),
        ((NONSENSE,), "plain", [[]]),
        (("GET / HTTP/1.1",), "plain", [["GET"]]),
        ((SILENCE,), None, [[]]),
        ((SILENCE, "NICK ann", "USER a 0 * a"), "irc", [[], [], ["NICK", "USER"]]),
        ((SILENCE, "CAP LS"), "irc", [[], ["CAP"]]),
        ((SILENCE, "NICK ann", SILENCE), "plain", [[], [], ["NICK"]]),
        ((SILENCE, SILENCE), None, [[], []]),
        (("NICK ann", "NICK anna", SILENCE), "plain", [[], [], ["NICK", "NICK"]]),
        (("NICK ann", "QUIT"), "plain", [[], ["QUIT"]]),
        (("PING x", "NICK ann"), "plain", [["PING"], ["NICK"]]),
        (("NICK ann", "PING x", SILENCE), "plain", [[], ["PING"], ["NICK"]]),
        (("NICK ann", "PING x", "MSG hi"), "plain", [[], ["PING"], ["NICK", "MSG"]]),
        (("NICK ann", "PING x", "USER a 0 * a"), "irc", [[], ["PING"], ["NICK", "USER"]]),
    ],
)
def test_only_cap_or_user_makes_a_connection_irc(
    steps: tuple[str | None, ...], dialect: str | None, released: list[list[str]]
) -> None:
    assert run(*steps)[:2] == (dialect, released)


@pytest.mark.parametrize(
    ("steps", "greeted"),
    [
        ((), False),
        ((SILENCE,), True),
        (("NICK ann", SILENCE), False),
        (("HELP",), False),
        (("CAP LS",), False),
    ],
)
def test_only_one_who_has_said_nothing_is_greeted(
    steps: tuple[str | None, ...], greeted: bool
) -> None:
    assert run(*steps)[2] == greeted


def test_somebody_silent_is_greeted_after_a_while_and_then_waited_for_without_end() -> None:
    negotiation = Negotiation(10.0)
    assert negotiation.waits(10.0) == GREETING_AFTER
    assert negotiation.waits(10.75) == pytest.approx(GREETING_AFTER - 0.75)
    assert negotiation.waits(99.0) == 0.0
    negotiation.silence()
    assert negotiation.greet
    assert negotiation.dialect is None
    assert negotiation.waits(99.0) is None


def test_a_nick_waits_for_half_a_second_from_when_it_came() -> None:
    negotiation = Negotiation(10.0)
    negotiation.feed(Message("NICK", ("ann",)), 10.9)
    assert negotiation.waits(10.9) == pytest.approx(NICK_WAITS)
    assert negotiation.waits(11.2) == pytest.approx(NICK_WAITS - 0.3)


@pytest.mark.parametrize("verb", ["CAP", "HELP"])
def test_nothing_is_waited_for_when_the_dialect_is_known(verb: str) -> None:
    negotiation = Negotiation(10.0)
    negotiation.feed(Message("NICK", ("ann",)), 10.1)
    negotiation.feed(Message(verb), 10.2)
    assert negotiation.waits(10.3) is None
    assert negotiation.silence() == []


def test_who_sends_nick_after_nick_is_no_irc_client_and_held_no_longer() -> None:
    *held, last = run(*["NICK ann"] * MOST_HELD)[1]
    assert held == [[]] * (MOST_HELD - 1)
    assert last == ["NICK"] * MOST_HELD

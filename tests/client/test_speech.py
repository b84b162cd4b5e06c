"""What we say: pending, sent in turn, confirmed or marked; nothing is lost without a word."""

from __future__ import annotations

import pytest
from talking import EVERY_CAP, FEW_CAPS, Talk, old, talk

from ircish.client.log import FAILED, OWN, PENDING


def flags(here: Talk, name: str = "#dev") -> list[tuple[str, int]]:
    """Our lines in a window, and what became of them."""
    return [(e.text, e.flags) for e in here.entries(name) if e.flags & OWN]


def spoken(here: Talk) -> list[str]:
    """What was sent to people, without tags."""
    return [line.split(" ", 1)[1] if line[0] == "@" else line for line in here.sent()]


def few(**settings: object) -> Talk:
    """A server with echo-message and without labels."""
    here = Talk(**settings)
    here.connect()
    here.come_in(FEW_CAPS)
    here.client.type("/join #dev")
    here.enter("#dev", "ben")
    here.sent()
    return here


def test_a_line_is_pending_until_its_label_comes_back() -> None:
    here = talk()
    assert here.client.type("hello")
    assert flags(here) == [("hello", OWN | PENDING)]
    (line,) = here.sent()
    here.echo(line, msgid="m1", time="2026-11-22T12:00:09.000Z")
    entry = here.last("#dev")
    assert flags(here) == [("hello", OWN)]
    assert (entry.msgid, entry.time, entry.nick) == ("m1", 1_795_348_809_000, "ann")


def test_the_echo_tells_what_the_server_made_of_it() -> None:
    here = talk()
    here.client.type("\x0304red")
    here.echo(here.sent()[0].replace("\x0304red", "red"))
    assert flags(here) == [("red", OWN)]


def test_lines_are_confirmed_by_label_in_any_order() -> None:
    here = talk()
    here.client.type("one\none")
    first, second = here.sent()
    here.echo(second, msgid="b")
    assert [e.msgid for e in here.entries("#dev")[-2:]] == ["", "b"]
    here.echo(first, msgid="a")
    assert [e.msgid for e in here.entries("#dev")[-2:]] == ["a", "b"]


def test_an_echo_without_a_label_confirms_the_first_line_of_these_words() -> None:
    here = few()
    here.client.type("a\nbanana\n\x02bold\x02 ")
    assert spoken(here) == ["PRIVMSG #dev a", "PRIVMSG #dev banana", "PRIVMSG #dev :\x02bold\x02 "]
    here.echo("PRIVMSG #DEV :banana")
    assert flags(here)[:2] == [("a", OWN | PENDING), ("banana", OWN)]
    here.echo("PRIVMSG #dev :a")
    here.echo("PRIVMSG #dev :bold")  # a server that takes formatting away
    assert [each for _, each in flags(here)] == [OWN, OWN, OWN]


def test_words_of_ours_from_elsewhere_are_shown_and_confirm_nothing() -> None:
    for here in (few(), talk()):
        here.client.type("hello")
        here.echo("PRIVMSG #dev :from my phone")
        here.echo("PRIVMSG ben :psst")
        assert flags(here) == [("hello", OWN | PENDING), ("from my phone", OWN)]
        assert [e.text for e in here.entries("ben") if e.flags & OWN] == ["psst"]


def test_where_nothing_echoes_a_line_is_sent_at_once() -> None:
    here = old()
    here.client.type("hello")
    assert flags(here) == [("hello", OWN)]
    assert spoken(here) == ["PRIVMSG #dev hello"]
    here.client.type("/me waves")
    here.client.type("/notice ben psst")
    assert flags(here)[-1] == ("waves", OWN)
    assert here.last("#dev").kind == "action"
    assert flags(here, "ben") == [("psst", OWN)]


def test_an_action_and_a_notice_are_confirmed_as_such() -> None:
    for here in (few(), talk()):
        here.client.type("waves")
        here.client.type("/me waves")
        _, action = here.sent()
        here.echo(action)
        assert [(e.kind, e.flags) for e in here.entries("#dev")[-2:]] == [
            ("message", OWN | PENDING),
            ("action", OWN),
        ]
        here.client.type("/notice ben psst")
        here.echo(here.sent()[-1])
        assert (here.last("ben").kind, here.last("ben").flags) == ("notice", OWN)


def test_a_command_that_is_done_without_an_echo_confirms() -> None:
    here = talk()
    here.client.type("hello")
    label = here.sent()[0].split(" ")[0]
    here.hear(f"{label} :chat.example ACK")
    assert flags(here) == [("hello", OWN)]


def test_a_labelled_refusal_marks_the_line_and_tells_why_where_it_was_said() -> None:
    here = talk()
    here.client.type("one\ntwo")
    _, second = here.sent()
    here.show("")
    here.hear(f"{second.split(' ')[0]} :chat.example 404 ann #dev :Cannot send to channel")
    assert flags(here) == [("one", OWN | PENDING), ("two", OWN | FAILED)]
    assert here.last("#dev").kind == "error"
    assert "Cannot send" in here.last("#dev").text


@pytest.mark.parametrize("refusal", ["404 ann #DEV", "401 ann #dev", "403 ann #dev"])
def test_an_unlabelled_refusal_marks_the_line_by_whom_it_was_to(refusal: str) -> None:
    here = few()
    here.client.type("one")
    here.client.type("/msg ben two")
    here.hear(f":chat.example {refusal} :No")
    assert flags(here) == [("one", OWN | FAILED)]
    assert flags(here, "ben") == [("two", OWN | PENDING)]


def test_a_refusal_of_something_else_marks_nothing() -> None:
    here = few()
    here.client.type("one")
    here.hear(":chat.example 482 ann #dev :You are not channel operator")
    assert flags(here) == [("one", OWN | PENDING)]


def test_a_long_text_is_split_and_nothing_is_lost() -> None:
    here = talk(send_burst=100)
    text = "wörter und " * 200 + "ende"
    here.client.type(text)
    lines = [line.split(" #dev ", 1)[1].removeprefix(":") for line in here.sent()]
    assert len(lines) > 5
    assert "".join(lines) == text
    assert "".join(each for each, _ in flags(here)) == text
    prefix = ":ann!~ann@host PRIVMSG #dev :"
    assert all(len(f"{prefix}{line}\r\n".encode()) <= 512 for line in lines)


def test_lines_are_sent_at_once_up_to_the_burst_and_then_at_the_rate() -> None:
    here = old(send_burst=3)
    here.wait(100)
    here.client.type("\n".join("abcdef"))
    assert spoken(here) == ["PRIVMSG #dev a", "PRIVMSG #dev b", "PRIVMSG #dev c"]
    here.wait(1.9)
    assert spoken(here) == []
    here.wait(0.2)
    assert spoken(here) == ["PRIVMSG #dev d"]
    here.wait(4)
    assert spoken(here) == ["PRIVMSG #dev e", "PRIVMSG #dev f"]
    assert [each for _, each in flags(here)] == [OWN] * 6
    assert here.client.speech.waiting == 0


def test_ircish_takes_lines_faster_and_the_setting_says_how_fast() -> None:
    for settings, seconds in (({}, 0.25), ({"send_rate": 10}, 0.1)):
        here = Talk(send_burst=1, **settings)
        here.connect()
        here.come_in(EVERY_CAP, isupport="ircish/DEFAULTCHANNEL=#lobby")
        here.enter("#lobby")
        here.show("#lobby")
        here.wait(100)
        here.sent()
        here.client.type("a\nb\nc")
        assert len(here.sent()) == 1
        here.wait(seconds * 1.01)
        assert len(here.sent()) == 1
        here.wait(seconds * 1.01)
        assert len(here.sent()) == 1


def test_lines_of_several_windows_are_sent_in_the_order_in_which_they_were_said() -> None:
    here = old(send_burst=1)
    here.wait(100)
    here.client.type("a\nb")
    here.client.type("/msg ben c")
    here.client.type("d")
    here.wait(10)
    assert spoken(here) == [
        "PRIVMSG #dev a",
        "PRIVMSG #dev b",
        "PRIVMSG ben c",
        "PRIVMSG #dev d",
    ]


def test_commands_go_past_the_queue_and_count() -> None:
    here = old(send_burst=2)
    here.wait(100)
    here.client.type("/away lunch")
    here.client.type("a\nb")
    assert spoken(here) == ["AWAY lunch", "PRIVMSG #dev a"]


def test_what_waits_in_a_window_can_be_cancelled() -> None:
    here = old(send_burst=1)
    here.wait(100)
    here.client.type("a\nb\nc")
    here.client.type("/msg ben d")
    assert here.client.speech.waiting == 3
    assert here.client.speech.cancel(here.window("#dev")) == 2
    assert [each for _, each in flags(here)] == [OWN, OWN | FAILED, OWN | FAILED]
    here.wait(10)
    assert spoken(here) == ["PRIVMSG #dev a", "PRIVMSG ben d"]


def test_a_lost_connection_marks_what_was_sent_and_what_waits_and_says_so() -> None:
    here = talk(send_burst=1)
    here.wait(100)
    here.client.type("a\nb")
    here.client.type("/msg ben c")
    here.sent()
    here.lose()
    assert flags(here) == [("a", OWN | FAILED), ("b", OWN | FAILED)]
    assert flags(here, "ben") == [("c", OWN | FAILED)]
    assert here.texts("#dev")[-2:] == [
        "The connection was reset.",
        "2 lines were not sent, or not confirmed; /resend says them again.",
    ]
    assert here.last("ben").text.startswith("1 line was not sent")
    here.wait(100)
    assert here.sent() == []


def test_a_lost_connection_with_nothing_unsent_says_nothing_of_it() -> None:
    here = talk()
    here.client.type("a")
    here.echo(here.sent()[0])
    here.lose()
    assert here.last("#dev").text == "The connection was reset."


def test_failed_lines_are_said_again_in_order() -> None:
    here = talk(send_burst=100)
    here.client.type("a")
    here.client.type("/me b")
    here.lose()
    with pytest.raises(Exception, match="Not connected"):
        here.client.resend(here.window("#dev"))
    here.connect()
    here.come_in()
    here.enter("#dev", "ben")
    assert here.client.resend(here.window("#dev")) == 2
    assert [line.split(" ", 1)[1] for line in here.sent()] == [
        "PRIVMSG #dev a",
        "PRIVMSG #dev :\1ACTION b\1",
    ]
    assert flags(here) == [("a", OWN | PENDING), ("b", OWN | PENDING)]
    assert "Said again below: a" in here.texts("#dev")
    assert here.client.resend(here.window("#dev")) == 0


def test_what_can_not_be_sent_now_stays_where_it_was_typed() -> None:
    here = talk()
    here.lose()
    before = len(here.entries("#dev"))
    assert not here.client.type("a\nb")
    assert len(here.entries("#dev")) == before + 1
    assert here.last("#dev").text == "Not connected; it is tried again by itself. Nothing was sent."
    here.link.connect(here.place)
    assert not here.client.type("a")
    assert here.last("#dev").text == "Not connected; it is being tried. Nothing was sent."
    here.connect()
    assert not here.client.type("a")
    assert "has not let you in yet" in here.last("#dev").text
    here.lose(after=None)
    assert not here.client.type("a")
    assert "/reconnect" in here.last("#dev").text
    assert not Talk().client.type("x")


def test_a_name_that_cannot_be_in_a_line_is_told() -> None:
    here = talk()
    here.client.windows.show(here.client.query("two words"))
    assert here.client.type("hello")
    assert here.last("two words").text == "Not sent: it cannot be one line to two words."
    assert flags(here, "two words") == [("hello", OWN | FAILED)]


def test_words_for_some_of_a_channel_say_so() -> None:
    here = talk()
    here.client.say("psst", here.window("#dev"), target="@#dev")
    assert here.last("#dev").where == "@#dev"
    (line,) = here.sent()
    assert line.endswith("PRIVMSG @#dev psst")
    here.echo(line)
    assert (here.last("#dev").where, here.last("#dev").flags) == ("@#dev", OWN)


def test_a_line_that_was_trimmed_is_confirmed_without_harm() -> None:
    here = talk(lines=100)
    here.client.type("hello")
    (line,) = here.sent()
    here.hear(*(f":ben!~b@h PRIVMSG #dev :{each}" for each in range(200)))
    assert flags(here) == []
    here.echo(line)
    assert here.last("#dev").text == "199"
    here.lose()
    assert here.last("#dev").text == "The connection was reset."


def test_what_is_typed_is_shown_cleaned() -> None:
    here = talk()
    here.client.type("\x01a\u202e\x9bb\x02c")
    assert flags(here) == [("ab\x02c", OWN | PENDING)]


def test_a_tab_is_confirmed_without_labels_too() -> None:
    here = few()
    here.client.type("a\tb")
    here.echo("PRIVMSG #dev :a\tb")
    assert [each for _, each in flags(here)] == [OWN]


def test_what_still_waits_can_be_cancelled_and_keeps_a_window_open() -> None:
    here = talk(send_burst=1, send_rate=1)
    here.client.type("one\ntwo\nthree")
    here.client.type("/close")
    assert here.window("#dev") is here.client.windows.current
    assert "3 lines of yours are not sent yet" in here.last("#dev").text
    here.client.type("/cancel")
    assert here.last("#dev").text == "3 lines are cancelled."
    assert [each & FAILED for _, each in flags(here)] == [FAILED] * 3

"""The server's history in windows: nothing twice, nothing missing, nothing moves."""

from __future__ import annotations

import pytest
from talking import EVERY_CAP, FEW_CAPS, NOON, Talk, old, talk

from ircish.client.log import FAILED, MENTION, OWN, PAST, PENDING, PRIVATE
from ircish.client.recall import PATIENCE, ROUNDS
from ircish.client.windows import Activity
from ircish.dialects.irc import timestamp


def fresh(caps: str = EVERY_CAP, isupport: str = "", **settings: object) -> Talk:
    """Inside, and in #dev, with the history of it asked for and not told."""
    here = Talk(**settings)
    here.connect()
    here.come_in(caps, isupport=isupport)
    here.client.type("/join #dev")
    here.sent()
    return here


def asks(lines: list[str]) -> list[str]:
    """What history is asked for."""
    return [line[line.index("CHATHISTORY") :] for line in lines if "CHATHISTORY" in line]


def label_of(lines: list[str]) -> str:
    found = [line for line in lines if "CHATHISTORY" in line][-1]
    return found[1:].split(" ")[0] if found[0] == "@" else ""


def answer(here: Talk, label: str, target: str, *messages: str) -> None:
    """Tell history: ``m1 ben hello`` is message m1, which ben said at minute 1."""
    label = f"@{label} " if label else ""
    lines = [f"{label}:chat.example BATCH +h chathistory {target}"]
    for message in messages:
        msgid, nick, text = message.split(" ", 2)
        time = timestamp(int(NOON * 1000) - 3_600_000 + int("0" + msgid.strip("mx")) * 60_000)
        told = f"msgid={msgid};" if msgid[0] == "m" else ""
        to = target if target[0] == "#" or nick != "ann" else "cas"
        lines.append(f"@batch=h;{told}time={time} :{nick}!~{nick}@h PRIVMSG {to} :{text}")
    here.hear(*lines, ":chat.example BATCH -h")


def say(here: Talk, msgid: str, text: str, target: str = "#dev") -> None:
    time = timestamp(int(NOON * 1000) - 3_600_000 + int(msgid[1:]) * 60_000)
    here.hear(f"@msgid={msgid};time={time} :ben!~b@h PRIVMSG {target} :{text}")


def away(here: Talk) -> list[str]:
    """Lose the connection, and come back; what is sent on coming back into #dev."""
    here.lose()
    here.connect()
    here.come_in()
    return here.enter("#dev", "ben")


def talks(here: Talk, name: str = "#dev") -> list[str]:
    return [e.text for e in here.entries(name) if e.kind in ("message", "action", "notice")]


def test_on_coming_in_the_last_lines_stand_above_what_is_there() -> None:
    here = fresh()
    sent = here.enter("#dev", "ben")
    assert asks(sent) == ["CHATHISTORY LATEST #dev * 100"]
    say(here, "m9", "live")
    answer(here, label_of(sent), "#dev", "m1 ben one", "m2 ben ann: two", "m9 ben live")
    assert here.texts("#dev") == ["one", "ann: two", "You are in #dev.", "Also here: ben", "live"]
    assert [e.flags for e in here.entries("#dev")[:2]] == [PAST, PAST | MENTION]
    assert here.window("#dev").activity is Activity.NONE
    assert here.face.notified == []
    assert here.windows.find("mentions") is None
    assert not here.window("#dev").all_read


def test_history_is_asked_for_in_the_size_that_is_wanted_and_offered() -> None:
    assert asks(fresh(history_lines=7).enter("#dev")) == ["CHATHISTORY LATEST #dev * 7"]
    assert asks(fresh(isupport="CHATHISTORY=50").enter("#dev")) == ["CHATHISTORY LATEST #dev * 50"]
    assert asks(fresh(isupport="CHATHISTORY=0").enter("#dev")) == ["CHATHISTORY LATEST #dev * 100"]
    assert asks(fresh(history_lines=0).enter("#dev")) == []


def test_a_server_without_history_is_not_asked() -> None:
    here = old()
    here.client.recall.older(here.window("#dev"))
    assert here.sent() == []
    assert not here.client.recall.offered


def test_what_was_missed_stands_between_what_was_there_and_what_is_heard_meanwhile() -> None:
    here = talk()
    say(here, "m1", "before")
    sent = away(here)
    assert asks(sent) == ["CHATHISTORY AFTER #dev msgid=m1 100"]
    say(here, "m5", "live")
    here.client.type("mine")
    answer(here, label_of(sent), "#dev", "m1 ben before", "m2 ben two", "m3 cas three", "m5 ben x")
    assert here.texts("#dev")[2:] == [
        "before",
        "The connection was reset.",
        "two",
        "three",
        "You are in #dev.",
        "Also here: ben",
        "live",
        "mine",
    ]
    assert here.last("#dev").flags == OWN | PENDING
    here.echo(here.sent()[0], msgid="m6")
    assert (here.last("#dev").flags, here.last("#dev").text) == (OWN, "mine")


def test_lines_of_a_paste_that_are_alike_are_all_there_and_there_once() -> None:
    here = fresh()
    sent = here.enter("#dev")
    paste = [
        "msgid=m1;time=2026-11-22T09:00:00.000Z :ben!~b@h BATCH +p draft/multiline #dev",
        *[f"@batch=p :ben!~b@h PRIVMSG #dev :{text}" for text in ("if x {", "}", "}")],
        ":chat.example BATCH -p",
    ]
    here.hear(f"@{paste[0]}", *paste[1:])
    assert talks(here) == ["if x {", "}", "}"]
    start = f"@{label_of(sent)} :chat.example BATCH +h chathistory #dev"
    here.hear(start, f"@batch=h;{paste[0]}", *paste[1:], ":chat.example BATCH -h")
    assert talks(here) == ["if x {", "}", "}"]


def test_missed_words_count_and_those_that_name_us_are_in_the_mentions() -> None:
    here = talk()
    say(here, "m1", "before")
    here.show("")
    sent = away(here)
    answer(here, label_of(sent), "#dev", "m2 ben two", "m3 ben ann: three")
    window = here.window("#dev")
    assert (window.activity, window.news, window.mentions) == (Activity.MENTION, 2 + 1, 1)
    assert [(e.text, e.where) for e in here.entries("mentions")] == [("ann: three", "#dev")]
    assert here.face.notified == []


def test_a_gap_takes_several_rounds() -> None:
    here = fresh(history_lines=2)
    here.enter("#dev")
    say(here, "m1", "before")
    sent = away(here)
    answer(here, label_of(sent), "#dev", "m2 ben two", "m3 ben three")
    sent = here.sent()
    assert asks(sent) == ["CHATHISTORY AFTER #dev msgid=m3 2"]
    say(here, "m5", "five")
    answer(here, label_of(sent), "#dev", "m4 ben four", "m5 ben five")
    sent = here.sent()
    assert asks(sent) == ["CHATHISTORY AFTER #dev msgid=m5 2"]
    answer(here, label_of(sent), "#dev")
    assert talks(here) == ["before", "two", "three", "four", "five"]
    assert asks(here.sent()) == []


def test_a_gap_that_only_tells_what_is_here_is_filled() -> None:
    here = fresh(history_lines=1)
    here.enter("#dev")
    say(here, "m1", "before")
    sent = away(here)
    say(here, "m2", "live")
    answer(here, label_of(sent), "#dev", "m2 ben live")
    assert asks(here.sent()) == []
    assert talks(here) == ["before", "live"]


def test_more_than_is_fetched_is_told_where_it_is_missing() -> None:
    here = fresh(history_lines=1)
    here.enter("#dev")
    say(here, "m1", "before")
    sent = away(here)
    for each in range(2, ROUNDS + 2):
        answer(here, label_of(sent), "#dev", f"m{each} ben {each}")
        sent = here.sent()
    assert asks(sent) == []
    index = here.texts("#dev").index("More was said here than is fetched: lines are missing.")
    assert here.texts("#dev")[index - 1 : index + 2 : 2] == [str(ROUNDS + 1), "You are in #dev."]


def test_a_line_that_was_not_confirmed_and_is_in_the_history_was_sent() -> None:
    here = talk()
    say(here, "m1", "before")
    here.elapsed = -3_600.0 + 120
    here.client.type("mine\nlost")
    sent = away(here)
    answer(here, label_of(sent), "#dev", "m2 ann mine")
    mine = [(e.text, e.flags, e.msgid) for e in here.entries("#dev") if e.flags & OWN]
    assert mine == [("mine", OWN, "m2"), ("lost", OWN | FAILED, "")]


def test_the_same_words_said_at_another_time_are_another_line() -> None:
    here = talk()
    say(here, "m1", "before")
    here.client.type("yes")
    sent = away(here)
    answer(here, label_of(sent), "#dev", "m2 ann yes")
    mine = [(e.text, e.flags) for e in here.entries("#dev") if e.flags & OWN]
    assert sorted(mine) == [("yes", OWN), ("yes", OWN | FAILED)]


def test_older_lines_stand_above_and_the_view_does_not_move() -> None:
    here = fresh()
    sent = here.enter("#dev")
    answer(here, label_of(sent), "#dev", "m5 ben five")
    window = here.window("#dev")
    window.anchor = window.log.first
    here.client.recall.older(window)
    here.client.recall.older(window)
    sent = here.sent()
    assert asks(sent) == ["CHATHISTORY BEFORE #dev msgid=m5 100"]
    answer(here, label_of(sent), "#dev", "m3 ben three", "m4 ben four")
    assert talks(here) == ["three", "four", "five"]
    assert window.log[window.anchor].text == "five"
    assert window.below == 0
    here.client.recall.older(window)
    sent = here.sent()
    assert asks(sent) == ["CHATHISTORY BEFORE #dev msgid=m3 100"]
    answer(here, label_of(sent), "#dev")
    assert window.all_read
    here.client.recall.older(window)
    assert here.sent() == []


def test_an_emptied_window_gets_the_last_lines_back() -> None:
    here = talk()
    say(here, "m1", "one")
    here.client.type("/clear")
    here.wait(PATIENCE)
    here.client.recall.older(here.window("#dev"))
    sent = here.sent()
    assert asks(sent) == ["CHATHISTORY LATEST #dev * 100"]
    answer(here, label_of(sent), "#dev", "m1 ben one")
    assert here.texts("#dev") == ["one"]


def test_older_lines_are_asked_for_by_time_where_there_are_no_ids() -> None:
    here = fresh()
    sent = here.enter("#dev")
    answer(here, label_of(sent), "#dev", "x5 ben five", "x5 ben five", "x5 ben six")
    assert talks(here) == ["five", "six"]
    here.client.recall.older(here.window("#dev"))
    assert asks(here.sent()) == ["CHATHISTORY BEFORE #dev timestamp=2026-11-22T11:05:00.000Z 100"]


def test_a_log_that_is_full_asks_for_nothing_older() -> None:
    here = fresh(lines=100)
    here.enter("#dev")
    for each in range(1, 120):
        say(here, f"m{each}", "x")
    here.wait(PATIENCE)
    here.client.recall.older(here.window("#dev"))
    assert here.sent() == []


def test_windows_without_a_history_ask_for_none() -> None:
    here = talk()
    here.hear(":ben!~b@h PRIVMSG #dev :ann")
    here.sent()
    here.client.recall.older(here.window(""))
    here.client.recall.older(here.window("mentions"))
    assert here.sent() == []


@pytest.mark.parametrize("caps", [EVERY_CAP, FEW_CAPS])
def test_history_that_is_refused_is_not_asked_for_again(caps: str) -> None:
    here = fresh(caps)
    sent = here.enter("#dev")
    label = f"@label={label_of(sent)[6:]} " if label_of(sent) else ""
    before = here.texts("#dev")
    here.hear(f"{label}FAIL CHATHISTORY INVALID_TARGET LATEST #dev :No")
    assert here.window("#dev").all_read
    assert here.texts("#dev") == before
    assert here.client.windows.server.log.last.text == "No MOTD"  # type: ignore[union-attr]


def test_a_server_that_does_not_know_the_command_is_understood() -> None:
    here = fresh(FEW_CAPS)
    here.enter("#dev")
    here.hear(":chat.example 421 ann CHATHISTORY :Unknown command")
    assert here.window("#dev").all_read


def test_a_refusal_of_words_is_not_taken_for_one_of_history() -> None:
    here = fresh(FEW_CAPS)
    here.enter("#dev")
    here.client.type("hello")
    here.hear(":chat.example 404 ann #dev :Cannot send to channel")
    assert [e.flags for e in here.entries("#dev") if e.text == "hello"] == [OWN | FAILED]
    here.hear(":chat.example 421 ann FOO :Unknown command")
    assert not here.window("#dev").all_read


def test_a_message_that_the_server_has_forgotten_is_asked_for_by_its_time() -> None:
    here = talk()
    say(here, "m1", "before")
    sent = away(here)
    here.hear(f"@{label_of(sent)} FAIL CHATHISTORY INVALID_MSGREFTYPE AFTER #dev :Unknown id")
    sent = here.sent()
    assert asks(sent) == ["CHATHISTORY AFTER #dev timestamp=2026-11-22T11:01:00.000Z 100"]
    here.hear(f"@{label_of(sent)} FAIL CHATHISTORY MESSAGE_ERROR AFTER #dev :Disk on fire")
    texts = here.texts("#dev")
    index = texts.index("What was said meanwhile is not to be had: Disk on fire")
    assert texts[index + 1] == "You are in #dev."
    assert asks(here.sent()) == []


def test_an_answer_that_never_comes_is_not_waited_for() -> None:
    here = talk()
    say(here, "m1", "before")
    sent = away(here)
    here.wait(PATIENCE)
    assert "The server does not tell what was said meanwhile." in here.texts("#dev")
    answer(here, label_of(sent), "#dev", "m2 ben late")
    assert "late" not in here.texts("#dev")
    here.client.recall.older(here.window("#dev"))
    assert asks(here.sent()) == ["CHATHISTORY BEFORE #dev msgid=m1 100"]


def test_an_answer_without_anything_ends_the_waiting() -> None:
    here = talk()
    sent = away(here)
    here.hear(f"@{label_of(sent)} :chat.example ACK")
    here.client.recall.older(here.window("#dev"))
    assert len(asks(here.sent())) == 1


def test_an_answer_for_a_window_that_was_closed_is_dropped() -> None:
    here = talk()
    say(here, "m1", "before")
    sent = away(here)
    window = here.window("#dev")
    here.client.type("/close")
    answer(here, label_of(sent), "#dev", "m2 ben two")
    assert "two" not in [each.text for each in window.log]
    here.enter("#dev")
    say(here, "m3", "before")
    away(here)
    window = here.show("#dev")
    here.client.type("/close")
    here.wait(PATIENCE)
    assert window.log.last
    assert window.log.last.text == "Also here: ben"


def test_an_answer_for_a_channel_that_was_left_is_shown() -> None:
    here = talk()
    say(here, "m1", "before")
    sent = away(here)
    here.hear(":ben!~b@h KICK #dev ann :out")
    answer(here, label_of(sent), "#dev", "m2 ben two")
    assert "two" in here.texts("#dev")


def test_without_labels_an_answer_is_known_by_its_channel() -> None:
    here = fresh(FEW_CAPS)
    here.enter("#dev")
    here.enter("#tea")
    answer(here, "", "#TEA", "m1 ben tea")
    answer(here, "", "#dev", "m2 ben dev")
    assert talks(here, "#tea") == ["tea"]
    assert talks(here, "#dev") == ["dev"]


def test_what_a_bouncer_plays_back_is_shown_where_it_belongs() -> None:
    here = old()
    here.hear(":chat.example CAP * NEW :batch server-time message-tags znc.in/playback")
    here.hear(":ben!~b@h PRIVMSG #dev :now")
    answer(here, "", "#dev", "m1 ben old", "m2 ben older")
    answer(here, "", "#dev", "m90 ben later", "m91 ben and later")
    answer(here, "", "#nowhere", "m1 ben x")
    assert talks(here) == ["old", "older", "now", "later", "and later"]
    assert [e.flags for e in here.entries("#dev") if e.text == "older"] == [PAST]


def test_whom_we_ignore_and_what_programs_say_is_not_in_the_past_either() -> None:
    here = fresh(ignore=["cas"])
    sent = here.enter("#dev")
    answer(
        here, label_of(sent), "#dev", "m1 cas hello", "m2 ben \1VERSION\1", "m3 ben \1ACTION x\1"
    )
    assert next((e.text, e.kind) for e in here.entries("#dev")) == ("x", "action")
    assert talks(here) == ["x"]


def test_a_private_talk_has_its_history() -> None:
    here = talk()
    here.hear("@msgid=m9 :cas!~c@h PRIVMSG ann :live")
    sent = here.sent()
    assert asks(sent) == ["CHATHISTORY LATEST cas * 100"]
    answer(here, label_of(sent), "cas", "m1 cas hello", "m2 ann hi", "m9 cas live")
    assert [(e.text, bool(e.flags & OWN)) for e in here.entries("cas")] == [
        ("hello", False),
        ("hi", True),
        ("live", False),
    ]


def test_a_private_talk_catches_up_after_a_lost_connection() -> None:
    here = talk()
    here.hear("@msgid=m1 :cas!~c@h PRIVMSG ann :before")
    here.lose()
    here.connect()
    sent = here.come_in()
    assert "CHATHISTORY AFTER cas msgid=m1 100" in asks(sent)
    label = next(line for line in sent if "AFTER cas" in line)[1:].split(" ")[0]
    answer(here, label, "cas", "m2 cas missed")
    missed = here.entries("cas")[-2]
    assert here.window("cas").activity is Activity.MENTION
    assert missed.flags == PRIVATE
    assert here.texts("cas")[-4:] == [
        "before",
        "The connection was reset.",
        "missed",
        "You are connected again.",
    ]


def test_a_private_talk_whose_gap_is_refused_says_nothing() -> None:
    here = talk()
    here.hear("@time=2026-11-22T11:00:00.000Z :cas!~c@h PRIVMSG ann :before")
    here.lose()
    here.connect()
    sent = here.come_in()
    label = next(line for line in sent if "AFTER cas" in line)[1:].split(" ")[0]
    here.hear(f"@{label} FAIL CHATHISTORY INVALID_TARGET AFTER cas :No")
    assert here.last("cas").text == "You are connected again."


def test_another_servers_messages_are_not_asked_after() -> None:
    from ircish.client.place import Place

    here = talk()
    say(here, "m1", "elsewhere")
    here.connect(Place("other.example", 5555, nick="ann"))
    here.come_in()
    here.client.type("/join #dev")
    here.sent()
    sent = here.enter("#dev")
    assert asks(sent) == ["CHATHISTORY LATEST #dev * 100"]
    answer(here, label_of(sent), "#dev", "m2 ben here")
    assert here.texts("#dev")[2:] == [
        "elsewhere",
        "You have left chat.example:5555.",
        "here",
        "You are in #dev.",
        "Nobody else is here.",
    ]


def test_a_name_that_cannot_be_in_a_line_has_no_history() -> None:
    here = talk()
    here.client.query("two words")
    assert here.sent() == []


def test_coming_in_twice_asks_once() -> None:
    here = fresh()
    assert len(asks(here.enter("#dev"))) == 1
    assert len(asks(here.enter("#dev"))) == 0


def test_what_scrolling_up_asks_for_is_asked_for_at_once() -> None:
    here = talk()
    here.hear(*(f":chat.example BATCH {each}" for each in ("+1 chathistory #dev", "-1")))
    here.window("#dev").all_read = False
    here.client.recall.lost()
    here.sent()
    here.client.recall.older(here.window("#dev"))
    assert any("CHATHISTORY" in line for line in here.sent())


def test_older_lines_are_asked_for_from_the_oldest_that_came_though_nobody_sees_them() -> None:
    here = talk(ignore=("spam",))
    here.client.recall.lost()
    window = here.window("#dev")
    here.client.recall.older(window)
    label = here.sent()[-1].split(" ")[0].removeprefix("@label=")
    here.hear(
        f"@label={label} :chat.example BATCH +h chathistory #dev",
        "@batch=h;msgid=s1;time=2026-11-22T09:00:00.000Z :spam!s@h PRIVMSG #dev :noise",
        ":chat.example BATCH -h",
    )
    here.client.recall.older(window)
    assert here.sent()[-1].endswith("CHATHISTORY BEFORE #dev msgid=s1 100")

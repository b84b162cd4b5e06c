"""Words: whether they name us, whom we do not hear, and what programs ask each other (CTCP)."""

from __future__ import annotations

import pytest
from talking import Talk, talk

from ircish.client.log import MENTION
from ircish.client.messages import highlights
from ircish.client.windows import Activity


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ann: hello", True),
        ("hello ANN", True),
        ("(ann)", True),
        ("\x02ann\x02", True),
        ("\x0304ann\x0f hi", True),
        ("anna", False),
        ("joann", False),
        ("ann_", False),
        ("tea?", True),
        ("teas", False),
        ("it is lunchtime", True),
        ("brunch", False),
        ("a cat", True),
        ("a cut above", True),
        ("a cart", False),
        ("foo.bar baz", True),
        ("fooXbar baz", False),
        ("unbelievably", True),
        ("unlit", False),
        ("Żółw!", True),
        ("żółwik", False),
    ],
)
def test_whole_words_name_us(text: str, named: bool) -> None:
    here = talk(highlight=["tea", "lunch*", "c?t", "foo.bar baz", "un*ie*ly", "żółw", "*"])
    here.hear(f":ben!~b@h PRIVMSG #dev :{text}")
    assert bool(here.last("#dev").flags & MENTION) is named


@pytest.mark.parametrize("nick", ["Jürgen", "жук", "[ann]", "a|b", "猫"])
def test_any_nick_is_found(nick: str) -> None:
    pattern = highlights(nick, ())
    assert pattern
    assert pattern.search(f"hello {nick.upper()}!")
    assert pattern.search(nick)
    assert not pattern.search(f"x{nick}x")


def test_without_nick_and_words_nothing_is_found() -> None:
    assert highlights("", ("**",)) is None


@pytest.mark.parametrize("word", ["*a*a*a*a*a*b", "a*a*a*a*a*a*b", "a?a*?a*?a*c", "*?*?*?*x"])
@pytest.mark.parametrize("text", ["a" * 8_000, "a " * 4_000, "aaaa-" * 1_600])
def test_no_word_makes_looking_last_for_ever(word: str, text: str) -> None:
    pattern = highlights("ann", (word,))
    assert pattern
    pattern.search(text)  # or the test's own limit ends it


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "abc", True),
        ("a*b*c", "abcb", False),
        ("a*b*c", "abcbc", True),
        ("*ab", "aab", True),
        ("*ab*", "xxabxx", True),
        ("a*", "a", True),
        ("a?", "a", False),
        ("a* b*", "ax bx", True),
        ("a*", "x a-b", True),
    ],
)
def test_stars_are_parts_of_words(word: str, text: str, found: bool) -> None:
    pattern = highlights("", (word,))
    assert pattern
    assert bool(pattern.search(text)) is found


def test_a_mention_rings_and_is_in_the_mentions_window() -> None:
    here = talk()
    here.show("")
    here.hear(":ben!~b@h PRIVMSG #dev :\x02ann\x02: hello")
    assert here.window("#dev").activity is Activity.MENTION
    assert here.face.notified == [("ben in #dev", "ann: hello")]
    entry = here.last("mentions")
    assert (entry.where, entry.nick) == ("#dev", "ben")
    here.show("#dev")
    here.hear(":ben!~b@h PRIVMSG #dev :ann again")
    assert len(here.face.notified) == 1
    assert len(here.entries("mentions")) == 2


def test_a_private_word_is_not_in_the_mentions() -> None:
    here = talk()
    here.hear(":cas!~c@h PRIVMSG ann :ann!")
    assert here.windows.find("mentions") is None


# Ignoring -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", ["ben", "BEN", "b?n", "*!*@*.evil", "*@h.evil", "ben!*@*"])
def test_whom_we_ignore_is_not_heard(mask: str) -> None:
    here = talk(ignore=[mask])
    before = [(window.name, len(window.log)) for window in here.windows]
    here.hear(
        ":ben!~b@h.evil PRIVMSG #dev :ann hello",
        ":ben!~b@h.evil PRIVMSG ann :hello",
        ":ben!~b@h.evil NOTICE ann :hello",
        ":ben!~b@h.evil PRIVMSG ann :\1VERSION\1",
        ":ben!~b@h.evil INVITE ann #evil",
        ":ben!~b@h.evil JOIN #dev",
        ":ben!~b@h.evil AWAY :x",
        ":ben!~b@h.evil QUIT :bye",
    )
    assert [(window.name, len(window.log)) for window in here.windows] == before
    assert here.face.notified == []
    assert here.sent() == []


def test_comings_and_goings_of_whom_we_ignore_are_not_shown() -> None:
    here = talk(ignore=["ben"])
    before = here.texts("#dev")
    here.hear(":ben!~b@h PART #dev", ":ben!~b@h JOIN #dev", ":ben!~b@h NICK cas")
    assert here.texts("#dev") == before


def test_others_and_we_ourselves_are_heard() -> None:
    here = talk(ignore=["ann", "cas"])
    here.hear(":ben!~b@h PRIVMSG #dev :hello", ":ann!~a@h PRIVMSG #dev :hi")
    assert here.texts("#dev")[-2:] == ["hello", "hi"]


# CTCP ---------------------------------------------------------------------------------------------


def test_an_action_is_an_action() -> None:
    here = talk()
    here.hear(":ben!~b@h PRIVMSG #dev :\1ACTION waves to ann\1")
    entry = here.last("#dev")
    assert (entry.kind, entry.text, entry.flags) == ("action", "waves to ann", MENTION)
    here.hear(":ben!~b@h PRIVMSG #dev :\1action\1")
    assert (here.last("#dev").kind, here.last("#dev").text) == ("action", "")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("VERSION", "VERSION ircish "),
        ("version", "VERSION ircish "),
        ("PING 12345", "PING 12345\1"),
        ("TIME", "TIME "),
        ("CLIENTINFO", "CLIENTINFO ACTION"),
        ("PING", "PING\1"),
    ],
)
def test_questions_are_answered(question: str, answer: str) -> None:
    here = talk()
    here.hear(f":ben!~b@h PRIVMSG ann :\1{question}\1")
    (line,) = here.sent()
    assert line.removeprefix("NOTICE ben ").removeprefix(":").startswith(f"\1{answer}")
    assert here.last("").text.startswith(
        f"ben asks by CTCP: {question.split(maxsplit=1)[0].upper()}"
    )


def test_one_answer_in_two_seconds() -> None:
    here = talk()
    here.hear(*[":ben!~b@h PRIVMSG ann :\1VERSION\1"] * 50)
    assert len(here.sent()) == 1
    here.wait(1.9)
    here.hear(":cas!~c@h PRIVMSG ann :\1VERSION\1")
    assert here.sent() == []
    here.wait(0.1)
    here.hear(":cas!~c@h PRIVMSG ann :\1VERSION\1")
    assert len(here.sent()) == 1


@pytest.mark.parametrize(
    "line",
    [
        ":ben!~b@h PRIVMSG ann :\1FINGER\1",
        ":ben!~b@h PRIVMSG ann :\1DCC SEND x 1 2 3\1",
        ":chat.example PRIVMSG ann :\1VERSION\1",
        ":ann!~a@h PRIVMSG ben :\1VERSION\1",
        ":ben!~b@h NOTICE ann :\1VERSION irssi\1",
        "PRIVMSG ann :\1VERSION\1",
    ],
)
def test_these_are_not_answered(line: str) -> None:
    here = talk()
    here.hear(line)
    assert here.sent() == []


def test_nothing_is_answered_where_the_settings_say_so() -> None:
    here = talk(ctcp=False)
    here.hear(":ben!~b@h PRIVMSG ann :\1VERSION\1")
    assert here.sent() == []


def test_an_answer_is_as_long_as_a_line_may_be() -> None:
    here = talk()
    here.hear(f":ben!~b@h PRIVMSG ann :\1PING {'ü' * 4_000}\1")
    assert all(len(line.encode()) < 510 for line in here.sent())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("PING 1795348799750", "CTCP PING from ben: 250 ms"),
        ("PING 1", "CTCP PING from ben: 1"),
        ("PING 99999999999999999999", "CTCP PING from ben: 99999999999999999999"),
        ("PING ²", "CTCP PING from ben: ²"),
        ("VERSION irssi", "CTCP VERSION from ben: irssi"),
    ],
)
def test_answers_are_shown_where_we_are(answer: str, words: str) -> None:
    here = talk()
    here.client.type("/ctcp ben version")
    here.hear(f":ben!~b@h NOTICE ann :\1{answer}\1")
    assert here.last("#dev").text == words


@pytest.mark.parametrize("text", ["\1", "\1\1", "\1 \1", "\1\1\1"])
def test_a_frame_without_anything_in_it_is_plain_words(text: str) -> None:
    here = talk()
    here.hear(f":ben!~b@h PRIVMSG #dev :{text}")
    assert here.last("#dev").text.strip() == ""
    assert here.last("#dev").nick == "ben"


def test_a_nick_that_cannot_be_in_a_line_is_not_answered() -> None:
    here = Talk()
    here.connect()
    here.come_in()
    here.hear("::ben!~b@h PRIVMSG ann :\1VERSION\1")
    assert here.sent() == []


def test_what_a_command_of_ours_is_answered_is_no_mention_and_nobodys_words() -> None:
    here = talk()
    here.client.type("/quote SEARCH hello")
    label = here.sent()[0].split(" ")[0].removeprefix("@label=")
    here.hear(f"@label={label} :chat.example NOTICE ann :[14:20] <ann> hello ann")
    last = here.last("#dev")
    assert (last.kind, last.nick, last.flags) == ("info", "", 0)
    assert here.client.windows.find("mentions") is None


def test_what_a_command_announces_stays_the_servers_words_to_the_channel() -> None:
    here = talk()
    here.client.type("/quote POLL close")
    label = here.sent()[0].split(" ")[0].removeprefix("@label=")
    here.hear(f"@label={label} :chat.example NOTICE #dev :Poll closed by ann")
    last = here.last("#dev")
    assert (last.kind, last.nick, last.flags) == ("notice", "chat.example", 0)


def test_what_a_plugin_tells_us_is_shown_where_we_are() -> None:
    here = talk()
    here.hear(":chat.example NOTICE ann :tea")
    assert here.last("#dev").text == "tea"
    here.hear(":chat.example NOTICE * :going down")
    assert here.last("#dev").text == "tea"


def test_what_is_taken_back_is_not_shown_any_more() -> None:
    here = talk()
    here.hear("@msgid=m1 :ben!~b@h PRIVMSG #dev :ann: wrong", "@msgid=m2 :ben PRIVMSG #dev :right")
    here.hear(":ben!~b@h REDACT #dev m1 :oops")
    shown = ["(taken back)", "right", "ben took back a message (oops)"]
    assert here.texts("#dev")[-3:] == shown
    assert here.texts("mentions") == ["(taken back)"]
    here.hear("@msgid=m3 :ben PRIVMSG ann :psst", ":ben REDACT ann m3")
    assert here.texts("ben") == ["(taken back)", "ben took back a message"]


def test_that_we_took_it_back_ourselves_is_not_told() -> None:
    here = talk()
    here.hear("@msgid=m1 :ann PRIVMSG #dev :wrong", ":ann REDACT #dev m1")
    assert here.last("#dev").text == "(taken back)"
    here.hear("@msgid=m2 :ann PRIVMSG ben :wrong", ":ann REDACT ben m2")
    assert "took back" not in here.last("ben").text

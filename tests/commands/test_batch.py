"""BATCH: messages of several lines, from an IRC client to all others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ircish.commands import multiline
from ircish.testing import Chat, Client

CAPS = ["batch", "draft/multiline", "message-tags"]
ECHO = [*CAPS, "echo-message", "labeled-response"]
FAIL = ":chat.example FAIL BATCH "


def batch(*lines: str, target: str = "#dev", verb: str = "PRIVMSG", tags: str = "") -> list[str]:
    """The lines of a client; those that begin with + go on with the one before."""
    sent = [f"{tags}BATCH +1 draft/multiline {target}"]
    for line in lines:
        joined = ";draft/multiline-concat" if line[:1] == "+" else ""
        sent.append(f"@batch=1{joined} {verb} {target} :{line.removeprefix('+')}")
    return [*sent, "BATCH -1"]


def texts(client: Client) -> list[str]:
    return [line.split(" :", 1)[-1] for line in client.lines()]


def test_several_lines_are_one_message_to_those_who_asked_for_it(chat: Chat) -> None:
    new, ann = chat.irc("new", CAPS, join="#dev"), chat.irc("ann", CAPS, join="#dev")
    new.lines()
    assert ann.ask(*batch("hello", "", "how is ", "+everyone?", tags="@+reply=x ")) == []
    start, *lines, end = new.messages()
    name = start.params[0].removeprefix("+")
    assert (start.verb, start.params[1:]) == ("BATCH", ("draft/multiline", "#dev"))
    assert start.source == "ann!~ann@127.0.0.1"
    assert start.tags["+reply"] == "x"
    assert start.tags["msgid"]
    assert [(line.verb, *line.params) for line in lines] == [
        ("PRIVMSG", "#dev", text) for text in ("hello", "", "how is ", "everyone?")
    ]
    plain, joined = {"batch": name}, {"batch": name, "draft/multiline-concat": ""}
    assert [line.tags for line in lines] == [plain, plain, plain, joined]
    assert (end.verb, end.params) == ("BATCH", (f"-{name}",))


def test_all_others_read_its_lines_but_for_blank_ones(chat: Chat) -> None:
    tags = chat.irc("tags", ["message-tags", "server-time", "batch"], join="#dev")
    old, nc, far = chat.irc("old", join="#dev"), chat.nc("nc"), chat.nc("far")
    nc.ask("JOIN #dev")
    far.ask("JOIN #dev", "JOIN #lobby")
    ann = chat.irc("ann", CAPS, join="#dev")
    for each in (tags, old, nc, far):
        each.lines()
    ann.ask(*batch("", "hello", "", "how is ", "+everyone?", tags="@+x=y "))
    assert old.lines() == [
        f":ann!~ann@127.0.0.1 PRIVMSG #dev :{text}" for text in ("hello", "how is ", "everyone?")
    ]
    assert nc.lines() == ["<ann> hello", "<ann> how is everyone?"]
    assert far.lines() == ["[#dev] <ann> hello", "[#dev] <ann> how is everyone?"]
    lines = tags.messages()
    assert [line.params[1] for line in lines] == ["hello", "how is ", "everyone?"]
    assert [set(line.tags) for line in lines] == [{"msgid", "time", "+x"}, *[{"time", "+x"}] * 2]


def test_a_capability_is_not_needed_to_send_it(chat: Chat) -> None:
    nc, ann = chat.nc("nc"), chat.irc("ann", join="#lobby")
    nc.lines()
    assert ann.ask(*batch("a", "b", target="#LOBBY")) == []
    assert nc.lines() == ["<ann> a", "<ann> b"]


@pytest.mark.parametrize(
    ("target", "verb", "heard"),
    [
        ("ben", "PRIVMSG", ["*ann* a", "*ann* b"]),
        ("ben", "NOTICE", ["-ann- a", "-ann- b"]),
        ("#lobby", "NOTICE", ["-ann- a", "-ann- b"]),
        ("@#lobby", "PRIVMSG", ["[@#lobby] <ann> a", "[@#lobby] <ann> b"]),
    ],
)
def test_it_goes_wherever_words_go(chat: Chat, target: str, verb: str, heard: list[str]) -> None:
    ben, cyd = chat.nc("ben"), chat.nc("cyd")
    ann = chat.irc("ann", CAPS, join="#lobby")
    chat.server.hub.chat.channels["#lobby"].members[chat.server.hub.chat.nicks["ben"]] = (
        "o"  # in the default channel nobody is by being first
    )
    for each in (ben, cyd):
        each.lines()
    ann.ask(*batch("a", "b", target=target, verb=verb))
    assert ben.lines() == heard
    assert cyd.lines() == (heard if target == "#lobby" else [])


def test_the_answer_to_all_of_it_has_the_label_of_its_beginning(chat: Chat) -> None:
    ann = chat.irc("ann", ECHO, join="#dev")
    (start, *lines, end) = ann.messages(*batch("a", "b", tags="@label=x "))
    assert start.tags["label"] == "x"
    assert set(start.tags) == {"label", "msgid"}
    assert [line.params for line in lines] == [("#dev", "a"), ("#dev", "b")]
    assert all(set(line.tags) == {"batch"} for line in lines)
    assert (end.verb, end.tags) == ("BATCH", {})
    silent = chat.irc("silent", ["batch", "labeled-response"], join="#dev")
    assert silent.ask(*batch("a", "b", tags="@label=x ")) == ["@label=x :chat.example ACK"]
    assert silent.ask(*batch("a", "", "+", "c", tags="@label=x ")) == [
        f"@label=x {FAIL}MULTILINE_INVALID :Such a line goes on with another, and has a text"
    ]
    assert silent.ask(*batch("a", "b", target="#no", tags="@label=x ")) == [
        "@label=x :chat.example 403 silent #no :No such channel"
    ]


def test_an_echo_and_more_are_one_answer(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.irc("ann", ECHO)
    ben.ask("AWAY lunch")
    start, opening, first, second, ending, away, end = ann.messages(
        *batch("a", "b", target="ben", tags="@label=x ")
    )
    assert (start.tags, start.params[1]) == ({"label": "x"}, "labeled-response")
    outer, inner = start.params[0][1:], opening.params[0][1:]
    assert [each.tags.get("batch") for each in (opening, ending, away)] == [outer] * 3
    assert [each.tags["batch"] for each in (first, second)] == [inner] * 2
    assert (away.verb, end.params) == ("301", (f"-{outer}",))


def test_a_text_that_looks_like_a_batch_is_labelled_as_any_other(chat: Chat) -> None:
    ann = chat.irc("ann", ECHO, join="#dev,#tea")
    lines = ann.messages("@label=x PRIVMSG #dev,#tea :a BATCH +1 b BATCH -1")
    assert [line.verb for line in lines] == ["BATCH", "PRIVMSG", "PRIVMSG", "BATCH"]


def test_one_line_alone_is_a_message_like_others(chat: Chat) -> None:
    new, ann = chat.irc("new", ["draft/multiline", "batch"], join="#dev"), chat.irc("ann")
    ann.ask("JOIN #dev")
    new.lines()
    ann.ask(*batch("a"))
    assert new.lines() == [":ann!~ann@127.0.0.1 PRIVMSG #dev :a"]


REFUSED: list[tuple[list[str], list[str]]] = [
    (batch("a", *"b" * 23), []),
    (batch("a", *"b" * 24), ["MULTILINE_MAX_LINES 24 :Too many lines"]),
    (batch("a", *"b" * 200), ["MULTILINE_MAX_LINES 24 :Too many lines"]),
    (batch(*["x" * 400] * 11), ["MULTILINE_MAX_BYTES 4096 :Too many bytes"]),
    (batch("", ""), ["MULTILINE_INVALID :There is no line with a text"]),
    (batch(), ["MULTILINE_INVALID :There is no line with a text"]),
    (batch("a", "+", "b"), ["MULTILINE_INVALID :Such a line goes on with another, and has a text"]),
    (
        ["BATCH +1 draft/multiline #dev", "@batch=1 PRIVMSG #tea :a", "BATCH -1"],
        ["MULTILINE_INVALID_TARGET #dev #tea :A line to another target"],
    ),
    (
        [*batch("a")[:2], "@batch=1 NOTICE #dev :b", "BATCH -1"],
        ["MULTILINE_INVALID :All lines are PRIVMSG, or all NOTICE"],
    ),
    (
        [*batch("a")[:2], "@batch=2 PRIVMSG #dev :b", "BATCH -1"],
        ["MULTILINE_INVALID :That batch was not begun"],
    ),
    ([*batch("a")[:2], "BATCH -2"], ["MULTILINE_INVALID :That batch was not begun"]),
    (["BATCH -1"], ["MULTILINE_INVALID :That batch was not begun"]),
    (["@batch=1 PRIVMSG #dev :a"], ["MULTILINE_INVALID :That batch was not begun"]),
    (["@batch=1 NOTICE #dev :"], ["MULTILINE_INVALID :That batch was not begun"]),
    (["@batch=1 BATCH +2 draft/multiline #dev"], ["MULTILINE_INVALID :A batch cannot be in "]),
    (
        ["BATCH +1 draft/multiline", "@batch=1 PRIVMSG #dev :a", "BATCH -1"],
        ["MULTILINE_INVALID :Say to whom: BATCH +1 draft/multiline #dev"],
    ),
    (
        ["BATCH +1 netsplit #dev", "@batch=1 PRIVMSG #dev :a", "BATCH -1"],
        ["UNKNOWN_TYPE 1 netsplit :Unknown type of batch"],
    ),
    (
        ["BATCH +a_b draft/multiline #dev", "@batch=a_b PRIVMSG #dev :a", "BATCH -a_b"],
        ["INVALID_REFTAG a_b :"],
    ),
    (["BATCH + draft/multiline #dev", "@batch PRIVMSG #dev :a", "BATCH -"], ["INVALID_REFTAG * :"]),
    (["BATCH 1 draft/multiline #dev"], ["INVALID_REFTAG 1 :"]),
    (["BATCH :"], ["INVALID_REFTAG * :"]),
]


@pytest.mark.parametrize(("sent", "told"), REFUSED)
def test_what_is_no_message_is_refused_once_and_nobody_hears_of_it(
    chat: Chat, sent: list[str], told: list[str]
) -> None:
    new, ann = chat.irc("new", CAPS, join="#dev"), chat.irc("ann", CAPS, join="#dev,#tea")
    new.lines()
    for line, expected in zip(ann.ask(*sent), told, strict=True):
        assert line.startswith(FAIL + expected)
    assert bool(new.lines()) is not bool(told)
    assert ann.ask(*batch("all", "is well")) == []
    assert len(new.lines()) == 4


def test_a_line_outside_of_an_open_batch_is_done_as_ever(chat: Chat) -> None:
    nc, ann = chat.nc("nc"), chat.irc("ann", CAPS, join="#lobby")
    nc.lines()
    first, *lines, last = batch("a", "b", target="#lobby")
    assert ann.ask(first, lines[0], "PRIVMSG #lobby :at once", "TOPIC #lobby", lines[1], last) == [
        ":chat.example 331 ann #lobby :No topic is set"
    ]
    assert nc.lines() == ["<ann> at once", "<ann> a", "<ann> b"]


def test_of_two_batches_the_first_is_void(chat: Chat) -> None:
    nc, ann = chat.nc("nc"), chat.irc("ann", ECHO, join="#lobby")
    nc.lines()
    left = batch("lost", target="#lobby", tags="@label=x ")[:-1]
    told = ann.ask(*left, *batch("a", "b", target="#lobby", tags="@label=y "))
    assert told[0] == (
        f"@label=x {FAIL}MULTILINE_INVALID :The batch before was not ended, nothing of it was sent"
    )
    assert told[1].startswith("@label=y;msgid=")
    assert nc.lines() == ["<ann> a", "<ann> b"]


def test_a_batch_that_takes_too_long_is_void(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiline, "PATIENCE", -1.0)
    nc, ann = chat.nc("nc"), chat.irc("ann", CAPS, join="#lobby")
    nc.lines()
    late = [f"{FAIL}TIMEOUT 1 :It took too long, nothing was sent"]
    assert ann.ask(*batch("a", "b", target="#lobby")) == late
    assert ann.ask(*batch(target="#lobby")) == late
    assert nc.lines() == []


def test_a_batch_ends_with_its_connection(chat: Chat) -> None:
    nc, ann = chat.nc("nc"), chat.irc("ann", CAPS, join="#lobby")
    nc.lines()
    ann.ask(*batch("a", target="#lobby")[:-1])
    ann.close()
    nc.expect("ann left the chat")
    again = chat.irc("ann", CAPS, join="#lobby")
    assert again.ask("BATCH -1") == [f"{FAIL}MULTILINE_INVALID :That batch was not begun"]
    assert not [line for line in nc.lines() if "<ann>" in line]


def test_a_notice_of_several_lines_is_not_answered_where_nobody_hears_it(chat: Chat) -> None:
    ann = chat.irc("ann", CAPS)
    assert ann.ask(*batch("a", "b", target="nobody", verb="NOTICE")) == []
    assert ann.ask(*batch("a", "b", target="nobody")) == [
        ":chat.example 401 ann nobody :No such nick or channel"
    ]


def test_a_line_too_long_for_some_readers_is_cut_for_them(chat: Chat) -> None:
    new, old = chat.irc("new", CAPS, join="#dev"), chat.irc("old", join="#dev")
    ann = chat.irc("a" * 30, join="#dev")
    for each in (new, old):
        each.lines()
    ann.ask(*batch("word " * 97 + "last", "next"))
    said = texts(old)
    assert "".join(said) == "word " * 97 + "last" + "next"
    assert len(said) == 3
    assert [len(line.tags) for line in new.messages()] == [1, 1, 2, 1, 0]


def test_a_question_to_programs_cannot_hide_in_it(chat: Chat) -> None:
    old = chat.irc("old", join="#dev")
    old.ask("MODE #dev +C")
    ann = chat.irc("ann", join="#dev")
    old.lines()
    told = [":chat.example 404 ann #dev :Cannot send CTCP to channel (+C)"]
    assert ann.ask(*batch("hi", "\x01VERSION\x01")) == told
    assert ann.ask(*batch("hi", "+\x01VERSION\x01")) == told
    assert old.lines() == []


def test_a_paste_is_not_slowed_down(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat({"limits.flood_rate": 0.01, "limits.flood_burst": 20})
    ann = chat.irc("ann", CAPS, join="#dev")  # with its PINGs 8 lines
    connection = chat.server.connections()[0]
    before = connection._tokens
    assert ann.ask(*batch("a", *"b" * 23)) == []
    assert before - connection._tokens == pytest.approx(9, abs=0.1)


def test_it_is_one_message_of_the_history(chat: Chat) -> None:
    ann = chat.irc("ann", [*CAPS, "draft/chathistory"], join="#dev")
    ann.ask(*batch("one", "", "two"), "PRIVMSG #dev :three")
    outer, inner, *lines, ending, three, end = ann.messages("CHATHISTORY LATEST #dev * 10")
    assert outer.params[1:] == ("chathistory", "#dev")
    assert inner.tags["batch"] == outer.params[0][1:]
    assert inner.params[1:] == ("draft/multiline", "#dev")
    assert [line.params[1] for line in lines] == ["one", "", "two"]
    assert {line.tags["batch"] for line in lines} == {inner.params[0][1:]}
    assert ending.params == (f"-{inner.params[0][1:]}",)
    assert (three.params[1], end.params) == ("three", (f"-{outer.params[0][1:]}",))
    nc = chat.nc("nc")
    told = nc.ask("JOIN #dev")
    assert [line.partition("] ")[2] for line in told if "<ann>" in line] == [
        "<ann> one",
        "<ann> two",
        "<ann> three",
    ]


def test_the_limits_are_those_of_the_configuration(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat({"limits.multiline_lines": 2, "limits.multiline_bytes": 5})
    ann = chat.irc("ann", CAPS, join="#dev")
    assert ann.ask(*batch("aa", "bb")) == []
    assert ann.ask(*batch("aa", "bbb")) == [f"{FAIL}MULTILINE_MAX_BYTES 5 :Too many bytes"]
    assert ann.ask(*batch("a", "b", "c")) == [f"{FAIL}MULTILINE_MAX_LINES 2 :Too many lines"]


PLUGIN = """
from ircish import command, hookimpl

@command("HAIKU")
def haiku(ctx):
    \"\"\"Say a poem.\"\"\"
    ctx.reply("one\\ntwo")
    ctx.say("an old pond\\n\\na frog")
    ctx.announce("splash\\nsilence")
    ctx.plugin.tell("nc", "did you\\nhear that")

@command("TOO")
def too(ctx, much: str):
    \"\"\"Say too much.\"\"\"
    ctx.say({"lines": "x\\n" * 24, "bytes": "x" * 4096 + "\\n", "blank": "\\n"}[much])

@hookimpl
def server_commands():
    return [haiku, too]
"""


def test_a_plugin_may_say_several_lines_as_one_message(
    open_chat: Callable[..., Chat], tmp_path: Path
) -> None:
    (tmp_path / "haiku.py").write_text(PLUGIN)
    chat = open_chat(plugins=[tmp_path / "haiku.py"])
    nc, ann = chat.nc("nc"), chat.irc("ann", ["labeled-response", "batch"], join="#lobby")
    new = chat.irc("new", CAPS, join="#lobby")
    for each in (nc, ann, new):
        each.lines()
    assert [line.partition(" ")[2] for line in ann.ask("HAIKU")] == [
        "NOTICE ann :one",
        "NOTICE ann :two",
        "PRIVMSG #lobby :an old pond",
        "PRIVMSG #lobby :a frog",
        "NOTICE #lobby :splash",
        "NOTICE #lobby :silence",
    ]
    heard = ["<ann> an old pond", "<ann> a frog", "*** splash", "*** silence"]
    private = ["*** did you", "*** hear that"]
    assert nc.lines() == heard + private
    assert [line.verb for line in new.messages()] == [
        *["BATCH", "PRIVMSG", "PRIVMSG", "PRIVMSG", "BATCH"],
        *["BATCH", "NOTICE", "NOTICE", "BATCH"],
    ]
    assert ann.ask("TOO lines") == [f"{FAIL}MULTILINE_MAX_LINES 24 :Too many lines"]
    assert ann.ask("TOO bytes") == [f"{FAIL}MULTILINE_MAX_BYTES 4096 :Too many bytes"]
    assert ann.ask("TOO blank") == [f"{FAIL}MULTILINE_INVALID :There is no line with a text"]

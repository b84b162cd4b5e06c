"""Whatever a server says: the client does not fail, and no entry can steer a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talking import EVERY_CAP, FEW_CAPS, Talk, talk

from ircish.text import UNSAFE, printable

FORMATTING = "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f"

CORPUS = [
    "".join(map(chr, range(1, 32))).replace("\n", "").replace("\r", ""),
    "".join(map(chr, range(0x7F, 0xA0))),
    "\x1b[2J\x1b[1;1H\x1b[31mred",
    "\x1b]52;c;cm0gLXJmIH4=\x07",
    "\x1b]0;title\x1b\\",
    "\x9b2J\x9d0;x\x9c",
    "\u202e gnirts \u2066x\u2069\u200f\u061c",
    "a\u200b\u200cb\u2060\ufeff\u00adc\u180e",
    "a" + "\u0301" * 500,
    "\x02b\x1di\x1fu\x1es\x16r\x11m\x0304,01c\x04ff0000h\x0f",
    "\x01x\x01y\x01",
    "\u2028\u2029\U000e0041\U000e007f\ufff9",
    "x" * 8_000,
    "é" * 4_000,
    "{0} {last} %s [bold] \\",
]

LINES = [
    ":{0}!{0}@{0} PRIVMSG #dev :{0}",
    ":{0}!{0}@{0} PRIVMSG ann :{0}",
    ":{0}!{0}@{0} NOTICE ann :{0}",
    ":{0} NOTICE * :{0}",
    ":{0}!u@h PRIVMSG #dev :\1ACTION {0}\1",
    ":{0}!u@h PRIVMSG ann :\1{0} {0}\1",
    ":{0}!u@h NOTICE ann :\1PING {0}\1",
    ":{0}!{0}@{0} JOIN #dev {0} :{0}",
    ":ann!u@h JOIN #{0}",
    ":ann!u@h JOIN :#{0} {0}",
    ":ben!u@{0} PART #dev :{0}",
    ":ben!u@h QUIT :{0}",
    ":ben!u@h NICK {0}",
    ":ann!u@h NICK {0}",
    ":{0}!u@h KICK #dev {0} :{0}",
    ":{0}!u@h KICK #dev ann :{0}",
    ":{0}!u@h TOPIC #dev :{0}",
    ":s 332 ann #dev :{0}",
    ":s 333 ann #dev {0} {0}",
    ":{0} MODE #dev +{0} {0}",
    ":{0} MODE #dev :+k {0}",
    ":s 324 ann #dev {0}",
    ":{0}!u@h INVITE ann #{0}",
    ":{0}!u@h INVITE {0} :{0}",
    ":{0}!u@h AWAY :{0}",
    ":s 301 ann {0} :{0}",
    ":s 311 ann {0} {0} {0} * :{0}",
    ":s 319 ann {0} :{0}",
    ":s 353 ann = #dev :{0} @{0}",
    ":s 366 ann #dev :{0}",
    ":s 005 ann {0} NETWORK={0} :{0}",
    ":s 433 ann {0} :{0}",
    ":s 404 ann {0} :{0}",
    ":s 999 ann {0} :{0}",
    ":s {0} ann {0} :{0}",
    "FAIL {0} {0} {0} :{0}",
    "WARN {0} {0} {0} :{0}",
    "ERROR :{0}",
    "@label={0};msgid={0};time={0};account={0} :{0}!u@h PRIVMSG ann :{0}",
    ":s BATCH +{0} chathistory #dev",
    "@batch={0} :{0}!u@h PRIVMSG #dev :{0}",
    ":s BATCH -{0}",
    "COMMANDS {0} {0} {0} :{0}",
    "{0}",
]


def is_harmless(text: str) -> bool:
    return set(UNSAFE.findall(text)) <= set(FORMATTING)


def check(here: Talk) -> None:
    """What is true of every client at every time."""
    windows = here.windows
    assert windows.current in windows
    assert windows.before in windows
    assert [windows.number(window) for window in windows] == list(range(1, len(windows) + 1))
    assert windows[1] is windows.server
    for window in windows:
        log = window.log
        assert log.end - log.first == len(log)
        assert window.unread is None or log.first <= window.unread < log.end
        assert printable(window.name) == window.name
        assert UNSAFE.search(window.name) is None
        for entry in log:
            assert is_harmless(entry.text), entry
            for name in (entry.nick, entry.where, entry.mark):
                assert UNSAFE.search(name) is None, entry
    for title, text in here.face.notified:
        assert UNSAFE.search(title + text) is None


@pytest.mark.parametrize("line", LINES)
def test_nothing_that_comes_can_steer_a_terminal(line: str) -> None:
    for caps in (EVERY_CAP, FEW_CAPS):
        for text in CORPUS:
            here = Talk()
            here.connect()
            here.come_in(caps)
            here.enter("#dev", "ben")
            here.hear(":ben!u@h PRIVMSG ann :hello")
            here.show("#dev")
            here.client.type("hello")
            here.hear(line.replace("{0}", text))
            here.hear(line.replace("{0}", text.replace(" ", "")))
            here.lose(text)
            check(here)


def test_what_is_typed_cannot_steer_a_terminal_either() -> None:
    for text in CORPUS:
        here = talk()
        here.client.type(text)
        here.client.type(f"/msg {text} {text}")
        here.client.type(f"/{text}")
        here.client.type(f"/join #{text}")
        check(here)


NICKS = st.sampled_from(["ann", "ben", "cas", "ANN", "", ":x", "a.b", "dan!~d@h", "ben!~b@h"])
PLACES = st.sampled_from(["#dev", "#DEV", "#tea", "ann", "ben", "cas", "@#dev", "*", "$*", "#", ""])
WORDS = st.sampled_from(
    ["hello", "ann: x", "\1VERSION\1", "\1ACTION x\1", "+o ben", "-o", "\x1b[2J"]
)
NUMERICS = (1, 5, 221, 251, 263, 301, 305, 306, 311, 318, 322, 323, 324, 331, 332, 333, 353, 366)
REFUSALS = (372, 376, 401, 403, 404, 421, 422, 433, 437, 464, 470, 474, 482, 999)
VERBS = st.sampled_from(
    ["PRIVMSG", "NOTICE", "JOIN", "PART", "QUIT", "NICK", "KICK", "MODE", "TOPIC", "INVITE", "AWAY"]
    + ["TAGMSG", "CHGHOST", "ACCOUNT", "SETNAME", "PING", "PONG", "FAIL", "WARN", "NOTE", "BATCH"]
    + ["CAP", "MARKREAD", "COMMANDS"]
    + [f"{numeric:03}" for numeric in (*NUMERICS, *REFUSALS)]
)
TAGS = st.sampled_from(
    [
        "",
        "",
        "@label=1 ",
        "@label=2 ",
        "@label=3 ",
        "@label=9 ",
        "@batch=h ",
        "@batch=h;msgid=m1 ",
        "@msgid=m1 ",
        "@time=2026-11-22T12:00:00.000Z ",
        "@time=x;msgid=m2 ",
    ]
)
SERVER = st.builds(
    lambda tags, nick, verb, words, last: (
        f"{tags}:{nick} {verb} {' '.join(filter(None, words))}"
        + (f" :{last}" if last is not None else "")
    ),
    TAGS,
    NICKS,
    VERBS,
    st.lists(PLACES | WORDS | NICKS, max_size=4),
    st.none() | WORDS | st.text(max_size=20),
)
HISTORY = st.sampled_from(
    [
        ":s BATCH +h chathistory #dev",
        "@label=2 :s BATCH +h chathistory #dev",
        ":s BATCH -h",
        "@batch=h;msgid=m1 :ben!b@h PRIVMSG #dev :one",
        "@batch=h :ann!b@h PRIVMSG #dev :hello",
        "@label=2 FAIL CHATHISTORY X #dev :no",
        ":ann!~a@h JOIN #dev",
        ":ann!~a@h JOIN #tea",
        ":ann!~a@h PART #dev",
        ":s 366 ann #dev :End",
        "ERROR :bye",
    ]
)
TYPED = st.sampled_from(
    [
        "hello",
        "/me waves",
        "/msg ben hi",
        "/join #tea",
        "/part",
        "/close",
        "/clear",
        "/win 2",
        "/query cas",
        "/names",
        "/nick anna",
        "/whois ben",
        "/resend",
        "a\nb",
        "/history",
        "/list",
    ]
)
STEPS = st.lists(
    st.tuples(st.just("hear"), SERVER | HISTORY)
    | st.tuples(st.just("type"), TYPED)
    | st.tuples(st.sampled_from(["lose", "back", "wait", "scroll"]), st.just("")),
    max_size=40,
)


def run(here: Talk, steps: list[tuple[str, str]]) -> None:
    for step, text in steps:
        match step:
            case "hear":
                here.hear(text)
            case "type":
                here.client.type(text)
            case "lose":
                here.lose()
            case "back":
                here.connect()
                here.come_in()
            case "wait":
                here.wait(31)
            case "scroll":
                here.windows.current.anchor = here.windows.current.log.first
                here.client.recall.older(here.windows.current)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_no_sequence_of_lines_breaks_the_client(steps: list[tuple[str, str]]) -> None:
    here = talk()
    run(here, steps)
    check(here)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_client(data: bytes) -> None:
    here = talk()
    here.client.received(data + b"\r\n")
    check(here)

"""Plugins that hang, compute without end, recurse or talk nonsense: their caller goes on, and
nobody else notices."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ircish.testing import PATIENCE, Chat

ANNS = "!!! {} failed, sorry. It is not your fault, and it has been logged."
GIVEN_UP = "!!! {} has not come back for 0.2 seconds. You can go on without it."

HEAD = '''
"""Commands that go wrong."""
import functools, json, re, sys, threading, time
from ircish import Refused, command, hookimpl
from ircish.events import Said

let_go = threading.Event()
ended = threading.Event()
'''

RECURSE = (
    HEAD
    + '''
class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")
    def __lt__(self, other):
        return other < self
    def __repr__(self):
        return repr(self)
    def __hash__(self):
        return hash(self)

def by_sorted(x): return sorted([1, 2], key=by_sorted)
def by_map(x): return list(map(by_map, [x]))
def by_partial(x): return functools.partial(by_partial, x)()
def by_sub(x): return re.sub("a", by_sub, "a")
def by_json(x): return json.dumps(object(), default=by_json)
def plain(x): return plain(x)
def nested(x):
    for _ in range(200_000):
        x = [x]
    return json.dumps(x)

HOW = {
    "plain": lambda: plain(1),
    "sorted": lambda: by_sorted(1),
    "map": lambda: by_map(1),
    "partial": lambda: by_partial(1),
    "getattr": lambda: Deep().a,
    "lt": lambda: Deep() < Deep(),
    "repr": lambda: repr(Deep()),
    "hash": lambda: hash(Deep()),
    "sub": lambda: by_sub("a"),
    "json": lambda: by_json(1),
    "nested": lambda: nested(1),
}

@command("RECURSE")
def recurse(ctx, how):
    """Recurse without end."""
    HOW[how]()

@hookimpl
def server_commands():
    return [recurse]
'''
)

HANG = (
    HEAD
    + '''
@command("WAIT")
def wait(ctx):
    """Wait for ever."""
    ctx.reply("so far")
    let_go.wait(60)
    ctx.reply("late")
    ctx.say("said late")
    ended.set()

@command("SLEEP")
def sleep(ctx):
    """Sleep, and nothing after."""
    try:
        time.sleep(0.6)
    finally:
        ended.set()

@command("COMPUTE")
def compute(ctx):
    """Compute without end."""
    try:
        while True:
            sum(range(100))
    finally:
        ended.set()

@command("STUBBORN")
def stubborn(ctx):
    """Catch everything, without end."""
    while not let_go.is_set():
        try:
            while not let_go.is_set():
                pass
        except BaseException:
            pass
    ended.set()

@command("CHATTER")
def chatter(ctx):
    """Speak without end."""
    try:
        while True:
            for _ in range(20):  # else its answer could be too long before it takes too long
                ctx.log.info("again")
            ctx.reply("again")
    finally:
        ended.set()

@hookimpl
def server_commands():
    return [wait, sleep, compute, stubborn, chatter]
'''
)

NONSENSE = (
    HEAD
    + '''
WORDS = {
    "crlf": "one\\r\\nQUIT", "lf": "one\\ntwo", "nul": "a\\0b", "half": "a\\ud800",
    "none": None, "number": 5, "bytes": b"bytes", "list": [1], "empty": "", "long": "x" * 100_000,
}
WAYS = {
    "reply": lambda ctx, text: ctx.reply(text),
    "say": lambda ctx, text: ctx.say(text),
    "announce": lambda ctx, text: ctx.announce(text),
    "tell": lambda ctx, text: ctx.plugin.tell("ben", text),
    "proclaim": lambda ctx, text: ctx.plugin.announce("#lobby", text),
    "publish": lambda ctx, text: ctx.publish(Said(ctx.user.id, "#lobby", text)),
    "target": lambda ctx, text: ctx.publish(Said(ctx.user.id, text, "hi")),
    "event": lambda ctx, text: ctx.publish(text),
    "store": lambda ctx, text: ctx.storage.update({text: text}),
    "after": lambda ctx, text: ctx.after(text, text),
    "channel": lambda ctx, text: ctx.say("hi", text),
    "members": lambda ctx, text: ctx.members(text),
}

@command("DO")
def do(ctx, way, what):
    """Do something with something odd."""
    WAYS[way](ctx, WORDS[what])
    return WORDS[what]

@command("REFUSE")
def refuse(ctx, what):
    """Refuse with something odd."""
    raise ctx.refuse(WORDS[what])

@command("RAISE")
def raise_(ctx, what):
    """Raise what it is told."""
    raise {"exit": SystemExit, "interrupt": KeyboardInterrupt, "end": GeneratorExit,
           "stop": StopIteration, "memory": MemoryError, "base": BaseException}[what](what)

@hookimpl
def server_commands():
    return [do, refuse, raise_]
'''
)

Open = Callable[..., Chat]


@pytest.fixture
def opened(open_chat: Open, tmp_path: Path) -> Callable[..., Chat]:
    """``opened(SOURCE)``: a chat with that plugin, ``bad``, that waits 0.2 s for it, or so many
    ``seconds``."""

    def opened(source: str, seconds: float = 0.2) -> Chat:
        path = tmp_path / "own" / "bad.py"
        path.parent.mkdir()
        path.write_text(source)
        settings = {"server.plugins": [str(path.parent)], "limits.command_seconds": seconds}
        return open_chat(settings, operators={"admin": "secret"})

    return opened


def module(chat: Chat) -> Any:
    return chat.server.plugins.plugins["bad"].module


def upkeep(chat: Chat, until: Callable[[], object] = lambda: False, seconds: float = 5) -> None:
    """Look after the connections, as the listener does every second, until that is so."""
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline
        chat.server._upkeep()
        time.sleep(0.01)


# Failing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    ["plain", "sorted", "map", "partial", "getattr", "lt", "repr", "hash", "sub", "json", "nested"],
)
def test_endless_recursion_costs_its_caller_one_sentence(
    opened: Open, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    chat = opened(RECURSE, PATIENCE)
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ann.lines()
    assert ann.ask(f"RECURSE {how}") == [ANNS.format("RECURSE")]
    assert ann.ask("MSG still here") == []
    assert ben.lines() == ["<ann> still here"]
    assert "plugin bad: RECURSE failed" in caplog.text
    assert re.search("RecursionError|AttributeError", caplog.text)


@pytest.mark.parametrize("what", ["exit", "interrupt", "end", "stop", "memory", "base"])
def test_whatever_is_raised_costs_its_caller_one_sentence(
    opened: Open, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    chat = opened(NONSENSE, PATIENCE)
    ann = chat.irc("ann", ["labeled-response"])
    label = "@label=x :chat.example NOTICE ann :RAISE failed"
    assert ann.ask(f"@label=x RAISE {what}")[0].startswith(label)
    assert "plugin bad: RAISE failed" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.parametrize(
    "what", sorted({"crlf", "lf", "nul", "half", "none", "number", "bytes", "empty", "long"})
)
def test_nonsense_costs_its_caller_one_sentence_and_nobody_reads_it(
    opened: Open, what: str
) -> None:
    chat = opened(NONSENSE, PATIENCE)
    ann, ben = chat.nc("ann"), chat.irc("ben", join="#lobby")
    ann.lines()
    for way in (*module(chat).WAYS, "REFUSE"):
        line = f"DO {way} {what}" if way != "REFUSE" else f"REFUSE {what}"
        read = ann.ask(line)
        assert all("\r" not in each and "\0" not in each for each in read)
        if reads_one(way, what):
            assert len(read) == 1, (line, read)
        heard = ben.lines()
        for each in heard:
            assert re.fullmatch(r":\S+ (PRIVMSG|NOTICE) (#lobby|ben) :.*", each), (line, each)
            said = what == "lf" and way in SPEECH
            assert said or what in ("empty", "long") or way == "channel", (line, each)
    assert ann.ask("PING x") == ["*** PONG x"]
    for client in (chat.nc("cara"), chat.irc("dora", join="#lobby")):  # the history can be read
        assert client.ask("PING y")


SPEECH = ("say", "announce", "tell", "proclaim", "publish")
"""What may have several lines."""


def reads_one(way: str, what: str) -> bool:
    """Whether that must be refused; a reply is lines, a key any text, and no channel the current
    one."""
    if what == "lf" and way in SPEECH:
        return False
    return what not in ("empty", "long") and way not in ("reply", "store", "channel", "members")


# Hanging ------------------------------------------------------------------------------------------


def test_a_caller_goes_on_with_the_lines_already_sent_once_and_in_order(opened: Open) -> None:
    chat = opened(HANG)
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ann.lines(), ben.lines()
    ann.send("MSG 1", "WAIT", "MSG 2", "MSG 3")
    assert ben.line() == "<ann> 1"
    assert ben.ask("MSG meanwhile") == []
    ann.send("MSG 4")
    upkeep(chat, ben.readable)
    ann.send("MSG 5")
    assert [ben.line() for _ in range(4)] == [f"<ann> {number}" for number in (2, 3, 4, 5)]
    assert ann.lines() == ["<ben> meanwhile", "*** so far", GIVEN_UP.format("WAIT")]
    module(chat).let_go.set()
    assert ann.line() == "*** late"
    assert ann.line() == "<ann> said late"
    assert ben.ask("MSG x") == ["<ann> said late"]
    assert ann.ask("MSG y") == ["<ben> x"]
    assert ben.lines() == ["<ann> y"]


def test_the_answer_of_a_command_that_was_given_up_has_its_label(opened: Open) -> None:
    chat = opened(HANG)
    ann = chat.irc("ann", ["labeled-response", "batch"])
    ann.send("@label=hung WAIT", "@label=next PING on")
    upkeep(chat, ann.readable)
    read = ann.until(lambda line: "PONG" in line)
    assert re.fullmatch(r"@label=hung :chat.example BATCH \+(\S+) labeled-response", read[0])
    assert [line.split(" :")[-1] for line in read[1:3]] == [
        "so far",
        "WAIT has not come back for 0.2 seconds; you can go on without it",
    ]
    assert read[-1] == "@label=next :chat.example PONG chat.example :on"
    module(chat).let_go.set()


def test_a_command_before_one_has_a_name_may_hang_too(opened: Open) -> None:
    chat = opened(HANG.replace('@command("WAIT")', '@command("WAIT", unregistered=True)'))
    ann = chat.connect()
    ann.send("WAIT", "NICK ann", "MSG hi")
    upkeep(chat, lambda: module(chat) and ann.readable())
    ann.expect(GIVEN_UP.format("WAIT"))
    ann.expect("Welcome, ann.")
    module(chat).let_go.set()
    ann.expect("*** late")
    assert ann.ask("PING x")[-1] == "*** PONG x"


@pytest.mark.parametrize("verb", ["COMPUTE", "SLEEP", "CHATTER"])
def test_a_thread_that_was_given_up_ends(
    opened: Open, verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    chat = opened(HANG)
    ann = chat.nc("ann")
    ann.lines()
    before = threading.active_count()
    ann.send(verb)
    upkeep(chat, module(chat).ended.is_set, 20)
    ann.expect(GIVEN_UP.format(verb))
    upkeep(chat, lambda: threading.active_count() == before and not chat.server.plugins._stuck)
    assert f"plugin bad: {verb} does not come back: " in caplog.text
    assert chat.nc("ben").ask("PING x") == ["*** PONG x"]


def test_one_that_catches_everything_is_left_alone(opened: Open) -> None:
    chat = opened(HANG)
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ann.lines()
    ann.send("STUBBORN")
    upkeep(chat, ann.readable)
    for _ in range(20):
        upkeep(chat, lambda: True)
        assert ben.ask("PING x")[-1] == "*** PONG x"
    assert ann.ask("MSG on")[-1] == GIVEN_UP.format("STUBBORN")
    module(chat).let_go.set()
    assert module(chat).ended.wait(5)


@pytest.mark.parametrize("how", ["quit", "close", "reset"])
def test_who_leaves_while_their_command_hangs_is_gone(
    opened: Open, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = opened(HANG)
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ben.lines()
    ann.send("WAIT")
    if how == "quit":
        ann.send("QUIT bye")
    elif how == "close":
        ann.close()
    else:
        ann.reset()
    upkeep(chat, ben.readable)
    assert ben.line().startswith("*** ann left the chat")
    listener = chat.server._listener
    assert listener
    upkeep(chat, lambda: len(listener.snapshot()) == 1 and listener._admitted == 1)
    module(chat).let_go.set()
    assert ben.ask("NAMES") == ["*** In #lobby: ben"]


@pytest.mark.parametrize("given_up", [False, True])
def test_the_server_stops_in_time_though_commands_hang(opened: Open, given_up: bool) -> None:
    chat = opened(HANG)
    people = [chat.nc(f"ann{number}") for number in range(3)]
    for each in people:
        each.lines()
        each.send("WAIT")
    if given_up:
        upkeep(chat, lambda: all(each.readable() for each in people))
    began = time.monotonic()
    chat.stop()
    assert time.monotonic() - began < 4
    module(chat).let_go.set()
    for each in people:
        assert "The server stops" in each.rest()[-1]


def test_four_that_do_not_come_back_switch_it_off_whoever_called(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    chat = opened(HANG)
    ann, op = chat.nc("ann"), chat.nc("op")
    op.ask("OPER admin secret")
    ann.lines()
    for _ in range(4):
        ann.send("WAIT")
        upkeep(chat, ann.readable)
        ann.expect(GIVEN_UP.format("WAIT"))
    off = "WAIT is switched off, because it failed. The operators know."
    assert ann.ask("WAIT")[-1] == f"!!! {off}"
    told = [line for line in op.lines() if "WAIT of plugin bad is switched off" in line]
    assert told == [
        "*** WAIT of plugin bad is switched off: it does not come back. "
        "PLUGIN load bad brings it back."
    ]
    old = module(chat)
    assert "*** Plugin bad is loaded anew" in "\n".join(op.ask("PLUGIN load bad"))
    module(chat).let_go.set()
    assert ann.ask("WAIT") == ["*** so far", "*** late", "<ann> said late"]
    old.let_go.set()


# Faults -------------------------------------------------------------------------------------------

FAULTS = (
    HEAD
    + '''
@command("FAIL")
def fail(ctx):
    """Fail."""
    raise ValueError("no")

fine = False

@hookimpl
def server_refuse(user, event):
    if isinstance(event, Said) and event.text == "fail":
        raise SystemExit("no")
    if isinstance(event, Said) and event.text == "hang":
        let_go.wait(60)
    if isinstance(event, Said) and event.text in ("\\r", "7"):
        return {"7": 7}.get(event.text, "two\\r\\nlines")
    if isinstance(event, Said) and event.text == "no":
        return "not that"

@hookimpl
def server_event(event, plugin):
    if event.event.kind == "topic":
        plugin.after(0, boom)
    if type(event.event).__name__ == "AwaySet":
        let_go.wait(60)
    if getattr(event.event, "text", "") == "bang":
        raise KeyboardInterrupt

def boom():
    raise GeneratorExit

@hookimpl
def server_commands():
    return [fail]
'''
)


def test_one_persons_odd_input_does_not_switch_a_command_off_but_three_peoples_does(
    opened: Open,
) -> None:
    chat = opened(FAULTS)
    op = chat.nc("op")
    op.ask("OPER admin secret")
    ann, ben, cara = (chat.nc(nick) for nick in ("ann", "ben", "cara"))
    for _ in range(20):
        assert ann.ask("FAIL")[-1] == ANNS.format("FAIL")
    assert ben.ask("FAIL")[-1] == ANNS.format("FAIL")
    assert not [line for line in op.lines() if "switched off" in line]
    assert cara.ask("FAIL")[-1] == ANNS.format("FAIL")
    assert op.lines()[-1] == (
        "*** FAIL of plugin bad is switched off: it failed again and again. "
        "PLUGIN load bad brings it back."
    )
    assert ann.ask("FAIL") == ["!!! FAIL is switched off, because it failed. The operators know."]
    assert "  off: FAIL  (" in "".join(op.ask("PLUGIN list"))
    op.ask("PLUGIN reload bad")
    assert ann.ask("FAIL")[-1] == ANNS.format("FAIL")


def test_a_fault_of_server_refuse_is_no_reason_and_three_peoples_switch_it_off(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    chat = opened(FAULTS, PATIENCE)
    people = [chat.nc(nick) for nick in ("ann", "ben", "cara")]
    for each in people:
        each.lines()
    assert people[0].ask("MSG no") == ["!!! not that"]
    assert people[0].ask("MSG 7") == []
    for each in people:
        each.lines()
        assert each.ask("MSG fail") == []
    assert "plugin bad: server_refuse failed" in caplog.text
    assert "server_refuse of plugin bad is switched off" in caplog.text
    assert people[0].ask("MSG no")[-1] != "!!! not that"


def test_a_server_refuse_that_hangs_lets_its_caller_go_on_and_is_named(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    chat = opened(FAULTS)
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ann.lines(), ben.lines()
    ann.send("MSG hang", "MSG after")
    upkeep(chat, ben.readable)
    assert ben.line() == "<ann> after"
    assert ann.lines() == [GIVEN_UP.format("MSG")]
    assert "plugin bad: server_refuse does not come back" in caplog.text
    module(chat).let_go.set()
    upkeep(chat, lambda: not chat.server.plugins._stuck)
    assert ben.lines() == []  # what was refused an answer for so long is not said
    assert ann.ask("MSG again") == []
    assert ben.lines() == ["<ann> again"]


@pytest.mark.parametrize(("line", "what"), [("MSG bang", "server_event"), ("TOPIC {}", "timer")])
def test_five_faults_switch_off_what_nobody_calls(opened: Open, line: str, what: str) -> None:
    chat = opened(FAULTS, PATIENCE)
    op = chat.nc("op")
    op.ask("OPER admin secret")
    read = [each for number in range(5) for each in op.ask(line.format(number))]
    found = [each for each in read if "switched off" in each] or [op.expect("switched off")]
    assert found[0] == (
        f"*** {what} of plugin bad is switched off: it failed again and again. "
        "PLUGIN load bad brings it back."
    )
    stats = "\n".join(op.ask("PLUGIN stats bad"))
    assert re.search(rf"{what}  \d+ calls  5 faults .* switched off", stats)


def test_an_observer_that_hangs_stops_only_its_plugin_and_is_named_once(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    chat = opened(FAULTS)
    op, ann = chat.nc("op"), chat.nc("ann")
    op.ask("OPER admin secret")
    ann.ask("AWAY lunch", "MSG one", "MSG two")
    worker = chat.server.plugins.plugins["bad"].worker
    upkeep(chat, lambda: worker.given_up)
    upkeep(chat, lambda: True)
    named = [line for line in op.lines() if "server_event and timers of plugin bad" in line]
    assert len(named) == 1
    assert "takes longer than 0.2 s" in named[0]
    assert ann.ask("FAIL")[-1] == ANNS.format("FAIL")
    module(chat).let_go.set()
    upkeep(chat, lambda: not worker.alive)


# At that very moment ------------------------------------------------------------------------------

RACE = (
    HEAD
    + '''
@command("RACE")
def race(ctx, number: int):
    """Take just as long as one is waited for."""
    time.sleep(0.004)
    ctx.say(f"done {number}")

@hookimpl
def server_commands():
    return [race]
'''
)


LIMIT = 0.0045
"""Seconds: about what RACE takes."""


def test_a_handler_that_returns_as_it_is_given_up_loses_and_doubles_nothing(
    open_chat: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 commands that take as long as is waited for them: each ends one way or the other."""
    path = tmp_path / "bad.py"
    path.write_text(RACE)
    monkeypatch.setattr("ircish.tally.STUCK", 10**6)
    monkeypatch.setattr("ircish.stuck.Stuck.ask", lambda stuck: None)  # all are to come back
    monkeypatch.setattr("ircish.tally.CALLERS", 10**6)
    chat = open_chat(
        {"limits.command_seconds": 100, "server.without": ["filter"]}, plugins=[path]
    )  # whose server_refuse would be given up too
    people = [chat.nc(f"p{number}") for number in range(10)]
    watcher = chat.irc("watcher", join="#lobby")
    listener = chat.server._listener
    assert listener
    over = threading.Event()

    def give_up() -> None:
        while not over.is_set():
            for each in listener.snapshot():
                each.give_up(LIMIT)

    giving = [threading.Thread(target=give_up) for _ in range(2)]
    for thread in giving:
        thread.start()
    for person in people:
        person.send(*(f"RACE {number}\r\nMSG after {number}" for number in range(100)))
    given_up = 0
    for person in people:
        read = person.lines()
        given_up += sum("has not come back" in line for line in read)
    over.set()
    for thread in giving:
        thread.join()
    chat.settled()
    said: dict[str, list[str]] = {person.nick: [] for person in people}
    for line in watcher.lines():
        if match := re.fullmatch(r":(p\d)!\S+ PRIVMSG #lobby :(.*)", line):
            said[match[1]].append(match[2])
    for each in said.values():
        assert [text for text in each if "after" in text] == [f"after {n}" for n in range(100)]
        assert sorted(text for text in each if "done" in text) == sorted(
            f"done {number}" for number in range(100)
        )
    assert 0 < given_up < 1000
    assert not any(each.turn.call for each in listener.snapshot())
    assert not any(each.lock.locked() for each in listener.snapshot())


def test_one_person_of_several_nicks_is_one(opened: Open) -> None:
    chat = opened(FAULTS)
    ann = chat.nc("ann")
    for nick in ("anna", "annie", "annette", "anne"):
        ann.ask(f"NICK {nick}")
        assert ann.ask("FAIL")[-1] == ANNS.format("FAIL")
    assert not chat.server.plugins.plugins["bad"].tally("FAIL").off

"""One connection: bad input, limits, tools that do not wait, handlers that fail, who reads not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from chatting import Chat, Client, Closed, IrcClient

from ircish.events import Event, Registered, Stamped
from ircish.server.connection import Connection
from ircish.server.reader import Reader
from ircish.wire import MAX_LINE, MAX_TAGS

OpenChat = Callable[..., Chat]


def connection_of(chat: Chat, nick: str) -> Connection:
    """The server's side of somebody."""
    listener = chat.server._listener
    assert listener
    return next(each for each in listener.snapshot() if each.nick == nick)


def small_buffers(chat: Chat, client: Client, nick: str) -> None:
    """Let the system hold little of what the server sends."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection_of(chat, nick).socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


# Bad input --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "plain", "irc"),
    [
        (
            b"MSG #lobby " + b"x" * 500 + b" QUIT",
            "!!! That line is too long: 510 bytes at most, it was not done.",
            ":chat.example 417 irc :Input line was too long",
        ),
        (
            b"@" + b"t" * MAX_TAGS + b" MSG #lobby hi",
            "!!! That line is too long: 510 bytes at most, it was not done.",
            ":chat.example 417 irc :Input line was too long",
        ),
        (
            b"@+" + b"t" * 4096 + b" MSG #lobby hi",
            "!!! The tags of that line are too long.",
            ":chat.example 417 irc :Input tags were too long",
        ),
        (
            b"MSG #lobby \xc3\x28",
            "!!! That line is not UTF-8 text; it was not done.",
            ":chat.example FAIL * INVALID_UTF8 :Lines must be UTF-8",
        ),
        (
            b"MSG #lobby a\0b",
            "!!! A line with NUL or CR inside was not done.",
            ":chat.example NOTICE irc :A line with NUL or CR inside was not done",
        ),
        (
            b"MSG #lobby a\rQUIT",
            "!!! A line with NUL or CR inside was not done.",
            ":chat.example NOTICE irc :A line with NUL or CR inside was not done",
        ),
    ],
)  # fmt: skip
def test_a_bad_line_is_refused_by_name_and_not_done(
    chat: Chat, line: bytes, plain: str, irc: str
) -> None:
    ben = chat.nc("ben")
    for client, answer in ((chat.nc("ann"), plain), (chat.irc("irc", join="#lobby"), irc)):
        ben.lines()
        client.lines()
        client.send_bytes(line + b"\r\n")
        assert client.lines() == [answer]
        assert ben.lines() == []


def test_the_longest_line_is_done_and_one_byte_more_is_not(chat: Chat) -> None:
    ann = chat.nc("ann")
    fits = b"PING " + b"x" * (MAX_LINE - 7)
    ann.send_bytes(fits + b"\r\n" + fits + b"x\r\n")
    pong, refusal = ann.lines()
    assert pong == "*** PONG " + "x" * (MAX_LINE - 7)
    assert refusal.startswith("!!! That line is too long")


def test_an_over_long_line_never_comes_out_as_two(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.lines()
    for start in range(500, 530):
        ann.send_bytes(b"x" * start + b"MSG slipped through" + b"x" * 9000 + b"MSG me too\r\n")
    assert ann.lines() == ["!!! That line is too long: 510 bytes at most, it was not done."] * 30
    assert ben.lines() == []


def test_twenty_parameters_are_as_good_as_one(chat: Chat) -> None:
    ben = chat.irc("ben")
    words = " ".join(f"p{number}" for number in range(20))
    assert (
        ben.ask(f"PING {words}", f"PING p0 {words} :{words}")
        == [":chat.example PONG chat.example :p0"] * 2
    )
    assert ben.ask(f"NONSENSE {words}") == [":chat.example 421 ben NONSENSE :Unknown command"]


@pytest.mark.parametrize("count", range(21))
def test_no_number_of_parameters_makes_a_command_fail(chat: Chat, count: int) -> None:
    ben = chat.irc("ben", join="#dev")
    verbs = [command.verb for command in chat.server.commands.commands]
    for verb in dict.fromkeys(verbs):
        if verb not in ("QUIT", "NICK"):
            ben.send(" ".join([verb, *["x"] * count]))
    assert not any("fault of the server" in line for line in ben.lines())


def test_a_million_empty_lines_are_nothing(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    for _ in range(10):
        ann.send_bytes(b"\r\n\n" * 50_000)
    assert ann.lines() == []
    assert ben.ask("MSG hi") == ["*** ann joined #lobby"]


def test_megabytes_without_a_newline_are_refused_once_and_not_kept(chat: Chat) -> None:
    ann = chat.nc("ann")
    for _ in range(8):
        ann.send_bytes(b"x" * (1 << 20))
    assert ann.line() == "!!! That line is too long: 510 bytes at most, it was not done."
    assert len(connection_of(chat, "ann")._buffer._partial) <= MAX_LINE + MAX_TAGS
    ann.send_bytes(b"\n")
    assert ann.lines() == []


def test_a_conversation_may_come_byte_by_byte(chat: Chat) -> None:
    client = chat.connect()
    for byte in b"NICK ann\r\nMSG hi\r\nPING \xc3\xa4\r\n":
        client.send_bytes(bytes([byte]))
    assert client.expect("PONG") == "*** PONG ä"
    assert client.ask("HISTORY")[0].endswith("<ann> hi")


# Tools that do not wait -------------------------------------------------------------------------

DEPLOYED = b"NICK bot\nMSG deploy done\nQUIT bye\n"


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (DEPLOYED, "close"),
        (DEPLOYED, "reset"),
        (DEPLOYED, "half_close"),
        (b"NICK bot\nMSG deploy done\n", "close"),
        (b"NICK bot\nMSG deploy done\n", "reset"),
        (b"NICK bot\nMSG deploy done", "close"),
    ],
)
def test_what_a_tool_said_is_delivered_and_saved_though_it_closes_at_once(
    chat: Chat, data: bytes, ending: str
) -> None:
    ben = chat.nc("ben")
    for _ in range(5):
        bot = chat.connect()
        bot.send_bytes(data)
        getattr(bot, ending)()
        *_, said, left = ben.until(lambda line: "left" in line)
        assert said == "<bot> deploy done"
        assert left.startswith("*** bot left the chat (")
    chat.settled()
    texts = [row.text for row in chat.server.history.recent("#lobby", 99) if row.kind == "message"]
    assert texts == ["deploy done"] * 5


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_tools_of_one_name_called_one_after_the_other_all_deliver(chat: Chat, ending: str) -> None:
    ben, count = chat.nc("ben"), 100
    for number in range(count):
        bot = chat.connect()
        bot.send_bytes(b"NICK bot\nMSG done %d\n" % number)
        getattr(bot, ending)()
    heard = {ben.expect("<bot>") for _ in range(count)}
    assert heard == {f"<bot> done {number}" for number in range(count)}


def test_a_connection_dropped_while_it_comes_in_leaves_nobody_behind(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, publish = chat.server.hub, chat.server.hub.publish

    def publish_late(event: Event, origin: Reader | None = None, **more: bool) -> Stamped:
        if isinstance(event, Registered) and origin:
            origin.drop("Came in too slowly")
        return publish(event, origin, **more)

    with monkeypatch.context() as patch:
        patch.setattr(hub, "publish", publish_late)
        client = chat.connect()
        client.send("NICK ann", "TIME")
        client.rest()
    chat.stop()
    assert hub.readers() == []


def test_a_tool_that_waits_reads_its_answers_and_the_end(chat: Chat) -> None:
    bot = chat.connect()
    bot.send_bytes(DEPLOYED)
    bot.half_close()
    welcome, goodbye = bot.rest()
    assert welcome.startswith("*** Welcome, bot.")
    assert goodbye == "*** Goodbye."


def test_a_tool_that_only_says_its_nick_comes_in_and_leaves(chat: Chat) -> None:
    ben, bot = chat.nc("ben"), chat.connect()
    bot.send_bytes(b"NICK bot")
    bot.half_close()
    assert ben.expect("joined") == "*** bot joined #lobby"
    assert ben.expect("left") == "*** bot left the chat (Connection closed)"


@pytest.mark.parametrize(
    ("ending", "why"), [("close", "Connection closed"), ("reset", "Connection lost")]
)
def test_the_others_hear_why_somebody_is_gone(chat: Chat, ending: str, why: str) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    getattr(ann, ending)()
    assert ben.expect("left") == f"*** ann left the chat ({why})"
    assert ben.ask("NAMES") == ["*** In #lobby: ben"]


# Coming in while others speak -------------------------------------------------------------------


def test_who_comes_in_while_others_speak_misses_no_line_and_sees_none_twice(chat: Chat) -> None:
    last, speaker = 600, chat.nc("ben")
    read: list[tuple[Client, list[str]]] = []

    def speak() -> None:
        for number in range(0, last, 10):
            speaker.ask(*(f"MSG m{each}" for each in range(number, number + 10)))

    thread = threading.Thread(target=speak)
    thread.start()
    while thread.is_alive() and len(read) < 30:
        client = chat.connect()
        client.send(f"NICK c{len(read)}", "TIME")  # a second line: NICK need not wait
        read.append((client, client.until(lambda line: "It is " in line)))
    thread.join(60)
    for client, first in read:
        lines = [line for line in first + client.lines() if " m" in line and "ben" in line]
        numbers = [int(line.rpartition(" m")[2]) for line in lines if "<ben>" in line]
        assert numbers == list(range(numbers[0], last)) if numbers else last
        assert not any(line.startswith("[#lobby]") for line in lines)
    assert sum(any("<ben> m" in line for line in first) for _, first in read) > 1


# Labels -----------------------------------------------------------------------------------------


def labelled(chat: Chat) -> IrcClient:
    return chat.irc("ben", ["batch", "labeled-response", "echo-message"], join="#dev")


def test_an_answer_of_no_line_is_an_ack(chat: Chat) -> None:
    assert labelled(chat).ask("@label=a PONG x") == ["@label=a :chat.example ACK"]


def test_an_answer_of_one_line_carries_the_label(chat: Chat) -> None:
    ben = labelled(chat)
    assert ben.ask("@label=a\\sb PING x") == [
        "@label=a\\sb :chat.example PONG chat.example :x",
    ]
    assert ben.ask("@label=a PRIVMSG #dev :hi") == ["@label=a :ben!~ben@127.0.0.1 PRIVMSG #dev :hi"]
    assert ben.ask("@label=a PRIVMSG #no :hi") == [
        "@label=a :chat.example 403 ben #no :No such channel"
    ]
    assert ben.ask("@label=a NONSENSE") == [
        "@label=a :chat.example 421 ben NONSENSE :Unknown command"
    ]
    assert ben.ask("@label=a NICK benny") == ["@label=a :ben!~ben@127.0.0.1 NICK benny"]


def test_a_label_stands_before_other_tags(chat: Chat) -> None:
    caps = ["labeled-response", "echo-message", "message-tags", "server-time"]
    ben = chat.irc("ben", caps, join="#dev")
    (echo,) = ben.messages("@label=a PRIVMSG #dev :hi")
    assert set(echo.tags) == {"label", "time", "msgid"}


def test_the_end_of_a_labelled_quit_is_error(chat: Chat) -> None:
    ben = labelled(chat)
    ben.send("@label=a QUIT")
    assert ben.rest() == ["@label=a :chat.example ACK", "ERROR :Closing link: Quit"]


def test_an_answer_of_several_lines_is_a_batch_with_the_label(chat: Chat) -> None:
    start, *lines, end = labelled(chat).messages("@label=a WHOIS ben")
    reference = start.params[0].removeprefix("+")
    assert (start.verb, start.params[1:]) == ("BATCH", ("labeled-response",))
    assert start.tags == {"label": "a"}
    assert [line.verb for line in lines] == ["311", "319", "312", "317", "318"]
    assert {line.tags["batch"] for line in lines} == {reference}
    assert (end.verb, end.params) == ("BATCH", (f"-{reference}",))


def test_a_label_of_no_use_is_ignored(chat: Chat) -> None:
    pong = ":chat.example PONG chat.example :x"
    ben = labelled(chat)
    assert ben.ask(f"@label={'a' * 65} PING x", "@label= PING x", "@label PING x") == [pong] * 3
    assert chat.irc("old").ask("@label=a PING x") == [pong]


def test_what_others_say_meanwhile_has_no_label_and_comes_in_order(chat: Chat) -> None:
    ben, cyd = labelled(chat), chat.irc("cyd", join="#dev")
    ben.lines()
    for number in range(50):
        cyd.send(f"PRIVMSG #dev :c{number}")
        ben.send(f"@label=l{number} PRIVMSG #dev :b{number}")
    cyd.lines()
    lines = ben.lines()
    mine = [line for line in lines if ":ben!" in line]
    assert mine == [f"@label=l{n} :ben!~ben@127.0.0.1 PRIVMSG #dev :b{n}" for n in range(50)]
    assert [line for line in lines if ":cyd!" in line] == [
        f":cyd!~cyd@127.0.0.1 PRIVMSG #dev :c{n}" for n in range(50)
    ]


def test_all_read_what_was_said_in_one_order(chat: Chat) -> None:
    people = [chat.irc(nick, ["echo-message"], join="#dev") for nick in ("ann", "ben", "cyd")]
    for each in people:
        each.lines()
    for number in range(100):
        for each in people:
            each.send(f"PRIVMSG #dev :{number}")
    first = [each.lines() for each in people]
    read = [lines + each.lines() for lines, each in zip(first, people, strict=True)]
    assert len(read[0]) == 300
    assert read[0] == read[1] == read[2]


# Too fast, too slow, too much -------------------------------------------------------------------


def test_who_sends_too_fast_is_slowed_and_nothing_is_lost(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = open_chat({"limits.flood_rate": 4, "limits.flood_burst": 10})
    waits: list[float] = []
    monkeypatch.setattr(chat.server.stopping, "wait", waits.append)
    ann = chat.nc("ann")
    ann.send_bytes(b"\r\n" * 1000)
    ann.ask(*(f"MSG {number}" for number in range(6)))
    assert waits == []  # with NICK and two PINGs nine lines, and empty ones do not count
    ann.ask(*(f"MSG {number}" for number in range(6, 30)))
    assert len(waits) >= 10
    assert all(0 < seconds < 60 for seconds in waits)
    assert waits[-1] > waits[0]
    assert len(ann.ask("HISTORY 99")) == 30


def test_a_client_that_never_reads_is_dropped_and_the_others_go_on(open_chat: OpenChat) -> None:
    chat = open_chat({"limits.sendq": 20_000})
    ann, ben = chat.nc("ann"), chat.nc("ben")
    mute = chat.irc("mute", join="#lobby")
    small_buffers(chat, mute, "mute")
    ann.lines()
    heard: list[str] = []
    for _ in range(200):
        ben.ask(*[f"MSG {'x' * 400}"] * 50)
        heard += ann.lines()
        if any("left" in line for line in heard):
            break
    assert "*** mute left the chat (SendQ exceeded: did not read)" in heard
    assert ann.ask("NAMES") == ["*** In #lobby: ann ben"]
    assert len(ann.lines()) == 0


def test_a_big_answer_of_ones_own_drops_nobody(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ircish.server.connection.ANSWER_AHEAD", 5_000)
    chat = open_chat({"limits.sendq": 3_000, "history.chathistory_limit": 1000})
    ben = chat.nc("ben")
    slow = chat.irc("slow", ["batch"], join="#lobby")
    for _ in range(10):
        ben.ask(*[f"MSG {'x' * 400}"] * 5)
        slow.lines()
    small_buffers(chat, slow, "slow")
    slow.send("CHATHISTORY LATEST #lobby * 1000", "HISTORY 1000", "NAMES #lobby")
    assert ben.ask("MSG meanwhile", "NAMES")[-1] == "*** In #lobby: ben slow"
    lines = slow.lines()
    assert sum("x" * 400 in line for line in lines) == 100
    assert lines[-2:] == [
        ":chat.example 353 slow = #lobby :ben slow",
        ":chat.example 366 slow #lobby :End of NAMES",
    ]


def test_who_never_reads_a_big_answer_is_dropped_in_the_end(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ircish.server.connection.NOT_READING", 0.05)
    chat = open_chat()
    ben, mute = chat.nc("ben"), chat.irc("mute", join="#lobby")
    for _ in range(10):
        ben.ask(*[f"MSG {'x' * 400}"] * 40)
        mute.lines()
    small_buffers(chat, mute, "mute")
    mute.send("HISTORY 1000")
    assert ben.expect("left") == "*** mute left the chat (Did not read its answers)"


# Handlers that misbehave ------------------------------------------------------------------------

BAD = '''
"""Commands that go wrong."""
import sys, threading
from ircish import command, hookimpl

@command("RAISE")
def raise_(ctx):
    """Raise."""
    ctx.reply("first")
    raise ValueError("secret reason")

@command("EXIT")
def exit_(ctx):
    """Exit."""
    sys.exit(3)

@command("INTERRUPT")
def interrupt(ctx):
    """Interrupt."""
    raise KeyboardInterrupt

@command("RECURSE")
def recurse(ctx):
    """Recurse, through C."""
    def deeper(x):
        return sorted([1, 2], key=deeper)
    deeper(1)

@command("TWOLINES")
def two_lines(ctx):
    """Try to write two lines."""
    ctx.say("one\\r\\nQUIT")

may_go_on = threading.Event()

@command("HANG")
def hang(ctx):
    """Wait."""
    ctx.announce("waiting")
    may_go_on.wait(20)
    ctx.say("still here")

@hookimpl
def server_commands():
    return [raise_, exit_, interrupt, recurse, two_lines, hang]
'''


@pytest.fixture
def bad_chat(open_chat: OpenChat, tmp_path: Path) -> Chat:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "bad.py").write_text(BAD)
    return open_chat({"server.plugins": [str(plugins)]})


@pytest.mark.parametrize("verb", ["RAISE", "EXIT", "INTERRUPT", "RECURSE"])
def test_a_handler_that_fails_costs_its_caller_one_sentence(
    bad_chat: Chat, verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    ann, ben = bad_chat.nc("ann"), bad_chat.irc("ben")
    assert ann.ask(verb)[-1] == (
        f"!!! {verb} failed, sorry. It is not your fault, and it has been logged."
    )
    assert ben.ask(verb)[-1] == (
        f":chat.example NOTICE ben :{verb} failed; "
        "this is a fault of the server's and has been logged"
    )
    assert ann.ask("PING still") == ["*** PONG still"]
    assert f"plugin bad: {verb} failed" in caplog.text


def test_a_handler_cannot_write_two_lines(bad_chat: Chat) -> None:
    ben, ann = bad_chat.irc("ben", join="#lobby"), bad_chat.nc("ann")
    ben.lines()
    assert ann.ask("TWOLINES") == ["!!! A line with NUL or CR inside was not done."]
    assert ben.lines() == []


def test_a_handler_that_waits_holds_up_its_caller_alone(bad_chat: Chat) -> None:
    import ircish_plugin_bad as bad

    ben, ann = bad_chat.nc("ben"), bad_chat.nc("ann")
    ben.lines()
    ann.send("HANG")
    assert ben.line() == "*** waiting"
    assert ben.ask("MSG hello", "NAMES") == ["*** In #lobby: ben ann"]
    bad.may_go_on.set()
    assert ann.lines() == ["*** waiting", "<ben> hello", "<ann> still here"]
    assert ben.lines() == ["<ann> still here"]


def test_a_connection_lost_while_its_handler_hangs_is_noticed(
    bad_chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ircish_plugin_bad as bad

    monkeypatch.setattr("ircish.server.server.HANGS", 0.0)
    monkeypatch.setattr("ircish.server.listener.UPKEEP", 0.0)
    ben, ann = bad_chat.nc("ben"), bad_chat.nc("ann")
    ann.send("HANG")
    ben.expect("*** waiting")
    ann.reset()
    assert ben.expect("left") == "*** ann left the chat (Connection lost)"
    bad.may_go_on.set()
    assert ben.ask("NAMES") == ["*** In #lobby: ben"]


def test_a_stopping_server_does_not_wait_for_a_handler_that_hangs(bad_chat: Chat) -> None:
    import ircish_plugin_bad as bad

    ben, ann = bad_chat.nc("ben"), bad_chat.nc("ann")
    ann.send("HANG")
    ben.expect("*** waiting")
    bad_chat.stop()
    bad.may_go_on.set()
    assert ben.rest() == ["*** The server stops. Goodbye."]
    with pytest.raises(Closed):
        ann.expect("still here")


# The log ----------------------------------------------------------------------------------------


def test_the_log_names_who_comes_joins_leaves_and_is_refused(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "ircish")
    ann = chat.nc("ann")
    ann.ask("JOIN #dev", "NICK annie", "KICK nobody", "MSG s3cret", "s3cret", "PART")
    ann.send("QUIT")
    ann.rest()
    chat.stop()
    assert [record.getMessage() for record in caplog.records if record.name == "ircish"] == [
        "127.0.0.1 connected",
        "127.0.0.1 is ann",
        "ann (127.0.0.1) joined #lobby",
        "ann (127.0.0.1) joined #dev",
        "ann (127.0.0.1) is now annie",
        "annie (127.0.0.1): KICK refused, 401",
        "annie (127.0.0.1) left #dev",
        "annie (127.0.0.1) left: Quit",
    ]

"""One connection: bad input, limits, tools that do not wait, clients that do not read."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ircish.events import Event, Registered, Stamped
from ircish.server import doing
from ircish.server.connection import Connection
from ircish.server.reader import Reader
from ircish.testing import PATIENCE, Chat, Client
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
    texts = [row.text for row in chat.server.history.latest("#lobby", 99) if row.kind == "message"]
    assert texts == ["deploy done"] * 5


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_tools_of_one_name_called_one_after_the_other_all_deliver(chat: Chat, ending: str) -> None:
    ben, count = chat.nc("ben"), 100
    for number in range(count):
        bot = chat.connect()
        bot.send_bytes(b"NICK bot\nMSG done %d\n" % number)
        getattr(bot, ending)()
    heard = {ben.expect("> done").partition("> ")[2] for _ in range(count)}
    assert heard == {f"done {number}" for number in range(count)}


def test_a_tool_that_has_spoken_already_gets_a_free_nick_and_a_person_a_refusal(chat: Chat) -> None:
    ben, tool, person = chat.nc("ben"), chat.connect(), chat.connect()
    tool.send_bytes(b"NICK ben\nMSG deploy done\n")
    assert ben.expect("deploy") == "<ben_> deploy done"
    person.send_bytes(b"NICK ben\nTIME\n")
    assert person.line() == "!!! The nickname ben is taken. Try ben2 or another."


def test_all_that_a_tool_sent_is_done_though_it_is_slowed_and_has_gone(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = open_chat({"limits.flood_rate": 60, "limits.flood_burst": 1})
    ben, count = chat.nc("ben"), 80
    tool = chat.connect()
    tool.send_bytes(b"NICK bot\n" + b"".join(b"MSG %d\n" % number for number in range(count)))
    monkeypatch.setattr("ircish.server.server.HANGS", 0.3)
    tool.close()
    assert [ben.expect("<bot>") for _ in range(count)] == [f"<bot> {n}" for n in range(count)]


def test_the_last_words_without_a_line_end_are_done_also_after_a_reset(chat: Chat) -> None:
    ben, tool = chat.nc("ben"), chat.connect()
    tool.send_bytes(b"NICK bot\nMSG one\nMSG last words")
    ben.expect("one")
    tool.reset()
    assert ben.expect("last") == "<bot> last words"


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


# Too fast, too slow, too much -------------------------------------------------------------------


def test_who_sends_too_fast_is_slowed_and_nothing_is_lost(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = open_chat({"limits.flood_rate": 4, "limits.flood_burst": 10})
    waits: list[float] = []
    monkeypatch.setattr(chat.server.stopping, "wait", waits.append)
    ann = chat.nc("ann")
    ann.send_bytes(b"\r\n" * 1000)
    ann.ask(*(f"MSG {number}" for number in range(5)))
    assert waits == []  # with NICK, PONG and two PINGs nine lines, and empty ones hardly count
    ann.ask(*(f"MSG {number}" for number in range(5, 30)))
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
    monkeypatch.setattr("ircish.server.doing.ANSWER_AHEAD", 5_000)
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
    monkeypatch.setattr("ircish.server.doing.NOT_READING", 0.05)
    chat = open_chat()
    ben, mute = chat.nc("ben"), chat.irc("mute", join="#lobby")
    for _ in range(10):
        ben.ask(*[f"MSG {'x' * 400}"] * 40)
        mute.lines()
    small_buffers(chat, mute, "mute")
    mute.send("HISTORY 1000")
    assert ben.expect("left") == "*** mute left the chat (Did not read its answers)"


class Taking:
    """In the place of an Event: each time it is waited for, some more bytes have been read."""

    def __init__(self, reader: Reader, *taken: int) -> None:
        self.reader, self.left = reader, list(taken)

    def set(self) -> None:
        pass

    def wait(self, seconds: float) -> bool:
        if not self.left:
            return True
        self.reader.taken += self.left.pop(0)
        return False


@pytest.mark.parametrize(
    ("taken", "dropped"), [((1, 1, 1), []), ((1, 0), ["Did not read its answers"])]
)
def test_who_reads_a_big_answer_slowly_is_dropped_only_when_nothing_more_is_read(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, taken: tuple[int, ...], dropped: list[str]
) -> None:
    chat.nc("slow")
    slow = connection_of(chat, "slow")
    reasons: list[str] = []
    events = SimpleNamespace(Event=lambda: Taking(slow.reader, *taken))
    with monkeypatch.context() as patch:
        patch.setattr(slow, "drop", reasons.append)
        patch.setattr("ircish.server.doing.threading", events)
        doing._answer_and_wait(slow, [])
    assert reasons == dropped


@pytest.mark.parametrize("stuck", [False, True])
def test_who_asks_for_ever_and_never_reads_fills_no_memory(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, stuck: bool
) -> None:
    ahead = 50_000
    monkeypatch.setattr("ircish.server.doing.ANSWER_AHEAD", ahead)
    ann, mute = chat.nc("ann"), chat.nc("mute")
    help_size = sum(len(f"{line}\r\n".encode()) for line in ann.ask("HELP"))
    small_buffers(chat, mute, "mute")
    waited, saving, goes_on = threading.Event(), threading.Event(), threading.Event()
    sizes: list[int] = []
    wait, commit = doing._answer_and_wait, chat.server.history.commit

    def note(self: Connection, part: list[tuple[int, bytes]]) -> None:
        reader = self.reader
        sizes.append(reader.backlog_size + sum(len(item.what) for item in reader.outbox))  # type: ignore[arg-type]
        waited.set()
        wait(self, part)

    def commit_late(*args: Any) -> None:
        saving.set()
        assert goes_on.wait(PATIENCE)
        commit(*args)

    monkeypatch.setattr(doing, "_answer_and_wait", note)
    if stuck:  # the writer takes nothing out
        monkeypatch.setattr(chat.server.history, "commit", commit_late)
        ann.send("MSG hello")
        assert saving.wait(PATIENCE)
    mute.send(*["HELP"] * 100)
    assert waited.wait(PATIENCE)
    goes_on.set()
    for each in (mute.socket, connection_of(chat, "mute").socket):  # it begins to read
        each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    answers = [line for line in mute.lines() if line == "*** The commands:"]
    assert len(answers) == 100
    assert max(sizes) < ahead + help_size


# Others than people and IRC clients -------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/" + "a" * 600])
def test_a_web_page_cannot_speak_through_its_visitors_browser(chat: Chat, path: str) -> None:
    ann, browser = chat.nc("ann"), chat.connect()
    browser.send(f"POST {path} HTTP/1.1", "Host: 127.0.0.1:5555", "Content-Length: 30", "")
    browser.send("NICK eve", "MSG hello", "MSG @ann hello")
    assert browser.rest()[-1] == "*** This is no web server."
    assert ann.lines() == []


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
        "annie (127.0.0.1): KICK refused: Nobody here is called nobody.",
        "annie (127.0.0.1): an unknown command refused",
        "annie (127.0.0.1) left #dev",
        "annie (127.0.0.1) left: Quit",
    ]


def test_the_log_names_every_refusal(
    open_chat: Callable[..., Chat], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "ircish")
    chat = open_chat({"server.password": "sesame"})
    wrong = chat.connect()
    wrong.send("CAP LS 302", "PASS wr0ng", "NICK eve", "USER eve 0 * :Eve", "CAP END")
    wrong.rest()
    irc, ben = chat.connect(), chat.connect()
    ben.ask("PASS sesame", "NICK ben")
    irc.send("CAP LS 302", "PASS sesame", "NICK irc", "USER irc 0 * :Irc", "CAP END")
    irc.ask("JOIN dev", "PART #dev", "PRIVMSG nobody :s3cret", "NOTICE nobody :s3cret")
    irc.ask("WHOIS nobody", "s3cret")
    ben.ask("MSG irc s3cret", "KICK irc,nobody", "x" * 600)
    told = [record.getMessage() for record in caplog.records if record.name == "ircish"]
    assert [line for line in told if "refused" in line] == [
        "127.0.0.1: CAP refused: That is not the password.",
        "irc (127.0.0.1): JOIN refused: dev cannot be a channel: "
        "# and at most 49 characters, no space, no comma.",
        "irc (127.0.0.1): PART refused: There is no channel #dev.",
        "irc (127.0.0.1): PRIVMSG refused: Nobody here is called nobody.",
        "irc (127.0.0.1): NOTICE refused: Nobody here is called nobody.",
        "irc (127.0.0.1): WHOIS refused: Nobody here is called nobody.",
        "irc (127.0.0.1): an unknown command refused",
        "ben (127.0.0.1): MSG refused: irc is a person here. MSG @irc ... tells only irc; "
        "MSG :irc ... tells everyone in #lobby.",
        "ben (127.0.0.1): KICK refused: Only an operator of #lobby may.",
        "ben (127.0.0.1): a line refused: too long",
    ]
    assert not any("s3cret" in line or "wr0ng" in line for line in told)


@pytest.mark.parametrize("typed", [":)", "@ben", ":x"])
def test_a_person_who_types_no_verb_at_all_is_told_how_to_speak(chat: Chat, typed: str) -> None:
    assert chat.nc("ann").ask(typed) == [
        f"!!! There is no command {typed}. To speak: MSG {typed}. HELP lists the commands."
    ]

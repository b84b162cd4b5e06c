"""Linking on real sockets, in a loop whose clock the test moves: what the client is told, and when
it is tried again."""

from __future__ import annotations

import asyncio
import errno
import functools
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import pytest

from ircish.client import linking, troubles
from ircish.client.linking import ALIVE, MOST_WAITING, READ, Linking
from ircish.client.place import Place
from ircish.client.troubles import Trouble, why_not, wrong_answer

CERTIFICATES = Path(__file__).parent / "certificates"
"""root.pem signs the others: good (127.0.0.1, localhost), other (chat.example), expired (2021)."""

WELCOME = b":chat.example 001 ann :Welcome\r\n"


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock can be put forward."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


Test = Callable[..., Coroutine[Any, Any, None]]


def in_loop(test: Test) -> Callable[..., None]:
    """Run an asynchronous test; what it leaves unhandled in the loop fails it."""

    @functools.wraps(test)
    def run(*args: Any, **more: Any) -> None:
        faults: list[dict[str, Any]] = []
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.get_loop().set_exception_handler(lambda loop, fault: faults.append(fault))
            runner.run(test(*args, **more))
        assert not faults

    return run


def put_forward(seconds: float) -> None:
    """Let time pass."""
    cast(Loop, asyncio.get_running_loop()).ahead += seconds


async def rounds() -> None:
    """Let the loop go round."""
    for _ in range(3):
        await asyncio.sleep(0)


class Client:
    """What a Linking feeds: notes it, and says what the test has queued."""

    def __init__(self) -> None:
        self.session: Client | None = self
        self.told: list[tuple[Any, ...]] = []
        self.data = b""
        self.queue = b""
        self._more = asyncio.Event()

    def ping(self, token: str) -> None:
        self.queue += f"PING {token}\r\n".encode()

    def connecting(self, place: Place) -> None:
        self._note("connecting", place)

    def connected(self) -> None:
        self.queue = b"NICK ann\r\n"
        self._note("connected")

    def received(self, data: bytes) -> None:
        self.data += data
        self._note("received", len(data))
        if b"PING" in data:
            self.queue += b"PONG\r\n"

    def outgoing(self) -> bytes:
        queue, self.queue = self.queue, b""
        return queue

    def lost(self, reason: str, retry_at: float | None) -> None:
        left = None if retry_at is None else retry_at - asyncio.get_running_loop().time()
        self._note("lost", reason, left)

    def _note(self, *what: Any) -> None:
        self.told.append(what)
        self._more.set()

    def count(self, kind: str) -> int:
        return sum(told[0] == kind for told in self.told)

    async def until(self, kind: str, count: int = 1) -> Any:
        """Wait until it has been told so often; the last of these."""
        while self.count(kind) < count:
            self._more.clear()
            await self._more.wait()
        return [told for told in self.told if told[0] == kind][count - 1]

    async def loss(self, count: int = 1) -> tuple[str, float | None]:
        """The reason of the loss, and the seconds until the next try."""
        _, reason, left = await self.until("lost", count)
        return reason, left

    async def heard(self, data: bytes) -> None:
        """Wait until this has come."""
        while data not in self.data:
            self._more.clear()
            await self._more.wait()


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(script: Script, certificate: str = "", port: int = 0) -> AsyncIterator[int]:
    """A server that does what the script says with everyone; its port."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    writers: list[asyncio.StreamWriter] = []
    tasks: list[asyncio.Task[Any]] = []

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        tasks.append(cast("asyncio.Task[Any]", asyncio.current_task()))
        with suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await script(reader, writer)

    server = await asyncio.start_server(visit, "127.0.0.1", port, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def saying(*parts: bytes, close: bool = False, first: bytes = b"\n") -> Script:
    """Say this once the client has said something."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(first)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        if close:
            writer.close()
        await reader.read()

    return script


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


class Link:
    """A Linking and its client."""

    def __init__(self) -> None:
        self.client = Client()
        self.linking = Linking(self.client, jitter=lambda: 0.0)

    def to(self, port: int, **more: Any) -> Client:
        self.linking.connect(Place("127.0.0.1", port, **more))
        return self.client


@asynccontextmanager
async def linked(port: int | None = None, **more: Any) -> AsyncIterator[Link]:
    link = Link()
    if port is not None:
        link.to(port, **more)
    try:
        yield link
    finally:
        link.linking.disconnect("The test is over.")
        put_forward(linking.LEAVING)
        await link.linking.closed()
        await rounds()  # transports close in the next ones


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


# A connection -----------------------------------------------------------------------------------


@in_loop
async def test_what_comes_goes_to_the_client_and_what_it_answers_goes_out() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readline() == b"NICK ann\r\n"
        writer.write(b"PING 1\r\n")
        assert await reader.readline() == b"PONG\r\n"
        writer.write(WELCOME)

    async with serving(script) as port, linked(port) as link:
        await link.client.heard(WELCOME)
        place = Place("127.0.0.1", port)
        assert link.client.told[:2] == [("connecting", place), ("connected",)]


@in_loop
async def test_flush_sends_what_was_queued_meanwhile() -> None:
    async with serving(saying(WELCOME, first=b"hello\n")) as port, linked(port) as link:
        await link.client.until("connected")
        link.client.queue = b"PRIVMSG ben :hello\n"
        link.linking.flush()
        await link.client.heard(WELCOME)


@in_loop
async def test_without_a_connection_what_is_queued_stays() -> None:
    async with linked() as link:
        link.client.queue = b"draft"
        link.linking.flush()
        link.linking.retry_now()  # of what has never been a place
        assert link.client.queue == b"draft"


@in_loop
async def test_the_kernel_looks_after_it_and_sends_at_once() -> None:
    async with serving(saying(WELCOME)) as port, linked(port) as link:
        await link.client.heard(WELCOME)
        sock = link.linking._link.transport.get_extra_info("socket")  # type: ignore[union-attr]
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@in_loop
async def test_a_machine_without_such_settings_goes_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(linking, "KEEP_ALIVE", {"TCP_NO_SUCH_THING": 1})
    async with serving(saying(WELCOME)) as port, linked(port) as link:
        await link.client.heard(WELCOME)


@pytest.mark.parametrize("certificate", ["", "good"])
@in_loop
async def test_a_hundred_thousand_lines_come_in_pieces_between_which_keys_are_handled(
    certificate: str, trusting: None
) -> None:
    flood = b":ben!b@h PRIVMSG #lobby :hello\r\n" * 100_000
    keys = 0

    async with (
        serving(saying(flood), certificate) as port,
        linked(port, tls=bool(certificate)) as link,
    ):
        await link.client.until("connected")
        while len(link.client.data) < len(flood):
            await asyncio.sleep(0)
            keys += 1
    assert link.client.data == flood
    assert max(told[1] for told in link.client.told if told[0] == "received") <= READ
    assert keys >= len(flood) / READ


@in_loop
async def test_connecting_elsewhere_leaves_the_first_with_what_was_queued() -> None:
    left = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"QUIT\r\n")
        writer.write(b"ERROR :bye\r\n")
        writer.close()
        left.set()

    async with serving(script) as first, serving(saying(WELCOME)) as second, linked(first) as link:
        await link.client.until("connected")
        link.client.queue = b"QUIT\r\n"
        link.to(second)
        await link.client.heard(WELCOME)
        await left.wait()
        await link.linking.closed()
        assert link.client.data == WELCOME
        assert link.client.count("lost") == 0


@in_loop
async def test_connecting_elsewhere_ends_a_try_that_is_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(saying(WELCOME)) as port, linked() as link:
        made: list[Any] = []
        real = Loop.create_connection

        async def slow(loop: Loop, factory: Any, host: Any, number: Any, **more: Any) -> Any:
            if not made:
                made.append(factory)
                await asyncio.Event().wait()
            return await real(loop, factory, host, number, **more)

        monkeypatch.setattr(Loop, "create_connection", slow)
        link.to(port)
        while not made:
            await asyncio.sleep(0)
        link.to(port)
        await link.client.heard(WELCOME)
        assert [told[0] for told in link.client.told][:3] == [
            "connecting",
            "connecting",
            "connected",
        ]


@in_loop
async def test_a_connection_that_comes_after_it_was_left_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Transport(asyncio.Transport):
        aborted = False

        def abort(self) -> None:
            self.aborted = True

    async with linked() as link:
        stale = linking._Link(link.linking, Place(), asyncio.get_running_loop())
        transport = Transport({"socket": socket.socket()})
        stale.connection_made(transport)
        transport.get_extra_info("socket").close()
        assert transport.aborted
        assert link.client.told == []


# Leaving ----------------------------------------------------------------------------------------


@in_loop
async def test_leaving_sends_the_quit_lets_the_server_close_and_does_not_come_back() -> None:
    got: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"QUIT :bye\r\n"))
        writer.write(b"ERROR :bye\r\n")
        writer.close()

    async with serving(script) as port, linked(port) as link:
        await link.client.until("connected")
        link.client.queue += b"QUIT :bye\r\n"
        link.linking.disconnect("You left.")
        assert await link.client.loss() == ("You left.", None)
        await link.linking.closed()
        assert got == [b"NICK ann\r\nQUIT :bye\r\n"]
        put_forward(1000)
        await rounds()
        assert link.client.count("connecting") == 1
        link.linking.disconnect("Once more.")  # there is nothing left to lose
        assert link.client.count("lost") == 1


@in_loop
async def test_a_server_that_does_not_close_is_not_waited_for() -> None:
    async with serving(silent) as port, linked(port) as link:
        await link.client.until("connected")
        link.linking.disconnect()
        assert await link.client.loss() == ("Disconnected.", None)
        put_forward(linking.LEAVING)
        await link.linking.closed()


@in_loop
async def test_half_a_line_that_had_come_is_not_heard_after_leaving() -> None:
    came = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b":chat.exam")
        await reader.readline()
        came.set()
        await reader.read()

    async with serving(script) as port, linked(port) as link:
        await came.wait()
        await rounds()
        link.linking.disconnect()
        put_forward(linking.LEAVING)
        await link.linking.closed()
        assert link.client.data == b""
        assert link.client.count("lost") == 1


@in_loop
async def test_leaving_ends_a_countdown(closed_port: int) -> None:
    async with linked(closed_port) as link:
        await link.client.loss()
        link.linking.disconnect("Enough.")
        assert await link.client.loss(2) == ("Enough.", None)
        put_forward(1000)
        await rounds()
        assert link.client.count("connecting") == 1


@in_loop
async def test_after_leaving_one_may_come_back() -> None:
    async with serving(saying(WELCOME)) as port, linked(port) as link:
        await link.client.heard(WELCOME)
        link.linking.disconnect()
        link.linking.retry_now()
        await link.client.until("connected", 2)
        link.linking.retry_now()  # it is there already
        assert link.client.count("connecting") == 2


# Trying again -----------------------------------------------------------------------------------


@in_loop
async def test_the_pauses_double_up_to_a_minute_and_chance_adds_to_them(closed_port: int) -> None:
    pauses: list[float] = []
    async with linked() as link:
        chance = iter([0.0, 1.0, 0.5, 0.0, 0.0, 0.0, 1.0, 0.0])
        link.linking = Linking(link.client, jitter=lambda: next(chance))
        link.to(closed_port)
        for count in range(1, 9):
            _, left = await link.client.loss(count)
            assert left is not None
            pauses.append(left)
            put_forward(left)
    assert [round(pause, 2) for pause in pauses] == [1, 2.5, 4.5, 8, 16, 32, 60, 48]


@in_loop
async def test_it_comes_back_when_the_server_does() -> None:
    async with serving(saying(WELCOME, close=True)) as port, linked(port) as link:
        await link.client.heard(WELCOME)
        reason, left = await link.client.loss()
        assert (reason, left) == (
            f"127.0.0.1:{port} closed the connection.",
            pytest.approx(1, abs=0.1),
        )
        put_forward(1.1)
        await link.client.until("connected", 2)


@in_loop
async def test_the_pauses_are_short_again_after_a_connection_that_was_of_use(
    closed_port: int,
) -> None:
    async with linked(closed_port) as link:
        for count in (1, 2):
            _, left = await link.client.loss(count)
            put_forward(left or 0)
        assert round(left or 0) == 2
        await link.client.loss(3)
        async with serving(saying(WELCOME, first=b"end\n", close=True)) as port:
            for seconds, pause in ((linking.STEADY - 1, 8), (linking.STEADY, 1)):
                link.linking._place = Place("127.0.0.1", port)
                link.linking.retry_now()
                await link.client.until("connected", link.client.count("connected") + 1)
                link.linking.settled()
                put_forward(seconds)
                link.client.queue = b"end\n"
                link.linking.flush()
                _, left = await link.client.loss(link.client.count("lost") + 1)
                assert round(left or 0) == pause


@in_loop
async def test_trying_now_does_not_wait_for_the_countdown(closed_port: int) -> None:
    async with linked(closed_port) as link:
        await link.client.loss()
        link.linking.retry_now()
        assert link.client.count("connecting") == 2
        await link.client.loss(2)


@in_loop
async def test_who_gives_up_is_not_tried_again() -> None:
    class Banned(Client):
        def received(self, data: bytes) -> None:
            super().received(data)
            link.linking.give_up()

    banned = saying(b":chat.example 465 ann :You are banned\r\n", close=True)
    async with serving(banned) as port, linked() as link:
        link.client = Banned()
        link.linking = Linking(link.client)
        link.to(port)
        assert await link.client.loss() == (f"127.0.0.1:{port} closed the connection.", None)


@in_loop
async def test_giving_up_ends_a_countdown(closed_port: int) -> None:
    async with linked(closed_port) as link:
        await link.client.loss()
        link.linking.give_up()
        link.linking.settled()  # there is nothing that could be
        put_forward(1000)
        await rounds()
        assert link.client.count("connecting") == 1


# Silence ----------------------------------------------------------------------------------------


@in_loop
async def test_a_silent_server_is_asked_and_then_given_up() -> None:
    async with serving(saying(WELCOME)) as port, linked(port) as link:
        await link.client.heard(WELCOME)
        put_forward(linking.QUIET)
        while f"PING {ALIVE}" not in (sent := link.client.queue.decode()):
            link.client.outgoing = lambda: b""  # type: ignore[method-assign]
            await asyncio.sleep(0)
        assert sent == f"PING {ALIVE}\r\n"
        put_forward(linking.PATIENCE - 1)
        await rounds()
        assert link.client.count("lost") == 0
        put_forward(1.1)
        reason, left = await link.client.loss()
        assert reason == f"127.0.0.1:{port} has not answered for 180 s."
        assert left is not None


@in_loop
async def test_a_server_that_answers_is_asked_again_after_the_next_silence() -> None:
    pings: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(WELCOME)
        while line := await reader.readline():
            pings.append(line)
            writer.write(b"PONG\r\n")

    async with serving(script) as port, linked(port) as link:
        await link.client.heard(WELCOME)
        put_forward(linking.QUIET / 2)
        link.client.queue = b"hello\r\n"
        link.linking.flush()
        await link.client.heard(b"PONG\r\n")
        put_forward(linking.QUIET / 2)  # half of it since it spoke
        await rounds()
        assert len(pings) == 1
        put_forward(linking.QUIET / 2)
        for count in (2, 3):
            while link.client.data.count(b"PONG") < count:
                await asyncio.sleep(0)
            assert len(pings) == count
            put_forward(linking.PATIENCE)
            await rounds()
            assert link.client.count("lost") == 0
            put_forward(linking.QUIET - linking.PATIENCE)
        assert pings == [b"hello\r\n", *[f"PING {ALIVE}\r\n".encode()] * 2]
        assert link.client.count("lost") == 0


@in_loop
async def test_a_client_without_a_session_asks_nothing() -> None:
    async with linked() as link:
        link.client.session = None
        link.linking.ask()
        assert link.client.queue == b""


@in_loop
async def test_a_port_that_says_nothing_at_all_is_told() -> None:
    async with serving(silent) as port, linked(port) as link:
        await link.client.until("connected")
        put_forward(linking.FIRST_WORD)
        assert (await link.client.loss())[0] == (
            f"127.0.0.1:{port} takes the connection and has said nothing for 30 s: it may not be "
            f"an IRC server, or it wants TLS (/connect 127.0.0.1 +{port})."
        )


@pytest.mark.parametrize("certificate", ["", "good"])
@in_loop
async def test_a_server_that_does_not_read_is_left_before_memory_is_full(
    certificate: str, trusting: None
) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(WELCOME)
        await asyncio.Event().wait()

    async with (
        serving(script, certificate) as port,
        linked(port, tls=bool(certificate)) as link,
    ):
        await link.client.heard(WELCOME)
        sent = 0
        while not link.client.count("lost"):
            link.client.queue = bytes(MOST_WAITING // 4)
            sent += len(link.client.queue)
            link.linking.flush()
            await asyncio.sleep(0)
            assert sent < 50 * MOST_WAITING
        reason, left = await link.client.loss()
        assert reason.startswith(f"127.0.0.1:{port} does not read what we send (")
        assert left is not None


# What is not IRC --------------------------------------------------------------------------------

NOT_IRC = {
    b"HTTP/1.1 400 Bad Request\r\n": "is a web server (HTTP), not IRC",
    b"<html>": "is a web server (HTML), not IRC",
    b"SSH-2.0-OpenSSH_9.2\r\n": "is an SSH server, not IRC",
    b"220 mail.example ESMTP\r\n": "is a mail or FTP server, not IRC",
    b"* OK IMAP4rev1\r\n": "is a mail server (IMAP), not IRC",
    b"+OK POP3\r\n": "is a mail server (POP3), not IRC",
    b"RFB 003.008\n": "is a VNC server, not IRC",
    b"-ERR unknown command 'CAP'\r\n": "is a Redis server, not IRC",
    b"-DENIED Redis\r\n": "is a Redis server, not IRC",
    b"\x15\x03\x01\x00\x02\x02\x46": "speaks TLS: /connect 127.0.0.1 +",
    b"\x16\x03\x01": "speaks TLS: /connect 127.0.0.1 +",
    b"J\x00\x00\x00\n5.7.1-MySQL\n": "does not speak IRC ('J')",
    b"\xff\xfd\x18 login: \n": "does not speak IRC (",
    b"\r\n*** \x1b]52;x\x07welcome ***\r\n": "does not speak IRC ('*** ]52;xwelcome ***')",
    b"x" * 9000: f"does not speak IRC ('{'x' * 40}')",
}


@pytest.mark.parametrize("opening", NOT_IRC, ids=NOT_IRC.values())
@pytest.mark.parametrize("step", [1, 9000])
@in_loop
async def test_what_answers_and_is_not_irc_is_told_and_not_tried_again(
    opening: bytes, step: int
) -> None:
    parts = [opening[at : at + step] for at in range(0, len(opening), step)]
    async with serving(saying(*parts)) as port, linked(port) as link:
        reason, left = await link.client.loss()
        assert NOT_IRC[opening] in reason
        assert reason.startswith(f"127.0.0.1:{port} ")
        assert "/connect 127.0.0.1 " in reason
        assert left is None
        assert link.client.data == b""


IRC = (
    b":chat.example 001 ann :hi\r\n",
    b"NOTICE * :*** Looking up your hostname\r\n",
    b"ERROR :Closing Link\n",
    b"@time=2026-01-01T00:00:00.000Z :chat.example 001 ann :hi\r\n",
    b"@a=b 001 ann\n",
    b"PING\n",
    b"\r\n:x 001 ann\r\n",
    b"433 * ann :taken\r\n",
)


@pytest.mark.parametrize("opening", IRC)
@in_loop
async def test_irc_comes_whole_however_it_is_cut(opening: bytes) -> None:
    parts = [opening[at : at + 1] for at in range(len(opening))]
    async with serving(saying(*parts)) as port, linked(port) as link:
        await link.client.heard(opening)
        assert link.client.data == opening


@in_loop
async def test_a_last_line_without_its_end_is_heard_too() -> None:
    async with serving(saying(b"ERROR :go away", close=True)) as port, linked(port) as link:
        await link.client.loss()
        assert link.client.data == b"ERROR :go away"


@pytest.mark.parametrize("half", [b":", b":chat.exam", b"@time", b"NOTI", b"00"])
@in_loop
async def test_a_server_that_ends_in_the_middle_of_its_first_line_is_tried_again(
    half: bytes,
) -> None:
    async with serving(saying(half, close=True)) as port, linked(port) as link:
        reason, left = await link.client.loss()
        assert reason == f"127.0.0.1:{port} closed the connection."
        assert left is not None


@in_loop
async def test_what_ends_in_the_middle_of_what_is_not_irc_is_told() -> None:
    async with serving(saying(b"{}", close=True)) as port, linked(port) as link:
        reason, left = await link.client.loss()
        assert (reason, left) == (
            f"127.0.0.1:{port} does not speak IRC ('{{}}'): "
            "/connect 127.0.0.1 PORT tries another port.",
            None,
        )
        await asyncio.sleep(0)
        assert link.client.count("lost") == 1


def test_nothing_but_ends_of_lines_is_no_reason_to_go() -> None:
    assert wrong_answer(b"\r\n", Place()) is None


# How it ends, and why it does not begin ---------------------------------------------------------


@in_loop
async def test_a_server_that_closes_without_a_word_is_told_so() -> None:
    async with serving(saying(close=True)) as port, linked(port) as link:
        reason, left = await link.client.loss()
        assert reason == (
            f"127.0.0.1:{port} closed the connection without a word: it refuses us, is not an IRC "
            f"server, or it wants TLS (/connect 127.0.0.1 +{port})."
        )
        assert left is not None


@in_loop
async def test_a_reset_is_told() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME)
        await reader.readline()
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    async with serving(script) as port, linked(port) as link:
        assert (await link.client.loss())[0] == f"The connection to 127.0.0.1:{port} was reset."


LOCAL, FAR = Place(), Place("chat.example", 6667)
ENDS = [
    (TimeoutError(), "chat.example:6667 does not answer any more."),
    (OSError(errno.EIO, "Input/output error"), "was lost (Input/output error)."),
    (RuntimeError(), "was lost (RuntimeError)."),
]


@pytest.mark.parametrize(("error", "words"), ENDS)
def test_other_ends_are_told(error: Exception, words: str) -> None:
    assert troubles.ended(FAR, error, answered=True).sentence.endswith(words)


def test_a_tls_server_that_closes_without_a_word_is_not_told_to_speak_tls() -> None:
    place = Place("chat.example", 6697, tls=True)
    assert "it wants no TLS." in troubles.ended(place, None, answered=False).sentence


@in_loop
async def test_nothing_listens(closed_port: int) -> None:
    async with linked(closed_port) as link:
        reason, left = await link.client.loss()
        assert reason == (
            f"Nothing listens on 127.0.0.1:{closed_port}. `ircish serve --port {closed_port}` "
            "starts a server there; /connect HOST PORT goes elsewhere."
        )
        assert left is not None


@in_loop
async def test_nothing_listens_on_any_address_of_a_name(
    closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def both(loop: Loop, host: str, port: int, **more: Any) -> Any:
        tcp = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*tcp, ("127.0.0.1", port)), (*tcp, ("127.0.0.2", port))]

    monkeypatch.setattr(Loop, "getaddrinfo", both)
    async with linked() as link:
        link.linking.connect(Place("localhost", closed_port))
        reason, _ = await link.client.loss()
        assert reason.startswith(f"Nothing listens on localhost:{closed_port}. ")


@in_loop
async def test_no_answer_to_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*args: Any, **more: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Loop, "create_connection", hang)
    async with linked(5555) as link:
        await asyncio.sleep(0)
        put_forward(linking.CONNECTING)
        assert (await link.client.loss())[0] == (
            "127.0.0.1:5555 does not answer: it is down, or a firewall is between; "
            "/connect 127.0.0.1 PORT tries another port."
        )


@in_loop
async def test_a_host_that_cannot_be_one_is_not_tried_again() -> None:
    async with linked() as link:
        link.linking.connect(Place("a..b", 6667))
        assert await link.client.loss() == (
            "a..b is not a host name; /connect HOST 6667 tries another one.",
            None,
        )


MULTIPLE = "Multiple exceptions: [Errno {}] Connect call failed ('::1'), [Errno {}] failed"
WHY_NOT: list[tuple[Exception, Place, Trouble]] = [
    (
        ConnectionRefusedError(errno.ECONNREFUSED, "x"),
        LOCAL,
        Trouble(
            "Nothing listens on 127.0.0.1:5555. `ircish serve` starts a server there; "
            "/connect HOST PORT goes elsewhere."
        ),
    ),
    (
        OSError(MULTIPLE.format(errno.ENETUNREACH, errno.ECONNREFUSED)),
        FAR,
        Trouble(
            "Nothing listens on chat.example:6667; /connect chat.example PORT tries another port."
        ),
    ),
    (
        OSError(MULTIPLE.format(errno.ENETUNREACH, errno.EHOSTUNREACH)),
        FAR,
        Trouble(
            f"There is no way to chat.example:6667 ({os.strerror(errno.ENETUNREACH)}): "
            "see the network."
        ),
    ),
    (
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        FAR,
        Trouble("There is no host chat.example (DNS); /connect HOST 6667 tries another one."),
    ),
    (
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        FAR,
        Trouble("chat.example cannot be looked up: the network or its DNS is down."),
    ),
    (
        OSError(errno.ETIMEDOUT, "Connect call failed"),
        FAR,
        Trouble(
            "chat.example:6667 does not answer: it is down, or a firewall is between; "
            "/connect chat.example PORT tries another port."
        ),
    ),
    (
        ConnectionResetError(errno.ECONNRESET, "reset"),
        FAR,
        Trouble(
            "chat.example:6667 closed the connection without a word: it refuses us, is not an IRC "
            "server, or it wants TLS (/connect chat.example +6667)."
        ),
    ),
    (
        OSError(errno.EMFILE, "Too many open files"),
        Place("::1", 6667),
        Trouble("[::1]:6667 cannot be reached (Too many open files)."),
    ),
    (
        ssl.SSLError(1, "[SSL: NO_PROTOCOLS] none"),
        Place("chat.example", 6697, tls=True),
        Trouble(
            "TLS with chat.example:6697 failed (for no reason given); "
            "/connect chat.example 6667 goes without TLS."
        ),
    ),
    (
        ConnectionRefusedError(errno.ECONNREFUSED, "x"),
        Place("chat.example", 6697, tls=True),
        Trouble(
            "Nothing listens on chat.example:6697; /connect chat.example PORT tries another port."
        ),
    ),
]


@pytest.mark.parametrize(("error", "place", "trouble"), WHY_NOT)
def test_why_a_connection_cannot_be_made(error: Exception, place: Place, trouble: Trouble) -> None:
    assert why_not(error, place) == trouble


# TLS --------------------------------------------------------------------------------------------


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who signed the test's certificates is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "root.pem"))


@in_loop
async def test_a_certificate_that_is_trusted_and_fits_lets_us_in(trusting: None) -> None:
    async with serving(saying(WELCOME), "good") as port, linked(port, tls=True) as link:
        await link.client.heard(WELCOME)
        transport = link.linking._link.transport  # type: ignore[union-attr]
        assert transport is not None
        assert transport.get_extra_info("ssl_object")


DISTRUSTED = {
    "other": "is for another name than 127.0.0.1;",
    "expired": "has expired;",
}


@pytest.mark.parametrize("certificate", DISTRUSTED)
@in_loop
async def test_a_certificate_that_is_wrong_is_told(certificate: str, trusting: None) -> None:
    async with serving(silent, certificate) as port, linked(port, tls=True) as link:
        assert await link.client.loss() == (
            f"The certificate of 127.0.0.1:{port} {DISTRUSTED[certificate]} "
            "--tls-insecure connects all the same, to whoever it is.",
            None,
        )


@in_loop
async def test_a_certificate_of_unknown_origin_is_told() -> None:
    async with serving(silent, "good") as port, linked(port, tls=True) as link:
        reason, left = await link.client.loss()
        assert reason.startswith(f"The certificate of 127.0.0.1:{port} is not to be trusted (")
        assert left is None


@in_loop
async def test_a_name_that_does_not_fit_is_told(trusting: None) -> None:
    async with serving(silent, "other") as port, linked() as link:
        link.linking.connect(Place("localhost", port, tls=True))
        assert " is for another name than localhost;" in (await link.client.loss())[0]


def test_a_certificate_that_is_too_new_is_told() -> None:
    error = ssl.SSLCertVerificationError(1, "not yet valid")
    error.verify_code, error.verify_message = troubles.TOO_EARLY, "not yet valid"
    trouble = why_not(error, Place("chat.example", 6697, tls=True))
    assert "not valid yet (is this machine's clock right?);" in trouble.sentence


@pytest.mark.parametrize("certificate", ["good", "other", "expired"])
@in_loop
async def test_who_wants_it_insecure_gets_in_anywhere(certificate: str) -> None:
    more = {"tls": True, "insecure": True}
    async with serving(saying(WELCOME), certificate) as port, linked(port, **more) as link:
        await link.client.heard(WELCOME)


def test_insecure_is_said() -> None:
    assert troubles.unverified(Place("chat.example", 6697, tls=True, insecure=True)) == (
        "Nobody vouches that this is chat.example (--tls-insecure): others may read along."
    )


@in_loop
async def test_a_server_without_tls_on_a_port_for_tls_is_told() -> None:
    plain = saying(b"ERROR :what is this\r\n", first=b"\x03")
    async with serving(plain) as port, linked(port, tls=True) as link:
        assert await link.client.loss() == (
            f"127.0.0.1:{port} does not speak TLS; /connect 127.0.0.1 {port} goes without TLS.",
            None,
        )


@in_loop
async def test_a_server_that_closes_at_the_sight_of_tls_is_told() -> None:
    closes = saying(close=True, first=b"\x03")
    async with serving(closes) as port, linked(port, tls=True) as link:
        reason, left = await link.client.loss()
        assert reason == (
            f"127.0.0.1:{port} does not answer in TLS: it may not speak it; "
            f"/connect 127.0.0.1 {port} goes without TLS."
        )
        assert left is not None


@in_loop
async def test_a_server_that_waits_for_a_line_instead_of_tls_is_told() -> None:
    got = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        got.set()
        await reader.read()

    async with serving(script) as port, linked(port, tls=True) as link:
        await got.wait()
        put_forward(linking.HANDSHAKE)
        assert " does not answer in TLS: it may not speak it; " in (await link.client.loss())[0]


@in_loop
async def test_a_real_tls_server_that_is_spoken_to_plainly_is_told() -> None:
    async with serving(silent, "good") as port, linked(port) as link:
        reason, _ = await link.client.loss()
        assert "TLS" in reason
        assert f"/connect 127.0.0.1 +{port}" in reason
